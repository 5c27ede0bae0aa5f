"""The line over a list that names its columns."""

from collections.abc import Sequence

from widgets.case_list import VirtualList
from widgets.line_widget import OneLine, Piece


class Titles(OneLine):
    """The titles of a list's columns."""

    def __init__(self, list_: VirtualList) -> None:
        super().__init__(id="titles")
        self._list = list_

    def content(self) -> Sequence[Piece]:
        """Return the titles as wide as the columns are."""
        return self._list.header()
