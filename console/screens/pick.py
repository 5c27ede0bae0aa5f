"""Picking one of a few: a question, and what may be answered."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from textual import on
from textual.app import App
from textual.widget import Widget

from console.commands import keys_for
from console.screens.base import NightScreen
from widgets.choice import Choice, Option
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

AROUND = 9
"""Rows of the screen that are not the list."""


def _how() -> str:
    leave = keys_for("form.cancel")
    return f"Move with the arrows or type a part of it; enter picks it, {leave} leaves."


class PickScreen(NightScreen):
    """Asks for one option; its result is the value picked, None where it was left."""

    CSS_PATH = "draft.tcss"
    CONTEXTS = ("form", "global")
    FOOTER = ("pick",)
    """There is no such context: what can be done stands above the options."""

    def __init__(
        self, title: str, options: Sequence[Option], *, about: str = "", picked: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._options = tuple(options)
        self._first = picked

    def body(self) -> Iterable[Widget]:
        """Show the question and the options."""
        lines = [heading(self._title)]
        if self._about:
            lines.append(Line(((self._about, "text"),)))
        lines.append(Line(((_how(), "muted"),)))
        yield TextView(lines, id="about")
        room = cast("App[Any]", self.app).size.height - AROUND
        yield Choice(self._options, rows=max(4, room), id="options")

    def on_mount(self) -> None:
        """Begin at what is picked now."""
        self.query_one("#about").styles.height = 3 if self._about else 2
        choice = self.query_one(Choice)
        if self._first:
            choice.pick([self._first])
        choice.focus()

    @on(Choice.Finished)
    def _finished(self, event: Choice.Finished) -> None:
        event.stop()
        picked = event.choice.picked
        self.dismiss(picked[0] if picked else None)

    @on(Choice.Refused)
    def _refused(self, event: Choice.Refused) -> None:
        event.stop()
        self.tell(f"Not possible: {event.reason}", "warning")

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave without picking."""
        self.dismiss(None)

    async def goes_back(self) -> bool:
        """Leave without picking."""
        self.dismiss(None)
        return False
