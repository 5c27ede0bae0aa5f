"""The forms of what a specialist records on a case: each action's questions. No Textual here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.casework import callback, levels
from console.casework.new_case import IMMINENCES, KINDS, PRIORITIES
from console.composing.forms import Field, Form, Option, Values, answer
from local_cache.hostile import Hostile
from local_cache.records import ActionRecord, Case, DataItem, Policy, Queue, RegisteredAgency

SENSITIVITIES: Final = (
    "minor", "self_harm", "sexual", "health", "public_figure", "journalist", "employee",
    "domestic_violence", "reproductive_care", "asylum",
)  # fmt: skip
"""The ones in use (DOMAIN 4.4), offered beside those of the policy and the case."""

_NAMES: Final = {
    "P0": "in progress", "P1": "imminent", "P2": "credible, no time named", "P3": "concerning",
    "P4": "no emergency",
}  # fmt: skip
_PRIORITIES: Final = tuple(Option(p, p, _NAMES.get(p, ""), key=p[1]) for p in PRIORITIES)
_SCORES: Final = tuple(Option(score, score, key=score) for score in ("0", "1", "2", "3"))
_RESULTS: Final = (
    Option("PASS", "pass", key="p"),
    Option("FAIL", "fail", key="f"),
    Option("NA", "does not apply", "NA", key="n"),
    Option("PENDING", "pending", "begun, not finished", key="w"),
    Option("UNABLE", "unable", "could not be made", key="u"),
)


# --- The forms ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """What a form is made of: the case, the policy, the queues."""

    case: Case
    policy: Policy
    queues: Sequence[Queue]
    me: str
    register: Sequence[RegisteredAgency] = ()
    related: Sequence[str] = ()
    """References of cases that may belong together with this one."""


def form_for(name: str, ground: Ground) -> Form:
    """Return the form of an action type."""
    return _FORMS[name](ground)


def _assess(ground: Ground) -> Form:
    case = ground.case
    given = case.assessment
    axes = given.axes if given else {}
    named = ("severity", "immediacy", "specificity", "plausibility", "capability", "vulnerability")
    return Form(
        "assess",
        "Assess the risk",
        (
            Field("/priority", "Priority", "choice", _PRIORITIES, case.priority or ""),
            Field("/imminence", "Imminence", "choice", _options(*IMMINENCES), case.imminence or "",
                  rows=6),
            Field("/confidence", "Confidence", "choice", _options("low", "medium", "high"),
                  case.confidence or ""),
            Field("/harms", "Harms", "many", _harms(ground), case.harms),
            Field("/sensitivities", "Sensitivities", "many", _sensitivities(ground),
                  case.sensitivities),
            *(
                Field(f"/axes/{axis}", f"{axis.capitalize()}, 0 to 3", "choice", _SCORES,
                      _score(axes.get(Hostile(axis))))
                for axis in named
            ),
            Field("/rationale", "Rationale", "text", help="What you saw and conclude from it."),
            Field("/counter_evidence", "What speaks against it", "text",
                  help="What would change your mind."),
        ),
    )  # fmt: skip


def _harms(ground: Ground) -> tuple[Option, ...]:
    """Offer the case's own harms, then those that the policy names."""
    known = {one.code: _shown(one.label) for one in ground.policy.reasons if one.group == "harm"}
    codes = dict.fromkeys((*ground.case.harms, *known))
    return tuple(Option(code, known.get(code) or _words(code), code) for code in codes)


def _sensitivities(ground: Ground) -> tuple[Option, ...]:
    """Offer the case's own, those that the policy's conditions name, and those in use."""
    conditions = (
        one.visible().removeprefix("sensitivity:")
        for disposition in ground.policy.dispositions
        for one in disposition.four_eyes_when
        if one.raw.startswith("sensitivity:")
    )
    return _options(*dict.fromkeys((*ground.case.sensitivities, *conditions, *SENSITIVITIES)))


