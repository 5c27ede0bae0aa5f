"""The rules for what is done on a case apart from deciding and responding (contract, section 4)."""

from datetime import timedelta
from typing import Final

from console.casework import actions as act
from console.casework import callback, levels
from console.casework.findings import Finding
from console.casework.judged import Judged, given, one_of
from console.casework.new_case import IMMINENCES, PRIORITIES
from console.casework.projection import check_of

LONGEST_CLAIM: Final = timedelta(hours=1)
CONFIDENCES: Final = ("low", "medium", "high")
CHECKS: Final = tuple(f"V{number:02}" for number in range(1, 21))
RESULTS: Final = ("PASS", "FAIL", "NA", "PENDING", "UNABLE")
MEASURES: Final = (
    "CUT_STREAM", "REMOVE", "RESTRICT", "SUSPEND", "AGE_GATE", "WELFARE_PROMPT", "HASH",
)  # fmt: skip
RELATIONS: Final = ("duplicate_of", "related", "follow_up_of")
WAITS: Final = ("requester", "legal", "partner")
LONGEST_TAG: Final = 64


def claim(_judged: Judged, action: act.Claim) -> list[Finding]:
    """A claim lasts longer than nothing and at most an hour."""
    if action.ttl is not None and not timedelta(0) < action.ttl <= LONGEST_CLAIM:
        return [Finding("/ttl", "must be more than nothing and at most an hour (PT1H)")]
    return []


def release(_judged: Judged, _action: act.Release) -> list[Finding]:
    """Letting go of what one does not hold does no harm."""
    return []


def note(_judged: Judged, action: act.Note) -> list[Finding]:
    """A note says something."""
    return given("/body", action.body, "is empty")


def assess(_judged: Judged, action: act.Assess) -> list[Finding]:
    """An assessment uses known words, and axes from 0 to 3."""
    findings = one_of("/priority", "priority", action.priority, PRIORITIES)
    findings += one_of("/imminence", "imminence", action.imminence, IMMINENCES)
    findings += one_of("/confidence", "confidence", action.confidence, CONFIDENCES)
    axes = action.axes
    for name in axes.__struct_fields__ if axes else ():
        score = getattr(axes, name)
        if score is not None and not 0 <= score <= 3:
            findings.append(Finding(f"/axes/{name}", "must be from 0 to 3"))
    said = (action.priority, action.imminence, action.confidence, action.harms, axes,
            action.sensitivities, action.rationale, action.counter_evidence)  # fmt: skip
    if not any(said):
        findings.append(Finding("", "assesses nothing", code="missing"))
    return findings


def verify(judged: Judged, action: act.Verify) -> list[Finding]:
    """A check and a result that are known; a level only where the checks reach it."""
    known = [check.id for check in judged.policy.verification.checks] or list(CHECKS)
    findings = one_of("/check", "check", action.check, known)
    findings += one_of("/result", "result", action.result, RESULTS)
    if action.check is None and action.state is None:
        findings.append(Finding("/check", "must be given, or /state", code="missing"))
    if action.check is not None and action.result is None:
        findings.append(Finding("/result", "must be given with a check", code="missing"))
    findings += callback.judge_callback(judged, action)
    return findings + _judged_state(judged, action)


def _judged_state(judged: Judged, action: act.Verify) -> list[Finding]:
    if action.state is None:
        return []
    rules = judged.policy.verification.levels
    findings = one_of("/state", "state of verification", action.state, (*levels.UNJUDGED, *rules))
    if action.state not in rules:
        return findings
    checks = {check.id: check for check in levels.checks_of(judged.case)}
    if action.check is not None:
        checks[action.check] = check_of(action, by=judged.me.id, at=judged.now)
    missing = levels.missing_for(judged.policy, action.state, checks.values())
    if missing:
        wanted = ", ".join(" or ".join(group) for group in missing)
        detail = f"{action.state} also needs a PASS of {wanted}"
        findings.append(Finding("/state", detail, code="verification"))
    return findings


