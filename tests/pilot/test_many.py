"""One command on many marked cases: looked over first, recorded on each, taken back as one."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.commands import COMMANDS, Danger
from console.screens.desk import DeskScreen
from console.screens.form import FormScreen
from console.screens.many import ManyScreen
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

HELD = {"by": "sp_9", "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}

SOON = (datetime.now(UTC) + timedelta(hours=3)).isoformat()


def case(number: int, **members: object) -> dict[str, object]:
    return wire_case(
        id=f"c_{number}",
        seq=number,
        reference=f"E-{number}",
        title=f"Synthetic {number}",
        priority=f"P{min(4, number)}",
        clocks=[{"id": "k", "label": "first answer", "kind": "policy", "due_at": SOON}],
        **members,
    )


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(*(case(number, claim=HELD if number == 3 else None) for number in range(1, 6)))
    yield made
    made.desk.close()


def states(ground: Ground) -> dict[str, str]:
    return {entry.case_id: entry.type for entry in ground.entries()}


async def form(hand: Hand, key: str) -> None:
    await hand.press(key)
    await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")


async def look_over(hand: Hand) -> None:
    await hand.until(lambda: isinstance(hand.app.screen, ManyScreen), "what it will do")
    await hand.see("records on")


async def at_home(hand: Hand) -> None:
    await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")


async def tag_all(hand: Hand) -> None:
    await hand.press("M")
    await hand.see("5 marked")
    await form(hand, "t")
    await hand.see("Tag: 4 cases", "1 left out", "oldest", "tightest")
    await hand.type("wave")
    await hand.press("ctrl+s")
    await look_over(hand)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_tag_on_marks_is_looked_over_recorded_on_each_and_undone_as_one(
    ground: Ground, size: tuple[int, int]
) -> None:
    async with at_the_desk(ground, size=size) as hand:
        await tag_all(hand)
        await hand.see("4 cases: E-1, E-2, E-4 and 1 more", "oldest", "tightest")
        await hand.see("1 case, sp_9 holds this case", ": E-3", "wave")
        assert ground.entries() == []
        await hand.press("ctrl+s")
        await hand.see("tag: recorded on 4 cases", "takes all of it back")
        assert states(ground) == dict.fromkeys(("c_1", "c_2", "c_4", "c_5"), "tag")
        assert len({entry.key for entry in ground.entries()}) == 4
        assert "5 marked" in hand.text
        await hand.press("u")
        await hand.see("Taken back: tag on 4 cases")
        assert ground.entries() == []


async def test_leaving_records_nothing_and_keeps_marks_and_answers(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await tag_all(hand)
        await hand.press("escape")
        await hand.see("Nothing is recorded. The marks stay")
        assert ground.entries() == []
        assert "5 marked" in hand.text
        await form(hand, "t")
        await hand.see("wave")


async def test_a_range_that_was_not_ended_counts_as_marked(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("V", "j")
        await form(hand, "z")
        await hand.see("Snooze: 2 cases")
        await hand.press("ctrl+s")
        await look_over(hand)
        await hand.press("ctrl+s")
        await hand.see("snooze: recorded on 2 cases")
    assert states(ground) == {"c_1": "snooze", "c_2": "snooze"}


async def test_closing_many_asks_for_digits_beside_their_number(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("2", "space", "g", "x")
        await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
        await hand.see("Close: 2 cases")
        await hand.type("duplicates")
        await hand.press("ctrl+s")
        await look_over(hand)
        await hand.press("ctrl+s")
        await hand.see("type ", "2 cases")
        assert ground.entries() == []
        await hand.confirm()
        await hand.see("close: recorded on 2 cases")
    assert states(ground) == {"c_1": "close", "c_2": "close"}


async def test_where_none_can_take_it_that_is_said_at_once(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("j", "j", "space", "t")
        await hand.see("Tag: on none of the marked cases", "sp_9 holds this case")
        await hand.press("escape", "M", "c")
        await hand.see("on none of the marked cases", "there is no connection")
    assert ground.entries() == []


async def test_what_is_about_one_case_stays_so_with_marks(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("M")
        await form(hand, "a")
        await hand.see("Assess the risk", "E-1")
        await hand.press("escape")
        await at_home(hand)
        await hand.see("The 5 marks stay")


async def test_repeat_does_the_same_again_and_undo_takes_it_back(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("full_stop")
        await hand.see("Nothing was recorded yet")
        await form(hand, "t")
        await hand.type("dup")
        await hand.press("ctrl+s")
        await hand.see("tag: recorded")
        await hand.press("j", "full_stop")
        await hand.see("Again on E-2: tag, add ['dup']")
        assert states(ground) == {"c_1": "tag", "c_2": "tag"}
        await hand.press("u")
        await hand.see("Taken back: tag")
        assert states(ground) == {"c_1": "tag"}
        await hand.press("j", "full_stop")
        await hand.see("Tag: sp_9 holds this case")
        await hand.press("j", "2", "space", "full_stop")
        await look_over(hand)
        await hand.press("ctrl+s")
        await hand.see("tag: recorded on 2 cases")
    assert set(states(ground)) == {"c_1", "c_4", "c_5"}


DANGEROUS = [each.id for each in COMMANDS.values() if each.danger is Danger.DANGEROUS]


@pytest.mark.parametrize("how", ["count", "repeat", "macro"])
async def test_what_is_dangerous_takes_no_count_repeat_or_macro(ground: Ground, how: str) -> None:
    from console.commands import By

    assert {"decision.open", "draft.send", "case.enforce"} <= set(DANGEROUS)
    async with at_the_desk(ground) as hand:
        app, screen = hand.app, hand.app.screen
        assert isinstance(screen, DeskScreen)
        for name in DANGEROUS:
            command, ran = COMMANDS[name], []
            setattr(screen, command.method, lambda _count, ran=ran: ran.append(True))
            if how == "count":
                await app.run_named(name, 2)
            else:
                await app.run_named(name, by=By(how))
            await hand.see(f"{command.title} ")
            assert not ran, name
            await app.run_named(name)
            if command.blocked(screen.situation()) is None:
                assert ran, "the test cannot fail"
    assert ground.entries() == []


async def test_a_command_that_records_takes_no_count(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("2", "t")
        await hand.see("Tag takes no count")
