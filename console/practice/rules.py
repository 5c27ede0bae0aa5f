"""How the desk reads its policy: verification levels, four eyes, the verified address."""

import re
from collections.abc import Iterable

from console.practice.around import Agency, Level, Policy
from console.practice.bodies import Decide
from console.practice.wire import Case, Record


def reached(case: Case, level: Level) -> bool:
    """Tell whether the checks of a case reach a level: of each inner list, one passed."""
    checks = [] if case.requester is None else case.requester.verification.checks
    passed = {check.id for check in checks if check.result == "PASS"}
    return all(any(check in passed for check in choice) for choice in level.all)


def stands_at(case: Case, policy: Policy, wanted: str) -> bool:
    """Tell whether the judged verification state contains the wanted level."""
    levels = policy.verification.levels
    state = "UNVERIFIED" if case.requester is None else case.requester.verification.state
    return state in levels and wanted in levels and levels[state].order >= levels[wanted].order


def tier_order(policy: Policy) -> dict[str, int]:
    """Return how intrusive each tier is."""
    return {tier.code: place for place, tier in enumerate(policy.tiers)}


def four_eyes(case: Case, decision: Decide, policy: Policy, register: Iterable[Agency]) -> bool:
    """Tell whether any condition of the disposition asks for a second person."""
    chosen = next((d for d in policy.dispositions if d.code == decision.disposition), None)
    conditions = [] if chosen is None else chosen.four_eyes_when
    known = {agency.id for agency in register if agency.status == "active"}
    return any(_holds(condition, case, decision, policy, known) for condition in conditions)


def _holds(condition: str, case: Case, decision: Decide, policy: Policy, known: set[str]) -> bool:
    order = tier_order(policy)
    signals = [] if case.requester is None else case.requester.signals
    subjects = {item.subject for item in decision.scope_granted if item.subject}
    if found := re.fullmatch(r"tier>=(\w+)", condition):
        floor = order.get(found[1], 0)
        return any(order.get(item.tier, floor) >= floor for item in decision.scope_granted)
    if found := re.fullmatch(r"signal:(red|amber)", condition):
        return any(signal.level == found[1] for signal in signals)
    if found := re.fullmatch(r"sensitivity:(\w+)", condition):
        return found[1] in case.sensitivities
    if found := re.fullmatch(r"subjects>(\d+)", condition):
        return len(subjects) > int(found[1])
    if condition == "requester:first_contact":
        agency = None if case.requester is None else case.requester.agency_id
        return agency not in known or any(signal.id == "first_contact" for signal in signals)
    if condition == "break_glass":
        return decision.break_glass
    return True  # `always`, and what this desk does not know: the careful reading


def decision_record(case: Case, decision_id: str | None) -> Record | None:
    """Return the decision if it is the one in force on the case: the newest, and not rejected."""
    newest = case.decisions[-1] if case.decisions else None
    if newest is None or newest.id != decision_id or _rejected(case, newest.id):
        return None
    return newest


def approved_where_needed(case: Case, decision_id: str) -> bool:
    """Tell whether a decision has the second pair of eyes, or needs none."""
    approval = case.approval
    return approval is None or approval.for_ != decision_id or approval.given_by is not None


def _rejected(case: Case, decision_id: str) -> bool:
    approval = case.approval
    return (
        approval is not None
        and approval.for_ == decision_id
        and not approval.needed
        and approval.given_by is None
    )


def verified_addresses(
    case: Case, policy: Policy, wanted: str | None, register: dict[str, Agency]
) -> set[str]:
    """Return where data of this case may go: the verified requester, the register's own contact."""
    requester = case.requester
    if requester is None:
        return set()
    addresses: set[str] = set()
    if requester.email and (wanted is None or stands_at(case, policy, wanted)):
        addresses.add(requester.email)
    agency = register.get(requester.agency_id or "")
    if agency is not None and agency.status == "active" and agency.spoc is not None:
        addresses.update((agency.spoc.email, agency.spoc.phone))
    return addresses
