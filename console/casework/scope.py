"""What was asked, what is granted, what is given: data never grows on its way (DOMAIN 4.3).

A grant stays within what was asked, a response within what was granted.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from console.casework import actions as act
from console.casework.findings import Finding
from console.casework.four_eyes import disposition_of, tier_number
from console.casework.judged import Judged, one_of
from local_cache.records import ActionRecord, DataItem, Policy
from local_cache.shapes import ready

Named = TypeVar("Named", act.ScopeItem, act.Withheld)


class Item(Protocol):
    """Whatever names data: a tier, a category, a subject."""

    @property
    def tier(self) -> str: ...  # noqa: D102
    @property
    def category(self) -> str | None: ...  # noqa: D102
    @property
    def subject(self) -> str | None: ...  # noqa: D102


def describe(item: Item) -> str:
    """Name data in a few words."""
    parts = (item.tier, item.category, f"of {item.subject}" if item.subject else None)
    return " ".join(part for part in parts if part)


def covers(wide: Item, narrow: Item) -> bool:
    """Tell whether data named by `narrow` lies within `wide`: what is not named leaves it open."""
    return (
        wide.tier == narrow.tier
        and (wide.category is None or wide.category == narrow.category)
        and (wide.subject is None or wide.subject == narrow.subject)
    )


def within(asked: DataItem, granted: act.ScopeItem) -> bool:
    """Tell whether a grant stays within one item of what was asked, range of time included."""
    return (
        covers(asked, granted)
        and _not_before(granted.from_, asked.from_)
        and _not_before(asked.to, granted.to)
    )


def _not_before(later: datetime | None, earlier: datetime | None) -> bool:
    """Tell whether a bound of the narrower range keeps to the wider; an open one is widest."""
    return earlier is None or (later is not None and later >= earlier)


def lowest_tier(policy: Policy) -> str | None:
    """Return the least intrusive tier that is data at all: T0 is what is public anyway."""
    numbered = [(tier_number(tier.code), tier.code) for tier in policy.tiers]
    data = sorted((number, code) for number, code in numbered if number)
    return data[0][1] if data else None


def judge_scope(judged: Judged, action: act.Decide) -> list[Finding]:
    """Find what is granted beyond what was asked, or said in words that the policy lacks."""
    request = judged.case.request
    asked = request.data_sought if request else ()
    unasked = not asked and _tells_unasked(judged, action)
    lowest = lowest_tier(judged.policy)
    findings: list[Finding] = []
    for number, item in enumerate(action.scope_granted):
        place = f"/scope_granted/{number}"
        findings += _known(judged, place, item)
        if not unasked and not any(within(one, item) for one in asked):
            findings.append(Finding(place, _beyond(item, asked), code="scope"))
        if (
            action.break_glass
            and lowest is not None
            and (tier_number(item.tier) or 99) > (tier_number(lowest) or 0)
        ):
            detail = f"breaking the glass grants no more than {lowest}"
            findings.append(Finding(f"{place}/tier", detail, code="break-glass"))
    for number, held in enumerate(action.withheld):
        place = f"/withheld/{number}"
        findings += _known(judged, place, held)
        if held.reason is None:
            findings.append(Finding(f"{place}/reason", "must be given", code="missing"))
        known = [reason.code for reason in judged.policy.reasons]
        findings += one_of(f"{place}/reason", "reason", held.reason, known)
    return findings


def _tells_unasked(judged: Judged, action: act.Decide) -> bool:
    """Tell whether a disposition tells an authority unasked: there is no requester to verify.

    Then nothing was asked that could bound it, but the policy's tiers and the case's subjects.
    """
    disposition = disposition_of(judged.policy, action.disposition)
    return disposition is not None and disposition.verification is None


def _known(judged: Judged, place: str, item: Item) -> list[Finding]:
    findings = one_of(f"{place}/tier", "tier", item.tier, judged.tier_codes())
    if item.subject is not None and item.subject not in judged.subject_ids():
        detail = f"{item.subject} is no subject of this case"
        findings.append(Finding(f"{place}/subject", detail, code="unknown-code"))
    return findings


def _beyond(item: act.ScopeItem, asked: Sequence[DataItem]) -> str:
    if any(covers(one, item) for one in asked):
        return "the range of time is wider than what was asked"
    return f"{describe(item)} was not asked for"


def granted_by(decision: ActionRecord) -> tuple[act.ScopeItem, ...]:
    """Return what a decision grants; what cannot be read grants nothing."""
    return _items(decision, "scope_granted", act.ScopeItem)


def withheld_by(decision: ActionRecord) -> tuple[act.Withheld, ...]:
    """Return what a decision withholds of what was asked for."""
    return _items(decision, "withheld", act.Withheld)


def _items(decision: ActionRecord, member: str, kind: type[Named]) -> tuple[Named, ...]:
    body: dict[str, Any] = msgspec.json.decode(decision.body)
    found: list[Named] = []
    for item in body.get(member) or ():
        try:
            found.append(msgspec.convert(item, ready(kind)))
        except msgspec.ValidationError:
            continue
    return tuple(found)


def beyond_grant(
    granted: Sequence[act.ScopeItem], given: Iterable[act.Disclosed]
) -> list[tuple[int, act.Disclosed]]:
    """Return, with their places, the items that no item of the grant covers."""
    return [
        (number, item)
        for number, item in enumerate(given)
        if not any(covers(grant, item) for grant in granted)
    ]
