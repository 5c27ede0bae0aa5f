"""One action on many cases in lines: looked over, confirmed, recorded on each, told."""

import signal
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from console.casework.actions import AnyAction
from console.commands import Command
from console.commands.repeating import Last
from console.composing import bulk, by_form
from console.composing.bulk import Plan
from console.desk.together import Together
from console.linear.forms import fill_in
from console.linear.session import Session
from console.words import many as words
from local_cache.cases import CaseRow

_TOLD_EVERY: Final = 5.0
"""Seconds after which it is said how far a long recording is."""
_LONG: Final = 100
"""So many cases are not looked at in a moment, which is said."""


def record_on_many(
    session: Session,
    command: Command,
    case_ids: Sequence[str],
    why_not: Callable[[CaseRow], str | None],
    *,
    action: AnyAction | None = None,
    again: Last | None = None,
) -> None:
    """Do a command to marked cases: ask once, say what it will do, record it on each.

    Args:
        session: who asks and says.
        command: what is done.
        case_ids: the marked cases.
        why_not: says of a case why it is left out.
        action: what is recorded, where nothing has to be filled in for it.
        again: what was answered before, and is not asked anew.
    """
    desk = session.desk
    plan = bulk.plan(desk, case_ids, why_not, title=command.title, confirmed=command.many_confirmed)
    plan.action = action
    last: Last | None = Last(command.id)
    if plan.go and action is None:
        last = _filled_in(session, plan, command, again)
        if last is None:
            return
    if plan.go:
        if len(plan.go) > _LONG:
            session.say(f"Looking at {words.cases(len(plan.go))}.")
        bulk.judge(desk, plan, list(plan.go))
    if not plan.go:
        session.say(words.nothing(plan), "warning")
        return
    if not _agreed(session, plan):
        session.say("Nothing is recorded. The marks stay.", "warning")
        return
    if last.form:
        desk.drop_draft(bulk.draft_id(last.form))
    session.last = last
    _record(session, plan)


def _filled_in(session: Session, plan: Plan, command: Command, again: Last | None) -> Last | None:
    """Ask once for all, and put the action into the plan; None where that was left."""
    about = words.about(plan, session.now_ms())
    prepared = bulk.prepare(session.desk, plan, command.id.rpartition(".")[2], about)
    if prepared is None:
        session.say("None of the marked cases can be read.", "warning")
        return None
    body = None if again is None else again.body(prepared, session.server_now())
    if again is not None and body is not None:
        last, plan.body = again, body
    else:
        done = fill_in(session, prepared)
        if done is None or not isinstance(done.result, bulk.Filled):
            return None
        last, plan.body = Last(command.id, prepared.form.type, done.answers), done.result.body
    plan.action = by_form.read_body(session.desk, plan.body)
    return last


def _agreed(session: Session, plan: Plan) -> bool:
    """Say what it will do; have it confirmed, by digits where it stops clocks."""
    facts = [
        fact if isinstance(fact, str) else fact[0] for fact in words.facts(plan, session.now_ms())
    ]
    session.say(f"confirm: {plan.title}: {words.cases(len(plan.go))}")
    session.say_facts(facts)
    return session.takes_digits() if plan.confirmed else session.agrees()


def _record(session: Session, plan: Plan) -> None:
    assert plan.action is not None
    work = Together(plan.action, len(plan.go))
    told = time.monotonic()
    with _stopped_by_interrupt(work):
        while work.goes_on:
            work.record_some(session.desk, plan.action, plan.go)
            if work.goes_on and time.monotonic() - told > _TOLD_EVERY:
                told = time.monotonic()
                session.say(f"{work.word}: {work.done:,} of {work.total:,}; ctrl+c stops")
    session.recorded_together(work, [row.id for row in plan.go])


@contextmanager
def _stopped_by_interrupt(work: Together) -> Generator[None]:
    """Have ctrl+c end it between two stretches: what is recorded is known, and can be undone."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        work.stopping = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
