"""The disclosure guard: reads the draft of a response before it goes (DOMAIN 5.1 to 5.4).

It blocks what must never leave: data beyond the granted scope, another case's identifiers, an
address that is not the verified one, an unfilled variable. What a person may know better is
overridable with a reason, and the reason is recorded with the response.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.casework import actions as act
from console.casework import draft_text, judge_response, scope
from console.casework.callback import agency_of
from console.casework.findings import Finding
from console.casework.judged import Judged
from local_cache.hostile import visible
from local_cache.records import ActionRecord, Case, Policy, RegisteredAgency, Specialist

SHORTEST_IDENTIFIER: Final = 5
"""Shorter names and numbers occur in any text by chance."""


class Identifiers(Struct, frozen=True, kw_only=True):
    """What gives a case away in a text: its references, its subjects."""

    case: str
    references: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class ResponseDraft(Struct, frozen=True, kw_only=True):
    """A response as it stands, before it is confirmed."""

    subject: str
    body: str
    to: str
    channel: str
    decision: str | None = None
    """The id of the decision that it answers by."""
    discloses: tuple[act.Disclosed, ...] = ()
    attachments: tuple[act.Enclosed, ...] = ()
    key_channel: str | None = None
    language: str | None = None
    unfilled: tuple[str, ...] = ()
    """The names of required variables of the template that nobody filled."""

    @property
    def text(self) -> str:
        """Return all that the requester will read."""
        return f"{self.subject}\n{self.body}"


def identifiers_of(case: Case) -> Identifiers:
    """Gather what gives a case away; for `guard` to look for in other cases' drafts."""
    references = (case.reference, case.their_reference)
    values = (text for one in case.subjects for text in (one.value, one.display))
    room = case.stream.room_id if case.stream else None
    return Identifiers(
        case=case.id,
        references=tuple(one.raw for one in references if one),
        values=tuple(one.raw for one in (*values, room) if one),
    )


def draft_of(action: act.Respond) -> ResponseDraft:
    """Read a response that is about to be recorded as a draft."""
    return ResponseDraft(
        subject=action.subject or "",
        body=action.body,
        to=action.to,
        channel=action.channel,
        decision=action.decision,
        discloses=action.discloses,
        attachments=action.attachments,
        key_channel=action.key_channel,
        language=action.language,
    )


class Guarded(Struct, frozen=True, kw_only=True):
    """What the guard's rules look at."""

    draft: ResponseDraft
    judged: Judged
    decision: ActionRecord | None
    others: tuple[Identifiers, ...]

    @property
    def case(self) -> Case:
        """Return the case that the draft answers."""
        return self.judged.case


def guard(
    draft: ResponseDraft,
    case: Case,
    *,
    policy: Policy,
    me: Specialist,
    now: datetime,
    register: tuple[RegisteredAgency, ...] = (),
    others: Iterable[Identifiers] = (),
) -> list[Finding]:
    """Read a draft and find what must not go, or not unseen; what blocks comes first.

    Pointers name members of the `respond` body. An overridable finding is let through by an entry
    in `overrides` with its `code` and a reason (`remaining`).

    Args:
        draft: the response as it stands.
        case: the projected case.
        policy: the policy as cached.
        me: who drafts.
        now: the server's time.
        register: the agency register.
        others: identifiers of other cases, at least of those worked on lately.
    """
    judged = Judged(case=case, policy=policy, me=me, now=now, key="draft", register=register)
    decision = judged.decision(draft.decision) if draft.decision else None
    ground = Guarded(draft=draft, judged=judged, decision=decision, others=tuple(others))
    found = [one for rule in _RULES for one in rule(ground)]
    return sorted(found, key=lambda one: one.overridable)


def remaining(findings: Sequence[Finding], overrides: Iterable[act.Override]) -> list[Finding]:
    """Return what still stands in the way once overridable findings have their reasons."""
    overridden = {one.finding for one in overrides if one.reason.strip()}
    return [one for one in findings if not (one.overridable and one.code in overridden)]


# --- Rules --------------------------------------------------------------------------------------


def _scope(ground: Guarded) -> list[Finding]:
    if not ground.draft.discloses:
        return []
    if ground.decision is None:
        detail = "data goes out only by a decision of this case: name it"
        return [Finding("/decision", detail, code="scope")]
    granted = scope.granted_by(ground.decision)
    return [
        Finding(f"/discloses/{number}", f"{scope.describe(item)} was not granted", code="scope")
        for number, item in scope.beyond_grant(granted, ground.draft.discloses)
    ]


def _standing(ground: Guarded) -> list[Finding]:
    if ground.decision is None:
        return []
    findings = judge_response.in_force(ground.case, ground.decision)
    if ground.draft.discloses:
        findings += judge_response.approved(ground.case, ground.decision)
    return findings


