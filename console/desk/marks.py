"""Marks: the cases that the next command acts on, by their id, whatever the list shows."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec import Struct

from console.desk.settling import Desk
from console.errors import NightdeskError

LARGEST: Final = 5000
"""Marks that there can be: more at once is never meant, and no hand could look it over."""


class TooMany(NightdeskError):
    """More marks than there can be; nothing was marked."""

    def __init__(self) -> None:
        super().__init__(
            f"That would be more than {LARGEST:,} marks, too many to look over: narrow the list."
        )


class Standing(Struct, frozen=True):
    """Where marked cases stood when the list was read."""

    outside: frozenset[str]
    """Those that the list does not show."""
    left: frozenset[str]
    """Those that are gone, or no longer ours to see."""


def look(desk: Desk, marked: Collection[str], order: "array[int]") -> Standing:
    """See where marked cases stand; from the disk."""
    if not marked:
        return Standing(frozenset(), frozenset())
    with desk.cache.read() as tables:
        rowids = tables.cases.rowids_of(marked)
    shown = set(rowids.values()).intersection(order)
    outside = frozenset(case_id for case_id, rowid in rowids.items() if rowid not in shown)
    return Standing(outside, frozenset(marked) - rowids.keys())


def ids_of(desk: Desk, rowids: Sequence[int]) -> list[str]:
    """Return the ids of cases that are to be marked; from the disk.

    Raises:
        TooMany: without reading them all.
    """
    if len(rowids) > 2 * LARGEST:
        raise TooMany
    return desk.ids(rowids)


class Marks:
    """An ordered set of case ids. It outlives refresh, filter and sort, and shrinks by no one."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._outside: frozenset[str] = frozenset()
        self._before: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._ids

    @property
    def ids(self) -> tuple[str, ...]:
        """The marked cases in the order in which they were marked."""
        return tuple(self._ids)

    @property
    def outside(self) -> int:
        """How many of them the list does not show."""
        return sum(case_id in self._ids for case_id in self._outside)

    def add(self, case_ids: Iterable[str]) -> int:
        """Mark cases, none where that would be too many; return how many came to it.

        Raises:
            TooMany: nothing was marked.
        """
        fresh = dict.fromkeys(case_id for case_id in case_ids if case_id not in self._ids)
        if len(self._ids) + len(fresh) > LARGEST:
            raise TooMany
        self._ids.update(fresh)
        return len(fresh)

    def remove(self, case_ids: Iterable[str]) -> int:
        """Take marks off; return how many there were."""
        return sum(self._ids.pop(case_id, self) is None for case_id in case_ids)

    def invert(self, shown: Iterable[str]) -> None:
        """Mark of the cases that are shown those that were not; the marks on others stay.

        Raises:
            TooMany: nothing was changed.
        """
        shown = dict.fromkeys(shown)
        fresh = [case_id for case_id in shown if case_id not in self._ids]
        kept = [case_id for case_id in self._ids if case_id not in shown]
        if len(kept) + len(fresh) > LARGEST:
            raise TooMany
        self._ids = dict.fromkeys((*kept, *fresh))

    def clear(self) -> int:
        """Take all marks off; `again` brings them back."""
        count = len(self._ids)
        if count:
            self._before, self._ids = tuple(self._ids), {}
        return count

    def again(self) -> int:
        """Mark what was marked when all marks were taken off last; return how many came to it."""
        return self.add(self._before)

    def settle(self, asked: Collection[str], standing: Standing) -> int:
        """Take note of where those asked for stand; return how many left and lost their mark."""
        known = set(asked)
        later = frozenset(
            case_id for case_id in self._outside if case_id in self._ids and case_id not in known
        )
        self._outside = standing.outside | later
        return self.remove(standing.left)
