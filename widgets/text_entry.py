"""Textual's text field, made literal: a paste shows what hides in it, and nothing blinks.

Where it, a text area or a choice has the focus, keys that type belong to that: `takes_text`.
"""

from typing import ClassVar, Protocol, runtime_checkable

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from local_cache.hostile import visible


@runtime_checkable
class TakesText(Protocol):
    """A widget that keys which type belong to while it has the focus."""

    takes_text: ClassVar[bool]


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


class LineEntry(Input):
    """One line of text. The line ends of a paste become spaces, so nothing of it is lost."""

    takes_text: ClassVar[bool] = True

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

    async def on_key(self, event: events.Key) -> None:
        """Edit in the order in which keys come."""
        await edit_at_once(self, event)

    def on_paste(self, event: events.Paste) -> None:
        """Put the text in at the cursor, with what hides in it made visible."""
        event.stop()
        event.prevent_default()
        text = " ".join(event.text.splitlines())
        self.replace(text if self.password else visible(text), *sorted(self.selection))
