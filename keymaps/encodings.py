"""Keys as terminals write them, where Textual's parser does not read them, or not exactly.

Nightdesk asks for no keyboard protocol, because those disturb input methods. Some terminals use one
all the same: kitty's (`CSI 102;5u`), or xterm's `modifyOtherKeys` (`CSI 27;5;102~`). And of a plain
terminal's alt, which is an escape before the key, Textual forgets half. What is no key to us must
not reach anybody as the characters that it is written with: typed into a list, they are commands.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from keymaps.chord import name_of_character

_KITTY: Final = re.compile(
    r"\x1b\[(?P<code>\d+)(?::(?P<shifted>\d*))?(?::(?P<base>\d*))?"
    r"(?:;(?P<modifiers>\d*)(?::(?P<event>\d+))?)?(?:;(?P<text>[\d:]*))?u"
)
_OTHER_KEYS: Final = re.compile(r"\x1b\[27;(?P<modifiers>\d+);(?P<code>\d+)~")
_NAMED: Final = re.compile(
    r"\x1b\[(?P<code>\d*);(?P<modifiers>\d+)(?::(?P<event>\d+))?(?P<end>[~ABCDEFHPQS])"
)
_UNNAMED: Final = re.compile(r"\x1b\[(?:3[5-9]|[4-9]\d|1\d\d)~")
"""Function keys beyond those that anybody names."""
_WHOLE: Final = re.compile(r"\x1b\[[0-9;:<=>?]*[ -/]*[@-Z\\-~]|\x1bO[0-9;]*[A-Za-z]")
_REPORTS: Final = re.compile(r"\x1b\[(?:[<\d;]*[Mm]|\?[\d;]*\$y)")
"""What a mouse does, and which modes the terminal has: Textual looks at these after keys."""

_BY_CODE: Final = {
    8: "backspace",
    9: "tab",
    13: "enter",
    27: "escape",
    32: "space",
    127: "backspace",
    57414: "enter",
    57417: "left",
    57418: "right",
    57419: "up",
    57420: "down",
    57421: "pageup",
    57422: "pagedown",
    57423: "home",
    57424: "end",
    57425: "insert",
    57426: "delete",
    **{57376 + number: f"f{13 + number}" for number in range(12)},
}
_KEYPAD: Final = {57399 + number: mark for number, mark in enumerate("0123456789./*-+")}
_PRIVATE: Final = range(57344, 63744)
"""Codes of keys that type nothing: of those not named above none is of use."""
_BY_END: Final = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "F": "end",
    "H": "home",
    "P": "f1",
    "Q": "f2",
    "S": "f4",
    **{
        f"{code}~": name
        for code, name in {
            1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home",
            8: "end", 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7",
            19: "f8", 20: "f9", 21: "f10", 23: "f11", 24: "f12",
        }.items()
    },
}  # fmt: skip
_PLAIN: Final = "`1234567890-=[]\\;',./"
_SHIFTED: Final = '~!@#$%^&*()_+{}|:"<>?'
_WITH_SHIFT: Final = dict(zip(_PLAIN, _SHIFTED, strict=True))
"""What shift makes of a mark on most keyboards, for terminals that do not say."""
_SHIFT, _ALT, _CTRL, _SUPER, _HYPER, _META = (1 << bit for bit in range(6))
_BEGINS_OTHERS: Final = frozenset("[O]P_^X")
"""After an escape these begin what is no alt key; Textual's parser waits whether more comes."""
_CONTROLS: Final = {"\r": "enter", "\t": "tab", "\x7f": "backspace", "\x08": "backspace"}


class Sent(Struct, frozen=True):
    """A key as Textual names it, and the character that it types."""

    key: str
    """Empty for what is to be left out: a key let go, one of no use, what is no key."""
    character: str | None = None


NOTHING: Final = Sent("")


@lru_cache(maxsize=1024)
def sent(sequence: str) -> Sent | None:
    """Return the key that a whole escape sequence is, None where it is for Textual to say."""
    for form in (_KITTY, _OTHER_KEYS, _NAMED):
        found = form.fullmatch(sequence)
        if found is not None:
            return _read(found)
    if _UNNAMED.fullmatch(sequence):
        return NOTHING
    if len(sequence) == 2 and sequence[0] == "\x1b" and sequence[1] not in _BEGINS_OTHERS:
        return with_alt(sequence[1])
    return None


def with_alt(character: str) -> Sent:
    """Return the key that a plain terminal sends as an escape and then this character."""
    name = _CONTROLS.get(character)
    if name is None and character < " ":
        held = chr(ord(character) | 0x40).lower()
        return Sent(f"alt+ctrl+{name_of_character(held)}")
    if name is None and character.isupper():
        return Sent(f"alt+shift+{character.lower()}")
    return Sent(f"alt+{name or name_of_character(character)}")


def no_key(sequence: str) -> bool:
    """Tell whether a sequence that nobody knows is whole, so that nothing of it may be typed."""
    return _WHOLE.fullmatch(sequence) is not None and _REPORTS.fullmatch(sequence) is None


def _read(found: re.Match[str]) -> Sent:
    parts = found.groupdict()
    if parts.get("event") == "3":
        return NOTHING
    modifiers = max(0, int(parts["modifiers"] or 1) - 1)
    end = parts.get("end")
    if end is not None:
        name = _BY_END.get(end) or _BY_END.get(f"{parts['code']}{end}")
        return Sent(_modified(modifiers, name)) if name else NOTHING
    code = int(parts["code"])
    if code in _BY_CODE:
        name = _BY_CODE[code]
        types = " " if name == "space" and not modifiers & ~_SHIFT else None
        return Sent("space" if types else _modified(modifiers, name), types)
    if (code in _PRIVATE and code not in _KEYPAD) or code < 32 or code > 0x10FFFF:
        return NOTHING
    return _typed(_KEYPAD.get(code) or chr(code), modifiers, parts)


def _typed(character: str, modifiers: int, parts: dict[str, str]) -> Sent:
    held = modifiers & (_ALT | _CTRL | _SUPER | _HYPER | _META)
    base = parts.get("base")
    if held and base and not character.isascii():
        character = chr(int(base))  # a Cyrillic or Greek keyboard: the key, not its letter
    if modifiers & _SHIFT:
        shifted = parts.get("shifted")
        mark = chr(int(shifted)) if shifted else _WITH_SHIFT.get(character, character.upper())
        if not held or not mark.isalpha():
            character, modifiers = mark, modifiers & ~_SHIFT
    if held:
        return Sent(_modified(modifiers, name_of_character(character.lower())))
    text = "".join(chr(int(part)) for part in (parts.get("text") or "").split(":") if part)
    character = text if len(text) == 1 else character
    return Sent(name_of_character(character), character)


def _modified(modifiers: int, name: str) -> str:
    words: list[str] = []
    if modifiers & (_ALT | _META):
        words.append("alt")
    if modifiers & _CTRL:
        words.append("ctrl")
    if modifiers & _HYPER:
        words.append("hyper")
    if modifiers & _SHIFT:
        words.append("shift")
    if modifiers & _SUPER:
        words.append("super")
    return "+".join((*words, name))
