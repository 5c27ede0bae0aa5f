"""The fields of a response: made of what it is composed on, filled from a letter, read back."""

from collections.abc import Iterable, Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from console.composing import letter_fields as asks
from console.composing.forms import Field
from console.composing.letter_fields import DISCLOSES, GIVEN, SOURCE
from console.composing.responding import Composed, Ground, Letter
from console.drafting.templates import Filled
from console.screens.asking import make_field
from console.words.response import source_of
from local_cache.hostile import visible
from local_cache.records import Variable
from widgets import form as fields
from widgets.line_widget import OneLine, Piece

ATTACH: Final = "/attach"
SUBJECT: Final = "/subject"
BODY: Final = "/body"


class Source(OneLine):
    """Where the value of a variable came from."""

    def __init__(self) -> None:
        super().__init__(classes="source")
        self._piece: Piece = ("", "muted")

    def show(self, text: str, role: str) -> None:
        """Show another source."""
        if (text, role) != self._piece:
            self._piece = (text, role)
            self.refresh()

    def content(self) -> Sequence[Piece]:
        """Return the source."""
        return (self._piece,)


class AnswerField(fields.LineField):
    """A variable in one row: its name, its value, where that came from."""

    def __init__(self, variable: Variable) -> None:
        prompt = variable.prompt.visible() if variable.prompt else ""
        super().__init__(GIVEN + variable.name, variable.name, placeholder=prompt)
        self.source = Source()
        self.set_class(variable.from_ is None, "asked")

    def compose(self) -> ComposeResult:
        """Lay it out in one row."""
        yield self._over
        yield self.editor
        yield self.source


class ListField(fields.TextField):
    """A variable with several items, one a line."""

    def __init__(self, variable: Variable) -> None:
        prompt = variable.prompt.visible() if variable.prompt else ""
        about = f"one a line · {prompt}" if prompt else "one a line"
        super().__init__(GIVEN + variable.name, variable.name, help=about)
        self.source = Source()

    def compose(self) -> ComposeResult:
        """Put the source below."""
        yield self._over
        yield self.editor
        yield self.source


class AttachField(fields.LineField):
    """The path of a file; `enter` attaches it and stays for the next."""

    class Chosen(Message):
        """A path was given."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    @on(Input.Submitted)
    def _chosen(self, event: Input.Submitted) -> None:
        if event.value.strip():
            event.stop()
            event.prevent_default()  # the focus stays
            self.post_message(self.Chosen(event.value.strip()))


VariableField = AnswerField | ListField


def make_fields(ground: Ground, letter: Letter) -> list[fields.Field]:
    """Make every field of a letter, filled."""
    made: list[fields.Field] = list(_variables(ground, letter))
    made.append(fields.LineField(SUBJECT, "Subject"))
    made.append(fields.TextField(BODY, "Text", help="Markdown; it goes as it stands here"))
    made += map(_made, asks.addressing(ground, letter))
    made += _disclosing(ground, letter)
    made += _files(letter)
    return made


def _variables(ground: Ground, letter: Letter) -> Iterable[fields.Field]:
    for variable in asks.variables_asked(ground, letter):
        yield ListField(variable) if variable.kind == "list" else AnswerField(variable)


def _made(question: Field) -> fields.Field:
    """Make the widget of a question, answered as it stands."""
    made = make_field(question)
    made.value = question.initial
    return made


def _disclosing(ground: Ground, letter: Letter) -> Iterable[fields.Field]:
    questions = asks.disclosing(ground, letter)
    values = {each.name: each.initial for each in questions}
    for question in questions:
        made = _made(question)
        made.display = question.shown(values)
        yield made


def _files(letter: Letter) -> list[fields.Field]:
    attach = AttachField(ATTACH, "Attach a file", help="its path, then enter")
    files = _made(asks.files(letter))
    files.display = bool(letter.attachments)
    return [attach, files]


# --- Reading back -------------------------------------------------------------------------------


def read_letter(form: fields.Form, ground: Ground, letter: Letter) -> Letter:
    """Return the letter with what is filled in, but for variables, subject and body."""
    known = {field.key for field in form.fields if not field.key.startswith(GIVEN)}
    known -= {SUBJECT, BODY, ATTACH}
    return asks.with_answers(ground, letter, {key: form.field(key).value or "" for key in known})


def show_sources(form: fields.Form, ground: Ground) -> None:
    """Ask for the source of what is disclosed, and of nothing else."""
    picked = _picked(form, DISCLOSES) if ground.granted else ()
    for number in range(len(ground.granted)):
        form.field(f"{SOURCE}{number}").display = str(number) in picked


def show_values(form: fields.Form, composed: Composed, given: dict[str, str]) -> dict[str, str]:
    """Fill in what the case fills, and say where each value came from.

    Returns what was filled in, by variable: what differs from it was given by hand.
    """
    filled: dict[str, str] = {}
    for value in composed.values:
        field = _field_of(form, value)
        if field is None:
            continue
        field.source.show(*source_of(value, composed.unfilled))
        if value.name in given:
            continue
        shown = _shown(value, field)
        filled[value.name] = shown
        if not field.editor.has_focus and field.value != shown:
            field.value = shown
    return filled


def give(form: fields.Form, given: dict[str, str]) -> None:
    """Fill in what was given for the variables."""
    for name, text in given.items():
        try:
            form.field(GIVEN + name).value = visible(text, multiline=True)
        except KeyError:
            continue  # a variable of a template that was chosen before


def _field_of(form: fields.Form, value: Filled) -> VariableField | None:
    try:
        field = form.field(GIVEN + value.name)
    except KeyError:
        return None
    assert isinstance(field, VariableField)
    return field


def _shown(value: Filled, field: VariableField) -> str:
    return value.value if isinstance(field, ListField) else " ".join(value.value.splitlines())


def _picked(form: fields.Form, key: str) -> tuple[str, ...]:
    value = form.field(key).value
    return value if isinstance(value, tuple) else ()
