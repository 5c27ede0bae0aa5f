"""The questions of a response: variables, address, what is disclosed, files; and the answers back.

Subject and text are no questions: they are written. Neither disk nor screen here.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from console.casework import actions, scope
from console.composing.forms import Field, Option, Values, answer
from console.composing.responding import CHANNELS, Composed, Ground, Letter, fills_itself, item_of
from local_cache.hostile import visible
from local_cache.records import Variable

TO: Final = "/to"
CHANNEL: Final = "/channel"
KEY_CHANNEL: Final = "/key_channel"
DISCLOSES: Final = "/discloses"
SOURCE: Final = "/source/"
FILES: Final = "/files"
GIVEN: Final = "/given/"
NO_KEY: Final = "none"


# --- What is asked ------------------------------------------------------------------------------


def variables_asked(ground: Ground, letter: Letter) -> list[Variable]:
    """Return the variables of the template that somebody may have to fill."""
    template = ground.template(letter.template)
    return [one for one in (template.variables if template else ()) if not fills_itself(one)]


def variables(ground: Ground, letter: Letter, composed: Composed) -> list[Field]:
    """Ask for each variable, as it is filled now; a list has one item a line."""
    filled = {one.name: one.value for one in composed.values}
    fields: list[Field] = []
    for one in variables_asked(ground, letter):
        prompt = one.prompt.visible() if one.prompt else ""
        several = one.kind == "list"
        words = " · ".join(filter(None, ("one a line" if several else "", prompt)))
        now = letter.given.get(one.name, filled.get(one.name, ""))
        shown = visible(now, multiline=True)
        initial = shown if several else " ".join(shown.splitlines())
        kind = "text" if several else "line"
        fields.append(Field(GIVEN + one.name, one.name, kind, initial=initial, help=words))
    return fields


def addressing(ground: Ground, letter: Letter) -> list[Field]:
    """Ask where the response goes, and how the key to files does."""
    channels = tuple(Option(name, name.replace("_", " ")) for name in CHANNELS)
    none = Option(NO_KEY, "no key is needed")
    return [
        Field(TO, "To", initial=visible(letter.to), help=_whose(ground)),
        Field(CHANNEL, "Channel", "choice", channels, letter.channel, rows=len(channels)),
        Field(
            KEY_CHANNEL, "Key to the files by", "choice", (none, *channels),
            letter.key_channel or NO_KEY, help="never by the channel of the data",
            rows=len(channels) + 1,
        ),
    ]  # fmt: skip


def _whose(ground: Ground) -> str:
    requester = ground.case.requester
    if requester is None:
        return "the case names no requester"
    return f"requester: {requester.verification.state}"


def disclosing(ground: Ground, letter: Letter) -> list[Field]:
    """Ask what of the grant is disclosed, and where it came from; nothing beyond the grant."""
    if not ground.granted:
        return []
    items = list(enumerate(ground.granted))
    options = tuple(Option(str(number), item_name(ground, grant)) for number, grant in items)
    picked = tuple(str(n) for n, grant in items if _item(letter, grant) is not None)
    many = Field(DISCLOSES, "Discloses", "many", options, picked, help="what was granted")
    return [many, *_sources(ground, letter)]


def _sources(ground: Ground, letter: Letter) -> Iterator[Field]:
    for number, grant in enumerate(ground.granted):

        def disclosed(values: Values, number: str = str(number)) -> bool:
            return number in values.get(DISCLOSES, ())

        item = _item(letter, grant)
        yield Field(
            f"{SOURCE}{number}", f"Source of {item_name(ground, grant)}",
            initial=visible(item.source or "") if item else "",
            help="where in our systems it came from", shown=disclosed,
        )  # fmt: skip


def _item(letter: Letter, grant: actions.ScopeItem) -> actions.Disclosed | None:
    named = item_of(grant)
    for item in letter.discloses:
        if msgspec.structs.replace(item, source=None) == named:
            return item
    return None


def files(letter: Letter) -> Field:
    """Ask which of the attached files go."""
    options = tuple(Option(str(n), file_name(file)) for n, file in enumerate(letter.attachments))
    every = tuple(option.value for option in options)
    return Field(FILES, "Files", "many", options, every, help="those marked go with it")


# --- The answers --------------------------------------------------------------------------------


def with_answers(ground: Ground, letter: Letter, values: Values) -> Letter:
    """Return the letter with what was answered, but for variables; what was not asked stays."""
    changes: dict[str, object] = {} if ground.granted else {"discloses": ()}
    if TO in values:
        changes["to"] = answer(values, TO)
    if CHANNEL in values:
        changes["channel"] = answer(values, CHANNEL)
    if KEY_CHANNEL in values:
        key = answer(values, KEY_CHANNEL)
        changes["key_channel"] = None if key == NO_KEY else key
    if DISCLOSES in values:
        picked = values[DISCLOSES]
        changes["discloses"] = tuple(
            item_of(grant, answer(values, f"{SOURCE}{number}").strip() or None)
            for number, grant in enumerate(ground.granted)
            if str(number) in picked
        )
    if FILES in values:
        kept = values[FILES]
        changes["attachments"] = tuple(
            file for number, file in enumerate(letter.attachments) if str(number) in kept
        )
    return msgspec.structs.replace(letter, **changes)


def with_variables(letter: Letter, fields: Sequence[Field], values: Values) -> Letter:
    """Return the letter with the variables that were answered otherwise than they were filled."""
    given = dict(letter.given)
    for field in fields:
        name, text = field.name.removeprefix(GIVEN), answer(values, field.name)
        if not text.strip():
            given.pop(name, None)
        elif text != field.initial:
            given[name] = text
    return msgspec.structs.replace(letter, given=given)


# --- In words -----------------------------------------------------------------------------------


def item_name(ground: Ground, item: actions.ScopeItem | actions.Disclosed) -> str:
    """Name data with the account that it is about."""
    subject = next((one for one in ground.case.subjects if one.id == item.subject), None)
    display = subject.display if subject else None
    handle = f" ({display.visible()})" if display else ""
    return scope.describe(item).replace("_", " ") + handle


def file_name(file: actions.Enclosed) -> str:
    """Name a file with its size and the beginning of its hash."""
    return f"{visible(file.name)} · {file.size:,} bytes · sha256 {file.sha256[:12]}…"
