"""The commands of the desk that record something: forms, confirmations, claims."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.casework import actions
from console.casework.actions import AnyAction
from console.commands import keys_for
from console.desk import CaseView
from console.screens.base import NightScreen
from local_cache.cases import CaseRow
from local_cache.outbox import Entry

if TYPE_CHECKING:
    from console.composing.by_form import Prepared


class Deeds(NightScreen):
    """What the desk screen can do to the case that it shows."""

    view: CaseView | None
    """The case in the pane; for a moment after the cursor moved still the one before."""

    @property
    def row(self) -> CaseRow | None:
        """The case under the cursor: what is done is done to this one."""
        raise NotImplementedError

    async def _looked_at(self, row: CaseRow | None) -> CaseView | None:
        """Return a case as it is shown; where it is not shown yet, as it is."""
        if row is None or (self.view is not None and self.view.id == row.id):
            return self.view if row is not None else None
        return await self.host.off_loop(lambda: self.desk.case(row.id))

    def recorded(self, entry: Entry) -> None:
        """Say that something is recorded, and what can still be done about it."""
        from console.words import settling  # not needed for the first paint

        self.tell(*settling.recorded(entry, keys_for("undo"), self.desk.now_ms()))
        self.host.look()

    def do_case_claim(self, _count: int | None) -> None:
        """Claim the case."""
        if self.row is not None:
            self.tell("Claiming…", "muted")
            self.later(self._do(self.row.id, actions.Claim()))

    def do_case_release(self, _count: int | None) -> None:
        """Release the claim."""
        if self.row is not None:
            self.later(self._do(self.row.id, actions.Release()))

    async def _do(self, case_id: str, action: AnyAction) -> None:
        entry = await self.host.off_loop(
            lambda: self.desk.act(case_id, action, undo_window=not actions.never_queued(action))
        )
        self.recorded(entry)
        self.case_touched(case_id)

    def do_decision_open(self, _count: int | None) -> None:
        """Decide."""
        from console.screens.decide import DecideScreen

        self.opening(self._decide(self.row, DecideScreen))

    def do_draft_open(self, _count: int | None) -> None:
        """Draft the response."""
        from console.screens.draft import DraftScreen

        self.opening(self._with_screen(self.row, DraftScreen))

    async def _decide(self, row: CaseRow | None, kind: Callable[[CaseView], NightScreen]) -> None:
        await self._with_screen(row, kind)
        drafts = [] if row is None else await self.host.off_loop(lambda: self.desk.drafts(row.id))
        if any(draft.kind == "decision" for draft in drafts):
            key = keys_for("decision.open")
            self.tell(
                f"Nothing is decided yet. Your draft is kept: {key} goes on with it.", "unsent"
            )

    async def _with_screen(
        self, row: CaseRow | None, kind: Callable[[CaseView], NightScreen]
    ) -> None:
        view = await self._looked_at(row)
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
        self.opening(self._by_form("assess", self.row))

    def do_case_verify(self, _count: int | None) -> None:
        """Record a verification check."""
        self.opening(self._by_form("verify", self.row))

    def do_case_note(self, _count: int | None) -> None:
        """Write a note."""
        self.opening(self._by_form("note", self.row))

    def do_case_wait(self, _count: int | None) -> None:
        """Wait for somebody."""
        self.opening(self._by_form("wait", self.row))

    def do_case_enforce(self, _count: int | None) -> None:
        """Enforce on the platform."""
        self.opening(self._by_form("enforce", self.row))

    def do_case_preserve(self, _count: int | None) -> None:
        """Preserve data."""
        self.opening(self._by_form("preserve", self.row))

    def do_case_tag(self, _count: int | None) -> None:
        """Tag."""
        self.opening(self._by_form("tag", self.row))

    def do_case_move(self, _count: int | None) -> None:
        """Move to another queue."""
        self.opening(self._by_form("move", self.row))

    def do_case_assign(self, _count: int | None) -> None:
        """Assign."""
        self.opening(self._by_form("assign", self.row))

    def do_case_link(self, _count: int | None) -> None:
        """Link to another case."""
        self.opening(self._by_form("link", self.row))

    def do_case_snooze(self, _count: int | None) -> None:
        """Snooze."""
        self.opening(self._by_form("snooze", self.row))

    def do_case_close(self, _count: int | None) -> None:
        """Close or reopen."""
        self.opening(self._by_form("close", self.row))

    def do_decision_approve(self, _count: int | None) -> None:
        """Approve or reject the decision that waits for a second person."""
        self.opening(self._by_form("approve", self.row))

    async def _by_form(self, name: str, row: CaseRow | None) -> None:
        from console.composing import by_form

        view = await self._looked_at(row)
        if view is None or view.case is None:
            return
        case = view.case
        await self._fill_in(
            await self.host.off_loop(lambda: by_form.prepare(self.desk, view, case, name))
        )

    def do_case_new(self, _count: int | None) -> None:
        """Open a case by hand."""
        self.opening(self._new_case())

    async def _new_case(self) -> None:
        from console.composing import by_form

        await self._fill_in(await self.host.off_loop(lambda: by_form.prepare_new(self.desk)))

    async def _fill_in(self, prepared: "Prepared") -> None:
        from console.composing import by_form
        from console.screens.form import FormScreen

        entry = await self.ask_screen(FormScreen(prepared))
        self._show_recorded(entry)
        if prepared.case_id is not None:
            self.case_touched(prepared.case_id)  # a draft may have been begun, or thrown away
        if entry is None and await self.host.off_loop(lambda: by_form.kept(self.desk, prepared)):
            self.tell(
                "Nothing is recorded. What you wrote is kept: the same key goes on with it.",
                "unsent",
            )
