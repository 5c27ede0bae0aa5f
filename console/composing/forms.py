"""Forms as data: fields, and the body of an action that the answers make.

A field's name is the JSON pointer of its member in the action's body, so that a finding of the
policy or of the server stands beside the field that it is about. No Textual here.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from console.casework.findings import Finding

Kind = Literal["choice", "many", "line", "text", "when"]


@dataclass(frozen=True)
class Option:
    """One answer that can be picked."""

    value: str
    label: str
    note: str = ""
    key: str = ""
    unavailable: str = ""
    """Why it cannot be picked just now; empty where it can."""


Values = Mapping[str, str | tuple[str, ...]]
Shown = Callable[[Values], bool]


def always(_values: Values) -> bool:
    """Ask whatever the other answers are."""
    return True


def answer(values: Values, name: str) -> str:
    """Return the one answer to a question; empty where there is none."""
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    kind: Kind = "line"
    options: tuple[Option, ...] = ()
    initial: str | tuple[str, ...] = ""
    help: str = ""
    rows: int = 5
    """How many options are in sight at once."""
    shown: Shown = always
    """Whether the question is asked, as the others are answered so far."""


@dataclass(frozen=True)
class Form:
    """A form for one action type."""

    type: str
    title: str
    fields: tuple[Field, ...]
    dangerous: bool = False
    """Whether what it records is confirmed by digits."""


class BadAnswer(ValueError):
    """An answer that makes no sense; `field` names the question."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def body(form: Form, values: Values, now: datetime) -> dict[str, Any]:
    """Make the body of the action from the answers; what was left empty is left out.

    Raises:
        BadAnswer: for a time that cannot be read.
    """
    members: dict[str, Any] = {"type": form.type}
    for field in form.fields:
        value = values.get(field.name, "")
        if not value or not field.shown(values):
            continue
        made: Any = value
        if field.kind == "when":
            assert isinstance(value, str)
            made = _when(field.name, value, now)
        elif field.kind == "many":
            made = list(value)
        _put(members, field.name, made)
    return _typed(members)


def field_for(form: Form, pointer: str) -> str | None:
    """Return the name of the field that a finding's pointer is about, None for the whole form."""
    names = [f.name for f in form.fields if pointer == f.name or pointer.startswith(f.name + "/")]
    return max(names, key=len, default=None)


def beside(
    form: Form, findings: Iterable[Finding], asked: Container[str]
) -> tuple[dict[str, str], list[Finding]]:
    """Sort findings to the questions they are about; return also those about the whole.

    What is about a question that is not asked just now is about the whole.
    """
    by_question: dict[str, str] = {}
    whole: list[Finding] = []
    for found in findings:
        name = field_for(form, found.pointer)
        if name is None or name not in asked:
            whole.append(found)
        else:
            by_question[name] = "; ".join(filter(None, (by_question.get(name), found.detail)))
    return by_question, whole


def parse_when(text: str, now: datetime) -> datetime:
    """Read a time as a person types it: `+2h`, `+90d`, `14:30`, `2026-11-24 09:00` (UTC).

    Raises:
        ValueError: with what can be typed.
    """
    span = re.fullmatch(r"\+(\d{1,4})\s*([mhdw])", text.strip())
    if span is not None:
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[span[2]]
        return now + timedelta(**{unit: int(span[1])})
    clock = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    if clock is not None and int(clock[1]) < 24 and int(clock[2]) < 60:
        moment = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return moment if moment > now else moment + timedelta(days=1)
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 is out of bounds in some time zones
        raise ValueError("type +2h, +90d, 14:30 or 2026-11-24 09:00 (UTC)") from None


# --- Inside -------------------------------------------------------------------------------------


def _typed(members: dict[str, Any]) -> dict[str, Any]:
    """Give the members that are no plain text their type."""
    axes = members.get("axes")
    if axes:
        members["axes"] = {name: int(score) for name, score in axes.items()}
    for name in ("add", "remove"):
        if isinstance(members.get(name), str):
            members[name] = [tag.strip() for tag in members[name].split(",") if tag.strip()]
    if isinstance(members.get("questions"), str):
        members["questions"] = [line for line in members["questions"].splitlines() if line.strip()]
    return members


def _when(name: str, text: str, now: datetime) -> str:
    try:
        moment = parse_when(text, now)
    except ValueError as error:
        raise BadAnswer(name, str(error)) from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _put(members: dict[str, Any], pointer: str, value: Any) -> None:
    *path, last = pointer.strip("/").split("/")
    for step in path:
        members = members.setdefault(step, {})
    members[last] = value
