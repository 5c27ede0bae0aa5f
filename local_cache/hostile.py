"""Text that the organisation did not write, and the one function that makes it fit for a screen.

A narrative, a file name or an agency's name may carry terminal escapes, markup, reversed or
invisible characters. `Hostile` keeps such text exactly as it came, because it is evidence, and is
deliberately not a `str`: neither the type checker nor a widget takes it for one. What a person sees
is `visible()`: every character that would act or hide is shown by name, nothing is dropped.
"""

import re
import unicodedata
from typing import Final, NoReturn, final

_NAMED: Final = {
    0x00AD: "SHY",
    0x034F: "CGJ",
    0x061C: "ALM",
    0x115F: "HCF",
    0x1160: "HJF",
    0x17B4: "KIV",
    0x17B5: "KIV",
    0x180E: "MVS",
    0x200B: "ZWSP",
    0x200E: "LRM",
    0x200F: "RLM",
    0x2028: "LSEP",
    0x2029: "PSEP",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2060: "WJ",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0x3164: "HF",
    0xFEFF: "BOM",
    0xFFA0: "HHF",
    0xFFFD: "\N{REPLACEMENT CHARACTER}",
}
# ZWNJ and ZWJ are letters' business in Persian, Indic scripts and emoji; elsewhere they only hide.
_JOINERS: Final = {0x200C: "ZWNJ", 0x200D: "ZWJ"}

# Controls, formats, what is no character, what is private: by Unicode's categories Cc, Cf, Cs, Co,
# Zl and Zp, its noncharacters, and what it lists as Default_Ignorable_Code_Point.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0e\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    + "".join(
        f"{chr(0x1FFFE + (plane << 16))}{chr(0x1FFFF + (plane << 16))}" for plane in range(13)
    )
    + "\U000e0000-\U000e0fff\U000efffe\U000effff\U000f0000-\U0010ffff]"
)
_JOINED_SCRIPTS: Final = re.compile(
    "[\u0600-\u07ff\u0840-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af"
    "\ufb50-\ufdff\ufe0f\ufe70-\ufeff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
)
# What may be a mark that stands on the letter before it: no letter, sign or space of ASCII's kind.
_MAYBE_MARK: Final = "[^\\w\\s\x00-\u02ff]"
_FIRST: Final = re.compile(f"^{_MAYBE_MARK}", re.MULTILINE)
_RUN: Final = re.compile(_MAYBE_MARK + "{5,}")
_MOST_MARKS: Final = 4
"""More marks than these on one letter paint over the lines above and below it."""


def visible(text: str, *, multiline: bool = False) -> str:
    """Show outside text as it may go to a terminal: literal, with what hides or acts made visible.

    C0 controls become their Unicode pictures (`␛`), C1, bidi, zero-width, tag, private-use and
    surrogate characters a name or number in brackets (`⟦RLO⟧`, `⟦U+E0041⟧`). A mark with no letter
    before it gets a `◌`; of more than four on a letter the rest is told as `⟦MARKS⟧`. Line ends and
    tabs stay only with `multiline`, tabs as four spaces. Idempotent; always encodes as UTF-8.

    Source: RELIABILITY measurements, section 3: "show, do not strip".
    """
    if text.isascii() and text.isprintable():
        return text
    shown = _UNSAFE.sub(lambda found: _show(found, multiline=multiline), text)
    return _FIRST.sub(_on_a_ring, _RUN.sub(_few_marks, shown))


def _show(found: "re.Match[str]", *, multiline: bool) -> str:
    character = found[0]
    code = ord(character)
    if code == 0x0A:
        return "\n" if multiline else "␊"
    if code == 0x09:
        return "    " if multiline else "␉"
    if code == 0x0D and multiline and found.string[found.end() : found.end() + 1] == "\n":
        return ""  # one line end, written the way mail writes it
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code in _JOINERS:
        return _joiner(found, character)
    if 0xE0020 <= code <= 0xE007E:
        return f"⟦TAG {chr(code - 0xE0000)}⟧"
    return f"⟦{_NAMED.get(code, f'U+{code:04X}')}⟧"


def _joiner(found: "re.Match[str]", character: str) -> str:
    before = found.string[found.start() - 1 : found.start()] if found.start() else ""
    after = found.string[found.end() : found.end() + 1]
    joins = bool(_JOINED_SCRIPTS.match(before) and _JOINED_SCRIPTS.match(after))
    return character if joins else f"⟦{_JOINERS[ord(character)]}⟧"


def _on_a_ring(found: "re.Match[str]") -> str:
    """Keep a mark at the start of a line off what stands before the text on the screen."""
    return f"◌{found[0]}" if unicodedata.category(found[0]).startswith("M") else found[0]


def _few_marks(found: "re.Match[str]") -> str:
    shown, marks = "", 0
    for character in found[0]:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            shown += character
        elif marks == _MOST_MARKS + 1:
            shown += "⟦MARKS⟧"
    return shown


def escaped(json_text: str) -> str:
    """Write what hides or acts in a JSON text as `\\uXXXX`: the same JSON, fit for a terminal."""
    return _UNSAFE.sub(_escape, json_text)


def _escape(found: "re.Match[str]") -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def hidden_count(text: str) -> int:
    """Count the characters of `text` that `visible` has to name: what a field's banner tells."""
    return sum(1 for found in _UNSAFE.finditer(text) if found[0] not in "\n\t\r")


@final
class Hostile:
    """Outside text, kept as it came. `raw` is for storing and sending, `visible()` for people.

    It has no `+`, which Python and the type checker both refuse.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: str) -> None:
        self.raw = raw

    def visible(self, *, multiline: bool = False) -> str:
        """Return the text as a screen, a log or an export may show it; see `visible`."""
        return visible(self.raw, multiline=multiline)

    def __str__(self) -> NoReturn:
        raise TypeError("hostile text has no str(): use .visible() for people, .raw for storage")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("hostile text cannot be formatted: use .visible()")

    def __repr__(self) -> str:
        return f"<Hostile, {len(self.raw)} characters>"

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hostile) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash((Hostile, self.raw))
