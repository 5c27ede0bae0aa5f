"""The desk: the queue list and the case beside it; the next case never switches a screen."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from textual import events, on
from textual.app import App
from textual.timer import Timer
from textual.widget import Widget

from console.casework import actions
from console.commands import Situation
from console.desk import CaseView
from console.desk.place import Whereabouts
from console.errors import NotFound
from console.screens.bar import Bar
from console.screens.case_ahead import CasesAhead, ReadCase, read_case
from console.screens.case_rows import (
    Listed,
)
from console.screens.moving import found_words
from console.screens.queue_list import AT_EASE, CLOCKS_MOVE, QueueList
from console.sync.events import CasesChanged, EntryMoved, PolicyChanged, SyncEvent
from console.wording import MASKED_FROM
from widgets.case_list import VirtualList
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
_GO_TO_TRIES = 5


class DeskScreen(QueueList):
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
        self._titles = Titles(self._list)
        self._pane = TextView(id="case")
        self.view: CaseView | None = None
        self._revealed = ""
        """The case whose covered text was asked for; on the next one it is covered again."""
        self._shown = ""
        """The case in the pane."""
        self._ahead = CasesAhead(self._read_case)
        self._settle: Timer | None = None
        self._asked_at = 0.0
        """When a case was last asked for, by the monotonic clock."""
        self._glance: Timer | None = None

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

    def begin_at(self, place: Whereabouts) -> None:
        """Begin with the filter, order and marks of before, at its case: before it is shown."""
        self.filter, self.sort, self.descending = place.filter, place.sort, place.descending
        self.marks.add(place.marked)
        self._keep = place.case_id or None

    @property
    def in_case(self) -> bool:
        """Whether the case has the focus."""
        return self.focused is self._pane

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

    def _arrived(self, start: int, stop: int) -> None:
        super()._arrived(start, stop)
        if start <= self._list.cursor < stop and self._shown != (self.row.id if self.row else ""):
            self.case_soon()

    def _move_clocks(self) -> None:
        super()._move_clocks()
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
                self._pane.empty = "No case is chosen."  # at the start one is about to be read
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
