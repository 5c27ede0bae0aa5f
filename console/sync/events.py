"""What the sync tells those who listen, in the past tense, and what one run of it reports.

Events are told from the sync's own threads, after the transaction that made them true.
"""

from datetime import datetime

from msgspec import Struct

from local_cache.entries import State


class SyncEvent(Struct, frozen=True):
    """The common ground of all events."""


class CasesChanged(SyncEvent, frozen=True):
    """Documents of cases arrived or left. `ids` is None where they are too many to name."""

    ids: frozenset[str] | None


class EntryMoved(SyncEvent, frozen=True):
    """An entry of the outbox came to another state."""

    key: str
    case_id: str
    type: str
    state: State


class ConnectionChanged(SyncEvent, frozen=True):
    """The connection was lost, came back, or has something else wrong with it.

    `why` is fit for the screen; with `online`, it is what does not work although the server
    answers, as a feed that is stuck.
    """

    online: bool
    since: datetime
    why: str | None


class LoadProgressed(SyncEvent, frozen=True):
    """A full load went on: documents so far, and of how many where that is known."""

    done: int
    total: int | None


class PolicyChanged(SyncEvent, frozen=True):
    """Another policy is in force."""

    version: str


class RegisterChanged(SyncEvent, frozen=True):
    """Queues, templates or the agency register changed."""


class TokenWasRefused(SyncEvent, frozen=True):
    """The server does not accept the token any more. Everything is kept; nothing goes on."""


class StorageFailed(SyncEvent, frozen=True):
    """The cache did not take what came. The sync tries again; `why` is fit for the screen."""

    why: str


class SyncReport(Struct, frozen=True):
    """What one run did.

    `pulled` counts changes read, `sent`, `returned` and `changed` entries that came to rest so in
    this run, `pending` those that still wait here: for their turn, an undo window, a person.
    """

    pulled: int
    sent: int
    returned: int
    changed: int
    pending: int
    online: bool
    cursor: str | None
    problem: str | None
