"""Lines of words that stand between the parts of a screen."""

from collections.abc import Sequence

from widgets.case_list import VirtualList
from widgets.line_widget import OneLine, Piece


class Bar(OneLine):
    """A line of words."""

    GROUND = "bar"

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._pieces: list[Piece] = []

    def show(self, *pieces: Piece) -> None:
        """Show other words."""
        if self._pieces != list(pieces):
            self._pieces = list(pieces)
            self.refresh()

    def content(self) -> Sequence[Piece]:
        """Return the words."""
        return self._pieces


class Titles(OneLine):
    """The titles of a list's columns."""

    def __init__(self, list_: VirtualList) -> None:
        super().__init__(id="titles")
        self._list = list_

    def content(self) -> Sequence[Piece]:
        """Return the titles as wide as the columns are."""
        return self._list.header()
