"""Composing a response: what the specialist filled in becomes a letter, an action, and findings.

`Letter` is what is typed and picked, and what a draft keeps; `compose` fills the template, makes
the `respond` action of it, and asks the guard and the policy what stands against it. Neither disk
nor screen here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.casework import actions, disclosure, judge_response, scope
from console.casework.disclosure import Identifiers
from console.casework.findings import Finding
from console.casework.four_eyes import disposition_of
from console.casework.judged import Judged
from console.casework.judgement import judge
from console.drafting import engine, from_decision
from console.drafting.templates import Filled, TemplateTrouble, disposition_code, fill, suggest
from local_cache.hostile import visible
from local_cache.records import (
    ActionRecord,
    Case,
    Policy,
    RegisteredAgency,
    Specialist,
    Template,
    Variable,
)

CHANNELS: Final = judge_response.CHANNELS
KEY_APART: Final = "phone_readback"
"""How the key to disclosed files goes, unless the data itself goes that way."""


class Letter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A response as the specialist left it. Subject and body are None while the template fills."""

    template: str | None = None
    version: str | None = None
    """The version of the template that the body was made from."""
    given: dict[str, str] = {}
    """What was entered for the template's variables; a list has one item a line."""
    subject: str | None = None
    body: str | None = None
    to: str = ""
    channel: str = ""
    key_channel: str | None = None
    discloses: tuple[actions.Disclosed, ...] = ()
    attachments: tuple[actions.Enclosed, ...] = ()
    overrides: dict[str, str] = {}
    """Reasons, by the code of the finding that each overrides."""
    cursor: tuple[int, int] = (0, 0)
    """Row and column in the body."""
    place: str = ""
    """The field that was being filled in."""


class Ground(Struct, frozen=True, kw_only=True):
    """What a response is composed on."""

    case: Case
    """With what is recorded here and not yet accepted."""
    policy: Policy
    me: Specialist
    templates: tuple[Template, ...]
    register: tuple[RegisteredAgency, ...] = ()
    others: tuple[Identifiers, ...] = ()
    """What gives other cases away."""

    @property
    def decision(self) -> ActionRecord | None:
        """Return the decision to answer by: the newest, unless it was rejected."""
        made = self.case.decisions[-1] if self.case.decisions else None
        approval = self.case.approval
        if made is None or approval is None or approval.for_ != made.id:
            return made
        rejected = not approval.needed and approval.given_by is None
        return None if rejected else made

    @property
    def granted(self) -> tuple[actions.ScopeItem, ...]:
        """Return what may be disclosed, and nothing else may."""
        return scope.granted_by(self.decision) if self.decision is not None else ()

    @property
    def withheld(self) -> tuple[actions.Withheld, ...]:
        """Return what was asked for and is withheld."""
        return scope.withheld_by(self.decision) if self.decision is not None else ()

    def template(self, template_id: str | None) -> Template | None:
        """Look up a template, withdrawn ones included."""
        return next((one for one in self.templates if one.id == template_id), None)

    def suggested(self) -> list[Template]:
        """Return the templates that fit, the best first."""
        return suggest(self.templates, self.case, self.decision, self.policy)


class Composed(Struct, frozen=True, kw_only=True):
    """A letter as it would go, and what stands against it."""

    action: actions.Respond
    template: Template | None
    values: tuple[Filled, ...]
    filled_subject: str
    filled_body: str
    """What the template makes, whether or not it was edited since."""
    unfilled: tuple[str, ...]
    """The required variables that neither a value nor a hand has filled."""
    findings: tuple[Finding, ...]
    """Everything found, what blocks first; overridden and waiting ones included."""
    waiting: tuple[Finding, ...]
    """Those of `findings` that only say that the decision waits for its approval."""

    @property
    def in_the_way(self) -> tuple[Finding, ...]:
        """Return what has to be mended or overridden, the approval aside."""
        left = disclosure.remaining(self.findings, self.action.overrides)
        return tuple(one for one in left if one not in self.waiting)

    @property
    def waits(self) -> bool:
        """Whether only the approval of the decision is missing."""
        left = disclosure.remaining(self.findings, self.action.overrides)
        return bool(left) and not self.in_the_way

    def overridden(self, finding: Finding) -> str | None:
        """Return the reason that a finding was overridden with."""
        if not finding.overridable:
            return None
        reasons = {one.finding: one.reason for one in self.action.overrides}
        return reasons.get(finding.code)


# --- Beginning ----------------------------------------------------------------------------------


def begin(ground: Ground, template: Template | None = None) -> Letter:
    """Begin a letter: the template that fits best, where it goes, what the decision grants."""
    chosen = template or next(iter(ground.suggested()), None)
    letter = Letter(template=chosen.id if chosen else None)
    if chosen is not None and answers_decision(ground, chosen):
        given = tuple(item_of(grant) for grant in ground.granted)
        letter = msgspec.structs.replace(letter, discloses=given)
    return addressed(ground, letter)


