"""The wire types of the Escalations API, version 1, sections 2, 3, 5 and 6: the server's reading.

Written from the contract alone and used by nobody but the practice desk. The cases that it keeps
are mutable here, because an action is worked out on a decoded copy of the document.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:\-]{1,128}$")]
Moment = Annotated[datetime, Meta(tz=True)]
Role = Literal["specialist", "approver", "lead", "analyst", "admin"]
CaseKind = Literal[
    "emergency_disclosure",
    "preservation",
    "production_order",
    "emergency_production_order",
    "removal_order",
    "information_request",
    "threat_to_life_notice",
    "internal_escalation",
    "livestream_risk",
    "user_report",
    "other",
]
CaseState = Literal[
    "open", "in_review", "awaiting_requester", "awaiting_approval", "decided", "closed"
]
Priority = Literal["P0", "P1", "P2", "P3", "P4"]
Imminence = Literal["in_progress", "imminent", "credible", "concerning", "none", "unassessed"]
Confidence = Literal["low", "medium", "high"]
CheckResult = Literal["PASS", "FAIL", "NA", "PENDING", "UNABLE"]
LinkRelation = Literal["duplicate_of", "related", "follow_up_of"]
FeedKind = Literal["case", "queue", "template", "policy", "requester"]


class Wire(Struct, kw_only=True, omit_defaults=True):
    """The common ground: what is null or empty is left out, as the contract allows."""


class Pause(Wire, kw_only=True, rename={"from_": "from"}):
    """A span in which a clock stands still."""

    from_: Moment
    to: Moment | None = None
    why: str | None = None


class Clock(Wire, kw_only=True):
    """A time given by law or policy; without `due_at` it is a word, told in `label`."""

    id: Id
    rule: str
    kind: str
    label: str | None = None
    started_at: Moment
    due_at: Moment | None = None
    paused: list[Pause] = []
    met_at: Moment | None = None
    status: str | None = None


class Contact(Wire, kw_only=True):
    """A requester's supervisor."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


class MailAuthentication(Wire, kw_only=True, rename={"from_": "from"}):
    """What the mail gateway found."""

    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None
    from_: str | None = None
    reply_to: str | None = None


class Signal(Wire, kw_only=True):
    """A sign for or against a requester."""

    id: str
    level: str
    why: str | None = None


class Evidence(Wire, kw_only=True):
    """How a check was made."""

    number: str | None = None
    source: str | None = None
    spoke_to: str | None = None
    at: Moment | None = None


class Check(Wire, kw_only=True):
    """A verification check and its result."""

    id: str
    result: CheckResult
    by: str | None = None
    at: Moment | None = None
    note: str | None = None
    evidence: Evidence | None = None


class Verification(Struct, kw_only=True):
    """Where the verification of a requester stands."""

    state: str = "UNVERIFIED"
    checks: list[Check] = []


class Requester(Wire, kw_only=True):
    """Who asks, as they present themselves; `verification` is the desk's own word."""

    kind: str | None = None
    name: str | None = None
    title: str | None = None
    badge: str | None = None
    sworn: bool | None = None
    agency: str | None = None
    agency_id: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None
    supervisor: Contact | None = None
    mail_authentication: MailAuthentication | None = None
    signals: list[Signal] = []
    verification: Verification = msgspec.field(default_factory=Verification)


class PersonAtRisk(Wire, kw_only=True):
    """A person said to be in danger."""

    label: str | None = None
    is_minor: bool | None = None
    location: str | None = None


class DataItem(Wire, kw_only=True, rename={"from_": "from"}):
    """Data of one tier and category on one subject, in a range of time."""

    tier: str
    category: str | None = None
    subject: str | None = None
    from_: Moment | None = None
    to: Moment | None = None


class Request(Wire, kw_only=True):
    """What is asked for and why, in the requester's words."""

    narrative: str | None = None
    persons_at_risk: list[PersonAtRisk] = []
    harm_expected: str | None = None
    why_now: str | None = None
    deadline_at: Moment | None = None
    location_known: bool | None = None
    other_steps_taken: str | None = None
    why_not_ordinary_process: str | None = None
    necessity_link: str | None = None
    legal_basis_claimed: str | None = None
    process_reference: str | None = None
    nondisclosure: Any = None
    data_sought: list[DataItem] = []


class Subject(Wire, kw_only=True):
    """An account, stream or device that a case is about."""

    id: Id
    kind: str | None = None
    value: str | None = None
    display: str | None = None
    role: str | None = None


class StreamSignal(Wire, kw_only=True):
    """A detector's value for a live stream."""

    at: Moment
    name: str
    value: float


