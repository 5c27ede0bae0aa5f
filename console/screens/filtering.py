"""What the list of the desk shows, and in which order: filter, views, queues, sort keys."""

from console.casework.filters import FilterError, parse_filter
from console.commands import keys_for
from console.commands.lines import Argument
from console.desk.remembering import (
    VIEW_NUMBERS,
    View,
    spelled_out,
    view_filters,
    with_order,
    without_order,
)
from console.screens.filter_prompt import FilterPrompt
from local_cache.query import SORTS, CaseQuery
from widgets.prompt_line import Offer

_HOW_VIEWS = (
    ":view save 3 NAME keeps what the list shows, :view 3 shows it, :view drop 3 forgets it."
)
DEFAULT_FILTER = "is:open"
ORDERS = tuple(SORTS)


class Filtering(FilterPrompt, part=True):
    """The filter and the order of a list of cases; what is typed shows its results at once."""

    def __init__(self) -> None:
        super().__init__()
        self.filter = DEFAULT_FILTER
        self.sort = ORDERS[0]
        self.descending = False
        self._before = (DEFAULT_FILTER, ORDERS[0], False)
        """Filter and order of before the prompt was opened."""

    def show_filtered(self) -> None:
        """Read the list anew by the filter and the order of the moment."""
        raise NotImplementedError

    def follow_filter(self, query: CaseQuery) -> None:
        """Show what a filter finds which is being typed, and may be another in a moment."""
        raise NotImplementedError

    def read_filter_ahead(self) -> None:
        """Read and work out what makes `follow_filter` quick: somebody is about to type."""
        raise NotImplementedError

    def case_query(self, text: str) -> CaseQuery:
        """Read a filter, in the order of the moment unless it says another.

        Raises:
            FilterError: names what cannot be read.
        """
        return parse_filter(
            text,
            now=self.host.server_now(),
            me=self.desk.profile.specialist_id,
            sort=self.sort,
            descending=self.descending,
            views=view_filters(self.views),
        )

    # --- Typing a filter --------------------------------------------------------------------

    def do_queue_filter(self, _count: int | None) -> None:
        """Type a filter; the list follows while it is typed."""
        self.ask_filter()

    def ask_filter(self, more: str = "") -> None:
        """Open the prompt with the filter of the moment, and more behind it."""
        self._before = (self.filter, self.sort, self.descending)
        self._ask_filter(f"{self.filter} {more}".lstrip())

    def filter_line(self, rest: str) -> None:
        """Take a filter that was typed elsewhere as if it were from the prompt."""
        self._before = (self.filter, self.sort, self.descending)
        self.answered("filter", rest)

    def _ask_filter(self, value: str) -> None:
        self.prompt_for_filter("filter", value)
        self.read_filter_ahead()

    def answer_changed(self, purpose: str, value: str) -> None:
        """Let the list follow what is typed; what cannot be read leaves the list as it is."""
        if purpose != "filter":
            return
        found = self.read_typed(value, self.case_query)
        if found is None or found[0] == self.filter:
            self.read_filter_ahead()
            return
        self.filter, query = found
        self.follow_filter(query)

    def answered(self, purpose: str, value: str) -> None:
        """Take a filter or a queue."""
        if purpose == "queue" and value.strip():
            value = f"queue:{value.strip()} {DEFAULT_FILTER}"
        elif purpose != "filter":
            return
        try:
            self.filter_by(value)
        except FilterError as error:
            self._ask_filter(value)  # nothing typed is lost
            self.show_wrong(error)
        else:
            self.host.remember("filter", value.strip())
            self.tell("")

    def answer_cancelled(self, purpose: str) -> None:
        """Put the filter of before back."""
        if purpose == "filter":
            self.filter, self.sort, self.descending = self._before
            self.show_filtered()

    def filter_by(self, text: str) -> None:
        """Show what a filter finds.

        Raises:
            FilterError: it cannot be read; what is shown stays.
        """
        self.case_query(text)
        self.filter = text.strip()
        self.show_filtered()

    # --- Queues -----------------------------------------------------------------------------

    async def do_go_queues(self, _count: int | None) -> None:
        """Choose a queue."""
        queues = await self.host.off_loop(self.desk.queues)
        known = [
            Offer(queue.id, title=queue.name.visible() if queue.name else "") for queue in queues
        ]

        def offers(typed: str) -> list[Offer]:
            words = typed.casefold()
            return [each for each in known if words in f"{each.line} {each.title}".casefold()]

        self._before = (self.filter, self.sort, self.descending)
        self.ask("queue", "queue: ", complete=offers)

    # --- Order ------------------------------------------------------------------------------

    def sort_by(self, key: str, *, descending: bool = False) -> None:
        """Show the list in another order, also where the filter said one."""
        self.filter = without_order(self.filter)
        self.sort, self.descending = key, descending
        self.show_filtered()

    def do_queue_sort(self, _count: int | None) -> None:
        """Sort by the next key."""
        self.sort_by(ORDERS[(ORDERS.index(self.sort) + 1) % len(ORDERS)])

    def do_sort_urgency(self, _count: int | None) -> None:
        """Sort by urgency."""
        self.sort_by("urgency")

    def do_sort_due(self, _count: int | None) -> None:
        """Sort by the clock that runs out next."""
        self.sort_by("due")

    def do_sort_priority(self, _count: int | None) -> None:
        """Sort by priority."""
        self.sort_by("priority")

    def do_sort_received(self, _count: int | None) -> None:
        """Sort by when cases came."""
        self.sort_by("received")

    def do_sort_updated(self, _count: int | None) -> None:
        """Sort by when cases changed."""
        self.sort_by("updated")

    def do_sort_reference(self, _count: int | None) -> None:
        """Sort by our reference."""
        self.sort_by("reference")

    def do_sort_reverse(self, _count: int | None) -> None:
        """Turn the order around."""
        self.sort_by(self.sort, descending=not self.descending)

    def sort_line(self, rest: str) -> None:
        """Sort by a key; `-` in front turns it around."""
        key = rest.removeprefix("-")
        if key not in ORDERS:
            self.tell(
                f"sort takes one of: {', '.join(ORDERS)}; with - in front turned around", "error"
            )
            return
        self.sort_by(key, descending=rest.startswith("-"))

    # --- Saved views ------------------------------------------------------------------------

    async def read_views(self) -> None:
        """Read the saved views; a filter that names one which is gone says itself what it said."""
        before = view_filters(self.views)
        await super().read_views()
        try:
            self.case_query(self.filter)
        except FilterError:
            self.filter = spelled_out(self.filter, before)

    async def views_changed(self) -> None:
        """Read the saved views, and show the list as they are now."""
        await self.read_views()
        self.show_filtered()

    def show_view(self, number: int) -> None:
        """Show a saved view."""
        view = next((each for each in self.views if each.number == number), None)
        if view is None:
            self.tell(
                f"There is no view {number}. To keep this one: :view save {number} name", "muted"
            )
            return
        try:
            self.filter_by(f"view:{number}")
        except FilterError as error:
            self.tell(f"View {number}, {view.name}: {error}", "error")

    async def view_line(self, rest: str) -> None:
        """Show, save or drop a view: `3`, a name, `save 3 name`, `drop 3`."""
        word, _, more = rest.partition(" ")
        number, _, name = more.strip().partition(" ")
        if word == "save" and _is_number(number) and name.strip():
            await self._save_view(View(int(number), name.strip(), self.filter_to_keep()))
        elif word == "drop" and _is_number(number):
            await self.host.off_loop(lambda: self.desk.drop_view(int(number)))
            await self.read_views()
            self.tell(f"View {number} is gone; the list stays as it is.", "ok")
        elif word in ("save", "drop") or not rest:
            self.tell(_HOW_VIEWS, "muted")
        else:
            names = {each.name.casefold(): each.number for each in self.views}
            number = str(names.get(rest.casefold(), rest))
            if _is_number(number):
                self.show_view(int(number))
            else:
                self.tell(f"There is no view {rest}. {_HOW_VIEWS}", "error")

    def offer_view(self, typed: str) -> list[Argument]:
        """Return the views, and what can be done with them."""
        word, space, _ = typed.partition(" ")
        if space and word in ("save", "drop"):
            names = {view.number: view.name for view in self.views}
            return [
                Argument(f"{word} {number} ", names.get(number, "free"), f"{word} {number}")
                for number in VIEW_NUMBERS
                if word == "save" or number in names
            ]
        shown = [Argument(str(each.number), f"{each.name}: {each.filter}") for each in self.views]
        return [*shown, Argument("save ", "keep what is shown"), Argument("drop ", "forget a view")]

    def filter_to_keep(self) -> str:
        """Return the filter of the moment with its order, and without naming another view."""
        kept = spelled_out(self.filter, view_filters(self.views))
        return with_order(kept, self.sort, descending=self.descending)

    async def _save_view(self, view: View) -> None:
        self.case_query(view.filter)  # what cannot be read is not kept
        await self.host.off_loop(lambda: self.desk.save_view(view))
        await self.read_views()
        self.filter = view.filter
        self.show_filtered()
        key = keys_for(f"view.{view.number}")
        self.tell(f"{key} shows this from now on: {view.name}, {view.filter}", "ok")

    def filter_name(self) -> str:
        """Return how the filter is called: the view that it is, else as it was typed."""
        for view in self.views:
            if self.filter in (f"view:{view.number}", view.filter):
                return f"{view.number} {view.name}: {view.filter or 'all'}"
        return self.filter or "all"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) in VIEW_NUMBERS
