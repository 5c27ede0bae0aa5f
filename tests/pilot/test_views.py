"""The screen of saved views, by keys: what is saved, shown, changed, dropped and brought back."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from console.desk.remembering import View
from console.screens import views
from console.sync.events import CasesChanged
from tests.caches import wire
from tests.hostile import hidden
from tests.pilot.ground import Ground, Hand, at_the_desk


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(*(_case(number) for number in range(1, 31)))
    yield made
    made.desk.close()


def _case(number: int, **members: Any) -> dict[str, Any]:
    tags = ["sextortion" if number % 3 else "stalking"]
    raw = wire(f"c_{number:02}", number, reference=f"ED-{number:02}", tags=tags)
    return json.loads(raw) | members


async def to_views(hand: Hand) -> None:
    await hand.press("g", "0")
    await hand.see("saved view")


async def test_what_the_desk_shows_is_saved_under_a_free_number(ground: Ground) -> None:
    ground.desk.save_view(View(1, "slow", "tag:stalking sort:-due"))
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("slash")
        await hand.type("tag:sextortion")
        await hand.press("enter", "s", "o")
        await hand.see("20 cases", "by reference")
        await to_views(hand)
        await hand.see("1 slow 10 -due tag:stalking", "by due, turned around", "10 now")
        await hand.press("s")
        await hand.see("Number 1 is slow: D drops it first.")
        await hand.press("j", "s")
        await hand.type("Slow")
        await hand.press("enter")
        await hand.see("View 1 is called so already.", "name of 2: Slow")
        await hand.type("er")
        await hand.press("enter")
        await hand.see("2 Slower 20 reference is:open tag:sextortion sort:reference")
        await hand.see("2 saved views")
        await hand.press("g", "g", "enter")
        await hand.see("10 cases 1 slow: tag:stalking sort:-due")
        await hand.press("g", "2")
        await hand.see("20 cases 2 Slower")
    assert [view.number for view in ground.desk.views()] == [1, 2]


async def test_a_view_is_renamed_and_its_filter_changed(ground: Ground) -> None:
    ground.desk.save_view(View(3, "slow", "tag:stalking sort:-due"))
    async with at_the_desk(ground) as hand:
        await hand.press("g", "3")
        await hand.see("10 cases")
        await to_views(hand)
        await hand.press("r")
        await hand.see("Number 1 is free")
        await hand.press("j", "j", "r")
        await hand.type(" ones")
        await hand.press("enter")
        await hand.see("3 slow ones 10 -due")
        await hand.press("e")
        await hand.see("/ tag:stalking sort:-due")
        await hand.press("ctrl+u")
        await hand.type("ta")
        await hand.see("tag: a tag it has")
        await hand.press("tab", "tab")
        await hand.see("/ tag:sextortion")
        await hand.type(" view:3")
        await hand.press("enter")
        await hand.see("column 21: a view cannot name another one", "/ tag:sextortion view:3")
        await hand.press(*["backspace"] * len(" view:3"), "enter")
        await hand.see("3 slow ones 20 -due", "tag:sextortion sort:-due")
        await hand.press("e", "escape")
        await hand.press("g", "d")
        await hand.see("20 cases 3 slow ones: tag:sextortion sort:-due")


async def test_a_dropped_view_comes_back_and_the_desk_shows_on_what_it_showed(
    ground: Ground,
) -> None:
    ground.desk.save_view(View(1, "slow", "tag:stalking sort:due"))
    async with at_the_desk(ground) as hand:
        await hand.press("g", "1")
        await hand.see("10 cases")
        await to_views(hand)
        await hand.press("D")
        await hand.see("1, slow, is dropped. D brings it back.", "0 saved views")
        assert ground.desk.views() == []
        await hand.press("g", "d")
        await hand.see("10 cases tag:stalking sort:due")
        ground.put(_case(1, seq=100, version="2", tags=["stalking"]))
        hand.news(CasesChanged(frozenset({"c_01"})))
        await hand.see("11 cases tag:stalking sort:due")
        await to_views(hand)
        await hand.press("D")
        await hand.see("Number 1 is free")
        await hand.press("g", "1")
        await hand.see("There is no view 1")


async def test_it_is_brought_back_while_the_list_is_open(ground: Ground) -> None:
    ground.desk.save_view(View(1, "slow", "tag:stalking sort:due"))
    async with at_the_desk(ground) as hand:
        await to_views(hand)
        await hand.press("D")
        await hand.see("D brings back what was dropped: slow, tag:stalking sort:due")
        await hand.press("D")
        await hand.see("1, slow, is back.", "1 slow 10 due")
    assert ground.desk.views() == [View(1, "slow", "tag:stalking sort:due")]


async def test_the_cases_are_counted_anew_when_news_comes(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "COUNT_PAUSE", 0.01)
    ground.desk.save_view(View(1, "slow", "tag:stalking sort:due"))
    ground.desk.save_view(View(2, "old", "tag:stalking priorty:P1"))
    async with at_the_desk(ground) as hand:
        await to_views(hand)
        await hand.see("1 slow 10 due", "2 old !")
        ground.put(_case(1, seq=100, version="2", tags=["stalking"]))
        hand.news(CasesChanged(frozenset({"c_01"})))
        await hand.see("1 slow 11 due")
        await hand.press("j", "enter")
        await hand.see("View 2, old", "there is no field “priorty”")


async def test_a_line_that_came_at_once_saves_nothing(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await to_views(hand)
        await hand.press("s")
        await hand.see("name of 1:")
        hand.feed("slow\r")
        await hand.see("name of 1: slow", "not done")
    assert ground.desk.views() == []


async def test_what_acts_in_a_name_or_a_filter_that_was_kept_is_shown_and_does_nothing(
    ground: Ground,
) -> None:
    acts = "na\x1b[31mme\u202e\x9b2J"
    ground.desk.save_view(View(1, acts, f'tag:stalking -"{acts}"'))
    async with at_the_desk(ground) as hand:
        for keys in (("g", "1"), ("g", "0"), ("D",), ("D",), ("r",), ("escape",), ("g", "d")):
            await hand.press(*keys)
            await hand.see("[31mme")
            assert list(hidden(hand.text, multiline=True)) == []
