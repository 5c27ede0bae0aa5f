"""The queue list: read from the disk, read again for news, and following a filter that is typed."""

import contextlib
import time
from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace
from textual.timer import Timer

from console.casework.filters import FilterError, parse_filter, without_begun
from console.desk import Desk
from console.screens.bar import Bar
from console.screens.case_rows import (
    Base,
    CaseRows,
    Listed,
    first_of,
    read_beginning,
    read_list,
)
from console.screens.deeds import Deeds
from console.screens.filter_ahead import FilterAhead, Glimpse, read_head
from console.screens.filtering import DEFAULT_FILTER, ORDERS, Filtering
from console.screens.jumping import Jumping
from console.words.row import COLUMNS
from local_cache.cases import CaseRow
from local_cache.listing import place_of
from local_cache.query import CaseQuery
from widgets.case_list import Column, RowView, VirtualList

CLOCKS_MOVE = 10.0
"""Seconds after which the clocks of the list are painted anew."""
RELOAD_PAUSE = 0.3
"""Seconds between two readings of the list while news keeps coming."""
RELOAD_PAUSE_LOADING = 2.0
"""The same while a full load brings thousands a second: the list is read whole each time."""
RELOAD_SHARE = 4
"""So much longer than a reading took is the pause after it: of a million cases one takes long."""
WHOLE_SOON = 0.1
"""Seconds after a character of a filter until all that it finds is read, if no other follows."""
AT_EASE = 0.5
"""Seconds after the first cases until the list is read to its end: what else starts goes before."""


def read_first_list(desk: Desk, now: datetime, rows: int) -> Listed:
    """Read the list that a desk opens with, and so many of its rows."""
    line = f"{DEFAULT_FILTER} sort:{ORDERS[0]}"
    query = parse_filter(line, now=now, me=desk.profile.specialist_id)
    return read_beginning(desk, query, rows)


