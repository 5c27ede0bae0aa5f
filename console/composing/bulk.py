"""One action on many cases: which of them can take it, what is asked once for all. No Textual.

Everything here may read the disk. Loaded with the first action on many, not with the desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from console.casework.actions import AnyAction
from console.composing import case_forms, form_drafts
from console.composing.by_form import Prepared, ground_of, kept, read_body
from console.composing.forms import Field, Form, Values
from console.desk import Desk
from local_cache.cases import CaseRow
from local_cache.drafts import Draft
from local_cache.records import Case


@dataclass
class Plan:
    """What an action on many will do, as far as it is known."""

    title: str
    """What the command is called."""
    confirmed: bool
    """Whether digits confirm it."""
    go: list[CaseRow]
    skipped: dict[str, list[CaseRow]] = field(default_factory=dict)
    """Those that are left out, by the reason."""
    body: dict[str, Any] = field(default_factory=dict)
    """What was answered, as a body."""
    action: AnyAction | None = None

    def skip(self, row: CaseRow, reason: str) -> None:
        """Leave a case out."""
        self.skipped.setdefault(reason, []).append(row)

    def left_out(self) -> int:
        """Return how many are left out."""
        return sum(map(len, self.skipped.values()))


def plan(
    desk: Desk,
    case_ids: Sequence[str],
    why_not: Callable[[CaseRow], str | None],
    *,
    title: str,
    confirmed: bool,
) -> Plan:
    """Look at marked cases as they stand now, and leave out those that cannot be worked on."""
    with desk.cache.read() as tables:
        rowids = tables.cases.rowids_of(case_ids)
        rows = tables.cases.rows([rowids[each] for each in case_ids if each in rowids])
    made = Plan(title, confirmed, [])
    for row in rows:
        reason = why_not(row)
        if reason is None:
            made.go.append(row)
        else:
            made.skip(row, reason)
    return made


def draft_id(form: str) -> str:
    """Return the id of the draft of a form for many."""
    return form_drafts.draft_id(form, form_drafts.MANY)


def as_draft(form: Form, answers: Values, now_ms: int) -> Draft:
    """Return what was answered for many, as it is kept until it is recorded."""
    return form_drafts.as_draft(form, form_drafts.MANY, answers, now_ms)


@dataclass(frozen=True)
class Filled:
    """A form that was filled in for many cases."""

    body: dict[str, Any]


def prepare(desk: Desk, planned: Plan, name: str, about: str) -> Prepared | None:
    """Make the form of an action on many cases, after the first that can be read."""
    case = next((case for row in planned.go if (case := desk.case(row.id).case)), None)
    if case is None:
        return None
    form = _form(desk, planned, name, case)

    def filled(body: dict[str, Any]) -> Filled:
        read_body(desk, body)  # what cannot be read is said beside its field
        return Filled(body)

    made = Prepared(form, judge=lambda _body: [], record=filled, about=about, many=True)
    return replace(made, draft=kept(desk, made))


def _form(desk: Desk, planned: Plan, name: str, case: Case) -> Form:
    """Return the form without what it says of the one case that it was made after."""
    ground = replace(ground_of(desk, case), related=())
    form = case_forms.form_for(name, ground)
    count = len(planned.go)
    title = f"{form.title}: {count:,} {'case' if count == 1 else 'cases'}"
    fields = tuple(_for_many(each) for each in form.fields)
    if name == "tag":
        by_commas = "Separated by commas."
        fields = (fields[0], Field("/remove", "Remove", "line", help=by_commas))
    if name == "close":
        return Form("close", f"Close: {count:,} {'case' if count == 1 else 'cases'}", fields)
    return replace(form, title=title, fields=fields)


def _for_many(asked: Field) -> Field:
    options = tuple(replace(option, unavailable="") for option in asked.options)
    return replace(asked, options=options, help="" if "Now " in asked.help else asked.help)


def judge(desk: Desk, planned: Plan, rows: Sequence[CaseRow]) -> None:
    """Leave out those of some cases that the policy does not allow it on."""
    assert planned.action is not None
    found = desk.judge_each([row.id for row in rows], planned.action)
    for row in rows:
        if found[row.id]:
            planned.go.remove(row)
            planned.skip(row, found[row.id][0].detail)
