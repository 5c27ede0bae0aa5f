"""What becomes of entries, in words: recorded, taken back, confirmed, settled where a case changed.

Every text from outside passes `visible()` here.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from console.casework.clocks import short
from console.desk import Desk
from console.words.alarms import instead, is_pressing
from console.words.comparison import Difference, compare
from console.words.outbox import Place, ago, says, undo_seconds
from console.words.row import Piece
from local_cache.cases import CaseRow
from local_cache.entries import Entry
from local_cache.records import Policy

_REDO: Final = {
    "decide": "decision.open",
    "approve": "decision.approve",
    "reject": "decision.approve",
    "respond": "draft.open",
    "reopen": "case.close",
}
NOTHING_TO_UNDO: Final = "Nothing to undo: everything recorded was sent or taken back."


def command_for(type_: str) -> str:
    """Return the command that does an action of this type anew."""
    return _REDO.get(type_, f"case.{type_}")


def recorded(entry: Entry, undo_key: str, now_ms: int) -> Piece:
    """Say that something is recorded, and what can still be done about it."""
    if entry.state == "accepted":
        return f"{entry.type}: accepted by the server.", "ok"
    if entry.state == "undoable":
        left = undo_seconds(entry, now_ms)
        window = f" ({short(timedelta(seconds=left))} left of its window)" if left else ""
        return (
            f"{entry.type}: recorded. {undo_key} takes it back until it is sent{window}.",
            "unsent",
        )
    if entry.error is not None:
        return f"{entry.type}: {entry.error.detail.visible()}", "error"
    return f"{entry.type}: recorded here, goes when it can.", "unsent"


def last_open(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry that `undo` takes back: the last one recorded that was not sent."""
    open_ = [entry for entry in entries if entry.state in ("undoable", "pending")]
    return open_[-1] if open_ else None


def taken_back(word: str, entry: Entry, taken: Sequence[Entry]) -> Piece:
    """Say what was taken back or discarded, and whether the server may have it all the same."""
    more = f" and {len(taken) - 1} after it" if len(taken) > 1 else ""
    done = "Taken back" if word == "undo" else "Discarded"
    end = (
        "It may be at the server: look at the case." if entry.unknown else "Nothing of it was sent."
    )
    return f"{done}: {entry.type}{more}. {end}", "warning" if entry.unknown else "ok"


def asks_first(word: str, place: Place) -> bool:
    """Tell whether taking an entry back has to be confirmed: it takes others, or may be there."""
    return place.entry.unknown or (word == "discard" and place.behind > 0)


def taken_facts(place: Place) -> list[str]:
    """Tell what is confirmed before an entry is taken back."""
    entry = place.entry
    facts = [f"{entry.type:<11}{says(entry)}"]
    if place.behind:
        facts.append(f"{'with it':<11}{place.behind} recorded after it on this case")
    if entry.unknown:
        facts.append(f"{'but':<11}a try ended without an answer: the server may have it")
    return facts


def retry_facts(place: Place, now_ms: int) -> list[str]:
    """Tell what is confirmed before an entry goes that waited longer than the policy allows."""
    entry = place.entry
    waited = f"{'waited':<11}{ago(entry.waiting_since_ms, now_ms)}; it goes as it is"
    return [f"{entry.type:<11}{says(entry)}", waited]


def waited_long(entry: Entry, policy: Policy | None, now_ms: int) -> bool:
    """Tell whether an entry waited longer than the policy lets it go unasked."""
    if entry.state == "to_confirm":
        return True
    longest = policy.offline_confirm.get(entry.type) if policy else None
    waited = timedelta(milliseconds=now_ms - entry.waiting_since_ms)
    return longest is not None and waited > longest


def not_reached(row: CaseRow | None, policy: Policy | None, now_ms: int) -> str:
    """While offline: whom to ask instead, on a case that cannot wait; else nothing."""
    if row is None or policy is None or not is_pressing(row, now_ms):
        return ""
    return f"NOTHING HAS REACHED THE REQUESTER. {instead(policy.fallback)}".rstrip()


# --- What changed meanwhile ---------------------------------------------------------------------


class Comparison(Struct, frozen=True):
    """An entry and those behind it, beside the case as it was seen and as it is now."""

    chain: list[Entry]
    policy: Policy | None
    differences: list[Difference] | None
    present: str | None = None
    """The version of the case as it is now, where it is here."""
    missing: str = ""
    """Why there is nothing to compare, or not yet."""


def read_comparison(desk: Desk, place: Place) -> Comparison:
    """Read what was seen, what is now and what was decided; from the disk."""
    key = place.entry.key
    view = desk.case(place.entry.case_id)
    seen = desk.stood_on(key)
    chain = [entry for entry in view.entries if entry.seq >= place.entry.seq]
    decided = None if seen is None else desk.applied(seen, chain)
    with desk.cache.read() as tables:
        policy = tables.policies.current()
    if seen is None or decided is None:
        gone = "This case is gone or cannot be read: there is nothing to compare."
        return Comparison(chain, policy, None, missing=gone)
    if view.newest is not None:
        differences = compare(seen, view.newest, decided, policy)
        return Comparison(chain, policy, differences, present=view.newest.version)
    waits = "The present case has not arrived yet; it comes with the feed."
    missing = waits if place.entry.state == "changed" else ""
    return Comparison(chain, policy, compare(seen, seen, decided, policy), missing=missing)
