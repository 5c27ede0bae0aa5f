"""What editing keys do in a text, whatever its widget: words, what was cut, what was typed.

What is cut stays in here: it never goes to the clipboard of the terminal, where others read it.
"""

import re
from typing import Any, Final, Literal, NamedTuple, Protocol, runtime_checkable

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
    "mark",
    "copy",
    "cut",
    "paste",
    "undo",
    "redo",
]

MOVES: Final[frozenset[Edit]] = frozenset(
    ("left", "right", "up", "down", "word_left", "word_right", "line_start", "line_end",
     "text_start", "text_end", "page_up", "page_down")
)  # fmt: skip

CUTS: Final[dict[Edit, Edit]] = {
    "delete_word_left": "word_left",
    "delete_word_right": "word_right",
    "delete_to_start": "line_start",
    "delete_to_end": "line_end",
    "cut": "word_left",
}
"""What is cut up to where a movement leads."""
_TAKES_REGION: Final[frozenset[Edit]] = frozenset(
    ("copy", "cut", "delete_left", "delete_right", *MOVES)
)
"""What is done to what was chosen from a mark on; all else is done at the cursor."""
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

    def copy(self, text: str) -> None:
        """Keep what stays where it is."""
        self.text, self._left = text, None

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


class Region:
    """What one of Textual's texts has beside: a mark, from which movements choose."""

    selection: Any
    """A pair of places, the second of which is the cursor."""
    _marking = False

    def do(self, what: Edit, cut: Cut) -> None:
        """Do what a key says, at the cursor or to what is chosen."""
        raise NotImplementedError

    def edit_text(self, what: Edit, cut: Cut) -> None:
        """Do what a key says; what a mark chooses follows the cursor until something else is done.

        A mark that is set twice in one place is taken off.
        """
        if what == "mark":
            again = self._marking and not self._chooses
            self._choose_from(self.selection.end)
            self._marking = not again
            return
        if what not in _TAKES_REGION:
            self.unmark()
        anchor = self.selection.start
        if self._marking and what in MOVES:
            self._choose_from(self.selection.end)
            self.do(what, cut)
            self._choose_from(anchor)
            return
        if what != "cut" or self._chooses or not self._marking:
            self.do(what, cut)
        self.unmark()

    def unmark(self) -> bool:
        """Take the mark off, and choose nothing; return whether there was one."""
        was, self._marking = self._marking, False
        if was:
            self._choose_from(self.selection.end)
        return was

    @property
    def _chooses(self) -> bool:
        return self.selection.start != self.selection.end

    def _choose_from(self, place: object) -> None:
        self.selection = type(self.selection)(place, self.selection.end)


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
