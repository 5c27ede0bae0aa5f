"""The line at the bottom where commands, filters and searches are typed."""

from collections.abc import Callable, Sequence
from typing import Final

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from widgets.line_widget import OneLine, Piece
from widgets.text_entry import LineEntry

Complete = Callable[[str], Sequence[str]]
"""Given what is typed, returns whole lines that may be meant, best first."""

_OLDER: Final = ("up", "ctrl+p")
_NEWER: Final = ("down", "ctrl+n")


class _Label(OneLine):
    """What stands before the entry, or below it."""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.pieces: list[Piece] = []

    def content(self) -> list[Piece]:
        return self.pieces


class PromptLine(Widget, inherit_bindings=False):
    """One line to type in, with a sign before it and a hint above it; hidden until opened."""

    DEFAULT_CSS = """
    PromptLine {
        display: none;
        height: auto;
        Horizontal {
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

    class Changed(Message):
        """What is typed changed. Of several that wait, only the last is handled."""

        def __init__(self, prompt: "PromptLine", value: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.value = value

        def can_replace(self, message: Message) -> bool:
            """Replace one that waits for the same prompt."""
            return isinstance(message, PromptLine.Changed) and message.prompt is self.prompt

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
        self._entry = LineEntry()
        self._sign = _Label(classes="sign")
        self._hint = _Label(classes="hint")
        self._history: tuple[str, ...] = ()
        self._at = 0
        self._typed = self._told = ""
        self._complete: Complete | None = None
        self._offered: tuple[str, ...] = ()
        self._offer = -1

    def compose(self) -> ComposeResult:
        """Lay out the hint over the sign and the entry."""
        yield self._hint
        with Horizontal():
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
    ) -> None:
        """Show the line and give it the focus. `history`: lines of before, oldest first."""
        self.purpose = purpose
        self._history = tuple(history)
        self._at = len(self._history)
        self._complete = complete
        self._forget_offers()
        self._sign.pieces = [(sign, "key")]
        self._sign.styles.width = len(sign)
        self.hint()
        self._typed = self._told = value
        self._set(value)
        self.display = True
        self.screen.set_focus(self._entry)  # at once: the next key may be in the same read

    def close(self) -> None:
        """Hide the line; give the focus to another widget first."""
        self.display = False
        self._told = ""
        self._entry.value = ""

    def hint(self, *pieces: Piece) -> None:
        """Show a line above: what is wrong with what is typed, or what may follow."""
        self._hint.pieces = list(pieces)
        self._hint.display = bool(pieces)
        self._hint.refresh()

    @on(Input.Changed)
    def _entry_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._offer < 0 or event.value != self._offered[self._offer]:
            self._forget_offers()
        if self._at == len(self._history):
            self._typed = event.value
        if event.value != self._told:
            self._told = event.value
            self.post_message(self.Changed(self, event.value))

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
        """Go to an older line of before, or a newer one."""
        self._at = max(0, min(len(self._history), self._at + steps))
        here = self._at == len(self._history)
        self._set(self._typed if here else self._history[self._at])

    def offer_next(self, steps: int) -> None:
        """Go to the next line that may be meant, or the one before."""
        if self._complete is None:
            return
        if not self._offered:
            self._offered = tuple(self._complete(self.value))
            self._offer = -1 if steps > 0 else 0
        if not self._offered:
            return
        self._offer = (self._offer + steps) % len(self._offered)
        here = self._offer
        shown = self._offered[here : here + 8]
        roles = ["key", *["muted"] * 7]
        self.hint(*((f"{text}  ", role) for text, role in zip(shown, roles, strict=False)))
        self._set(self._offered[here])

    def _forget_offers(self) -> None:
        if self._offered:
            self.hint()
        self._offered = ()
        self._offer = -1

    def _set(self, value: str) -> None:
        self._entry.start_anew(value)
