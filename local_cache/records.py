"""The records that everything else speaks of: cases and what belongs to them, policy, templates.

Shapes follow the Escalations API, version 1 (sections 3 to 6 of the contract). Free text from the
wire is `Hostile`; ids, codes and versions are checked against a pattern, so that they can be
shown and compared as they are. Every member that the contract lets be missing or null has a
default; lists are empty tuples, never None.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from local_cache.hostile import Hostile
from local_cache.shapes import ready

Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._:\-]{1,128}\Z")]
Code = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._:+/\-]{1,128}\Z")]
"""A word of a list: a kind, a state, a tier, a language tag. Never free text."""
Version = Annotated[str, Meta(pattern=r"\A[\x21\x23-\x7e]{1,256}\Z")]
"""Opaque; the characters that an entity tag may hold (RFC 9110, section 8.8.3)."""
Moment = Annotated[datetime, Meta(tz=True)]


class Unreadable(ValueError):
    """A document that does not follow the contract. Says where, never what stood there."""


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The common ground of all records: immutable, keyword-only."""


# --- A case -------------------------------------------------------------------------------------


class Pause(Record, frozen=True, rename={"from_": "from"}):
    """A span in which a clock stood still; `to` is None while it still does."""

    from_: Moment
    to: Moment | None = None
    why: Code | None = None


class Clock(Record, frozen=True):
    """A time that law or policy gives. Without `due_at` it is a word, not a number."""

    id: Id
    rule: Code | None = None
    kind: Code = "policy"
    label: Hostile | None = None
    started_at: Moment | None = None
    due_at: Moment | None = None
    paused: tuple[Pause, ...] = ()
    met_at: Moment | None = None
    status: Code | None = None


class Contact(Record, frozen=True):
    """A requester's supervisor, as the request names them."""

    name: Hostile | None = None
    phone: Hostile | None = None
    email: Hostile | None = None


class MailAuthentication(Record, frozen=True):
    """What the mail server found: results of SPF, DKIM, DMARC, and the addresses of the message."""

    spf: Code | None = None
    dkim: Code | None = None
    dmarc: Code | None = None
    from_: Hostile | None = msgspec.field(default=None, name="from")
    reply_to: Hostile | None = None


class Signal(Record, frozen=True):
    """A sign for or against a requester; `level` is green, amber or red."""

    id: Code
    level: Code = "amber"
    why: Hostile | None = None


class Evidence(Record, frozen=True):
    """How a check was made: the number called, where it came from, who answered, when."""

    number: Hostile | None = None
    source: Hostile | None = None
    spoke_to: Hostile | None = None
    at: Moment | None = None


class Check(Record, frozen=True):
    """One of the verification checks V01 to V20 and its result."""

    id: Code
    result: Code = "PENDING"
    by: Id | None = None
    at: Moment | None = None
    note: Hostile | None = None
    evidence: Evidence | None = None


class Verification(Record, frozen=True):
    """Where the verification of a requester stands."""

    state: Code = "UNVERIFIED"
    checks: tuple[Check, ...] = ()


class Requester(Record, frozen=True):
    """Who asks, as they present themselves; only `verification` is our own word."""

    kind: Code | None = None
    name: Hostile | None = None
    title: Hostile | None = None
    badge: Hostile | None = None
    sworn: bool | None = None
    agency: Hostile | None = None
    agency_id: Id | None = None
    country: Code | None = None
    email: Hostile | None = None
    phone: Hostile | None = None
    supervisor: Contact | None = None
    mail_authentication: MailAuthentication | None = None
    signals: tuple[Signal, ...] = ()
    verification: Verification = Verification()


class PersonAtRisk(Record, frozen=True):
    """A person said to be in danger."""

    label: Hostile | None = None
    is_minor: bool | None = None
    location: Hostile | None = None


class DataItem(Record, frozen=True, rename={"from_": "from"}):
    """Data on one subject, of one tier and category, in a range of time."""

    tier: Code
    category: Code | None = None
    subject: Id | None = None
    from_: Moment | None = None
    to: Moment | None = None


