"""The first cases of the list with their words, read before a filter is typed.

To ask the full-text index for a letter takes as long as it has hits: tens of thousands. What the
screen shows of them are the first, and those are found among the first cases of the list, whose
words are here: at once, on any number of cases. How many there are in all is read after that.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from console.desk import Desk
from console.screens.case_rows import narrows, timeless
from local_cache.cases import CaseRow
from local_cache.query import CaseQuery
from local_cache.search import sought

HEAD = 300
"""Cases at the beginning of a list whose words are read: some tens of milliseconds, beside keys."""
SCREENS = 2
"""Screens full of cases that are looked for among those."""
LIKELY = 6
"""Characters that may be typed next for which it is worked out what they would show."""
KEPT = 8
"""Heads kept while a filter is typed; whoever takes a letter back finds the one of before."""


class Glimpse(Struct, frozen=True):
    """What a filter finds first."""

    rows: list[CaseRow]
    index: int
    """Where the cursor goes."""
    whole: bool
    """Whether it finds no more."""
    likely: int
    """How many it will find, where it does."""


class Head(Struct, frozen=True):
    """The first cases of a list, with their words."""

    query: CaseQuery
    cases: list[tuple[CaseRow, str]]
    length: int
    """How many the list has."""

    def glimpse(
        self, query: CaseQuery, *, wanted: str | None, at: int, room: int
    ) -> Glimpse | None:
        """Return what a query finds first; None where that cannot be told from these cases.

        Args:
            query: What is looked for; it narrows this list.
            wanted: The case that the cursor stands on, and stays on where it is found.
            at: The index where the cursor goes where it is not.
            room: Rows that the screen shows.
        """
        whole = self.length <= len(self.cases)
        with_, without = sought(query.words), sought(query.without_words)
        rows: list[CaseRow] = []
        place: int | None = None
        passed, looked_at = wanted is None, 0
        for row, text in self.cases:
            looked_at += 1
            found = all(each in text for each in with_) and not any(
                each in text for each in without
            )
            if row.id == wanted:
                passed, place = True, len(rows) if found else None
            if found:
                rows.append(row)
                index = at if place is None else place
                if passed and not whole and len(rows) >= index + SCREENS * room:
                    break  # the others are read before anybody gets there
        index = at if place is None else place
        if not whole and (not passed or len(rows) < index + room):
            return None
        return Glimpse(rows, index, whole, round(len(rows) / max(1, looked_at) * self.length))


class FilterAhead:
    """The heads of the lists that a filter which is being typed went through."""

    def __init__(self) -> None:
        self._heads: list[Head] = []
        self._glimpses: dict[tuple[object, ...], Glimpse | None] = {}
        """What they were asked before: what may be typed next is looked at ahead."""

    def __len__(self) -> int:
        return len(self._heads)

    def forget(self) -> None:
        """Forget all: something changed, or nobody types."""
        self._heads.clear()
        self._glimpses.clear()

    def knows(self, query: CaseQuery) -> bool:
        """Say whether the head of exactly this list is here."""
        return any(head.query == timeless(query) for head in self._heads)

    def keep(self, head: Head) -> None:
        """Keep a head; those that were read first go."""
        self._glimpses.clear()
        self._heads.append(head)
        del self._heads[:-KEPT]

    def glimpse(
        self, query: CaseQuery, *, wanted: str | None, at: int, room: int
    ) -> Glimpse | None:
        """Return what a query finds first, see `Head.glimpse`.

        Of the lists that it narrows the shortest is asked: of its first cases most are found.
        """
        asked = (timeless(query), wanted, at, room)
        if asked not in self._glimpses:
            head = self._shortest(query)
            found = None if head is None else head.glimpse(query, wanted=wanted, at=at, room=room)
            self._glimpses[asked] = found
        return self._glimpses[asked]

    def next_characters(self, query: CaseQuery) -> list[str]:
        """Return what the last word may go on with, what is in most of the cases before."""
        head, words = self._shortest(query), sought(query.words[-1:])
        if head is None or not words:
            return []
        after = Counter[str]()
        for _, text in head.cases:
            after.update({rest[:1].strip() for rest in text.split(words[0])[1:]})
        del after[""]  # the word ends there
        return [character for character, _ in after.most_common(LIKELY)]

    def _shortest(self, query: CaseQuery) -> Head | None:
        wider = [head for head in self._heads if narrows(query, head.query)]
        return min(wider, key=lambda head: head.length, default=None)


def read_head(desk: Desk, query: CaseQuery, order: Sequence[int]) -> Head:
    """Read the first cases of a list, and their words."""
    sought(("a",))  # compiles its patterns, which takes as long as painting a page
    with desk.cache.read() as tables:
        rows = tables.cases.rows(order[:HEAD])
        texts = tables.cases.texts([row.rowid for row in rows])
    cases = [(row, texts.get(row.rowid, "")) for row in rows]
    return Head(timeless(query), cases, len(order))
