"""A line of words that stands between the parts of a screen."""

from collections.abc import Sequence

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
