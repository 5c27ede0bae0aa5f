"""What was recorded last can be undone, and the status line counts down how long."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

LEFT = re.compile(r"note: u undoes it, (\d+) s")


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(wire_case(title="A synthetic case"))
    yield made
    made.desk.close()


def left(hand: Hand) -> int | None:
    found = LEFT.search(hand.line(-1))
    return int(found[1]) if found else None


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["narrow", "wide"])
async def test_the_seconds_of_an_undo_are_counted_down(
    ground: Ground, size: tuple[int, int]
) -> None:
    async with at_the_desk(ground, size=size) as hand:
        assert left(hand) is None
        assert hand.app._counting is None, "something ticks for nothing"
        await hand.press("i")
        await hand.see("Write a note")
        await hand.type("Called.")
        await hand.press("ctrl+s")
        await hand.until(lambda: left(hand) is not None, "the countdown")
        first = left(hand)
        assert first is not None
        await hand.until(lambda: (left(hand) or first) < first, "a second less")
        await hand.press("u")
        await hand.until(lambda: left(hand) is None, "the end of the countdown")
        await hand.until(lambda: hand.app._counting is None, "the end of the ticking")
    assert [entry.state for entry in ground.entries()] in ([], ["withdrawn"])
