"""Marks are on cases, not on rows: the heading always tells how many, whatever the list shows."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.screens.desk import DeskScreen
from console.sync.events import CasesChanged
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

PRIORITIES = ("P0", "P1", "P2", "P3", "P4")


def case(number: int, **members: object) -> dict[str, object]:
    return wire_case(
        id=f"c_{number}",
        seq=number,
        reference=f"E-{number}",
        title=f"Synthetic {number}",
        priority=PRIORITIES[number - 1],
        **members,
    )


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(*(case(number) for number in range(1, 6)))
    yield made
    made.desk.close()


def marked(hand: Hand) -> set[str]:
    """Return the titles that the screen shows as marked."""
    rows = [line for line in hand.text.split("\n") if "Synthetic" in line]
    return {row.partition("Synthetic ")[2][0] for row in rows if "▌" in row[:3]}


def marks(hand: Hand) -> tuple[str, ...]:
    screen = hand.app.screen_stack[0]
    assert isinstance(screen, DeskScreen)
    return screen.marks.ids


async def filter_by(hand: Hand, text: str) -> None:
    await hand.press("slash", "ctrl+u")
    await hand.type(text)
    await hand.press("enter")
    await hand.until(lambda: f" {text}  by " in hand.text, "the other list")


async def test_space_marks_and_goes_on_and_a_count_marks_so_many(ground: Ground) -> None:
    async with at_the_desk(ground, size=(80, 24)) as hand:
        await hand.press("space", "space")
        await hand.see("2 marked")
        assert marked(hand) == {"1", "2"}
        await hand.press("g", "g", "space")
        await hand.see("1 marked")
        assert marked(hand) == {"2"}
        await hand.press("g", "g", "3", "space")
        await hand.see("3 marked")
        assert marked(hand) == {"1", "2", "3"}
        await hand.press("g", "g", "2", "space")
        await hand.see("1 marked")
        assert marked(hand) == {"3"}


async def test_a_range_is_seen_while_it_grows_and_can_be_left(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("j", "V", "j", "j")
        await hand.see("range of 3")
        assert marked(hand) == {"2", "3", "4"}
        await hand.press("k")
        await hand.see("range of 2")
        await hand.press("V")
        await hand.see("2 marked")
        assert marks(hand) == ("c_2", "c_3")
        await hand.press("V", "G", "escape")
        await hand.miss("range of")
        assert marks(hand) == ("c_2", "c_3")


async def test_all_inverted_none_and_again(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("space", "I")
        await hand.see("4 marked")
        assert marked(hand) == {"2", "3", "4", "5"}
        await hand.press("M")
        await hand.see("5 marked")
        await hand.press("escape")
        await hand.miss("5 marked")
        assert marked(hand) == set()
        await hand.press("g", "v")
        await hand.see("5 marked")


async def test_marks_stay_on_their_cases_whatever_the_list_shows(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("space", "space")
        await filter_by(hand, "priority:P2,P3")
        await hand.see("2 marked, 2 not in this list")
        assert marked(hand) == set()
        await hand.press("M")
        await hand.see("4 marked, 2 not in this list")
        await filter_by(hand, "priority:P1,P2")
        await hand.see("4 marked, 2 not in this list")
        assert marked(hand) == {"2", "3"}
        await hand.press("I")
        await hand.see("2 marked, 2 not in this list")
        assert set(marks(hand)) == {"c_1", "c_4"}


async def test_a_case_that_comes_in_between_moves_no_mark(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("j", "space")
        ground.put(case(1, version="v2") | {"id": "c_0", "seq": 9, "title": "Synthetic 0"})
        hand.news(CasesChanged(ids=frozenset({"c_0"})))
        await hand.see("6 cases")
        assert marked(hand) == {"2"}


async def test_a_marked_case_that_leaves_loses_its_mark_with_a_word(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("2", "space")
        ground.desk.cache.write(lambda tables: tables.cases.delete("c_1", 99))
        hand.news(CasesChanged(ids=frozenset({"c_1"})))
        await hand.see("1 marked case is gone or no longer ours to see: not marked any more")
        await hand.see("1 marked")
        assert marks(hand) == ("c_2",)