def preserve(judged: Judged, action: act.Preserve) -> list[Finding]:
    """A preservation ends after it began; an extension names one that is there."""
    findings: list[Finding] = []
    if not action.scope and action.extends is None:
        findings.append(Finding("/scope", "must be given", code="missing"))
    if isinstance(action.scope, tuple):
        for number, item in enumerate(action.scope):
            place = f"/scope/{number}"
            findings += one_of(f"{place}/tier", "tier", item.tier, judged.tier_codes())
            findings += subject(judged, f"{place}/subject", item.subject)
    if action.expires_at is not None and action.expires_at <= (action.taken_at or judged.now):
        findings.append(Finding("/expires_at", "must be after it was taken"))
    known = {made.id for made in judged.case.preservations}
    if action.extends is not None and action.extends not in known:
        findings.append(Finding("/extends", "is no preservation of this case", code="unknown-code"))
    return findings


def subject(judged: Judged, pointer: str, subject_id: str | None) -> list[Finding]:
    """A subject that is named is one of the case's."""
    if subject_id is None or subject_id in judged.subject_ids():
        return []
    return [Finding(pointer, f"{subject_id} is no subject of this case", code="unknown-code")]


def enforce(judged: Judged, action: act.Enforce) -> list[Finding]:
    """A known measure on a subject of the case; an end lies in the future."""
    findings = subject(judged, "/target", action.target)
    findings += one_of("/measure", "measure", action.measure, MEASURES)
    if action.until is not None and action.until <= judged.now:
        findings.append(Finding("/until", "lies in the past"))
    stream = judged.case.stream
    if action.measure == "CUT_STREAM" and (stream is None or stream.live is False):
        findings.append(Finding("/measure", "the case has no stream that is live"))
    return findings


def assign(_judged: Judged, _action: act.Assign) -> list[Finding]:
    """Who may assign to whom is a matter of role; whom there is, the server knows."""
    return []


def move(judged: Judged, action: act.Move) -> list[Finding]:
    """Into another queue."""
    if action.queue == judged.case.queue:
        return [Finding("/queue", "the case is in this queue already")]
    return []


def link(judged: Judged, action: act.Link) -> list[Finding]:
    """To another case, by a known relation."""
    findings = one_of("/rel", "relation", action.rel, RELATIONS)
    if action.case == judged.case.id:
        findings.append(Finding("/case", "a case cannot be linked to itself"))
    return findings


def tag(_judged: Judged, action: act.Tag) -> list[Finding]:
    """At least one tag, none both ways, none empty."""
    findings: list[Finding] = []
    if not action.add and not action.remove:
        findings.append(Finding("", "neither adds nor removes a tag", code="missing"))
    for number, name in enumerate(action.add):
        place = f"/add/{number}"
        findings += given(place, name, "is empty")
        if len(name) > LONGEST_TAG:
            findings.append(Finding(place, f"is longer than {LONGEST_TAG} characters"))
        if name in action.remove:
            findings.append(Finding(place, "is removed in the same breath"))
    return findings


def snooze(judged: Judged, action: act.Snooze) -> list[Finding]:
    """Until some time in the future."""
    if action.until is not None and action.until <= judged.now:
        return [Finding("/until", "lies in the past")]
    return []


def wait(_judged: Judged, action: act.Wait) -> list[Finding]:
    """For somebody who can be waited for; questions that ask something."""
    findings = one_of("/for", "party to wait for", action.for_, WAITS)
    for number, question in enumerate(action.questions):
        findings += given(f"/questions/{number}", question, "is empty")
    return findings


def close(_judged: Judged, _action: act.Close) -> list[Finding]:
    """Only the state of the case decides: the contract asks for no reason."""
    return []


def reopen(_judged: Judged, _action: act.Reopen) -> list[Finding]:
    """Only the state of the case decides: the contract asks for no reason."""
    return []
