"""The line at the bottom where commands, filters and searches are typed."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from widgets.ground import Beside
from widgets.line_widget import LineWidget, OneLine, Piece, fit
from widgets.text_entry import LineEntry


class Offer(NamedTuple):
    """A line that may be meant, and what is said about it."""

    line: str
    """The whole line, as it would be typed."""
    label: str = ""
    """What is shown for it, where that is not the line."""
    title: str = ""
    keys: str = ""
    reason: str = ""
    """Why it can do nothing just now; empty where it can."""


Complete = Callable[[str], Sequence[Offer]]
"""Given what is typed, returns lines that may be meant, best first. Called at every change."""

MOST_ROWS: Final = 6
"""Offers in sight at once."""
_LABEL: Final = 24
"""Cells that the names of offers take at most, where they stand in a column."""
_OLDER: Final = ("up", "ctrl+p")
_NEWER: Final = ("down", "ctrl+n")


class _Label(OneLine):
    """What stands before the entry, or below it."""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.pieces: list[Piece] = []

    def content(self) -> list[Piece]:
        return self.pieces


class _Offers(LineWidget):
    """The lines that may be meant, a row each; those beyond the last row come as one moves."""

    DEFAULT_CSS = """
    _Offers {
        display: none;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._offers: tuple[Offer, ...] = ()
        self._at = -1
        self._rows = 0

    def show(self, offers: Sequence[Offer], at: int) -> None:
        """Show these; `at` is the one that was gone to, -1 where none was."""
        offers = tuple(offers)
        if (offers, at) == (self._offers, self._at):
            return
        self._offers, self._at = offers, at
        self._take_rows(min(len(offers), MOST_ROWS))
        self.refresh()

    def _take_rows(self, rows: int) -> None:
        """Grow where need be. While one types nothing shrinks: each time all would be laid out."""
        if rows > self._rows:
            self._rows = rows
            self.styles.height = rows
            self.display = True

    def shut(self) -> None:
        """Offer nothing, and take no room."""
        self._offers, self._at, self._rows = (), -1, 0
        self.display = False

    def line(self, y: int) -> list[Piece]:
        """Return one offer: its name, title, keys, and why it can do nothing just now."""
        first = max(0, min(self._at - MOST_ROWS // 2, len(self._offers) - MOST_ROWS))
        index = first + y - max(0, self._rows - len(self._offers))  # they stand on the entry
        if not 0 <= index < len(self._offers):
            return []
        offer = self._offers[index]
        here = index == self._at
        longest = max(cell_len(each.label or each.line) for each in self._offers)
        more = f"  {index + 1}/{len(self._offers)}" if here else ""
        return [
            ("> " if here else "  ", "key"),
            *fit([(offer.label or offer.line, "key")], min(longest, _LABEL)),
            (f"  {offer.title}", "text"),
            *([(f"  {offer.keys}", "key")] if offer.keys else []),
            *([(f"  ({offer.reason})", "warning")] if offer.reason else []),
            (more, "muted"),
        ]


class _Entry(LineEntry):
    """Tells at once what is typed: a message would come after the next frame."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        super().__init__()
        self._changed = changed

    def watch_value(self, value: str) -> None:
        self._changed(value)


class PromptLine(Widget, inherit_bindings=False):
    """One line to type in, with a sign before it, offers and a hint above; hidden until opened."""

    DEFAULT_CSS = """
    PromptLine {
        display: none;
        height: auto;
        Beside {
            height: 1;
        }
        .hint {
            display: none;
        }
        .sign {
            width: auto;
        }
        LineEntry {
            width: 1fr;
        }
    }
    """

    class Accepted(Message):
        """`enter`: the line is meant."""

        def __init__(self, prompt: "PromptLine", value: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.value = value

    class Cancelled(Message):
        """`escape`: the line is not meant."""

        def __init__(self, prompt: "PromptLine") -> None:
            super().__init__()
            self.prompt = prompt

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.purpose = ""
        """What the line is for, as `open` was told."""
        self._entry = _Entry(self._entry_changed)
        self._sign = _Label(classes="sign")
        self._hint = _Label(classes="hint")
        self._shown = _Offers()
        self._history: tuple[str, ...] = ()
        self._at = 0
        self._typed = self._told = ""
        self._complete: Complete | None = None
        self._follow: Callable[[str], None] | None = None
        self._offered: tuple[Offer, ...] = ()
        self._offer = -1

    def compose(self) -> ComposeResult:
        """Lay out the offers and the hint over the sign and the entry."""
        yield self._shown
        yield self._hint
        with Beside():
            yield self._sign
            yield self._entry

    @property
    def value(self) -> str:
        """What is typed."""
        return self._entry.value

    def open(
        self,
        purpose: str,
        *,
        sign: str,
        value: str = "",
        history: Sequence[str] = (),
        complete: Complete | None = None,
        follow: Callable[[str], None] | None = None,
    ) -> None:
        """Show the line and give it the focus.

        `history` are lines of before, oldest first; `follow` is called with what is typed whenever
        that changes, before the change is painted.
        """
        self.purpose = purpose
        self._history = tuple(history)
        self._at = len(self._history)
        self._complete = complete
        self._follow = follow
        self._sign.pieces = [(sign, "key")]
        self._sign.styles.width = len(sign)
        self._sign.refresh()
        self.hint()
        self._typed = self._told = value
        self._set(value)
        self._shown.shut()
        self.offer_anew()
        self.display = True
        self.screen.set_focus(self._entry)  # at once: the next key may be in the same read

    def close(self) -> None:
        """Hide the line; give the focus to another widget first."""
        self.display = False
        self._shown.shut()
        self._complete = self._follow = None
        self._told = ""
        self._entry.value = ""

    def hint(self, *pieces: Piece) -> None:
        """Show a line above: what is wrong with what is typed, or what may follow."""
        self._hint.pieces = list(pieces)
        self._hint.display = bool(pieces)
        self._hint.refresh()

    def _entry_changed(self, value: str) -> None:
        if self._offer < 0 or value != self._offered[self._offer].line:
            self.offer_anew()
        if self._at == len(self._history) or value != self._history[self._at]:
            self._at = len(self._history)
            self._typed = value
        if value != self._told:
            self._told = value
            if self._follow is not None:
                self._follow(value)

    @on(Input.Changed)
    def _keep_to_oneself(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted)
    def _entry_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Accepted(self, event.value))

    def on_key(self, event: events.Key) -> None:
        """Take the few keys that are not for the text, where no keymap says otherwise."""
        if event.key == "escape":
            self.post_message(self.Cancelled(self))
        elif event.key in _OLDER:
            self.recall(-1)
        elif event.key in _NEWER:
            self.recall(1)
        elif event.key == "tab":
            self.offer_next(1)
        elif event.key == "shift+tab":
            self.offer_next(-1)
        else:
            return
        event.stop()
        event.prevent_default()

    def recall(self, steps: int) -> None:
        """Go to an older or newer line of before that begins with what was typed."""
        at = self._at + steps
        shown = self._entry.value
        while 0 <= at < len(self._history):
            line = self._history[at]
            if line.startswith(self._typed) and line != shown:
                self._at = at
                self._set(line)
                return
            at += steps
        if at >= len(self._history):
            self._at = len(self._history)
            self._set(self._typed)

    def offer_anew(self) -> None:
        """Offer what may be meant by what is typed; also once more is known to choose from."""
        self._offered = () if self._complete is None else tuple(self._complete(self.value))
        self._offer = -1
        self._shown.show(self._offered, -1)

    def offer_next(self, steps: int) -> None:
        """Go to the next line that may be meant, or the one before."""
        if not self._offered:
            return
        if self._offer < 0 and steps < 0:
            self._offer = 0
        self._offer = (self._offer + steps) % len(self._offered)
        self._set(self._offered[self._offer].line)
        if len(self._offered) == 1:  # there is nothing to choose: show what may follow
            self.offer_anew()
        else:
            self._shown.show(self._offered, self._offer)

    def _set(self, value: str) -> None:
        self._entry.start_anew(value)
