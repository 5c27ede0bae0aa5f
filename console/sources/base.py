"""What any system that queues come from must offer, in records; `Source` is the protocol.

A source does no caching and knows no screen. Every method may block on the network, is called
from threads other than the screen's, and raises only the errors of this module.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from local_cache.records import (
    ActionRecord,
    Case,
    Policy,
    Queue,
    RegisteredAgency,
    Session,
    Template,
)


class SourceError(Exception):
    """Something kept a source from doing what was asked. `str()` is fit for the screen."""


class Unreachable(SourceError):
    """No whole, sensible answer came: no connection, a time-out, a truncated or foreign answer.

    Whether a request was applied is unknown.
    """


class SlowDown(SourceError):
    """The source asks to wait (429, 503, or 409 while the same key is being worked on)."""

    def __init__(
        self, detail: str, seconds: float, *, everything: bool = True, down: bool = False
    ) -> None:
        super().__init__(detail)
        self.seconds = seconds
        """How long to wait, at most 300."""
        self.everything = everything
        """Whether it asks so of the whole connection, not of this one request (the 409)."""
        self.down = down
        """Whether it serves nobody meanwhile (503), rather than us too often (429)."""


class TokenRefused(SourceError):
    """The token is not, or no longer, accepted (401). Everything is kept; ask for it again."""


class CursorExpired(SourceError):
    """The feed cannot go on from this cursor (410): read it from the start."""


class Fault(Struct, frozen=True):
    """What is wrong at one place of a request: a JSON pointer and the server's words, hostile."""

    pointer: str
    detail: str


class Refused(SourceError):
    """The source judged the request and did not apply it. Every member is the server's own word."""

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        type: str,  # noqa: A002 - the member's name in RFC 9457
        faults: tuple[Fault, ...] = (),
        claim_by: str | None = None,
        claim_until: datetime | None = None,
        required_role: str | None = None,
        policy: str | None = None,
        document: "Document | None" = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.type = type
        """The last part of the problem type: `stale`, `claimed`, `invalid`, `not-found` ..."""
        self.faults = faults
        self.claim_by = claim_by
        self.claim_until = claim_until
        self.required_role = required_role
        self.policy = policy
        self.document = document
        """The present case, where the answer brings it (412)."""


class Document(Struct, frozen=True):
    """A case as the server sent it. `case` is None where it does not follow the contract."""

    id: str
    seq: int
    version: str
    raw: bytes
    case: Case | None


class Change(Struct, frozen=True):
    """One entry of the change feed.

    For a put, exactly one of the members after `op` is set, by `kind`; a put whose document could
    not be read has none of them but, for a case, `document` with `case` None. Unknown kinds are
    left out by the source.
    """

    seq: int
    kind: Literal["case", "queue", "template", "policy", "requester"]
    op: Literal["put", "delete"]
    id: str
    document: Document | None = None
    queue: Queue | None = None
    template: Template | None = None
    policy: Policy | None = None
    requester: RegisteredAgency | None = None


class Page(Struct, frozen=True):
    """A page of the feed; `next` is where to go on, `more` whether there is more right now."""

    changes: tuple[Change, ...]
    next: str
    more: bool
    skipped: int = 0
    """Entries that could not be read at all, or name nothing that could be kept."""


class Receipt(Struct, frozen=True):
    """The server's word that it has an action, with the audit head that it saw."""

    seq: int | None = None
    head: str | None = None
    at: datetime | None = None


class Accepted(Struct, frozen=True):
    """A 201: what was recorded, the case after it, and whether it was a replay of the same key."""

    action: ActionRecord | None
    document: Document | None
    receipt: Receipt = Receipt()
    replayed: bool = False


class Sending(Struct, frozen=True):
    """A request to send as it stands: the exact bytes, made when the specialist confirmed."""

    key: str
    path: str
    """`/v1/cases/{id}/actions` or `/v1/cases`."""
    body: bytes
    if_match: str | None
    audit_head: str | None


class Source(Protocol):
    """A system that escalations come from. Implementations: `escalations.EscalationsSource`."""

    def session(self) -> Session:
        """Say who we are there, and its time."""
        ...

    def clock_skew(self) -> float | None:
        """Return the server's clock less ours in seconds, from the newest answer's `Date`."""
        ...

    def policy(self) -> Policy:
        """Return the present policy."""
        ...

    def templates(self) -> tuple[Template, ...]:
        """Return all templates, disabled ones included."""
        ...

    def queues(self) -> tuple[Queue, ...]:
        """Return all queues that the specialist may see."""
        ...

    def requesters(self) -> tuple[RegisteredAgency, ...]:
        """Return the whole agency register."""
        ...

    def changes(self, after: str | None, *, limit: int) -> Page:
        """Read the change feed, from the start where `after` is None.

        Raises CursorExpired where it must be read from the start.
        """
        ...

    def case(self, case_id: str) -> Document:
        """Fetch one case."""
        ...

    def actions(self, case_id: str) -> tuple[ActionRecord, ...]:
        """Fetch the records of everything done on a case, oldest first."""
        ...

    def send(self, sending: Sending) -> Accepted:
        """Do something; the same key and bytes are applied once however often they are sent."""
        ...

    def upload(self, sha256: str, content: bytes) -> None:
        """Bring the bytes that a response refers to."""
        ...

    def attachment(self, attachment_id: str, *, limit: int) -> bytes:
        """Fetch an attachment of at most `limit` bytes, its digest checked."""
        ...

    def nudges(self) -> Iterator[None]:
        """Yield whenever the feed has news, until the stream ends or is silent for 45 seconds."""
        ...

    def close(self) -> None:
        """Let go of connections. A blocked call may raise Unreachable."""
        ...
