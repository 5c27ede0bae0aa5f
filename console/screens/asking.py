"""Screens that are filled in: fields come and go, findings stand beside them."""

from collections.abc import Iterable, Mapping, Sequence

from textual import on

from console.casework.findings import Finding
from console.commands import keys_for
from console.composing import forms
from console.screens.base import NightScreen
from widgets import choice
from widgets import form as fields
from widgets.text_lines import Line
from widgets.text_view import TextView
from widgets.wrapping import wrap

_MANY = "Type a part, enter takes it; enter again goes on."
MOST_LINES = 6
"""Lines about the whole that are in sight above the fields."""


class Asking(NightScreen):
    """A screen with a form. Which questions are asked follows from what is answered so far."""

    CSS_PATH = "form.tcss"
    CONTEXTS = ("form", "global")
    FOOTER = ("form",)
    asked: Sequence[forms.Field] = ()
    """Every question there is, also those that are not asked just now."""

    @property
    def answers_form(self) -> fields.Form:
        """The widget with the fields."""
        return self.query_one("#form", fields.Form)

    @property
    def field_in_front(self) -> str:
        """The field that the focus is in."""
        if not self.query("#form"):
            return ""  # pushed and not composed yet
        focused = self.focused
        within = [each for each in self.answers_form.fields if focused in each.walk_children()]
        return within[0].key if within else ""

    def go_to_field(self, name: str) -> None:
        """Give a field the focus again, where it is asked."""
        for each in self.answers_form.fields if self.query("#form") else ():
            if each.key == name and each.display:
                self.answers_form.go_to(each)

    def follow_answers(self) -> None:
        """Let questions come and go before the focus moves on."""
        self.answers_form.before_going_on = self.ask_what_applies

    def answers(self) -> dict[str, str | tuple[str, ...]]:
        """Return what is filled in, hidden fields included: it is kept."""
        form = self.answers_form
        return {each.name: form.field(each.name).value or "" for each in self.asked}

    def ask_what_applies(self) -> None:
        """Show the questions that are asked as the answers stand, hide the others."""
        values = self.answers()
        for each in self.asked:
            field = self.answers_form.field(each.name)
            shown = each.shown(values)
            if field.display != shown:
                field.display = shown
                field.show_problem("")

    @on(fields.Form.Finished)
    def _finished(self, event: fields.Form.Finished) -> None:
        event.stop()
        self.tell(f"That was the last field. {keys_for('form.submit')} records it.", "muted")

    def do_form_next(self, _count: int | None) -> None:
        """To the next field."""
        self.answers_form.next()

    def do_form_previous(self, _count: int | None) -> None:
        """To the previous field."""
        self.answers_form.next(-1)

    def show_above(self, findings: Iterable[Finding]) -> None:
        """Show what is wrong with the whole, above the fields."""
        lines = [
            Line(((f"! {_about(found)}{found.detail}", "error"),), hang=2) for found in findings
        ]
        wrong = self.query_one("#wrong", TextView)
        wrong.display = bool(lines)
        wrong.set_lines(lines)
        wrong.styles.height = height_of(lines, self.size.width - 5, MOST_LINES)

    def show_beside(
        self, problems: Mapping[str, str], *, only: Iterable[str] | None = None
    ) -> None:
        """Show what is wrong beside the fields, without moving the focus."""
        wanted = None if only is None else frozenset(only)
        for field in self.answers_form.fields:
            if wanted is None or field.key in wanted:
                field.show_problem(problems.get(field.key, ""))


def _about(found: Finding) -> str:
    return f"{found.pointer.strip('/')}: " if found.pointer.strip("/") not in ("", "type") else ""


def height_of(lines: Iterable[Line], width: int, most: int) -> int:
    """Return how many rows lines take at a width, `most` at most and one at least."""
    rows = sum(len(wrap(line.text, max(20, width), hang=line.hang)) for line in lines)
    return max(1, min(most, rows))


def make_field(field: forms.Field) -> fields.Field:
    """Make the widget of a question."""
    options = [
        choice.Option(one.value, one.label, one.key, one.note, one.unavailable)
        for one in field.options
    ]
    match field.kind:
        case "choice":
            return fields.ChoiceField(
                field.name, field.label, options, help=field.help, rows=field.rows
            )
        case "many":
            return fields.MultiChoiceField(
                field.name, field.label, options, help=field.help or _MANY, rows=field.rows
            )
        case "text":
            return fields.TextField(field.name, field.label, help=field.help)
        case "line" | "when":
            return fields.LineField(field.name, field.label, help=field.help)
