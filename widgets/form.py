"""Forms for the keyboard: rows of fields, each with its help and, beside it, what is wrong."""

from collections.abc import Callable, Mapping, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from widgets.choice import Choice, Option
from widgets.line_widget import LineWidget, OneLine, Piece
from widgets.text_box import TextEntry
from widgets.text_entry import LineEntry
from widgets.wrapping import wrap

FieldValue = str | tuple[str, ...] | None
"""What a field holds: a text, the value picked or None, or all the values picked."""


class _FieldLine(OneLine):
    """The label over a field, and what is wrong with it below."""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self._pieces: tuple[Piece, ...] = ()

    def show(self, *pieces: Piece) -> None:
        self._pieces = pieces
        self.refresh()

    def content(self) -> Sequence[Piece]:
        return self._pieces


_BEFORE_LAYOUT = 70
"""Cells that a line is broken at while its widget has no size yet; the layout breaks it anew."""


class _Problem(LineWidget):
    """What is wrong with a field, in as many lines as it takes."""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self._text = ""
        self._spans: list[tuple[int, int]] = []

    def show(self, text: str) -> None:
        self._text = f"! {text}" if text else ""
        self.display = bool(text)
        self._break()

    def on_resize(self) -> None:
        self._break()

    def _break(self) -> None:
        width = self.size.width or _BEFORE_LAYOUT
        self._spans = list(wrap(self._text, max(20, width - 2), hang=2)) if self._text else []
        self.styles.height = max(1, len(self._spans))
        self.refresh()

    def line(self, y: int) -> Sequence[Piece]:
        if y >= len(self._spans):
            return ()
        start, end = self._spans[y]
        return [("  " if y == 0 else "    ", "error"), (self._text[start:end], "error")]


class Field(Widget, inherit_bindings=False):
    """A row of a form: label and help, what is filled in, and what is wrong with it."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        margin-bottom: 1;
        border-left: blank;
        &:focus-within {
            border-left: thick $primary;
        }
        .error {
            display: none;
        }
        LineEntry, TextEntry, Choice {
            margin-left: 2;
        }
        TextEntry {
            height: 6;
        }
    }
    """

    class Changed(Message):
        """What is filled in changed."""

        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field

    class Finished(Message):
        """The field is filled in: go on to the next."""

        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field

    def __init__(
        self,
        key: str,
        label: str,
        editor: Widget,
        *,
        help: str = "",  # noqa: A002 - what it is
        required: bool = False,
    ) -> None:
        super().__init__()
        self.key = key
        """Names the field in the values of its form."""
        self.label = label
        self.help = help
        self.required = required
        self.editor = editor
        self.problem = ""
        """What is wrong with what is filled in; empty where nothing is."""
        self._over = _FieldLine(classes="label")
        self._below = _Problem(classes="error")

    def compose(self) -> ComposeResult:
        """Lay out label, editor and error line."""
        yield self._over
        yield self.editor
        yield self._below

    def on_mount(self) -> None:
        """Show the label."""
        self._show_label()

    @property
    def value(self) -> FieldValue:
        """What is filled in."""
        raise NotImplementedError

    @value.setter
    def value(self, value: FieldValue) -> None:
        raise NotImplementedError

    def show_problem(self, text: str) -> None:
        """Say beside the field what is wrong with it, or with an empty text that nothing is."""
        if text != self.problem:
            self.problem = text
            self._below.show(text)

    def set_help(self, text: str) -> None:
        """Explain the field in other words."""
        self.help = text
        self._show_label()

    def _show_label(self, typed: str = "") -> None:
        pieces: list[Piece] = [(self.label, "heading")]
        if self.required:
            pieces.append((" (needed)", "muted"))
        if typed:
            pieces.append((f"  typed: {typed}", "key"))
        if self.help:
            pieces.append((f"  {self.help}", "muted"))
        self._over.show(*pieces)


class ChoiceField(Field):
    """A field that one option is picked for. Its value is None until one is."""

    def __init__(
        self,
        key: str,
        label: str,
        options: Sequence[Option],
        *,
        help: str = "",  # noqa: A002 - what it is
        required: bool = False,
        many: bool = False,
        rows: int = 9,
    ) -> None:
        self.choice = Choice(options, many=many, rows=rows)
        super().__init__(key, label, self.choice, help=help, required=required)

    @property
    def value(self) -> FieldValue:
        """The value picked, None where none is."""
        return self.choice.picked[0] if self.choice.picked else None

    @value.setter
    def value(self, value: FieldValue) -> None:
        self.choice.pick([value] if isinstance(value, str) else value or ())

    @on(Choice.Picked)
    def _picked(self, event: Choice.Picked) -> None:
        event.stop()
        self.show_problem("")
        self.post_message(self.Changed(self))

    @on(Choice.Narrowed)
    def _narrowed(self, event: Choice.Narrowed) -> None:
        event.stop()
        self._show_label(self.choice.narrowed)

    @on(Choice.Refused)
    def _refused(self, event: Choice.Refused) -> None:
        event.stop()
        self.show_problem(f"not possible: {event.reason}")

    @on(Choice.Finished)
    def _choice_finished(self, event: Choice.Finished) -> None:
        event.stop()
        self.post_message(self.Finished(self))


