"""Chords: one key with its modifiers, named as Textual names it, written as a person writes it.

A sequence is a tuple of chords. `alt+x` and `escape x` are one and the same, because that is what
a plain terminal sends: both are the sequence `("escape", "x")`.
"""

import unicodedata
from functools import cache
from typing import Final

Sequence = tuple[str, ...]
"""Chords pressed one after the other, by their canonical (Textual's) names."""

# Textual names a punctuation key after its Unicode name, but for these.
_SHORTER_NAMES: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_SPECIAL: Final = frozenset(
    {
        "space",
        "enter",
        "escape",
        "tab",
        "backspace",
        "delete",
        "insert",
        "home",
        "end",
        "pageup",
        "pagedown",
        "up",
        "down",
        "left",
        "right",
        *(f"f{number}" for number in range(1, 25)),
    }
)
_OTHER_NAMES: Final = {
    "return": "enter",
    "esc": "escape",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "page_up": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "page_down": "pagedown",
    "spc": "space",
}
_MODIFIERS: Final = ("alt", "ctrl", "shift")
_OTHER_MODIFIERS: Final = {"control": "ctrl", "meta": "alt", "option": "alt"}

_ASCII_PUNCTUATION: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

# What Textual calls a key is not always what a keymap calls it.
_PRESSED_AS: Final = {
    "ctrl+@": "ctrl+space",
    "ctrl+at": "ctrl+space",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+slash": "ctrl+underscore",
    "newline": "ctrl+j",
    "ctrl+left_square_brace": "escape",
    "ctrl+left_square_bracket": "escape",
}


class BadKey(ValueError):
    """A key that is not written in a way that can be understood; the text says what to write."""


def name_of_character(character: str) -> str:
    """Return the name that Textual gives to the key which types `character`."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORTER_NAMES.get(name, name) or character


_PUNCTUATION: Final = {name_of_character(mark): mark for mark in _ASCII_PUNCTUATION}


def is_printable(chord: str) -> bool:
    """Tell whether the chord types a character where text is entered."""
    if "+" in chord:
        return False
    return len(chord) == 1 or chord == "space" or chord not in _SPECIAL


def parse_chord(text: str) -> str:
    """Turn one key as a person writes it (`ctrl+d`, `?`, `pgdn`) into its canonical name.

    Raises BadKey for what no keyboard sends under that name, such as `shift+g` (write `G`).
    """
    modifiers, key = _split(text)
    name = _key_name(key, text)
    if not modifiers:
        return name
    if "shift" in modifiers and is_printable(name):
        shown = name.upper() if len(name) == 1 and name.isalpha() else "the character it types"
        raise BadKey(f"`{text}`: a terminal sends no shift with a character; write `{shown}`")
    if "ctrl" in modifiers and len(name) == 1 and name.isupper():
        raise BadKey(f"`{text}`: ctrl knows no capitals; write `ctrl+{name.lower()}`")
    return "+".join((*(each for each in _MODIFIERS if each in modifiers), name))


def parse_sequence(text: str) -> Sequence:
    """Turn keys as a person writes them (`g o`, `ctrl+x ctrl+s`, `alt+x`) into a sequence."""
    chords: list[str] = []
    for word in text.split():
        chords.extend(expand_alt(parse_chord(word)))
    if not chords:
        raise BadKey("an empty key; to take a key away write `<disabled>`")
    return tuple(chords)


def expand_alt(chord: str) -> Sequence:
    """Return `("escape", "x")` for `alt+x`, and any chord without a plain character as it is."""
    if chord.startswith("alt+"):
        rest = chord[len("alt+") :]
        if rest.startswith("shift+") and len(rest) == len("shift+") + 1:
            return ("escape", rest[-1].upper())
        if is_printable(rest):
            return ("escape", rest)
    return (chord,)


def from_event(key: str) -> str:
    """Return the canonical chord for the `key` of a Textual key event."""
    known = _PRESSED_AS.get(key)
    if known is not None:
        return known
    if key.startswith("shift+") and len(key) == len("shift+") + 1:
        return key[-1].upper()
    return key


def show_chord(chord: str) -> str:
    """Write a canonical chord as a person does: `?` for `question_mark`."""
    *modifiers, key = chord.split("+")
    return "+".join((*modifiers, _PUNCTUATION.get(key) or _character_of_name(key)))


def show_sequence(sequence: Sequence) -> str:
    """Write a sequence as a person does: `g o`, `ctrl+x ctrl+s`, `alt+x`."""
    words: list[str] = []
    chords = list(sequence)
    while chords:
        chord = chords.pop(0)
        # A character right after escape is what the alt key sends; escape twice is not.
        if chord == "escape" and chords and is_printable(chords[0]):
            words.append(f"alt+{show_chord(chords.pop(0))}")
        else:
            words.append(show_chord(chord))
    return " ".join(words)


def _split(text: str) -> tuple[frozenset[str], str]:
    if not text:
        raise BadKey("an empty key")
    body, plus = (text[:-1], "+") if text == "+" or text.endswith("++") else (text, "")
    parts = body.removesuffix("+").split("+") if plus else body.split("+")
    if plus:
        parts = [part for part in parts if part] + ["+"]
    modifiers: set[str] = set()
    for part in parts[:-1]:
        modifier = _OTHER_MODIFIERS.get(part.lower(), part.lower())
        if modifier not in _MODIFIERS:
            raise BadKey(f"`{text}`: `{part}` is no modifier; there are ctrl, alt and shift")
        modifiers.add(modifier)
    return frozenset(modifiers), parts[-1]


def _key_name(key: str, text: str) -> str:
    if len(key) == 1:
        if not key.isprintable() or key.isspace():
            raise BadKey(f"{text!r}: not a key; write its name, such as `space` or `tab`")
        return name_of_character(key)
    lower = key.lower()
    name = _OTHER_NAMES.get(lower, lower)
    if name in _SPECIAL or name in _PUNCTUATION:
        return name
    from difflib import get_close_matches  # only mistakes need it, and start-up counts

    near = get_close_matches(name, [*_SPECIAL, *_PUNCTUATION, *_OTHER_NAMES], n=1)
    advice = f"; did you mean `{near[0]}`?" if near else "; keys of more than one press need spaces"
    raise BadKey(f"`{text}`: there is no key `{key}`{advice}")


def _character_of_name(key: str) -> str:
    if len(key) == 1 or key in _SPECIAL:
        return key
    return _other_marks().get(key, key)


@cache
def _other_marks() -> dict[str, str]:
    """Return the marks beyond ASCII that keyboards have, by name: names cannot be turned back."""
    marks = (chr(code) for code in range(0xA0, 0x3000))
    return {name_of_character(mark): mark for mark in marks if not mark.isalnum()}