def addressed(ground: Ground, letter: Letter) -> Letter:
    """Say where a letter goes, by what it discloses; the specialist may change it."""
    channel = _channel(ground.case, discloses=bool(letter.discloses))
    key_channel = KEY_APART if letter.discloses and channel != KEY_APART else None
    return msgspec.structs.replace(
        letter,
        to=address_for(ground, discloses=bool(letter.discloses)),
        channel=channel,
        key_channel=key_channel,
    )


def address_for(ground: Ground, *, discloses: bool) -> str:
    """Return the address to answer to: for data only a verified one, empty where there is none."""
    requester = ground.case.requester
    own = requester.email.raw if requester and requester.email else ""
    if not discloses or ground.decision is None:
        return own
    known = judge_response.verified_addresses(_judged(ground, None), ground.decision)
    return next(iter(known), "")


def _channel(case: Case, *, discloses: bool) -> str:
    came_by = case.channel if case.channel in CHANNELS else "portal"
    return "secure_transfer" if discloses and came_by == "email" else came_by


def answers_decision(ground: Ground, template: Template) -> bool:
    """Tell whether a template is for the decision at hand, rather than for anything."""
    code = disposition_code(ground.decision)
    if code is None:
        return False
    disposition = disposition_of(ground.policy, code)
    if disposition is not None and disposition.response == template.id:
        return True
    return any(_meant(pattern.raw, code) for pattern in template.for_)


def _meant(pattern: str, code: str) -> bool:
    if pattern.endswith("*"):
        return len(pattern) > 1 and code.startswith(pattern[:-1])
    return pattern == code


def item_of(grant: actions.ScopeItem, source: str | None = None) -> actions.Disclosed:
    """Return what a grant lets go, as a response names it."""
    return actions.Disclosed(
        tier=grant.tier, category=grant.category, subject=grant.subject, source=source
    )


def of_response(action: actions.Respond) -> Letter:
    """Make a letter of a response that was taken back or came back: its words are kept."""
    return Letter(
        template=action.template.id if action.template else None,
        version=action.template.version if action.template else None,
        given={name: value for name, value in action.variables.items() if isinstance(value, str)},
        subject=action.subject or "",
        body=action.body,
        to=action.to,
        channel=action.channel,
        key_channel=action.key_channel,
        discloses=action.discloses,
        attachments=action.attachments,
        overrides={one.finding: one.reason for one in action.overrides},
    )


def within_grant(ground: Ground, letter: Letter) -> tuple[Letter, tuple[actions.Disclosed, ...]]:
    """Leave out what the decision of now does not grant; return that too."""
    beyond = [item for _, item in scope.beyond_grant(ground.granted, letter.discloses)]
    kept = tuple(item for item in letter.discloses if item not in beyond)
    return msgspec.structs.replace(letter, discloses=kept), tuple(beyond)


def on_template(ground: Ground, letter: Letter, template_id: str) -> Letter:
    """Put a letter on another template; one for the decision discloses, others do not."""
    letter = msgspec.structs.replace(
        letter, template=template_id, version=None, subject=None, body=None, cursor=(0, 0)
    )
    template = ground.template(template_id)
    assert template is not None
    if answers_decision(ground, template) == bool(letter.discloses):
        return letter
    discloses = begin(ground, template).discloses
    return addressed(ground, msgspec.structs.replace(letter, discloses=discloses))


def written_freely(letter: Letter, composed: Composed) -> Letter:
    """Take a letter off its template; the words stay as they were filled."""
    action = composed.action
    return msgspec.structs.replace(
        letter, template=None, subject=action.subject or "", body=action.body
    )


# --- Composing ----------------------------------------------------------------------------------


def compose(ground: Ground, letter: Letter, now: datetime) -> Composed:
    """Fill the template, make the action, and find what stands against it.

    Args:
        ground: the case, the policy and all else that it is judged by.
        letter: what the specialist filled in.
        now: the server's time.
    """
    template = ground.template(letter.template)
    subject, body, values, trouble = _fill(ground, letter, template, now)
    action = _action(ground, letter, template, values, (subject, body))
    unfilled = _unfilled(letter, values, action)
    waiting = _waiting(ground, action)
    findings = [
        *trouble,
        *waiting,
        *_guarded(ground, action, unfilled, now),
        *judge(
            ground.case,
            action,
            policy=ground.policy,
            me=ground.me,
            now=now,
            key="draft",
            templates={one.id: one for one in ground.templates},
            register=ground.register,
        ),
    ]
    return Composed(
        action=action,
        template=template,
        values=values,
        filled_subject=subject,
        filled_body=body,
        unfilled=unfilled,
        findings=_ordered(one for one in findings if not _said_by_name(one, unfilled)),
        waiting=tuple(waiting),
    )


