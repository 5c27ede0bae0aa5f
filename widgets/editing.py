"""What editing keys do in a text, whatever its widget: words, what was cut, what was typed.

What is cut stays in here: it never goes to the clipboard of the terminal, where others read it.
"""

import re
from typing import Final, Literal, NamedTuple, Protocol, runtime_checkable

Edit = Literal[
    "left",
    "right",
    "up",
    "down",
    "word_left",
    "word_right",
    "line_start",
    "line_end",
    "text_start",
    "text_end",
    "page_up",
    "page_down",
    "delete_left",
    "delete_right",
    "delete_word_left",
    "delete_word_right",
    "delete_to_start",
    "delete_to_end",
    "paste",
    "undo",
    "redo",
]

CUTS: Final[dict[Edit, Edit]] = {
    "delete_word_left": "word_left",
    "delete_word_right": "word_right",
    "delete_to_start": "line_start",
    "delete_to_end": "line_end",
}
"""What is cut up to where a movement leads."""
_WORD_BEFORE: Final = re.compile(r"\w+\W*\Z")
_WORD_AFTER: Final = re.compile(r"\W*\w+")


def word_left(line: str, at: int) -> int:
    """Return where the word before a place in a line begins."""
    found = _WORD_BEFORE.search(line[:at])
    return found.start() if found else 0


def word_right(line: str, at: int) -> int:
    """Return where the word after a place in a line ends."""
    found = _WORD_AFTER.match(line, at)
    return found.end() if found else len(line)


class Place(NamedTuple):
    """A text with the cursor in it, to see whether anything was done in between."""

    widget: int
    text: str
    cursor: object


class Cut:
    """What was cut last. One cut right after another, in the same place, is added to it."""

    def __init__(self) -> None:
        self.text = ""
        self._left: Place | None = None

    def take(self, text: str, before: Place, after: Place, *, leftwards: bool) -> None:
        """Keep what was cut, and how the text was before and after."""
        if before != self._left:
            self.text = text
        elif leftwards:
            self.text = text + self.text
        else:
            self.text += text
        self._left = after

    def forget(self) -> None:
        """Keep nothing: the screen is locked."""
        self.text, self._left = "", None


@runtime_checkable
class WholeText(Protocol):
    """A text of several lines, which can be edited elsewhere and come back."""

    @property
    def text(self) -> str:
        """All of it."""
        ...

    def take_whole(self, text: str) -> None:
        """Put another text in its place; that can be taken back as typing can."""
        ...


@runtime_checkable
class Edits(Protocol):
    """A widget that editing keys work in."""

    def edit_text(self, what: Edit, cut: Cut) -> None:
        """Do what a key says, where it makes sense here."""
        ...


class Typed(NamedTuple):
    """How a line stood once."""

    value: str
    cursor: int


class History:
    """What was typed into one line, to be taken back a word or so at a time."""

    def __init__(self) -> None:
        self._before: list[Typed] = []
        self._undone: list[Typed] = []
        self._typing_at = -1

    def typed(self, before: Typed, text: str, start: int, end: int) -> None:
        """Note that `text` takes the place of what is between `start` and `end`."""
        goes_on = start == end == self._typing_at and len(text) == 1 and not text.isspace()
        if not goes_on:
            self._before.append(before)
        self._undone.clear()
        self._typing_at = start + 1 if len(text) == 1 else -1

    def undo(self, now: Typed) -> Typed | None:
        """Return how the line stood before, None where nothing was typed."""
        return self._go(self._before, self._undone, now)

    def redo(self, now: Typed) -> Typed | None:
        """Return how the line stood before that was taken back."""
        return self._go(self._undone, self._before, now)

    def clear(self) -> None:
        """Forget it: the line is another one."""
        self._before.clear()
        self._undone.clear()
        self._typing_at = -1

    def _go(self, back: list[Typed], forth: list[Typed], now: Typed) -> Typed | None:
        self._typing_at = -1
        if not back:
            return None
        forth.append(now)
        return back.pop()
