"""What stands on the terminal, as far as widgets painted it at once, and what is to be written."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from widgets.armor import color_system
from widgets.changes import Painted, change
from widgets.placing import place
from widgets.terse import Ink, inked


def move_to(x: int, y: int) -> str:
    """Return what moves the cursor to a cell, the first of which is (0, 0)."""
    return f"\x1b[{y + 1};{x + 1}H"


class Shown:
    """Which lines of widgets stand where on the terminal; what else stands there it does not know.

    All that others write has to be told to it.
    """

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, Painted]] = {}

    def put(
        self, strips: Iterable[Strip], left: int, top: int, console: Console, *, alike: bool
    ) -> Iterator[str]:
        """Return what makes the terminal show these lines, one below the other.

        Of a line that stands there already nothing is written; of one that is to be `alike` to the
        one that does, as the rows of a table are, what differs; of others all.
        """
        texts: dict[Ink, list[str]] = {}
        grounds: dict[Ink, list[str]] = {}
        lasts: dict[Ink, list[str]] = {}
        for y, strip in enumerate(strips, top):
            line = strip if isinstance(strip, Painted) else Painted(strip, strip.cell_length)
            before = self._replace(left, y, line)
            if before is line or (before is not None and not alike and list(before) == list(line)):
                continue
            if before is None or not alike:
                yield f"{move_to(left, y)}{place(line, left, y, console)}"
                continue
            runs, ground, last = change(before, line, color_system(console))
            for into, run in (*((texts, run) for run in runs), (grounds, ground), (lasts, last)):
                if run is not None:
                    at = move_to(left + run.x, y)
                    into.setdefault(run.ink, []).append(f"{at}{run.text}")
        for each in (texts, grounds, lasts):
            yield inked(each)

    def _replace(self, x: int, y: int, line: Painted) -> Painted | None:
        """Take note of a line; return the one that stood in its very place."""
        lines = self._lines.setdefault(y, {})
        before = lines.get(x)
        if before is not None and before.cell_length != line.cell_length:
            before = None
        if before is None:
            self._clear(y, x, x + line.cell_length)
        lines[x] = line
        return before

    def paint_over(self, update: object) -> None:
        """Forget what an update of the compositor covers; anything else covers all."""
        if isinstance(update, ChopsUpdate):
            for y, first, last in update.spans:
                self._clear(y, first, last + 1)
        elif update is not None:
            self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._lines.clear()

    def _clear(self, y: int, start: int, stop: int) -> None:
        lines = self._lines.get(y)
        if lines:
            for x in [x for x, line in lines.items() if x < stop and start < x + line.cell_length]:
                del lines[x]
