"""Marks in lines: by numbers of the list, on the case at hand, on all that the list has."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from console.desk.marks import ids_of
from console.errors import UsageError
from console.linear.listing import ROWS
from console.linear.views import ViewedList
from console.words import marks as words
from console.words.many import cases
from console.words.row import name_of
from local_cache.cases import CaseRow

_STRETCH: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_HOW: Final = "{0} 3, {0} 2-5, {0} 2,7 or {0} all"


class MarkingPlace(ViewedList):
    """The list, of which cases are marked. A command that can work on many acts on those."""

    def word_mark(self, rest: str) -> None:
        """mark the case at hand, or 3, 2-5, all in the list; again: what was marked before"""
        if rest.casefold() == "again":
            self.do_mark_again("")
            return
        ids = self._meant("mark", rest)
        added = self.marks.add(ids)
        self._tell("marked" if added else "marked already", ids)

    def word_unmark(self, rest: str) -> None:
        """take the mark off the case at hand, or off 3, 2-5, or all marks"""
        if rest.casefold() == "all":
            self.do_mark_none("")
            return
        ids = self._meant("unmark", rest)
        taken = self.marks.remove(ids)
        self._tell("not marked any more" if taken else "not marked before", ids)

    def word_marks(self, _rest: str) -> None:
        """the marked cases, in the order in which they were marked"""
        self._tell_how_many()
        if self.marks:
            self.session.say_long(self._marked_rows(), ROWS)

    def do_mark_toggle(self, _rest: str) -> None:
        """Mark the case at hand, or take its mark off."""
        if self.view is not None and self.view.id in self.marks:
            self.word_unmark("")
        else:
            self.word_mark("")

    def do_mark_range(self, _rest: str) -> None:
        """Say how a range is marked: no cursor goes over it here."""
        raise UsageError("A range is marked by its numbers in the list: mark 2-5")

    def do_mark_all(self, _rest: str) -> None:
        """Mark all that the list has."""
        self.word_mark("all")

    def do_mark_invert(self, _rest: str) -> None:
        """Mark what is not marked in the list, and take the marks off the rest of it."""
        self.marks.invert(self._meant("mark", "all"))
        self._tell_how_many()

    def do_mark_none(self, _rest: str) -> None:
        """Take all marks off."""
        count = self.marks.clear()
        self.say(words.unmarked(count, "mark again") if count else "Nothing is marked.")

    def do_mark_again(self, _rest: str) -> None:
        """Bring back the marks that were taken off last."""
        if not self.marks.again():
            self.say("No marks were taken off.")
        self._tell_how_many()

    def _tell(self, what: str, ids: Sequence[str]) -> None:
        """Say of one case which it is, of more how many, and how many are marked now."""
        rows = self._rows_of(ids) if len(ids) == 1 else []
        self.say(f"{what}: {name_of(rows[0]) if rows else cases(len(ids))}")
        self._tell_how_many()

    def _tell_how_many(self) -> None:
        """Say how many are marked; those that left meanwhile are not, any more."""
        self.settle_marks()
        self.say(f"marks: {words.marked(self.marks)}" if self.marks else "marks: none")

    def _marked_rows(self) -> Iterator[str]:
        ids = self.marks.ids
        for start in range(0, len(ids), ROWS):
            for row in self._rows_of(ids[start : start + ROWS]):
                place = self.place_of(row)
                where = "not in this list" if place < 0 else str(place + 1)
                yield f"{where}: {self.row_words(row)}"

    def _rows_of(self, ids: Sequence[str]) -> list[CaseRow]:
        with self.desk.cache.read() as tables:
            rowids = tables.cases.rowids_of(ids)
            return tables.cases.rows([rowids[each] for each in ids if each in rowids])

    def _meant(self, word: str, rest: str) -> list[str]:
        """Return the ids of the cases that are meant by numbers, all, or nothing.

        Raises:
            UsageError: for what means no case of the list.
            TooMany: for more than can be marked.
        """
        if not rest:
            if self.view is None:
                raise UsageError(f"No case is at hand: {_HOW.format(word)}")
            return [self.view.id]
        if rest.casefold() == "all":
            return ids_of(self.desk, self.order())
        numbers: list[int] = []
        for part in re.split(r"[,\s]+", rest.strip(", ")):
            stretch = _STRETCH.fullmatch(part)
            if stretch is None:
                raise UsageError(f"{word} takes numbers of the list: {_HOW.format(word)}")
            first, last = int(stretch[1]), int(stretch[2] or stretch[1])
            self.check_number(first)
            self.check_number(last)
            numbers += range(min(first, last), max(first, last) + 1)
        return ids_of(self.desk, [self.order()[number - 1] for number in numbers])
