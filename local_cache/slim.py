"""The slim row of a case, which lists show, and how it is made from the case's record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, overload

from msgspec import Struct

from local_cache.folding import LIST_SEPARATOR, fold, fold_list
from local_cache.hostile import Hostile
from local_cache.records import Case, Clock, Requester
from local_cache.schema import NO_DUE


class CaseRow(Struct, frozen=True):
    """A case as a list shows it. Times are milliseconds since the epoch, UTC; None is unknown."""

    rowid: int
    id: str
    seq: int
    version: str
    reference: Hostile
    their_reference: Hostile
    title: Hostile
    queue: str | None
    kind: str | None
    state: str | None
    priority: str | None
    imminence: str | None
    agency: Hostile
    requester_name: Hostile
    verification: str | None
    language: str | None
    claim_by: str | None
    claim_until_ms: int | None
    assignee: str | None
    received_ms: int | None
    updated_ms: int | None
    due_ms: int | None
    """The tightest running clock: the earliest due time of those neither met nor paused."""
    due_kind: str | None
    """Of that clock, or of the paused one where all stand still: statutory, policy ..."""
    due_label: Hostile
    paused: bool
    """No clock runs, and at least one stands still."""
    graphic_level: int | None
    minor: bool
    red_signal: bool
    snoozed_until_ms: int | None
    unsent: int
    """How many entries of the outbox wait on this case."""
    changed: bool
    """An entry came back because the case moved on."""
    gone: bool
    unreadable: bool
    provisional: bool


ROW_COLUMNS: Final = (
    "id, case_id, seq, version, reference, their_reference, title, queue, kind, state, priority,"
    " imminence, agency, requester_name, verification, language, claim_by, claim_until_ms,"
    " assignee, received_ms, updated_ms, due_ms, due_kind, due_label, paused, graphic_level,"
    " minor, red_signal, snoozed_until_ms, unsent, changed, gone, unreadable, provisional"
)
_TEXTS: Final = (4, 5, 6, 12, 13, 23)
_FLAGS: Final = (24, 26, 27, 30, 31, 32, 33)


def read_row(values: Sequence[Any]) -> CaseRow:
    """Make a row of what `ROW_COLUMNS` selected."""
    members = list(values)
    for place in _TEXTS:
        members[place] = Hostile(members[place] or "")
    for place in _FLAGS:
        members[place] = bool(members[place])
    return CaseRow(*members)


WRITTEN: Final = (
    "case_id", "seq", "version", "reference", "their_reference", "title", "queue", "kind",
    "state", "priority", "imminence", "agency", "requester_name", "verification", "language",
    "claim_by", "claim_until_ms", "assignee", "received_ms", "updated_ms", "due_ms", "due_kind",
    "due_label", "paused", "graphic_level", "minor", "red_signal", "snoozed_until_ms",
    "unreadable", "closed", "priority_rank", "due_order",
)  # fmt: skip
"""The columns of `cases` that come from the server's document, as `slim_values` gives them."""

FACETS: Final = (
    "reference", "their_reference", "title", "agency", "requester", "jurisdiction", "country",
    "channel", "tags", "harms", "sensitivities", "signals",
)  # fmt: skip
"""The columns of `facets`, as `facet_values` gives them."""

# A case without a priority, or with one that we do not know, was judged by nobody yet: it stands
# behind the emergencies and before everything that somebody called less.
_UNRANKED: Final = 2
RANK_OF: Final = {"P0": 0, "P1": 1, "P2": 3, "P3": 4, "P4": 5}
RANKS: Final = range(6)


@overload
def milliseconds(moment: datetime) -> int: ...
@overload
def milliseconds(moment: None) -> None: ...
@overload
def milliseconds(moment: datetime | None) -> int | None: ...
def milliseconds(moment: datetime | None) -> int | None:
    """Return a moment as the cache keeps it."""
    return None if moment is None else round(moment.timestamp() * 1000)


def tightest(clocks: Iterable[Clock]) -> tuple[Clock | None, bool]:
    """Return the clock to show and whether it stands still.

    The running one that ends first; where none runs, the paused one that would have. A clock with
    a met time is over, one without a due time is a word and presses by no number.
    """
    running: Clock | None = None
    still: Clock | None = None
    for clock in clocks:
        if clock.due_at is None or clock.met_at is not None:
            continue
        if any(pause.to is None for pause in clock.paused):
            still = _earlier(still, clock)
        else:
            running = _earlier(running, clock)
    return (running, False) if running is not None else (still, still is not None)


def _earlier(first: Clock | None, second: Clock) -> Clock:
    if first is None or first.due_at is None or second.due_at is None:
        return second
    return second if second.due_at < first.due_at else first


def slim_values(case: Case) -> tuple[Any, ...]:
    """Return the values of `WRITTEN` for a case."""
    clock, paused = tightest(case.clocks)
    due_ms = milliseconds(clock.due_at) if clock is not None and not paused else None
    requester = case.requester or _NOBODY
    claim = case.claim
    return (
        case.id,
        case.seq,
        case.version,
        _raw(case.reference),
        _raw(case.their_reference),
        _raw(case.title),
        case.queue,
        case.kind,
        case.state,
        case.priority,
        case.imminence,
        _raw(requester.agency),
        _raw(requester.name),
        requester.verification.state,
        case.language,
        claim.by if claim is not None else None,
        milliseconds(claim.until) if claim is not None else None,
        case.assignee,
        milliseconds(case.received_at),
        milliseconds(case.updated_at),
        due_ms,
        clock.kind if clock is not None else None,
        _raw(clock.label) if clock is not None else None,
        paused,
        case.graphic_level,
        _concerns_minor(case),
        any(signal.level == "red" for signal in requester.signals),
        milliseconds(case.snoozed_until),
        False,
        case.state == "closed",
        RANK_OF.get(case.priority or "", _UNRANKED),
        NO_DUE if due_ms is None else due_ms,
    )


def unreadable_values(case_id: str, seq: int, version: str) -> tuple[Any, ...]:
    """Return the values of `WRITTEN` for a document that could not be read: open, unranked."""
    known: dict[str, Any] = {
        "case_id": case_id,
        "seq": seq,
        "version": version,
        "paused": False,
        "minor": False,
        "red_signal": False,
        "unreadable": True,
        "closed": False,
        "priority_rank": _UNRANKED,
        "due_order": NO_DUE,
    }
    return tuple(known.get(name) for name in WRITTEN)


def facet_values(case: Case) -> tuple[str, ...]:
    """Return the values of `FACETS` for a case."""
    requester = case.requester or _NOBODY
    person = f"{_folded(requester.name)}{LIST_SEPARATOR}{_folded(requester.email)}"
    return (
        _folded(case.reference),
        _folded(case.their_reference),
        _folded(case.title),
        _folded(requester.agency),
        person,
        fold(case.jurisdiction or ""),
        fold(requester.country or ""),
        fold(case.channel or ""),
        fold_list(tuple(tag.raw for tag in case.tags)),
        fold_list(case.harms),
        fold_list(case.sensitivities),
        fold_list(tuple(signal.level for signal in requester.signals)),
    )


_NOBODY: Final = Requester()


def _concerns_minor(case: Case) -> bool:
    if "minor" in case.sensitivities:
        return True
    return case.request is not None and any(
        person.is_minor for person in case.request.persons_at_risk
    )


def _raw(text: Hostile | None) -> str | None:
    return None if text is None else text.raw


def _folded(text: Hostile | None) -> str:
    return "" if text is None else fold(text.raw)
