"""The rules for deciding, approving and rejecting (contract, sections 4 and 5; DOMAIN 1.6, 4.3)."""

from collections.abc import Callable
from typing import Final

from console.casework import actions as act
from console.casework import levels, scope
from console.casework.findings import Finding, unknown
from console.casework.four_eyes import disposition_of
from console.casework.judged import Judged, blank, given, one_of
from local_cache.records import Disposition

NOTICES: Final = (
    "notify_before", "notify_after", "delay_until", "prohibited", "no_notice_exception",
)  # fmt: skip
TESTS: Final = ("yes", "no", "unknown")

_GIVEN: Final[dict[str, Callable[[act.Decide], bool]]] = {
    "reasons": lambda decision: bool(decision.reasons),
    "rationale": lambda decision: not blank(decision.rationale),
    "legal_basis": lambda decision: not blank(decision.legal_basis),
    "statutory_test_met": lambda decision: decision.statutory_test_met is not None,
    "policy_test_met": lambda decision: decision.policy_test_met is not None,
    "good_faith": lambda decision: decision.good_faith not in (None, ""),
    "scope_granted": lambda decision: bool(decision.scope_granted),
    "withheld": lambda decision: bool(decision.withheld),
    "user_notice": lambda decision: decision.user_notice is not None,
    "seen": lambda decision: bool(decision.seen),
    "break_glass": lambda decision: decision.break_glass,
}


def decide(judged: Judged, action: act.Decide) -> list[Finding]:
    """Everything that the policy asks for, in words that it knows, within what was asked."""
    disposition = disposition_of(judged.policy, action.disposition)
    findings: list[Finding] = []
    if disposition is None:
        known = [known.code for known in judged.policy.dispositions]
        findings.append(unknown("/disposition", "disposition", action.disposition, known))
    else:
        findings += _needs(disposition, action)
        findings += _verified(judged, disposition, action)
    findings += _words(judged, action)
    findings += _notice(judged, action)
    findings += _tests(action)
    findings += scope.judge_scope(judged, action)
    return findings + _seen(judged, action)


def _needs(disposition: Disposition, action: act.Decide) -> list[Finding]:
    return [
        Finding(f"/{need}", f"{disposition.code} needs it", code="missing")
        for need in disposition.needs
        if need in _GIVEN and not _GIVEN[need](action)
    ]


def _verified(judged: Judged, disposition: Disposition, action: act.Decide) -> list[Finding]:
    if action.break_glass:
        return []  # life at stake and nobody reachable: the lowest tier, and a review after
    state = levels.state_of(judged.case)
    needed = disposition.verification
    if needed is None or levels.suffices(judged.policy, state, needed):
        return []
    detail = f"{disposition.code} needs {needed}; the requester is {state}"
    checks = levels.checks_of(judged.case)
    if needed in levels.levels_reached(judged.policy, checks):
        detail += " (the checks reach it: judge the whole)"
    return [Finding("/disposition", detail, code="verification")]


def _words(judged: Judged, action: act.Decide) -> list[Finding]:
    known = [reason.code for reason in judged.policy.reasons]
    findings: list[Finding] = []
    for number, reason in enumerate(action.reasons):
        findings += one_of(f"/reasons/{number}", "reason", reason, known)
    findings += one_of("/statutory_test_met", "answer", action.statutory_test_met, TESTS)
    findings += one_of("/policy_test_met", "answer", action.policy_test_met, TESTS)
    return findings


def _notice(judged: Judged, action: act.Decide) -> list[Finding]:
    notice = action.user_notice
    if notice is None:
        return []
    findings = one_of("/user_notice/decision", "notice decision", notice.decision, NOTICES)
    if notice.decision == "delay_until" and notice.until is None:
        findings.append(Finding("/user_notice/until", "until when?", code="missing"))
    if notice.decision == "delay_until" and notice.until and notice.until <= judged.now:
        findings.append(Finding("/user_notice/until", "lies in the past"))
    if notice.decision in ("prohibited", "no_notice_exception"):
        findings += given("/user_notice/reason", notice.reason, f"{notice.decision}: by what?")
    return findings


def _tests(action: act.Decide) -> list[Finding]:
    """Keep the two tests apart: the statute allows, or it does not; the policy may be narrower."""
    if not action.scope_granted:
        return []
    findings: list[Finding] = []
    if action.statutory_test_met == "no":
        detail = "grants data although the statutory test is not met"
        findings.append(Finding("/statutory_test_met", detail, code="tests"))
    if action.policy_test_met == "no" and not action.break_glass:
        detail = "grants data although the policy's test is not met"
        findings.append(Finding("/policy_test_met", detail, code="tests"))
    if action.good_faith is False:
        detail = "grants data without believing in good faith that it is needed"
        findings.append(Finding("/good_faith", detail, code="tests"))
    return findings


def _seen(judged: Judged, action: act.Decide) -> list[Finding]:
    known = {message.id for message in judged.case.messages}
    known |= {attachment.id for attachment in judged.case.attachments}
    return [
        Finding(f"/seen/{number}", f"{one} is no message or attachment here", code="unknown-code")
        for number, one in enumerate(action.seen)
        if one not in known
    ]


def approve(judged: Judged, action: act.Approve) -> list[Finding]:
    """By another person than the one who decided, for the decision as it reads."""
    return _second(judged, action)


def reject(judged: Judged, action: act.Reject) -> list[Finding]:
    """As an approval, and with a reason that the first person can work with."""
    return [*_second(judged, action), *given("/reason", action.reason)]


def _second(judged: Judged, action: act.Approve | act.Reject) -> list[Finding]:
    decision = judged.decision(action.decision)
    if decision is None:
        return [Finding("/decision", "is no decision of this case", code="unknown-code")]
    findings: list[Finding] = []
    approval = judged.case.approval
    asked_by = approval.asked_by if approval and approval.for_ == action.decision else None
    if judged.me.id in (decision.by, asked_by):
        detail = "you decided this; another person approves or rejects it"
        findings.append(Finding("/decision", detail, code="four-eyes"))
    if approval is not None and approval.for_ not in (None, action.decision):
        detail = "is not the decision that waits for an approval"
        findings.append(Finding("/decision", detail, code="four-eyes"))
    if action.content_sha256 != act.content_sha256(decision):
        detail = "is not the decision as it reads now: look at it again"
        findings.append(Finding("/content_sha256", detail, code="content"))
    return findings
