"""Textual's text area, made literal. Apart from the line, because it takes long to import."""

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Location
from textual.widgets import TextArea

from local_cache.hostile import visible
from widgets.editing import CUTS, Cut, Edit, Place, Region, word_left, word_right
from widgets.text_entry import EDITS_WITHOUT_KEYMAP, edit_at_once

_BY_TEXTUAL: Final[dict[Edit, str]] = {
    "left": "cursor_left",
    "right": "cursor_right",
    "up": "cursor_up",
    "down": "cursor_down",
    "page_up": "cursor_page_up",
    "page_down": "cursor_page_down",
    "delete_left": "delete_left",
    "delete_right": "delete_right",
}


class TextEntry(Region, TextArea, inherit_bindings=False):
    """Text of several lines."""

    takes_text: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *EDITS_WITHOUT_KEYMAP,
        Binding("up", "cursor_up"),
        Binding("down", "cursor_down"),
        Binding("pageup", "cursor_page_up"),
        Binding("pagedown", "cursor_page_down"),
        Binding("shift+left", "cursor_left(True)"),
        Binding("shift+right", "cursor_right(True)"),
        Binding("shift+up", "cursor_up(True)"),
        Binding("shift+down", "cursor_down(True)"),
        Binding("shift+home", "cursor_line_start(True)"),
        Binding("shift+end", "cursor_line_end(True)"),
    ]

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(
            text,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
            id=id,
        )
        self.cursor_blink = False

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
        self._put_in(visible(event.text, multiline=True))

    def action_edit_by_key(self, what: Edit) -> None:
        """Do what is written on a key."""
        self.edit_text(what, Cut())

    def do(self, what: Edit, cut: Cut) -> None:
        """Do what a key says."""
        if what in CUTS:
            self._cut(CUTS[what], cut)
        elif what == "copy":
            if self.selected_text:
                cut.copy(self.selected_text)
        elif what == "paste":
            self._put_in(cut.text)
        elif what == "undo":
            self.undo()
        elif what == "redo":
            self.redo()
        elif what in _BY_TEXTUAL:
            getattr(self, f"action_{_BY_TEXTUAL[what]}")()
        else:
            self.move_cursor(self._place(what))

    def take_whole(self, text: str) -> None:
        """Put another text in its place, the cursor at its end."""
        self.unmark()
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def _place(self, what: Edit) -> Location:
        """Return where a movement leads."""
        row, column = self.cursor_location
        line = self.document[row]
        match what:
            case "word_left" if column == 0 and row > 0:
                return row - 1, len(self.document[row - 1])
            case "word_left":
                return row, word_left(line, column)
            case "word_right" if column == len(line) and row + 1 < self.document.line_count:
                return row + 1, 0
            case "word_right":
                return row, word_right(line, column)
            case "line_start":
                return row, 0
            case "line_end":
                return row, len(line)
            case "text_start":
                return 0, 0
            case _:
                return self.document.end

    def _cut(self, what: Edit, cut: Cut) -> None:
        start, end = sorted(self.selection)
        if start == end:
            place = self._place(what)
            if place == end and what == "line_end":  # at its end, the line end itself goes
                place = self._place("word_right")
            start, end = sorted((end, place))
        if start == end:
            return
        before, text = self._now(), self.document.get_text_range(start, end)
        leftwards = start < self.cursor_location
        self.delete(start, end, maintain_selection_offset=False)
        cut.take(text, before, self._now(), leftwards=leftwards)

    def _put_in(self, text: str) -> None:
        start, end = sorted(self.selection)
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def _now(self) -> Place:
        return Place(id(self), self.text, self.cursor_location)