class MultiChoiceField(ChoiceField):
    """A field that any number of options is picked for. Its value is a tuple."""

    def __init__(
        self,
        key: str,
        label: str,
        options: Sequence[Option],
        *,
        help: str = "",  # noqa: A002 - what it is
        required: bool = False,
        rows: int = 9,
    ) -> None:
        super().__init__(key, label, options, help=help, required=required, many=True, rows=rows)

    @property
    def value(self) -> FieldValue:
        """The values picked, in the order of the options."""
        return self.choice.picked

    @value.setter
    def value(self, value: FieldValue) -> None:
        self.choice.pick([value] if isinstance(value, str) else value or ())


class LineField(Field):
    """A field for one line of text. Its value is the text, empty where there is none."""

    def __init__(
        self,
        key: str,
        label: str,
        *,
        value: str = "",
        help: str = "",  # noqa: A002 - what it is
        required: bool = False,
        placeholder: str = "",
    ) -> None:
        self.entry = LineEntry(value, placeholder=placeholder)
        super().__init__(key, label, self.entry, help=help, required=required)

    @property
    def value(self) -> FieldValue:
        """The text."""
        return self.entry.value

    @value.setter
    def value(self, value: FieldValue) -> None:
        self.entry.value = _text(value)

    @on(Input.Changed)
    def _entry_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.show_problem("")
        self.post_message(self.Changed(self))

    @on(Input.Submitted)
    def _entry_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Finished(self))


class TextField(Field):
    """A field for several lines of text. Its value is the text, empty where there is none."""

    def __init__(
        self,
        key: str,
        label: str,
        *,
        value: str = "",
        help: str = "",  # noqa: A002 - what it is
        required: bool = False,
    ) -> None:
        self.entry = TextEntry(value)
        super().__init__(key, label, self.entry, help=help, required=required)

    @property
    def value(self) -> FieldValue:
        """The text."""
        return self.entry.text

    @value.setter
    def value(self, value: FieldValue) -> None:
        self.entry.load_text(_text(value))

    @on(TextArea.Changed)
    def _entry_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.show_problem("")
        self.post_message(self.Changed(self))


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Fields one below the other; the focus goes from one to the next."""

    DEFAULT_CSS = """
    Form {
        scrollbar-size: 0 0;
    }
    """

    class Finished(Message):
        """The last field is filled in and left with `enter`. It is not a confirmation."""

        def __init__(self, form: "Form") -> None:
            super().__init__()
            self.form = form

    def __init__(
        self,
        fields: Sequence[Field] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(*fields, id=id)
        self._given = tuple(fields)
        self.before_going_on: Callable[[], None] = lambda: None
        """Called before the focus goes to another field, so that fields can come and go."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are shown, in order; a hidden field takes no part."""
        return tuple(field for field in self._given if field.display)

    def field(self, key: str) -> Field:
        """Return a field by its key, also a hidden one. Raises KeyError."""
        for field in self._given:
            if field.key == key:
                return field
        raise KeyError(key)

    async def set_fields(self, fields: Sequence[Field]) -> None:
        """Show other fields, and go to the first."""
        await self.remove_children()
        self._given = tuple(fields)
        await self.mount(*fields)
        self.go_to_first()

    def values(self) -> dict[str, FieldValue]:
        """Return what is filled in, by the keys of the fields."""
        return {field.key: field.value for field in self.fields}

    def fill(self, values: Mapping[str, FieldValue]) -> None:
        """Fill in values; keys of no field are left out."""
        for field in self._given:
            if field.key in values:
                field.value = values[field.key]

    def show_problems(self, problems: Mapping[str, str]) -> bool:
        """Say what is wrong beside each field, and go to the first; return whether any was."""
        for field in self.fields:
            field.show_problem(problems.get(field.key, ""))
        for field in self.fields:
            if field.problem:
                self.go_to(field)
                return True
        return False

    def missing(self) -> dict[str, str]:
        """Return a problem for each field that is needed and empty."""
        return {
            field.key: "needed"
            for field in self.fields
            if field.required and (field.value is None or not str(field.value or "").strip())
        }

    def go_to(self, field: Field) -> None:
        """Give a field the focus, and show it whole, its label and what is wrong included."""
        # At once: the next key may be in the same read.
        self.screen.set_focus(field.editor, scroll_visible=False)
        self.call_after_refresh(self.scroll_to_widget, field, animate=False, force=True)

    def go_to_first(self) -> None:
        """Give the first field the focus."""
        if self.fields:
            self.go_to(self.fields[0])

    def next(self, steps: int = 1) -> bool:
        """Go `steps` fields on, back where negative; False where there is none."""
        self.before_going_on()
        fields = self.fields
        here = self._focused()
        wanted = (fields.index(here) if here in fields else -1) + steps
        if not 0 <= wanted < len(fields):
            return False
        self.go_to(fields[wanted])
        return True

    @on(Field.Finished)
    def _field_finished(self, event: Field.Finished) -> None:
        event.stop()
        if not self.next():
            self.post_message(self.Finished(self))

    def _focused(self) -> Field | None:
        focused = self.screen.focused
        for field in self.fields:
            if focused is field.editor:
                return field
        return None


def _text(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value or ""
