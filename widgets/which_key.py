"""The strip that shows which keys may follow a prefix. It waits a moment, and eats no key."""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.timer import Timer

from widgets.line_widget import LineWidget, Piece, fit

DELAY: Final = 0.25
"""Seconds: who knows the keys never sees it."""
_GAP: Final = 3


class WhichKey(LineWidget):
    """Shows the keys that may follow, after a moment; not there at all while no prefix is typed."""

    DEFAULT_CSS = """
    WhichKey {
        display: none;
        dock: bottom;
    }
    """
    GROUND = "bar"

    def __init__(
        self,
        *,
        delay: float = DELAY,
        most_rows: int = 6,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._delay = delay
        self._most_rows = most_rows
        self._prefix = ""
        self._entries: tuple[tuple[str, str], ...] = ()
        self._timer: Timer | None = None

    def expect(self, prefix: str, entries: Sequence[tuple[str, str]]) -> None:
        """Show, once the moment has passed, what may follow `prefix`: (key, title) each."""
        self._prefix = prefix
        self._entries = tuple(entries)
        if self.display or self._delay <= 0:
            self._show()
        elif self._timer is None:
            self._timer = self.set_timer(self._delay, self._show)

    def clear(self) -> None:
        """The sequence ended: take the strip away, or do not show it at all."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.display:
            self.display = False

    def line(self, y: int) -> list[Piece]:
        """Return one row: the prefix, and down the columns what may follow."""
        start: list[Piece] = [
            (f"{self._prefix} " if y == 0 else " " * (cell_len(self._prefix) + 1), "key")
        ]
        columns, width = self._grid()
        rows = self._rows()
        for column in range(columns):
            number = column * rows + y
            if number < len(self._entries):
                key, title = self._entries[number]
                start += [*fit([(key, "key"), (f" {title}", "text")], width), (" " * _GAP, "text")]
        return start

    def _show(self) -> None:
        self._timer = None
        self.styles.height = min(self._rows(), self._most_rows)
        self.display = True
        self.refresh()

    def _rows(self) -> int:
        columns, _ = self._grid()
        return max(1, -(-len(self._entries) // columns))

    def _grid(self) -> tuple[int, int]:
        """Return how many columns there are, and how wide one is."""
        longest = max((cell_len(f"{key} {title}") for key, title in self._entries), default=1)
        room = self.screen.size.width - cell_len(self._prefix) - 1
        return (max(1, room // (longest + _GAP)), min(longest, max(1, room)))
