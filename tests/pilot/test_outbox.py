"""The outbox and the three-way view, in the real console; its server comes and goes."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.casework import actions
from tests.desk.outage import Shift, decision, shift
from tests.pilot.driver import console


@pytest.fixture
def night(tmp_path: Path) -> Generator[Shift]:
    with shift(tmp_path) as made:
        yield made


async def test_an_outage_is_seen_recorded_and_delivered(night: Shift) -> None:
    case, other = night.cases(2)
    async with console(night.desk) as hand:
        await hand.sees("● online")
        night.fails()
        await hand.sees("○ OFFLINE since ")
        keys = night.record(case, actions.Assess(priority="P0", rationale="They wrote again."))
        keys += night.record(case, actions.Note(body="Called the switchboard."), decision())
        night.record(other, actions.Note(body="Nobody answers."))
        await hand.press("g", "o")
        await hand.sees("4 recorded here, not yet delivered", "Called the switchboard.")
        await hand.sees("nothing goes while there is no connection", "→4 unsent")
        await hand.sees("NOTHING HAS REACHED THE REQUESTER")
        await hand.sees("NOTHING HAS REACHED THE REQUESTER. phone ")
        await hand.press("j")
        await hand.sees("Goes behind entry 1, assess")
        night.returns()
        night.desk.sync.wake()
        await hand.sees("● online", "0 recorded here, not yet delivered")
        await hand.misses("unsent")
        accepted = [line for line in hand.text.split("\n") if " accepted " in line]
        assert len(accepted) == 4
        assert "NOTHING HAS REACHED" not in hand.line(0)
    assert night.keys_there(case) == keys


async def test_undo_takes_back_the_entry_under_the_cursor_and_those_behind_it(
    night: Shift,
) -> None:
    case, other = night.cases(2)
    night.fails()
    night.record(case, actions.Note(body="stays"), actions.Note(body="goes too"))
    night.desk.act(other, actions.Tag(add=("late",)), undo_window=True)
    async with console(night.desk) as hand:
        await hand.press("g", "o")
        await hand.sees("3 recorded here", "stays", "u undoes: ")
        await hand.press("j", "u")
        await hand.sees("Taken back: note. Nothing of it was sent.", "2 recorded here")
        await hand.misses("goes too")
        await hand.press("G", "u")
        await hand.sees("Taken back: tag", "1 recorded here")
    assert [entry.type for entry in night.desk.outbox()] == ["note"]


async def test_discarding_what_others_stand_on_asks_for_digits(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    night.record(case, decision(), actions.Note(body="behind it"))
    async with console(night.desk) as hand:
        await hand.press("g", "o")
        await hand.sees("2 recorded here")
        await hand.press("D")
        await hand.sees("1 recorded after it on this case")
        await hand.press("escape")
        await hand.sees("Not confirmed: it stays as it was.")
        assert len(night.desk.outbox()) == 2
        await hand.press("D")
        await hand.confirm()
        await hand.sees("Discarded: decide and 1 after it.", "Nothing waits")
    assert night.desk.outbox() == []


async def test_what_waited_long_is_confirmed_by_digits(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    night.later += night.desk.policy().offline_confirm["decide"] * 2
    night.returns()
    async with console(night.desk) as hand:
        await hand.press("g", "o")
        await hand.sees("CONFIRM IT", "waited long and must be confirmed")
        await hand.press("r")
        await hand.sees("it goes as it is")
        await hand.confirm()
        await hand.sees("0 recorded here")
    assert night.keys_there(case) == [decided]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_stale_decision_is_compared_and_kept(night: Shift, size: tuple[int, int]) -> None:
    (case,) = night.cases(1)
    night.fails()
    night.record(case, decision(), actions.Note(body="stands on it"))
    night.returns()
    night.server.control(f"message/{case}", body="\x1b]0;owned\x07 Please wait.")
    async with console(night.desk, size) as hand:
        await hand.press("g", "o")
        await hand.sees("CASE CHANGED", "held", "came back")
        await hand.press("enter")
        await hand.sees("K  stand by it", "␛]0;owned␇ Please wait.")
        await hand.press("G")
        await hand.sees("Redirect to legal process")
        await hand.press("K")
        await hand.sees("have seen what changed, and stand by this")
        await hand.confirm()
        await hand.sees("0 recorded here, not yet delivered")
    assert [record["type"] for record in night.there(case)] == ["decide", "note"]


async def test_refused_anew_it_says_why_and_loses_nothing(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    night.returns()
    night.server.control(f"touch/{case}")
    night.desk.sync_once()
    night.server.control(f"claim/{case}")
    async with console(night.desk) as hand:
        await hand.press("g", "o")
        await hand.sees("CASE CHANGED")
        await hand.press("enter")
        await hand.sees("K  stand by it")
        await hand.until(lambda: _claimed(night, case), "the claim")
        await hand.press("K")
        await hand.confirm()
        await hand.sees("Not recorded anew, and nothing was lost", "holds the case")
    assert [(e.key, e.state) for e in night.desk.outbox()] == [(decided, "changed")]


async def test_dropped_it_is_gone_and_enter_goes_to_the_case(night: Shift) -> None:
    case, other = night.cases(2)
    night.fails()
    night.record(case, decision())
    night.record(other, actions.Note(body="here"))
    night.returns()
    night.server.control(f"touch/{case}")
    night.desk.deliver(night.desk.outbox()[0].key)
    night.fails()
    async with console(night.desk) as hand:
        await hand.press("g", "o")
        await hand.sees("CASE CHANGED", "here")
        await hand.press("=")
        await hand.sees("D  drop it")
        await hand.press("D")
        await hand.sees("Dropped. Nothing of it was applied.", "1 recorded here")
        await hand.press("enter")
        reference = night.desk.case(other).row.reference.visible()
        await hand.sees("Recorded here, not yet accepted", f"our ref {reference}")
    assert [entry.type for entry in night.desk.outbox()] == ["note"]


async def test_done_again_the_form_opens_on_the_present_case(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    night.record(case, actions.Assess(priority="P0", rationale="They wrote again."))
    night.returns()
    night.server.control(f"message/{case}", body="Please wait.")
    async with console(night.desk) as hand:
        await hand.press("g", "o")
        await hand.sees("CASE CHANGED")
        await hand.press("enter")
        await hand.sees("R  do it again")
        await hand.press("R")
        await hand.sees("Assess the risk", "Priority")
        reference = night.desk.case(case).row.reference.visible()
        await hand.sees(reference)
    assert night.desk.outbox() == []


def _claimed(night: Shift, case: str) -> bool:
    newest = night.desk.case(case).newest
    return newest is not None and newest.claim is not None
