"""Text that is on the screen only once somebody asked for it.

What is masked is not in the widget at all: neither its characters nor its length can be read off
the screen, copied or found by a search.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from widgets.text_lines import Line

COVER: Final = "▒▒▒▒▒▒"
"""Stands for any masked text, whatever its length."""


def masked_piece(what: str = "") -> tuple[str, str]:
    """Return the piece that stands for a masked text; `what` it is comes in words behind it."""
    return (f"{COVER} {what}".rstrip(), "masked")


class MaskedSection(Struct, frozen=True):
    """Part of a text that is covered until it is revealed."""

    key: str
    """Names the section; it is what gets revealed."""
    what: str
    """What is under the cover, in neutral words: `message text`, `graphic, level 3`."""
    lines: Sequence[Line]
    """What is shown once it is revealed."""

    def shown(self, *, revealed: bool, hint: str) -> list[Line]:
        """Return the lines to show. `hint` says how to reveal it: `x t reveals it`."""
        if revealed:
            return list(self.lines)
        cover = f"{self.what} is hidden · {hint}" if hint else f"{self.what} is hidden"
        return [Line((masked_piece(cover),), key=self.key)]
