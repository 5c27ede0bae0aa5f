"""The outbox: what is recorded here and not yet taken by the server, and what to do about it."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from textual import on
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from console.commands import Situation, keys_for
from console.screens.bar import Bar
from console.screens.base import NightScreen
from console.screens.compare import CompareScreen, Settled
from console.screens.confirm import ConfirmScreen, confirmation
from console.screens.desk import DeskScreen
from console.screens.outbox_rows import COLUMNS, Rows
from console.screens.two_panes import TwoPanes
from console.sync.events import CasesChanged, ConnectionChanged, EntryMoved, SyncEvent
from console.words import outbox as told
from console.words import settling
from console.words.outbox import Place
from local_cache.records import Policy
from widgets.case_list import VirtualList
from widgets.line_widget import Piece
from widgets.text_lines import Line
from widgets.text_view import TextView
from widgets.titles import Titles

DELIVERED = 20
"""Accepted entries shown below those that wait."""


class OutboxScreen(TwoPanes):
    """The list of entries, and below it the one under the cursor whole."""

    reopened_by = "go.outbox"
    CONTEXTS = ("outbox", "move", "global")
    CSS_PATH = "outbox.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._rows = Rows()
        self._list = VirtualList(
            self._rows,
            COLUMNS,
            empty="Nothing waits: everything recorded was accepted by the server.",
            id="entries",
        )
        self._details = TextView(empty="No entry is chosen.", id="details")
        self._policy: Policy | None = None
        self._reading = False
        self._read_again = False

    def body(self) -> Iterable[Widget]:
        """Lay out the list and the details."""
        yield Bar("summary")
        yield Titles(self._list)
        yield self._list
        yield Bar("between")
        yield self._details

    def on_mount(self) -> None:
        """Read the outbox; open undo windows are counted down."""
        self.set_focus(self._list)
        self.later(self._read())
        self.set_interval(1, self._tick)

    def situation(self) -> Situation:
        """Return what commands can know here."""
        return Situation(me=self.desk.profile.specialist_id, online=bool(self.host.standing.online))

    @property
    def place(self) -> Place | None:
        """The entry under the cursor, in its place."""
        return self._rows.place(self._list.cursor)

    # --- Reading ----------------------------------------------------------------------------

    async def _read(self) -> None:
        """Read the outbox anew, the cursor staying on its entry. One at a time."""
        if self._reading:
            self._read_again = True
            return
        self._reading = True
        try:
            await self._read_once()
            while self._read_again:
                self._read_again = False
                await self._read_once()
        finally:
            self._reading = False

    async def _read_once(self) -> None:
        at = self.place

        def read() -> tuple[list[Place], list[Place], Policy | None]:
            accepted = self.desk.delivered(DELIVERED)
            with self.desk.cache.read() as tables:
                unsent = tables.outbox.unsent()
                names = dict.fromkeys(entry.case_id for entry in (*unsent, *accepted))
                rows = {name: tables.cases.row_of(name) for name in names}
                policy = tables.policies.current()
            known = {name: row for name, row in rows.items() if row is not None}
            waiting = told.places(unsent, known)
            return waiting, [Place(e, known.get(e.case_id), None, 0) for e in accepted], policy

        self._rows.waiting, self._rows.accepted, self._policy = await self.host.off_loop(read)
        self._rows.now_ms = self.desk.now_ms()
        index = None if at is None else self._rows.index_of(at.entry.key)
        self._list.reset(len(self._rows), keep=index)
        self._show_summary()
        self._show_details(keep=index is not None)

    def _show_summary(self) -> None:
        back = sum(place.entry.state in told.CAME_BACK for place in self._rows.waiting)
        count = len(self._rows.waiting)
        pieces: list[Piece] = [(f" {count} recorded here, not yet delivered ", "heading")]
        if back:
            pieces.append((f" {back} came back to you ", "error"))
        if not self.host.standing.online:
            pieces.append((" nothing goes while there is no connection ", "warning"))
        self.query_one("#summary", Bar).show(*pieces)

    def _show_details(self, *, keep: bool = True) -> None:
        place = self.place
        if place is None:
            self._details.set_lines([], keep=False)
            self.query_one("#between", Bar).show()
            return
        lines = [
            Line(((line.text, line.role),), hang=min(len(line.text) - len(line.text.lstrip()), 8),
                 heading=line.role == "heading")
            for line in told.entry_lines(place, self._policy, self._rows.now_ms)
        ]  # fmt: skip
        self._details.set_lines([*lines[:1], *self._not_reached(place), *lines[1:]], keep=keep)
        number, into = self._list.cursor + 1, keys_for("pane.next")
        self.query_one("#between", Bar).show(
            (f" entry {number} of {len(self._rows)} ", "muted"),
            (f" {into}: into it ", "muted"),
        )

    def _not_reached(self, place: Place) -> list[Line]:
        """While offline: whom to ask instead, on a case that cannot wait."""
        if self.host.standing.online is not False or place.entry.state == "accepted":
            return []
        now_ms = round(self.host.server_now().timestamp() * 1000)
        said = settling.not_reached(place.row, self._policy, now_ms)
        return [Line(((f"  {said}", "error"),), hang=2)] if said else []

    def _tick(self) -> None:
        """Count the seconds of open undo windows down."""
        counted = self._rows.counting_down
        self._rows.now_ms = self.desk.now_ms()
        if counted:
            self._list.rows_arrived(0, len(self._rows.waiting))
            self._show_details()

    @on(VirtualList.Highlighted)
    def _highlighted(self, event: VirtualList.Highlighted) -> None:
        event.stop()
        self._show_details(keep=False)

    def heard(self, event: SyncEvent) -> None:
        """Read again what moved."""
        if isinstance(event, EntryMoved | CasesChanged):
            self.later(self._read())
        elif isinstance(event, ConnectionChanged):
            self._show_summary()
            self._show_details()

    def case_touched(self, case_id: str) -> None:  # noqa: ARG002 - any case may be here
        """Something was taken back or recorded: read again."""
        self.later(self._read())

    # --- What can be done about an entry ----------------------------------------------------

    def _chosen(self) -> Place | None:
        """Return the entry under the cursor, where something can still be done about it."""
        place = self.place
        if place is None:
            self.tell("There is no entry here.", "muted")
        elif place.entry.state == "accepted":
            self.tell("The server has this one: it cannot be changed from here.", "muted")
            return None
        return place

    def do_undo(self, _count: int | None) -> None:
        """Take back the entry under the cursor, and those behind it on its case."""
        place = self._chosen()
        if place is not None:
            self.later(self._take_back(place, "undo"))

    def do_outbox_discard(self, _count: int | None) -> None:
        """Discard the entry under the cursor, and those behind it on its case."""
        place = self._chosen()
        if place is not None:
            self.later(self._take_back(place, "discard"))

    async def _take_back(self, place: Place, word: str) -> None:
        entry = place.entry
        if settling.asks_first(word, place) and not await self._confirmed(
            f"{word.capitalize()} {entry.type}", place, settling.taken_facts(place)
        ):
            return
        work = self.desk.undo if word == "undo" else self.desk.discard
        taken = await self.host.off_loop(lambda: work(entry.key))
        self.tell(*settling.taken_back(word, entry, taken))
        self._touched(entry.case_id)

    async def _confirmed(self, title: str, place: Place, what: Sequence[str]) -> bool:
        lines = confirmation(place.name, place.requester, what)
        if await self.ask_screen(ConfirmScreen(title, lines)):
            return True
        self.tell("Not confirmed: it stays as it was.", "warning")
        return False

    def do_outbox_retry(self, _count: int | None) -> None:
        """Send the entry under the cursor now, or confirm what waited long."""
        place = self._chosen()
        if place is None:
            return
        if place.entry.state == "changed":
            self.tell("The case changed: = compares, and settles it.", "warning")
        elif place.head is not None:
            self.tell(f"It goes behind entry {place.head.seq}: that one comes first.", "warning")
        else:
            self.later(self._retry(place))

    async def _retry(self, place: Place) -> None:
        entry = place.entry
        now_ms = self.desk.now_ms()
        long = settling.waited_long(entry, self._policy, now_ms)
        if long:
            facts = settling.retry_facts(place, now_ms)
            if not await self._confirmed(f"Confirm {entry.type}", place, facts):
                return
        await self.host.off_loop(lambda: self.desk.retry(entry.key, confirmed=long))
        if self.host.standing.online:
            self.tell(f"{entry.type}: goes now.", "unsent")
        else:
            self.tell(f"{entry.type}: goes when the connection is back.", "unsent")
        self._touched(entry.case_id)

    # --- Comparing, going to the case ----------------------------------------------------------

    def do_outbox_open(self, _count: int | None) -> None:
        """Compare what came back as changed; for all others go to the case on the desk."""
        place = self.place
        if place is None:
            return
        if place.entry.state == "changed":
            self.later(self._compare(place))
        else:
            self.later(self._to_case(place.entry.case_id))

    def do_outbox_compare(self, _count: int | None) -> None:
        """Compare what was seen, what is now and what was decided."""
        place = self._chosen()
        if place is not None:
            self.later(self._compare(place))

    async def _compare(self, place: Place) -> None:
        settled = await self.ask_screen(CompareScreen(place))
        if settled is None:
            return
        self._touched(place.entry.case_id)
        if settled is Settled.KEPT:
            self.tell("Recorded anew on the present case.", "ok")
        elif settled is Settled.DROPPED:
            self.tell("Dropped. Nothing of it was applied.", "ok")
        else:
            await self._to_case(place.entry.case_id, then=settling.command_for(place.entry.type))

    async def _to_case(self, case_id: str, *, then: str | None = None) -> None:
        """Leave for the desk with this case under the cursor; there, run a command on it."""
        desk = next(screen for screen in self._stack() if isinstance(screen, DeskScreen))
        # This screen ends with the work that it runs: the desk does the rest.
        host = self.host
        desk.later(desk.go_to(case_id, then=then))
        await host.run_named("go.desk")

    def _touched(self, case_id: str) -> None:
        for screen in self._stack():
            if isinstance(screen, NightScreen):
                screen.case_touched(case_id)
        self.host.look()

    def _stack(self) -> Sequence[Screen[Any]]:
        return cast("App[int]", self.app).screen_stack
