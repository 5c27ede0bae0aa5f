"""The queue list as it is read: its order at once, its rows by stretches, off the event loop."""

from array import array
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from console.desk import Desk
from console.words.row import row_cells
from local_cache import search
from local_cache.cases import CaseRow
from local_cache.listing import place_of
from local_cache.query import CaseQuery
from widgets.case_list import RowView

AHEAD: Final = 120
"""Rows fetched beyond those asked for, on either side: `j` and a page down then never wait."""
ON_SCREEN: Final = 60
"""Rows read on either side while a filter is typed: what a screen shows."""
BEGINNING: Final = 2500
"""Rows that a list begins with while the rest of it is being read; its bar is as small as any's."""
KEPT: Final = 1500
"""Rows kept; beyond that, those far from the last stretch go."""


class Base(Struct, frozen=True):
    """A list that was read: what a filter that is typed narrows."""

    query: CaseQuery
    """What it answers, see `timeless`."""
    order: "array[int]"

    def narrowed_by(self, query: CaseQuery) -> bool:
        """Say whether all that a query finds is surely in this list, in the same order."""
        return narrows(query, self.query)


def timeless(query: CaseQuery) -> CaseQuery:
    """Return a query as it is compared with one of a moment before."""
    return replace(query, now_ms=0)


def narrows(query: CaseQuery, wider: CaseQuery) -> bool:
    """Say whether a query differs from a wider one only by words, and finds nothing beside it."""
    same = replace(query, words=wider.words, without_words=wider.without_words, now_ms=wider.now_ms)
    return same == wider and search.narrows(
        query.words, query.without_words, of=(wider.words, wider.without_words)
    )


class Listed(Struct, frozen=True):
    """A reading of the list: the order of its rows, and those near the cursor."""

    order: "array[int]"
    index: int
    now_ms: int
    rows: dict[int, CaseRow]
    has_policy: bool
    base: Base
    """The list without words."""
    narrowed: Base
    """The list itself."""
    whole: bool = True
    """Whether it goes to its end: else only its first rows were read."""


def read_list(
    desk: Desk,
    query: CaseQuery,
    *,
    wanted: str | None = None,
    at: int = 0,
    base: Base | None = None,
    narrowed: Base | None = None,
    here: Mapping[int, CaseRow] | None = None,
) -> Listed:
    """Read the list from the disk: with the cursor on the case `wanted` if it is there, else `at`.

    Args:
        desk: The desk.
        query: What the list shows.
        wanted: The id of a case.
        at: The index of a row.
        base: A list of before, without words, where nothing changed since.
        narrowed: Another with words; where the query narrows it, less is looked for.
        here: Rows that are here already and did not change; then only those on the screen are read.
    """
    ahead = AHEAD if here is None else ON_SCREEN
    here = here or {}
    without_words = timeless(replace(query, words=(), without_words=()))
    with desk.cache.read() as tables:
        if base is None or base.query != without_words:
            bare = replace(query, words=(), without_words=())
            base = Base(without_words, tables.cases.listing(bare))
            narrowed = None
        if narrowed is not None and narrowed.narrowed_by(query):
            order = tables.cases.holding(narrowed.order, query, beyond=narrowed.query)
        else:
            order = tables.cases.holding(base.order, query)
        rowid = None if wanted is None else tables.cases.rowid_of(wanted)
        place = None if rowid is None else place_of(order, rowid)
        index = at if place is None else place
        near = order[max(0, index - ahead) : index + ahead]
        rows = {rowid: here[rowid] for rowid in near if rowid in here}
        missing = [rowid for rowid in near if rowid not in rows]
        rows |= {found.rowid: found for found in tables.cases.rows(missing)}
        known = tables.policies.any()
    return Listed(order, index, query.now_ms, rows, known, base, Base(timeless(query), order))


def read_beginning(desk: Desk, query: CaseQuery, rows: int = AHEAD) -> Listed:
    """Read the beginning of a list without words: as quick of a million cases as of a thousand.

    So many of its rows are read with it.
    """
    with desk.cache.read() as tables:
        order = tables.cases.listing(query, limit=BEGINNING)
        here = {found.rowid: found for found in tables.cases.rows(order[:rows])}
        known = tables.policies.any()
    base = Base(timeless(query), order)
    return Listed(order, 0, query.now_ms, here, known, base, base, len(order) < BEGINNING)


