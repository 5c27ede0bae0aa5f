"""Leaving: undo windows end, what is recorded gets five seconds to go, the rest is named."""

from collections.abc import Iterable

from textual.widget import Widget

from console.case_text import entry_line
from console.screens.base import NightScreen
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

SECONDS_TO_DELIVER = 5.0


class LeavingScreen(NightScreen):
    """Shown while the console ends with work undelivered."""

    CONTEXTS = ("global",)

    def body(self) -> Iterable[Widget]:
        """Show what is not delivered yet."""
        yield TextView(id="text")

    def on_mount(self) -> None:
        """End the undo windows and wait for the sync to deliver."""
        self.query_one(TextView).focus()
        self.later(self._deliver())

    async def _deliver(self) -> None:
        await self.host.off_loop(self.desk.close_windows)
        entries = await self.host.off_loop(self.desk.outbox)
        if self.desk.online and any(entry.state in ("pending", "sending") for entry in entries):
            self.query_one(TextView).set_lines(
                [
                    heading(f"Delivering before leaving, {SECONDS_TO_DELIVER:.0f} s at most"),
                    Line(),
                    *(
                        Line(((f"  {entry.case_id}  {entry_line(entry)}", "unsent"),))
                        for entry in entries
                    ),
                    Line(),
                    Line((("What does not go now is kept, and goes next time.", "text"),)),
                ]
            )
            await self.host.off_loop(lambda: self.desk.sync.finish(SECONDS_TO_DELIVER))
        self.host.leave()
