"""Textual's text area, made literal. Apart from the line, because it takes long to import."""

from typing import ClassVar

from textual import events
from textual.widgets import TextArea

from local_cache.hostile import visible
from widgets.text_entry import edit_at_once


class TextEntry(TextArea):
    """Text of several lines."""

    takes_text: ClassVar[bool] = True

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
        await edit_at_once(self, event)

    def on_paste(self, event: events.Paste) -> None:
        """Put the text in at the cursor, with what hides in it made visible."""
        event.stop()
        event.prevent_default()
        start, end = sorted(self.selection)
        result = self.replace(
            visible(event.text, multiline=True), start, end, maintain_selection_offset=False
        )
        self.move_cursor(result.end_location)
