"""Cases as the pane shows them, read before they are asked for.

To read a case, what is related to it, and to break it into lines takes some ten milliseconds: too
long after a key. So the neighbours of the case at the cursor are read while nothing else is to do,
and the next case is there at once. What is shown that way is read again a moment later; what news
came about is forgotten.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from console.desk import CaseView, Desk
from console.errors import NotFound
from console.screens.case_pane import pane_lines
from console.words.case import case_lines
from widgets.text_view import Text, lay_out

KEPT: Final = 12
"""Cases kept; beyond that, those that were read first go."""


class ReadCase(Struct, frozen=True):
    """A case as it was read, and as the pane shows it."""

    view: CaseView
    text: Text


def read_case(desk: Desk, case_id: str, now: datetime, *, revealed: bool, width: int) -> ReadCase:
    """Read a case from the disk, broken into lines for a pane of so many columns.

    Raises:
        NotFound: it is not here any more.
    """
    view = desk.case(case_id)
    with desk.cache.read() as tables:
        policy = tables.policies.current()
    told = case_lines(view, now, policy, desk.related(case_id))
    return ReadCase(view, lay_out(pane_lines(told, revealed=revealed), width))


class CasesAhead:
    """A few cases, with what is covered in them covered."""

    def __init__(self, read: Callable[[str], Awaitable[ReadCase]]) -> None:
        self._read = read
        self._cases: dict[str, ReadCase] = {}
        self._edition = 0
        self._turn = 0

    def get(self, case_id: str) -> ReadCase | None:
        """Return a case that was read, None where it was not."""
        return self._cases.get(case_id)

    def forget(self, ids: Collection[str] | None = None) -> None:
        """Forget cases, by default all: they changed, or how they are shown did."""
        self._edition += 1  # what is being read may be of before
        if ids is None:
            self._cases.clear()
            return
        for case_id in ids:
            self._cases.pop(case_id, None)

    async def fetch(self, ids: Sequence[str]) -> None:
        """Read cases one after the other, until there are others to be read."""
        self._turn += 1
        turn = self._turn
        for case_id in ids:
            if case_id in self._cases:
                continue
            edition = self._edition
            try:
                case = await self._read(case_id)
            except NotFound:
                continue
            if edition == self._edition:
                self._cases[case_id] = case
                while len(self._cases) > KEPT:
                    del self._cases[next(iter(self._cases))]
            if turn != self._turn:
                return
