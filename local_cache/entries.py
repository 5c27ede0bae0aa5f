"""An entry of the outbox: what was confirmed, as it goes to the server, and how far it got."""

from typing import Any, Final, Literal

from msgspec import Struct

from local_cache.hostile import Hostile
from local_cache.records import Record, read

State = Literal[
    "undoable", "pending", "sending", "accepted", "returned", "changed", "to_confirm", "withdrawn"
]

CREATION_PATH: Final = "/v1/cases"
"""The path of an entry that brings a case which was made here."""


class Problem(Record, frozen=True):
    """Why an entry came back or has to wait, in the server's words; `status` None: no answer."""

    status: int | None = None
    type: str = ""
    detail: Hostile = Hostile("")
    faults: tuple[tuple[str, Hostile], ...] = ()
    claim_by: str | None = None
    claim_until_ms: int | None = None


class NewEntry(Struct, frozen=True):
    """What is recorded when a specialist confirms. Times in milliseconds since the epoch."""

    key: str
    case_id: str
    type: str
    path: str
    body: bytes
    version: str | None = None
    """The version that the specialist saw; None where the action takes none."""
    undo_until_ms: int | None = None
    recorded_ms: int = 0


class Entry(Struct, frozen=True):
    """An entry as it stands. Times in milliseconds since the epoch, UTC."""

    seq: int
    key: str
    case_id: str
    type: str
    path: str
    body: bytes
    body_sha256: str
    version: str | None
    """The `If-Match` to send, carried forward as entries in front are accepted."""
    state: State
    recorded_ms: int
    undo_until_ms: int | None
    waiting_since_ms: int
    next_try_ms: int
    attempts: int
    first_try_ms: int | None
    unknown: bool
    """A try ended without an answer: it may have been applied, until an answer says otherwise."""
    error: Problem | None
    record: bytes | None


COLUMNS: Final = (
    "seq, key, case_id, type, path, body, body_sha256, version, state, recorded_ms, undo_until_ms,"
    " waiting_since_ms, next_try_ms, attempts, first_try_ms, unknown, error, record"
)
"""The columns of an entry, in the order of its members."""


def entry_of(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row of `COLUMNS`."""
    members = dict(zip(Entry.__struct_fields__, row, strict=True))
    members["unknown"] = bool(members["unknown"])
    if members["error"] is not None:
        members["error"] = read(Problem, members["error"])
    return Entry(**members)