def _fill(
    ground: Ground, letter: Letter, template: Template | None, now: datetime
) -> tuple[str, str, tuple[Filled, ...], list[Finding]]:
    if template is None:
        return "", "", (), []
    given: dict[str, Any] = dict(letter.given)
    files = [{"name": f.name, "size": str(f.size), "sha256": f.sha256}
             for f in letter.attachments]  # fmt: skip
    given |= {one.name: files for one in template.variables if fills_itself(one)}
    decided = from_decision.values_of(
        template, ground.case, ground.decision, ground.granted, ground.withheld, letter.key_channel
    )
    given |= {
        name: value for name, value in decided.items() if not str(given.get(name) or "").strip()
    }
    try:
        made = fill(template, ground.case, ground.decision, given, now=now, me=ground.me)
    except TemplateTrouble as problem:
        return "", "", (), [Finding("/template", str(problem), code="template")]
    values = tuple(
        msgspec.structs.replace(one, source="decision")
        if one.source == "given" and given[one.name] == decided.get(one.name)
        else one
        for one in made.values
    )
    # What is shown is what goes: a template that hides something hides it from nobody.
    return visible(made.subject), visible(made.body, multiline=True), values, []


def fills_itself(variable: Variable) -> bool:
    """Tell whether a variable is filled by the files that go with the response."""
    return variable.kind == "files"


def _action(
    ground: Ground,
    letter: Letter,
    template: Template | None,
    values: Sequence[Filled],
    filled: tuple[str, str],
) -> actions.Respond:
    decision = ground.decision
    named = letter.discloses or template is None or answers_decision(ground, template)
    used = None
    if template is not None:
        version = letter.version if letter.body is not None else None
        used = actions.TemplateUsed(id=template.id, version=version or template.version)
    return actions.Respond(
        to=letter.to.strip(),
        channel=letter.channel,
        body=filled[1] if letter.body is None else letter.body,
        subject=filled[0] if letter.subject is None else letter.subject,
        decision=decision.id if decision is not None and named else None,
        key_channel=letter.key_channel,
        language=template.language if template else None,
        template=used,
        variables={one.name: one.value for one in values if one.value},
        discloses=letter.discloses,
        attachments=letter.attachments,
        overrides=tuple(
            actions.Override(finding=code, reason=reason.strip())
            for code, reason in letter.overrides.items()
            if reason.strip()
        ),
    )


def _unfilled(letter: Letter, values: Iterable[Filled], action: actions.Respond) -> tuple[str, ...]:
    """Return the gaps that are left; in a text edited by hand one may be written over."""
    missing = tuple(one.name for one in values if one.missing)
    if letter.body is None:
        return missing
    text = f"{action.subject}\n{action.body}"
    return tuple(name for name in missing if engine.gap(name) in text)


def _said_by_name(finding: Finding, unfilled: Iterable[str]) -> bool:
    """Tell whether a finding is about a gap in the text that is named as a variable anyway."""
    in_text = finding.code == "unfilled" and finding.pointer in ("/subject", "/body")
    return in_text and any(engine.gap(name) in finding.detail for name in unfilled)


def _waiting(ground: Ground, action: actions.Respond) -> list[Finding]:
    """Find that the decision which is answered by waits for its approval.

    Data must not go before (contract, section 4). Other words may, with a reason: what has not been
    approved may still be rejected.
    """
    decision = ground.decision
    if decision is None or action.decision is None:
        return []
    found = judge_response.approved(ground.case, decision)
    if action.discloses:
        return found
    return [Finding(one.pointer, one.detail, overridable=True, code="decision-waits")
            for one in found]  # fmt: skip


def _guarded(
    ground: Ground, action: actions.Respond, unfilled: tuple[str, ...], now: datetime
) -> list[Finding]:
    draft = msgspec.structs.replace(disclosure.draft_of(action), unfilled=unfilled)
    return disclosure.guard(
        draft,
        ground.case,
        policy=ground.policy,
        me=ground.me,
        now=now,
        register=ground.register,
        others=_near(ground.others, draft.text),
    )


def _near(others: Iterable[Identifiers], text: str) -> list[Identifiers]:
    """Leave only what occurs in the text at all: the guard looks closely, and that takes time."""
    folded = disclosure.folded(text)
    near: list[Identifiers] = []
    for other in others:
        references = tuple(one for one in other.references if _occurs(one, folded))
        values = tuple(one for one in other.values if _occurs(one, folded))
        if references or values:
            near.append(Identifiers(case=other.case, references=references, values=values))
    return near


def _occurs(identifier: str, folded: str) -> bool:
    wanted = disclosure.folded(identifier).strip()
    return bool(wanted) and wanted in folded


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Say each thing once, what blocks first."""
    once = {(one.pointer, one.code, one.overridable): one for one in reversed(list(findings))}
    kept = reversed(once.values())
    return tuple(sorted(kept, key=lambda one: one.overridable))


def _judged(ground: Ground, now: datetime | None) -> Judged:
    return Judged(
        case=ground.case,
        policy=ground.policy,
        me=ground.me,
        now=now or ground.case.received_at,
        key="draft",
        register=ground.register,
    )