def _verify(ground: Ground) -> Form:
    case, rules = ground.case, ground.policy.verification
    made = levels.checks_of(case)
    done = {check.id: check.result for check in made}
    level = _next_level(ground)
    groups = levels.missing_for(ground.policy, level, made) if level else ()
    wanted = {one for group in groups for one in group}
    checks = tuple(
        Option(rule.id, f"{rule.id} {_stands(rule.id, wanted, done):<7} {_shown(rule.label)}")
        for rule in rules.checks
    )
    states = ("IN_PROGRESS", *rules.levels, "FAILED", "SUSPECTED_FRAUD")
    return Form(
        "verify",
        "Record a verification check",
        (
            Field("/check", "Check", "choice", checks, _next_check(checks, wanted, done), rows=6),
            Field("/result", "Result", "choice", _RESULTS),
            *_callback(ground),
            Field("/note", "Note", "line", help="What you found, and where."),
            Field("/state", "Judge the whole?", "choice",
                  (Option("", "not yet"), *(Option(state, _words(state)) for state in states)),
                  help=_whole(ground, level, groups), rows=6),
        ),
    )  # fmt: skip


def _next_level(ground: Ground) -> str:
    """Return the lowest level that the checks do not reach yet; empty where all are reached."""
    rules = ground.policy.verification.levels
    reached = levels.levels_reached(ground.policy, levels.checks_of(ground.case))
    open_ = sorted((level.order, name) for name, level in rules.items() if name not in reached)
    return open_[0][1] if open_ else ""


def _next_check(checks: Sequence[Option], wanted: set[str], done: Mapping[str, str]) -> str:
    """Suggest the first check that is needed next and was not made; else the first open one."""
    open_ = [check.value for check in checks if done.get(check.value, "PENDING") == "PENDING"]
    return next((one for one in open_ if one in wanted), open_[0] if open_ else "")


def _stands(check: str, wanted: set[str], done: Mapping[str, str]) -> str:
    """Say how a check stands: its result, or whether the next level needs it."""
    result = done.get(check, "PENDING")
    return "needed" if result == "PENDING" and check in wanted else result.lower()


def _whole(ground: Ground, level: str, groups: Sequence[tuple[str, ...]]) -> str:
    state = levels.state_of(ground.case)
    if not level:
        return f"Now {state}."
    missing = ", ".join(" or ".join(group) for group in groups)
    return f"Now {state}; {level} lacks {missing}."


def _callback(ground: Ground) -> tuple[Field, ...]:
    """Ask how a callback was made; to the register's numbers alone (DOMAIN 3.2)."""
    numbers = callback.callback_numbers(ground.case, ground.register)
    options = tuple(Option(number, Hostile(number).visible()) for number in numbers)

    def called(values: Values) -> bool:
        return answer(values, "/check") in callback.CALLBACKS

    number = (
        Field("/evidence/number", "Number called", "choice", options, shown=called,
              help="From the agency register.")
        if options
        else Field("/evidence/number", "Number called", shown=called,
                   help="The register has none of this agency: it cannot pass yet.")
    )  # fmt: skip
    source = "agency register" if options else ""
    return (
        number,
        Field("/evidence/source", "Number taken from", initial=source, shown=called),
        Field("/evidence/spoke_to", "Spoke to", shown=called),
    )


def _note(_ground: Ground) -> Form:
    return Form("note", "Write a note", (Field("/body", "Note", "text"),))


def _wait(_ground: Ground) -> Form:
    return Form(
        "wait",
        "Wait for somebody",
        (
            Field("/for", "For", "choice", _options("requester", "legal", "partner"), "requester"),
            Field("/questions", "Questions", "text", help="One a line; the fewest that settle it."),
        ),
    )


def _enforce(ground: Ground) -> Form:
    measures = ("CUT_STREAM", "REMOVE", "RESTRICT", "SUSPEND", "AGE_GATE", "WELFARE_PROMPT", "HASH")
    return Form(
        "enforce",
        "Enforce on the platform",
        (
            Field("/target", "Subject", "choice", _subjects(ground.case)),
            Field(
                "/measure",
                "Measure",
                "choice",
                _options(*measures),
                rows=7,
                help="CUT_STREAM goes at once or not at all.",
            ),
            Field("/until", "Until", "when", help="+7d, 14:30; empty: no end."),
            Field("/reason", "Reason", "line"),
        ),
        dangerous=True,
    )


