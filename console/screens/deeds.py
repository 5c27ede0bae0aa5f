"""The commands of the desk that record something: forms, confirmations, claims."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from console.casework import actions
from console.casework.actions import AnyAction
from console.commands import COMMANDS, By, keys_for
from console.commands.repeating import NOTHING, Last
from console.desk import CaseView
from console.screens.together import RecordsMany
from local_cache.cases import CaseRow
from local_cache.entries import Entry

if TYPE_CHECKING:
    from console.composing.bulk import Plan
    from console.composing.by_form import Prepared
    from console.screens.base import NightScreen


class Deeds(RecordsMany, part=True):
    """What the desk screen can do to the case that it shows, or to those that are marked."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Last | None = None
        self._again: Last | None = None
        """What the command that is called next does again, instead of asking."""

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

        if entry.state not in ("returned", "changed"):
            self.host.recordings += 1
        self.tell(*settling.recorded(entry, keys_for("undo"), self.desk.now_ms()))
        self.host.look()

    def do_case_claim(self, _count: int | None) -> None:
        """Claim the case."""
        self._do("case.claim", actions.Claim(), "Claiming…")

    def do_case_release(self, _count: int | None) -> None:
        """Release the claim."""
        self._do("case.release", actions.Release())

    def _do(self, command: str, action: AnyAction, meanwhile: str = "") -> None:
        """Do what asks for nothing: on the marked cases, where there are any."""
        self._again = None
        if self.marked:
            self.opening(self._on_many(command, None, action))
        elif self.row is not None:
            self.tell(meanwhile, "muted")
            self.later(self._record(self.row.id, action, Last(command)))

    async def _record(self, case_id: str, action: AnyAction, last: Last) -> None:
        entry = await self.host.off_loop(
            lambda: self.desk.act(case_id, action, undo_window=not actions.never_queued(action))
        )
        self._last = last
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

    async def _decide(self, row: CaseRow | None, kind: "Callable[[CaseView], NightScreen]") -> None:
        await self._with_screen(row, kind)
        drafts = [] if row is None else await self.host.off_loop(lambda: self.desk.drafts(row.id))
        if any(draft.kind == "decision" for draft in drafts):
            key = keys_for("decision.open")
            self.tell(
                f"Nothing is decided yet. Your draft is kept: {key} goes on with it.", "unsent"
            )

    async def _with_screen(
        self, row: CaseRow | None, kind: "Callable[[CaseView], NightScreen]"
    ) -> None:
        view = await self._looked_at(row)
        if view is not None and view.case is not None:
            result = await self.ask_screen(kind(view))
            if isinstance(result, Entry):
                decided = result.type == "decide"
                self._last = Last("decision.open" if decided else "draft.open")
            self._show_recorded(result)
            self.case_touched(view.id)  # a draft may have been begun, or thrown away

    def _show_recorded(self, entry: object) -> None:
        if isinstance(entry, Entry):
            self.recorded(entry)
            self.case_touched(entry.case_id)

    # --- By form ----------------------------------------------------------------------------

    def do_case_assess(self, _count: int | None) -> None:
        """Assess the risk."""
        self._deed("case.assess")

    def do_case_verify(self, _count: int | None) -> None:
        """Record a verification check."""
        self._deed("case.verify")

    def do_case_note(self, _count: int | None) -> None:
        """Write a note."""
        self._deed("case.note")

    def do_case_wait(self, _count: int | None) -> None:
        """Wait for somebody."""
        self._deed("case.wait")

    def do_case_enforce(self, _count: int | None) -> None:
        """Enforce on the platform."""
        self._deed("case.enforce")

    def do_case_preserve(self, _count: int | None) -> None:
        """Preserve data."""
        self._deed("case.preserve")

    def do_case_tag(self, _count: int | None) -> None:
        """Tag."""
        self._deed("case.tag")

    def do_case_move(self, _count: int | None) -> None:
        """Move to another queue."""
        self._deed("case.move")

    def do_case_assign(self, _count: int | None) -> None:
        """Assign."""
        self._deed("case.assign")

    def do_case_link(self, _count: int | None) -> None:
        """Link to another case."""
        self._deed("case.link")

    def do_case_snooze(self, _count: int | None) -> None:
        """Snooze."""
        self._deed("case.snooze")

    def do_case_close(self, _count: int | None) -> None:
        """Close or reopen."""
        self._deed("case.close")

    def do_decision_approve(self, _count: int | None) -> None:
        """Approve or reject the decision that waits for a second person."""
        self._deed("decision.approve")

    def _deed(self, command: str) -> None:
        """Do what has a form: to the marked cases where it can, else to the one at the cursor."""
        again, self._again = self._again, None
        if COMMANDS[command].many and self.marked:
            self.opening(self._on_many(command, again))
        else:
            self.opening(self._by_form(command, self.row, again))

    async def _by_form(self, command: str, row: CaseRow | None, again: Last | None) -> None:
        from console.composing import by_form

        name = command.rpartition(".")[2]
        view = await self._looked_at(row)
        if view is None or view.case is None:
            return
        case = view.case
        prepared = await self.host.off_loop(lambda: by_form.prepare(self.desk, view, case, name))
        if again is not None:
            await self._do_again(again, prepared, view.id)
            return
        await self._fill_in(prepared, command)
        if self.marked and not COMMANDS[command].many:
            self.tell(f"This was about one case. The {self.marked:,} marks stay.", "muted")

    async def _do_again(self, again: Last, prepared: "Prepared", case_id: str) -> None:
        """Record what was answered last, on another case; what it did is told."""
        from console.composing import by_form
        from console.words import by_form as words

        body = again.body(prepared, self.host.server_now())
        if body is None:
            title = COMMANDS[again.command].title
            self.tell(words.not_repeated(title, prepared.form.type), "warning")
            return
        action = by_form.read_body(self.desk, body)
        await self._record(case_id, action, again)
        self.tell(words.again(prepared, body, keys_for("undo")), "unsent")

    async def do_repeat(self, _count: int | None) -> None:
        """Do again what was recorded last, with the same answers, here or on the marked cases."""
        if self._last is None:
            self.tell(NOTHING, "muted")
            return
        self._again = self._last
        await self.host.run_named(self._last.command, by=By.REPEAT)
        self._again = None

    # --- On many ----------------------------------------------------------------------------

    async def _on_many(
        self, command: str, again: Last | None, action: AnyAction | None = None
    ) -> None:
        """Show what it will do to the marked cases, then record it on each."""
        from console.composing import bulk
        from console.screens.many import ManyScreen
        from console.words import many as words

        if busy := self.busy():
            self.tell(f"{busy}. One at a time.", "warning")
            return
        await self.take_span()
        known = COMMANDS[command]
        here = replace(self.situation(), view=None, marked=0)
        plan = await self.host.off_loop(
            lambda: bulk.plan(
                self.desk,
                self.marks.ids,
                lambda row: known.blocked(replace(here, row=row)),
                title=known.title,
                confirmed=known.many_confirmed,
            )
        )
        last = Last(command)
        if plan.go and action is None:
            asked = await self._ask_for_many(command, plan, again)
            if asked is None:
                return
            last = asked
        elif action is not None:
            plan.action = action
        if not plan.go:
            self.tell(words.nothing(plan), "warning")
            return
        if not await self.ask_screen(ManyScreen(plan)):
            self.tell("Nothing is recorded. The marks stay.", "unsent")
            return
        self._last = last
        if last.form:
            await self.host.off_loop(lambda: self.desk.drop_draft(bulk.draft_id(last.form)))
        self.later(self.record_together(plan))

    async def _ask_for_many(self, command: str, plan: "Plan", again: Last | None) -> Last | None:
        """Ask once for all, and put the action into the plan; None where that was left."""
        from console.composing import bulk, by_form
        from console.screens.form import FormScreen
        from console.words import many as words

        now = self.host.server_now()
        about = words.about(plan, round(now.timestamp() * 1000))
        name = command.rpartition(".")[2]
        prepared = await self.host.off_loop(lambda: bulk.prepare(self.desk, plan, name, about))
        if prepared is None:
            self.tell("None of the marked cases can be read.", "warning")
            return None
        body = None if again is None else again.body(prepared, now)
        if again is not None and body is not None:
            answers = again.answers
        else:
            screen = FormScreen(prepared)
            filled = await self.ask_screen(screen)
            if not isinstance(filled, bulk.Filled):
                self.tell("Nothing is recorded. The marks stay.", "unsent")
                return None
            answers, body = screen.submitted, filled.body
            draft = bulk.as_draft(prepared.form, answers, round(now.timestamp() * 1000))
            await self.host.off_loop(lambda: self.desk.save_draft(draft))  # until it is recorded
        plan.body = body
        plan.action = await self.host.off_loop(lambda: by_form.read_body(self.desk, body))
        return Last(command, prepared.form.type, answers)

    def do_case_new(self, _count: int | None) -> None:
        """Open a case by hand."""
        self.opening(self._new_case())

    async def _new_case(self) -> None:
        from console.composing import by_form

        prepared = await self.host.off_loop(lambda: by_form.prepare_new(self.desk))
        await self._fill_in(prepared, "case.new")

    async def _fill_in(self, prepared: "Prepared", command: str) -> None:
        from console.composing import by_form
        from console.screens.form import FormScreen

        screen = FormScreen(prepared)
        entry = await self.ask_screen(screen)
        if entry is not None:
            self._last = Last(command, prepared.form.type, screen.submitted)
        self._show_recorded(entry)
        if prepared.case_id is not None:
            self.case_touched(prepared.case_id)  # a draft may have been begun, or thrown away
        if entry is None and await self.host.off_loop(lambda: by_form.kept(self.desk, prepared)):
            self.tell(
                "Nothing is recorded. What you wrote is kept: the same key goes on with it.",
                "unsent",
            )
