"""The action that the answers of a decision make, and what stands against it. No Textual here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from console.casework.findings import Finding
from console.composing.deciding import (
    GRANT,
    WITHHOLD,
    Ground,
    chosen,
    range_of,
    shown_now,
    typed,
    unverified,
)
from console.composing.forms import Field, Values, answer, parse_when
from local_cache.records import DataItem


class Made(Struct, frozen=True):
    """The action that the answers make."""

    body: dict[str, Any]
    faults: tuple[Finding, ...]
    """What is wrong with the answers themselves; pointers are names of questions."""
    places: dict[str, str]
    """For members of the body that come from several questions: pointer to question."""


# --- What the answers make ----------------------------------------------------------------------


def make(ground: Ground, fields: Sequence[Field], values: Values, now: datetime) -> Made:
    """Make the action's body of the answers to the questions that are asked."""
    asked = shown_now(fields, values)
    given = {name: value for name, value in values.items() if name in asked and value}
    body: dict[str, Any] = {"type": "decide"}
    faults: list[Finding] = []
    for name in ("disposition", "reasons", "rationale", "legal_basis", "statutory_test_met",
                 "policy_test_met", "seen"):  # fmt: skip
        value = given.get(f"/{name}")
        if value:
            body[name] = list(value) if isinstance(value, tuple) else value
    if "/good_faith" in given:
        body["good_faith"] = given["/good_faith"] == "yes"
    if given.get("/break_glass") == "yes":
        body["break_glass"] = True
    _put_notice(body, given, now, faults)
    scope = _Scope(asked, given)
    for number, item in enumerate(ground.asked):
        if f"/scope/{number}" in asked:
            scope.take(f"/scope/{number}", item)
    for one in given.get("/unasked", ()):
        scope.tell(one)
    if scope.granted:
        body["scope_granted"] = scope.granted
    if scope.withheld:
        body["withheld"] = scope.withheld
    faults += scope.faults
    if "/break_glass" in asked and not body.get("break_glass"):
        faults += _verify_or_break(ground, values, granted=bool(scope.granted))
    return Made(body, tuple(faults), scope.places)


def _verify_or_break(ground: Ground, values: Values, *, granted: bool) -> list[Finding]:
    one = chosen(ground, values)
    lacking = unverified(ground, one) if one is not None else ""
    if lacking:
        return [Finding("/break_glass", f"{lacking}; or break the glass", code="verification")]
    if granted:
        detail = "the policy's test is not met: grant nothing, or break the glass"
        return [Finding("/break_glass", detail, code="tests")]
    return []


def _put_notice(body: dict[str, Any], given: Values, now: datetime, faults: list[Finding]) -> None:
    decision = answer(given, "/user_notice/decision")
    if not decision:
        return
    notice = body["user_notice"] = {"decision": decision}
    reason = answer(given, "/user_notice/reason")
    if reason.strip():
        notice["reason"] = reason
    until = answer(given, "/user_notice/until")
    if until.strip():
        try:
            notice["until"] = _wire(parse_when(until, now.replace(microsecond=0)))
        except ValueError as error:
            faults.append(Finding("/user_notice/until", str(error)))


class _Scope:
    """Collects what is granted and what is withheld, and where each was said."""

    def __init__(self, asked: frozenset[str], given: Values) -> None:
        self.asked = asked
        self.given = given
        self.granted: list[dict[str, Any]] = []
        self.withheld: list[dict[str, Any]] = []
        self.places: dict[str, str] = {}
        self.faults: list[Finding] = []

    def take(self, name: str, item: DataItem) -> None:
        """Take what was said about one item of what was asked."""
        said = answer(self.given, name)
        if said == GRANT:
            self._grant(name, item)
        elif said:
            self._withhold(name, item, said.removeprefix(WITHHOLD))
        else:
            detail = "grant it, or withhold it with a reason"
            self.faults.append(Finding(name, detail, code="missing"))

    def tell(self, one: str) -> None:
        """Take a tier of data of a subject that is told unasked."""
        tier, _, subject = one.partition(" ")
        self.places[f"/scope_granted/{len(self.granted)}"] = "/unasked"
        self.granted.append({"tier": tier, "subject": subject})

    def _grant(self, name: str, item: DataItem) -> None:
        try:
            bounds = _bounds(item, answer(self.given, f"{name}/range"))
        except ValueError as error:
            self.faults.append(Finding(f"{name}/range", str(error)))
            return
        narrowed = f"{name}/narrowed" in self.asked
        place = f"{name}/range" if narrowed else name
        self.places[f"/scope_granted/{len(self.granted)}"] = place
        self.granted.append(_named(item) | bounds)
        if not narrowed:
            return
        reason = answer(self.given, f"{name}/narrowed")
        if reason:
            self._withhold(f"{name}/narrowed", item, reason)
        else:
            self.faults.append(Finding(f"{name}/narrowed", "why?", code="missing"))

    def _withhold(self, name: str, item: DataItem, reason: str) -> None:
        self.places[f"/withheld/{len(self.withheld)}"] = name
        self.withheld.append(_named(item) | {"reason": reason})