class Request(Record, frozen=True):
    """What is asked for and why, in the requester's words."""

    narrative: Hostile | None = None
    persons_at_risk: tuple[PersonAtRisk, ...] = ()
    harm_expected: Hostile | None = None
    why_now: Hostile | None = None
    deadline_at: Moment | None = None
    location_known: bool | None = None
    other_steps_taken: Hostile | None = None
    why_not_ordinary_process: Hostile | None = None
    necessity_link: Hostile | None = None
    legal_basis_claimed: Hostile | None = None
    process_reference: Hostile | None = None
    nondisclosure: Any = None
    data_sought: tuple[DataItem, ...] = ()


class Subject(Record, frozen=True):
    """An account, stream or device that the case is about."""

    id: Id
    kind: Code | None = None
    value: Hostile | None = None
    display: Hostile | None = None
    role: Code | None = None


class StreamSignal(Record, frozen=True):
    """A value that a detector gave for a live stream."""

    at: Moment | None = None
    name: Code | None = None
    value: float | None = None


class Stream(Record, frozen=True):
    """A live stream at risk."""

    room_id: Hostile | None = None
    live: bool | None = None
    started_at: Moment | None = None
    viewers: int | None = None
    peak_viewers: int | None = None
    last_signal_at: Moment | None = None
    signals: tuple[StreamSignal, ...] = ()


class Message(Record, frozen=True):
    """A message of the case; `direction` is in or out."""

    id: Id
    at: Moment | None = None
    direction: Code = "in"
    from_: Hostile | None = msgspec.field(default=None, name="from")
    to: tuple[Hostile, ...] = ()
    subject: Hostile | None = None
    body: Hostile | None = None
    language: Code | None = None
    attachments: tuple[Id, ...] = ()


class Graphic(Record, frozen=True):
    """How disturbing an attachment is, from 0, and which category it was labelled with."""

    category: Code | None = None
    level: int = 0


class Attachment(Record, frozen=True):
    """A file of the case: its label and hash, not its bytes."""

    id: Id
    name: Hostile | None = None
    media_type: Hostile | None = None
    size: int | None = None
    sha256: Code | None = None
    graphic: Graphic = Graphic()
    description: Hostile | None = None


class Claim(Record, frozen=True):
    """Who works on the case, and until when."""

    by: Id
    until: Moment | None = None


class Link(Record, frozen=True):
    """A relation to another case: duplicate_of, related, follow_up_of."""

    rel: Code
    case: Id


class Assessment(Record, frozen=True):
    """The risk as a specialist judged it; axes run from 0 to 3."""

    by: Id | None = None
    at: Moment | None = None
    axes: dict[Hostile, int] = {}
    rationale: Hostile | None = None
    counter_evidence: Hostile | None = None


class Effect(Record, frozen=True):
    """What became of an enforcement (pending, done, failed) or of a delivery."""

    state: Code
    at: Moment | None = None


class ActionRecord(Record, frozen=True):
    """What somebody did on a case, as the server recorded it. `id` is the idempotency key.

    `body` is the action as it was sent; read it with `fields`, which makes its texts hostile.
    """

    id: Id
    type: Code
    by: Id | None = None
    at: Moment | None = None
    received_at: Moment | None = None
    offline: bool | None = None
    before: Version | None = None
    after: Version | None = None
    body: msgspec.Raw = msgspec.Raw(b"{}")
    effect: Effect | None = None
    delivery: Effect | None = None

    def __post_init__(self) -> None:
        # Left as bytes it would not be read before somebody looks at it, and break there.
        msgspec.json.decode(self.body)

    def fields(self) -> dict[str, Any]:
        """Return the members of the body, every text in them hostile; none where it has none."""
        body = hostile_texts(msgspec.json.decode(self.body))
        return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


class Approval(Record, frozen=True):
    """The second pair of eyes that a decision needs."""

    needed: bool = False
    for_: Id | None = msgspec.field(default=None, name="for")
    asked_by: Id | None = None
    asked_at: Moment | None = None
    given_by: Id | None = None
    given_at: Moment | None = None


