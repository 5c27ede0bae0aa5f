"""Textual's text field, made literal: a paste shows what hides in it, and nothing blinks.

Where it, a text area or a choice has the focus, keys that type belong to that: `takes_text`.
"""

import asyncio
import contextlib
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input

from local_cache.hostile import visible
from widgets.editing import CUTS, Cut, Edit, History, Place, Region, Typed, word_left, word_right

EDITS_WITHOUT_KEYMAP: list[BindingType] = [
    Binding(key, f"edit_by_key('{what}')")
    for key, what in (
        ("left", "left"),
        ("right", "right"),
        ("ctrl+left", "word_left"),
        ("ctrl+right", "word_right"),
        ("home", "line_start"),
        ("end", "line_end"),
        ("backspace", "delete_left"),
        ("delete", "delete_right"),
    )
]
"""What is written on the keys, where no keymap says otherwise. Of what else Textual has, some
copies to the clipboard of the terminal, where others read it."""
LONGEST: Final = 4_000
"""Characters that a line has at most. Textual measures the whole line at every key, so that one of
a million, pasted by mistake, would make each key after it felt."""
_ENDS: Final = ("line_start", "line_end", "text_start", "text_end")


_CATCHES_UP_WITHIN: Final = 0.5
"""Seconds after which a widget that does not answer holds no key up any longer."""


async def edit_at_once(widget: Widget, event: events.Key) -> None:
    """Run a key's binding of the widget itself, now.

    Textual runs it once the key has gone up to the app and back: a letter of the same read would be
    typed before the backspace in front of it.
    """
    known = widget._bindings.key_to_bindings  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    bindings = known.get(event.key)
    if bindings and not bindings[0].action.startswith("scroll_"):
        event.stop()
        event.prevent_default()
        await widget.run_action(bindings[0].action)


async def caught_up(widget: Widget) -> None:
    """Wait until a widget has taken the keys that were handed to it before."""
    done = asyncio.Event()
    if widget.call_later(done.set):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), _CATCHES_UP_WITHIN)


class LineEntry(Region, Input, inherit_bindings=False):
    """One line of text. The line ends of a paste become spaces, so nothing of it is lost."""

    takes_text: ClassVar[bool] = True
    # Textual lays the whole screen out for each character; the line's own size stays as it is.
    virtual_size = Reactive(Size(0, 0))
    BINDINGS: ClassVar[list[BindingType]] = [
        *EDITS_WITHOUT_KEYMAP,
        Binding("enter", "submit"),
        Binding("shift+left", "cursor_left(True)"),
        Binding("shift+right", "cursor_right(True)"),
        Binding("shift+home", "home(True)"),
        Binding("shift+end", "end(True)"),
    ]

    class TooLong(Message):
        """What was typed or pasted was not put in: the line would be longer than `LONGEST`."""

        def __init__(self, longer: int) -> None:
            super().__init__()
            self.longer = longer
            """Characters that it would have had."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        max_length: int = 0,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            password=password,
            max_length=max_length,
            select_on_focus=False,
            compact=True,
            id=id,
        )
        self.cursor_blink = False
        self._history = History()

    async def on_key(self, event: events.Key) -> None:
        """Edit in the order in which keys come."""
        if event.is_printable:
            self.unmark()  # what is typed takes the place of nothing
        await edit_at_once(self, event)

    def on_paste(self, event: events.Paste) -> None:
        """Put the text in at the cursor, with what hides in it made visible."""
        event.stop()
        event.prevent_default()
        self.unmark()
        text = " ".join(event.text.splitlines())
        self.replace(text if self.password else visible(text), *sorted(self.selection))

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text in the place of another; typing can be taken back.

        It is put in whole or, where the line would be too long, not at all, and that is told.
        """
        longer = len(self.value) - (end - start) + len(text)
        if longer > max(LONGEST, len(self.value)):
            self.post_message(self.TooLong(longer))
            return
        before = Typed(self.value, self.cursor_position)
        super().replace(text, start, end)
        if self.value != before.value:
            self._history.typed(before, text, start, end)

    def start_anew(self, value: str) -> None:
        """Show another line; what was typed before it cannot be brought back."""
        self.unmark()
        self.value = value
        self.cursor_position = len(value)
        self._history.clear()

    def action_edit_by_key(self, what: Edit) -> None:
        """Do what is written on a key."""
        self.edit_text(what, Cut())

    def do(self, what: Edit, cut: Cut) -> None:
        """Do what a key says; there is one line, so up and down are nowhere."""
        if what in CUTS:
            self._cut(CUTS[what], cut)
        elif what in ("word_left", "word_right", *_ENDS):
            self.cursor_position = self._place(what)
        elif what == "copy":
            if self.selected_text and not self.password:
                cut.copy(self.selected_text)
        elif what == "paste":
            self.replace(" ".join(cut.text.splitlines()), *sorted(self.selection))
        elif what == "undo":
            self._show(self._history.undo(Typed(self.value, self.cursor_position)))
        elif what == "redo":
            self._show(self._history.redo(Typed(self.value, self.cursor_position)))
        elif what in ("left", "right"):
            (self.action_cursor_left if what == "left" else self.action_cursor_right)()
        elif what in ("delete_left", "delete_right"):
            (self.action_delete_left if what == "delete_left" else self.action_delete_right)()

    def _place(self, what: Edit) -> int:
        """Return where a movement leads. In a password there are no words: they would show."""
        match what:
            case "word_left" if not self.password:
                return word_left(self.value, self.cursor_position)
            case "word_right" if not self.password:
                return word_right(self.value, self.cursor_position)
            case "word_left" | "line_start" | "text_start":
                return 0
            case _:
                return len(self.value)

    def _cut(self, what: Edit, cut: Cut) -> None:
        start, end = sorted(self.selection)
        if start == end:
            start, end = sorted((self.cursor_position, self._place(what)))
        if start == end:
            return
        before, text = self._now(), self.value[start:end]
        leftwards = start < self.cursor_position
        self.replace("", start, end)
        if not self.password:
            cut.take(text, before, self._now(), leftwards=leftwards)

    def _now(self) -> Place:
        return Place(id(self), self.value, self.cursor_position)

    def _show(self, typed: Typed | None) -> None:
        if typed is not None:
            self.value = typed.value
            self.cursor_position = typed.cursor