def _bounds(item: DataItem, text: str) -> dict[str, Any]:
    """Read a range; a bound left as it was shown is the one that was asked, to the millisecond."""
    if not text.strip():
        return {}
    start, dots, end = text.partition("..")
    if not dots:
        raise ValueError("type it as: 2026-11-21 13:00 .. 2026-11-23 09:00 (UTC)")
    bounds = {
        "from": _bound(start.strip(), item.from_),
        "to": _bound(end.strip(), item.to),
    }
    return {name: _wire(bound) for name, bound in bounds.items() if bound is not None}


def _bound(text: str, asked: datetime | None) -> datetime | None:
    if not text:
        return None
    if asked is not None and text == typed(asked):
        return asked
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no time: 2026-11-21 13:00 (UTC)") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


# --- What stands against it ---------------------------------------------------------------------


def beside(
    fields: Sequence[Field], made: Made, findings: Iterable[Finding]
) -> tuple[dict[str, str], list[Finding]]:
    """Sort findings to the questions they are about; return also those about the whole."""
    by_question: dict[str, str] = {one.pointer: one.detail for one in made.faults}
    whole: list[Finding] = []
    names = [field.name for field in fields]
    asked_to_break = any(one.code == "verification" for one in made.faults)
    for found in findings:
        if asked_to_break and found.code == "verification":
            continue  # said beside the question whether to break the glass
        name, detail = _question_of(found, made, names)
        if name is None:
            whole.append(found)
        elif name not in by_question:
            by_question[name] = detail
    return by_question, whole


def _question_of(found: Finding, made: Made, names: Sequence[str]) -> tuple[str | None, str]:
    pointer = found.pointer
    for place, name in made.places.items():
        if pointer == place or pointer.startswith(place + "/"):
            return name, found.detail
    if pointer in ("/scope_granted", "/withheld"):
        done = "granted" if pointer == "/scope_granted" else "withheld"
        items = [name for name in names if name.startswith("/scope/") and name.count("/") == 2]
        last = items[-1] if items else "/unasked"
        return last, f"nothing is {done}, and {found.detail}"
    if pointer == "/user_notice":
        return "/user_notice/decision", found.detail
    known = [name for name in names if pointer == name or pointer.startswith(name + "/")]
    return max(known, key=len, default=None), found.detail


# --- Drafts -------------------------------------------------------------------------------------


def to_draft(ground: Ground, values: Mapping[str, str | tuple[str, ...]]) -> dict[str, Any]:
    """Return what is kept of a decision that is being made, as plain JSON data."""
    kept = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if v}
    return {"values": kept, "asked": [_identity(item) for item in ground.asked]}


def from_draft(ground: Ground, content: Mapping[str, Any]) -> tuple[Values, bool]:
    """Return the answers that a draft kept, and whether all of them still make sense.

    What was said about the scope is given up where something else is asked for now.
    """
    kept: dict[str, str | list[str]] = content.get("values") or {}
    same = content.get("asked") == [_identity(item) for item in ground.asked]
    values: dict[str, str | tuple[str, ...]] = {
        name: value if isinstance(value, str) else tuple(value)
        for name, value in kept.items()
        if same or not name.startswith("/scope/")
    }
    return values, same


def _identity(item: DataItem) -> list[str | None]:
    return [item.tier, item.category, item.subject, range_of(item)]


def _named(item: DataItem) -> dict[str, Any]:
    named = {"tier": item.tier, "category": item.category, "subject": item.subject}
    return {name: value for name, value in named.items() if value is not None}


def _wire(moment: datetime) -> str:
    # To the microsecond: a bound cut off to milliseconds would be wider than what was asked.
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
