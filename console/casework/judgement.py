"""Whether an action may be done: what the server judges, judged here first, and offline too.

The contract (section 4) gives the order: role, claim, then the policy. `judge` finds everything at
once, so that a specialist hears it in one go. The case is the projected one (`projection`): unsent
actions count.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from console.casework import actions as act
from console.casework import judge_case, judge_decision, judge_response
from console.casework.findings import Finding
from console.casework.judged import Judged
from local_cache.records import Case, Policy, RegisteredAgency, Specialist, Template

_Rule = Callable[[Judged, Any], list[Finding]]

_RULES: Final[dict[type[act.Action], _Rule]] = {
    act.Claim: judge_case.claim,
    act.Release: judge_case.release,
    act.Note: judge_case.note,
    act.Assess: judge_case.assess,
    act.Verify: judge_case.verify,
    act.Decide: judge_decision.decide,
    act.Approve: judge_decision.approve,
    act.Reject: judge_decision.reject,
    act.Respond: judge_response.respond,
    act.Preserve: judge_case.preserve,
    act.Enforce: judge_case.enforce,
    act.Assign: judge_case.assign,
    act.Move: judge_case.move,
    act.Link: judge_case.link,
    act.Tag: judge_case.tag,
    act.Snooze: judge_case.snooze,
    act.Wait: judge_case.wait,
    act.Close: judge_case.close,
    act.Reopen: judge_case.reopen,
}

_ON_CLOSED: Final = (
    act.Note, act.Release, act.Respond, act.Preserve, act.Assign, act.Link, act.Tag, act.Reopen,
)  # fmt: skip
"""What a closed case still takes. A disposition may close it before the answer goes out."""


def judge(
    case: Case,
    action: act.AnyAction,
    *,
    policy: Policy,
    me: Specialist,
    now: datetime,
    key: str,
    templates: Mapping[str, Template] | None = None,
    register: tuple[RegisteredAgency, ...] = (),
) -> list[Finding]:
    """Find everything that the server would refuse in `action`, the weightiest first.

    Codes of findings: `role`, `claimed`, `state`, `four-eyes`, `unknown-code`, `missing`,
    `verification`, `scope`, `invalid` and the like.

    Args:
        case: the projected case, or a provisional one.
        action: what the specialist is about to do.
        policy: the policy as cached; the server judges by its present one.
        me: who does it.
        now: the server's time.
        key: the action's idempotency key: the id of what it makes.
        templates: all templates by id; without them, templates are not judged.
        register: the agency register; without it, numbers are not looked up.
    """
    judged = Judged(case=case, policy=policy, me=me, now=now, key=key, templates=templates,
                    register=register)  # fmt: skip
    return [
        *_role(judged, action),
        *_claimed(judged, action),
        *_state(judged, action),
        *_RULES[type(action)](judged, action),
    ]


def role_for(case: Case, action: act.Action, me: Specialist, now: datetime) -> str:
    """Return the role that the contract's table asks for."""
    if isinstance(action, (act.Approve, act.Reject)):
        return "approver"
    if isinstance(action, act.Move):
        return "lead"
    if isinstance(action, act.Assign) and action.to != me.id:
        from_another = action.to is None and case.assignee not in (None, me.id)
        return "lead" if action.to is not None or from_another else "specialist"
    if isinstance(action, act.Claim) and held_by_another(case, me, now):
        return "lead"
    return "specialist"


def held_by_another(case: Case, me: Specialist, now: datetime) -> bool:
    """Tell whether somebody else's live claim is on the case."""
    claim = case.claim
    return claim is not None and claim.by != me.id and (claim.until is None or claim.until > now)


def _role(judged: Judged, action: act.Action) -> list[Finding]:
    if isinstance(action, act.Claim) and held_by_another(judged.case, judged.me, judged.now):
        return []  # said as a claim: only a lead takes over a live one
    needed = role_for(judged.case, action, judged.me, judged.now)
    if needed in judged.me.roles:
        return []
    return [Finding("/type", f"needs the role {needed}, which you do not have", code="role")]


def _claimed(judged: Judged, action: act.Action) -> list[Finding]:
    claim = judged.case.claim
    if act.ignores_claims(action) or claim is None:
        return []
    if not held_by_another(judged.case, judged.me, judged.now):
        return []
    if isinstance(action, act.Claim) and "lead" in judged.me.roles:
        return []
    until = f" until {claim.until:%Y-%m-%d %H:%M} UTC" if claim.until else ""
    return [Finding("", f"{claim.by} holds the case{until}", code="claimed")]


def _state(judged: Judged, action: act.Action) -> list[Finding]:
    state = judged.case.state
    if state == "closed" and not isinstance(action, _ON_CLOSED):
        return [Finding("/type", "the case is closed; reopen it first", code="state")]
    if isinstance(action, act.Reopen) and state != "closed":
        return [Finding("/type", f"the case is not closed but {state}", code="state")]
    if isinstance(action, (act.Approve, act.Reject)) and state != "awaiting_approval":
        detail = f"the case does not wait for an approval: it is {state}"
        return [Finding("/type", detail, code="state")]
    return []
