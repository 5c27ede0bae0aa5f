"""A form for one action: fields, and what is wrong with each beside it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from textual import on
from textual.widget import Widget

from console.casework.findings import Finding
from console.commands import keys_for
from console.composing import form_drafts, forms
from console.composing.by_form import Prepared
from console.desk import RefusedByPolicy
from console.screens.asking import height_of, make_field
from console.screens.confirm import ConfirmScreen, confirmation
from console.screens.keeping import Keeping
from console.screens.moving import Reading
from console.wording import when
from console.words import by_form as words
from console.words.row import name_of, requester_of
from local_cache.drafts import Draft
from widgets import form as fields
from widgets.text_lines import Line, heading
from widgets.text_view import TextView


class FormScreen(Keeping, Reading):
    """Asks what an action needs and records it. Its result is the entry, None where it was left.

    Where there is something to read first, `told`, it has the focus at first.
    """

    def __init__(self, prepared: Prepared) -> None:
        super().__init__()
        self.form = prepared.form
        self.asked = prepared.form.fields
        self._prepared = prepared
        view = prepared.view
        self.reopened_by = _opened_by(prepared)
        self.about_case = "" if view is None else view.id
        told = words.first_read(prepared)
        self._first_read = tuple(Line((piece,), hang=11) for piece in told)
        self._recording = False
        self.submitted: forms.Values = {}
        """The answers that were recorded, to be given again."""
        self._known: forms.Values = {}
        """The answers as we know them, to tell a person's change from the news of our own."""
        self._discarded: forms.Values | None = None

    def body(self) -> Iterable[Widget]:
        """Lay out what is to be read, and the fields."""
        yield TextView(
            [heading(self.form.title), Line(((words.about(self._prepared), "muted"),))], id="about"
        )
        if self._first_read:
            yield TextView(self._first_read, id="told")
        yield TextView(id="wrong")
        yield fields.Form([make_field(field) for field in self.form.fields], id="form")

    def on_mount(self) -> None:
        """Begin at what is to be read, else at the first field."""
        self.query_one("#about").styles.height = 2
        self.query_one("#wrong").display = False
        self.follow_answers()
        widget = self.answers_form
        self._fill(self._initial)
        draft = self._prepared.draft
        if draft is not None:
            self._fill({**self._initial, **form_drafts.from_draft(self.form, draft)})
        if self._first_read:
            self._fit_told()
            self.reader.focus()
            down, up, on = keys_for("nav.down"), keys_for("nav.up"), keys_for("form.next")
            self.tell(f"{down} and {up} move the text; {on} goes on to the fields.", "muted")
        else:
            widget.go_to_first()
        if draft is not None:
            at = when(datetime.fromtimestamp(draft.saved_ms / 1000, UTC))
            key = self.discard_key()
            self.tell(f"What you wrote at {at} is back. {key} discards it.", "unsent")

    @property
    def _initial(self) -> forms.Values:
        return {field.name: field.initial or "" for field in self.form.fields}

    def _fill(self, values: forms.Values) -> None:
        self.answers_form.fill(values)
        self._known = self.answers()
        self.ask_what_applies()

    def on_resize(self) -> None:
        """Give what is to be read the room it needs, up to half of the screen."""
        if self._first_read:
            self._fit_told()

    def _fit_told(self) -> None:
        most = max(4, self.size.height * 45 // 100)
        self.reader.styles.height = height_of(self._first_read, self.size.width - 5, most)

    @property
    def reader(self) -> TextView:
        """What is to be read before the fields."""
        return self.query_one("#told", TextView)

    def contexts(self) -> tuple[str, ...]:
        """While the text to be read has the focus, keys move it."""
        contexts = super().contexts()
        reading = bool(self._first_read) and self.focused is self.reader
        return ("form", "move", "global") if reading else contexts

    @on(fields.Field.Changed)
    def _changed(self, event: fields.Field.Changed) -> None:
        event.stop()
        self.ask_what_applies()
        values = self.answers()
        if values != self._known:
            self._known = values
            self.keep_soon()

    # --- The draft --------------------------------------------------------------------------

    def as_draft(self) -> Draft:
        """Return what is filled in, as it is kept."""
        now_ms = round(self.host.server_now().timestamp() * 1000)
        return form_drafts.as_draft(self.form, self._prepared.draft_place, self.answers(), now_ms)

    def do_form_discard(self, _count: int | None) -> None:
        """Discard what was filled in; once more brings it back."""
        values = self.answers()
        if self._discarded is not None and values == self._initial:
            self._fill(self._discarded)
            self._discarded, self.kept = None, False
            self.later(self.keep())
            self.tell("It is back.", "ok")
        else:
            self._fill(self._initial)
            self._discarded, self.kept = values, True
            self.later(self.drop(self._prepared.draft_id))
            self.tell(f"Discarded. {self.discard_key()} once more brings it back.", "warning")
        self.answers_form.show_problems({})
        self.answers_form.go_to_first()

    def do_form_previous(self, _count: int | None) -> None:
        """To the previous field, from the first one to what is to be read."""
        if not self.answers_form.next(-1) and self._first_read:
            self.reader.focus()

    def do_form_submit(self, _count: int | None) -> None:
        """Record, where nothing is wrong."""
        if not self._recording:
            self._recording = True
            self.opening(self._submit())

    async def _submit(self) -> None:
        try:
            self.submitted = self.answers()
            body = forms.body(self.form, self.submitted, self.host.server_now())
            await self._record(body)
        except forms.BadAnswer as wrong:
            self.show_findings([Finding(wrong.field, wrong.detail)])
        except RefusedByPolicy as refusal:
            self.show_findings(refusal.findings)
        finally:
            self._recording = False

    async def _record(self, body: dict[str, Any]) -> None:
        findings = await self.host.off_loop(lambda: self._prepared.judge(body))
        if findings:
            raise RefusedByPolicy(findings)
        if self.form.dangerous:
            told = ConfirmScreen(self.form.title, self._confirmed(body))
            if not await self.ask_screen(told):
                self.tell("Not confirmed, not recorded. What you wrote is kept.", "warning")
                return
        async with self.saving:
            entry = await self.host.off_loop(lambda: self._prepared.record(body))
            self.kept = True
        self.dismiss(entry)

    def _confirmed(self, body: dict[str, Any]) -> list[Line]:
        view = self._prepared.view
        assert view is not None  # no case by hand is dangerous
        what = words.body_facts(body)
        lines = confirmation(name_of(view.row), requester_of(view.row), what)
        return [*lines, Line(), *self._first_read] if self._first_read else lines

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Show each finding beside its field, those about the whole above the form."""
        asked = {field.key for field in self.answers_form.fields}
        beside, above = forms.beside(self.form, findings, asked)
        self.show_above(above)
        self.answers_form.show_problems(beside)
        self.tell("Not recorded yet: see what is wrong beside the fields.", "error")


def _opened_by(prepared: Prepared) -> str:
    if prepared.many:
        return ""  # the marks that it is about do not outlive a lock; what was filled in does
    action = "new" if prepared.view is None else prepared.form.type
    return "decision.approve" if action == "approve" else f"case.{action}"
