"""What each action asks for: its fields as data, and the body that the answers make.

A field's name is the JSON pointer of its member in the action's body, so that a finding of the
policy or of the server stands beside the field that it is about. No Textual here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from console.casework.four_eyes import disposition_of
from console.casework.new_case import IMMINENCES, KINDS, PRIORITIES
from local_cache.hostile import Hostile
from local_cache.records import Case, Policy, Queue

Kind = Literal["choice", "many", "line", "text", "when"]


@dataclass(frozen=True)
class Option:
    """One answer that can be picked."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    kind: Kind = "line"
    options: tuple[Option, ...] = ()
    initial: str | tuple[str, ...] = ""
    help: str = ""


Values = Mapping[str, str | tuple[str, ...]]


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
        if not value:
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
    except ValueError:
        raise ValueError("type +2h, +90d, 14:30 or 2026-11-24 09:00 (UTC)") from None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)


# --- The forms ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """What a form is made of: the case, the policy, the queues."""

    case: Case
    policy: Policy
    queues: Sequence[Queue]
    me: str


def form_for(name: str, ground: Ground) -> Form:
    """Return the form of an action type."""
    return _FORMS[name](ground)


def _assess(ground: Ground) -> Form:
    case = ground.case
    given = case.assessment
    axes = given.axes if given else {}
    scores = _options("0", "1", "2", "3")
    named = ("severity", "immediacy", "specificity", "plausibility", "capability", "vulnerability")
    return Form(
        "assess",
        "Assess the risk",
        (
            Field("/priority", "Priority", "choice", _options(*PRIORITIES), case.priority or ""),
            Field("/imminence", "Imminence", "choice", _options(*IMMINENCES), case.imminence or ""),
            Field(
                "/confidence",
                "Confidence",
                "choice",
                _options("low", "medium", "high"),
                case.confidence or "",
            ),
            *(
                Field(f"/axes/{axis}", axis.capitalize(), "choice", scores, _score(axes.get(axis)))
                for axis in named
            ),
            Field("/rationale", "Rationale", "text", help="What you saw and conclude from it."),
            Field(
                "/counter_evidence",
                "What speaks against it",
                "text",
                help="What would change your mind.",
            ),
        ),
    )


def _verify(ground: Ground) -> Form:
    case = ground.case
    requester = case.requester
    done = {c.id: c.result for c in requester.verification.checks} if requester else {}
    checks = tuple(
        Option(rule.id, f"{rule.id} {_shown(rule.label)} [{done.get(rule.id, 'open')}]")
        for rule in ground.policy.verification.checks
    )
    states = ("", "IN_PROGRESS", *ground.policy.verification.levels, "FAILED", "SUSPECTED_FRAUD")
    return Form(
        "verify",
        "Record a verification check",
        (
            Field("/check", "Check", "choice", checks, _first_open(checks)),
            Field(
                "/result", "Result", "choice", _options("PASS", "FAIL", "NA", "PENDING", "UNABLE")
            ),
            Field("/note", "Note", "line"),
            Field(
                "/evidence/number",
                "Number called",
                help="From the agency register, never from the request.",
            ),
            Field("/evidence/source", "Number taken from"),
            Field("/evidence/spoke_to", "Spoke to"),
            Field(
                "/state",
                "The whole, if judged",
                "choice",
                tuple(Option(state, state or "not judged yet") for state in states),
            ),
        ),
    )


def _note(_ground: Ground) -> Form:
    return Form("note", "Write a note", (Field("/body", "Note", "text"),))


def _wait(_ground: Ground) -> Form:
    return Form(
        "wait",
        "Wait for somebody",
        (
            Field("/for", "For", "choice", _options("requester", "legal", "partner"), "requester"),
            Field("/questions", "Questions", "text", help="One a line."),
        ),
    )


def _enforce(ground: Ground) -> Form:
    measures = ("CUT_STREAM", "REMOVE", "RESTRICT", "SUSPEND", "AGE_GATE", "WELFARE_PROMPT", "HASH")
    return Form(
        "enforce",
        "Enforce on the platform",
        (
            Field("/target", "Subject", "choice", _subjects(ground.case)),
            Field("/measure", "Measure", "choice", _options(*measures)),
            Field("/until", "Until", "when", help="+7d, or empty for no end."),
            Field("/reason", "Reason", "line"),
        ),
        dangerous=True,
    )


