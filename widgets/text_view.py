"""Shows a long text, literal and broken at the width of the screen, to scroll and search in."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from widgets.changes import Painted
from widgets.line_widget import LineWidget, Piece
from widgets.text_lines import Hit, Line, cut, find, parts_of, split_long
from widgets.wrapping import wrap


class Row(NamedTuple):
    """A row of the screen: which characters of which line it shows."""

    line: int
    start: int
    end: int


class Position(NamedTuple):
    """What of a text is in sight: rows `first` to `last` of `rows`, in part `part` of `parts`."""

    first: int
    last: int
    rows: int
    part: int
    parts: int


class Text(Struct, frozen=True):
    """A text that was broken into rows before it is shown; made on any thread."""

    lines: list[Line]
    wraps: dict[tuple[str, int, int], list[tuple[int, int]]]
    """Of a line's text, the width and how far it hangs: where its rows begin and end."""


def lay_out(lines: Sequence[Line], width: int) -> Text:
    """Break a text into the rows of a view that is so wide."""
    whole = split_long(lines)
    room = max(1, width - 1)
    wraps = {
        (line.text, room, line.hang): wrap(line.text, room, hang=line.hang)
        for number in parts_of(whole)[0]
        for line in (whole[number],)
    }
    return Text(whole, wraps)


