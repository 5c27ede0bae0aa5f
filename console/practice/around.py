"""The wire types around the cases: session, queues, register, policy, templates, feed, problems.

Sections 1, 2, 5 and 6 of the contract, as `wire.py` has section 3.
"""

from typing import Any, Literal

from msgspec import Struct, field

from console.practice.wire import Case, Claim, Id, Moment, Role, Wire

FeedKind = Literal["case", "queue", "template", "policy", "requester"]


class SpecialistView(Struct, kw_only=True):
    """A specialist, as the session shows them."""

    id: Id
    name: str
    roles: list[Role]


class DeskView(Struct, kw_only=True):
    """The desk's name."""

    name: str


class Session(Struct, kw_only=True):
    """Who the caller is, and the server's clock."""

    specialist: SpecialistView
    server_time: Moment
    desk: DeskView
    features: list[str]


class Queue(Struct, kw_only=True):
    """A queue with its counts."""

    id: Id
    name: str
    kind: str
    description: str
    open: int = 0
    overdue: int = 0
    oldest_received_at: Moment | None = None


class Spoc(Wire, kw_only=True):
    """An agency's single point of contact."""

    name: str
    email: str
    phone: str


class Agency(Wire, kw_only=True):
    """An entry of the agency register."""

    id: Id
    name: str
    country: str
    domains: list[str]
    callback_numbers: list[str]
    spoc: Spoc | None = None
    status: str = "active"


class Disposition(Struct, kw_only=True):
    """A way to decide, and what must be given with it."""

    code: str
    label: str
    needs: list[str] = []
    verification: str | None = None
    four_eyes_when: list[str] = []
    closes: bool = False
    response: str | None = None


class Reason(Struct, kw_only=True):
    """A reason code."""

    code: str
    group: str
    label: str
    internal: bool = True


class ClockRule(Struct, kw_only=True):
    """A clock that starts by itself on the cases that `applies_to` describes."""

    rule: str
    applies_to: dict[str, Any]
    starts: str
    duration: str
    kind: str
    label: str | None = None
    stops_on: list[str] = []
    pauses_on: list[str] = []
    status: str = "unreviewed"


class CheckRule(Struct, kw_only=True):
    """A verification check in the policy's words."""

    id: str
    label: str


class Level(Struct, kw_only=True):
    """A verification level; each inner list is any-of, all of them are needed."""

    order: int
    all: list[list[str]]


class VerificationRules(Struct, kw_only=True):
    """Checks and levels."""

    checks: list[CheckRule]
    levels: dict[str, Level]


class Tier(Struct, kw_only=True):
    """A tier of data, the higher the more intrusive."""

    code: str
    label: str


class Retention(Struct, kw_only=True):
    """How long a client keeps what is closed."""

    closed_cases: str


class Fallback(Struct, kw_only=True):
    """What to do when nothing reaches the server."""

    lead: str
    phone: str
    portal: str


class Policy(Struct, kw_only=True):
    """Section 5 of the contract."""

    id: Id
    version: str
    owner: str
    reviewed_at: Moment | None
    dispositions: list[Disposition]
    reasons: list[Reason]
    clocks: list[ClockRule]
    verification: VerificationRules
    tiers: list[Tier]
    undo_window: str
    claim_ttl: str
    offline_confirm: dict[str, str]
    offline_max: str
    never_fetch: list[str]
    retention: Retention
    fallback: Fallback


class Variable(Struct, kw_only=True, rename={"from_": "from"}):
    """A gap in a template."""

    name: str
    kind: str = "text"
    required: bool = True
    from_: str | None = None
    prompt: str | None = None


class Template(Struct, kw_only=True, rename={"for_": "for"}):
    """Section 6 of the contract."""

    id: Id
    version: str
    title: str
    language: str
    for_: list[str]
    subject: str
    body: str
    variables: list[Variable] = []
    approved_by: str | None = None
    disabled: bool = False


class Change(Struct, kw_only=True):
    """One entry of the change feed."""

    seq: int
    kind: FeedKind
    op: Literal["put", "delete"]
    id: Id
    version: str | None = None
    doc: Any = None


class Receipt(Wire, kw_only=True):
    """The server's word on where the client's audit chain stood."""

    seq: int | None = None
    head: str | None = None
    at: Moment


class Fault(Struct, kw_only=True):
    """What is wrong at one place."""

    pointer: str
    detail: str


class ProblemDocument(Wire, kw_only=True):
    """RFC 9457, with the members that the contract adds."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] = field(default_factory=list[Fault])
    required_role: str | None = None
    claim: Claim | None = None
    version: str | None = None
    case: Case | None = None
    limit: int | None = None
    policy: str | None = None
