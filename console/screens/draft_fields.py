"""The fields of a response: made of what it is composed on, filled from a letter, read back."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from console.casework import actions
from console.composing.responding import CHANNELS, Composed, Ground, Letter, fills_itself, item_of
from console.drafting.templates import Filled
from console.words.response import file_name, item_name, source_of
from local_cache.hostile import visible
from local_cache.records import Template, Variable
from widgets import form as fields
from widgets.choice import Option
from widgets.line_widget import OneLine, Piece

TO: Final = "/to"
CHANNEL: Final = "/channel"
KEY_CHANNEL: Final = "/key_channel"
DISCLOSES: Final = "/discloses"
SOURCE: Final = "/source/"
ATTACH: Final = "/attach"
FILES: Final = "/files"
GIVEN: Final = "/given/"
SUBJECT: Final = "/subject"
BODY: Final = "/body"
_NO_KEY: Final = "none"


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
    template = ground.template(letter.template)
    made: list[fields.Field] = list(_variables(template))
    made.append(fields.LineField(SUBJECT, "Subject"))
    made.append(fields.TextField(BODY, "Text", help="Markdown; it goes as it stands here"))
    made += _addressing(ground, letter)
    made += _disclosing(ground, letter)
    made += _files(letter)
    return made


def _variables(template: Template | None) -> Iterable[fields.Field]:
    for variable in template.variables if template else ():
        if fills_itself(variable):
            continue
        yield ListField(variable) if variable.kind == "list" else AnswerField(variable)


def _addressing(ground: Ground, letter: Letter) -> list[fields.Field]:
    channels = [Option(name, name.replace("_", " ")) for name in CHANNELS]
    to = fields.LineField(TO, "To", value=visible(letter.to), help=_whose(ground))
    channel = fields.ChoiceField(CHANNEL, "Channel", channels, rows=len(channels))
    channel.value = letter.channel
    key_channels = [Option(_NO_KEY, "no key is needed"), *channels]
    key = fields.ChoiceField(
        KEY_CHANNEL,
        "Key to the files by",
        key_channels,
        help="never by the channel of the data",
        rows=len(key_channels),
    )
    key.value = letter.key_channel or _NO_KEY
    return [to, channel, key]


def _whose(ground: Ground) -> str:
    requester = ground.case.requester
    if requester is None:
        return "the case names no requester"
    return f"requester: {requester.verification.state}"


def _disclosing(ground: Ground, letter: Letter) -> list[fields.Field]:
    if not ground.granted:
        return []
    options = [
        Option(str(number), item_name(ground, grant)) for number, grant in enumerate(ground.granted)
    ]
    picked = fields.MultiChoiceField(DISCLOSES, "Discloses", options, help="what was granted")
    picked.value = tuple(
        str(number)
        for number, grant in enumerate(ground.granted)
        if _item(letter, grant) is not None
    )
    made: list[fields.Field] = [picked]
    for number, grant in enumerate(ground.granted):
        item = _item(letter, grant)
        label = f"Source of {item_name(ground, grant)}"
        source = visible(item.source or "") if item else ""
        field = fields.LineField(
            f"{SOURCE}{number}", label, value=source, help="where in our systems it came from"
        )
        field.display = item is not None
        made.append(field)
    return made


def _item(letter: Letter, grant: actions.ScopeItem) -> actions.Disclosed | None:
    named = item_of(grant)
    for item in letter.discloses:
        if msgspec.structs.replace(item, source=None) == named:
            return item
    return None


def _files(letter: Letter) -> list[fields.Field]:
    attach = AttachField(ATTACH, "Attach a file", help="its path, then enter")
    options = [Option(str(n), file_name(file)) for n, file in enumerate(letter.attachments)]
    files = fields.MultiChoiceField(FILES, "Files", options, help="those marked go with it")
    files.value = tuple(option.value for option in options)
    files.display = bool(options)
    return [attach, files]


# --- Reading back -------------------------------------------------------------------------------


def read_letter(form: fields.Form, ground: Ground, letter: Letter) -> Letter:
    """Return the letter with what is filled in, but for variables, subject and body."""
    changes: dict[str, object] = {
        "to": _text(form, TO),
        "channel": _text(form, CHANNEL),
        "key_channel": None if _text(form, KEY_CHANNEL) == _NO_KEY else _text(form, KEY_CHANNEL),
        "discloses": (),
    }
    if ground.granted:
        picked = _picked(form, DISCLOSES)
        changes["discloses"] = tuple(
            item_of(grant, _text(form, f"{SOURCE}{number}").strip() or None)
            for number, grant in enumerate(ground.granted)
            if str(number) in picked
        )
    files = _picked(form, FILES)
    changes["attachments"] = tuple(
        file for number, file in enumerate(letter.attachments) if str(number) in files
    )
    return msgspec.structs.replace(letter, **changes)


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


def _text(form: fields.Form, key: str) -> str:
    value = form.field(key).value
    return value if isinstance(value, str) else ""


def _picked(form: fields.Form, key: str) -> tuple[str, ...]:
    value = form.field(key).value
    return value if isinstance(value, tuple) else ()
