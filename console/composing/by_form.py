"""Actions that are filled in with a form: what is asked, how it is judged, how it is recorded.

Everything here may read the disk. Loaded with the first form, not with the desk: start-up counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from console.casework import actions
from console.casework.actions import AnyAction, BadAction
from console.casework.findings import Finding
from console.casework.new_case import NewCase, read_new_case
from console.casework.wire import BadDocument
from console.composing import case_forms, form_drafts
from console.composing.forms import Form
from console.desk import CaseView, Desk, RefusedByPolicy
from console.errors import NotFound
from local_cache.drafts import Draft
from local_cache.entries import Entry
from local_cache.records import ActionRecord, Case, Policy


@dataclass(frozen=True)
class ToApprove:
    """The decision that a second person puts their name under, and what forbids it to them."""

    case: Case
    record: ActionRecord
    policy: Policy
    against: list[Finding]


@dataclass(frozen=True)
class Prepared:
    """A form with what it needs from the disk."""

    form: Form
    judge: Callable[[dict[str, Any]], list[Finding]]
    """Says what stands against a body; may raise RefusedByPolicy for what cannot be read."""
    record: Callable[[dict[str, Any]], object]
    """Records it and returns what the form results in; raises RefusedByPolicy."""
    view: CaseView | None = None
    """The case that it is about; a new one has none."""
    to_approve: ToApprove | None = None
    about: str = ""
    """What it is about, where that is neither one case nor a new one."""
    draft: Draft | None = None
    """What was filled in before and not recorded."""
    many: bool = False
    """Whether it is about the marked cases."""

    @property
    def case_id(self) -> str | None:
        """The case that it is about; a new one has none yet."""
        return None if self.view is None else self.view.id

    @property
    def draft_place(self) -> str:
        """Where what is filled in is kept: on the case, or where drafts about none are."""
        return self.case_id or (form_drafts.MANY if self.many else form_drafts.NEW)

    @property
    def draft_id(self) -> str:
        """The id under which what is filled in is kept."""
        return form_drafts.draft_id(self.form.type, self.draft_place)


def kept(desk: Desk, prepared: Prepared) -> Draft | None:
    """Return what was filled in on a form and not recorded."""
    with desk.cache.read() as tables:
        return tables.drafts.get(prepared.draft_id)


def prepare(desk: Desk, view: CaseView, case: Case, name: str) -> Prepared:
    """Make the form of an action on a case."""
    ground = ground_of(desk, case)
    form = case_forms.form_for(name, ground)
    draft = form_drafts.draft_id(form.type, view.id)
    prepared = Prepared(
        form,
        judge=lambda body: desk.judge(view.id, _action(desk, body, view)),
        record=lambda body: desk.act(
            view.id, _action(desk, body, view), undo_window=True, draft=draft
        ),
        view=view,
        to_approve=_to_approve(desk, view, ground) if name == "approve" else None,
    )
    return replace(prepared, draft=kept(desk, prepared))


def prepare_new(desk: Desk) -> Prepared:
    """Make the form of a case by hand."""
    form = case_forms.new_case_form(desk.queues())

    def record(body: dict[str, Any]) -> Entry:
        entry = desk.open_case(_new(body))
        desk.drop_draft(form_drafts.draft_id(form.type, form_drafts.NEW))
        return entry

    prepared = Prepared(form, judge=_judge_new, record=record)
    return replace(prepared, draft=kept(desk, prepared))


def read_body(desk: Desk, body: dict[str, Any]) -> AnyAction:
    """Read the body of a form that is about no decision.

    Raises:
        RefusedByPolicy: with what cannot be read.
    """
    return _action(desk, body, None)


def ground_of(desk: Desk, case: Case) -> case_forms.Ground:
    """Read what a form is made of."""
    related = desk.related(case.id)
    return case_forms.Ground(
        case,
        desk.policy(),
        desk.queues(),
        desk.profile.specialist_id,
        desk.register(),
        [row.reference.visible() for row in related if row.reference],
    )


def _to_approve(desk: Desk, view: CaseView, ground: case_forms.Ground) -> ToApprove:
    record = Desk.decision_to_approve(view)
    against = desk.judge(view.id, _action(desk, {"type": "approve"}, view, "approve"))
    return ToApprove(ground.case, record, ground.policy, against)


def _action(
    desk: Desk, body: dict[str, Any], view: CaseView | None, verdict: str = ""
) -> AnyAction:
    """Read the body of a form as `nightdesk act` reads it from a file."""
    if body["type"] == "approve" and view is not None:
        decision = Desk.decision_to_approve(view)
        body = {
            "type": verdict or _verdict(body),
            "decision": decision.id,
            "content_sha256": actions.content_sha256(decision),
            **({"reason": body["reason"]} if "reason" in body else {}),
        }
    elif body["type"] == "link" and "case" in body:
        body = body | {"case": _case_named(desk, body["case"])}
    try:
        return actions.read_action(msgspec.json.encode(body))
    except BadAction as wrong:
        raise RefusedByPolicy(wrong.findings) from None


def _case_named(desk: Desk, name: str) -> str:
    try:
        return desk.find(name.strip())
    except NotFound:
        detail = "no case of this reference or id is here"
        raise RefusedByPolicy([Finding("/case", detail, code="unknown-code")]) from None


def _verdict(body: dict[str, Any]) -> str:
    """Return which of the two it is; nothing stands for neither."""
    verdict = body.get("verdict")
    if verdict not in ("approve", "reject"):
        raise RefusedByPolicy([Finding("/verdict", "approve it or reject it", code="missing")])
    return verdict


def _new(body: dict[str, Any]) -> NewCase:
    try:
        return read_new_case(
            msgspec.json.encode({name: value for name, value in body.items() if name != "type"})
        )
    except BadDocument as wrong:
        raise RefusedByPolicy(wrong.findings) from None


def _judge_new(body: dict[str, Any]) -> list[Finding]:
    _new(body)
    return []
