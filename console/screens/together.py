"""Recording on many cases: stretch by stretch beside the keys, told as it goes, undone whole."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from console.casework import actions
from console.casework.actions import AnyAction
from console.commands import keys_for
from console.desk import RefusedByPolicy
from console.errors import NightdeskError
from console.screens.marking import Marking
from local_cache.cases import CaseRow
from local_cache.errors import CacheError
from local_cache.outbox import Entry
from widgets.line_widget import Piece

if TYPE_CHECKING:
    from console.composing.bulk import Plan

AT_ONCE = 20
"""Cases that share a transaction; between two, keys are taken and the progress is shown."""
_GUESS = 0.03
"""Seconds that a case takes, before that is measured."""


class Together:
    """One action on many cases, while it is recorded and afterwards, to be taken back as one."""

    def __init__(self, word: str, total: int) -> None:
        self.word = word
        """What it is, as its entries say: `tag`."""
        self.total = total
        self.recorded: list[str] = []
        """The keys of its entries."""
        self.refused: list[tuple[str, str]] = []
        """Where it was not recorded: the case's name and why."""
        self.stopping = False
        self.ended = asyncio.Event()

    @property
    def done(self) -> int:
        """On how many cases it was tried."""
        return len(self.recorded) + len(self.refused)

    async def stop(self) -> None:
        """Let it end with the stretch that it is at."""
        self.stopping = True
        await self.ended.wait()


class RecordsMany(Marking):
    """A screen that records on the marked cases."""

    def work_pieces(self) -> list[Piece]:
        """Tell how far the recording is, for the heading; nothing while there is none."""
        work = self.host.together
        if work is None or work.ended.is_set():
            return []
        stops = keys_for("mark.none")
        return [(f" {work.word}: {work.done:,} of {work.total:,}, {stops} stops ", "unsent")]

    def busy(self) -> str:
        """Say what still runs; empty where nothing does."""
        work = self.host.together
        if work is None or work.ended.is_set():
            return ""
        return f"{work.word} is still being recorded: {work.done:,} of {work.total:,}"

    def do_mark_none(self, count: int | None) -> None:
        """Stop what is being recorded on many; else leave the range, or take all marks off."""
        if self.busy() and self.host.together is not None:
            self.host.together.stopping = True
        else:
            super().do_mark_none(count)

    async def record_together(self, plan: "Plan") -> None:
        """Record on each case; what is refused on one keeps no other back."""
        from console.words import many as words

        assert plan.action is not None
        if busy := self.busy():
            self.tell(f"Nothing was recorded: {busy}. One at a time.", "warning")
            return
        work = self.host.together = Together(actions.type_of(plan.action), len(plan.go))
        try:
            await self._record_each(work, plan.go, plan.action)
        finally:
            work.ended.set()
            self.tell_heading()
        self.host.recordings += bool(work.recorded)
        sent = actions.never_queued(plan.action)
        self.host.tell(
            *words.outcome(
                work.word,
                len(work.recorded),
                work.refused,
                sent=sent,
                undo_key=keys_for("undo"),
                stopped=work.total - work.done,
            )
        )
        self.later(self._reload())
        self.case_soon()
        self.host.look()

    async def _record_each(
        self, work: Together, rows: Sequence[CaseRow], action: AnyAction
    ) -> None:
        began = time.monotonic()
        few = 1 if actions.never_queued(action) else AT_ONCE
        for start in range(0, len(rows), few):
            if work.stopping:
                return
            some = rows[start : start + few]
            each = (time.monotonic() - began) / start if start else _GUESS
            # The first may be taken back as long as the last.
            hold = timedelta(seconds=each * (len(rows) - start))
            ids = [row.id for row in some]
            try:
                results = await self.host.off_loop(
                    lambda ids=ids, hold=hold: self.desk.act_together(ids, action, hold=hold)
                )
            except (NightdeskError, CacheError) as error:
                # Nothing of this stretch is kept, and of the next ones nothing would be, either.
                work.refused += [(row.reference.visible() or row.id, str(error)) for row in some]
                return
            for row, result in zip(some, results, strict=True):
                if isinstance(result, Entry) and _holds(result):
                    work.recorded.append(result.key)
                else:
                    work.refused.append((row.reference.visible() or row.id, _why(result)))
            self.tell_heading()

    def case_soon(self) -> None:
        """Show the case under the cursor anew, soon."""
        raise NotImplementedError


def _holds(entry: Entry) -> bool:
    return entry.state not in ("returned", "changed", "withdrawn")


def _why(result: Entry | NightdeskError) -> str:
    if isinstance(result, RefusedByPolicy):
        return result.findings[0].detail
    if isinstance(result, NightdeskError):
        return str(result).partition("\n")[0]
    return result.error.detail.visible() if result.error is not None else "it came back"
