"""When a decision needs a second pair of eyes: the policy's `four_eyes_when` conditions."""

import re
from typing import Final

from console.casework.actions import Decide
from local_cache.records import Case, Disposition, Policy, RegisteredAgency

_TIER: Final = re.compile(r"tier>=(?P<tier>[A-Za-z0-9._-]+)")
_SUBJECTS: Final = re.compile(r"subjects>(?P<count>\d{1,6})")
_TIER_NUMBER: Final = re.compile(r"[A-Za-z]*(?P<number>\d{1,6})")


def tier_number(tier: str) -> int | None:
    """Return the number in a tier's code (`T4`: 4); a higher one is more intrusive."""
    found = _TIER_NUMBER.fullmatch(tier)
    return int(found["number"]) if found else None


def disposition_of(policy: Policy, code: str) -> Disposition | None:
    """Look up a disposition of the policy."""
    return next((known for known in policy.dispositions if known.code == code), None)


def four_eyes(
    case: Case,
    decision: Decide,
    policy: Policy,
    register: tuple[RegisteredAgency, ...] = (),
) -> tuple[str, ...]:
    """Return the conditions that make this decision need an approval; empty where none does.

    Without a register, only an agency without an id counts as a first contact.
    """
    disposition = disposition_of(policy, decision.disposition)
    if disposition is None:
        return ()
    conditions = (condition.visible() for condition in disposition.four_eyes_when)
    return tuple(
        condition for condition in conditions if holds(condition, case, decision, register)
    )


def holds(
    condition: str, case: Case, decision: Decide, register: tuple[RegisteredAgency, ...] = ()
) -> bool:
    """Evaluate one condition. One that is not known here counts as true (contract, section 5)."""
    tier = _TIER.fullmatch(condition)
    if tier is not None:
        return _reaches(decision, tier["tier"])
    subjects = _SUBJECTS.fullmatch(condition)
    if subjects is not None:
        return _granted_subjects(case, decision) > int(subjects["count"])
    name, _, value = condition.partition(":")
    signals = case.requester.signals if case.requester else ()
    if name == "signal" and value in ("red", "amber"):
        levels = ("red",) if value == "red" else ("amber", "red")  # red is worse than amber
        return any(signal.level in levels for signal in signals)
    if condition == "requester:first_contact":
        first = any(signal.id == "first_contact" for signal in signals)
        return first or not _listed(case, register)
    if name == "sensitivity" and value:
        return value in case.sensitivities
    if condition == "break_glass":
        return decision.break_glass
    return True


def _granted_subjects(case: Case, decision: Decide) -> int:
    """Count whose data is granted; an item that names nobody stands for everybody."""
    named = {item.subject for item in decision.scope_granted}
    return max(len(case.subjects), len(named)) if None in named else len(named)


def _listed(case: Case, register: tuple[RegisteredAgency, ...]) -> bool:
    wanted = case.requester.agency_id if case.requester else None
    if wanted is None or not register:
        return wanted is not None
    return any(agency.id == wanted and agency.status in (None, "active") for agency in register)


def _reaches(decision: Decide, tier: str) -> bool:
    """Tell whether data of `tier` or a more intrusive one is granted; in doubt, it is."""
    limit = tier_number(tier)
    for item in decision.scope_granted:
        number = tier_number(item.tier)
        if limit is None or number is None or number >= limit:
            return True
    return False
