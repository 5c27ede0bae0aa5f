"""The commands of the desk that record something: forms, confirmations, claims."""

from collections.abc import Callable
from typing import Any

import msgspec

from console import forms
from console.casework import actions
from console.casework.actions import AnyAction, BadAction
from console.casework.findings import Finding
from console.casework.new_case import NewCase, read_new_case
from console.casework.wire import BadDocument
from console.commands import keys_for
from console.desk import CaseView, Desk, RefusedByPolicy
from console.screens.base import NightScreen
from console.screens.confirm import confirmation
from console.screens.form import Doing, FormScreen
from local_cache.hostile import visible
from local_cache.outbox import Entry
from widgets.text_lines import Line


class Deeds(NightScreen):
    """What the desk screen can do to the case that it shows."""

    view: CaseView | None

    def recorded(self, entry: Entry) -> None:
        """Say that something is recorded, and what can still be done about it."""
        if entry.state == "accepted":
            self.tell(f"{entry.type}: accepted by the server.", "ok")
        elif entry.state == "undoable":
            key = keys_for("undo")
            self.tell(f"{entry.type}: recorded. {key} takes it back until it is sent.", "unsent")
        elif entry.error is not None:
            self.tell(f"{entry.type}: {entry.error.detail.visible()}", "error")
        else:
            self.tell(f"{entry.type}: recorded here, goes when it can.", "unsent")
        self.host.look()

    def do_case_claim(self, _count: int | None) -> None:
        """Claim the case."""
        if self.view is not None:
            self.tell("Claiming…", "muted")
            self.later(self._do(self.view.id, actions.Claim()))

    def do_case_release(self, _count: int | None) -> None:
        """Release the claim."""
        if self.view is not None:
            self.later(self._do(self.view.id, actions.Release()))

    async def _do(self, case_id: str, action: AnyAction) -> None:
        entry = await self.host.off_loop(
            lambda: self.desk.act(case_id, action, undo_window=not actions.never_queued(action))
        )
        self.recorded(entry)
        self.case_touched(case_id)

    def do_decision_open(self, _count: int | None) -> None:
        """Decide."""
        from console.screens.decide import DecideScreen

        self.opening(self._with_screen(DecideScreen))

    def do_draft_open(self, _count: int | None) -> None:
        """Draft the response."""
        from console.screens.draft import DraftScreen

        self.opening(self._with_screen(DraftScreen))

    async def _with_screen(self, kind: Callable[[CaseView], NightScreen]) -> None:
        view = self.view
        if view is not None and view.case is not None:
            self._show_recorded(await self.ask_screen(kind(view)))

    def _show_recorded(self, entry: object) -> None:
        if isinstance(entry, Entry):
            self.recorded(entry)
            self.case_touched(entry.case_id)

    # --- By form ----------------------------------------------------------------------------

    def do_case_assess(self, _count: int | None) -> None:
        """Assess the risk."""
        self.opening(self._by_form("assess"))

    def do_case_verify(self, _count: int | None) -> None:
        """Record a verification check."""
        self.opening(self._by_form("verify"))

    def do_case_note(self, _count: int | None) -> None:
        """Write a note."""
        self.opening(self._by_form("note"))

    def do_case_wait(self, _count: int | None) -> None:
        """Wait for somebody."""
        self.opening(self._by_form("wait"))

    def do_case_enforce(self, _count: int | None) -> None:
        """Enforce on the platform."""
        self.opening(self._by_form("enforce"))

    def do_case_preserve(self, _count: int | None) -> None:
        """Preserve data."""
        self.opening(self._by_form("preserve"))

    def do_case_tag(self, _count: int | None) -> None:
        """Tag."""
        self.opening(self._by_form("tag"))

    def do_case_move(self, _count: int | None) -> None:
        """Move to another queue."""
        self.opening(self._by_form("move"))

    def do_case_assign(self, _count: int | None) -> None:
        """Assign."""
        self.opening(self._by_form("assign"))

    def do_case_link(self, _count: int | None) -> None:
        """Link to another case."""
        self.opening(self._by_form("link"))

    def do_case_snooze(self, _count: int | None) -> None:
        """Snooze."""
        self.opening(self._by_form("snooze"))

    def do_case_close(self, _count: int | None) -> None:
        """Close or reopen."""
        self.opening(self._by_form("close"))

    def do_decision_approve(self, _count: int | None) -> None:
        """Approve or reject the decision that waits for a second person."""
        self.opening(self._by_form("approve"))

    async def _by_form(self, name: str) -> None:
        view = self.view
        if view is None or view.case is None:
            return
        case = view.case
        policy, queues = await self.host.off_loop(lambda: (self.desk.policy(), self.desk.queues()))
        ground = forms.Ground(case, policy, queues, self.desk.profile.specialist_id)
        form = forms.form_for(name, ground)
        doing = Doing(
            judge=lambda body: self.desk.judge(view.id, _action(body, view)),
            record=lambda body: self.desk.act(view.id, _action(body, view), undo_window=True),
            confirm=(lambda body: _told(view, body)) if form.dangerous else None,
        )
        await self._fill_in(form, f"{name_of(view)} · {requester_of(view)}", doing)

    def do_case_new(self, _count: int | None) -> None:
        """Open a case by hand."""
        self.opening(self._new_case())

    async def _new_case(self) -> None:
        form = forms.new_case_form(await self.host.off_loop(self.desk.queues))
        doing = Doing(judge=_judge_new, record=lambda body: self.desk.open_case(_new(body)))
        await self._fill_in(form, "It is worked on here at once, and goes when it can.", doing)

    async def _fill_in(self, form: forms.Form, about: str, doing: Doing) -> None:
        self._show_recorded(await self.ask_screen(FormScreen(form, about, doing)))


def name_of(view: CaseView) -> str:
    """Return our reference of a case, its id where it has none."""
    return view.row.reference.visible() or view.id


def requester_of(view: CaseView) -> str:
    """Return who asks, as they present themselves."""
    who = (view.row.requester_name.visible(), view.row.agency.visible())
    return ", ".join(filter(None, who)) or "no requester"


def _action(body: dict[str, Any], view: CaseView) -> AnyAction:
    """Read the body of a form as `nightdesk act` reads it from a file."""
    if body["type"] == "approve":
        decision = Desk.decision_to_approve(view)
        body = {
            "type": body.get("verdict", "approve"),
            "decision": decision.id,
            "content_sha256": actions.content_sha256(decision),
            **({"reason": body["reason"]} if "reason" in body else {}),
        }
    try:
        return actions.read_action(msgspec.json.encode(body))
    except BadAction as wrong:
        raise RefusedByPolicy(wrong.findings) from None


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


def _told(view: CaseView, body: dict[str, Any]) -> list[Line]:
    what = [
        f"{name.replace('_', ' '):<10} {visible(str(value))}"
        for name, value in body.items()
        if name != "type"
    ]
    return confirmation(name_of(view), requester_of(view), what)