def _persons(ground: Guarded) -> list[Finding]:
    """Keep the second pair of eyes another's than the first, and than the drafter's."""
    approval, decision = ground.case.approval, ground.decision
    if decision is None or approval is None or approval.for_ != decision.id:
        return []
    if approval.given_by is None:
        return []
    if approval.given_by == decision.by:
        detail = "the decision was approved by the one who made it"
        return [Finding("/decision", detail, code="four-eyes")]
    if approval.given_by == ground.judged.me.id and ground.draft.discloses:
        detail = "you approved this decision; another person should send the data"
        return [Finding("/decision", detail, overridable=True, code="approver-drafts")]
    return []


def _notice(ground: Guarded) -> list[Finding]:
    if ground.decision is None or not ground.draft.discloses:
        return []
    body: dict[str, Any] = msgspec.json.decode(ground.decision.body)
    notice: Any = body.get("user_notice")
    if isinstance(notice, dict) and "decision" in notice:
        return []
    detail = "the decision does not say whether the user is told"
    return [Finding("/decision", detail, code="notice-empty")]


def _address(ground: Guarded) -> list[Finding]:
    draft, case = ground.draft, ground.case
    if draft.discloses:
        if ground.decision is None:
            return []  # without a decision nothing goes anyway
        known = judge_response.verified_addresses(ground.judged, ground.decision)
        if draft.to not in known:
            return [Finding("/to", "is not the requester's verified address", code="address")]
        return []
    requester = case.requester
    own = (requester.email, requester.phone) if requester else ()
    known = {one.raw for one in own if one}
    known.update(judge_response.registered_contact(agency_of(case, ground.judged.register)))
    if draft.to in known:
        return []
    detail = "is not an address of this request's requester"
    return [Finding("/to", detail, overridable=True, code="address-unknown")]


def _key(ground: Guarded) -> list[Finding]:
    if ground.draft.key_channel is None or ground.draft.key_channel != ground.draft.channel:
        return []
    return [Finding("/key_channel", "the key goes by another channel than the data", code="key")]


def _unfilled(ground: Guarded) -> list[Finding]:
    return [
        Finding(f"/variables/{visible(name)}", "is not filled in yet", code="unfilled")
        for name in ground.draft.unfilled
    ]


def _other_cases(ground: Guarded) -> list[Finding]:
    """Find what belongs to other cases: a letter made from another one gives that one away."""
    text = folded(ground.draft.text)
    own = identifiers_of(ground.case)
    ours = {folded(one) for one in (*own.references, *own.values)}
    findings: list[Finding] = []
    for other in ground.others:
        if other.case == ground.case.id:
            continue
        named = [one for one in (*other.references, *other.values) if _is_in(one, text, ours)]
        findings += [
            Finding("/body", f"names {visible(one)}, which belongs to another case", code="other")
            for one in dict.fromkeys(named)
        ]
    return findings


def _other_subjects(ground: Guarded) -> list[Finding]:
    """Find subjects of the case that the request did not ask about: reporters, witnesses."""
    request = ground.case.request
    asked = {item.subject for item in request.data_sought} if request else set[str | None]()
    if not asked or None in asked:
        return []
    text = folded(ground.draft.text)
    return [
        Finding(
            "/body",
            f"names {visible(value.raw)}, about whom the request does not ask",
            overridable=subject.role != "reporter",
            code="other-subject",
        )
        for subject in ground.case.subjects
        if subject.id not in asked
        for value in (subject.value, subject.display)
        if value is not None and _is_in(value.raw, text, set())
    ]


def folded(text: str) -> str:
    """Fold a text for comparison: case, width and invisible characters do not tell apart."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if unicodedata.category(one) != "Cf").replace("\\", "")


def _is_in(identifier: str, text: str, ours: set[str]) -> bool:
    wanted = folded(identifier).strip()
    if len(wanted.lstrip("@")) < SHORTEST_IDENTIFIER or wanted in ours:
        return False
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text) is not None


def _text(ground: Guarded) -> list[Finding]:
    draft = ground.draft
    return draft_text.lint(
        draft_text.Letter(
            subject=draft.subject,
            body=draft.body,
            to=draft.to,
            files=tuple(file.sha256 for file in draft.attachments),
            discloses=bool(draft.discloses),
            language=draft.language,
        ),
        ground.case,
        ground.judged.policy,
    )


_RULES: Final[tuple[Callable[[Guarded], list[Finding]], ...]] = (
    _scope, _standing, _persons, _notice, _address, _key, _unfilled, _other_cases,
    _other_subjects, _text,
)  # fmt: skip
