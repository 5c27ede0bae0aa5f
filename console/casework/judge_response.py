"""The rules for responding: the decision stands, covers what is given, and the address is right.

Contract, section 4: a `respond` with `discloses` is refused unless its `decision` stands, is
approved where that is needed, covers every item, and `to` is the verified address.
"""

from typing import Any, Final, cast

import msgspec

from console.casework import actions as act
from console.casework import levels, scope
from console.casework.callback import agency_of
from console.casework.findings import Finding
from console.casework.four_eyes import disposition_of
from console.casework.judged import Judged, blank, given, one_of
from local_cache.records import ActionRecord, Case, RegisteredAgency

CHANNELS: Final = ("portal", "secure_transfer", "email", "phone_readback")


def respond(judged: Judged, action: act.Respond) -> list[Finding]:
    """Judge an answer to the requester."""
    findings = given("/to", action.to) + given("/body", action.body, "is empty")
    findings += one_of("/channel", "channel", action.channel, CHANNELS)
    if action.body_sha256 not in (None, act.text_sha256(action.body)):
        findings.append(Finding("/body_sha256", "is not the hash of the body", code="content"))
    findings += _template(judged, action)
    findings += _words(judged, action)
    decision = judged.decision(action.decision) if action.decision else None
    if decision is not None:
        findings += in_force(judged.case, decision)
    elif action.decision is not None:
        detail = "is no decision of this case"
        findings.append(Finding("/decision", detail, code="unknown-code"))
    if action.discloses:
        findings += _discloses(judged, action, decision)
    overridden = {one.finding for one in action.overrides if not blank(one.reason)}
    return [one for one in findings if not (one.overridable and one.code in overridden)]


def _template(judged: Judged, action: act.Respond) -> list[Finding]:
    if action.template is None or judged.templates is None:
        return []
    template = judged.templates.get(action.template.id)
    if template is None:
        return [Finding("/template", "is no template of the desk", code="unknown-code")]
    if template.disabled:
        return [Finding("/template", "was withdrawn: choose another", code="template")]
    return []


def _words(judged: Judged, action: act.Respond) -> list[Finding]:
    findings: list[Finding] = []
    for number, item in enumerate(action.discloses):
        place = f"/discloses/{number}"
        findings += one_of(f"{place}/tier", "tier", item.tier, judged.tier_codes())
        if item.subject is not None and item.subject not in judged.subject_ids():
            detail = f"{item.subject} is no subject of this case"
            findings.append(Finding(f"{place}/subject", detail, code="unknown-code"))
    for number, override in enumerate(action.overrides):
        findings += given(f"/overrides/{number}/reason", override.reason)
    return findings


def _discloses(judged: Judged, action: act.Respond, decision: ActionRecord | None) -> list[Finding]:
    findings: list[Finding] = []
    if action.decision is None:
        detail = "data goes out only by a decision: name it"
        findings.append(Finding("/decision", detail, code="missing"))
    elif decision is not None:
        findings += approved(judged.case, decision)
        beyond = scope.beyond_grant(scope.granted_by(decision), action.discloses)
        findings += [
            Finding(
                f"/discloses/{number}",
                f"{scope.describe(item)} is not granted by the decision",
                code="scope",
            )
            for number, item in beyond
        ]
    if decision is not None and action.to not in verified_addresses(judged, decision):
        detail = "is not the requester's verified address"
        findings.append(Finding("/to", detail, code="address"))
    return findings


def in_force(case: Case, decision: ActionRecord) -> list[Finding]:
    """Find why a decision is no ground to answer on: replaced, rejected, the case reopened."""
    if case.decisions and case.decisions[-1].id != decision.id:
        return [Finding("/decision", "a later decision has replaced it", code="decision")]
    approval = case.approval
    if approval is not None and approval.for_ == decision.id:
        if approval.given_by is not None:
            return []
        if not approval.needed:
            return [Finding("/decision", "was rejected: it does not stand", code="decision")]
    if case.state in ("open", "in_review"):
        detail = f"the case is {case.state} again since: does this decision still stand?"
        return [Finding("/decision", detail, overridable=True, code="decision-reopened")]
    return []


def approved(case: Case, decision: ActionRecord) -> list[Finding]:
    """Find that a decision still waits for the second pair of eyes that it needs."""
    approval = case.approval
    waits = (
        approval is not None
        and approval.for_ == decision.id
        and approval.needed
        and approval.given_by is None
    )
    if case.state == "awaiting_approval" or waits:
        return [Finding("/decision", "still waits for its approval", code="decision")]
    return []


def verified_addresses(judged: Judged, decision: ActionRecord) -> tuple[str, ...]:
    """Return where data may go on this decision.

    The requester's own address where the requester is verified as the disposition asks; and the
    contact (`spoc`) that the agency register has, which is all there is under broken glass.
    """
    addresses: list[str] = []
    body: dict[str, Any] = msgspec.json.decode(decision.body)
    disposition = disposition_of(judged.policy, str(body.get("disposition")))
    requester = judged.case.requester
    if requester is not None and requester.email is not None:
        needed = disposition.verification if disposition else None
        state = requester.verification.state
        if levels.suffices(judged.policy, state, needed):
            addresses.append(requester.email.raw)
    return (*addresses, *registered_contact(agency_of(judged.case, judged.register)))


def registered_contact(agency: RegisteredAgency | None) -> tuple[str, ...]:
    """Return the addresses and numbers of an agency's single point of contact."""
    if agency is None or agency.status not in (None, "active"):
        return ()
    spoc: Any = agency.spoc
    if isinstance(spoc, str):
        return (spoc,)
    if isinstance(spoc, dict):
        members = cast("dict[str, Any]", spoc)
        ways = (members.get(name) for name in ("email", "phone"))
        return tuple(way for way in ways if isinstance(way, str) and way)
    return ()
