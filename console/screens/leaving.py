"""Leaving: undo windows end, what is recorded gets five seconds to go, the rest is named."""

from collections.abc import Iterable
from typing import Final

from textual.widget import Widget

from console.commands import keys_for
from console.screens.base import NightScreen
from console.sync.events import EntryMoved, SyncEvent
from console.words.outbox import Place, placed, undelivered
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

SECONDS_TO_DELIVER: Final = 5.0
_GOES: Final = ("pending", "sending")
_KEPT: Final = "What does not go now is kept, and goes next time."


class LeavingScreen(NightScreen):
    """Shown while the console ends with work undelivered. A second ctrl+q does not wait."""

    CONTEXTS = ("global",)

    def __init__(self) -> None:
        super().__init__()
        self._leaving = False

    def body(self) -> Iterable[Widget]:
        """Show what is not delivered yet."""
        yield TextView(id="text")

    def on_mount(self) -> None:
        """End the undo windows and wait for the sync to deliver."""
        self.set_focus(self.query_one(TextView))
        self.later(self._deliver())

    def heard(self, event: SyncEvent) -> None:
        """Show what is left of it."""
        if isinstance(event, EntryMoved) and not self._leaving:
            self.later(self._show_again())

    def do_quit(self, _count: int | None) -> None:
        """Leave now; what is recorded is kept, but where memory is all there is."""
        self._leave()

    async def goes_back(self) -> bool:
        """Go on working: what was sent is sent, the rest goes when it can."""
        return True

    async def _deliver(self) -> None:
        await self.host.off_loop(self.desk.close_windows)
        places = await self._show()
        if self.desk.online and any(place.entry.state in _GOES for place in places):
            await self.host.off_loop(lambda: self.desk.sync.finish(SECONDS_TO_DELIVER))
        if not self.desk.profile.memory_only or not await self._show():
            self._leave()  # else it is lost by leaving, which takes a second ctrl+q

    async def _show_again(self) -> None:
        await self._show()

    async def _show(self) -> list[Place]:
        places = await self.host.off_loop(lambda: placed(self.desk))
        now_ms = self.desk.now_ms()
        self.query_one(TextView).set_lines(
            [
                heading(f"Delivering before leaving, {SECONDS_TO_DELIVER:.0f} s at most"),
                Line(),
                *(Line(((f"  {undelivered(place, now_ms)}", "unsent"),)) for place in places),
                Line(),
                Line(((self._meaning(), "text"),)),
            ]
        )
        return places

    def _meaning(self) -> str:
        if not self.desk.profile.memory_only:
            return _KEPT
        ways = f"{keys_for('quit')} leaves, {keys_for('back')} goes back"
        return f"Memory only: what stands here is LOST on leaving. {ways}."

    def _leave(self) -> None:
        if not self._leaving:
            self._leaving = True
            self.host.leave()
