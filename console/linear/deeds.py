"""What can be done to the case at hand, or to those that are marked."""

from typing import Final

from msgspec.structs import replace

from console.casework import actions
from console.commands import COMMANDS, By, Command
from console.commands.repeating import NOTHING, Last
from console.composing import by_form, decision_drafts
from console.composing.by_form import Prepared
from console.desk import CaseView
from console.linear.deciding import decide
from console.linear.forms import fill_in
from console.linear.many import record_on_many
from console.linear.marking import MarkingPlace
from console.linear.session import Doer, Session
from console.words import by_form as words
from local_cache.cases import CaseRow
from local_cache.entries import Entry

_FORMS: Final = frozenset(
    {
        "case.assess",
        "case.verify",
        "case.note",
        "case.wait",
        "case.enforce",
        "case.preserve",
        "case.tag",
        "case.move",
        "case.assign",
        "case.link",
        "case.snooze",
        "case.close",
        "decision.approve",
    }
)
"""Commands that are filled in; each form is called as its command ends."""


class Deeds(MarkingPlace):
    """The commands of the desk that record something."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._again: Last | None = None
        """What the command that is called next does again, instead of asking."""

    def doer(self, command: Command) -> Doer | None:
        """Return what does a command; those with a form are filled in."""
        if command.id in _FORMS:
            return lambda _rest: self._deed(command)
        return super().doer(command)

    def do_case_claim(self, _rest: str) -> None:
        """Claim the case, or those that are marked."""
        self._do(COMMANDS["case.claim"], actions.Claim(), "Claiming.")

    def do_case_release(self, _rest: str) -> None:
        """Release the claim, or those on the marked cases."""
        self._do(COMMANDS["case.release"], actions.Release())

    def _do(self, command: Command, action: actions.AnyAction, meanwhile: str = "") -> None:
        """Do what asks for nothing: to the marked cases, where there are any."""
        if self.marks:
            self._on_many(command, action)
            return
        view = self.view
        assert view is not None  # the registry asks for a case
        if meanwhile:
            self.say(meanwhile)
        waits = not actions.never_queued(action)
        entry = self.desk.act(view.id, action, undo_window=waits)
        self.session.recorded(entry, view.row, Last(command.id))

    def _deed(self, command: Command) -> None:
        """Do what has a form: to the marked cases where it can, else to the one at hand."""
        if command.many and self.marks:
            self._on_many(command)
            return
        self._by_form(command)
        if self.marks:
            self.say(f"This was about one case. The {len(self.marks):,} marks stay.")

    def _on_many(self, command: Command, action: actions.AnyAction | None = None) -> None:
        here = replace(self.situation(), view=None, marked=0)

        def why_not(row: CaseRow) -> str | None:
            return command.blocked(replace(here, row=row))

        record_on_many(
            self.session, command, self.marks.ids, why_not, action=action, again=self._again
        )

    def _by_form(self, command: Command) -> None:
        view = self._fresh()
        if view is None or view.case is None:
            return
        name = command.id.rpartition(".")[2]
        prepared = by_form.prepare(self.desk, view, view.case, name)
        if self._again is not None:
            self._record_again(self._again, prepared, view)
            return
        done = fill_in(self.session, prepared)
        if done is not None and isinstance(done.result, Entry):
            last = Last(command.id, prepared.form.type, done.answers)
            self.session.recorded(done.result, view.row, last)

    def _record_again(self, again: Last, prepared: Prepared, view: CaseView) -> None:
        """Record what was answered last on another case; what it did is said."""
        body = again.body(prepared, self.session.server_now())
        if body is None:
            title = COMMANDS[again.command].title
            self.say(words.not_repeated(title, prepared.form.type), "warning")
            return
        action = by_form.read_body(self.desk, body)
        entry = self.desk.act(view.id, action, undo_window=True)
        self.session.recorded(entry, view.row, again)
        self.say(words.again(prepared, body, "undo"))

    def do_repeat(self, _rest: str) -> None:
        """Do again what was recorded last, with the same answers, here or on the marked cases."""
        last = self.session.last
        if last is None:
            self.say(NOTHING)
            return
        self._again = last
        try:
            self.session.run_named(last.command, by=By.REPEAT)
        finally:
            self._again = None

    def _fresh(self) -> CaseView | None:
        return None if self.view is None else self.desk.case(self.view.id)

    def do_case_new(self, _rest: str) -> None:
        """Open a case by hand."""
        prepared = by_form.prepare_new(self.desk)
        done = fill_in(self.session, prepared)
        if done is not None and isinstance(done.result, Entry):
            last = Last("case.new", prepared.form.type, done.answers)
            self.session.recorded(done.result, None, last)
            self.open(done.result.case_id)

    def do_decision_open(self, _rest: str) -> None:
        """Decide."""
        view = self._fresh()
        if view is None or view.case is None:
            return
        entry = decide(self.session, view)
        if entry is not None:
            self.session.recorded(entry, view.row, Last("decision.open"))
        elif decision_drafts.kept(self.desk, view.id) is not None:
            self.say("Nothing is decided yet. Your draft is kept: decide goes on with it.")
        else:
            self.say("Left. Nothing was recorded.")

    def do_draft_open(self, _rest: str) -> None:
        """Draft the response."""
        from console.linear.letter import LetterPlace

        view = self._fresh()
        if view is not None and view.case is not None:
            self.session.go_to(LetterPlace(self.session, view))
