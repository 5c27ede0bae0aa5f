"""The list in lines: by stretches, filtered, sorted; a number opens a case."""

from array import array
from collections.abc import Iterator
from typing import Final

from console.casework.filters import SIGNS, FilterError, complete, parse_filter
from console.desk import CaseView
from console.desk.marks import Marks, look
from console.desk.remembering import view_filters, without_order
from console.errors import NotFound, UsageError
from console.linear.names import numbered
from console.linear.session import Place, Session
from console.words import marks
from console.words.row import spoken_row
from local_cache.cases import CaseRow
from local_cache.query import SORTS, CaseQuery

ROWS: Final = 10
"""Cases that are said at once."""
ORDERS: Final = tuple(SORTS)
DEFAULT_FILTER: Final = "is:open"


class ListPlace(Place):
    """The list of cases, and which of it is at hand."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.filter = DEFAULT_FILTER
        self.sort = ORDERS[0]
        self.descending = False
        self._order: array[int] = array("q")
        self.at = -1
        """The place of the case at hand in the list, -1 before the first."""
        self.view: CaseView | None = None
        """The case at hand."""
        self.marks = Marks()
        """What a command that can work on many acts on."""

    def open(self, case_id: str, *, then: str = "") -> None:
        """Take a case at hand."""
        raise NotImplementedError

    def place_of(self, row: CaseRow | None) -> int:
        """Return where a case stands in the list, -1 where it does not."""
        if row is None or row.rowid not in self._order:
            return -1
        return self._order.index(row.rowid)

    def order(self) -> "array[int]":
        """Return the list as it was said, or as it is where it was not said yet."""
        if not self._order:
            self._read_list()
        return self._order

    def _read_list(self) -> None:
        self._order = self.desk.listing(self.query(self.filter))
        self.at = self.place_of(None if self.view is None else self.view.row)
        self.settle_marks()

    def settle_marks(self) -> None:
        """See which marked cases the list does not have, and which are gone."""
        asked = self.marks.ids
        left = self.marks.settle(asked, look(self.desk, asked, self._order))
        if left:
            self.say(*marks.lost(left))

    def query(self, text: str) -> CaseQuery:
        """Read a filter, in the order of the list unless it says another.

        Raises:
            UsageError: it cannot be read; says where.
        """
        try:
            return parse_filter(
                text,
                now=self.session.server_now(),
                me=self.session.me,
                sort=self.sort,
                descending=self.descending,
                views=view_filters(self.desk.views()),
            )
        except FilterError as wrong:
            raise UsageError(f"The filter cannot be read: {wrong}") from None

    def word_list(self, rest: str) -> None:
        """the list from its beginning, or from a number on; more goes on, a number opens"""
        start = (numbered(rest) or 1) - 1
        self._read_list()
        count = len(self._order)
        self.say(
            f"list: {count:,} {'case' if count == 1 else 'cases'}, "
            f"filter {self.filter or 'none: all cases'}, sorted by {self.sort}"
            f"{', turned around' if self.descending else ''}"
            f"{f', {marks.marked(self.marks)}' if self.marks else ''}"
        )
        self.session.say_long(self._rows_from(start), ROWS)

    def _rows_from(self, start: int) -> Iterator[str]:
        """Yield the rows of the list as it was read, fetched by stretches."""
        for first in range(max(0, start), len(self._order), ROWS):
            rows = self.desk.rows(self._order[first : first + ROWS])
            for number, row in enumerate(rows, first + 1):
                marked = "marked, " if row.id in self.marks else ""
                yield f"{number}: {marked}{self.row_words(row)}"

    def row_words(self, row: CaseRow) -> str:
        """Return a case in words, and whether it is at hand."""
        here = "at hand, " if self.view is not None and row.id == self.view.id else ""
        return f"{here}{spoken_row(row, self.session.now_ms(), self.session.me)}"

    def do_queue_filter(self, rest: str) -> None:
        """Filter the list; without words, ask for them."""
        typed = rest
        if not rest:
            self.say(f"filter now: {self.filter or 'none'}. ? says what may be typed, - is none.")
            typed = self.session.ask("filter").text.strip()
        if typed == "?":
            self._explain_filters()
            return
        self.show("" if typed == "-" else typed or self.filter)

    def show(self, text: str) -> None:
        """Filter the list, and say it; an order that stands in the filter is its own from then on.

        Raises:
            UsageError: the filter cannot be read; the list stays as it is.
        """
        query = self.query(text)
        self.filter, self.sort, self.descending = text, query.sort, query.descending
        self.word_list("")

    def _sort_by(self, key: str, *, descending: bool) -> None:
        self.filter = without_order(self.filter)
        self.sort, self.descending = key, descending
        self.word_list("")

    def _explain_filters(self) -> None:
        self.say("filter: fields and values, a comma for or, - in front for not, and free words.")
        self.say("as in: priority:P0,P1 due:<1h queue:emergency is:unclaimed -lang:en knife")
        self.say(f"fields: {', '.join(word.rstrip(':') for word in complete('', 0, known={}))}")
        for sign, words in SIGNS.items():
            self.say(f"is:{sign}: {words}")

    def do_queue_sort(self, rest: str) -> None:
        """Sort by a key, or by the next one."""
        if rest and rest not in ORDERS:
            raise UsageError(f"The list is sorted by one of: {', '.join(ORDERS)}")
        following = ORDERS[(ORDERS.index(self.sort) + 1) % len(ORDERS)]
        self._sort_by(rest or following, descending=self.descending)

    def do_sort_reverse(self, _rest: str) -> None:
        """Turn the order around."""
        self._sort_by(self.sort, descending=not self.descending)

    def do_go_queues(self, rest: str) -> None:
        """Choose a queue."""
        queues = self.desk.queues()
        if not rest:
            for queue in queues:
                title = queue.name.visible() if queue.name else queue.id
                self.say(f"queue {queue.id}: {title}")
            rest = self.session.ask("queue").text.strip()
        if not rest:
            return
        if rest not in [queue.id for queue in queues]:
            raise UsageError(f"There is no queue {rest}.")
        self.show(f"queue:{rest} {DEFAULT_FILTER}")

    def number(self, number: int) -> None:
        """Open the case of this number in the list."""
        self.check_number(number)
        rows = self.desk.rows(self.order()[number - 1 : number])
        if not rows:
            raise NotFound("This case is not here any more: list reads the list anew.")
        self.at = number - 1
        self.open(rows[0].id)

    def check_number(self, number: int) -> None:
        """See that the list has this number.

        Raises:
            UsageError: it has not.
        """
        count = len(self.order())
        if not 0 < number <= count:
            raise UsageError(f"There is no number {number} in the list: it has {count}.")

    def _step(self, step: int) -> None:
        count = len(self.order())
        at = self.at + step
        if not 0 <= at < count:
            raise UsageError("There is no case further on in this list.")
        self.number(at + 1)

    def do_case_next(self, _rest: str) -> None:
        """To the next case of the list."""
        self._step(1)

    def do_case_previous(self, _rest: str) -> None:
        """To the previous case of the list."""
        self._step(-1)

    word_next = do_case_next
    word_previous = do_case_previous
    do_nav_down = do_case_next
    do_nav_up = do_case_previous

    def do_nav_top(self, _rest: str) -> None:
        """To the first case."""
        self.number(1)

    def do_nav_bottom(self, _rest: str) -> None:
        """To the last case."""
        self.number(len(self.order()))

    do_nav_home = do_nav_top
    do_nav_end = do_nav_bottom

    def do_nav_page_down(self, _rest: str) -> None:
        """Go on with what was being said."""
        self.session.more()

    do_nav_half_down = do_nav_page_down
