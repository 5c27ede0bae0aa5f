"""What a decision asks for, and the action that the answers make. No Textual here.

Which questions are asked follows from the policy's `needs` of the disposition that is picked; what
was answered to a question that is no longer asked is kept, and left out of the action. A grant is
picked from what was asked, so that it cannot grow; where nobody asked for data and the disposition
tells an authority unasked, from the policy's tiers and the case's subjects.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

from console.casework import levels
from console.casework.four_eyes import disposition_of, tier_number
from console.casework.judge_decision import NOTICES
from console.casework.scope import lowest_tier
from console.composing.forms import Field, Option, Shown, Values, answer
from console.wording import MASKED_FROM, when
from local_cache.hostile import Hostile
from local_cache.records import (
    Case,
    DataItem,
    Disposition,
    Policy,
    Reason,
    RegisteredAgency,
    Specialist,
)

GRANT: Final = "grant"
WITHHOLD: Final = "withhold:"
MOST_ITEMS: Final = 40
"""Items of what was asked that are offered one by one; of more, the rest stays withheld."""
_RANGE: Final = " .. "

_ASKED: Final = frozenset(
    {
        "reasons", "rationale", "legal_basis", "statutory_test_met", "policy_test_met",
        "good_faith", "scope_granted", "withheld", "user_notice", "seen",
    }
)  # fmt: skip
"""The members that this console knows how to ask for."""

_NOTICE_WORDS: Final = {
    "notify_before": "tell the user before",
    "notify_after": "tell the user after",
    "delay_until": "tell the user later, at a set time",
    "prohibited": "the law or an order forbids telling",
    "no_notice_exception": "do not tell: an exception",
}


class Ground(Struct, frozen=True, kw_only=True):
    """What a decision stands on."""

    case: Case
    policy: Policy
    me: Specialist
    register: tuple[RegisteredAgency, ...] = ()
    here: frozenset[str] = frozenset()
    """Hashes of the attachments whose bytes are here; others cannot have been seen."""

    @property
    def asked(self) -> tuple[DataItem, ...]:
        """What the requester asked for, as far as it is offered one by one."""
        request = self.case.request
        return request.data_sought[:MOST_ITEMS] if request else ()


# --- What can be decided ------------------------------------------------------------------------


def chosen(ground: Ground, values: Values) -> Disposition | None:
    """Return the disposition that is picked."""
    return disposition_of(ground.policy, answer(values, "/disposition"))


def grants(disposition: Disposition) -> bool:
    """Tell whether data can be granted with a disposition."""
    tiers = any(one.raw.startswith("tier>=") for one in disposition.four_eyes_when)
    return "scope_granted" in disposition.needs or tiers


def unverified(ground: Ground, disposition: Disposition) -> str:
    """Say which checks are missing for the level that a disposition needs; empty where none is."""
    needed = disposition.verification
    if needed is None or levels.suffices(ground.policy, levels.state_of(ground.case), needed):
        return ""
    checks = levels.checks_of(ground.case)
    missing = levels.missing_for(ground.policy, needed, checks)
    if not missing and needed in ground.policy.verification.levels:
        return f"needs {needed}: the checks reach it, judge the whole (v)"
    wanted = ", ".join(" or ".join(group) for group in missing)
    return f"needs {needed}: missing {wanted}" if wanted else f"needs {needed}"


def impossible(ground: Ground, disposition: Disposition) -> str:
    """Say why a disposition cannot pass as the case stands; empty where it can.

    One that grants data can pass without the verification it needs, by breaking the glass: that is
    asked for then.
    """
    strange = [need for need in disposition.needs if need not in _ASKED and need != "break_glass"]
    if strange:
        return f"the policy asks for {', '.join(strange)}, which this console cannot fill in"
    if not grants(disposition):
        lacking = unverified(ground, disposition)
        if lacking:
            return lacking
    if "scope_granted" in disposition.needs and not ground.asked and not _unasked(disposition):
        return "nothing was asked for that could be granted"
    if "seen" in disposition.needs and not _seeable(ground):
        return "the policy asks what was seen, and the case has no message, nor a file here"
    return ""


# --- The questions ------------------------------------------------------------------------------


def questions(ground: Ground) -> tuple[Field, ...]:
    """Return every question that any disposition asks, in the order in which they are asked."""
    return (
        _disposition(ground),
        _break_glass(ground),
        *_tests(ground),
        *_scope(ground),
        _unasked_scope(ground),
        Field("/reasons", "Reasons", "many", _reasons(ground), rows=9,
              shown=lambda values: _needs(ground, values, "reasons")),
        *_notice(ground),
        _seen(ground),
        Field("/rationale", "Rationale", "text", help="Why, from what was seen.",
              shown=lambda values: _needs(ground, values, "rationale")),
    )  # fmt: skip


def _disposition(ground: Ground) -> Field:
    def option(one: Disposition) -> Option:
        note = one.code
        if grants(one) and unverified(ground, one):
            note += " · breaks the glass"
        elif one.closes:
            note += " · closes the case"
        return Option(one.code, _shown(one.label) or one.code, note,
                      unavailable=impossible(ground, one))  # fmt: skip

    options = tuple(option(one) for one in ground.policy.dispositions)
    hint = "Type a part of it, or its code."
    return Field("/disposition", "Disposition", "choice", options, help=hint, rows=9)


def _break_glass(ground: Ground) -> Field:
    lowest = lowest_tier(ground.policy) or "the lowest tier"

    def asked(values: Values) -> bool:
        one = chosen(ground, values)
        if one is None or not grants(one):
            return False
        refused = answer(values, "/policy_test_met") == "no"
        return bool(unverified(ground, one)) or refused or "break_glass" in one.needs

    return Field(
        "/break_glass",
        "Break the glass?",
        "choice",
        (
            Option("no", "no", "verify first"),
            Option("yes", "break the glass", f"{lowest} at most, recorded, reviewed afterwards"),
        ),
        help="Only where life is at stake and nobody can be reached.",
        shown=asked,
    )


def _tests(ground: Ground) -> tuple[Field, ...]:
    tests = tuple(Option(word, word, key=word[0]) for word in ("yes", "no", "unknown"))
    claimed = _shown(ground.case.request.legal_basis_claimed) if ground.case.request else ""

    def when_needed(member: str, label: str, **more: Any) -> Field:
        return Field(f"/{member}", label, shown=lambda values: _needs(ground, values, member),
                     **more)  # fmt: skip

    return (
        when_needed("statutory_test_met", "Statutory test: does the law allow it?",
                    kind="choice", options=tests),
        when_needed("policy_test_met", "Policy test: does our own policy allow it?",
                    kind="choice", options=tests, help="A test of its own."),
        when_needed("good_faith", "Believed in good faith to be needed?", kind="choice",
                    options=tests[:2]),
        when_needed("legal_basis", "Legal basis", kind="line",
                    help=f"The request claims: {claimed}" if claimed else "The provision."),
    )  # fmt: skip


def _scope(ground: Ground) -> Iterator[Field]:
    """Ask for each item of what was asked; the range of time can be narrowed, never widened."""

    def asked(values: Values) -> bool:
        one = chosen(ground, values)
        return one is not None and (grants(one) or "withheld" in one.needs)

    reasons = sorted(ground.policy.reasons, key=lambda reason: reason.group != "scope")
    why_not = tuple(
        Option(WITHHOLD + one.code, f"withhold: {_shown(one.label)}", _code(one)) for one in reasons
    )
    narrower = tuple(Option(one.code, _shown(one.label), _code(one)) for one in reasons)
    for number, item in enumerate(ground.asked):
        name, told = f"/scope/{number}", item_words(ground.case, item)

        def granted(values: Values, name: str = name) -> bool:
            return asked(values) and answer(values, name) == GRANT

        def narrowed(values: Values, name: str = name, item: DataItem = item) -> bool:
            return granted(values, name) and answer(values, f"{name}/range") != range_of(item)

        yield Field(name, told, "choice", (Option(GRANT, "grant", key="+"), *why_not),
                    help="+ grants; or why it is withheld.", rows=7, shown=asked)  # fmt: skip
        yield Field(f"{name}/range", f"{item.tier}: from .. to (UTC)", initial=range_of(item),
                    help="May be narrowed.", shown=granted)  # fmt: skip
        yield Field(f"{name}/narrowed", f"{item.tier}: why the rest of the time is withheld",
                    "choice", narrower, shown=narrowed)  # fmt: skip


def _unasked_scope(ground: Ground) -> Field:
    """Ask what an authority is told that did not ask: tiers of data, of the case's subjects."""
    tiers = [tier for tier in ground.policy.tiers if tier_number(tier.code)]
    options = tuple(
        Option(f"{tier.code} {subject.id}",
               f"{tier.code} {_shown(tier.label)} of {subject.id} {_shown(subject.display)}")
        for subject in ground.case.subjects[:MOST_ITEMS]
        for tier in tiers
    )  # fmt: skip

    def asked(values: Values) -> bool:
        one = chosen(ground, values)
        return one is not None and grants(one) and not ground.asked and _unasked(one)

    return Field("/unasked", "What is told, unasked", "many", options, rows=9,
                 help="The least that averts the harm.", shown=asked)  # fmt: skip