class QueueList(Deeds, Filtering, Jumping, part=True):
    """A screen with the queue list; what stands beside it is for the screen itself."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = CaseRows(self._fetch, self.later, self._arrived, me="")
        self._rows.marked = self.is_marked
        self._list = VirtualList(
            self._rows,
            [Column(title, width, keep) for title, width, keep in COLUMNS],
            empty="No case here: / changes the filter.",
            id="list",
        )
        self._base: Base | None = None
        """The list without words, as it was after so much news; while no more comes it holds."""
        self._narrowed: Base | None = None
        """The list itself, as of the same moment."""
        self.filter_ahead = FilterAhead()
        """What is read while somebody types a filter."""
        self._partial = False
        """Whether only the first cases of the list are shown, and the rest is being read."""
        self._whole_soon: Timer | None = None
        self._base_news = self._news = 0
        self._reloading = False
        self._reload_again = False
        self._reload_next = 0.0
        """When news may be read again, by the monotonic clock."""
        self._news_soon: Timer | None = None
        self._has_policy = False

    def case_soon(self) -> None:
        """Show the case under the cursor anew, soon."""
        raise NotImplementedError

    @property
    def row(self) -> CaseRow | None:
        """The case under the cursor."""
        return self._rows.row(self._list.cursor)

    # --- Following a filter -----------------------------------------------------------------

    def show_filtered(self) -> None:
        """Read the list anew."""
        self.later(self._reload())

    def read_filter_ahead(self) -> None:
        """Read the words of the first cases."""
        self.later(self._read_head())

    async def _read_head(self) -> None:
        if not self._typing_filter:
            return
        listed, news = self._narrowed, self._news
        if listed is not None and self._base_news == news:
            await self._keep_head(listed, news)
        self._list.work_out(self._rows_that_may_come())

    async def _keep_head(self, listed: Base, news: int) -> None:
        if self.filter_ahead.knows(listed.query):
            return
        head = await self.host.off_loop(lambda: read_head(self.desk, listed.query, listed.order))
        if news == self._news and self._typing_filter:
            self.filter_ahead.keep(head)

    def _rows_that_may_come(self) -> Iterator[tuple[int, RowView]]:
        """Return lines of the screen, and what they show after one character more or less."""
        typed = self.prompt.value
        line = self._list.cursor - self._list.visible_rows.start
        with contextlib.suppress(FilterError):
            may_come = self.filter_ahead.next_characters(self.case_query(typed))
            for text in (typed[:-1], *(typed + each for each in may_come)):
                found = self._glimpse(self.case_query(without_begun(text)))
                if found is not None:
                    shown = found.rows[max(0, found.index - line) :][: self._list.size.height]
                    yield from enumerate(map(self._rows.view, shown))

    @property
    def _typing_filter(self) -> bool:
        return self.prompting() and self.prompt.purpose == "filter"

    def follow_filter(self, query: CaseQuery) -> None:
        """Show the first cases at once where they are known, and all of them soon."""
        if self._whole_soon is not None:
            self._whole_soon.stop()
        if self.marked:  # of marks is told which are in the whole list
            self.show_filtered()
            return
        found = self._glimpse(query)
        if found is not None:
            self._partial = not found.whole
            order = array("q", (each.rowid for each in found.rows))
            here = {each.rowid: each for each in found.rows}
            self._show_rows(order, here, found.index, likely=found.likely)
            self._list.work_out(self._rows_that_may_come())
            self._read_whole_soon()
        elif query.words or query.without_words:  # which the index of all words has to be asked
            self.show_filtered()
        else:
            self.later(self._follow(query))

    def _glimpse(self, query: CaseQuery) -> Glimpse | None:
        return self.filter_ahead.glimpse(
            query,
            wanted=None if self.row is None else self.row.id,
            at=self._list.cursor,
            room=self._list.size.height,
        )

    async def _follow(self, query: CaseQuery) -> None:
        """Show the first cases that an index finds at once, and all of them soon."""
        text, news, row = self.filter, self._news, self.row
        at, room = self._list.cursor, self._list.size.height
        listed = await self.host.off_loop(
            lambda: first_of(self.desk, query, wanted=row.id if row else None, at=at, room=room)
        )
        if text != self.filter:
            return
        if listed is None:
            self.show_filtered()
            return
        self._base_news = news
        self._show_listed(listed)
        self._read_whole_soon()

    def _read_whole_soon(self) -> None:
        then = self.show_filtered if self._partial else self.read_filter_ahead
        self._whole_soon = self.set_timer(WHOLE_SOON, then)

    async def read_whole(self) -> None:
        """Read the list to its end where only its first cases are shown."""
        if self._partial:
            await self._show_list(None)

    # --- Reading ----------------------------------------------------------------------------

    async def _reload(self, *, keep: str | None = None) -> None:
        """Read the list anew, the cursor staying on its case. One at a time, the last one wins."""
        if self._reloading:
            self._reload_again = True
            return
        self._reloading = True
        text = self.filter
        began = time.monotonic()
        try:
            await self._show_list(keep)
        except FilterError as error:
            self.tell(str(error), "error")
        finally:
            self._reloading = False
        now = time.monotonic()
        loading = self.host.standing.loaded is not None
        pause = RELOAD_PAUSE_LOADING if loading else RELOAD_PAUSE
        self._reload_next = now + max(pause, RELOAD_SHARE * (now - began))
        again, self._reload_again = self._reload_again, False
        if again and text != self.filter:  # somebody types a filter and waits for it
            await self._reload()
        elif again:
            self._reload_soon()

    def _reload_soon(self) -> None:
        """Read the list anew for news: at once, or when the pause after the last time is over."""
        wait = self._reload_next - time.monotonic()
        if wait <= 0:
            self.later(self._reload())
        elif self._news_soon is None:
            self._news_soon = self.set_timer(wait, self._reload_for_news)

    def _reload_for_news(self) -> None:
        self._news_soon = None
        self.later(self._reload())

    async def _show_list(self, keep: str | None) -> None:
        text = self.filter
        cursor = self._list.cursor
        row = self.row
        wanted = keep or (row.id if row is not None else None)
        news = self._news
        base = self._base if self._base_news == news else None
        narrowed = None if base is None else self._narrowed
        here = None if base is None else self._rows.here

        def read() -> tuple[Listed, Callable[[], None]]:
            query = self.case_query(text)
            listed = read_list(
                self.desk,
                query,
                wanted=wanted,
                at=cursor,
                base=base,
                narrowed=narrowed,
                here=here,
            )
            return listed, self.look_at_marks(listed)

        listed, settle_marks = await self.host.off_loop(read)
        self._base, self._narrowed, self._base_news = listed.base, listed.narrowed, news
        if text == self.filter:  # else another filter was typed meanwhile
            settle_marks()
            now = self.row
            if keep is None and now is not None and now.id != wanted:  # the cursor went on
                place = place_of(listed.order, now.rowid)
                listed = replace(listed, index=listed.index if place is None else place)
            self._show_listed(listed)

    def _show_listed(self, listed: Listed) -> None:
        self._base = listed.base if listed.whole else None
        self._narrowed = listed.narrowed if listed.whole else None
        self._has_policy = listed.has_policy
        if listed.now_ms - self._rows.now_ms >= CLOCKS_MOVE * 1000:  # else all is painted anew
            self._rows.now_ms = listed.now_ms
        self._partial = not listed.whole
        self._show_rows(listed.order, listed.rows, listed.index)
        if self._typing_filter:
            self.read_filter_ahead()
        else:
            self.filter_ahead.forget()

    def _show_rows(
        self, order: "array[int]", rows: dict[int, CaseRow], index: int, *, likely: int = 0
    ) -> None:
        self._rows.show(order, rows)
        self._list.reset(len(order), keep=index, likely=likely)
        if not order:
            self.case_soon()  # an empty list highlights nothing: the pane has to empty, too
        self.span_moved()
        self.tell_heading()

    def tell_heading(self) -> None:
        """Show how many cases, how many of them are marked, by which filter and in which order."""
        count, more = len(self._rows), "+" if self._partial else ""
        self.query_one("#heading", Bar).show(
            (f" {count:,}{more} {'case' if count == 1 else 'cases'} ", "heading"),
            *self.mark_pieces(),
            *self.work_pieces(),
            (f" {self.filter_name()} ", "key"),
            (f" by {self.sort}{' turned around' if self.descending else ''} ", "muted"),
        )

    def _fetch(self, rowids: Sequence[int]) -> Awaitable[list[CaseRow]]:
        return self.host.off_loop(lambda: self.desk.rows(rowids))

    def _arrived(self, start: int, stop: int) -> None:
        self._list.rows_arrived(start, stop)

    def _move_clocks(self) -> None:
        self._rows.now_ms = round(self.host.server_now().timestamp() * 1000)
        self._list.rows_arrived(0, self._list.count)

    def _count_news(self) -> None:
        self._news += 1
        self.filter_ahead.forget()
