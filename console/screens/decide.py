"""Deciding: what the policy needs for the disposition, asked for and judged as it is filled in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.widget import Widget

from console.casework.actions import Decide
from console.casework.findings import Finding
from console.composing import decided, deciding
from console.composing import decision_drafts as drafts
from console.composing.deciding import Ground
from console.composing.decision_drafts import Judged
from console.desk import CaseView, RefusedByPolicy
from console.screens.asking import MOST_LINES, height_of, make_field
from console.screens.confirm import ConfirmScreen, confirmation
from console.screens.keeping import Keeping
from console.sync.events import CasesChanged, EntryMoved, PolicyChanged, RegisterChanged, SyncEvent
from console.wording import when
from console.words import decision as decision_text
from local_cache.drafts import Draft
from local_cache.records import Case
from widgets import form as fields
from widgets.choice import Option
from widgets.line_widget import Piece
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

JUDGE_AFTER = 0.25
"""Seconds without a key after which what is filled in is judged."""


class DecideScreen(Keeping):
    """Asks for a decision and records it. Its result is the entry, None where it was left.

    What is filled in is kept as a draft while it is typed, and dropped once it is recorded.
    """

    CSS_PATH: ClassVar[list[str]] = ["form.tcss", "decide.tcss"]

    def __init__(self, view: CaseView) -> None:
        super().__init__()
        assert view.case is not None  # the desk opens no form for a case that cannot be read
        self._view = view
        self.reopened_by, self.about_case = "decision.open", view.id
        self._case: Case = view.case
        """The case that was looked at when the decision began; what differs from it is told."""
        self._ground: Ground | None = None
        self._known: dict[str, str | tuple[str, ...]] = {}
        self._touched: set[str] = set()
        self._discarded: dict[str, str | tuple[str, ...]] | None = None
        self._meanwhile: list[str] = []
        self._refused: tuple[Finding, ...] = ()
        """What came back when it was to be recorded last."""
        self._action: Decide | None = None
        self._busy = False
        self._revision = 0

    def body(self) -> Iterable[Widget]:
        """Lay out what it is about, what it will need, and the fields."""
        who = (self._view.row.requester_name.visible(), self._view.row.agency.visible())
        title = f"Decide {self._view.row.reference.visible() or self._view.id}"
        about = ((title, "heading"), (f"   {', '.join(filter(None, who))}", "text"))
        yield TextView([Line(about)], id="about")
        yield TextView(id="foretold")
        yield TextView(id="wrong")
        yield fields.Form(id="form")

    def on_mount(self) -> None:
        """Read what the questions are made of."""
        self.query_one("#wrong").display = False
        self.query_one("#foretold").display = False
        self.follow_answers()
        self.opening(self._load())

    async def _load(self) -> None:
        def read() -> tuple[CaseView, Ground, Draft | None]:
            view = self.desk.case(self._view.id)
            ground = drafts.ground_of(self.desk, view.case or self._case)
            return view, ground, drafts.kept(self.desk, view.id)

        view, ground, draft = await self.host.off_loop(read)
        self._ground = ground
        self.asked = deciding.questions(ground)
        await self.answers_form.set_fields([make_field(each) for each in self.asked])
        self._fill({each.name: each.initial for each in self.asked})
        if draft is not None:
            self._restore(ground, draft)
        self._look_at(view)
        self.answers_form.go_to_first()
        await self._show_judged()

    # --- What is filled in ------------------------------------------------------------------

    def _fill(self, values: Mapping[str, str | tuple[str, ...]]) -> None:
        self.answers_form.fill(values)
        self._known = self.answers()
        self.ask_what_applies()

    def _restore(self, ground: Ground, draft: Draft) -> None:
        values, whole = decided.from_draft(ground, draft.content)
        self._fill(values)
        self._touched = set(values)
        at = when(datetime.fromtimestamp(draft.saved_ms / 1000, UTC))
        lost = "" if whole else " What is asked for changed: the scope is to be picked anew."
        self.tell(f"Your draft of {at} is back. {self.discard_key()} discards it.{lost}", "unsent")

    @on(fields.Field.Changed)
    def _changed(self, event: fields.Field.Changed) -> None:
        event.stop()
        values = self.answers()
        changed = {name for name, value in values.items() if value != self._known.get(name)}
        if not changed:
            return  # the news of what was filled in by us
        self._known = values
        self._touched |= changed
        self._refused = ()
        self.ask_what_applies()
        self._revision += 1
        self.soon("judge", JUDGE_AFTER, self._judge_now)
        self.keep_soon()

    # --- Judging as it is filled in ---------------------------------------------------------

    def _judge_now(self) -> None:
        self.later(self._show_judged())

    async def _judge(self) -> Judged:
        ground, asked, values = self._ground, self.asked, self.answers()
        assert ground is not None
        now = self.host.server_now()
        return await self.host.off_loop(lambda: drafts.judge(self.desk, ground, asked, values, now))

    async def _show_judged(self) -> None:
        revision = self._revision
        judged = await self._judge()
        if revision != self._revision or self._busy:
            return  # something else was typed meanwhile
        self._action = judged.action
        beside, whole = decided.beside(self.asked, judged.made, judged.findings)
        self.show_beside(beside, only=self._touched)
        self._show_above(found for found in whole if found.pointer in ("", "/type"))
        self._show_foretold()

    def _show_above(self, findings: Iterable[Finding]) -> None:
        anew = [Finding("", drafts.ANEW, code="changed")] if self._asked_anew() else []
        self.show_above([*self._refused, *findings, *anew])

    def _show_foretold(self) -> None:
        ground = self._ground
        if ground is None:
            return
        told: list[Piece] = []
        if self._meanwhile:
            told.append((f"! Changed since you began: {'; '.join(self._meanwhile)}.", "error"))
        told += decision_text.foretold(ground, self._action)
        lines = [Line((piece,), hang=2) for piece in told]
        view = self.query_one("#foretold", TextView)
        view.display = bool(lines)
        view.set_lines(lines)
        view.styles.height = height_of(lines, self.size.width - 5, MOST_LINES)

    def on_resize(self) -> None:
        """Give what is told the room it takes at this width."""
        self._show_foretold()

    # --- The draft --------------------------------------------------------------------------

    def as_draft(self) -> Draft:
        """Return what is filled in, as it is kept."""
        assert self._ground is not None
        return drafts.as_draft(self.desk, self._ground, self._view.id, self.answers())

    def do_form_discard(self, _count: int | None) -> None:
        """Discard what was filled in; once more brings it back."""
        values = self.answers()
        blank = {each.name: each.initial or "" for each in self.asked}
        if self._ground is None:
            return
        if self._discarded is not None and values == blank:
            self._fill(self._discarded)
            self._touched = {name for name, value in self._discarded.items() if value}
            self._discarded, self.kept = None, False
            self.later(self.keep())
            self.tell("It is back.", "ok")
        else:
            self._fill(blank)
            self._touched, self._discarded, self.kept = set(), values, True
            self.later(self.drop(drafts.draft_id(self._view.id)))
            self.tell(f"Discarded. {self.discard_key()} once more brings it back.", "warning")
        self._revision += 1
        self.answers_form.show_problems({})
        self.answers_form.go_to_first()
        self._judge_now()

    # --- News -------------------------------------------------------------------------------

    def heard(self, event: SyncEvent) -> None:
        """Look whether the case that is being decided changed, or what it is judged by."""
        match event:
            case CasesChanged(ids=ids) if ids is None or self._view.id in ids:
                self.later(self._look_again())
            case EntryMoved(case_id=self._view.id) | PolicyChanged() | RegisterChanged():
                self.later(self._look_again())
            case _:
                pass

    def case_touched(self, case_id: str) -> None:
        """Something was taken back on the case: look again."""
        if case_id == self._view.id:
            self.later(self._look_again())

    async def _look_again(self) -> None:
        await self._renew()
        await self._show_judged()

    async def _renew(self) -> None:
        """Read the case and what it is judged by anew; the answers stay."""
        if self._ground is None:
            return

        def read() -> tuple[CaseView, Ground | None]:
            view = self.desk.case(self._view.id)
            return view, None if view.case is None else drafts.ground_of(self.desk, view.case)

        view, ground = await self.host.off_loop(read)
        if ground is not None and ground.asked == self._ground.asked:
            self._take_ground(ground)
        self._look_at(view)

    def _take_ground(self, ground: Ground) -> None:
        questions = deciding.questions(ground)
        if [each.name for each in questions] != [each.name for each in self.asked]:
            return
        for old, new in zip(self.asked, questions, strict=True):
            field = self.answers_form.field(new.name)
            if isinstance(field, fields.ChoiceField) and old.options != new.options:
                field.choice.set_options(
                    [Option(o.value, o.label, o.key, o.note, o.unavailable) for o in new.options]
                )
        self._ground, self.asked = ground, questions
        self.ask_what_applies()

    def _look_at(self, view: CaseView) -> None:
        """Say what differs from the case as it was looked at."""
        self._view = view
        if view.case is None:
            self._meanwhile = ["the case is no longer ours to see"]
            return
        self._meanwhile = decision_text.changes(self._case, view.case)
        if view.newest is not None and view.seen is not None:
            beside = decision_text.changes(view.seen, view.newest)
            self._meanwhile += [f"on the server: {what}" for what in beside]
        self._show_foretold()

    # --- Recording --------------------------------------------------------------------------

    def do_form_submit(self, _count: int | None) -> None:
        """Judge, confirm, record."""
        if self._ground is not None and not self._busy:
            self._busy = True
            self.opening(self._submit())

    async def _submit(self) -> None:
        self._refused = ()
        try:
            await self._renew()
            judged = await self._judge()
            if judged.action is None or judged.findings or judged.made.faults or self._asked_anew():
                self._show_all(judged)
            else:
                await self._confirm(judged.action)
        except RefusedByPolicy as refusal:
            self._refused = refusal.findings
            await self._renew()
            self._show_above(())
            self.tell("Not recorded: see above the fields.", "error")
        finally:
            self._busy = False

    def _asked_anew(self) -> bool:
        return self._ground is None or drafts.asked_anew(self._ground, self._view)

    def _show_all(self, judged: Judged) -> None:
        """Show everything that is wrong, and go to the first of it."""
        beside, whole = decided.beside(self.asked, judged.made, judged.findings)
        self._touched = {each.name for each in self.asked}
        self._action = judged.action
        hidden = {
            name: text for name, text in beside.items() if not self.answers_form.field(name).display
        }
        whole += [Finding(name, text) for name, text in hidden.items()]
        self._show_above(whole)
        self._show_foretold()
        self.answers_form.show_problems(beside)
        self.tell("Not recorded yet: see what is wrong beside the fields.", "error")

    async def _confirm(self, action: Decide) -> None:
        ground, view, values = self._ground, self._view, self.answers()
        assert ground is not None
        if not await self.ask_screen(
            ConfirmScreen("Confirm the decision", self._lines_confirmed(action))
        ):
            self.tell("Not confirmed, not recorded. It is kept as a draft.", "warning")
            return
        if self.answers() != values:
            self.tell("Not recorded: what is filled in changed meanwhile.", "error")
            return
        async with self.saving:
            entry = await self.host.off_loop(lambda: drafts.record(self.desk, view, action))
            self.kept = True
        self.dismiss(entry)

    def _lines_confirmed(self, action: Decide) -> list[Line]:
        assert self._ground is not None
        row = self._view.row
        who = ", ".join(filter(None, (row.requester_name.visible(), row.agency.visible())))
        told = decision_text.confirmed(self._ground, action)
        lines = confirmation(row.reference.visible() or self._view.id, who or "none", told)
        if self._meanwhile:
            warning = f"! The case changed since you began: {'; '.join(self._meanwhile)}."
            lines = [heading(warning), Line(), *lines]
        return lines
