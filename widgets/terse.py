"""Turns the segments of a strip into what a terminal reads, in few bytes.

Rich sends the whole look before each segment and takes it back after it, forty bytes around a word.
Here only what changes from one segment to the next is sent, and all is taken back once at the end.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from rich.color import ColorSystem
from rich.style import Style

_ATTRIBUTES: Final = (
    ("bold", "1", "22"),
    ("dim", "2", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("blink", "5", "25"),
    ("blink2", "6", "25"),
    ("reverse", "7", "27"),
    ("conceal", "8", "28"),
    ("strike", "9", "29"),
    ("underline2", "21", "24"),
    ("frame", "51", "54"),
    ("encircle", "52", "54"),
    ("overline", "53", "55"),
)
"""Of each attribute: its name in Rich, the code that begins it, and the one that ends it."""
_ENDED_BY: Final = {begins: ends for _, begins, ends in _ATTRIBUTES}
_RESET: Final = "\x1b[0m"


class _Ink(NamedTuple):
    attributes: frozenset[str]
    colour: str
    ground: str


_PLAIN: Final = _Ink(frozenset(), "39", "49")


def written(parts: Iterable[tuple[str, Style | None]], system: ColorSystem) -> str:
    """Return texts in their styles, from a plain look to a plain look; links are left out."""
    output: list[str] = []
    ink = _PLAIN
    for text, style in parts:
        its = _PLAIN if style is None else _ink(style, system)
        if its is not ink:
            output.append(_change(ink, its))
            ink = its
        output.append(text)
    if ink is not _PLAIN:
        output.append(_RESET)
    return "".join(output)


@lru_cache(maxsize=512)
def _ink(style: Style, system: ColorSystem) -> _Ink:
    colour, ground = style.color, style.bgcolor
    return _known(
        _Ink(
            frozenset(begins for name, begins, _ in _ATTRIBUTES if getattr(style, name)),
            "39" if colour is None else ";".join(colour.downgrade(system).get_ansi_codes()),
            "49" if ground is None else ";".join(ground.downgrade(system).get_ansi_codes(False)),
        )
    )


@lru_cache(maxsize=512)
def _known(ink: _Ink) -> _Ink:
    """Return the one ink of this look, so that looks are compared by identity."""
    return _PLAIN if ink == _PLAIN else ink


@lru_cache(maxsize=2048)
def _change(before: _Ink, after: _Ink) -> str:
    if after == _PLAIN:
        return _RESET
    ended = {_ENDED_BY[begins] for begins in before.attributes - after.attributes}
    # What ends one attribute may end another that goes on: bold and dim have the same end.
    going_on = {begins for begins in before.attributes if _ENDED_BY[begins] not in ended}
    codes = sorted(ended) + sorted(after.attributes - going_on)
    if after.colour != before.colour:
        codes.append(after.colour)
    if after.ground != before.ground:
        codes.append(after.ground)
    return f"\x1b[{';'.join(codes)}m" if codes else ""