def _preserve(ground: Ground) -> Form:
    old = tuple(Option(record.id, _preserved(record)) for record in ground.case.preservations)
    extends = (
        (Field("/extends", "Extends", "choice", (Option("", "nothing: a new one"), *old)),)
        if old
        else ()
    )
    return Form(
        "preserve",
        "Preserve data",
        (
            Field(
                "/scope",
                "Scope",
                "line",
                initial=_asked(ground.case),
                help="Accounts and categories, in words.",
            ),
            Field("/expires_at", "Expires", "when", initial="+90d", help="+90d, 2026-12-24 09:00"),
            *extends,
        ),
    )


def _tag(ground: Ground) -> Form:
    tags = tuple(Option(tag.raw, tag.visible()) for tag in ground.case.tags)
    remove = (Field("/remove", "Remove", "many", tags),) if tags else ()
    return Form("tag", "Tag", (Field("/add", "Add", "line", help="Separated by commas."), *remove))


def _move(ground: Ground) -> Form:
    here = ground.case.queue
    queues = tuple(
        Option(queue.id, _shown(queue.name) or queue.id, queue.id,
               unavailable="it is there now" if queue.id == here else "")
        for queue in ground.queues
    )  # fmt: skip
    return Form(
        "move",
        "Move to another queue",
        (Field("/queue", "Queue", "choice", queues, rows=9), Field("/reason", "Reason", "line")),
    )


def _assign(ground: Ground) -> Form:
    now = f"Now {ground.case.assignee}." if ground.case.assignee else "Now nobody."
    to = Field("/to", "To", "line", initial=ground.me, help=f"A specialist's id. {now}")
    return Form("assign", "Assign", (to,))


def _link(ground: Ground) -> Form:
    near = f" Perhaps: {', '.join(ground.related[:4])}" if ground.related else ""
    rels = _options("related", "duplicate_of", "follow_up_of")
    return Form(
        "link",
        "Link to another case",
        (
            Field("/rel", "Relation", "choice", rels, "related"),
            Field("/case", "Case", "line", help=f"Its reference or id.{near}"),
        ),
    )


def _snooze(_ground: Ground) -> Form:
    return Form(
        "snooze",
        "Snooze",
        (
            Field("/until", "Until", "when", initial="+2h", help="+2h, 14:30, 2026-12-24 09:00"),
            Field("/reason", "Reason", "line"),
        ),
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
            Field(
                "/verdict",
                "Verdict",
                "choice",
                (
                    Option("approve", "approve", "your name stands under it", key="a"),
                    Option("reject", "reject", "it goes back to be decided anew", key="r"),
                ),
            ),
            Field("/reason", "Your own reason", "text", help="Needed where it is rejected."),
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
            Field("/channel", "Came by", "choice", _options("phone", "email", "internal"), "phone"),
            Field("/title", "Title", "line", help="One neutral line."),
            Field("/priority", "Priority", "choice", _PRIORITIES, "P2"),
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


# --- Inside -------------------------------------------------------------------------------------


def _options(*values: str) -> tuple[Option, ...]:
    return tuple(Option(value, _words(value)) for value in values)


def _words(code: str) -> str:
    return code.replace("_", " ")


def _preserved(record: ActionRecord) -> str:
    scope = record.fields().get("scope")
    words = scope.visible() if isinstance(scope, Hostile) else ""
    return f"{record.at:%Y-%m-%d} {words}" if record.at else words or record.id


def _asked(case: Case) -> str:
    """Name what was asked for, account by account."""
    data: Sequence[DataItem] = case.request.data_sought if case.request else ()
    named: dict[str, list[str]] = {subject.id: [] for subject in case.subjects}
    for item in data:
        named.setdefault(item.subject or "all", []).append(_words(item.category or item.tier))
    return "; ".join(f"{who}: {', '.join(what)}" for who, what in named.items() if what)


def _subjects(case: Case) -> tuple[Option, ...]:
    return tuple(
        Option(subject.id, f"{subject.id} {subject.role or ''} {_shown(subject.display)}")
        for subject in case.subjects
    )


def _score(score: int | None) -> str:
    return "" if score is None else str(score)


def _shown(text: Hostile | None) -> str:
    return text.visible() if text else ""