def _preserve(ground: Ground) -> Form:
    old = tuple(Option(record.id, f"{record.id[:8]}…") for record in ground.case.preservations)
    extends = (
        (Field("/extends", "Extends", "choice", (Option("", "nothing: a new one"), *old)),)
        if old
        else ()
    )
    return Form(
        "preserve",
        "Preserve data",
        (
            Field("/scope", "Scope", "line", help="Accounts and categories, in words."),
            Field("/expires_at", "Expires", "when", initial="+90d"),
            *extends,
        ),
    )


def _tag(_ground: Ground) -> Form:
    return Form(
        "tag",
        "Tag",
        (
            Field("/add", "Add", "line", help="Separated by commas."),
            Field("/remove", "Remove", "line", help="Separated by commas."),
        ),
    )


def _move(ground: Ground) -> Form:
    queues = tuple(Option(queue.id, _shown(queue.name) or queue.id) for queue in ground.queues)
    return Form(
        "move",
        "Move to another queue",
        (Field("/queue", "Queue", "choice", queues), Field("/reason", "Reason", "line")),
    )


def _assign(ground: Ground) -> Form:
    return Form("assign", "Assign", (Field("/to", "To", "line", initial=ground.me, help="An id."),))


def _link(_ground: Ground) -> Form:
    rels = _options("related", "duplicate_of", "follow_up_of")
    return Form(
        "link",
        "Link to another case",
        (
            Field("/rel", "Relation", "choice", rels, "related"),
            Field("/case", "Case", "line", help="Its id."),
        ),
    )


def _snooze(_ground: Ground) -> Form:
    return Form(
        "snooze",
        "Snooze",
        (Field("/until", "Until", "when", initial="+2h"), Field("/reason", "Reason", "line")),
    )


def _close(ground: Ground) -> Form:
    closed = ground.case.state == "closed"
    return Form(
        "reopen" if closed else "close",
        "Reopen the case" if closed else "Close the case",
        (Field("/reason", "Reason", "line"), Field("/outcome", "Outcome", "line")),
    )


def _approve(_ground: Ground) -> Form:
    return Form(
        "approve",
        "Approve or reject the decision",
        (
            Field("/verdict", "Verdict", "choice", _options("approve", "reject")),
            Field("/reason", "Your own reason", "line"),
        ),
        dangerous=True,
    )


def new_case_form(queues: Sequence[Queue]) -> Form:
    """Return the form for a case by hand."""
    choices = tuple(Option(queue.id, _shown(queue.name) or queue.id) for queue in queues)
    return Form(
        "new",
        "New case by hand",
        (
            Field("/queue", "Queue", "choice", choices),
            Field("/kind", "Kind", "choice", _options(*KINDS), "emergency_disclosure"),
            Field("/title", "Title", "line", help="One neutral line."),
            Field("/priority", "Priority", "choice", _options(*PRIORITIES), "P2"),
            Field("/requester/name", "Requester", "line"),
            Field("/requester/agency", "Agency", "line"),
            Field("/requester/email", "Mail", "line"),
            Field("/requester/phone", "Phone (claimed)", "line"),
            Field("/their_reference", "Their reference", "line"),
            Field("/request/narrative", "What was said", "text"),
        ),
    )


_FORMS: Final[dict[str, Callable[[Ground], Form]]] = {
    "assess": _assess,
    "verify": _verify,
    "note": _note,
    "wait": _wait,
    "enforce": _enforce,
    "preserve": _preserve,
    "tag": _tag,
    "move": _move,
    "assign": _assign,
    "link": _link,
    "snooze": _snooze,
    "close": _close,
    "approve": _approve,
}


def needs_of(policy: Policy, code: str) -> frozenset[str]:
    """Return the members that a disposition needs."""
    disposition = disposition_of(policy, code)
    return frozenset(disposition.needs if disposition else ())


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


def _options(*values: str) -> tuple[Option, ...]:
    return tuple(Option(value, value.replace("_", " ")) for value in values)


def _subjects(case: Case) -> tuple[Option, ...]:
    return tuple(
        Option(subject.id, f"{subject.id} {subject.role or ''} {_shown(subject.display)}")
        for subject in case.subjects
    )


def _first_open(checks: tuple[Option, ...]) -> str:
    return next((check.value for check in checks if check.label.endswith("[open]")), "")


def _score(score: int | None) -> str:
    return "" if score is None else str(score)


def _shown(text: Hostile | None) -> str:
    return text.visible() if text else ""
