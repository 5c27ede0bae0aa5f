"""Recording one action on many cases: stretch by stretch, told as it goes, undone whole."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from console.casework import actions
from console.casework.actions import AnyAction
from console.desk.errors import RefusedByPolicy
from console.desk.settling import Desk
from console.errors import NightdeskError
from local_cache.cases import CaseRow
from local_cache.entries import Entry
from local_cache.errors import CacheError

AT_ONCE: Final = 20
"""Cases that share a transaction; between two it can be stopped, and its progress told."""
_GUESS: Final = 0.03
"""Seconds that a case takes, before that is measured."""


class Together:
    """One action on many cases, while it is recorded and afterwards, to be taken back as one.

    It outlives a lock, so it keeps nothing of a case but its name.
    """

    def __init__(self, action: AnyAction, total: int) -> None:
        self.word = actions.type_of(action)
        """What it is, as its entries say: `tag`."""
        self.total = total
        self.sent = actions.never_queued(action)
        """Whether each goes to the server at once, and cannot be taken back."""
        self.recorded: list[str] = []
        """The keys of its entries."""
        self.refused: list[tuple[str, str]] = []
        """Where it was not recorded: the case's name and why."""
        self.stopping = False
        self._began = time.monotonic()

    @property
    def done(self) -> int:
        """On how many cases it was tried."""
        return len(self.recorded) + len(self.refused)

    @property
    def goes_on(self) -> bool:
        """Whether there is more to record, and nobody stopped it."""
        return not self.stopping and self.done < self.total

    def record_some(self, desk: Desk, action: AnyAction, rows: Sequence[CaseRow]) -> None:
        """Record on the next stretch of the cases; what is refused on one keeps no other back."""
        start = self.done
        some = rows[start : start + (1 if self.sent else AT_ONCE)]
        each = (time.monotonic() - self._began) / start if start else _GUESS
        # The first may be taken back as long as the last.
        hold = timedelta(seconds=each * (self.total - start))
        try:
            results = desk.act_together([row.id for row in some], action, hold=hold)
        except (NightdeskError, CacheError) as error:
            # Nothing of this stretch is kept, and of the next ones nothing would be, either.
            self.refused += [(_name(row), str(error)) for row in some]
            self.stopping = True
            return
        for row, result in zip(some, results, strict=True):
            if isinstance(result, Entry) and _holds(result):
                self.recorded.append(result.key)
            else:
                self.refused.append((_name(row), _why(result)))


def _name(row: CaseRow) -> str:
    return row.reference.visible() or row.id


def _holds(entry: Entry) -> bool:
    return entry.state not in ("returned", "changed", "withdrawn")


def _why(result: Entry | NightdeskError) -> str:
    if isinstance(result, RefusedByPolicy):
        return result.findings[0].detail
    if isinstance(result, NightdeskError):
        return str(result).partition("\n")[0]
    return result.error.detail.visible() if result.error is not None else "it came back"
