"""What lies under other widgets: one colour, painted past Textual's styles cache.

That puts together each line of it, most of which other widgets cover: as long as a list takes.
"""

from typing import Any, cast

from textual.app import App
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from widgets.line_widget import blank_line
from widgets.themes import looks_of


def _painted(widget: Widget, crop: Region) -> list[Strip]:
    return [blank_line(crop.width, looks_of(cast("App[Any]", widget.app)))] * crop.height


class GroundScreen(Screen[Any], inherit_bindings=False):
    """A screen without border or padding.

    A `part` is a class of what others have in common, without styles, bindings and reactives of its
    own: Textual searches every class for these, a quarter of a millisecond at each start.
    """

    def __init_subclass__(cls, *, part: bool = False, **given: Any) -> None:
        if not part:
            super().__init_subclass__(**given)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return what is seen between its widgets."""
        return _painted(self, crop)


class Beside(Horizontal):
    """Widgets beside each other, without border or padding."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return what is seen between its widgets."""
        return _painted(self, crop)
