"""An action on many cases in words: what it will do, and what it did.

Every text from outside passes `visible()` here.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from console.casework.clocks import short
from console.composing.bulk import Plan
from console.desk.together import Together
from console.words.by_form import body_facts
from console.words.row import Piece, due_text, name_of, requester_of
from local_cache.cases import CaseRow

_NAMED = 6
"""Cases that are named after a reason; of more, how many."""


def cases(count: int) -> str:
    """Count cases."""
    return f"{count:,} {'case' if count == 1 else 'cases'}"


def about(plan: Plan, now_ms: int) -> str:
    """Tell in one line what a form for many is about: how many, the oldest, the tightest clock."""
    parts = [cases(len(plan.go))]
    if plan.skipped:
        parts.append(f"{plan.left_out():,} left out")
    parts += [f"{name} {what}" for name, what, _ in _extremes(plan.go, now_ms)]
    return " · ".join(parts)


def facts(plan: Plan, now_ms: int) -> list[str | Piece]:
    """Tell what an action on many will do; each fact begins with a word in eleven cells."""
    told: list[str | Piece] = [f"{'on':<11}{cases(len(plan.go))}: {_named(plan.go, 3)}"]
    told += [(f"{name:<11}{what}", role) for name, what, role in _extremes(plan.go, now_ms)]
    urgent = sum(row.priority in ("P0", "P1") for row in plan.go)
    if urgent:
        told.append((f"{'urgent':<11}{urgent:,} of them P0 or P1", "warning"))
    told += body_facts(plan.body)
    for reason, rows in plan.skipped.items():
        told.append((f"{'left out':<11}{cases(len(rows))}, {reason}: {_named(rows)}", "warning"))
    return told


def _extremes(rows: Sequence[CaseRow], now_ms: int) -> Iterable[tuple[str, str, str]]:
    received = [row for row in rows if row.received_ms is not None]
    if received:
        oldest = min(received, key=lambda row: row.received_ms or 0)
        age = short(timedelta(milliseconds=now_ms - (oldest.received_ms or 0)))
        yield "oldest", f"{age} ({name_of(oldest)})", "text"
    running = [row for row in rows if row.due_ms is not None and row.state != "closed"]
    if running:
        tightest = min(running, key=lambda row: row.due_ms or 0)
        left, role = due_text(tightest, now_ms)
        yield "tightest", f"{left.strip()} ({name_of(tightest)}, {requester_of(tightest)})", role


def _named(rows: Sequence[CaseRow], most: int = _NAMED) -> str:
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return ", ".join(name_of(row) for row in rows[:most]) + more


def nothing(plan: Plan) -> str:
    """Say that none of the marked cases can take it, and why."""
    reasons = "; ".join(f"{reason} ({len(rows):,})" for reason, rows in plan.skipped.items())
    return f"{plan.title}: on none of the marked cases. {reasons}".strip()


def outcome(work: Together, undo_key: str) -> Piece:
    """Say on how many it was recorded, and on which not and why."""
    recorded, refused, stopped = len(work.recorded), work.refused, work.total - work.done
    verb = "done" if work.sent else "recorded"
    text = f"{work.word}: {verb} on {cases(recorded)}"
    if stopped:
        text += f", stopped before {stopped:,} others"
    if refused:
        by_reason: dict[str, list[str]] = {}
        for name, reason in refused:
            by_reason.setdefault(reason, []).append(name)
        whys = (
            f"{reason.rstrip('.')} ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})"
            for reason, names in by_reason.items()
        )
        text += f", {len(refused):,} not: {'; '.join(whys)}"
    undoable = recorded and not work.sent
    undo = f". {undo_key} takes all of it back until it is sent." if undoable else "."
    role = "warning" if refused or stopped else ("ok" if work.sent else "unsent")
    return text + undo, role


def taken_back(word: str, taken: int, sent: int) -> Piece:
    """Say what an undo of many took back."""
    late = f" {sent:,} of them were sent already: look at the outbox." if sent else ""
    return f"Taken back: {word} on {cases(taken)}.{late}", "warning" if sent else "ok"
