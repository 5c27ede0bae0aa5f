"""What the sync tells those who listen, in the past tense, and what one run of it reports.

Events are told from the sync's own threads, after the transaction that made them true.
"""

from dataclasses import dataclass
from datetime import datetime

from local_cache.outbox import State


@dataclass(frozen=True)
class SyncEvent:
    """The common ground of all events."""


@dataclass(frozen=True)
class CasesChanged(SyncEvent):
    """Documents of cases arrived or left. `ids` is None where they are too many to name."""

    ids: frozenset[str] | None


@dataclass(frozen=True)
class EntryMoved(SyncEvent):
    """An entry of the outbox came to another state."""

    key: str
    case_id: str
    type: str
    state: State


@dataclass(frozen=True)
class ConnectionChanged(SyncEvent):
    """The connection was lost, came back, or has something else wrong with it.

    `why` is fit for the screen; with `online`, it is what does not work although the server
    answers, as a feed that is stuck.
    """

    online: bool
    since: datetime
    why: str | None


@dataclass(frozen=True)
class LoadProgressed(SyncEvent):
    """A full load went on: documents so far, and of how many where that is known."""

    done: int
    total: int | None


@dataclass(frozen=True)
class PolicyChanged(SyncEvent):
    """Another policy is in force."""

    version: str


@dataclass(frozen=True)
class RegisterChanged(SyncEvent):
    """Queues, templates or the agency register changed."""


@dataclass(frozen=True)
class TokenWasRefused(SyncEvent):
    """The server does not accept the token any more. Everything is kept; nothing goes on."""


@dataclass(frozen=True)
class StorageFailed(SyncEvent):
    """The cache did not take what came. The sync tries again; `why` is fit for the screen."""

    why: str


@dataclass(frozen=True)
class SyncReport:
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
