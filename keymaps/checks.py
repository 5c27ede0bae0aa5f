"""What is wrong with a keymap that loads: for `nightdesk keys check`, and the tests of ours.

What a plain terminal cannot send was measured without the kitty keyboard protocol, for which the
console does not ask, on Textual's parser with `keymaps.encodings` before it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from keymaps import chord
from keymaps.engine import Match, Pending
from keymaps.keymap import TYPING, Binding, Keymap
from keymaps.loader import DISABLED
from keymaps.reach import Outcome, Stack, outcomes

Kind = Literal["duplicate", "shadowed", "unreachable", "keyless", "typing", "taken"]

BEHIND: Final = ("move", "global")
"""Contexts that stand behind every other one, so that a key of the other hides theirs."""
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
}
_BEGINS_OTHERS: Final = ("alt+left_square_bracket", "alt+shift+o", "alt+O")
_CTRL_MARKS: Final = frozenset(
    {"space", "backslash", "right_square_bracket", "circumflex_accent", "underscore"}
)
_TAKEN: Final = {
    "ctrl+a": "GNU screen takes ctrl+a as its prefix: there it must be pressed twice",
    "ctrl+b": "tmux takes ctrl+b as its prefix: there it must be pressed twice",
    "ctrl+c": "ctrl+c ends programs: a person who leaves by habit runs this",
    "ctrl+z": "ctrl+z stops programs: a person who leaves by habit runs this",
}
_PREFIXES_ELSEWHERE: Final = ("ctrl+a", "ctrl+b")


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
    commands: Mapping[str, Sequence[str]] | None = None,
    stacks: Sequence[Stack] = (),
) -> list[Finding]:
    """Return everything that is wrong with the keymap, errors first.

    `commands` are those that need a key, with the contexts that each needs one in. `stacks` are the
    contexts that apply together, most specific first; else each is taken to stand before `BEHIND`.
    """
    stacks = stacks or _plain_stacks(keymap)
    pressed = list(outcomes(keymap, stacks))
    shadowed = list(_shadowed(keymap))
    known = {(each.context, each.command, each.keys) for each in shadowed}
    found = [
        *_duplicates(keymap),
        *shadowed,
        *(
            each
            for each in _hidden(pressed)
            if (each.context, each.command, each.keys) not in known
        ),
        *_unreachable(keymap),
        *_typing(keymap),
        *_keyless(keymap, commands or {}, pressed),
        *_taken(keymap),
    ]
    return sorted(found, key=lambda finding: not finding.error)


def _plain_stacks(keymap: Keymap) -> list[Stack]:
    return [
        (context, *(each for each in BEHIND if each != context and context != BEHIND[-1]))
        for context in keymap.contexts
    ]


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


def _shadowed(keymap: Keymap) -> Iterator[Finding]:
    for table in _by_context(keymap).values():
        owners = {binding.keys: binding for binding in reversed(table)}
        for binding in table:
            words = binding.written.split()  # `alt+x` comes as one: `escape` is not before it
            starts = (chord.parse_sequence(" ".join(words[:end])) for end in range(1, len(words)))
            owner = next((owners[start] for start in starts if start in owners), None)
            if owner is not None:
                text = f"can never be reached: `{owner.written}` already runs {owner.command}"
                yield _finding("shadowed", binding, text)


def _hidden(pressed: Sequence[Outcome]) -> Iterator[Finding]:
    """Yield keys that a context in front keeps from being reached.

    That another context has the same keys for something else is how contexts are meant. A shorter
    or longer sequence in the way matters where the command has no other key there.
    """
    reached = {(each.stack, each.binding.command) for each in pressed if each.reached}
    told: set[tuple[Binding, str | None]] = set()
    for each in pressed:
        text = "" if (each.stack, each.binding.command) in reached else _in_the_way(each)
        if text and (each.binding, each.runs) not in told:
            told.add((each.binding, each.runs))
            yield _finding("shadowed", each.binding, text)


def _in_the_way(each: Outcome) -> str:
    front = f"cannot be reached in [{each.stack[0]}], where"
    if isinstance(each.pressed, Match) and not each.whole:
        return f"{front} `{each.pressed.keys}` runs {each.runs}"
    if isinstance(each.pressed, Pending):
        return f"{front} more keys may follow"
    return ""


def _unreachable(keymap: Keymap) -> Iterator[Finding]:
    for binding in keymap.bindings:
        for word in binding.written.split():
            text = _not_sent(chord.parse_chord(word))
            if text:
                yield _finding("unreachable", binding, text)


def _not_sent(key: str) -> str:
    """Say why a plain terminal does not send this chord, empty where it does."""
    instead = _SAME_BYTES.get(key)
    if key in _BEGINS_OTHERS:
        return "a plain terminal begins other keys with it, so that it may be taken for those"
    if instead is not None:
        return f"a plain terminal sends `{chord.show_chord(instead)}` for it; bind that"
    *modifiers, name = key.split("+")
    if "ctrl" in modifiers and chord.is_printable(name):
        if len(name) == 1 and name.isascii() and name.isalpha() and "shift" not in modifiers:
            return ""
        if name in _CTRL_MARKS:
            return ""
        return "a plain terminal sends no ctrl with it; use ctrl and a letter, or a sequence"
    if name.startswith("f") and name[1:].isdigit() and int(name[1:]) > 12:
        return "most keyboards end at f12; use a sequence such as `g o`"
    return ""


def _typing(keymap: Keymap) -> Iterator[Finding]:
    for binding in keymap.bindings:
        if binding.context in TYPING and chord.is_printable(binding.keys[0]):
            yield _finding("typing", binding, "fires while text is typed; use ctrl or a named key")
        elif chord.is_printable(binding.keys[0]) and binding.keys[0] in "123456789":
            yield _finding("typing", binding, "a digit begins a count such as `5 j`")


def _keyless(
    keymap: Keymap, commands: Mapping[str, Sequence[str]], pressed: Sequence[Outcome]
) -> Iterator[Finding]:
    """Yield each command that no key runs, or that none runs in one of its contexts."""
    reached = {
        (each.binding.command, here) for each in pressed if each.reached for here in each.stack
    }
    for command, contexts in commands.items():
        without = [context for context in contexts if (command, context) not in reached]
        if not without:
            continue
        where = "" if len(without) == len(contexts) else f" in [{'], ['.join(without)}]"
        on_purpose = any((context, command) in keymap.disabled for context in contexts)
        text = f"{command} has no key{where}"
        if on_purpose:
            text += f': it was taken away with "{DISABLED}"'
        yield Finding("keyless", not on_purpose, "", command, "", text)


def _taken(keymap: Keymap) -> Iterator[Finding]:
    """Yield keys that other programs take where the command has no other key beside it."""
    free = {(each.context, each.command) for each in keymap.bindings if each.keys[0] not in _TAKEN}
    for binding in keymap.bindings:
        text = _TAKEN.get(binding.keys[0])
        alone = len(binding.keys) == 1 or binding.keys[0] in _PREFIXES_ELSEWHERE
        if text is not None and alone and (binding.context, binding.command) not in free:
            yield _finding("taken", binding, text, error=False)
