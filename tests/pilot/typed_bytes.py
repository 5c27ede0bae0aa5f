"""The bytes that terminals send for keys as people write them: plain, and in kitty's protocol."""

from typing import Final

_PLAIN: Final = {
    "space": " ",
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "f1": "\x1bOP",
    "ctrl+_": "\x1f",
    "ctrl+space": "\x00",
}
_FUNCTIONAL: Final = {
    "up": "1A",
    "down": "1B",
    "right": "1C",
    "left": "1D",
    "end": "1F",
    "home": "1H",
    "insert": "2~",
    "delete": "3~",
    "pageup": "5~",
    "pagedown": "6~",
}
_KITTY: Final = {"space": 32, "enter": 13, "tab": 9, "escape": 27, "backspace": 127}
_SHIFTED: Final = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
_HELD: Final = {"shift": 1, "alt": 2, "ctrl": 4}


def _split(word: str) -> tuple[int, str]:
    """Return the modifiers of a key, and the key."""
    key = "+" if word == "+" or word.endswith("++") else word.rpartition("+")[2]
    held = word[: len(word) - len(key)].split("+")
    return sum(_HELD[each] for each in held if each), key


def plain(word: str) -> str:
    """Return what a terminal without any protocol sends."""
    held, key = _split(word)
    if key in _FUNCTIONAL:
        return _functional(held, key)
    if word in _PLAIN:
        return _PLAIN[word]
    if held & _HELD["alt"]:
        return "\x1b" + plain(word.replace("alt+", ""))
    if held == _HELD["ctrl"]:
        return chr(ord(key.upper()) & 0x1F)
    return _PLAIN.get(key, key)


def kitty(word: str) -> str:
    """Return what a terminal sends that reports every key in kitty's protocol."""
    held, key = _split(word)
    if key in _FUNCTIONAL:
        return _functional(held, key)
    if key == "f1":
        return "\x1b[P" if not held else f"\x1b[1;{held + 1}P"
    shifted = f":{ord(key)}" if len(key) == 1 and (key.isupper() or key in _SHIFTED) else ""
    if shifted:
        held |= _HELD["shift"]
    code = _KITTY.get(key) or ord(_SHIFTED.get(key, key.lower()))
    modifiers = f";{held + 1}" if held else ""
    return f"\x1b[{code}{shifted}{modifiers}u"


def _functional(held: int, key: str) -> str:
    number, end = _FUNCTIONAL[key][:-1], _FUNCTIONAL[key][-1]
    if held:
        return f"\x1b[{number};{held + 1}{end}"
    return f"\x1b[{number if end == '~' else ''}{end}"
