"""The rules for responding: the decision stands, covers what is given, and the address is right.

Contract, section 4: a `respond` with `discloses` is refused unless its `decision` stands, is
approved where that is needed, covers every item, and `to` is the verified address.
"""

from typing import Any, Final

import msgspec

from console.casework import actions as act
from console.casework import scope
from console.casework.callback import callback_numbers, same_number
from console.casework.findings import Finding
from console.casework.judged import Judged, given, one_of
from local_cache.records import ActionRecord, Case, Policy

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
    if action.decision is not None and decision is None:
        detail = "is no decision of this case"
        findings.append(Finding("/decision", detail, code="unknown-code"))
    if action.discloses:
        findings += _discloses(judged, action, decision)
    return findings


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
        findings += standing(judged.case, decision)
        beyond = scope.beyond_grant(scope.granted_by(decision), action.discloses)
        findings += [
            Finding(
                f"/discloses/{number}",
                f"{scope.describe(item)} is not granted by the decision",
                code="scope",
            )
            for number, item in beyond
        ]
    if not _address_verified(judged, action, decision):
        detail = "is not the requester's verified address"
        findings.append(Finding("/to", detail, code="address"))
    return findings


def standing(case: Case, decision: ActionRecord) -> list[Finding]:
    """Find why a decision is no ground to disclose on: superseded, not approved, sent back."""
    if case.decisions and case.decisions[-1].id != decision.id:
        return [Finding("/decision", "a later decision has replaced it", code="decision")]
    approval = case.approval
    waits = (
        approval is not None
        and approval.for_ == decision.id
        and approval.needed
        and approval.given_by is None
    )
    if case.state == "awaiting_approval" or waits:
        return [Finding("/decision", "still waits for its approval", code="decision")]
    if case.state in ("open", "in_review"):
        detail = "does not stand: it was sent back, or the case was reopened"
        return [Finding("/decision", detail, code="decision")]
    return []


def verified_address(case: Case, policy: Policy) -> str | None:
    """Return where data may go: the requester's address once the requester is verified."""
    requester = case.requester
    if requester is None or requester.email is None:
        return None
    verified = requester.verification.state in policy.verification.levels
    return requester.email.raw if verified else None


def same_address(one: str, other: str) -> bool:
    """Compare mail addresses exactly but for the case of the domain, and outer space."""
    first, second = one.strip(), other.strip()
    return _folded(first) == _folded(second)


def _folded(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local, domain.lower()


def _address_verified(judged: Judged, action: act.Respond, decision: ActionRecord | None) -> bool:
    """Under broken glass the address as given must do: the decision names that it was not checked.

    A read-back by telephone may also go to the agency's number in the register.
    """
    if action.channel == "phone_readback":
        numbers = callback_numbers(judged.case, judged.register)
        if any(same_number(action.to, number) for number in numbers):
            return True
    address = verified_address(judged.case, judged.policy)
    requester = judged.case.requester
    if address is None and broke_glass(decision) and requester and requester.email:
        address = requester.email.raw
    return address is not None and same_address(address, action.to)


def broke_glass(decision: ActionRecord | None) -> bool:
    """Tell whether a decision was made without the verification that the policy asks for."""
    if decision is None:
        return False
    body: dict[str, Any] = msgspec.json.decode(decision.body)
    return body.get("break_glass") is True
