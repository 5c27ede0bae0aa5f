"""A case as it will stand once what was recorded here and not yet accepted has been applied.

So that a later action can be judged, and shown, while the earlier ones wait. Versions, `seq`,
clocks and effects stay the server's: only it can give them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from console.casework import actions as act
from console.casework.four_eyes import disposition_of, four_eyes
from local_cache import records
from local_cache.hostile import Hostile
from local_cache.records import (
    ActionRecord,
    Approval,
    Case,
    Check,
    Policy,
    RegisteredAgency,
    Requester,
)

DEFAULT_TTL: Final = records.Policy(id="none", version="0").claim_ttl


class Unsent(Struct, frozen=True, kw_only=True):
    """An action that is recorded here and not yet accepted."""

    key: str
    type: str
    body: bytes
    at: datetime
    by: str


def project(
    case: Case,
    unsent: Sequence[Unsent],
    *,
    policy: Policy | None = None,
    register: tuple[RegisteredAgency, ...] = (),
) -> Case:
    """Apply unsent actions to a case, in the order recorded.

    What a decision makes of the state depends on the policy (four eyes, dispositions that close);
    without one it is `decided`. A body that this version of the program cannot read changes
    nothing here; the server will judge it.
    """
    for entry in unsent:
        try:
            action = act.read_action(entry.body)
        except act.BadAction:
            continue
        case = apply(case, action, entry, policy, register)
    return case


def apply(
    case: Case,
    action: act.AnyAction,
    entry: Unsent,
    policy: Policy | None,
    register: tuple[RegisteredAgency, ...] = (),
) -> Case:
    """Apply one action: what it makes, and the state after it (contract, section 4)."""
    state = state_after(case, action, policy, register)
    change = _CHANGES.get(type(action))
    if change is not None:
        case = change(case, action, entry)
    if isinstance(action, act.Decide):
        needed = policy is not None and bool(four_eyes(case, action, policy, register))
        approval = Approval(
            needed=needed,
            for_=entry.key if needed else None,
            asked_by=entry.by if needed else None,
            asked_at=entry.at if needed else None,
        )
        case = replace(case, approval=approval)
    return replace(case, state=state, updated_at=entry.at)


def state_after(
    case: Case,
    action: act.AnyAction,
    policy: Policy | None,
    register: tuple[RegisteredAgency, ...] = (),
) -> str:
    """Return the state of the case after the action: the last column of the contract's table."""
    match action:
        case act.Claim():
            return "in_review" if case.state == "open" else case.state
        case act.Release():
            return "open" if case.state == "in_review" else case.state
        case act.Decide():
            return _state_decided(case, action, policy, register)
        case act.Approve():
            return "decided"
        case act.Reject():
            return "in_review"
        case act.Wait() if action.for_ == "requester":
            return "awaiting_requester"
        case act.Close():
            return "closed"
        case act.Reopen():
            return "open"
        case _:
            return case.state


def _state_decided(
    case: Case,
    decision: act.Decide,
    policy: Policy | None,
    register: tuple[RegisteredAgency, ...],
) -> str:
    if policy is None:
        return "decided"
    if four_eyes(case, decision, policy, register):
        return "awaiting_approval"
    disposition = disposition_of(policy, decision.disposition)
    return "closed" if disposition is not None and disposition.closes else "decided"


def record_of(entry: Unsent) -> ActionRecord:
    """Show an unsent action as the record it will make; its id is the key."""
    body = msgspec.Raw(entry.body)
    return ActionRecord(id=entry.key, type=entry.type, by=entry.by, at=entry.at, body=body)


# --- What each type makes -----------------------------------------------------------------------


def _claim(case: Case, action: act.Claim, entry: Unsent) -> Case:
    until = entry.at + (action.ttl or DEFAULT_TTL)
    return replace(case, claim=records.Claim(by=entry.by, until=until))


def _release(case: Case, _action: act.Release, _entry: Unsent) -> Case:
    return replace(case, claim=None)


def _note(case: Case, _action: act.Note, entry: Unsent) -> Case:
    return replace(case, notes=(*case.notes, record_of(entry)))


