"""The saved views: what each number of the desk's list shows, and what to do about it."""

from collections.abc import Iterable
from typing import Any, Final, cast

from msgspec.structs import replace
from textual import on
from textual.app import App
from textual.timer import Timer
from textual.widget import Widget

from console.casework.filters import FilterError, parse_filter
from console.commands import Command, keys_for
from console.desk.remembering import VIEW_NUMBERS, View, with_order
from console.errors import UsageError
from console.hands import Act
from console.screens.bar import Bar
from console.screens.desk import DeskScreen
from console.screens.filter_prompt import FilterPrompt
from console.screens.filtering import ORDERS
from console.screens.two_panes import TwoPanes
from console.screens.view_rows import COLUMNS, Look, ViewRows, look_at
from console.sync.events import CasesChanged, EntryMoved, SyncEvent
from local_cache.hostile import visible
from local_cache.query import CaseQuery
from widgets.case_list import VirtualList
from widgets.text_lines import Line, heading
from widgets.text_view import TextView
from widgets.titles import Titles

COUNT_PAUSE: Final = 1.0
"""Seconds from news until the cases are counted anew."""
COUNT_EVERY: Final = 30.0
"""Seconds after which they are counted anew without news: what is due moves on its own."""
_NAME: Final = "view name"
_FILTER: Final = "view filter"