def first_of(
    desk: Desk, query: CaseQuery, *, wanted: str | None, at: int, room: int
) -> Listed | None:
    """Read the first rows of a list without words, where they are all that a screen shows.

    Args:
        desk: The desk.
        query: What the list shows.
        wanted: The case that the cursor stays on where it is in the list.
        at: The index where the cursor goes where it is not.
        room: Rows that the screen shows.

    Returns:
        The beginning with its cursor, None where the whole list has to be read.
    """
    with desk.cache.read() as tables:
        listed = read_beginning(desk, query)
        rowid = None if wanted is None else tables.cases.rowid_of(wanted)
        place = None if rowid is None else place_of(listed.order, rowid)
        index = at if place is None else place
        if len(listed.order) > AHEAD and index + room > AHEAD:
            return None  # rows are in sight that were not read
        if not listed.whole and place is None and wanted and tables.cases.holds(query, wanted):
            return None  # the case is further down
    return replace(listed, index=index)


class Fetch(Protocol):
    """Fetches rows by their numbers, in the order asked; may wait for the disk."""

    def __call__(self, rowids: Sequence[int]) -> Awaitable[list[CaseRow]]:
        """Fetch."""
        ...


class CaseRows:
    """A `RowSource` over an array of row numbers."""

    def __init__(
        self,
        fetch: Fetch,
        later: Callable[[Coroutine[Any, Any, None]], object],
        arrived: Callable[[int, int], None],
        *,
        me: str,
    ) -> None:
        self._fetch = fetch
        self._later = later
        self._arrived = arrived
        self.me = me
        self.marked: Callable[[int, CaseRow], bool] = lambda _index, _row: False
        """Says whether a row is marked."""
        self._order: array[int] = array("q")
        self._rows: dict[int, CaseRow] = {}
        self._views: dict[int, tuple[CaseRow, int, RowView]] = {}
        """Rows as they were shown last, and at what time: the list paints no such row twice."""
        self._edition = 0
        self.now_ms = 0
        """The server's time that clocks are read at."""

    def __len__(self) -> int:
        return len(self._order)

    def show(self, order: "array[int]", rows: dict[int, CaseRow] | None = None) -> None:
        """Show other rows, or the same in another order; `rows` are some that are here already."""
        self._order = order
        self._rows = rows or {}
        self._edition += 1

    @property
    def here(self) -> Mapping[int, CaseRow]:
        """The rows that are here, by their numbers."""
        return self._rows

    def row(self, index: int) -> CaseRow | None:
        """Return the row at an index, None where it is not here yet."""
        if not 0 <= index < len(self._order):
            return None
        return self._rows.get(self._order[index])

    def rowids(self, span: range) -> "array[int]":
        """Return the numbers of the rows of a stretch of the list."""
        return self._order[span.start : span.stop]

    def index_of(self, rowid: int) -> int | None:
        """Return where a row stands, None where it is not in the list."""
        return place_of(self._order, rowid)

    def cells(self, index: int) -> RowView | None:
        """Return a row as it is shown, None where it is not here yet."""
        row = self.row(index)
        return None if row is None else self.view(row, marked=self.marked(index, row))

    def view(self, row: CaseRow, *, marked: bool = False) -> RowView:
        """Return a row as it is shown, in this list or another."""
        known = self._views.get(row.rowid)
        if known is not None and known[:2] == (row, self.now_ms) and known[2].marked == marked:
            return known[2]
        view = RowView(row_cells(row, self.now_ms, self.me), marked)
        if known is not None and known[2] == view:
            view = known[2]  # as it was, it needs no painting
        if len(self._views) >= KEPT:
            self._views.clear()
        self._views[row.rowid] = (row, self.now_ms, view)
        return view

    def want(self, start: int, stop: int) -> None:
        """Fetch rows that are seen and missing, and some more on either side."""
        self._later(self._bring(max(0, start - AHEAD), min(len(self._order), stop + AHEAD)))

    def look_ahead(self, index: int) -> None:
        """Fetch what lies before and behind `index` while the cursor is still on its way there."""
        near = AHEAD // 2
        for edge in (index - near, index + near):
            if 0 <= edge < len(self._order) and self.row(edge) is None:
                self.want(min(edge, index), max(edge, index))
                return

    async def _bring(self, start: int, stop: int) -> None:
        edition = self._edition
        while start < stop and self._order[start] in self._rows:
            start += 1
        while start < stop and self._order[stop - 1] in self._rows:
            stop -= 1
        rowids = [rowid for rowid in self._order[start:stop] if rowid not in self._rows]
        if not rowids:
            return
        fetched = await self._fetch(rowids)
        if edition != self._edition:
            return  # another list is shown meanwhile
        if len(self._rows) > KEPT:
            self._rows = {}
        self._rows.update((row.rowid, row) for row in fetched)
        self._arrived(start, stop)