def _notice(ground: Ground) -> tuple[Field, ...]:
    def asked(values: Values) -> bool:
        return _needs(ground, values, "user_notice")

    def among(*decisions: str) -> Shown:
        def picked(values: Values) -> bool:
            return asked(values) and answer(values, "/user_notice/decision") in decisions

        return picked

    options = tuple(Option(code, _NOTICE_WORDS.get(code, code), code) for code in NOTICES)
    return (
        Field("/user_notice/decision", "User notice", "choice", options, shown=asked),
        Field("/user_notice/until", "Until", "when", help="+30d, or 2026-12-24 09:00 (UTC).",
              shown=among("delay_until", "prohibited")),
        Field("/user_notice/reason", "By what: order, law, exception",
              shown=among("delay_until", "prohibited", "no_notice_exception")),
    )  # fmt: skip


def _seen(ground: Ground) -> Field:
    covered = (ground.case.graphic_level or 0) >= MASKED_FROM
    hint = "Only what you looked at." + (" Its text was covered at first." if covered else "")
    messages = tuple(message.id for message in ground.case.messages)
    return Field("/seen", "Seen", "many", _seeable(ground), () if covered else messages, hint,
                 shown=lambda values: _needs(ground, values, "seen"))  # fmt: skip


def _seeable(ground: Ground) -> tuple[Option, ...]:
    messages = (
        Option(one.id, f"{one.id} {when(one.at)} {_shown(one.subject)}")
        for one in ground.case.messages
    )
    files = (
        Option(one.id, f"{one.id} file {_shown(one.name)}")
        for one in ground.case.attachments
        if one.sha256 is not None and one.sha256.lower() in ground.here
    )
    return (*messages, *files)


