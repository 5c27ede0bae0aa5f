"""The plain actions of section 4 and what each does to a case; decisions are in `deciding.py`.

A function gets the case's copy and changes it, or notes faults; nothing here is final.
"""

from datetime import timedelta
from typing import Final

from console.practice import clocks, rules
from console.practice.acting import Acting
from console.practice.bodies import (
    Assess,
    Assign,
    ClaimCase,
    Close,
    Enforce,
    LinkCase,
    Move,
    Note,
    Preserve,
    Release,
    Reopen,
    Snooze,
    TagCase,
    Verify,
    Wait,
)
from console.practice.problems import forbidden
from console.practice.wire import Assessment, Check, Claim, Link, Requester

LONGEST_CLAIM: Final = timedelta(hours=1)
_JUDGED: Final = frozenset({"UNVERIFIED", "IN_PROGRESS", "FAILED", "SUSPECTED_FRAUD"})
_MOST_TAGS: Final = 50


def claim(acting: Acting, action: ClaimCase) -> None:
    """Take the case, or keep it longer."""
    usual = clocks.duration(acting.policy.claim_ttl) or LONGEST_CLAIM
    length = usual if action.ttl is None else action.ttl
    acting.faults.require(
        timedelta() < length <= LONGEST_CLAIM, "/ttl", "A claim lasts at most PT1H."
    )
    acting.faults.check()
    acting.case.claim = Claim(by=acting.who.id, until=acting.now + length)
    if acting.case.state == "open":
        acting.case.state = "in_review"


def release(acting: Acting, action: Release) -> None:  # noqa: ARG001 - it has no members
    """Give the case back. Without a claim there is nothing to do, and that is no error."""
    acting.case.claim = None
    if acting.case.state == "in_review":
        acting.case.state = "open"


def note(acting: Acting, action: Note) -> None:
    """Write something down: the record is kept with the case."""


def assess(acting: Acting, action: Assess) -> None:
    """Judge the risk; an internal clock follows the priority."""
    case = acting.case
    case.priority = action.priority or case.priority
    case.imminence = action.imminence or case.imminence
    case.confidence = action.confidence or case.confidence
    case.harms = case.harms if action.harms is None else action.harms
    case.sensitivities = (
        case.sensitivities if action.sensitivities is None else action.sensitivities
    )
    axes = action.axes
    given = {} if axes is None else {name: getattr(axes, name) for name in axes.__struct_fields__}
    case.assessment = Assessment(
        by=acting.who.id,
        at=action.at,
        axes={name: value for name, value in given.items() if value is not None},
        rationale=action.rationale,
        counter_evidence=action.counter_evidence,
    )
    clocks.start(case, acting.policy)


def verify(acting: Acting, action: Verify) -> None:
    """Record a check, judge the whole, or both."""
    faults, policy = acting.faults, acting.policy
    requester = acting.case.requester = acting.case.requester or Requester()
    verification = requester.verification
    faults.require(action.check or action.state, "/check", "Name a check or a state.")
    if action.check:
        known = {check.id for check in policy.verification.checks}
        faults.require(action.check in known, "/check", "The policy has no such check.")
        faults.require(action.result, "/result", "A check needs its result.")
        faults.check()
        assert action.result is not None
        verification.checks = [c for c in verification.checks if c.id != action.check]
        verification.checks.append(
            Check(
                id=action.check,
                result=action.result,
                by=acting.who.id,
                at=action.at,
                note=action.note,
                evidence=action.evidence,
            )
        )
        verification.checks.sort(key=lambda check: check.id)
    if action.state is None:
        if verification.state == "UNVERIFIED":
            verification.state = "IN_PROGRESS"
        return
    level = policy.verification.levels.get(action.state)
    if level is None:
        faults.require(action.state in _JUDGED, "/state", "The policy has no such level.")
    else:
        enough = rules.reached(acting.case, level)
        faults.require(enough, "/state", "The checks that have passed do not reach this level.")
    faults.check()
    verification.state = action.state


def preserve(acting: Acting, action: Preserve) -> None:
    """Record what was preserved until when."""
    earlier = {record.id for record in acting.case.preservations}
    if action.extends is not None:
        acting.faults.require(
            action.extends in earlier, "/extends", "There is no such preservation on this case."
        )
    if action.taken_at and action.expires_at:
        acting.faults.require(
            action.expires_at > action.taken_at, "/expires_at", "It ends before it was taken."
        )


def enforce(acting: Acting, action: Enforce) -> None:
    """Act on a subject of the case, or on its stream."""
    case = acting.case
    targets = {subject.id for subject in case.subjects}
    acting.faults.require(action.target in targets, "/target", "This is not a subject of the case.")
    if action.measure == "CUT_STREAM":
        live = case.stream is not None and case.stream.live
        acting.faults.require(live, "/measure", "The case has no stream that is live.")


def assign(acting: Acting, action: Assign) -> None:
    """Make somebody responsible; somebody else only by a lead."""
    present = acting.case.assignee
    own = {acting.who.id, None}
    if "lead" not in acting.who.roles and not (
        {action.to, present} <= own or action.to == acting.who.id
    ):
        raise forbidden("lead", "Only a lead assigns a case to somebody else.")
    known = action.to is None or action.to in acting.around.people
    acting.faults.require(known, "/to", "There is no such specialist.")
    acting.case.assignee = action.to


def move(acting: Acting, action: Move) -> None:
    """Put the case into another queue."""
    known = action.queue in acting.around.queues
    acting.faults.require(known, "/queue", "There is no such queue.")
    acting.case.queue = action.queue


def link(acting: Acting, action: LinkCase) -> None:
    """Relate the case to another that the specialist can see."""
    other = action.case != acting.case.id and acting.around.sees_case(acting.who, action.case)
    acting.faults.require(other, "/case", "There is no such other case.")
    wanted = Link(rel=action.rel, case=action.case)
    if wanted not in acting.case.links:
        acting.case.links.append(wanted)


def tag(acting: Acting, action: TagCase) -> None:
    """Add and take away tags."""
    acting.faults.require(action.add or action.remove, "/add", "Name a tag to add or to remove.")
    tags = [tag for tag in acting.case.tags if tag not in action.remove]
    tags += [tag for tag in dict.fromkeys(action.add) if tag not in tags]
    acting.faults.require(len(tags) <= _MOST_TAGS, "/add", f"A case has at most {_MOST_TAGS} tags.")
    acting.case.tags = tags


def snooze(acting: Acting, action: Snooze) -> None:
    """Put the case aside until then."""
    acting.case.snoozed_until = action.until


def wait(acting: Acting, action: Wait) -> None:
    """Wait for an answer; while the requester is asked, the clocks that may, stand still."""
    if action.for_ == "requester":
        acting.case.state = "awaiting_requester"
        clocks.pause(acting.case, acting.policy, acting.now, clocks.CLARIFICATION)


def close(acting: Acting, action: Close) -> None:  # noqa: ARG001 - the record keeps the reason
    """Close the case; a claim ends with it."""
    acting.case.state = "closed"
    acting.case.claim = None


def reopen(acting: Acting, action: Reopen) -> None:  # noqa: ARG001 - the record keeps the reason
    """Open a closed case again."""
    clocks.resume(acting.case, acting.now)
    acting.case.state = "open"
