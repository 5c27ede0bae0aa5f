"""The past of a generated case: decisions, notes and closings that somebody made before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from console.practice import clocks
from console.practice.maker import Maker
from console.practice.reference import COLLEAGUES
from console.practice.wire import Approval, Case, Claim, Record


def act(maker: Maker, case: Case, at: datetime, by: str, **body: Any) -> Record:
    """Make the record of an action as if it had been sent at that time; a new version."""
    sent = {
        **body,
        "at": at,
        "offline": False,
        "policy": maker.policy.version,
        "tool": {"name": "practice", "version": "1"},
    }
    before = case.version
    case.version = str(int(before) + 1)
    case.updated_at = at
    return Record(
        id=str(UUID(int=maker.chance.getrandbits(128), version=4)),
        type=body["type"],
        by=by,
        at=at,
        received_at=at,
        offline=False,
        before=before,
        after=case.version,
        body=msgspec.Raw(msgspec.json.encode(sent)),
    )


def _later(maker: Maker, case: Case) -> datetime:
    latest = case.updated_at or case.received_at
    time = latest + (maker.start - latest) * maker.chance.uniform(0.1, 0.5)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def note(maker: Maker, case: Case, text: str) -> None:
    """Let a colleague have written something down."""
    by = maker.chance.choice(COLLEAGUES)
    case.notes.append(act(maker, case, _later(maker, case), by, type="note", body=text))


def work_on(maker: Maker, case: Case) -> None:
    """Let a colleague hold the claim at the start."""
    case.state = "in_review"
    minutes = maker.chance.randrange(3, 15)
    by = maker.chance.choice(COLLEAGUES)
    case.claim = Claim(by=by, until=maker.start + timedelta(minutes=minutes))
    case.assignee = by
    note(maker, case, "Looking at it; callback to the switchboard is pending.")


def _decide(maker: Maker, case: Case, disposition: str, at: datetime, **more: Any) -> None:
    record = act(
        maker,
        case,
        at,
        COLLEAGUES[0],
        type="decide",
        disposition=disposition,
        rationale="The facts given were checked against what the platform shows.",
        **more,
    )
    case.decisions.append(record)
    clocks.meet(case, maker.policy, "decide", at)


def decided(maker: Maker, case: Case) -> None:
    """Let a colleague have decided: the answer is still to be written."""
    at = _later(maker, case)
    _decide(
        maker,
        case,
        "DENY_NOT_EMERGENCY",
        at,
        reasons=["EM_NOT_IMMINENT"],
        statutory_test_met="no",
        policy_test_met="no",
    )
    case.state = "decided"


def waiting_for_approval(maker: Maker, case: Case) -> None:
    """Let a colleague have decided what needs a second person."""
    assert case.requester is not None
    assert case.request is not None
    at = _later(maker, case)
    maker.verified(case.requester, at, COLLEAGUES[0], strong=True)
    scope = msgspec.to_builtins(case.request.data_sought) or [
        {"tier": "T1", "category": "basic_subscriber", "subject": "s1"}
    ]
    _decide(
        maker,
        case,
        "DISCLOSE_FULL",
        at,
        reasons=case.harms or ["OTHER"],
        legal_basis="18 USC 2702(c)(4)",
        scope_granted=scope,
        user_notice={"decision": "delay_until", "until": at + timedelta(days=90), "reason": "risk"},
        statutory_test_met="yes",
        policy_test_met="yes",
        good_faith="A person is in danger; the data is needed to reach them.",
        seen=[message.id for message in case.messages],
    )
    case.state = "awaiting_approval"
    case.approval = Approval(
        needed=True, for_=case.decisions[-1].id, asked_by=COLLEAGUES[0], asked_at=at
    )


def closed(maker: Maker, case: Case) -> None:
    """Let the case be done."""
    at = _later(maker, case)
    if maker.chance.random() < 0.6:
        _decide(maker, case, "NO_ACTION", at)
    if maker.chance.random() < 0.3:
        note(maker, case, "The agency told us that the person was found safe.")
    for event in ("decide", "respond", "enforce", "preserve", "assess"):
        clocks.meet(case, maker.policy, event, at)
    if case.stream is not None:
        case.stream.live = False
    case.state = "closed"