class ViewsScreen(FilterPrompt, TwoPanes):
    """The list of numbers, and below it the view under the cursor whole."""

    reopened_by = "go.views"
    CONTEXTS = ("views", "move", "global")
    CSS_PATH = "views.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._rows = ViewRows()
        self._list = VirtualList(self._rows, COLUMNS, count=len(self._rows), id="views")
        self._details = TextView(id="details")
        self._meant: View | None = None
        """The view that the prompt is about."""
        self._counting = self._count_again = False
        self._count_soon: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Lay out the list and the details."""
        yield Bar("summary")
        yield Titles(self._list)
        yield self._list
        yield Bar("between")
        yield self._details

    def on_mount(self) -> None:
        """Read the views, and count what they find."""
        self.set_focus(self._list)
        self.later(self._read())
        self.set_interval(COUNT_EVERY, self._count_later)

    # --- Reading ----------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """The number under the cursor."""
        return VIEW_NUMBERS[self._list.cursor]

    @property
    def view(self) -> View | None:
        """What is saved there."""
        return self._rows.views.get(self.number)

    async def _read(self) -> None:
        await self.read_views()
        views = {view.number: view for view in self.views}
        same = {number for number, view in views.items() if view == self._rows.views.get(number)}
        self._rows.views = views
        self._rows.looks = {n: look for n, look in self._rows.looks.items() if n in same}
        self._show()
        await self._count()

    async def _count(self) -> None:
        """Count what the views find, one after the other. One counting at a time."""
        if self._counting:
            self._count_again = True
            return
        self._counting = True
        try:
            for view in self.views:
                look = await self.host.off_loop(lambda view=view: self._look_at(view))
                if self._rows.views.get(view.number) == view:
                    self._rows.looks[view.number] = look
                    self._show()
        finally:
            self._counting = False
        if self._count_again:
            self._count_again = False
            await self._count()

    def _look_at(self, view: View) -> Look:
        with self.desk.cache.read() as tables:
            return look_at(view, self._query, tables.cases.count)

    def _query(self, text: str) -> CaseQuery:
        now, me = self.host.server_now(), self.desk.profile.specialist_id
        return parse_filter(text, now=now, me=me)

    def heard(self, event: SyncEvent) -> None:
        """Count anew, soon."""
        if isinstance(event, CasesChanged | EntryMoved):
            self._count_later()

    def case_touched(self, case_id: str) -> None:  # noqa: ARG002 - any case may be in a view
        """Something was taken back or recorded: count anew, soon."""
        self._count_later()

    def _count_later(self) -> None:
        if self._count_soon is None:
            self._count_soon = self.set_timer(COUNT_PAUSE, self._count_now)

    def _count_now(self) -> None:
        self._count_soon = None
        self.later(self._count())

    # --- Showing ----------------------------------------------------------------------------

    def _show(self) -> None:
        self._list.rows_arrived(0, len(self._rows))
        saved = len(self.views)
        self.query_one("#summary", Bar).show(
            (f" {saved} saved {'view' if saved == 1 else 'views'} ", "heading"),
            (f" the desk shows {visible(self._desk.filter_to_keep())} ", "muted"),
        )
        self._show_details()

    def _show_details(self, *, keep: bool = True) -> None:
        self._details.set_lines(self._about(), keep=keep)
        shows = f" {keys_for(f'view.{self.number}')} shows it from everywhere "
        self.query_one("#between", Bar).show((shows if self.view is not None else "", "muted"))

    def _about(self) -> list[Line]:
        view, dropped = self.view, self._rows.dropped.get(self.number)
        if view is None:
            return [heading(f"Number {self.number} is free"), *map(_line, self._ways(dropped))]
        look = self._rows.looks.get(view.number, Look())
        lines = [heading(f"{view.number}  {visible(view.name)}"), _line(f"filter  {view.filter}")]
        if look.problem:
            what = f"It cannot be read: {look.problem}. {keys_for('views.filter')} changes it."
            return [*lines, Line(((f"  {what}", "error"),), hang=2)]
        turned = ", turned around" if look.turned else ""
        count = "being counted" if look.count is None else f"{look.count:,} now"
        return [*lines, _line(f"order   by {look.order}{turned}"), _line(f"cases   {count}")]

    def _ways(self, dropped: View | None) -> Iterable[str]:
        saves = keys_for("views.save")
        yield f"{saves} saves here what the desk shows: {self._desk.filter_to_keep()}"
        if dropped is not None:
            back = keys_for("views.drop")
            yield f"{back} brings back what was dropped: {dropped.name}, {dropped.filter}"

    @on(VirtualList.Highlighted)
    def _highlighted(self, event: VirtualList.Highlighted) -> None:
        event.stop()
        self._show_details(keep=False)

    # --- What can be done about a view ------------------------------------------------------

    def _chosen(self) -> View | None:
        """Return the view under the cursor, or say that there is none."""
        view = self.view
        if view is None:
            saves = keys_for("views.save")
            self.tell(f"Number {self.number} is free: {saves} saves here what the desk shows.")
        return view

    async def do_views_open(self, _count: int | None) -> None:
        """Show the view under the cursor on the desk."""
        view = self._chosen()
        if view is not None:
            await self.host.run_named(f"view.{view.number}")

    def do_views_save(self, _count: int | None) -> None:
        """Save what the desk shows under the number at the cursor."""
        view = self.view
        if view is not None:
            drops = keys_for("views.drop")
            self.tell(f"Number {view.number} is {view.name}: {drops} drops it first.", "warning")
            return
        self._ask_name(View(self.number, "", self._desk.filter_to_keep()))

    def do_views_rename(self, _count: int | None) -> None:
        """Give the view under the cursor another name."""
        view = self._chosen()
        if view is not None:
            self._ask_name(view)

    def do_views_filter(self, _count: int | None) -> None:
        """Change the filter of the view under the cursor."""
        view = self._chosen()
        if view is not None:
            self._meant = view
            self.prompt_for_filter(_FILTER, f"{view.filter} ".lstrip())

    def do_views_drop(self, _count: int | None) -> None:
        """Drop the view under the cursor, or bring back what was dropped there."""
        view, dropped = self.view, self._rows.dropped.get(self.number)
        if view is not None:
            self.later(self._drop(view))
        elif dropped is not None:
            self.later(self._keep(dropped, f"{dropped.number}, {dropped.name}, is back."))
        else:
            self._chosen()

    async def _drop(self, view: View) -> None:
        await self.host.off_loop(lambda: self.desk.drop_view(view.number))
        self._rows.dropped[view.number] = view
        await self._changed()
        back = keys_for("views.drop")
        self.tell(f"{view.number}, {view.name}, is dropped. {back} brings it back.", "ok")

    async def _keep(self, view: View, said: str) -> None:
        await self.host.off_loop(lambda: self.desk.save_view(view))
        self._rows.dropped.pop(view.number, None)
        await self._changed()
        self.tell(said, "ok")

    async def _changed(self) -> None:
        self._desk.later(self._desk.views_changed())
        await self._read()

    # --- The prompts ------------------------------------------------------------------------

    def _ask_name(self, view: View, value: str | None = None) -> None:
        self._meant = view
        self.ask(_NAME, f"name of {view.number}: ", value=view.name if value is None else value)

    def answer_changed(self, purpose: str, value: str) -> None:
        """Say what is wrong with a filter while it is typed."""
        if purpose == _FILTER:
            self.read_typed(value, self._query)

    def answered(self, purpose: str, value: str) -> None:
        """Take a name or a filter."""
        view, self._meant = self._meant, None
        if view is None:
            return
        if purpose == _NAME:
            self.later(self._named(view, value.strip()))
            return
        try:
            self._query(value)
        except FilterError as error:
            self._meant = view
            self.prompt_for_filter(_FILTER, value)  # nothing typed is lost
            self.show_wrong(error)
            return
        self.host.remember("filter", value.strip())
        look = self._rows.looks.get(view.number, Look(ORDERS[0]))
        kept = with_order(value, look.order or ORDERS[0], descending=look.turned)
        self.later(self._keep(replace(view, filter=kept), f"{view.number}, {view.name}: {kept}"))

    async def _named(self, view: View, name: str) -> None:
        named = replace(view, name=name)
        shows = keys_for(f"view.{view.number}")
        try:
            await self._keep(named, f"{shows} shows this from now on: {name}, {view.filter}")
        except UsageError as error:
            self._ask_name(view, name)  # nothing typed is lost
            self.prompt.hint((f" {error}", "error"))

    def act_of(self, command: Command) -> Act:
        """What is typed here is kept by taking the line: no paste does that."""
        keeps = command.id == "prompt.accept" and self.prompt.purpose in (_NAME, _FILTER)
        return Act.ACTS if keeps else super().act_of(command)

    @property
    def _desk(self) -> DeskScreen:
        stack = cast("App[Any]", self.app).screen_stack
        return next(screen for screen in stack if isinstance(screen, DeskScreen))


def _line(text: str) -> Line:
    return Line(((f"  {visible(text)}", "text"),), hang=10)
