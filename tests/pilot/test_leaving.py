"""Leaving the console: undo windows end, what can go goes, the rest is kept."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.casework import actions
from tests.desk.outage import Shift, shift
from tests.pilot.driver import console


@pytest.fixture
def night(tmp_path: Path) -> Generator[Shift]:
    with shift(tmp_path) as made:
        yield made


async def test_what_can_still_be_undone_goes_when_one_leaves(night: Shift) -> None:
    (case,) = night.cases(1)
    async with console(night.desk) as hand:
        await hand.sees("● online")
        recorded = night.desk.act(case, actions.Note(body="last word"), undo_window=True)
        assert recorded.state == "undoable"
        await hand.press("ctrl+q")
        await hand.until(lambda: not hand.app.is_running, "the end")
    assert night.keys_there(case) == [recorded.key]


async def test_without_a_connection_one_leaves_at_once_and_everything_is_kept(
    night: Shift,
) -> None:
    (case,) = night.cases(1)
    async with console(night.desk) as hand:
        await hand.sees("● online")
        night.fails()
        await hand.sees("○ OFFLINE since")
        recorded = night.desk.act(case, actions.Note(body="last word"), undo_window=True)
        await hand.press("ctrl+q")
        await hand.until(lambda: not hand.app.is_running, "the end")
    (kept,) = night.desk.outbox()
    assert (kept.key, kept.state, kept.body) == (recorded.key, "pending", recorded.body)
