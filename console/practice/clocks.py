"""The clocks of a case: started by the policy, paused while the requester is asked, met by an act.

`due_at` holds what the pauses so far have given; while a pause is open the clock stands still.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from console.practice.around import ClockRule, Policy
from console.practice.wire import Case, Clock, Pause

CLARIFICATION: Final = "clarification_pending"


def duration(text: str) -> timedelta | None:
    """Read an ISO 8601 duration; None for a word of the law, as `promptly`."""
    if not text.startswith("P"):
        return None
    return msgspec.convert(text, timedelta, strict=False)


def applies(rule: ClockRule, case: Case) -> bool:
    """Tell whether every member that the rule names has its value, or one of its values, here."""
    return all(_matches(getattr(case, name, None), wanted) for name, wanted in _wanted(rule))


def _wanted(rule: ClockRule) -> list[tuple[str, Any]]:
    return list(rule.applies_to.items())


def _matches(value: object, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else value == wanted


def start(case: Case, policy: Policy) -> None:
    """Start the clocks that the policy gives this case and that it does not have yet.

    An internal target that no longer fits (the priority changed) makes room for the one that does.
    """
    fitting = {rule.rule: rule for rule in policy.clocks if applies(rule, case)}
    known = {rule.rule for rule in policy.clocks}
    case.clocks = [
        clock
        for clock in case.clocks
        if clock.met_at
        or clock.kind != "policy"
        or clock.rule in fitting
        or clock.rule not in known
    ]
    running = {clock.rule for clock in case.clocks}
    for rule in fitting.values():
        if rule.rule not in running:
            case.clocks.append(_started(rule, case, f"k{len(case.clocks) + 1}-{rule.rule}"))


def _started(rule: ClockRule, case: Case, clock_id: str) -> Clock:
    length = duration(rule.duration)
    began = case.received_at
    return Clock(
        id=clock_id,
        rule=rule.rule,
        kind=rule.kind,
        label=rule.label if length else f"{rule.label or rule.rule}: {rule.duration}",
        started_at=began,
        due_at=None if length is None else began + length,
        status=rule.status,
    )


def pause(case: Case, policy: Policy, now: datetime, why: str) -> None:
    """Stop the clocks which the policy lets stand still for this reason."""
    pausing = {rule.rule for rule in policy.clocks if why in rule.pauses_on}
    for clock in case.clocks:
        if clock.rule in pausing and not clock.met_at and not _standing(clock):
            clock.paused.append(Pause(from_=now, why=why))


def resume(case: Case, now: datetime) -> None:
    """Let standing clocks go on; what they stood still is added to their due time."""
    for clock in case.clocks:
        if span := _standing(clock):
            span.to = now
            if clock.due_at is not None:
                clock.due_at += now - span.from_


def meet(case: Case, policy: Policy, event: str, now: datetime) -> None:
    """End the clocks that this event ends: `now` is the server's receipt."""
    ending = {rule.rule for rule in policy.clocks if event in rule.stops_on}
    for clock in case.clocks:
        if clock.rule in ending and clock.met_at is None:
            if span := _standing(clock):
                span.to = now
            clock.met_at = now


def unmeet(case: Case, policy: Policy, event: str, at: datetime) -> None:
    """Let the clocks run again that an act ended which did not stand: a rejected decision."""
    ending = {rule.rule for rule in policy.clocks if event in rule.stops_on}
    for clock in case.clocks:
        if clock.rule in ending and clock.met_at == at:
            clock.met_at = None


def earliest_due(case: Case) -> float | None:
    """Return when the first running clock of an open case ends, in seconds since the epoch."""
    if case.state == "closed":
        return None
    due = [
        clock.due_at.timestamp()
        for clock in case.clocks
        if clock.due_at and not clock.met_at and not _standing(clock)
    ]
    return min(due, default=None)


def _standing(clock: Clock) -> Pause | None:
    return clock.paused[-1] if clock.paused and clock.paused[-1].to is None else None
