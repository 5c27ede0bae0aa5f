"""A form for one action: fields, and what is wrong with each beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.widget import Widget

from console import forms
from console.casework.findings import Finding
from console.desk import RefusedByPolicy
from console.screens.base import NightScreen
from console.screens.confirm import ConfirmScreen
from local_cache.outbox import Entry
from widgets import choice
from widgets import form as fields
from widgets.text_lines import Line, heading
from widgets.text_view import TextView


@dataclass(frozen=True)
class Doing:
    """What becomes of the body that a form makes. All but `confirm` run off the event loop."""

    judge: Callable[[dict[str, Any]], list[Finding]]
    """Says what stands against it; may raise RefusedByPolicy for what cannot even be read."""
    record: Callable[[dict[str, Any]], Entry]
    """Records it; raises RefusedByPolicy."""
    confirm: Callable[[dict[str, Any]], list[Line]] | None = None
    """What is shown beside the digits, for what is dangerous."""


class FormScreen(NightScreen):
    """Asks what an action needs and records it. Its result is the entry, None where it was left."""

    CONTEXTS = ("form", "global")

    def __init__(self, form: forms.Form, about: str, doing: Doing) -> None:
        super().__init__()
        self.form = form
        self._about = about
        self._doing = doing
        self._recording = False

    def body(self) -> Iterable[Widget]:
        """Lay out the fields."""
        yield TextView([heading(self.form.title), Line(((self._about, "muted"),))], id="about")
        yield TextView(id="wrong")
        yield fields.Form([make_field(field) for field in self.form.fields], id="form")

    def on_mount(self) -> None:
        """Begin at the first field."""
        self.query_one("#wrong").display = False
        widget = self.query_one(fields.Form)
        widget.fill({field.name: field.initial for field in self.form.fields if field.initial})
        widget.go_to_first()

    @on(fields.Form.Finished)
    def _finished(self, event: fields.Form.Finished) -> None:
        event.stop()
        self.tell("ctrl+s records it.", "muted")

    def do_form_next(self, _count: int | None) -> None:
        """To the next field."""
        self.query_one(fields.Form).next()

    def do_form_previous(self, _count: int | None) -> None:
        """To the previous field."""
        self.query_one(fields.Form).next(-1)

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave without recording."""
        self.dismiss(None)

    async def goes_back(self) -> bool:
        """Leave without recording."""
        self.dismiss(None)
        return False

    def do_form_submit(self, _count: int | None) -> None:
        """Record, where nothing is wrong."""
        if not self._recording:
            self.later(self._submit())

    async def _submit(self) -> None:
        values = {key: value or "" for key, value in self.query_one(fields.Form).values().items()}
        try:
            body = forms.body(self.form, values, self.host.server_now())
        except forms.BadAnswer as wrong:
            self.show_findings([Finding(wrong.field, wrong.detail)])
            return
        self._recording = True
        try:
            await self._record(body)
        except RefusedByPolicy as refusal:
            self.show_findings(refusal.findings)
        finally:
            self._recording = False

    async def _record(self, body: dict[str, Any]) -> None:
        findings = await self.host.off_loop(lambda: self._doing.judge(body))
        if findings:
            raise RefusedByPolicy(findings)
        if self._doing.confirm is not None:
            told = self._doing.confirm(body)
            if not await self.ask_screen(ConfirmScreen(self.form.title, told)):
                self.tell("Not confirmed, not recorded.", "warning")
                return
        self.dismiss(await self.host.off_loop(lambda: self._doing.record(body)))

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Show each finding beside its field, those about the whole above the form."""
        beside: dict[str, str] = {}
        above: list[Line] = []
        for found in findings:
            name = forms.field_for(self.form, found.pointer)
            if name is None:
                about = f"{found.pointer}: " if found.pointer else ""
                above.append(Line(((f"! {about}{found.detail}", "error"),), hang=2))
            else:
                beside[name] = "; ".join(filter(None, (beside.get(name), found.detail)))
        wrong = self.query_one("#wrong", TextView)
        wrong.display = bool(above)
        wrong.set_lines(above)
        wrong.styles.height = min(len(above) + 1, 6)
        self.query_one(fields.Form).show_problems(beside)
        self.tell("Not recorded yet: see what is wrong beside the fields.", "error")


def make_field(field: forms.Field) -> fields.Field:
    """Make the widget of a field."""
    options = [choice.Option(option.value, option.label) for option in field.options]
    match field.kind:
        case "choice":
            return fields.ChoiceField(field.name, field.label, options, help=field.help, rows=5)
        case "many":
            return fields.MultiChoiceField(field.name, field.label, options, help=field.help)
        case "text":
            return fields.TextField(field.name, field.label, help=field.help)
        case "line" | "when":
            return fields.LineField(field.name, field.label, help=field.help)
