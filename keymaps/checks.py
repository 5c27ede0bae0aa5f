"""What is wrong with a keymap that loads: for `nightdesk keys check`, and the tests of ours.

Source for what a plain terminal cannot send: measurements on Textual's parser, without the kitty
keyboard protocol, which the console switches off.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from keymaps import chord
from keymaps.keymap import Binding, Keymap

Kind = Literal["duplicate", "shadowed", "unreachable", "keyless", "typing", "taken"]

BEHIND: Final = ("move", "global")
"""Contexts that stand behind every other one, so that a key of the other hides theirs."""
TYPING: Final = ("text",)
"""Contexts where text is entered."""

# What the terminal sends instead, by Textual's name for it.
_SAME_BYTES: Final = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+backspace": "backspace",
    "ctrl+enter": "enter",
    "shift+enter": "enter",
    "ctrl+tab": "tab",
    "shift+space": "space",
    "shift+backspace": "backspace",
    "ctrl+slash": "ctrl+underscore",
    "ctrl+left_square_bracket": "escape",
    "alt+enter": "enter",
    "alt+backspace": "ctrl+w",
    "alt+f": "ctrl+right",
    "alt+b": "ctrl+left",
}
_CTRL_MARKS: Final = frozenset(
    {"space", "backslash", "right_square_bracket", "circumflex_accent", "underscore"}
)
_TAKEN: Final = {
    "ctrl+a": "GNU screen takes ctrl+a as its prefix: there it must be pressed twice",
    "ctrl+b": "tmux takes ctrl+b as its prefix: there it must be pressed twice",
    "ctrl+c": "ctrl+c ends programs: a person who leaves by habit runs this",
    "ctrl+z": "ctrl+z stops programs: a person who leaves by habit runs this",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or for `taken` only worth knowing."""

    kind: Kind
    error: bool
    """Whether the keymap should not be used as it is."""
    context: str
    command: str
    keys: str
    text: str
    """For people: what is wrong and what to do."""


def check(
    keymap: Keymap,
    commands: Collection[str] = (),
    *,
    behind: tuple[str, ...] = BEHIND,
    typing: tuple[str, ...] = TYPING,
) -> list[Finding]:
    """Return everything that is wrong with the keymap, errors first.

    `commands` are those that need a key.
    """
    found = [
        *_duplicates(keymap),
        *_shadowed(keymap, behind),
        *_unreachable(keymap),
        *_typing(keymap, typing),
        *_keyless(keymap, commands),
        *_taken(keymap),
    ]
    return sorted(found, key=lambda finding: not finding.error)


def _finding(kind: Kind, binding: Binding, text: str, *, error: bool = True) -> Finding:
    keys = chord.show_sequence(binding.keys)
    where = f"[{binding.context}] `{binding.written}` for {binding.command}"
    return Finding(kind, error, binding.context, binding.command, keys, f"{where}: {text}")


def _by_context(keymap: Keymap) -> dict[str, list[Binding]]:
    tables: dict[str, list[Binding]] = defaultdict(list)
    for binding in keymap.bindings:
        tables[binding.context].append(binding)
    return tables


def _duplicates(keymap: Keymap) -> Iterator[Finding]:
    for table in _by_context(keymap).values():
        owners: dict[chord.Sequence, Binding] = {}
        for binding in table:
            owner = owners.setdefault(binding.keys, binding)
            if owner is not binding:
                yield _finding("duplicate", binding, f"{owner.command} already has this key")


def _shadowed(keymap: Keymap, behind: tuple[str, ...]) -> Iterator[Finding]:
    tables = _by_context(keymap)
    for context, table in tables.items():
        for binding in table:
            for hidden in _hidden_by(binding, table):
                text = f"can never be reached: `{binding.written}` already runs {binding.command}"
                yield _finding("shadowed", hidden, text)
            for other in _behind(context, behind):
                for hidden in _hidden_by(binding, tables.get(other, ())):
                    text = f"cannot be reached in [{context}], where `{binding.written}` runs"
                    yield _finding("shadowed", hidden, f"{text} {binding.command}")


def _behind(context: str, behind: tuple[str, ...]) -> tuple[str, ...]:
    return behind[behind.index(context) + 1 :] if context in behind else behind


def _hidden_by(binding: Binding, table: Collection[Binding]) -> Iterator[Binding]:
    length = len(binding.keys)
    for other in table:
        if len(other.keys) > length and other.keys[:length] == binding.keys:
            yield other


def _unreachable(keymap: Keymap) -> Iterator[Finding]:
    for binding in keymap.bindings:
        for word in binding.written.split():
            text = _not_sent(chord.parse_chord(word))
            if text:
                yield _finding("unreachable", binding, text)


def _not_sent(key: str) -> str:
    """Say why a plain terminal does not send this chord, empty where it does."""
    instead = _SAME_BYTES.get(key)
    if key.startswith("alt+"):
        return _alt_not_sent(key, instead)
    if instead is not None:
        return f"a plain terminal sends `{chord.show_chord(instead)}` for it; bind that"
    *modifiers, name = key.split("+")
    if "ctrl" in modifiers and chord.is_printable(name):
        if len(name) == 1 and name.isascii() and name.isalpha() and modifiers == ["ctrl"]:
            return ""
        if name in _CTRL_MARKS:
            return ""
        return "a plain terminal sends no ctrl with it; use ctrl and a letter, or a sequence"
    if name.startswith("f") and name[1:].isdigit() and int(name[1:]) > 12:
        return "most keyboards end at f12; use a sequence such as `g o`"
    return ""


def _alt_not_sent(key: str, instead: str | None) -> str:
    rest = key.removeprefix("alt+")
    plain_letter = len(rest) == 1 and rest.isascii() and rest.isalpha() and rest not in "OP"
    if instead is None and (plain_letter or not chord.is_printable(rest)):
        return ""
    sends = chord.show_chord(instead) if instead is not None else "another key"
    spelled = f"escape {chord.show_chord(rest)}"
    return (
        f"a plain terminal sends `{sends}` for it; write `{spelled}`, which it is when typed one"
        " after the other, and give it a second key without alt"
    )


def _typing(keymap: Keymap, typing: tuple[str, ...]) -> Iterator[Finding]:
    for binding in keymap.bindings:
        if binding.context in typing and chord.is_printable(binding.keys[0]):
            yield _finding("typing", binding, "fires while text is typed; use ctrl or a named key")
        elif chord.is_printable(binding.keys[0]) and binding.keys[0] in "123456789":
            yield _finding("typing", binding, "a digit begins a count such as `5 j`")


def _keyless(keymap: Keymap, commands: Collection[str]) -> Iterator[Finding]:
    for command in commands:
        if not keymap.keys_of(command):
            yield Finding("keyless", True, "", command, "", f"{command} has no key")


def _taken(keymap: Keymap) -> Iterator[Finding]:
    for binding in keymap.bindings:
        text = _TAKEN.get(binding.keys[0])
        if text is not None:
            yield _finding("taken", binding, text, error=False)
