"""Verification levels: which of the policy's levels the checks reach (contract, section 5).

In a level each inner list is any-of, all of the lists are needed, and a level of higher `order`
contains the lower ones.
"""

from collections.abc import Iterable
from typing import Final

from local_cache.records import Case, Check, Policy

UNJUDGED: Final = ("UNVERIFIED", "IN_PROGRESS", "FAILED", "SUSPECTED_FRAUD")
"""The states of a verification that are no level (DOMAIN 10.1)."""


def checks_of(case: Case) -> tuple[Check, ...]:
    """Return the checks made on the case's requester."""
    return case.requester.verification.checks if case.requester else ()


def state_of(case: Case) -> str:
    """Return the state of verification as it was judged."""
    return case.requester.verification.state if case.requester else "UNVERIFIED"


def levels_reached(policy: Policy, checks: Iterable[Check]) -> tuple[str, ...]:
    """Return the levels that the checks reach, lowest first."""
    passed = {check.id for check in checks if check.result == "PASS"}
    reached: list[str] = []
    for name in _in_order(policy):
        if not all(any(one in passed for one in group) for group in level_groups(policy, name)):
            break
        reached.append(name)
    return tuple(reached)


def missing_for(policy: Policy, level: str, checks: Iterable[Check]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of checks of which at least one still has to pass for `level`."""
    passed = {check.id for check in checks if check.result == "PASS"}
    rules = policy.verification.levels
    if level not in rules:
        return ()
    wanted = [name for name in _in_order(policy) if rules[name].order <= rules[level].order]
    groups = dict.fromkeys(group for name in wanted for group in level_groups(policy, name))
    return tuple(group for group in groups if not passed.intersection(group))


def level_groups(policy: Policy, level: str) -> tuple[tuple[str, ...], ...]:
    """Return the any-of groups that the level itself names."""
    return policy.verification.levels[level].all


def suffices(policy: Policy, state: str, needed: str | None) -> bool:
    """Tell whether a verification judged as `state` is at least the level `needed`.

    A level that the policy does not describe is reached only by its own name.
    """
    if needed is None or state == needed:
        return True
    levels = policy.verification.levels
    if needed not in levels or state not in levels:
        return False
    return levels[state].order >= levels[needed].order


def suggested_state(policy: Policy, checks: Iterable[Check]) -> str:
    """Return the state that the checks speak for; the specialist judges.

    A failed check is a sign, not a verdict: the suggestion is then IN_PROGRESS at most, and whether
    it is FAILED or SUSPECTED_FRAUD is for a person to say.
    """
    made = [check for check in checks if check.result != "PENDING"]
    if not made:
        return "UNVERIFIED"
    if any(check.result == "FAIL" for check in made):
        return "IN_PROGRESS"
    reached = levels_reached(policy, made)
    return reached[-1] if reached else "IN_PROGRESS"


def _in_order(policy: Policy) -> list[str]:
    levels = policy.verification.levels
    return sorted(levels, key=lambda name: (levels[name].order, name))
