"""The commands of the desk that record something: forms, confirmations, claims."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from console import case_forms, decision_text, forms
from console.casework import actions
from console.casework.actions import AnyAction, BadAction
from console.casework.findings import Finding
from console.casework.new_case import NewCase, read_new_case
from console.casework.wire import BadDocument
from console.commands import keys_for
from console.desk import CaseView, Desk, RefusedByPolicy
from console.errors import NotFound
from console.screens.base import NightScreen
from console.screens.confirm import confirmation
from console.screens.form import Doing, FormScreen
from local_cache.hostile import visible
from local_cache.outbox import Entry
from local_cache.records import Case, Policy
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

        self.opening(self._decide(DecideScreen))

    def do_draft_open(self, _count: int | None) -> None:
        """Draft the response."""
        from console.screens.draft import DraftScreen

        self.opening(self._with_screen(DraftScreen))

    async def _decide(self, kind: Callable[[CaseView], NightScreen]) -> None:
        view = self.view
        await self._with_screen(kind)
        drafts = [] if view is None else await self.host.off_loop(lambda: self.desk.drafts(view.id))
        if any(draft.kind == "decision" for draft in drafts):
            key = keys_for("decision.open")
            self.tell(
                f"Nothing is decided yet. Your draft is kept: {key} goes on with it.", "unsent"
            )

    async def _with_screen(self, kind: Callable[[CaseView], NightScreen]) -> None:
        view = self.view
        if view is not None and view.case is not None:
            self._show_recorded(await self.ask_screen(kind(view)))
            self.case_touched(view.id)  # a draft may have been begun, or thrown away

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
        ground = await self.host.off_loop(lambda: self._ground_of(view.id, case))
        form = case_forms.form_for(name, ground)
        told: list[Line] = []
        if name == "approve":
            told = await self.host.off_loop(lambda: self._to_approve(view, ground.policy))
        doing = Doing(
            judge=lambda body: self.desk.judge(view.id, self._action(body, view)),
            record=lambda body: self.desk.act(view.id, self._action(body, view), undo_window=True),
            confirm=(lambda body: _confirmed(view, body, told)) if form.dangerous else None,
        )
        await self._fill_in(form, f"{name_of(view)} · {requester_of(view)}", doing, told)

    def _ground_of(self, case_id: str, case: Case) -> case_forms.Ground:
        related = self.desk.related(case_id) if case_id else []
        return case_forms.Ground(
            case,
            self.desk.policy(),
            self.desk.queues(),
            self.desk.profile.specialist_id,
            self.desk.register(),
            [row.reference.visible() for row in related if row.reference],
        )

    def _to_approve(self, view: CaseView, policy: Policy) -> list[Line]:
        """Tell the decision that a second person puts their name under, and what forbids it."""
        assert view.case is not None
        record = Desk.decision_to_approve(view)
        told = decision_text.to_approve(view.case, record, policy)
        findings = self.desk.judge(view.id, self._action({"type": "approve"}, view, "approve"))
        against = [(f"! {found.detail}", "error") for found in findings]
        return [Line((piece,), hang=11) for piece in (*against, *told)]

    def _action(self, body: dict[str, Any], view: CaseView, verdict: str = "") -> AnyAction:
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
            body = body | {"case": self._case_named(body["case"])}
        try:
            return actions.read_action(msgspec.json.encode(body))
        except BadAction as wrong:
            raise RefusedByPolicy(wrong.findings) from None

    def _case_named(self, name: str) -> str:
        try:
            return self.desk.find(name.strip())
        except NotFound:
            detail = "no case of this reference or id is here"
            raise RefusedByPolicy([Finding("/case", detail, code="unknown-code")]) from None

    def do_case_new(self, _count: int | None) -> None:
        """Open a case by hand."""
        self.opening(self._new_case())

    async def _new_case(self) -> None:
        form = case_forms.new_case_form(await self.host.off_loop(self.desk.queues))
        doing = Doing(judge=_judge_new, record=lambda body: self.desk.open_case(_new(body)))
        await self._fill_in(form, "It is worked on here at once, and goes when it can.", doing)

    async def _fill_in(
        self, form: forms.Form, about: str, doing: Doing, told: Sequence[Line] = ()
    ) -> None:
        self._show_recorded(await self.ask_screen(FormScreen(form, about, doing, told)))


def name_of(view: CaseView) -> str:
    """Return our reference of a case, its id where it has none."""
    return view.row.reference.visible() or view.id


def requester_of(view: CaseView) -> str:
    """Return who asks, as they present themselves."""
    who = (view.row.requester_name.visible(), view.row.agency.visible())
    return ", ".join(filter(None, who)) or "no requester"


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
