"""The desk: the queue list and the case beside it; the next case never switches a screen."""

import contextlib
import time
from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import cast

from msgspec.structs import replace
from textual import events, on
from textual.app import App
from textual.timer import Timer
from textual.widget import Widget

from console.casework import actions
from console.casework.filters import FilterError, parse_filter
from console.commands import Situation
from console.desk import CaseView, Desk
from console.desk.place import Whereabouts
from console.errors import NotFound
from console.screens.bar import Bar
from console.screens.case_ahead import CasesAhead, ReadCase, read_case
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
from console.screens.filter_prompt import without_begun
from console.screens.filtering import DEFAULT_FILTER, ORDERS, Filtering
from console.screens.jumping import Jumping
from console.screens.moving import found_words
from console.sync.events import CasesChanged, EntryMoved, PolicyChanged, SyncEvent
from console.wording import MASKED_FROM
from console.words.row import COLUMNS
from local_cache.cases import CaseRow
from local_cache.listing import place_of
from local_cache.query import CaseQuery
from widgets.case_list import Column, RowView, VirtualList
from widgets.ground import Beside
from widgets.text_view import TextView
from widgets.titles import Titles

SETTLE = 0.04
"""Seconds a case waits to be shown while the cursor goes on, so that a held key stays quick."""
SOON = 0.005
"""Seconds it waits after a single key: until the cursor's row is painted."""
HELD = 0.1
"""Seconds between two moves within which a key counts as held."""
GLANCE = 3.0
"""Seconds after which a case counts as viewed, for the audit chain."""
WIDE = 110
"""Columns from which list and case stand side by side."""
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
_GO_TO_TRIES = 5


def read_first_list(desk: Desk, now: datetime, rows: int) -> Listed:
    """Read the list that a desk opens with, and so many of its rows."""
    line = f"{DEFAULT_FILTER} sort:{ORDERS[0]}"
    query = parse_filter(line, now=now, me=desk.profile.specialist_id)
    return read_beginning(desk, query, rows)


