"""What a line shows otherwise than the one that stands in its place on the terminal.

A list that moves by a row is painted anew from top to bottom, but most of its cells stay as they
are: the rows of a queue have their columns, and much of these in common. A page of 12 KB becomes
one of 3, which the kernel takes for the terminal in one piece.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import compress, islice
from operator import ne
from typing import Any, Final, NamedTuple, Self

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.armor import harmless
from widgets.placing import within
from widgets.terse import Ink, ink_of, turn, without_colour
from widgets.wrapping import sure

_HALF: Final = "\0"
"""Stands for the second cell of a character that takes two."""
_NEAR: Final = re.compile(rb"\x01(?:\x00{0,7}\x01)*")
"""Cells to be written, with fewer between them than it takes bytes to go to the next."""


class Painted(Strip):
    """A line as a widget painted it; it is itself alone, so that comparisons can be kept."""

    __slots__ = ()
    __eq__: Any = object.__eq__
    __hash__: Callable[[Self], int] = object.__hash__


class Run(NamedTuple):
    """What is to be written from column `x` of a line on: it begins and ends in one ink."""

    x: int
    ink: Ink
    text: str


class Change(NamedTuple):
    """What makes of one line the other, to be written in this order."""

    runs: tuple[Run, ...] = ()
    ground: Run | None = None
    """What the last text is written on."""
    last: Run | None = None
    """A text on whose width terminals disagree, and all that stands to the right of it."""


class _Cells(NamedTuple):
    text: str
    """A character for each cell, as far as it is sure which text is in which cell."""
    inks: str
    """For each of them the sign of its ink."""
    segments: int
    """From how many segments of the line they are."""


@lru_cache(maxsize=1024)
def change(before: Painted, after: Painted, system: ColorSystem) -> Change:
    """Compare two lines of the same width.

    What is right of a text on whose width terminals disagree is written anew, as in
    `widgets.placing`: over a ground, without what might stand out of the line.
    """
    old, new = _cells(before, system), _cells(after, system)
    width, sure_of = after.cell_length, len(new.text)
    all_sure = len(old.text) == width == sure_of
    if not all_sure and list(before) == list(after):
        return Change()
    differs = _differing(old, new, _known(old, new, width))
    runs = tuple(_joined(_runs(new, differs)))
    rest = [*after][new.segments :]
    if sure_of == width or not rest:
        return Change(runs)
    ground = Run(sure_of, ink_of(rest[-1].style, system), " " * (width - sure_of))
    text = within(rest, width - sure_of)
    return Change(runs, ground, _in_a_row(sure_of, text, system) if text else None)


def _known(old: _Cells, new: _Cells, width: int) -> int:
    """Return up to which column it is sure what the terminal shows."""
    known = len(old.text)
    if known < width:
        known = max(0, known - 1)  # what follows may have joined the character before it
    known = min(known, len(new.text))
    while known and _HALF in (old.text[known : known + 1], new.text[known : known + 1]):
        known -= 1
    return known


def _differing(old: _Cells, new: _Cells, known: int) -> bytearray:
    """Return 1 for each cell that is to be written; all are from `known` on."""
    differs = bytearray(islice(map(ne, old.text, new.text), known))
    for x in compress(range(known), map(ne, old.inks, new.inks)):
        if new.text[x] != " " or _seen(old.inks[x]) is not _seen(new.inks[x]):
            differs[x] = 1
    return differs + b"\1" * (len(new.text) - known)


def _runs(new: _Cells, differs: bytearray) -> Iterator[tuple[int, str, str]]:
    """Return where cells that are to be written begin, the sign of their ink, and their text."""
    text, inks, _ = new
    for near in _NEAR.finditer(differs):
        at, stop = near.span()
        while at < stop:
            sign = inks[at]
            alike = stop - len(inks[at:stop].lstrip(sign))
            start, end = differs.find(1, at, alike), differs.rfind(1, at, alike) + 1
            if end:
                yield start, sign, text[start : end + (text[end : end + 1] == _HALF)]
            at = alike


def _joined(runs: Iterable[tuple[int, str, str]]) -> list[Run]:
    """Make one run of those in the same ink, which steps over what is between them."""
    joined: dict[str, Run] = {}
    ends: dict[str, int] = {}
    for x, sign, cells in runs:
        text = cells.replace(_HALF, "")
        before = joined.get(sign)
        joined[sign] = (
            Run(x, _INKS[ord(sign)], text)
            if before is None
            else before._replace(text=f"{before.text}\x1b[{x - ends[sign]}C{text}")
        )
        ends[sign] = x + len(cells)
    return [*joined.values()]


def _in_a_row(x: int, segments: Sequence[Segment], system: ColorSystem) -> Run:
    """Make one run of texts in their inks, of which only the first is sure where it begins."""
    first = ink = ink_of(segments[0].style, system)
    parts: list[str] = []
    for segment in segments:
        its = ink_of(segment.style, system)
        parts += (turn(ink, its), harmless(segment.text))
        ink = its
    return Run(x, first, "".join((*parts, turn(ink, first))))


@lru_cache(maxsize=1024)
def _cells(line: Painted, system: ColorSystem) -> _Cells:
    texts: list[str] = []
    inks: list[str] = []
    for segment in line:
        shown = harmless(segment.text)
        if not shown.isascii():
            if not sure(shown):
                break
            shown = "".join(
                each if get_character_cell_size(each) == 1 else each + _HALF for each in shown
            )
        texts.append(shown)
        inks.append(_sign(segment.style, system) * len(shown))
    cells = "".join(texts)
    whole, width = len(texts) == len([*line]), line.cell_length
    if len(cells) > width or (len(cells) == width) is not whole:
        return _Cells("", "", 0)  # not as wide as it says: what armor made visible had no width
    return _Cells(cells, "".join(inks), len(texts))


_INKS: Final[list[Ink]] = []


@cache
def _sign(style: Style | None, system: ColorSystem) -> str:
    """Return the character that stands for the ink of a style."""
    ink = ink_of(style, system)
    if ink not in _INKS:
        _INKS.append(ink)
    return chr(_INKS.index(ink))


@cache
def _seen(sign: str) -> Ink:
    """Return how a space looks in an ink."""
    return without_colour(_INKS[ord(sign)])
