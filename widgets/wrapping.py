"""How wide text is, and breaking it at a width, in cells; fast also where it is long.

Terminals disagree on joined emoji, flags, Indic and other composed letters. Such text counts here
as wide as it can come out anywhere, each character for itself, so that it always finds room.
"""

import re
import unicodedata
from typing import Final

from rich.cells import cell_len, chop_cells, get_character_cell_size

_WORDS: Final = re.compile(r"\S+\s*|\s+")
_UNSURE: Final = re.compile(
    "[^\x00-\u02ff\u0370-\u0482\u048a-\u0559\u1e00-\u1fff\u2000-\u200a\u2010-\u2027\u202f-\u205f"
    "\u20a0-\u20bf\u2190-\u22ff\u2400-\u2426\u2500-\u25fc\u2713\u2717\u27e6\u27e7"
    "\u3000-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\ufffd]"
)
"""Everything but the scripts and signs whose widths nobody disputes."""
_EMOJI_FOLLOWS: Final = "\ufe0f"
"""Makes the character before it twice as wide, or does nothing."""
_EMOJI: Final = 0x1F000
"""From here on a newer terminal may know a wide picture where an older one knows nothing."""


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
    if sure(word) and room == rest:
        return chop_cells(word, rest)
    head = crop(word, room) or word[:1]
    if sure(word):
        return [head, *chop_cells(word[len(head) :], rest)]
    parts, at = [head], len(head)
    while at < len(word):
        # No part is longer in characters than this, but for marks, which take no cell.
        part = crop(word[at : at + 8 * rest], rest) or word[at : at + 1]
        parts.append(part)
        at += len(part)
    return parts


def cells(text: str) -> int:
    """Return how many cells a text takes at most; for ASCII, which most of it is, at once."""
    if text.isascii():
        return len(text)
    return cell_len(text) if sure(text) else sum(map(_most, text))


def crop(text: str, width: int) -> str:
    """Return as much of the beginning of a text as takes no more than `width` cells."""
    if text.isascii():
        return text[:width]
    used = 0
    for at, character in enumerate(text):
        used += _most(character)
        if used > width:
            return text[:at]
    return text


def sure(text: str) -> bool:
    """Tell whether every terminal takes this text to be equally wide."""
    return text.isascii() or _UNSURE.search(text) is None


def _most(character: str) -> int:
    if character.isascii() or character == _EMOJI_FOLLOWS:
        return 1
    shown = get_character_cell_size(character)
    if shown == 0 and unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if ord(character) >= _EMOJI else max(1, shown)