class Case(Record, frozen=True):
    """An escalation, section 3 of the contract."""

    id: Id
    seq: int
    version: Version
    queue: Id
    kind: Code
    state: Code
    received_at: Moment
    reference: Hostile | None = None
    their_reference: Hostile | None = None
    title: Hostile | None = None
    priority: Code | None = None
    imminence: Code | None = None
    confidence: Code | None = None
    harms: tuple[Code, ...] = ()
    sensitivities: tuple[Code, ...] = ()
    graphic_level: int | None = None
    jurisdiction: Code | None = None
    language: Code | None = None
    addressed_entity: Code | None = None
    updated_at: Moment | None = None
    channel: Code | None = None
    clocks: tuple[Clock, ...] = ()
    requester: Requester | None = None
    request: Request | None = None
    subjects: tuple[Subject, ...] = ()
    stream: Stream | None = None
    messages: tuple[Message, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    claim: Claim | None = None
    assignee: Id | None = None
    tags: tuple[Hostile, ...] = ()
    snoozed_until: Moment | None = None
    links: tuple[Link, ...] = ()
    assessment: Assessment | None = None
    decisions: tuple[ActionRecord, ...] = ()
    responses: tuple[ActionRecord, ...] = ()
    preservations: tuple[ActionRecord, ...] = ()
    enforcements: tuple[ActionRecord, ...] = ()
    notes: tuple[ActionRecord, ...] = ()
    approval: Approval | None = None


# --- Around the cases ---------------------------------------------------------------------------


class Specialist(Record, frozen=True):
    """Who works here, with the roles that the server gives them."""

    id: Id
    name: Hostile | None = None
    roles: tuple[Code, ...] = ()


class Desk(Record, frozen=True):
    """The desk that a session belongs to."""

    name: Hostile | None = None


class Session(Record, frozen=True):
    """Who we are to the server, and its clock."""

    specialist: Specialist
    server_time: Moment
    desk: Desk = Desk()
    features: tuple[Code, ...] = ()


class Queue(Record, frozen=True):
    """A queue and its counts, as the server has them."""

    id: Id
    name: Hostile | None = None
    kind: Code | None = None
    description: Hostile | None = None
    open: int | None = None
    overdue: int | None = None
    oldest_received_at: Moment | None = None


class RegisteredAgency(Record, frozen=True):
    """An entry of the agency register: the organisation's own word on who is who."""

    id: Id
    name: Hostile | None = None
    country: Code | None = None
    domains: tuple[Hostile, ...] = ()
    callback_numbers: tuple[Hostile, ...] = ()
    spoc: Any = None
    status: Code | None = None


class Disposition(Record, frozen=True):
    """A way to decide, and what must be given with it."""

    code: Code
    label: Hostile | None = None
    needs: tuple[Code, ...] = ()
    verification: Code | None = None
    four_eyes_when: tuple[Hostile, ...] = ()
    closes: bool = False
    response: Id | None = None


class Reason(Record, frozen=True):
    """A reason code; `internal` ones never appear in a response."""

    code: Code
    group: Code | None = None
    label: Hostile | None = None
    internal: bool = False


class ClockRule(Record, frozen=True):
    """A clock that the policy starts on cases which match `applies_to`.

    `duration` is an ISO 8601 one, or a word of the law such as `promptly`.
    """

    rule: Code
    applies_to: dict[str, Any] = {}
    starts: Code | None = None
    duration: Code | None = None
    kind: Code = "policy"
    stops_on: tuple[Code, ...] = ()
    pauses_on: tuple[Code, ...] = ()
    status: Code | None = None


class CheckRule(Record, frozen=True):
    """A verification check as the policy words it."""

    id: Code
    label: Hostile | None = None


class Level(Record, frozen=True):
    """A verification level: every inner list is any-of, all of them are needed."""

    order: int
    all: tuple[tuple[Code, ...], ...] = ()


class VerificationRules(Record, frozen=True):
    """Which checks there are and what reaches which level."""

    checks: tuple[CheckRule, ...] = ()
    levels: dict[Code, Level] = {}


class Tier(Record, frozen=True):
    """A tier of data; a higher number is more intrusive."""

    code: Code
    label: Hostile | None = None


class Retention(Record, frozen=True):
    """How long what is closed stays in the cache."""

    closed_cases: timedelta | None = None


class Fallback(Record, frozen=True):
    """What to do when nothing reaches the server: whom to ask, whom to call, where to go."""

    lead: Hostile | None = None
    phone: Hostile | None = None
    portal: Hostile | None = None


class Policy(Record, frozen=True):
    """What may be decided and what must be given with it: section 5 of the contract."""

    id: Id
    version: Version
    owner: Hostile | None = None
    reviewed_at: Moment | None = None
    dispositions: tuple[Disposition, ...] = ()
    reasons: tuple[Reason, ...] = ()
    clocks: tuple[ClockRule, ...] = ()
    verification: VerificationRules = VerificationRules()
    tiers: tuple[Tier, ...] = ()
    undo_window: timedelta = timedelta(seconds=10)
    claim_ttl: timedelta = timedelta(minutes=15)
    offline_confirm: dict[str, timedelta] = {}
    offline_max: timedelta = timedelta(hours=72)
    never_fetch: tuple[Code, ...] = ()
    retention: Retention = Retention()
    fallback: Fallback = Fallback()


class Variable(Record, frozen=True):
    """A gap in a template. With `from_`, a path into the case, it fills itself."""

    name: Code
    kind: Code = "text"
    required: bool = False
    from_: Hostile | None = msgspec.field(default=None, name="from")
    prompt: Hostile | None = None


class Template(Record, frozen=True):
    """A response template, Liquid in Markdown: section 6 of the contract."""

    id: Id
    version: Version
    title: Hostile | None = None
    language: Code | None = None
    for_: tuple[Hostile, ...] = msgspec.field(default=(), name="for")
    subject: Hostile = Hostile("")
    body: Hostile = Hostile("")
    variables: tuple[Variable, ...] = ()
    approved_by: Hostile | None = None
    disabled: bool = False


# --- Reading documents --------------------------------------------------------------------------


def _make_hostile(kind: type, value: Any) -> Any:
    if kind is Hostile and isinstance(value, str):
        return Hostile(value)
    raise msgspec.ValidationError("Expected text")


def _unmake_hostile(value: Any) -> Any:
    if isinstance(value, Hostile):
        return value.raw
    raise NotImplementedError


T = TypeVar("T", bound=Record)

_DECODERS: Final[dict[type, "msgspec.json.Decoder[Any]"]] = {}
_ENCODER: Final = msgspec.json.Encoder(enc_hook=_unmake_hostile)


def read(kind: type[T], document: bytes) -> T:
    """Read a wire document as a record of `kind`.

    Raises:
        Unreadable: where it does not follow the contract. The message names the place only.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(ready(kind), dec_hook=_make_hostile)
    try:
        return decoder.decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # most likely a null where the contract allows one and the record has a list
    try:
        return decoder.decode(_without_nulls_keeping_bodies(document))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(where(problem)) from None


class _Sent(Struct):
    """What an action record holds verbatim: an approval is bound to the bytes of a body."""

    body: msgspec.Raw = msgspec.Raw()


class _SentIn(_Sent):
    decisions: list[_Sent] | None = None
    responses: list[_Sent] | None = None
    preservations: list[_Sent] | None = None
    enforcements: list[_Sent] | None = None
    notes: list[_Sent] | None = None


def _without_nulls_keeping_bodies(document: bytes) -> bytes:
    """Leave out nulls everywhere but in the bodies of actions, which stay as they were sent."""
    plain: Any = without_nulls(msgspec.json.decode(document))
    sent = msgspec.json.decode(document, type=ready(_SentIn))
    if "body" in plain:
        plain["body"] = sent.body
    for name in _SentIn.__struct_fields__[1:]:
        acts: list[_Sent] = getattr(sent, name) or []
        for made, act in zip(plain.get(name, ()), acts, strict=True):
            if "body" in made:
                made["body"] = act.body
    return msgspec.json.encode(plain)


def write(record: object) -> bytes:
    """Encode a record, or plain data with records and hostile texts in it, as wire JSON."""
    return _ENCODER.encode(record)


def without_nulls(value: Any) -> Any:
    """Leave out null members: the contract makes null and missing one and the same."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: without_nulls(item) for name, item in members.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in cast("list[Any]", value)]
    return value


def hostile_texts(value: Any) -> Any:
    """Make every text in plain data hostile; the names of members stay as they are."""
    if isinstance(value, str):
        return Hostile(value)
    if isinstance(value, dict):
        return {name: hostile_texts(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [hostile_texts(item) for item in cast("list[Any]", value)]
    return value


def where(problem: Exception) -> str:
    """Name the place in a document that could not be read, without quoting what stood there."""
    text = str(problem)
    place = text.rpartition("at `")[2].rstrip("`") if "at `" in text else "the document"
    return place.removeprefix("$.") if place.isascii() and place.isprintable() else "the document"