def _assess(case: Case, action: act.Assess, entry: Unsent) -> Case:
    axes: dict[str, int] = msgspec.to_builtins(action.axes) if action.axes else {}
    scores = {Hostile(axis): score for axis, score in axes.items()}
    made = records.Assessment(
        by=entry.by,
        at=entry.at,
        axes=scores,
        rationale=_hostile(action.rationale),
        counter_evidence=_hostile(action.counter_evidence),
    )
    return replace(
        case,
        priority=action.priority or case.priority,
        imminence=action.imminence or case.imminence,
        confidence=action.confidence or case.confidence,
        harms=action.harms or case.harms,
        sensitivities=action.sensitivities or case.sensitivities,
        assessment=made,
    )


def _verify(case: Case, action: act.Verify, entry: Unsent) -> Case:
    requester = case.requester or Requester()
    verification = requester.verification
    checks = verification.checks
    if action.check is not None:
        made = check_of(action, by=entry.by, at=entry.at)
        kept = [check for check in checks if check.id != made.id]
        place = next((n for n, check in enumerate(checks) if check.id == made.id), len(kept))
        checks = (*kept[:place], made, *kept[place:])
    judged = replace(verification, checks=checks, state=action.state or verification.state)
    return replace(case, requester=replace(requester, verification=judged))


def check_of(action: act.Verify, *, by: str | None, at: datetime | None) -> Check:
    """Show a `verify` as the check that it records; only for one that names a check."""
    assert action.check is not None
    evidence = action.evidence
    return Check(
        id=action.check,
        result=action.result or "PENDING",
        by=by,
        at=at,
        note=_hostile(action.note),
        evidence=None
        if evidence is None
        else records.Evidence(
            number=_hostile(evidence.number),
            source=_hostile(evidence.source),
            spoke_to=_hostile(evidence.spoke_to),
            at=evidence.at,
        ),
    )


def _decide(case: Case, _action: act.Decide, entry: Unsent) -> Case:
    return replace(case, decisions=(*case.decisions, record_of(entry)))


def _approve(case: Case, action: act.Approve, entry: Unsent) -> Case:
    approval = case.approval or Approval(needed=True, for_=action.decision)
    return replace(case, approval=replace(approval, given_by=entry.by, given_at=entry.at))


def _reject(case: Case, action: act.Reject, _entry: Unsent) -> Case:
    approval = case.approval or Approval(for_=action.decision)
    return replace(case, approval=replace(approval, needed=False, given_by=None, given_at=None))


def _respond(case: Case, _action: act.Respond, entry: Unsent) -> Case:
    return replace(case, responses=(*case.responses, record_of(entry)))


def _preserve(case: Case, _action: act.Preserve, entry: Unsent) -> Case:
    return replace(case, preservations=(*case.preservations, record_of(entry)))


def _enforce(case: Case, _action: act.Enforce, entry: Unsent) -> Case:
    return replace(case, enforcements=(*case.enforcements, record_of(entry)))


def _assign(case: Case, action: act.Assign, _entry: Unsent) -> Case:
    return replace(case, assignee=action.to)


def _move(case: Case, action: act.Move, _entry: Unsent) -> Case:
    return replace(case, queue=action.queue)


def _link(case: Case, action: act.Link, _entry: Unsent) -> Case:
    made = records.Link(rel=action.rel, case=action.case)
    return case if made in case.links else replace(case, links=(*case.links, made))


def _tag(case: Case, action: act.Tag, _entry: Unsent) -> Case:
    gone = set(action.remove)
    kept = [tag for tag in case.tags if tag.raw not in gone]
    present = {tag.raw for tag in kept}
    new = [Hostile(tag) for tag in dict.fromkeys(action.add) if tag not in present]
    return replace(case, tags=(*kept, *new))


def _snooze(case: Case, action: act.Snooze, _entry: Unsent) -> Case:
    return replace(case, snoozed_until=action.until)


def _hostile(text: str | None) -> Hostile | None:
    return None if text is None else Hostile(text)


_Change = Callable[[Case, Any, Unsent], Case]

_CHANGES: Final[dict[type[act.Action], _Change]] = {
    act.Claim: _claim,
    act.Release: _release,
    act.Note: _note,
    act.Assess: _assess,
    act.Verify: _verify,
    act.Decide: _decide,
    act.Approve: _approve,
    act.Reject: _reject,
    act.Respond: _respond,
    act.Preserve: _preserve,
    act.Enforce: _enforce,
    act.Assign: _assign,
    act.Move: _move,
    act.Link: _link,
    act.Tag: _tag,
    act.Snooze: _snooze,
}
