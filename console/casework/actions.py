"""Everything a specialist can do, as the Escalations API words it: section 4 of the contract.

These are the client's own structs: what an action holds, how a body is read and written, and the
facts of the contract's table. Whether an action may be done is `judgement`'s business.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar, get_args

import msgspec
from msgspec import Struct

from console.casework import wire
from console.casework.findings import Finding, unknown
from local_cache.records import ActionRecord, Code, Id, Moment, Policy, Version
from local_cache.shapes import ready


class BadAction(wire.BadDocument):
    """An action's body that cannot be taken as it is: wrong, missing or unknown members."""


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The common ground of all that goes into a body; its times are UTC, as the contract asks."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, datetime) and value.tzinfo is not UTC:
                msgspec.structs.force_setattr(self, name, value.astimezone(UTC))


class Tool(Part, frozen=True, kw_only=True):
    """The program that an action was done with."""

    name: str
    version: str


class ScopeItem(Part, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Data on one subject, of one tier and category, in a range of time: as in data_sought."""

    tier: Code
    category: Code | None = None
    subject: Id | None = None
    from_: Moment | None = None
    to: Moment | None = None


class Withheld(Part, frozen=True, kw_only=True):
    """What was asked for and is not granted, and why."""

    tier: Code
    category: Code | None = None
    subject: Id | None = None
    reason: Code | None = None


class UserNotice(Part, frozen=True, kw_only=True):
    """Whether and when the user hears of it (DOMAIN 1.4)."""

    decision: Code
    until: Moment | None = None
    reason: str | None = None


class Evidence(Part, frozen=True, kw_only=True):
    """How a check was made."""

    number: str | None = None
    source: str | None = None
    spoke_to: str | None = None
    at: Moment | None = None


class Axes(Part, frozen=True, kw_only=True):
    """Six scores from 0 to 3, never summed."""

    severity: int | None = None
    immediacy: int | None = None
    specificity: int | None = None
    plausibility: int | None = None
    capability: int | None = None
    vulnerability: int | None = None


class Disclosed(Part, frozen=True, kw_only=True):
    """Data that a response gives away, and where in our systems it came from."""

    tier: Code
    category: Code | None = None
    subject: Id | None = None
    source: str | None = None


class Enclosed(Part, frozen=True, kw_only=True):
    """A file that goes with a response; its bytes are uploaded before."""

    name: str
    media_type: str
    size: int
    sha256: Code


class TemplateUsed(Part, frozen=True, kw_only=True):
    """The template that a response was made from."""

    id: Id
    version: Version


class Override(Part, frozen=True, kw_only=True):
    """A finding of the guard that the specialist overrode, and why."""

    finding: str
    reason: str


class Action(Part, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """The members that every action has. `at` is evidence of when it was done, never an order."""

    at: Moment | None = None
    offline: bool | None = None
    policy: Version | None = None
    tool: Tool | None = None


class Claim(Action, frozen=True, kw_only=True):
    """Take the case, or renew the hold on it; `ttl` at most an hour."""

    ttl: timedelta | None = None


class Release(Action, frozen=True, kw_only=True):
    """Let go of the case."""


class Note(Action, frozen=True, kw_only=True):
    """Write something down on the case."""

    body: str


class Assess(Action, frozen=True, kw_only=True):
    """Judge the risk."""

    priority: Code | None = None
    imminence: Code | None = None
    confidence: Code | None = None
    harms: tuple[Code, ...] = ()
    sensitivities: tuple[Code, ...] = ()
    axes: Axes | None = None
    rationale: str | None = None
    counter_evidence: str | None = None


class Verify(Action, frozen=True, kw_only=True):
    """Record one check of the requester, or with `state` the judgement of the whole, or both."""

    check: Code | None = None
    result: Code | None = None
    note: str | None = None
    evidence: Evidence | None = None
    state: Code | None = None


class Decide(Action, frozen=True, kw_only=True):
    """Decide. The statutory and the policy test are two tests, recorded apart (DOMAIN 1.6)."""

    disposition: Code
    reasons: tuple[Code, ...] = ()
    rationale: str | None = None
    legal_basis: str | None = None
    statutory_test_met: Code | None = None
    policy_test_met: Code | None = None
    good_faith: Any = None
    scope_granted: tuple[ScopeItem, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    user_notice: UserNotice | None = None
    seen: tuple[Id, ...] = ()
    break_glass: bool = False


class Approve(Action, frozen=True, kw_only=True):
    """Put a second name under a decision, as it reads: `content_sha256` is that of its body."""

    decision: Id
    content_sha256: str
    reason: str | None = None


class Reject(Action, frozen=True, kw_only=True):
    """Send a decision back."""

    decision: Id
    content_sha256: str
    reason: str | None = None


class Respond(Action, frozen=True, kw_only=True):
    """Answer the requester."""

    to: str
    channel: Code
    body: str
    decision: Id | None = None
    key_channel: Code | None = None
    subject: str | None = None
    language: Code | None = None
    template: TemplateUsed | None = None
    variables: dict[str, Any] = {}
    discloses: tuple[Disclosed, ...] = ()
    attachments: tuple[Enclosed, ...] = ()
    body_sha256: str | None = None
    overrides: tuple[Override, ...] = ()


class Preserve(Action, frozen=True, kw_only=True):
    """Keep data as it is until `expires_at`; `extends` names an earlier preservation."""

    scope: tuple[ScopeItem, ...] | str | None = None
    taken_at: Moment | None = None
    expires_at: Moment | None = None
    extends: Id | None = None


class Enforce(Action, frozen=True, kw_only=True):
    """Act on a subject of the case on the platform."""

    target: Id
    measure: Code
    until: Moment | None = None
    reason: str | None = None


class Assign(Action, frozen=True, kw_only=True):
    """Make somebody responsible for the case."""

    to: Id | None


class Move(Action, frozen=True, kw_only=True):
    """Put the case into another queue."""

    queue: Id
    reason: str | None = None


class Link(Action, frozen=True, kw_only=True):
    """Relate the case to another."""

    rel: Code
    case: Id


class Tag(Action, frozen=True, kw_only=True):
    """Put tags on, take tags off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Snooze(Action, frozen=True, kw_only=True):
    """Put the case aside until a time; without one, wake it."""

    until: Moment | None
    reason: str | None = None


class Wait(Action, frozen=True, kw_only=True, rename={"for_": "for"}):
    """Wait for somebody, with the questions that were put to them."""

    for_: Code
    questions: tuple[str, ...] = ()


class Close(Action, frozen=True, kw_only=True):
    """Close the case."""

    reason: str | None = None
    outcome: str | None = None


class Reopen(Action, frozen=True, kw_only=True):
    """Open the case again."""

    reason: str | None = None
    outcome: str | None = None


AnyAction: TypeAlias = (
    Claim | Release | Note | Assess | Verify | Decide | Approve | Reject | Respond | Preserve
    | Enforce | Assign | Move | Link | Tag | Snooze | Wait | Close | Reopen
)  # fmt: skip

TYPES: Final[dict[str, type[AnyAction]]] = {
    kind.__name__.lower(): kind for kind in get_args(AnyAction)
}
"""The action types of the contract's table, by the name that `type` gives them."""

A = TypeVar("A", bound=Action)


def type_of(action: Action) -> str:
    """Return what stands at `type`."""
    return type(action).__name__.lower()


def read_action(data: bytes) -> AnyAction:
    """Read an action's body; the common members may be missing, `stamped` adds them.

    Raises:
        BadAction: with every wrong, missing or unknown member, unknown ones with the nearest name.
    """
    try:
        members = wire.read_object(data)
    except wire.BadDocument as problem:
        raise BadAction(problem.findings) from None
    name = members.get("type")
    if not isinstance(name, str):
        raise BadAction([Finding("/type", "is missing: what kind of action is it?")])
    kind = TYPES.get(name)
    if kind is None:
        raise BadAction([unknown("/type", "action", name, TYPES)])
    findings = wire.unknown_members(kind, members)
    given: dict[str, Any] = {}
    for member in msgspec.structs.fields(kind):
        value = members.get(member.encode_name)
        if value is None and not (member.required and member.encode_name in members):
            if member.required:
                findings.append(Finding(f"/{member.encode_name}", "is missing", code="missing"))
            continue
        try:
            given[member.name] = msgspec.convert(value, ready(member.type))
        except msgspec.ValidationError as problem:
            findings.append(wire.finding_of(problem, f"/{member.encode_name}"))
    if findings:
        raise BadAction(findings)
    return kind(**given)


def body_of(action: Action) -> bytes:
    """Encode an action as the bytes that are sent: members sorted, nothing that is empty."""
    return msgspec.json.encode(action, order="sorted")


def stamped(action: A, *, at: datetime, offline: bool, policy: Policy, tool: Tool) -> A:
    """Add the common members, and what follows from the rest: a claim's ttl, a body's hash.

    `offline` is what the specialist knew when doing it. A member already given stays.
    """
    common = {
        "at": action.at or at,
        "offline": offline if action.offline is None else action.offline,
        "policy": action.policy or policy.version,
        "tool": action.tool or tool,
    }
    if isinstance(action, Claim) and action.ttl is None:
        return msgspec.structs.replace(action, **common, ttl=policy.claim_ttl)
    if isinstance(action, Respond) and action.body_sha256 is None:
        return msgspec.structs.replace(action, **common, body_sha256=text_sha256(action.body))
    return msgspec.structs.replace(action, **common)


def text_sha256(text: str) -> str:
    """Hash a text as UTF-8, in hexadecimal: `body_sha256`."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def content_sha256(decision: ActionRecord) -> str:
    """Hash a decision's body: what an approval is bound to, so that an edit voids it.

    Over the bytes of the body as they stand in the server's document, in hexadecimal: whatever was
    shown to the second person is what they put their name under.
    """
    return hashlib.sha256(decision.body).hexdigest()


def path_of(case_id: str) -> str:
    """Return where the actions of a case go."""
    return f"/v1/cases/{case_id}/actions"


def needs_if_match(action: Action) -> bool:
    """Tell whether the action names the version that it stands on."""
    return not isinstance(action, (Claim, Release, Note))


def never_queued(action: Action) -> bool:
    """Tell whether the action is refused on the spot without a connection."""
    return isinstance(action, Claim) or (
        isinstance(action, Enforce) and action.measure == "CUT_STREAM"
    )


def ignores_claims(action: Action) -> bool:
    """Tell whether the action may be done while somebody else holds the case."""
    return isinstance(action, (Note, Approve, Reject))