class Stream(Wire, kw_only=True):
    """A live stream at risk."""

    room_id: str | None = None
    live: bool | None = None
    started_at: Moment | None = None
    viewers: int | None = None
    peak_viewers: int | None = None
    last_signal_at: Moment | None = None
    signals: list[StreamSignal] = []


class Message(Wire, kw_only=True, rename={"from_": "from"}):
    """A message of the case."""

    id: Id
    at: Moment
    direction: Literal["in", "out"]
    from_: str | None = None
    to: list[str] = []
    subject: str | None = None
    body: str | None = None
    language: str | None = None
    attachments: list[str] = []


class Graphic(Struct, kw_only=True):
    """How disturbing an attachment is, and which category it was labelled with."""

    category: str | None = None
    level: int = 0


class Attachment(Wire, kw_only=True):
    """A file of the case: its label and hash."""

    id: Id
    name: str
    media_type: str
    size: int
    sha256: str
    graphic: Graphic = msgspec.field(default_factory=Graphic)
    description: str | None = None


class Claim(Wire, kw_only=True):
    """Who works on a case, and until when."""

    by: Id
    until: Moment


class Link(Wire, kw_only=True):
    """A relation to another case."""

    rel: LinkRelation
    case: Id


class Assessment(Wire, kw_only=True):
    """The risk as a specialist judged it."""

    by: str | None = None
    at: Moment | None = None
    axes: dict[str, int] = {}
    rationale: str | None = None
    counter_evidence: str | None = None


class Effect(Wire, kw_only=True):
    """What became of an enforcement or of a delivery."""

    state: str
    at: Moment | None = None


class Record(Struct, kw_only=True, omit_defaults=True):
    """What somebody did on a case. `body` is the action, byte for byte as it was sent."""

    id: Id
    type: str
    by: Id
    at: Moment
    received_at: Moment
    offline: bool
    before: str
    after: str
    body: msgspec.Raw
    effect: Effect | None = None
    delivery: Effect | None = None


class Approval(Wire, kw_only=True):
    """The second pair of eyes on a decision.

    `needed` and no `given_by`: it is waited for. Neither: the decision was rejected.
    """

    needed: bool
    for_: Id = field(name="for")
    asked_by: Id
    asked_at: Moment
    given_by: Id | None = None
    given_at: Moment | None = None


class Case(Wire, kw_only=True):
    """An escalation, section 3 of the contract."""

    id: Id
    seq: int
    version: str
    queue: Id
    kind: CaseKind
    state: CaseState
    received_at: Moment
    reference: str | None = None
    their_reference: str | None = None
    title: str | None = None
    priority: Priority | None = None
    imminence: Imminence | None = None
    confidence: Confidence | None = None
    harms: list[str] = []
    sensitivities: list[str] = []
    graphic_level: int | None = None
    jurisdiction: str | None = None
    language: str | None = None
    addressed_entity: str | None = None
    updated_at: Moment | None = None
    channel: str | None = None
    clocks: list[Clock] = []
    requester: Requester | None = None
    request: Request | None = None
    subjects: list[Subject] = []
    stream: Stream | None = None
    messages: list[Message] = []
    attachments: list[Attachment] = []
    claim: Claim | None = None
    assignee: str | None = None
    tags: list[str] = []
    snoozed_until: Moment | None = None
    links: list[Link] = []
    assessment: Assessment | None = None
    decisions: list[Record] = []
    responses: list[Record] = []
    preservations: list[Record] = []
    enforcements: list[Record] = []
    notes: list[Record] = []
    approval: Approval | None = None


class NewCase(Wire, kw_only=True):
    """A case opened by hand: a phone call, a tip. What is left out, the desk fills in."""

    queue: Id
    kind: CaseKind
    id: Id | None = None
    received_at: Moment | None = None
    their_reference: str | None = None
    title: str | None = None
    priority: Priority | None = None
    imminence: Imminence | None = None
    confidence: Confidence | None = None
    harms: list[str] = []
    sensitivities: list[str] = []
    graphic_level: Annotated[int, Meta(ge=0, le=3)] | None = None
    jurisdiction: str | None = None
    language: str | None = None
    addressed_entity: str | None = None
    channel: str | None = None
    requester: Requester | None = None
    request: Request | None = None
    subjects: list[Subject] = []
    stream: Stream | None = None
    messages: list[Message] = []
    tags: list[str] = []


# --- Around the cases ---------------------------------------------------------------------------


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


# --- Answers ------------------------------------------------------------------------------------


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
    errors: list[Fault] = []
    required_role: str | None = None
    claim: Claim | None = None
    version: str | None = None
    case: Case | None = None
    limit: int | None = None
    policy: str | None = None
