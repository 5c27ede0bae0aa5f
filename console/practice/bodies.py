"""The bodies of actions, section 4 of the contract: one struct a type, told apart by `type`.

A member that the contract names and the desk cannot do without is required here; what a decision
needs beside that is the policy's business (`deciding.py`). Unknown members are let through.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from console.practice.wire import (
    CheckResult,
    Confidence,
    DataItem,
    Evidence,
    Id,
    Imminence,
    LinkRelation,
    Moment,
    Priority,
    Wire,
)

Text = Annotated[str, Meta(min_length=1)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Tag = Annotated[str, Meta(min_length=1, max_length=64)]
Axis = Annotated[int, Meta(ge=0, le=3)]
ThreeWay = Literal["yes", "no", "unknown"]


class Tool(Wire, kw_only=True):
    """The program that the action was made with."""

    name: str
    version: str


class Common(Wire, kw_only=True, tag_field="type"):
    """The members of every action."""

    at: Moment
    offline: bool = False
    policy: str | None = None
    tool: Tool | None = None


class ClaimCase(Common, kw_only=True, tag="claim"):
    """Take or renew a claim."""

    ttl: timedelta | None = None


class Release(Common, kw_only=True, tag="release"):
    """Give a claim back."""


class Note(Common, kw_only=True, tag="note"):
    """Write something down."""

    body: Text


class Axes(Wire, kw_only=True):
    """The six axes of an assessment, each judged apart."""

    severity: Axis | None = None
    immediacy: Axis | None = None
    specificity: Axis | None = None
    plausibility: Axis | None = None
    capability: Axis | None = None
    vulnerability: Axis | None = None


class Assess(Common, kw_only=True, tag="assess"):
    """Judge the risk."""

    priority: Priority | None = None
    imminence: Imminence | None = None
    confidence: Confidence | None = None
    harms: list[Text] | None = None
    sensitivities: list[Text] | None = None
    axes: Axes | None = None
    rationale: str | None = None
    counter_evidence: str | None = None


class Verify(Common, kw_only=True, tag="verify"):
    """Record a verification check, or judge the whole."""

    check: Annotated[str, Meta(pattern="^V(0[1-9]|1[0-9]|20)$")] | None = None
    result: CheckResult | None = None
    note: str | None = None
    evidence: Evidence | None = None
    state: str | None = None


class Withheld(Wire, kw_only=True):
    """Data that was asked for and is not given, and why."""

    tier: str
    category: str | None = None
    subject: str | None = None
    reason: str | None = None


class UserNotice(Wire, kw_only=True):
    """What the account's owner is told, and when."""

    decision: Literal[
        "notify_before", "notify_after", "delay_until", "prohibited", "no_notice_exception"
    ]
    until: Moment | None = None
    reason: str | None = None


class Decide(Common, kw_only=True, tag="decide"):
    """Decide the request."""

    disposition: Text
    reasons: list[str] = field(default_factory=list[str])
    rationale: str | None = None
    legal_basis: str | None = None
    statutory_test_met: ThreeWay | None = None
    policy_test_met: ThreeWay | None = None
    good_faith: Any = None
    scope_granted: list[DataItem] = field(default_factory=list[DataItem])
    withheld: list[Withheld] = field(default_factory=list[Withheld])
    user_notice: UserNotice | None = None
    seen: list[str] = field(default_factory=list[str])
    break_glass: bool = False


class Judge(Common, kw_only=True):
    """What approving and rejecting have in common."""

    decision: Id
    content_sha256: Sha256
    reason: str | None = None


class Approve(Judge, kw_only=True, tag="approve"):
    """The second person agrees."""


class Reject(Judge, kw_only=True, tag="reject"):
    """The second person does not agree."""


class TemplateUse(Wire, kw_only=True):
    """Which template a response was written from."""

    id: Id
    version: str


class Disclosed(Wire, kw_only=True):
    """An item of data that a response hands over."""

    tier: str
    category: str | None = None
    subject: str | None = None
    source: str | None = None


class Enclosed(Wire, kw_only=True):
    """A file of a response, uploaded before."""

    name: Text
    media_type: str
    size: Annotated[int, Meta(ge=0)]
    sha256: Sha256


class Override(Wire, kw_only=True):
    """A finding of the guard that was overridden, and why."""

    finding: str
    reason: Text


class Respond(Common, kw_only=True, tag="respond"):
    """Answer the requester."""

    to: Text
    channel: Literal["portal", "secure_transfer", "email", "phone_readback"]
    body: Text
    body_sha256: Sha256
    decision: Id | None = None
    key_channel: str | None = None
    subject: str | None = None
    language: str | None = None
    template: TemplateUse | None = None
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    discloses: list[Disclosed] = field(default_factory=list[Disclosed])
    attachments: list[Enclosed] = field(default_factory=list[Enclosed])
    overrides: list[Override] = field(default_factory=list[Override])


class Preserve(Common, kw_only=True, tag="preserve"):
    """Record that data was preserved, or that this was extended."""

    scope: Any = None
    taken_at: Moment | None = None
    expires_at: Moment | None = None
    extends: Id | None = None


class Enforce(Common, kw_only=True, tag="enforce"):
    """Act on the account or the stream."""

    target: Id
    measure: Literal[
        "CUT_STREAM", "REMOVE", "RESTRICT", "SUSPEND", "AGE_GATE", "WELFARE_PROMPT", "HASH"
    ]
    until: Moment | None = None
    reason: str | None = None


class Assign(Common, kw_only=True, tag="assign"):
    """Make somebody responsible."""

    to: Id | None


class Move(Common, kw_only=True, tag="move"):
    """Put the case into another queue."""

    queue: Id
    reason: str | None = None


class LinkCase(Common, kw_only=True, tag="link"):
    """Relate the case to another."""

    rel: LinkRelation
    case: Id


class TagCase(Common, kw_only=True, tag="tag"):
    """Add and take away tags."""

    add: list[Tag] = field(default_factory=list[Tag])
    remove: list[str] = field(default_factory=list[str])


class Snooze(Common, kw_only=True, tag="snooze"):
    """Hide the case from the top of the list until then; without `until`, no longer."""

    until: Moment | None = None
    reason: str | None = None


class Wait(Common, kw_only=True, tag="wait", rename={"for_": "for"}):
    """Wait for somebody else's answer."""

    for_: Literal["requester", "legal", "partner"]
    questions: list[Text] = field(default_factory=list[Text])


class Close(Common, kw_only=True, tag="close"):
    """Close the case."""

    reason: str | None = None
    outcome: str | None = None


class Reopen(Common, kw_only=True, tag="reopen"):
    """Open a closed case again."""

    reason: str | None = None
    outcome: str | None = None


Action = (
    ClaimCase
    | Release
    | Note
    | Assess
    | Verify
    | Decide
    | Approve
    | Reject
    | Respond
    | Preserve
    | Enforce
    | Assign
    | Move
    | LinkCase
    | TagCase
    | Snooze
    | Wait
    | Close
    | Reopen
)
