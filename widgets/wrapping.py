"""How wide text is, and breaking it at a width, in cells; fast also where it is long."""

import re
from typing import Final

from rich.cells import cell_len, chop_cells

_WORDS: Final = re.compile(r"\S+\s*|\s+")


def wrap(text: str, width: int, *, hang: int = 0) -> list[tuple[int, int]]:
    """Return the (start, end) of each row of `text` at `width` cells; at least one row.

    Rows break between words, words only where longer than a row. Rows after the first have `hang`
    cells less. Spaces at a break belong to the row before it, and may stand out beyond the width.
    """
    if width <= 0 or (len(text) <= width and text.isascii()):
        return [(0, len(text))]
    rest = max(1, width - hang)
    rows: list[tuple[int, int]] = []
    start = used = 0
    for found in _WORDS.finditer(text):
        word, begin = found[0], found.start()
        ink = cells(word.rstrip())
        if used and used + ink > (rest if rows else width):
            rows.append((start, begin))
            start, used = begin, 0
        room = rest if rows else width
        if ink <= room:
            used += cells(word)
            continue
        cut = begin
        for part in _parts(word, room, rest):
            if cut > start:
                rows.append((start, cut))
                start = cut
            cut += len(part)
        used = cells(text[start : found.end()])
    rows.append((start, len(text)))
    return rows


def _parts(word: str, room: int, rest: int) -> list[str]:
    """Cut a word that is longer than the room on its row: the first part to `room` cells."""
    if room == rest:
        return chop_cells(word, rest)
    head = chop_cells(word, room)[0]
    return [head, *chop_cells(word[len(head) :], rest)]


def cells(text: str) -> int:
    """Return how many cells a text takes; for ASCII, which most of it is, at once."""
    return len(text) if text.isascii() else cell_len(text)
