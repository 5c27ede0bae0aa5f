"""Turns the segments of a strip into what a terminal reads, in few bytes.

Rich sends the whole look before each segment and takes it back after it, forty bytes around a word.
Here only what changes from one segment to the next is sent, and all is taken back once at the end.
"""

from collections.abc import Iterable, Mapping
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


class Ink(NamedTuple):
    """How text looks; there is one of each look, so that they are compared by identity."""

    attributes: frozenset[str]
    colour: str
    ground: str


PLAIN: Final = Ink(frozenset(), "39", "49")
_SEEN_ON_SPACES: Final = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Lines, frames, and colour and ground reversed."""


def written(parts: Iterable[tuple[str, Style | None]], system: ColorSystem) -> str:
    """Return texts in their styles, from a plain look to a plain look; links are left out."""
    output: list[str] = []
    ink = PLAIN
    for text, style in parts:
        its = ink_of(style, system)
        if its is not ink:
            output.append(turn(ink, its))
            ink = its
        output.append(text)
    if ink is not PLAIN:
        output.append(_RESET)
    return "".join(output)


def inked(texts: Mapping[Ink, Iterable[str]]) -> str:
    """Return what is to be written in each ink, from a plain look to a plain look."""
    output: list[str] = []
    before = PLAIN
    for ink, its in texts.items():
        output.append(turn(before, ink))
        output += its
        before = ink
    output.append(turn(before, PLAIN))
    return "".join(output)


@lru_cache(maxsize=512)
def ink_of(style: Style | None, system: ColorSystem) -> Ink:
    """Return the ink of a style."""
    if style is None:
        return PLAIN
    colour, ground = style.color, style.bgcolor
    return _known(
        Ink(
            frozenset(begins for name, begins, _ in _ATTRIBUTES if getattr(style, name)),
            "39" if colour is None else ";".join(colour.downgrade(system).get_ansi_codes()),
            "49" if ground is None else ";".join(ground.downgrade(system).get_ansi_codes(False)),
        )
    )


@lru_cache(maxsize=512)
def without_colour(ink: Ink) -> Ink:
    """Return how a space looks in this ink: its colour is not seen but where a line is."""
    return (
        ink
        if ink.attributes & _SEEN_ON_SPACES
        else _known(Ink(PLAIN.attributes, PLAIN.colour, ink.ground))
    )


@lru_cache(maxsize=512)
def _known(ink: Ink) -> Ink:
    """Return the one ink of this look, so that looks are compared by identity."""
    return PLAIN if ink == PLAIN else ink


@lru_cache(maxsize=2048)
def turn(before: Ink, after: Ink) -> str:
    """Return what takes a terminal from one ink to another."""
    if before is after:
        return ""
    if after == PLAIN:
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
