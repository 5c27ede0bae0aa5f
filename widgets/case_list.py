"""A list of any length that paints only what is seen, and asks for rows before it shows them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, Final, Protocol, cast

from msgspec import Struct
from textual.app import App
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from widgets.armor import color_system
from widgets.changes import Painted, change
from widgets.line_widget import LineWidget, Piece, fit

_KEPT: Final = 500
"""Painted rows that are kept."""
_RESTS: Final = 0.02
"""Seconds without another row, after which there is time to work ahead."""
_AT_A_TIME: Final = 10
"""Rows worked out in one go: a key that comes meanwhile waits for half a millisecond."""
_LEFT: Final = 3
"""Cells before the first column: where in the list this is, the cursor, the mark."""
_GAP: Final[Piece] = (" ", "text")
_LAST_COLUMN: Final = 26
"""Columns are left out until at least this is left for the last one."""


class Column(Struct, frozen=True):
    """A column of a list. The last one takes what is left, whatever its width.

    Text from outside belongs in the last column: where a terminal disagrees on how wide it is,
    nothing else moves.
    """

    title: str
    width: int
    keep: int = 0
    """Where there is little room, columns with the lowest `keep` are left out first."""


class RowView(Struct, frozen=True):
    """A row as it is shown: for each column its pieces, and whether the row is marked."""

    cells: Sequence[Sequence[Piece]]
    marked: bool = False


class RowSource(Protocol):
    """Where a list has its rows from. Both methods are called while painting: they never wait."""

    def cells(self, index: int) -> RowView | None:
        """Return the row, None where it is not here yet."""
        ...

    def want(self, start: int, stop: int) -> None:
        """Take note that rows `start` to `stop` are seen and missing.

        Fetch them elsewhere, and call the list's `rows_arrived`.
        """
        ...


class VirtualList(LineWidget, can_focus=True):
    """Shows `count` rows of a source and a cursor; posts Highlighted and Chosen."""

    DEFAULT_CSS = """
    VirtualList {
        height: 1fr;
        width: 1fr;
    }
    """

    ALIKE = True

    class Highlighted(Message):
        """The cursor came to `index`. Of several that wait, only the last is handled."""

        def __init__(self, list_: "VirtualList", index: int) -> None:
            super().__init__()
            self.list = list_
            self.index = index

        @property
        def control(self) -> "VirtualList":
            """The list."""
            return self.list

        def can_replace(self, message: Message) -> bool:
            """Replace one that waits for the same list."""
            return isinstance(message, VirtualList.Highlighted) and message.list is self.list

    class Chosen(Message):
        """The row at `index` is to be opened."""

        def __init__(self, list_: "VirtualList", index: int) -> None:
            super().__init__()
            self.list = list_
            self.index = index

        @property
        def control(self) -> "VirtualList":
            """The list."""
            return self.list

    def __init__(
        self,
        source: RowSource,
        columns: Sequence[Column],
        *,
        count: int = 0,
        empty: str = "Nothing here.",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.source = source
        self.columns = tuple(columns)
        self.empty = empty
        """What is shown where there are no rows; say why and what to do."""
        self._count = self._likely = count
        self._cursor = 0
        self._top = 0
        self._wanted = range(0)
        self._missing: list[int] = []
        self._ahead: list[int] = []
        """By how many rows to go on, of what is worked out ahead."""
        self._resting: asyncio.TimerHandle | None = None
        self._may_come: Iterator[tuple[int, RowView]] | None = None
        """Lines of the screen, and rows that may soon stand there; None once all are worked out."""
        self._labels: Mapping[int, str] = {}
        self._strips: dict[tuple[object, ...], Painted] = {}
        """Rows as they were painted, by their place."""
        self._looks: dict[tuple[object, ...], tuple[RowView, Painted]] = {}
        """The same by what they show, wherever that stands in another list."""
        self._layout: tuple[int, list[tuple[int, int]]] = (-1, [])
        self._frame: tuple[int, bool, str, range] = (0, False, "", range(0))
        """Width, focus, looks, and the lines of the bar that shows the place in the list."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._count

    @property
    def cursor(self) -> int:
        """The index of the row at the cursor; 0 also where there are no rows."""
        return self._cursor

    @property
    def visible_rows(self) -> range:
        """The indices of the rows on the screen."""
        return range(self._top, min(self._count, self._top + max(1, self.size.height)))

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows, up where negative, as far as there are rows."""
        self.to(self._cursor + rows)

    def to(self, index: int) -> None:
        """Move the cursor to a row, or the nearest that there is."""
        new = max(0, min(self._count - 1, index))
        old, self._cursor = self._cursor, new
        if new == old:
            return
        scrolled = self._scroll_to_cursor()
        self.repaint(None if scrolled else (old - self._top, new - self._top))
        self.post_message(self.Highlighted(self, new))

    def page(self, pages: int) -> None:
        """Move by whole screens, one row of the old one staying in sight."""
        self._scroll(pages * max(1, self.size.height - 1))

    def half_page(self, halves: int) -> None:
        """Move by half screens."""
        self._scroll(halves * max(1, self.size.height // 2))

    def top(self) -> None:
        """Move to the first row."""
        self.to(0)

    def bottom(self) -> None:
        """Move to the last row."""
        self.to(self._count - 1)

    def choose(self) -> None:
        """Post Chosen for the row at the cursor, where there is one."""
        if self._count:
            self.post_message(self.Chosen(self, self._cursor))

    def reset(self, count: int, keep: int | None = None, *, likely: int = 0) -> None:
        """Show another list of rows, with the cursor at `keep`, by default where it was.

        Where more rows are about to come, `likely` is how many there will be, for the bar that
        shows the place: it then stays as it is. The cursor stays on its line of the screen.
        Highlighted is posted also where the index is the same: the row there may be another.
        """
        line = self._cursor - self._top
        self._count, self._likely = count, max(count, likely)
        self._cursor = max(0, min(count - 1, self._cursor if keep is None else keep))
        self._top = self._cursor - line
        self._wanted = range(0)
        self._labels = {}
        self._strips.clear()
        self._scroll_to_cursor()
        self.repaint()
        if count:
            self.post_message(self.Highlighted(self, self._cursor))

    def rows_arrived(self, start: int, stop: int) -> None:
        """Paint rows anew: they came, or changed. `stop` is not one of them."""
        for key in [key for key in self._strips if start <= _index(key) < stop]:
            del self._strips[key]
        if self._wanted.start < stop and start < self._wanted.stop:
            self._wanted = range(0)
        seen = self.visible_rows
        came = range(max(start, seen.start) - self._top, min(stop, seen.stop) - self._top)
        if came:
            self.repaint(came)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; the source's rows must follow them."""
        self.columns = tuple(columns)
        self._layout = (-1, [])
        self._strips.clear()
        self._looks.clear()
        self.refresh()

    def start_jump(self, alphabet: str = "asdfghjklqwertyuiopzxcvbnm") -> dict[str, int]:
        """Show a label before each row on the screen; return which row each label stands for.

        A label is one letter as far as there are letters; the last of them begin those of two.
        """
        rows = self.visible_rows
        letters = len(alphabet)
        more = min(letters, max(0, -((letters - len(rows)) // (letters - 1))))
        first, last = alphabet[: letters - more], alphabet[letters - more :]
        labels = (*first, *("".join(pair) for pair in product(last, alphabet)))
        jumps = dict(zip(labels, rows, strict=False))
        self._labels = {index: label for label, index in jumps.items()}
        self.refresh()
        return jumps

    @property
    def jumping(self) -> bool:
        """Whether labels are shown; other rows take them away."""
        return bool(self._labels)

    def end_jump(self) -> None:
        """Take the labels away."""
        self._labels = {}
        self.refresh()

    def header(self) -> list[Piece]:
        """Return the titles of the columns as they stand above the rows, for a line over it."""
        pieces: list[Piece] = [(" " * _LEFT, "muted")]
        for number, width in self._columns(self.size.width):
            pieces += [*fit([(self.columns[number].title, "muted")], width), (" ", "muted")]
        return pieces[:-1]

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._strips.clear()
        self._scroll_to_cursor()
        self.refresh()

    def on_focus(self) -> None:
        """Show that keys move this list."""
        self.repaint((self._cursor - self._top,))

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.repaint((self._cursor - self._top,))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows asked for, and ask the source once for those that are missing."""
        self._missing.clear()
        self._frame = self._measure()
        kept = len(self._strips)
        strips = super().render_lines(crop)
        self._ask()
        if len(self._strips) != kept and not self._labels:
            page = max(1, self.size.height - 1)
            self._ahead = [1, -page, -1, page]
            if self._resting is not None:
                self._resting.cancel()
            self._resting = asyncio.get_running_loop().call_later(_RESTS, self._work_ahead)
        return strips

    def render_line(self, y: int) -> Painted:
        """Paint one row of the screen."""
        index = self._top + y
        if index < self._count:
            return self._strip(index, y in self._frame[3])
        text = self.empty if y == 0 and not self._count else ""
        return self.paint([(" " * _LEFT, "muted"), (text, "muted")], self._frame[0], "plain")

    def _when_idle(self, work: Callable[[], None]) -> None:
        """Run something once keys that came are taken.

        What calls itself by Textual's `call_later` alone goes on to its end before that.
        """
        asyncio.get_running_loop().call_soon(self.call_later, work)

    def _work_ahead(self) -> None:
        """Work out, while there is time, what going on by a row or by a page would change."""
        if not self.is_running or not self._ahead:  # a lock takes all out of it
            return
        system = color_system(cast("App[Any]", self.app).console)
        rows, on = self.visible_rows, self._ahead.pop()
        for index in rows:
            if 0 <= index + on < self._count:
                change(self._strip(index, here=False), self._strip(index + on, here=False), system)
        self._missing.clear()  # the source fetches ahead by itself
        self._when_idle(self._work_ahead)

    def work_out(self, rows: Iterator[tuple[int, RowView]]) -> None:
        """Work out, while there is time, what rows would change that may be shown next.

        Each comes with the line of the screen that it may stand on, which counts from 0.
        """
        idle, self._may_come = self._may_come is None, rows
        if idle:
            self._when_idle(self._work_out)

    def _work_out(self) -> None:
        if not self.is_running or self._may_come is None:
            return
        system = color_system(cast("App[Any]", self.app).console)
        rows = [*islice(self._may_come, _AT_A_TIME)]
        for line, row in rows:
            at_cursor = self._top + line == self._cursor
            after = self._look(row, at_cursor=at_cursor, here=line in self._frame[3])
            change(self.render_line(line), after, system)
        if rows:
            self._when_idle(self._work_out)
        else:
            self._may_come = None

    def _strip(self, index: int, here: bool) -> Painted:
        """Return a row as painted, from before where it was."""
        width, focused, looks, _ = self._frame
        at_cursor = index == self._cursor
        key = (index, at_cursor, at_cursor and focused, here, width, looks)
        strip = None if self._labels else self._strips.get(key)
        if strip is not None:
            return strip
        row = self.source.cells(index)
        if row is None:
            self._missing.append(index)
        if row is None or self._labels:
            return self._paint_row(row, at_cursor, here, self._labels.get(index))
        strip = self._look(row, at_cursor=at_cursor, here=here)
        _make_room(self._strips)
        self._strips[key] = strip
        return strip

    def _look(self, row: RowView, *, at_cursor: bool, here: bool) -> Painted:
        """Return a row as painted, from before whatever list it stood in."""
        width, focused, looks, _ = self._frame
        look = (id(row), at_cursor, at_cursor and focused, here, width, looks)
        known = self._looks.get(look)
        if known is not None and known[0] is row:
            return known[1]
        strip = self._paint_row(row, at_cursor, here)
        _make_room(self._looks)
        self._looks[look] = (row, strip)
        return strip

    def _paint_row(
        self, row: RowView | None, at_cursor: bool, here: bool, label: str | None = None
    ) -> Painted:
        width = self._frame[0]
        ground = "cursor" if at_cursor and self.has_focus else "plain"
        marked = row is not None and row.marked
        pieces: list[Piece] = [("┃" if here else " ", "muted")]
        if label is not None:
            pieces.append((f"{label:2}", "key"))
        else:
            pieces += [(">" if at_cursor else " ", "key"), ("▌" if marked else " ", "key")]
        if row is None:
            pieces += fit([("·", "muted")], width - _LEFT)
        else:
            pieces += self._row(row, width)
        # The bar that tells where this is does not belong to the row, nor does its ground.
        if width < _LEFT + _LAST_COLUMN:
            pieces = fit(pieces, width)
        segments = self.segments(pieces[:1], "plain")
        segments += self.segments(pieces[1:], ground)
        return Painted(segments, width)

    def _row(self, row: RowView, width: int) -> Iterator[Piece]:
        cells = row.cells
        for place, (number, room) in enumerate(self._columns(width)):
            if place:
                yield _GAP
            yield from fit(cells[number] if number < len(cells) else (), room)

    def _columns(self, width: int) -> list[tuple[int, int]]:
        """Return (number, cells) of the columns that there is room for."""
        if self._layout[0] != width:
            self._layout = (width, _lay_out(self.columns, width - _LEFT))
        return self._layout[1]

    def _measure(self) -> tuple[int, bool, str, range]:
        """Return what all rows of a painting share: Textual takes its time to tell a size."""
        width, height = self.size
        bar = range(0)
        if self._likely > height:
            length = max(1, height * height // self._likely)
            start = round(self._top * (height - length) / max(1, self._likely - height))
            bar = range(start, start + length)
        return width, self.has_focus, self.looks.name, bar

    def _scroll(self, rows: int) -> None:
        if self._count == 0:
            return
        top = self._top
        furthest = max(0, self._count - self.size.height)
        self._top = max(0, min(furthest, self._top + rows))
        cursor, self._cursor = self._cursor, max(0, min(self._count - 1, self._cursor + rows))
        self._scroll_to_cursor()
        if self._top != top or self._cursor != cursor:
            self.repaint()
        if self._cursor != cursor:
            self.post_message(self.Highlighted(self, self._cursor))

    def _scroll_to_cursor(self) -> bool:
        """Bring the cursor into sight; return whether other rows are in sight for it."""
        height = max(1, self.size.height)
        before = self._top
        if self._cursor < self._top:
            self._top = self._cursor
        elif self._cursor >= self._top + height:
            self._top = self._cursor - height + 1
        self._top = max(0, min(self._top, self._count - height))
        return self._top != before

    def _ask(self) -> None:
        if not self._missing:
            return
        wanted = range(min(self._missing), max(self._missing) + 1)
        if wanted.start >= self._wanted.start and wanted.stop <= self._wanted.stop:
            return
        self._wanted = wanted
        self.source.want(wanted.start, wanted.stop)


def _make_room(kept: dict[Any, Any]) -> None:
    """Forget the oldest where there is no room for one more."""
    if len(kept) >= _KEPT:
        for key in [*islice(kept, _KEPT // 5)]:
            del kept[key]


def _index(key: tuple[object, ...]) -> int:
    index = key[0]
    assert isinstance(index, int)
    return index


def _lay_out(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    if not columns:
        return []
    last = len(columns) - 1
    shown = list(range(last))
    while shown and sum(columns[each].width + 1 for each in shown) + _LAST_COLUMN > width:
        shown.remove(min(shown, key=lambda each: (columns[each].keep, -each)))
    used = sum(columns[each].width + 1 for each in shown)
    return [*((each, columns[each].width) for each in shown), (last, max(0, width - used))]
