"""Drives the real console in a test: keys as a person presses them, the screen as a person reads.

Nothing sleeps: whatever takes time is waited for by its condition, within bounds.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from console import hands
from console.app import NightdeskApp
from console.desk import Desk
from console.everywhere import Practice
from console.screens import confirm

WITHIN = 20.0
"""Seconds that a condition has to come true in, on a machine full of tests."""


class Driver:
    """A console that runs, and the hand on its keyboard."""

    def __init__(self, app: NightdeskApp, pilot: "Pilot[int]") -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        """What the screen shows, line by line."""
        width, height = self.app.size
        painted: Any = self.app.screen._compositor
        strips = painted.render_strips()[:height]
        return "\n".join(strip.text[:width].rstrip() for strip in strips)

    def line(self, number: int) -> str:
        """Return one line of the screen, from the end where negative."""
        return self.text.split("\n")[number]

    async def press(self, *keys: str) -> "Driver":
        """Press keys by their Textual names, and let the console take them."""
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()
        return self

    async def until(self, holds: Callable[[], bool], what: str = "it") -> "Driver":
        """Wait until something holds."""
        end = time.monotonic() + WITHIN
        while not holds():
            assert time.monotonic() < end, f"{what} did not come; the screen:\n{self.text}"
            await self.pilot.pause(0.01)
        return self

    async def sees(self, *words: str) -> "Driver":
        """Wait until all of these words are on the screen."""
        for each in words:
            await self.until(lambda each=each: each in self.text, repr(each))
        return self

    async def misses(self, *words: str) -> "Driver":
        """Wait until none of these words is on the screen."""
        for each in words:
            await self.until(lambda each=each: each not in self.text, f"the end of {each!r}")
        return self

    async def rests(self) -> "Driver":
        """Let the keyboard rest as long as commands want it after a burst."""
        end = time.monotonic() + hands.REST + hands.APART
        return await self.until(lambda: time.monotonic() > end)

    async def confirm(self) -> "Driver":
        """Type the digits that the confirmation in front asks for, as far apart as a hand does."""
        await self.until(lambda: isinstance(self.app.screen, confirm.ConfirmScreen), "digits")
        screen = self.app.screen
        assert isinstance(screen, confirm.ConfirmScreen)
        for digit in screen._digits:
            end = time.monotonic() + 2 * confirm.APART
            await self.until(lambda end=end: time.monotonic() > end)
            await self.pilot.press(digit)
        return await self.until(lambda: self.app.screen is not screen, "the end of the digits")


@asynccontextmanager
async def console(
    desk: Desk, size: tuple[int, int] = (120, 40), *, practice: Practice | None = None
) -> AsyncGenerator[Driver]:
    """Run the console on a desk until the block ends."""
    app = NightdeskApp(desk, practice=practice)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Driver(app, pilot)
    finally:
        app.finish()
