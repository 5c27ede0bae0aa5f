"""One line that tells how things stand: left, middle and right, painted only when that changes."""

from collections.abc import Sequence

from rich.cells import cell_len

from widgets.line_widget import OneLine, Piece, fit


class StatusLine(OneLine):
    """A line of three parts. Where there is little room the middle goes first, then the right."""

    GROUND = "bar"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._shown: tuple[tuple[Piece, ...], ...] = ((), (), ())

    def set(
        self,
        left: Sequence[Piece] | None = None,
        middle: Sequence[Piece] | None = None,
        right: Sequence[Piece] | None = None,
    ) -> None:
        """Show other parts; those left out stay. Nothing is painted where nothing changed."""
        given = (left, middle, right)
        new = tuple(
            old if part is None else tuple(part)
            for part, old in zip(given, self._shown, strict=True)
        )
        if new != self._shown:
            self._shown = new
            self.refresh()

    def content(self) -> list[Piece]:
        """Return the line, laid out at the width of the moment."""
        left, middle, right = self._shown
        width = self.size.width
        left_cells, middle_cells, right_cells = map(_cells, self._shown)
        if left_cells + right_cells + 1 > width:
            return fit(left, width)
        room = width - left_cells - right_cells
        if middle_cells + 2 > room:
            return [*left, (" " * room, "text"), *right]
        start = max(1, min(room - middle_cells - 1, (width - middle_cells) // 2 - left_cells))
        rest = room - start - middle_cells
        return [*left, (" " * start, "text"), *middle, (" " * rest, "text"), *right]


def _cells(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(text) for text, _ in pieces)
