"""A decision in words: what it will need, what is confirmed, what is approved, what changed.

Every text from outside passes `visible()` here.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

import msgspec

from console.casework.actions import (
    AnyAction,
    BadAction,
    Decide,
    ScopeItem,
    Withheld,
    read_action,
)
from console.casework.four_eyes import disposition_of, four_eyes
from console.composing.deciding import Ground, item_words, range_of, unverified
from console.wording import when
from local_cache.hostile import Hostile
from local_cache.records import ActionRecord, Case, DataItem, Disposition, Policy

Told = tuple[str, str]
"""A line and its role."""

_BREAKS_GLASS: Final = (
    "BREAKS THE GLASS: data goes to a requester who is not verified as the policy asks. The "
    "lowest tier at most; recorded as such, and reviewed afterwards."
)
_LONGEST: Final = 16 * 1024
"""Characters of a rationale that are shown beside a confirmation or an approval."""


def why_two(conditions: Iterable[str]) -> list[str]:
    """Say in words why a decision needs a second person."""
    return [_condition(one) for one in conditions]


def _condition(condition: str) -> str:
    name, _, value = condition.partition(":")
    if condition.startswith("tier>="):
        return f"data of {condition[6:]} or above is granted"
    if condition.startswith("subjects>"):
        return f"data of more than {condition[9:]} subjects is granted"
    words = {
        "signal:red": "a red signal about the requester",
        "signal:amber": "an amber or red signal about the requester",
        "requester:first_contact": "first contact with this agency",
        "break_glass": "the glass is broken",
        "always": "the policy always asks for one with this disposition",
    }
    if name == "sensitivity" and value:
        return f"sensitive: {value.replace('_', ' ')}"
    return words.get(condition, f"the policy's condition {condition}")


def foretold(ground: Ground, action: Decide | None) -> list[Told]:
    """Say beforehand what a decision will need and do, as far as it is filled in."""
    disposition = None if action is None else disposition_of(ground.policy, action.disposition)
    if action is None or disposition is None:
        return []
    return [*_second(ground, action), *_consequences(ground, action, disposition)]


def _second(ground: Ground, action: Decide) -> Iterator[Told]:
    why = why_two(four_eyes(ground.case, action, ground.policy, ground.register))
    if why:
        yield f"Needs a second person (an approver): {'; '.join(why)}.", "warning"
    else:
        yield "One person is enough, as far as it is filled in.", "muted"


def _consequences(ground: Ground, action: Decide, disposition: Disposition) -> Iterator[Told]:
    if action.break_glass:
        yield _BREAKS_GLASS, "error"
    if disposition.closes:
        yield "Closes the case.", "muted"
    lacking = unverified(ground, disposition)
    if lacking and not action.break_glass:
        yield f"Not verified: {lacking}.", "warning"


# --- Confirming ---------------------------------------------------------------------------------


def confirmed(ground: Ground, action: Decide) -> list[Told]:
    """Tell what the digits will confirm: disposition, scope in words, what it stands on."""
    disposition = disposition_of(ground.policy, action.disposition)
    label = _shown(disposition.label) if disposition else ""
    lines: list[Told] = [(f"decide     {label} ({action.disposition})", "heading")]
    lines += [told for told in foretold(ground, action) if told[1] != "muted"]
    if disposition is not None and disposition.closes:
        lines.append(("closes     the case", "warning"))
    lines.append(("", "text"))
    lines += _scope_words(ground.case, action.scope_granted, action.withheld)
    lines += _answers(ground.policy, msgspec.to_builtins(action))
    return lines


def _scope_words(
    case: Case, granted: Sequence[ScopeItem], withheld: Sequence[Withheld]
) -> Iterator[Told]:
    for item in granted:
        data = DataItem(tier=item.tier, category=item.category, subject=item.subject,
                        from_=item.from_, to=item.to)  # fmt: skip
        span = range_of(data)
        yield f"GRANT      {item_words(case, data)}{f'  {span} UTC' if span else ''}", "warning"
    if not granted:
        yield "GRANT      nothing: no data is disclosed", "text"
    for held in withheld:
        data = DataItem(tier=held.tier, category=held.category, subject=held.subject)
        yield f"WITHHOLD   {item_words(case, data)}  because {held.reason or '?'}", "text"


def _answers(policy: Policy, body: dict[str, Any]) -> Iterator[Told]:
    """Tell the other members of a decision's body; its texts are plain or hostile."""
    if body.get("rationale"):
        yield from _long("rationale  ", body["rationale"])
    labels = {reason.code: _shown(reason.label) for reason in policy.reasons}
    codes = [_word(code) for code in _list(body.get("reasons"))]
    if codes:
        named = "; ".join(f"{labels.get(code) or code} ({code})" for code in codes)
        yield f"reasons    {named}", "text"
    tests = [
        f"{name} {_word(body[member])}"
        for member, name in (("statutory_test_met", "statute"), ("policy_test_met", "policy"))
        if member in body
    ]
    if tests:
        yield f"tests      {', '.join(tests)}", "text"
    if "good_faith" in body:
        yield f"good faith {_yes(body['good_faith'])}", "text"
    if body.get("legal_basis"):
        yield f"basis      {_word(body['legal_basis'])}", "text"
    notice = body.get("user_notice")
    if isinstance(notice, dict):
        told = cast("dict[str, Any]", notice)
        words = (_word(told.get(name)) for name in ("decision", "until", "reason"))
        yield f"notice     {', '.join(filter(None, words))}", "text"
    seen = [_word(one) for one in _list(body.get("seen"))]
    if seen:
        yield f"seen       {', '.join(seen)}", "text"