def _reasons(ground: Ground) -> tuple[Option, ...]:
    """Offer the reasons group by group; those that are the case's own harms first."""
    harms = ground.case.harms
    groups = list(dict.fromkeys(reason.group for reason in ground.policy.reasons))
    wide = max((len(group or "") for group in groups), default=0)
    ordered = sorted(
        ground.policy.reasons, key=lambda one: (one.code not in harms, groups.index(one.group))
    )
    return tuple(
        Option(one.code, f"{one.group or '':<{wide}}  {_shown(one.label) or one.code}", _code(one))
        for one in ordered
    )


# --- Inside -------------------------------------------------------------------------------------


def shown_now(fields: Iterable[Field], values: Values) -> frozenset[str]:
    """Return the names of the questions that are asked as the answers stand."""
    return frozenset(field.name for field in fields if field.shown(values))


def range_of(item: DataItem) -> str:
    """Write the range of an item as it is typed; empty where it is open on both sides."""
    if item.from_ is None and item.to is None:
        return ""
    return f"{typed(item.from_)}{_RANGE}{typed(item.to)}"


def typed(moment: datetime | None) -> str:
    """Write one bound of a range as it is typed; empty where it is open."""
    if moment is None:
        return ""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%d %H:%M" + (":%S" if utc.second or utc.microsecond else ""))


def item_words(case: Case, item: DataItem) -> str:
    """Name an item of data for a person: tier, category, whose."""
    shown = {one.id: _shown(one.display) for one in case.subjects}
    category = (item.category or "").replace("_", " ")
    whose = f"of {item.subject} {shown.get(item.subject, '')}" if item.subject else ""
    return " ".join(f"{item.tier} {category} {whose}".split())


def _needs(ground: Ground, values: Values, member: str) -> bool:
    one = chosen(ground, values)
    return one is not None and member in one.needs


def _unasked(disposition: Disposition) -> bool:
    """Tell whether a disposition tells somebody unasked: there is no requester to verify."""
    return disposition.verification is None and grants(disposition)


def _code(reason: Reason) -> str:
    return f"{reason.code} · internal" if reason.internal else reason.code


def _shown(text: Hostile | None) -> str:
    return text.visible() if text else ""
