"""The wire types of the Escalations API, version 1, section 3: the server's reading.

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
