"""Actions that are filled in with a form: what is asked, what becomes of the answers.

Loaded with the first form that is opened, not with the desk: start-up counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from console.casework import actions
from console.casework.actions import AnyAction, BadAction
from console.casework.findings import Finding
from console.casework.new_case import NewCase, read_new_case
from console.casework.wire import BadDocument
from console.composing import case_forms
from console.composing.forms import Form
from console.desk import CaseView, Desk, RefusedByPolicy
from console.errors import NotFound
from console.screens.confirm import confirmation
from console.screens.form import Doing, FormScreen
from console.words import decision as decision_text
from local_cache.hostile import visible
from local_cache.records import Case
from widgets.text_lines import Line


@dataclass(frozen=True)
class Prepared:
    """A form with what it needs from the disk; the screen is made on the event loop."""

    form: Form
    about: str
    doing: Doing
    told: Sequence[Line] = ()

    def screen(self) -> FormScreen:
        """Make the screen."""
        return FormScreen(self.form, self.about, self.doing, self.told)


def prepare(desk: Desk, view: CaseView, case: Case, name: str) -> Prepared:
    """Make the form of an action on a case; off the event loop."""
    ground = _ground(desk, case)
    form = case_forms.form_for(name, ground)
    told = _to_approve(desk, view, ground) if name == "approve" else []
    doing = Doing(
        judge=lambda body: desk.judge(view.id, _action(desk, body, view)),
        record=lambda body: desk.act(view.id, _action(desk, body, view), undo_window=True),
        confirm=(lambda body: _confirmed(view, body, told)) if form.dangerous else None,
    )
    return Prepared(form, f"{name_of(view)} · {requester_of(view)}", doing, told)


def prepare_new(desk: Desk) -> Prepared:
    """Make the form of a case by hand; off the event loop."""
    doing = Doing(judge=_judge_new, record=lambda body: desk.open_case(_new(body)))
    about = "It is worked on here at once, and goes when it can."
    return Prepared(case_forms.new_case_form(desk.queues()), about, doing)


def name_of(view: CaseView) -> str:
    """Return our reference of a case, its id where it has none."""
    return view.row.reference.visible() or view.id


def requester_of(view: CaseView) -> str:
    """Return who asks, as they present themselves."""
    who = (view.row.requester_name.visible(), view.row.agency.visible())
    return ", ".join(filter(None, who)) or "no requester"


def _ground(desk: Desk, case: Case) -> case_forms.Ground:
    related = desk.related(case.id)
    return case_forms.Ground(
        case,
        desk.policy(),
        desk.queues(),
        desk.profile.specialist_id,
        desk.register(),
        [row.reference.visible() for row in related if row.reference],
    )


def _to_approve(desk: Desk, view: CaseView, ground: case_forms.Ground) -> list[Line]:
    """Tell the decision that a second person puts their name under, and what forbids it."""
    record = Desk.decision_to_approve(view)
    told = decision_text.to_approve(ground.case, record, ground.policy)
    findings = desk.judge(view.id, _action(desk, {"type": "approve"}, view, "approve"))
    against = [(f"! {found.detail}", "error") for found in findings]
    return [Line((piece,), hang=11) for piece in (*against, *told)]


def _action(desk: Desk, body: dict[str, Any], view: CaseView, verdict: str = "") -> AnyAction:
    """Read the body of a form as `nightdesk act` reads it from a file."""
    if body["type"] == "approve":
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


def _confirmed(view: CaseView, body: dict[str, Any], told: Sequence[Line]) -> list[Line]:
    what = [
        f"{name.replace('_', ' '):<10} {visible(str(value))}"
        for name, value in body.items()
        if name != "type"
    ]
    lines = confirmation(name_of(view), requester_of(view), what)
    return [*lines, Line(), *told] if told else lines
