"""A case as a specialist works on it: the document, what is recorded on it, what came meanwhile."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from console import __version__
from console.casework import actions
from console.casework.projection import Unsent, project
from console.errors import NotFound
from local_cache.cases import CaseRow, StoredCase
from local_cache.drafts import Draft
from local_cache.entries import Entry
from local_cache.records import (
    ActionRecord,
    Case,
    RegisteredAgency,
    Specialist,
    Unreadable,
    read,
)
from local_cache.tables import Tables

T = TypeVar("T")

TOOL: Final = actions.Tool(name="nightdesk", version=__version__)


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a specialist works on it.

    `seen` is the document that the unsent entries stand on, `case` the same with those entries
    applied, `newest` the server's word where it changed meanwhile. All are None for a case that
    is gone or cannot be read.
    """

    id: str
    row: CaseRow
    stored: StoredCase
    seen: Case | None
    case: Case | None
    newest: Case | None
    entries: tuple[Entry, ...]
    drafts: tuple[Draft, ...] = ()
    """What was begun on the case and not confirmed, the newest first."""


def view_of(tables: Tables, case_id: str, me: Specialist) -> CaseView:
    """Return a case with everything recorded on it.

    Raises:
        NotFound: there is no such case in the cache.
    """
    stored = tables.cases.get(case_id)
    row = tables.cases.row_of(case_id)
    if stored is None or row is None:
        raise NotFound("There is no such case in the cache.")
    entries = tuple(tables.outbox.unsent(case_id))
    seen = None if stored.gone else readable(stored.document)
    newest = None if stored.gone or stored.beside is None else readable(stored.beside)
    unsent = [
        unsent_of(e, me)
        for e in entries
        if e.type != "new" and e.state not in ("returned", "changed")
    ]
    policy = tables.policies.current()
    return CaseView(
        id=case_id,
        row=row,
        stored=stored,
        seen=seen,
        case=None
        if seen is None
        else project(seen, unsent, policy=policy, register=register_for(tables, seen)),
        newest=newest,
        entries=entries,
        drafts=tuple(tables.drafts.for_case(case_id)),
    )


def register_for(tables: Tables, case: Case | None) -> tuple[RegisteredAgency, ...]:
    """Return what the register says of the case's agency: callbacks and SPoC come only from it."""
    requester = case.requester if case is not None else None
    if requester is None or requester.agency_id is None:
        return ()
    agency = tables.requesters.get(requester.agency_id)
    return () if agency is None else (agency,)


def unsent_of(entry: Entry, me: Specialist) -> Unsent:
    """Return an entry as the projection takes it."""
    at = moment(entry.recorded_ms)
    return Unsent(key=entry.key, type=entry.type, body=entry.body, at=at, by=me.id)


def steps_since(seen: Case, accepted: Sequence[Entry]) -> list[Entry]:
    """Return which accepted entries of a case made steps that its document does not show yet."""
    version = seen.version
    steps: list[Entry] = []
    for entry in sorted(accepted, key=lambda each: each.seq):
        record = None if entry.record is None else read(ActionRecord, entry.record)
        if record is None or record.before != version or record.after in (None, version):
            continue
        version = record.after
        steps.append(entry)
    return steps


def entry_of(tables: Tables, key: str) -> Entry:
    """Return the entry with this key.

    Raises:
        NotFound: there is none.
    """
    entry = tables.outbox.get(key)
    if entry is None:
        raise NotFound("There is no such entry in the outbox.")
    return entry


def readable(document: bytes) -> Case | None:
    """Return the case of a document, None where it breaks the contract."""
    try:
        return read(Case, document)
    except Unreadable:
        return None


def moment(milliseconds: int) -> datetime:
    """Return a time of the cache as a datetime."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
