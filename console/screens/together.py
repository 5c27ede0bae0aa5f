"""Recording on many cases beside the keys: its progress is told, `escape` stops it."""

import asyncio
from typing import TYPE_CHECKING

from console.casework.actions import AnyAction
from console.commands import keys_for
from console.desk.together import Together
from console.screens.marking import Marking
from widgets.line_widget import Piece

if TYPE_CHECKING:
    from console.composing.bulk import Plan


class Running(Together):
    """One action on many cases, recorded beside the keys."""

    def __init__(self, action: AnyAction, total: int) -> None:
        super().__init__(action, total)
        self.ended = asyncio.Event()

    async def stop(self) -> None:
        """Let it end with the stretch that it is at."""
        self.stopping = True
        await self.ended.wait()


class RecordsMany(Marking, part=True):
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

        action, rows = plan.action, plan.go
        assert action is not None
        if busy := self.busy():
            self.tell(f"Nothing was recorded: {busy}. One at a time.", "warning")
            return
        work = self.host.together = Running(action, len(rows))
        try:
            while work.goes_on:
                await self.host.off_loop(lambda: work.record_some(self.desk, action, rows))
                self.tell_heading()
        finally:
            work.ended.set()
            self.tell_heading()
        self.host.recordings += bool(work.recorded)
        self.host.tell(*words.outcome(work, keys_for("undo")))
        self.later(self._reload())
        self.case_soon()
        self.host.look()

    def case_soon(self) -> None:
        """Show the case under the cursor anew, soon."""
        raise NotImplementedError
