"""Filters, saved views, orders, labels and the command line, by keys, on the real console."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from console.commands import practice_line
from console.screens import case_rows, filter_ahead, queue_list
from console.screens.desk import DeskScreen
from local_cache.listing import Listing
from tests.caches import wire
from tests.pilot.ground import Ground, Hand, at_the_desk
from widgets.case_list import RowView, VirtualList


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(*(_case(number) for number in range(1, 31)))
    yield made
    made.desk.close()


def _case(number: int, **members: Any) -> dict[str, Any]:
    tags = ["sextortion" if number % 2 else "stalking"]
    title = f"Synthetic case {number:02}"
    raw = wire(f"c_{number:02}", number, reference=f"ED-{number:02}", title=title, tags=tags)
    return json.loads(raw) | members


def desk(hand: Hand) -> DeskScreen:
    screen = hand.app.screen
    assert isinstance(screen, DeskScreen)
    return screen


def at(hand: Hand) -> str:
    row = desk(hand).row
    return "" if row is None else row.id


async def test_the_list_follows_a_filter_while_it_is_typed(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("slash")
        await hand.type("ta")
        await hand.see("tag: a tag it has")
        await hand.press("tab")
        await hand.see("/ is:open tag:", "tag:sextortion", "tag:stalking")
        await hand.press("tab")
        await hand.see("15 cases")
        await hand.type(" priorty:P1")
        await hand.see("column 24: there is no field “priorty”", "15 cases")
        await hand.press("enter")
        await hand.see("column 24: there is no field “priorty”", "did you mean priority:?")
        await hand.press(*["backspace"] * len(" priorty:P1"))
        await hand.press("enter")
        await hand.miss("column")
        await hand.see("15 cases", "is:open tag:")
        await hand.press("slash")
        await hand.type("tag:none")
        await hand.see("0 cases", "No case here")
        await hand.press("escape")
        await hand.see("15 cases")


async def test_the_first_cases_are_shown_before_the_rest_is_read(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.seed(*(_case(number) for number in range(31, 99)))
    monkeypatch.setattr(filter_ahead, "HEAD", 60)
    monkeypatch.setattr(queue_list, "WHOLE_SOON", 3600.0)
    async with at_the_desk(ground) as hand:
        await hand.see("98 cases")
        await hand.press("slash")
        await hand.until(lambda: len(desk(hand).filter_ahead) == 1, "words of the first cases")
        await hand.type("synth")
        await hand.see("60+ cases")
        await hand.press("enter")
        await hand.see("98 cases")
        await hand.press("slash")
        await hand.until(lambda: len(desk(hand).filter_ahead) == 1, "words of the first cases")
        await hand.type("7")
        await hand.see("10 cases")
        await hand.until(lambda: len(desk(hand).filter_ahead) == 2, "words of these, too")
        monkeypatch.setattr(Listing, "holding", None)  # of so few all is known
        await hand.type("3")
        await hand.see("1 case is:open synth 73")
        await hand.press("backspace")
        await hand.see("10 cases")


async def test_what_the_next_character_shows_is_painted_before_it_is_typed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.seed(*(_case(number) for number in range(91, 95)))
    painted: list[tuple[str, bool]] = []
    paint = VirtualList._paint_row

    def watched(self: VirtualList, row: RowView, at_cursor: bool, *more: Any) -> Any:
        painted.append(("".join(text for text, _ in row.cells[-1]), at_cursor))
        return paint(self, row, at_cursor, *more)

    monkeypatch.setattr(VirtualList, "_paint_row", watched)
    async with at_the_desk(ground) as hand:
        await hand.see("34 cases")
        await hand.press("slash")
        await hand.type("9")
        await hand.see("4 cases is:open 9")
        await hand.until(
            lambda: any(here and "case 93" in title for title, here in painted),
            "what a 3 would show",
        )
        painted.clear()
        await hand.type("3")
        await hand.see("1 case is:open 93")
        assert painted == []
        await hand.press("backspace")
        await hand.see("4 cases is:open 9")


async def test_help_chosen_from_while_a_filter_is_typed_gives_the_list_its_keys_back(
    ground: Ground,
) -> None:
    async with at_the_desk(ground, size=(80, 24)) as hand:
        await hand.until(lambda: desk(hand).row is not None, "the first case")
        await hand.press("slash", "f1")
        await hand.type("tag:")
        await hand.see("a tag it has")
        await hand.press("enter")
        await hand.until(lambda: desk(hand).prompting(), "the filter again")
        await hand.press("escape")
        await hand.until(lambda: not desk(hand).prompting(), "the list alone")
        await hand.pilot.pause()
        assert desk(hand).focused is desk(hand)._list


async def test_what_an_index_finds_is_shown_before_the_rest_is_read(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.seed(*(_case(number) for number in range(31, 99)))
    monkeypatch.setattr(case_rows, "BEGINNING", 60)
    monkeypatch.setattr(queue_list, "WHOLE_SOON", 3600.0)
    async with at_the_desk(ground) as hand:
        await hand.see("98 cases")
        await hand.press("slash")
        await hand.type("queue:emergency")
        await hand.see("60+ cases is:open queue:emergency")
        await hand.press("enter")
        await hand.see("98 cases is:open queue:emergency")
        await hand.press("G")
        await hand.until(lambda: at(hand) == "c_98", "the last case")
        await hand.press("slash")
        await hand.type("state:open")  # the cursor stays on its case, which is further down
        await hand.see("98 cases is:open queue:emergency state:open")
        assert at(hand) == "c_98"


async def test_the_desk_opens_with_the_first_cases_and_goes_on_to_the_last(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_rows, "BEGINNING", 10)
    async with at_the_desk(ground) as hand:
        await hand.until(lambda: desk(hand).row is not None, "the first case")
        await hand.press("G")
        await hand.until(lambda: at(hand) == "c_30", "the last case")
        await hand.see("30 cases")


async def test_orders_have_keys_behind_a_prefix_and_turn_around(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("s")
        await hand.see("o Sort by our reference", "- Turn the order around")
        await hand.press("o")
        await hand.see("by reference")
        await hand.press("s", "minus", "g", "g")
        await hand.see("by reference turned around")
        await hand.until(lambda: at(hand) == "c_30", "the last reference first")
        await hand.press("slash")
        await hand.type("sort:received")
        await hand.press("enter", "s", "o", "g", "g")
        await hand.until(lambda: at(hand) == "c_01", "the order of the last key")
        await hand.press(*"12", "G")
        await hand.until(lambda: at(hand) == "c_12", "the row of a count")
        await hand.press("5", "j")
        await hand.until(lambda: at(hand) == "c_17", "five further")


async def test_a_view_is_saved_shown_by_its_number_and_kept_for_the_next_night(
    ground: Ground,
) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("slash")
        await hand.type("tag:stalking")
        await hand.press("enter", "s", "o")
        await hand.see("15 cases", "by reference")
        await hand.press("colon")
        await hand.type('view save 3 the "slow" ones')
        await hand.press("enter")
        await hand.see("g 3 shows this from now on")
        await hand.press("g", "o")
        await hand.see("0 recorded here")
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("g", "o")
        await hand.see("0 recorded here")
        await hand.press("g", "3")
        await hand.see("15 cases", '3 the "slow" ones: is:open tag:stalking sort:reference')
        await hand.press("g", "4")
        await hand.see("There is no view 4")
        await hand.press("colon")
        await hand.type("view ")
        await hand.see('the "slow" ones: is:open')
        await hand.type("drop 3")
        await hand.press("enter")
        await hand.see("View 3 is gone")
    assert ground.desk.views() == []


async def test_a_label_goes_to_its_row_and_eats_no_other_key(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("s", "o", "g", "g", "f")
        await hand.see("Type the label", "n - P?", "ma- P?")
        await hand.press("d")
        await hand.until(lambda: at(hand) == "c_03", "the third row")
        await hand.press("f", "escape", "j")
        await hand.until(lambda: at(hand) == "c_04", "the next row by j")
        await hand.press("f", "Q")
        await hand.see("No row has this label")


async def test_the_command_line_shows_keys_and_reasons_and_remembers(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("colon")
        await hand.type("rel")
        await hand.see("case.release", "Release the claim", "C")
        await hand.press("escape", "colon")
        await hand.type("outbox.r")
        await hand.see("works in the outbox: g o goes there")
        await hand.press("ctrl+u")
        await hand.type("theme li")
        await hand.press("tab", "enter")
        await hand.until(lambda: hand.app.theme == "nightdesk-light", "the theme")
        await hand.press("colon")
        await hand.type("why claim")
        await hand.press("enter")
        await hand.see("Claim the case (c): a claim needs the server")
        await hand.press("s", "o", "colon")
        await hand.type("5")
        await hand.press("enter")
        await hand.until(lambda: at(hand) == "c_05", "row 5")
        await hand.press("colon")
        await hand.type("clam")
        await hand.press("enter")
        await hand.see("No command clam", "Did you mean")
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.until(lambda: hand.app.history("command") != [], "the lines of before")
        await hand.press("colon", "t", "up")
        await hand.see(": theme light")


async def test_the_command_line_offers_the_words_of_a_filter_on_every_screen(
    ground: Ground,
) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("g", "o")
        await hand.see("0 recorded here")
        await hand.press("colon")
        await hand.type("filter is:open ta")
        await hand.see("tag: a tag it has")
        await hand.press("tab")
        await hand.see(": filter is:open tag:", "tag:sextortion", "tag:stalking")
        await hand.press("tab", "tab", "enter")
        await hand.see("15 cases", "is:open tag:stalking")


async def test_a_filter_that_cannot_be_read_is_left_for_the_one_of_before(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see("30 cases")
        await hand.press("slash")
        await hand.type("tag:stalking")
        await hand.press("enter")
        await hand.see("15 cases")
        await hand.press("colon")
        await hand.type("filter is:opne")
        await hand.press("enter")
        await hand.see("did you mean open?")
        await hand.press("escape")
        await hand.see("15 cases", "is:open tag:stalking")


async def test_what_the_practice_server_understands_is_offered_and_sent(ground: Ground) -> None:
    told: list[str] = []
    async with at_the_desk(ground, practice=told.append) as hand:
        await hand.see("30 cases")
        await hand.press("s", "o", "g", "g", "colon")
        await hand.type("practice ")
        await hand.see(*list(practice_line.CONTROLS)[:5])
        await hand.type("cl")
        await hand.press("tab")
        await hand.see("claim c_01 the case under the cursor")
        await hand.press("tab", "enter")
        await hand.see("practice: claim c_01")
    assert told == ["claim c_01"]