# --- Approving ----------------------------------------------------------------------------------


def to_approve(case: Case, record: ActionRecord, policy: Policy) -> list[Told]:
    """Tell the decision that waits for a second person, whole: what they put their name under."""
    body = record.fields()
    code = _word(body.get("disposition"))
    disposition = disposition_of(policy, code)
    label = _shown(disposition.label) if disposition else ""
    offline = ", recorded offline" if record.offline else ""
    lines: list[Told] = [
        (f"decision   {label} ({code})", "heading"),
        (f"by         {record.by or 'unknown'} {when(record.at)}{offline}", "text"),
    ]
    decision = _read(record)
    if body.get("break_glass"):
        lines.append(
            ("BREAKS THE GLASS: the requester is not verified as the policy asks", "error")
        )
    if decision is None:
        lines.append(("Part of it cannot be read here: look at it on the server.", "error"))
    else:
        why = why_two(four_eyes(case, decision, policy))
        if why:
            lines.append((f"two people {'; '.join(why)}", "warning"))
        lines += _scope_words(case, decision.scope_granted, decision.withheld)
    return [*lines, *_answers(policy, body)]


def _read(record: ActionRecord) -> Decide | None:
    try:
        action: AnyAction = read_action(bytes(record.body))
    except BadAction:
        return None
    return action if isinstance(action, Decide) else None


# --- What changed meanwhile ---------------------------------------------------------------------


def changes(before: Case, after: Case) -> list[str]:
    """Say what changed in what a decision stands on; what we did ourselves is on both sides."""
    found: list[str] = []
    for what, old, new in (
        ("message", before.messages, after.messages),
        ("attachment", before.attachments, after.attachments),
        ("decision", before.decisions, after.decisions),
        ("response", before.responses, after.responses),
        ("enforcement", before.enforcements, after.enforcements),
        ("note", before.notes, after.notes),
    ):
        new_ids = [one.id for one in new if one.id not in {each.id for each in old}]
        if new_ids:
            found.append(f"{len(new_ids)} new {what}{'s' if len(new_ids) > 1 else ''}")
    for what, old, new in (
        ("the request", before.request, after.request),
        ("the subjects", before.subjects, after.subjects),
        ("who asks", _who(before), _who(after)),
        ("the verification", _verified(before), _verified(after)),
        ("the signals", _signals(before), _signals(after)),
        ("the state", before.state, after.state),
        ("the priority", before.priority, after.priority),
        ("the queue", before.queue, after.queue),
        ("sensitivities", before.sensitivities, after.sensitivities),
    ):
        if old != new:
            words = f" ({old} → {new})" if isinstance(old, str) and isinstance(new, str) else ""
            found.append(f"{what} changed{words}")
    return found


def _who(case: Case) -> Any:
    who = case.requester
    return who and (who.name, who.agency, who.agency_id, who.email, who.phone, who.supervisor)


def _verified(case: Case) -> Any:
    if case.requester is None:
        return None
    checks = case.requester.verification.checks
    made = sorted((one.id, one.result) for one in checks if one.result != "PENDING")
    return (case.requester.verification.state, made)


def _signals(case: Case) -> Any:
    return case.requester and sorted((one.id, one.level) for one in case.requester.signals)


# --- Inside -------------------------------------------------------------------------------------


def _long(label: str, text: Any) -> Iterator[Told]:
    hostile = text if isinstance(text, Hostile) else Hostile(str(text))
    shown = Hostile(hostile.raw[:_LONGEST]).visible(multiline=True).split("\n")
    for number, line in enumerate(shown):
        yield (label if number == 0 else " " * len(label)) + line, "text"
    if len(hostile) > _LONGEST:
        yield f"({len(hostile) - _LONGEST:,} more characters)", "warning"


def _word(value: Any) -> str:
    if value is None:
        return ""
    return value.visible() if isinstance(value, Hostile) else Hostile(str(value)).visible()


def _yes(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else _word(value)


def _list(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, (list, tuple)) else []


def _shown(text: Hostile | None) -> str:
    return text.visible() if text else ""
