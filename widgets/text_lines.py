"""The lines of a long text: literal pieces with roles, in parts small enough to be laid out."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from widgets.line_widget import Piece

PART: Final = 64 * 1024
"""Characters that are laid out at once. A longer text is shown in parts."""
MOST_HITS: Final = 10_000
"""Hits of one search that are counted."""


class Line(Struct, frozen=True):
    """A line before it is broken at the width of a screen."""

    pieces: tuple[Piece, ...] = ()
    key: str | None = None
    """Names the line, so that it is found again when the text is renewed."""
    heading: bool = False
    """One can jump from heading to heading."""
    hang: int = 0
    """How many cells further right its second and later rows begin."""

    @property
    def text(self) -> str:
        """All of its pieces in one."""
        return "".join(text for text, _ in self.pieces)


class Hit(NamedTuple):
    """Where a search found something: the line, and from and to which character."""

    line: int
    start: int
    end: int


def lines_of(text: str, role: str = "text", *, key: str | None = None) -> list[Line]:
    """Return the lines of a text that has line ends; `text` is already fit to be shown."""
    return [
        Line(((part, role),), key=key if number == 0 else None)
        for number, part in enumerate(text.split("\n"))
    ]


def heading(text: str, *, key: str | None = None) -> Line:
    """Return a heading, which one can jump to."""
    return Line(((text, "heading"),), key=key, heading=True)


def split_long(lines: Sequence[Line]) -> list[Line]:
    """Cut lines that are longer than a part, which only an attacker writes."""
    result: list[Line] = []
    for line in lines:
        text = line.text
        if len(text) <= PART:
            result.append(line)
            continue
        for start in range(0, len(text), PART):
            pieces = tuple(cut(line.pieces, start, start + PART))
            first = start == 0
            result.append(
                replace(
                    line,
                    pieces=pieces,
                    key=line.key if first else None,
                    heading=line.heading and first,
                )
            )
    return result


def parts_of(lines: Sequence[Line]) -> list[range]:
    """Return which lines make up each part; always at least one part."""
    parts: list[range] = []
    start = size = 0
    for number, line in enumerate(lines):
        length = len(line.text) + 1
        if size and size + length > PART + 1:
            parts.append(range(start, number))
            start, size = number, 0
        size += length
    parts.append(range(start, len(lines)))
    return parts


def cut(pieces: Sequence[Piece], start: int, end: int) -> Iterator[Piece]:
    """Return what of the pieces lies between two characters of their common text."""
    at = 0
    for text, role in pieces:
        inside = text[max(0, start - at) : max(0, end - at)]
        if inside:
            yield inside, role
        at += len(text)


def find(lines: Sequence[Line], words: str) -> list[Hit]:
    """Find every place of `words`, taken literally, capitals or not, up to MOST_HITS."""
    if not words:
        return []
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    hits: list[Hit] = []
    for number, line in enumerate(lines):
        for found in pattern.finditer(line.text):
            hits.append(Hit(number, found.start(), found.end()))
            if len(hits) == MOST_HITS:
                return hits
    return hits