class TextView(LineWidget, can_focus=True):
    """A text of styled lines. Posts Scrolled when another part of it comes into sight."""

    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        width: 1fr;
    }
    """

    class Scrolled(Message):
        """Other rows are in sight."""

        def __init__(self, view: "TextView") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "TextView":
            """The view."""
            return self.view

        def can_replace(self, message: Message) -> bool:
            """Replace one that waits for the same view."""
            return isinstance(message, TextView.Scrolled) and message.view is self.view

    def __init__(
        self,
        lines: Sequence[Line] = (),
        *,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.empty = empty
        """What is shown where there is no text."""
        self._lines = split_long(lines)
        self._parts = parts_of(self._lines)
        self._part = 0
        self._rows: list[Row] = []
        self._rows_for: tuple[int, int] | None = None
        self._wraps: dict[tuple[str, int, int], list[tuple[int, int]]] = {}
        self._top = 0
        self._words = ""
        self._hits: list[Hit] = []
        self._frame: tuple[int, range, str] = (0, range(0), "muted")
        """Width, the lines of the bar that shows the place in the text, and its look."""
        self._hit = -1

    @property
    def position(self) -> Position:
        """What of the text is in sight, counted from 1."""
        rows = len(self._laid_out())
        last = min(rows, self._top + max(1, self.size.height))
        return Position(min(rows, self._top + 1), last, rows, self._part + 1, len(self._parts))

    @property
    def hits(self) -> tuple[int, int]:
        """Which hit of the search the view is at, counted from 1, 0 for none, and of how many."""
        return (self._hit + 1, len(self._hits))

    @property
    def searched(self) -> str:
        """The words of the search, empty where there is none."""
        return self._words

    def set_lines(self, lines: Sequence[Line], *, keep: bool = True) -> None:
        """Show another text; with `keep` where the old one was, by the key of its lines."""
        self.set_text(Text(split_long(lines), {}), keep=keep)

    def set_text(self, text: Text, *, keep: bool = True) -> None:
        """Show another text, which may have been laid out already."""
        if keep and text.lines == self._lines:
            return
        anchor = self._anchor() if keep else None
        self._lines = text.lines
        self._wraps |= text.wraps
        self._parts = parts_of(self._lines)
        self._rows_for = None
        self._part = self._top = 0
        self._hits = find(self._lines, self._words)
        self._hit = min(self._hit, len(self._hits) - 1)
        if anchor is not None:
            self._return_to(*anchor)
        self.repaint()
        self.post_message(self.Scrolled(self))

    def move(self, rows: int) -> None:
        """Scroll by rows; beyond the end of a part comes the next part."""
        self._move_to(self._top + rows)

    def page(self, pages: int) -> None:
        """Scroll by whole screens, one row staying in sight."""
        self._move_to(self._top + pages * max(1, self.size.height - 1))

    def half_page(self, halves: int) -> None:
        """Scroll by half screens."""
        self._move_to(self._top + halves * max(1, self.size.height // 2))

    def top(self) -> None:
        """Go to the start of the text."""
        self._go(0, 0)

    def bottom(self) -> None:
        """Go to the end of the text."""
        self._go(len(self._parts) - 1, len(self._lines))

    def to_line(self, line: int) -> None:
        """Bring a line to the top of the view."""
        self._go(self._part_of(line), line)

    def to_key(self, key: str) -> bool:
        """Bring the line with this key to the top; return whether there is one."""
        for number, line in enumerate(self._lines):
            if line.key == key:
                self.to_line(number)
                return True
        return False

    def next_heading(self, steps: int = 1) -> bool:
        """Go `steps` headings further, back where negative; return whether there was one."""
        headings = [number for number, line in enumerate(self._lines) if line.heading]
        here = self._line_at_top()
        if steps > 0:
            wanted = bisect_right(headings, here) + steps - 1
        else:
            wanted = bisect_left(headings, here) + steps
        if not headings or wanted >= len(headings) or (steps < 0 and wanted < 0):
            return False
        self.to_line(headings[wanted])
        return True

    def search(self, words: str) -> int:
        """Mark every place of `words` and go to the first at or after the top; return how many.

        Words are taken literally, capitals or not. Empty words end the search.
        """
        self._words = words
        self._hits = find(self._lines, words)
        here = Hit(self._line_at_top(), self._rows[self._top].start if self._rows else 0, 0)
        self._hit = -1
        if self._hits:
            self._to_hit(bisect_left(self._hits, here) % len(self._hits))
        self.refresh()
        return len(self._hits)

    def search_next(self, steps: int = 1) -> bool:
        """Go to the next hit, the one before where negative, round the end."""
        if not self._hits:
            return False
        self._to_hit((self._hit + steps) % len(self._hits))
        return True

    def on_resize(self) -> None:
        """Break the lines anew and keep the place."""
        anchor = self._anchor()
        self._rows_for = None
        if anchor is not None:
            self._return_to(*anchor)
        self.refresh()

    def on_focus(self) -> None:
        """Show that keys move this text."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows asked for."""
        rows = self._laid_out()
        self._frame = (self.size.width, self._bar(len(rows)), "key" if self.has_focus else "muted")
        return super().render_lines(crop)

    def render_line(self, y: int) -> Painted:
        """Paint one row of the screen."""
        rows = self._rows
        width, bar, role = self._frame
        pieces: list[Piece] = [("┃" if y in bar else "│", role)]
        index = self._top + y
        if index < len(rows):
            pieces += self._row(rows[index])
        elif index == len(rows) and self._part + 1 < len(self._parts):
            more = f"── part {self._part + 1} of {len(self._parts)}, the text goes on ──"
            pieces.append((more, "muted"))
        elif y == 0 and not self._lines:
            pieces.append((self.empty, "muted"))
        return self.paint(pieces, width, "plain")

    def _row(self, row: Row) -> list[Piece]:
        line = self._lines[row.line]
        pieces: list[Piece] = []
        if row.start and line.hang:
            pieces.append((" " * line.hang, "text"))
        at = row.start
        for number in range(*self._hits_on(row)):
            hit = self._hits[number]
            start, end = max(at, hit.start), min(row.end, hit.end)
            pieces += cut(line.pieces, at, start)
            role = "found here" if number == self._hit else "found"
            pieces += [(text, role) for text, _ in cut(line.pieces, start, end)]
            at = max(at, end)
        pieces += cut(line.pieces, at, row.end)
        last_text = pieces[-1][0] if pieces else ""
        if last_text.endswith(" "):  # spaces at the break may stand out beyond the width
            pieces[-1] = (last_text.rstrip(" "), pieces[-1][1])
        return pieces

    def _hits_on(self, row: Row) -> tuple[int, int]:
        if not self._hits:
            return (0, 0)
        first = bisect_right(self._hits, (row.line, row.start), key=lambda hit: (hit.line, hit.end))
        last = bisect_left(self._hits, (row.line, row.end), key=lambda hit: (hit.line, hit.start))
        return (first, max(first, last))

    def _bar(self, rows: int) -> range:
        """Return which lines of the border show what of the text is in sight."""
        height = self.size.height
        if rows <= height:
            return range(0)
        length = max(1, height * height // rows)
        start = round(self._top * (height - length) / max(1, rows - height))
        return range(start, start + length)

    def _laid_out(self) -> list[Row]:
        """Return the rows of the part in sight, broken at the width of the moment."""
        width = max(1, self.size.width - 1)
        if self._rows_for != (self._part, width):
            self._rows_for = (self._part, width)
            before, self._wraps = self._wraps, {}
            self._rows = []
            for number in self._parts[self._part]:
                line = self._lines[number]
                key = (line.text, width, line.hang)
                spans = before.get(key) or wrap(*key[:2], hang=line.hang)
                self._wraps[key] = spans
                self._rows += [Row(number, start, end) for start, end in spans]
            self._top = max(0, min(self._top, self._furthest()))
        return self._rows

    def _furthest(self) -> int:
        """Return the last row that may be at the top.

        A part that goes on has a row more, which says so.
        """
        goes_on = self._part + 1 < len(self._parts)
        return max(0, len(self._rows) + goes_on - max(1, self.size.height))

    def _move_to(self, top: int) -> None:
        self._laid_out()
        furthest = self._furthest()
        if top > furthest and self._top == furthest and self._part + 1 < len(self._parts):
            self._go(self._part + 1, self._parts[self._part + 1].start)
        elif top < 0 and self._top == 0 and self._part > 0:
            self._go(self._part - 1, self._parts[self._part].start)
        else:
            self._set_top(top)

    def _go(self, part: int, line: int) -> None:
        self._part = part
        rows = self._laid_out()
        self._set_top(bisect_left(rows, line, key=lambda row: row.line))

    def _set_top(self, top: int) -> None:
        self._top = max(0, min(top, self._furthest()))
        self.repaint()
        self.post_message(self.Scrolled(self))

    def _to_hit(self, number: int) -> None:
        self._hit = number
        hit = self._hits[number]
        self._part = self._part_of(hit.line)
        rows = self._laid_out()
        row = bisect_right(rows, (hit.line, hit.start), key=lambda row: (row.line, row.start)) - 1
        height = max(1, self.size.height)
        if not self._top <= row < self._top + height:
            self._top = row - height // 3
        self._set_top(self._top)

    def _part_of(self, line: int) -> int:
        return max(0, bisect_right(self._parts, line, key=lambda part: part.start) - 1)

    def _line_at_top(self) -> int:
        rows = self._laid_out()
        return rows[self._top].line if self._top < len(rows) else 0

    def _anchor(self) -> tuple[int, str | None, int] | None:
        """Return where the view is: a line, the nearest key at or above it, rows below that."""
        if not self._rows or (self._top == 0 and self._part == 0):
            return None
        top = self._rows[min(self._top, len(self._rows) - 1)]
        for line in range(top.line, -1, -1):
            key = self._lines[line].key
            if key is not None:
                return (top.line, key, top.line - line)
        return (top.line, None, 0)

    def _return_to(self, line: int, key: str | None, below: int) -> None:
        for number, each in enumerate(self._lines):
            if key is not None and each.key == key:
                line = number + below
                break
        self.to_line(max(0, min(line, len(self._lines) - 1)))
