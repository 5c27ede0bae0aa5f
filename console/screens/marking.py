"""Marking cases in the list: one by one, a range, all that it shows."""

from collections.abc import Callable

from console.commands import keys_for
from console.desk.marks import Marks, Standing, ids_of, look
from console.screens.case_rows import CaseRows, Listed
from console.screens.moving import Moving
from console.words import marks as words
from local_cache.cases import CaseRow
from widgets.case_list import VirtualList
from widgets.line_widget import Piece


class Marking(Moving, part=True):
    """The commands that mark. A command that can work on many acts on what is marked here."""

    _rows: CaseRows
    _list: VirtualList

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()
        self._anchor: int | None = None
        """The row number at which a range began; None while there is none."""
        self._span = range(0)
        """The rows of that range, from where it began to the cursor."""

    def tell_heading(self) -> None:
        """Show anew what the list shows, and how many are marked."""
        raise NotImplementedError

    async def _reload(self, *, keep: str | None = None) -> None:
        raise NotImplementedError

    @property
    def marked(self) -> int:
        """How many cases the next command acts on, where it can act on many."""
        return len(self.marks) or len(self._span)

    def is_marked(self, index: int, row: CaseRow) -> bool:
        """Tell whether a row is shown as marked."""
        return row.id in self.marks or index in self._span

    def mark_pieces(self) -> list[Piece]:
        """Tell how many are marked, for the heading: always, and whatever the list shows."""
        pieces: list[Piece] = []
        if self.marks:
            pieces.append((f" ▌{words.marked(self.marks)} ", "key"))
        if self._anchor is not None:
            key = keys_for("mark.range")
            pieces.append((f" range of {len(self._span):,}: {key} marks it ", "warning"))
        return pieces

    # --- What the list does meanwhile -------------------------------------------------------

    def look_at_marks(self, listed: Listed) -> Callable[[], None]:
        """See where the marks stand in another reading of the list; from the disk.

        What is returned takes note of it, and is called where the list is shown.
        """
        asked = self.marks.ids
        standing = look(self.desk, asked, listed.order)
        return lambda: self._settle_marks(asked, standing)

    def _settle_marks(self, asked: tuple[str, ...], standing: Standing) -> None:
        left = self.marks.settle(asked, standing)
        if left:
            self.tell(*words.lost(left))

    def span_moved(self) -> None:
        """The cursor moved, or the list is another: the range goes from where it began to it."""
        if self._anchor is None:
            return
        begin = self._rows.index_of(self._anchor)
        if begin is None:
            self._end_span()
            self.tell("The case at which the range began left the list: no range.", "warning")
            return
        cursor = self._list.cursor
        before, self._span = self._span, range(min(begin, cursor), max(begin, cursor) + 1)
        self._show_marks(before)

    def _end_span(self) -> None:
        before = self._span
        self._anchor, self._span = None, range(0)
        self._show_marks(before)

    def _show_marks(self, *spans: range) -> None:
        for span in (*spans, self._span):
            self._list.rows_arrived(span.start, span.stop)
        self.tell_heading()

    # --- The commands -----------------------------------------------------------------------

    async def do_mark_toggle(self, count: int | None) -> None:
        """Mark the case, or so many from it, or take the mark off; then go on."""
        if self._anchor is not None:
            await self.take_span()
            return
        at, many = self._list.cursor, count or 1
        rows = range(at, min(len(self._rows), at + many))
        first = self._rows.row(at)
        if first is None:
            self.tell("No case is under the cursor.", "muted")
            return
        ids = [first.id] if len(rows) == 1 else await self._ids_in(rows)
        if first.id in self.marks:
            self.marks.remove(ids)
        else:
            self.marks.add(ids)
        self._show_marks(rows)
        self._list.move(len(rows))

    async def do_mark_range(self, _count: int | None) -> None:
        """Begin a range at the case; once more marks from there to the cursor."""
        if self._anchor is not None:
            await self.take_span()
            return
        row = self._rows.row(self._list.cursor)
        if row is None:
            self.tell("No case is under the cursor.", "muted")
            return
        self._anchor = row.rowid
        self.span_moved()

    async def take_span(self) -> None:
        """Mark the range that was begun, where there is one."""
        if self._anchor is None:
            return
        span = self._span
        ids = await self._ids_in(span)
        self._end_span()
        self.marks.add(ids)
        self._show_marks(span)

    async def do_mark_all(self, _count: int | None) -> None:
        """Mark all that the list shows."""
        self._end_span()
        await self.read_whole()
        shown = range(len(self._rows))
        added = self.marks.add(await self._ids_in(shown))
        self._show_marks(shown)
        if not added:
            self.tell("All of the list is marked already." if shown else "Nothing here.", "muted")

    async def do_mark_invert(self, _count: int | None) -> None:
        """Mark what is not marked in the list, and take the marks off the rest of it."""
        self._end_span()
        await self.read_whole()
        shown = range(len(self._rows))
        self.marks.invert(await self._ids_in(shown))
        self._show_marks(shown)

    def do_mark_none(self, _count: int | None) -> None:
        """Leave the range that was begun; where there is none, take all marks off."""
        if self._anchor is not None:
            self._end_span()
            return
        count = self.marks.clear()
        if count:
            self.tell(words.unmarked(count, keys_for("mark.again")), "muted")
        self._show_marks(range(len(self._rows)))

    def do_mark_again(self, _count: int | None) -> None:
        """Bring back the marks that were taken off last."""
        if not self.marks.again():
            self.tell("No marks were taken off.", "muted")
        self.later(self._reload())  # some may have left meanwhile, or not be in this list

    async def _ids_in(self, span: range) -> list[str]:
        rowids = self._rows.rowids(span)
        return await self.host.off_loop(lambda: ids_of(self.desk, rowids))
