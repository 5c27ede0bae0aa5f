"""The next case is there at once, is always the one at the cursor, and never as it was before."""

import threading
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from console.screens.desk import DeskScreen
from console.sync.events import CasesChanged
from tests.caches import wire
from tests.pilot.ground import Ground, Hand, at_the_desk


def case(number: int, *, told: str = "told first", **members: Any) -> dict[str, Any]:
    name = ("first", "second", "third", "fourth")[number]
    return msgspec.json.decode(
        wire(
            f"c_{number}",
            seq=number + 1,
            title=f"{name} title",
            received_at=f"2026-11-2{number}T10:00:00Z",
            request={"narrative": f"{name} narrative {told}"},
            **members,
        )
    )


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.seed(*(case(number) for number in range(4)))
    return made


def ahead(hand: Hand, case_id: str) -> bool:
    return cast("DeskScreen", hand.app.screen)._ahead.get(case_id) is not None


async def test_it_is_shown_while_the_disk_is_busy(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("first narrative")
        await hand.until(lambda: ahead(hand, "c_1"), "the second, ahead")
        busy = threading.Event()
        try:
            for _ in range(2):
                hand.app.readers.submit(busy.wait)
            await hand.press("j")
            assert "second narrative" in hand.read()
            assert "first narrative" not in hand.read()
        finally:
            busy.set()
        await hand.until(lambda: ahead(hand, "c_2"), "the third, ahead")


async def test_it_is_shown_as_news_left_it(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.until(lambda: ahead(hand, "c_1"), "the second, ahead")
        ground.put(case(1, told="told anew") | {"version": "2", "seq": 9})
        hand.news(CasesChanged(frozenset({"c_1"})))
        await hand.pilot.pause()
        await hand.press("j")
        await hand.see("second narrative told anew")


async def test_what_is_covered_stays_covered_on_the_way_back(ground: Ground) -> None:
    ground.put(case(0, graphic_level=3) | {"version": "2", "seq": 9})
    async with at_the_desk(ground) as hand:
        await hand.press("x", "t")
        await hand.see("first narrative")
        await hand.until(lambda: ahead(hand, "c_1"), "the second, ahead")
        await hand.press("j")
        await hand.see("second narrative")
        await hand.press("x", "t")  # nothing is covered here, and nothing more is revealed
        await hand.press("k", "x", "t")
        await hand.miss("first narrative")
        await hand.press("j")
        await hand.see("second narrative")
        await hand.press("k")
        await hand.see("first title")
        assert "first narrative" not in hand.read()


async def test_in_a_window_made_narrow_behind_a_prompt_what_had_the_focus_is_seen(
    ground: Ground,
) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("first title", "first narrative")
        await hand.press("tab", "/")
        await hand.pilot.resize_terminal(80, 24)
        await hand.press("escape")
        await hand.see("first narrative")
        await hand.press("shift+tab")
        await hand.see("second title")
        await hand.press("j")
        await hand.until(lambda: cast("DeskScreen", hand.app.screen)._list.cursor == 1, "the next")
