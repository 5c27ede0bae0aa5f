"""One command on many marked cases: looked over first, recorded on each, taken back as one."""

import threading
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.commands import COMMANDS, Danger
from console.desk import Desk
from console.screens.desk import DeskScreen
from console.screens.form import FormScreen
from console.screens.many import ManyScreen
from local_cache.entries import Entry, NewEntry
from local_cache.errors import DiskTrouble
from local_cache.outbox import Outbox
from tests.casework_ground import wire_case
from tests.desk.outage import shift
from tests.pilot.driver import console
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


# --- A thousand -----------------------------------------------------------------------------------

THOUSAND = 1_000


@pytest.fixture
def thousands(tmp_path: Path) -> Generator[Ground]:
    """A cache of two thousand cases; the first thousand in the list are one queue."""
    made = Ground(tmp_path)
    made.seed(
        *(
            wire_case(
                id=f"c_{number}",
                seq=number,
                reference=f"E-{number}",
                title=f"Synthetic {number}",
                queue="emergency" if number <= THOUSAND else "legal",
            )
            for number in range(1, 2 * THOUSAND + 1)
        )
    )
    yield made
    made.desk.close()


class Gate:
    """Keeps the recording on many from going on by itself: so many stretches, then it waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stretches: int) -> None:
        self.left = stretches
        self.open = threading.Event()
        record = Desk.act_together

        def act_together(desk: Desk, *args: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                assert self.open.wait(20)
            return record(desk, *args, **named)

        monkeypatch.setattr(Desk, "act_together", act_together)


async def mark_a_thousand(hand: Hand) -> None:
    await hand.press("slash")
    await hand.type("queue:emergency")
    await hand.press("enter")
    await hand.see("1,000 cases")
    await hand.press("M")
    await hand.see("1,000 marked")


async def record_on_a_thousand(hand: Hand, key: str, text: str) -> None:
    await mark_a_thousand(hand)
    await form(hand, key)
    await hand.type(text)
    await hand.press("ctrl+s")
    await hand.until(lambda: isinstance(hand.app.screen, ManyScreen), "what it will do")
    await hand.see("records on 1,000 cases")
    await hand.press("ctrl+s")


@pytest.mark.parametrize(("key", "text", "word"), [("i", "a wave", "note"), ("t", "wave", "tag")])
async def test_a_thousand_are_recorded_and_taken_back_as_one(
    thousands: Ground, key: str, text: str, word: str
) -> None:
    async with at_the_desk(thousands) as hand:
        await record_on_a_thousand(hand, key, text)
        await hand.see(f"{word}: recorded on 1,000 cases")
        entries = thousands.entries()
        assert {entry.case_id for entry in entries} == {f"c_{n}" for n in range(1, THOUSAND + 1)}
        assert {entry.state for entry in entries} == {"undoable"}, "the first waits for the last"
        await hand.press("u")
        await hand.see(f"Taken back: {word} on 1,000 cases")
    assert thousands.entries() == []


async def test_stopped_in_the_middle_it_says_what_is_recorded_and_what_is_not(
    thousands: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, stretches=2)
    async with at_the_desk(thousands) as hand:
        await record_on_a_thousand(hand, "t", "wave")
        await hand.see("tag: 40 of 1,000, escape stops")
        await hand.press("escape")
        gate.open.set()
        await hand.see("tag: recorded on 60 cases, stopped before 940 others")
        assert len(thousands.entries()) == 60
        assert "1,000 marked" in hand.text, "to go on with"
        await hand.press("u")
        await hand.see("Taken back: tag on 60 cases")
    assert thousands.entries() == []


async def test_while_it_runs_nobody_quits_and_no_second_one_begins(
    thousands: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, stretches=1)
    async with at_the_desk(thousands) as hand:
        await record_on_a_thousand(hand, "t", "wave")
        await hand.see("tag: 20 of 1,000")
        await hand.press("ctrl+q")
        await hand.see("Not yet: tag is still being recorded: 20 of 1,000", "escape on the desk")
        await hand.press("t")
        await hand.see("tag is still being recorded: 20 of 1,000. One at a time.")
        assert isinstance(hand.app.screen, DeskScreen)
        await hand.press("escape")
        gate.open.set()
        await hand.see("tag: recorded on 40 cases, stopped before 960 others")
    assert len(thousands.entries()) == 40


async def test_a_disk_that_fails_in_the_middle_leaves_each_recorded_or_said_as_not(
    thousands: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, written = Outbox.record, 0

    def full(self: Outbox, new: NewEntry) -> Entry:
        nonlocal written
        written += 1
        if written > 50:
            raise DiskTrouble("The disk is full: this was not kept.")
        return record(self, new)

    async with at_the_desk(thousands, size=(200, 50)) as hand:
        monkeypatch.setattr(Outbox, "record", full)
        await record_on_a_thousand(hand, "t", "wave")
        await hand.see("tag: recorded on 40 cases", "stopped before 940 others", "20 not")
        await hand.see("The disk is full: this was not kept")
        assert len(thousands.entries()) == 40, "of a stretch that failed nothing is half there"
        with thousands.desk.cache.read() as tables:
            assert tables.audit.verify().ok
        await hand.press("u")
        await hand.see("Taken back: tag on 40 cases")
    assert thousands.entries() == []


async def test_releasing_leaves_out_what_somebody_else_holds(tmp_path: Path) -> None:
    made = Ground(tmp_path)
    mine = {**HELD, "by": "sp_1"}
    made.seed(
        *(
            wire_case(id=f"c_{n}", seq=n, reference=f"E-{n}", claim=mine if n % 2 else HELD)
            for n in range(1, 101)
        )
    )
    async with at_the_desk(made) as hand:
        await hand.press("M")
        await hand.see("100 marked")
        await hand.press("C")
        await look_over(hand)
        await hand.see("records on 50 cases", "50 cases, sp_9 holds this case")
        await hand.press("ctrl+s")
        await hand.see("release: recorded on 50 cases")
    assert {entry.case_id for entry in made.entries()} == {f"c_{n}" for n in range(1, 101, 2)}
    made.desk.close()


async def test_claims_are_sent_one_by_one_and_stop_where_one_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shift(tmp_path, cases=30) as night:
        gate = Gate(monkeypatch, stretches=3)
        async with console(night.desk) as hand:
            await hand.sees("● online", "by urgency")
            await hand.press("M")
            await hand.sees("marked")
            await hand.press("c")
            await hand.until(lambda: isinstance(hand.app.screen, ManyScreen), "what it will do")
            await hand.sees("records on")
            await hand.press("ctrl+s")
            await hand.sees("claim: 3 of ")
            await hand.press("escape")
            gate.open.set()
            await hand.sees("claim: done on 4 cases, stopped before ")
        claims = [each for each in night.desk.delivered(99) if each.type == "claim"]
        assert len(claims) == 4
        assert night.desk.outbox() == []


async def test_a_draft_for_many_is_no_draft_of_a_new_case(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("M")
        await form(hand, "i")
        await hand.type("for all of them")
        await hand.press("escape")
        await at_home(hand)
        (draft,) = ground.desk.drafts()
        assert (draft.id, draft.case_id) == ("note:many", "many")
        await hand.press("escape")
        await form(hand, "i")
        await hand.see("Write a note")
        await hand.miss("for all of them")
        await hand.press("escape")
        await at_home(hand)
        await hand.press("M")
        await form(hand, "i")
        await hand.see("for all of them")