class DeskScreen(Deeds, Filtering, Jumping):
    """List and case. Below 110 columns there is one at a time."""

    CONTEXTS = ("desk", "move", "global")

    def __init__(
        self, first: Listed | None = None, *, shown: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__()
        self._keep: str | None = None
        """The case that the cursor begins at."""
        self._first = first
        """The list that the first frame shows, where it was read already."""
        self._when_shown = shown
        """Called once, when the first list and its case are there, or cannot be read."""
        self._rows = CaseRows(self._fetch, self.later, self._arrived, me="")
        self._rows.marked = self.is_marked
        self._list = VirtualList(
            self._rows,
            [Column(title, width, keep) for title, width, keep in COLUMNS],
            empty="No case here: / changes the filter.",
            id="list",
        )
        self._titles = Titles(self._list)
        self._pane = TextView(empty="No case is chosen.", id="case")
        self.view: CaseView | None = None
        self._revealed = ""
        """The case whose covered text was asked for; on the next one it is covered again."""
        self._shown = ""
        """The case in the pane."""
        self._ahead = CasesAhead(self._read_case)
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
        self._settle: Timer | None = None
        self._asked_at = 0.0
        """When a case was last asked for, by the monotonic clock."""
        self._glance: Timer | None = None
        self._has_policy = False

    def body(self) -> Iterable[Widget]:
        """Lay out heading, titles, list and case."""
        self._arrange()  # before anything is laid out: to do it twice takes twice as long
        yield Bar("heading")
        yield self._titles
        with Beside(id="panes"):
            yield self._list
            yield self._pane

    def on_mount(self) -> None:
        """Read the first rows; the clocks move on their own."""
        self._rows.me = self.desk.profile.specialist_id
        self.set_focus(self._list)
        if self._first is not None:
            self._show_listed(self._first)
        # After the first frame: what a reader reads meanwhile holds it up.
        self.call_after_refresh(lambda: self.later(self._show_first()))
        self.set_interval(CLOCKS_MOVE, self._move_clocks)
        self.set_interval(30, self._renew_claim)

    def on_resize(self, _event: events.Resize) -> None:
        """Show both panes where there is room, else the one in front."""
        self._arrange()

    def _arrange(self, *, case_in_front: bool | None = None) -> None:
        wide = cast("App[int]", self.app).size.width >= WIDE
        front = self.in_work is self._pane if case_in_front is None else case_in_front
        self.set_class(wide, "wide", update=self.laid_out)
        self._list.display = wide or not front
        self._pane.display = wide or front
        self._titles.display = self._list.display

    def contexts(self) -> tuple[str, ...]:
        """The case's own keys come before the desk's while it has the focus."""
        contexts = super().contexts()
        return ("case", *contexts) if self.focused is self._pane else contexts

    def situation(self) -> Situation:
        """Return what commands can know: the case under the cursor, and whether we are online."""
        return Situation(
            row=self.row,
            me=self.desk.profile.specialist_id,
            online=bool(self.host.standing.online),
            has_policy=self._has_policy,
            now_ms=self._rows.now_ms,
            marked=self.marked,
        )

    @property
    def row(self) -> CaseRow | None:
        """The case under the cursor."""
        return self._rows.row(self._list.cursor)

    def begin_at(self, place: Whereabouts) -> None:
        """Begin with the filter, order and marks of before, at its case: before it is shown."""
        self.filter, self.sort, self.descending = place.filter, place.sort, place.descending
        self.marks.add(place.marked)
        self._keep = place.case_id or None

    @property
    def in_case(self) -> bool:
        """Whether the case has the focus."""
        return self.focused is self._pane

    # --- The list ---------------------------------------------------------------------------

    def show_filtered(self) -> None:
        """Read the list anew."""
        self.later(self._reload())

    def read_filter_ahead(self) -> None:
        """Read the words of the first cases."""
        self.later(self._read_head())

    async def _read_head(self) -> None:
        listed, news = self._narrowed, self._news
        if listed is None or self._base_news != news:
            return
        if not self.filter_ahead.knows(listed.query):
            work = lambda: read_head(self.desk, listed.query, listed.order)  # noqa: E731
            head = await self.host.off_loop(work)
            if news != self._news or not self._typing_filter:
                return
            self.filter_ahead.keep(head)
        self._list.work_out(self._rows_that_may_come())

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
        return self.prompt.display and self.prompt.purpose == "filter"

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

    async def _show_first(self) -> None:
        try:
            if self._first is None:
                await self._reload(keep=self._keep)
            await self._show_case()
        finally:
            self._when_shown()
        await self.read_views()
        if self._partial:
            self.set_timer(AT_EASE, self.show_filtered)

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

    async def go_to(self, case_id: str, *, then: str | None = None) -> None:
        """Bring a case under the cursor and read it; where the filter hides it, show it alone.

        `then` is a command to run on it.
        """

        def hidden() -> bool:
            query = self.case_query(self.filter)
            with self.desk.cache.read() as tables:
                return not tables.cases.holds(query, case_id)

        if await self.host.off_loop(hidden):
            self.filter = f'id:"{case_id}"'
        self._to_list()
        for _ in range(_GO_TO_TRIES):  # news that came meanwhile may move the cursor back
            await self._show_list(case_id)
            await self._show_case()
            view, row = self.view, self.row
            if row is not None and view is not None and row.id == view.id == case_id:
                break
        else:
            self.tell("This case is not in the list any more.", "warning")
            return
        if then is not None:
            await self.host.run_named(then)

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
        if start <= self._list.cursor < stop and self._shown != (self.row.id if self.row else ""):
            self.case_soon()

    def _move_clocks(self) -> None:
        self._rows.now_ms = round(self.host.server_now().timestamp() * 1000)
        self._list.rows_arrived(0, self._list.count)
        self._ahead.forget()
        self.later(self._look_ahead(1, -1, 2))

    # --- The case ---------------------------------------------------------------------------

    @on(VirtualList.Highlighted)
    def _highlighted(self, event: VirtualList.Highlighted) -> None:
        event.stop()
        self._rows.look_ahead(event.index)
        self.span_moved()
        row = self.row
        if row is None or row.id != self._shown:
            ahead = self._ahead.get(row.id) if row is not None else None
            if ahead is not None and row is not None and row.id != self._revealed:
                self._show(ahead)
            self.case_soon()

    def case_soon(self) -> None:
        """Show the case under the cursor anew, soon."""
        if self._settle is not None:
            self._settle.stop()
        now = time.monotonic()
        wait = SETTLE if now - self._asked_at < HELD else SOON
        self._asked_at = now
        self._settle = self.set_timer(wait, lambda: self.later(self._show_case()))

    async def _show_case(self) -> None:
        row = self.row
        if row is None:
            if not len(self._rows):
                self.view, self._shown = None, ""
                self._pane.set_lines([], keep=False)
            return
        if self._shown == row.id:  # as read ahead: it may be old, and can wait for the next one
            await self._look_ahead(1)
        revealed = self._revealed == row.id
        try:
            case = await self._read_case(row.id, revealed=revealed)
        except NotFound:
            self.later(self._reload())
            return
        now = self.row
        if now is None or now.id != row.id or revealed != (self._revealed == row.id):
            return  # the cursor went on meanwhile, or the text was covered again
        self._show(case)
        self.later(self._look_ahead(1, -1, 2))

    def _read_case(self, case_id: str, *, revealed: bool = False) -> Awaitable[ReadCase]:
        now, width = self.host.server_now(), self._pane.size.width
        return self.host.off_loop(
            lambda: read_case(self.desk, case_id, now, revealed=revealed, width=width)
        )

    async def _look_ahead(self, *steps: int) -> None:
        """Read the cases so far from the cursor, where keys go next."""
        cursor = self._list.cursor
        near = (self._rows.row(cursor + away) for away in steps)
        await self._ahead.fetch([row.id for row in near if row and row.id != self._revealed])

    def _show(self, case: ReadCase) -> None:
        fresh = self._shown != case.view.id
        self.view, self._shown = case.view, case.view.id
        self._pane.set_text(case.text, keep=not fresh)
        if fresh:
            self._begin_glance(case.view.id)

    def _begin_glance(self, case_id: str) -> None:
        if self._glance is not None:
            self._glance.stop()
        self._glance = self.set_timer(GLANCE, lambda: self.later(self._viewed(case_id)))

    async def _viewed(self, case_id: str) -> None:
        if self._shown == case_id:
            await self.host.off_loop(lambda: self.desk.viewed(case_id, by="console"))

    # --- News -------------------------------------------------------------------------------

    def heard(self, event: SyncEvent) -> None:
        """Read again what changed."""
        match event:
            case CasesChanged(ids=ids):
                self._ahead.forget(ids)
                self._count_news()
                self._reload_soon()
                if ids is None or self._shown in ids:
                    self.case_soon()
            case EntryMoved(case_id=case_id):
                self.case_touched(case_id)
            case PolicyChanged():
                self._has_policy = True
                self._ahead.forget()
            case _:
                pass

    def _count_news(self) -> None:
        self._news += 1
        self.filter_ahead.forget()

    def case_touched(self, case_id: str) -> None:
        """Something was recorded, sent or taken back: show it in the list and in the case."""
        self._ahead.forget((case_id,))
        self._count_news()
        self.later(self._reload())
        if case_id == self._shown:
            self.case_soon()

    async def _renew_claim(self) -> None:
        """Renew our own claim on the case that is being worked on, when half of it is over."""
        view = self.view
        if view is None or not self._has_policy or not self.host.standing.online:
            return
        from console.composing.claims import wants_renewal  # not needed for the first paint

        policy = await self.host.off_loop(self.desk.policy)
        me = self.desk.profile.specialist_id
        if wants_renewal(view.case, me, self.host.server_now(), policy):
            self.later(self._act(view.id, actions.Claim(), quiet=True))

    # --- Moving -----------------------------------------------------------------------------

    @property
    def mover(self) -> VirtualList | TextView:
        """The case while it has the focus, else the list."""
        return self._pane if self.focused is self._pane else self._list

    def do_case_next(self, count: int | None) -> None:
        """To the next case, from either pane."""
        self._list.move(count or 1)

    def do_case_previous(self, count: int | None) -> None:
        """To the previous case, from either pane."""
        self._list.move(-(count or 1))

    def do_case_open(self, _count: int | None) -> None:
        """Go into the case."""
        if self.row is not None:
            self._arrange(case_in_front=True)
            self.set_focus(self._pane)

    def do_pane_next(self, _count: int | None) -> None:
        """To the other pane."""
        if self.focused is self._pane:
            self._to_list()
        else:
            self.do_case_open(None)

    do_pane_previous = do_pane_next

    async def goes_back(self) -> bool:
        """Leave the case for the list; leave the list nowhere."""
        if self.focused is self._pane:
            self._to_list()
            return False
        return True

    def _to_list(self) -> None:
        self._arrange(case_in_front=False)
        self.set_focus(self._list)

    # --- Searching, revealing ---------------------------------------------------------------

    def do_case_search(self, _count: int | None) -> None:
        """Search in the case."""
        self.ask("search", "search: ")

    def answered(self, purpose: str, value: str) -> None:
        """Search in the case; all else is about the list."""
        if purpose != "search":
            super().answered(purpose, value)
            return
        found = self._pane.search(value)
        self.tell(found_words(found), "muted")

    def do_case_search_next(self, count: int | None) -> None:
        """To the next place found."""
        if not self._pane.search_next(count or 1):
            self.tell("Nothing was searched for in this case: / searches.", "muted")

    def do_case_search_previous(self, count: int | None) -> None:
        """To the previous place found."""
        if not self._pane.search_next(-(count or 1)):
            self.tell("Nothing was searched for in this case: / searches.", "muted")

    async def do_text_reveal(self, _count: int | None) -> None:
        """Show what is covered, or cover it again; the audit chain has it."""
        view = self.view
        if view is None or view.case is None or (view.case.graphic_level or 0) < MASKED_FROM:
            self.tell("Nothing is covered in this case.", "muted")
            return
        covered = self._revealed == view.id
        self._revealed = "" if covered else view.id
        if not covered:
            case_id = view.id
            await self.host.off_loop(lambda: self.desk.note_in_audit("reveal", case_id, {}))
        await self._show_case()

    # --- Recording --------------------------------------------------------------------------

    async def _act(self, case_id: str, action: actions.AnyAction, *, quiet: bool = False) -> None:
        entry = await self.host.off_loop(
            lambda: self.desk.act(case_id, action, undo_window=not quiet)
        )
        if not quiet:
            self.recorded(entry)
        self.case_touched(case_id)
