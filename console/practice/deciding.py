"""Deciding, the second pair of eyes, and answering: the part of section 4 that policy governs."""

import hashlib

import msgspec

from console.practice import clocks, rules
from console.practice.acting import Acting
from console.practice.around import Disposition
from console.practice.bodies import Approve, Decide, Disclosed, Judge, Reject, Respond
from console.practice.problems import Faults, forbidden
from console.practice.wire import Approval, DataItem


def decide(acting: Acting, action: Decide) -> None:
    """Record a decision; it takes the place of the one before, and voids its approval."""
    case, policy, faults = acting.case, acting.policy, acting.faults
    chosen = next((d for d in policy.dispositions if d.code == action.disposition), None)
    if chosen is None:
        faults.add("/disposition", "The policy has no such disposition.")
        faults.check()
        return
    _check_needs(action, chosen, faults)
    _check_codes(acting, action)
    _check_verification(acting, action, chosen)
    faults.check()
    register = acting.around.register.values()
    case.approval = None
    if rules.four_eyes(case, action, policy, register):
        case.state = "awaiting_approval"
        case.approval = Approval(
            needed=True, for_=acting.key, asked_by=acting.who.id, asked_at=acting.now
        )
        return
    _settle(acting, chosen)


def _settle(acting: Acting, chosen: Disposition) -> None:
    acting.case.state = "closed" if chosen.closes else "decided"
    if chosen.closes:
        acting.case.claim = None


def _check_needs(action: Decide, chosen: Disposition, faults: Faults) -> None:
    for member in chosen.needs:
        value = getattr(action, member, None)
        faults.require(_is_given(value), f"/{member}", f"{chosen.label} needs this.")


def _is_given(value: object) -> bool:
    """Tell whether a member says anything: spaces and empty lists do not."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != [] and value != {}


def _check_codes(acting: Acting, action: Decide) -> None:
    case, policy, faults = acting.case, acting.policy, acting.faults
    reasons = {reason.code for reason in policy.reasons}
    for place, code in enumerate(action.reasons):
        faults.require(code in reasons, f"/reasons/{place}", "The policy has no such reason.")
    tiers = rules.tier_order(policy)
    subjects = {subject.id for subject in case.subjects}
    for place, item in enumerate(action.scope_granted):
        at = f"/scope_granted/{place}"
        faults.require(item.tier in tiers, f"{at}/tier", "The policy has no such tier.")
        known = item.subject is None or item.subject in subjects
        faults.require(known, f"{at}/subject", "This is not a subject of the case.")
    there = {message.id for message in case.messages} | {file.id for file in case.attachments}
    for place, seen in enumerate(action.seen):
        faults.require(seen in there, f"/seen/{place}", "The case has no such message or file.")
    notice = action.user_notice
    if notice is not None and notice.decision == "delay_until":
        faults.require(notice.until, "/user_notice/until", "A delay needs its end.")


def _check_verification(acting: Acting, action: Decide, chosen: Disposition) -> None:
    """A level may be missing only under break-glass, which gives the lowest tier of data."""
    if chosen.verification is None or rules.stands_at(
        acting.case, acting.policy, chosen.verification
    ):
        return
    if not action.break_glass:
        acting.faults.add(
            "/disposition", f"The requester is not verified to {chosen.verification}."
        )
        return
    order = rules.tier_order(acting.policy)
    for place, item in enumerate(action.scope_granted):
        acting.faults.require(
            order.get(item.tier, 2) <= 1,
            f"/scope_granted/{place}/tier",
            "Break-glass gives the lowest tier of data only.",
        )


def approve(acting: Acting, action: Approve) -> None:
    """Agree, as a second person, to exactly what was decided."""
    chosen = _judge(acting, action)
    approval = acting.case.approval
    assert approval is not None
    approval.given_by = acting.who.id
    approval.given_at = acting.now
    _settle(acting, chosen)


def reject(acting: Acting, action: Reject) -> None:
    """Do not agree: the decision does not stand, its clocks run again."""
    _judge(acting, action)
    case = acting.case
    approval = case.approval
    assert approval is not None
    approval.needed = False
    case.state = "in_review"
    clocks.unmeet(case, acting.policy, "decide", case.decisions[-1].received_at)


def _judge(acting: Acting, action: Judge) -> Disposition:
    case, faults = acting.case, acting.faults
    approval = case.approval
    waiting = approval is not None and approval.for_ == action.decision
    decision = rules.decision_record(case, action.decision) if waiting else None
    if decision is None:
        faults.add("/decision", "This is not the decision that waits for an approval.")
        faults.check()
        raise AssertionError  # check() has raised
    if decision.by == acting.who.id:
        raise forbidden("approver", "Who decided cannot be the second person.")
    sha256 = hashlib.sha256(decision.body).hexdigest()
    faults.require(
        action.content_sha256 == sha256,
        "/content_sha256",
        "This is not the content that waits for an approval.",
    )
    faults.check()
    code = msgspec.json.decode(decision.body, type=Decide).disposition
    return next(d for d in acting.policy.dispositions if d.code == code)


def respond(acting: Acting, action: Respond) -> None:
    """Answer the requester, with nothing that the decision in force does not cover."""
    faults = acting.faults
    sha256 = hashlib.sha256(action.body.encode()).hexdigest()
    faults.require(action.body_sha256 == sha256, "/body_sha256", "This is not the body's hash.")
    if action.template is not None:
        template = acting.around.templates.get(action.template.id)
        usable = template is not None and not template.disabled
        faults.require(usable, "/template", "This template is withdrawn or unknown.")
    for place, file in enumerate(action.attachments):
        there = acting.around.has_upload(file.sha256)
        at = f"/attachments/{place}/sha256"
        faults.require(there, at, "This file was not uploaded.")
    record = rules.decision_record(acting.case, action.decision)
    if action.decision is not None:
        faults.require(record, "/decision", "This decision does not stand.")
    if action.discloses:
        _check_disclosure(acting, action)


def _check_disclosure(acting: Acting, action: Respond) -> None:
    case, faults = acting.case, acting.faults
    record = rules.decision_record(case, action.decision)
    if record is None:
        if action.decision is None:
            faults.add("/decision", "A disclosure names the decision that it stands on.")
        return
    approved = rules.approved_where_needed(case, record.id)
    faults.require(approved, "/decision", "This decision waits for an approval.")
    decision = msgspec.json.decode(record.body, type=Decide)
    for place, item in enumerate(action.discloses):
        covered = any(covers(granted, item) for granted in decision.scope_granted)
        faults.require(covered, f"/discloses/{place}", "The decision does not grant this.")
    chosen = next((d for d in acting.policy.dispositions if d.code == decision.disposition), None)
    wanted = None if chosen is None else chosen.verification
    allowed = rules.verified_addresses(case, acting.policy, wanted, acting.around.register)
    faults.require(action.to in allowed, "/to", "This is not the verified address.")


def covers(granted: DataItem, item: Disclosed) -> bool:
    """Tell whether a granted item covers a disclosed one: same tier, category and subject.

    A grant that leaves category or subject open covers every one of them.
    """
    return (
        granted.tier == item.tier
        and granted.category in (None, item.category)
        and granted.subject in (None, item.subject)
    )
