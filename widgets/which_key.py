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
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._delay = delay
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
        entries = self._fitting(columns * rows)
        for column in range(columns):
            number = column * rows + y
            if number < len(entries):
                key, title = entries[number]
                start += [*fit([(key, "key"), (f" {title}", "text")], width), (" " * _GAP, "text")]
        return start

    def _show(self) -> None:
        self._timer = None
        self.styles.height = self._rows()
        self.display = True
        self.refresh()

    def _fitting(self, room: int) -> tuple[tuple[str, str], ...]:
        """Return what there is room for; where that is not all, how many more there are."""
        more = len(self._entries) - room + 1
        return self._entries if more <= 1 else (*self._entries[: room - 1], ("…", f"{more} more"))

    def _rows(self) -> int:
        """Return how many rows it takes: half of the screen at most."""
        columns, _ = self._grid()
        return max(1, min(-(-len(self._entries) // columns), self.screen.size.height // 2))

    def _grid(self) -> tuple[int, int]:
        """Return how many columns there are, and how wide one is."""
        longest = max((cell_len(f"{key} {title}") for key, title in self._entries), default=1)
        room = self.screen.size.width - cell_len(self._prefix) - 1
        return (max(1, room // (longest + _GAP)), min(longest, max(1, room)))
