"""The rows of the saved views: every number, whether something is saved there or not."""

from collections.abc import Callable

from msgspec import Struct

from console.casework.filters import FilterError
from console.desk.remembering import VIEW_NUMBERS, View
from local_cache.hostile import visible
from local_cache.query import CaseQuery
from widgets.case_list import Column, RowView
from widgets.line_widget import Piece

COLUMNS = (
    Column("nr", 2, keep=5),
    Column("name", 20, keep=4),
    Column("cases", 9, keep=3),
    Column("order", 10, keep=2),
    Column("filter", 30),
)


class Look(Struct, frozen=True):
    """What a view finds."""

    order: str = ""
    """The order of its list, as `sort:` takes it."""
    turned: bool = False
    """Whether that order is turned around."""
    problem: str = ""
    """What is wrong with its filter; then it finds nothing."""
    count: int | None = None
    """How many cases, once they are counted."""


def look_at(
    view: View, read: Callable[[str], CaseQuery], count: Callable[[CaseQuery], int]
) -> Look:
    """Look at a view: read its filter, and count what it finds."""
    try:
        query = read(view.filter)
    except FilterError as error:
        return Look(problem=str(error))
    return Look(query.sort, query.descending, count=count(query))


class ViewRows:
    """The rows of the list."""

    def __init__(self) -> None:
        self.views: dict[int, View] = {}
        """What is saved, by its number."""
        self.dropped: dict[int, View] = {}
        """What was dropped here, and can be brought back."""
        self.looks: dict[int, Look] = {}

    def __len__(self) -> int:
        return len(VIEW_NUMBERS)

    def cells(self, index: int) -> RowView:
        """Return a number, and what is saved there."""
        number = VIEW_NUMBERS[index]
        view, dropped = self.views.get(number), self.dropped.get(number)
        shown = view or dropped
        if shown is None:
            return RowView([[(str(number), "muted")], [("free", "muted")]])
        role = "text" if view is not None else "muted"
        look = self.looks.get(number, Look()) if view is not None else Look()
        return RowView(
            [
                [(str(number), "key" if view is not None else "muted")],
                [(visible(shown.name), role)],
                [_count(look) if view is not None else ("dropped", "muted")],
                [(f"{'-' if look.turned else ''}{look.order}", "muted")],
                [(visible(shown.filter), role)],
            ]
        )

    def want(self, start: int, stop: int) -> None:
        """Everything is here."""


def _count(look: Look) -> Piece:
    if look.problem:
        return ("!", "error")
    return ("…", "muted") if look.count is None else (f"{look.count:,}", "text")
