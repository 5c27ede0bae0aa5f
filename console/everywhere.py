"""The commands that every screen has, and the command line."""

from collections.abc import Callable
from typing import cast

from console import commands
from console.casework.findings import nearest
from console.desk import Desk
from console.keyboard import Keyboard
from console.screens.base import NightScreen
from console.words.standing import Standing
from widgets.themes import PALETTES

Practice = Callable[[str], None]
"""Tells the practice server what to do; there is none on a real desk."""


class Everywhere(Keyboard, inherit_bindings=False):
    """The application's own commands; a screen may have one of the same name in front of it."""

    def __init__(self, desk: Desk, practice: Practice | None) -> None:
        super().__init__(desk)
        self._practice = practice
        self.standing = Standing(practice=practice is not None)
        self.history: list[str] = []
        """Lines typed into the prompt, oldest first; kept while the console runs."""

    def look(self) -> None:
        """Count the outbox and look at the clocks, soon and once for all that asked."""
        raise NotImplementedError

    async def run_line(self, line: str) -> None:
        """Run a line of the command line: a command's name, `q`, or a filter after `filter`."""
        name, _, rest = line.strip().partition(" ")
        if not name:
            return
        self.history.append(line.strip())
        if name in ("q", "quit"):
            await self.do_quit(None)
        elif name == "filter":
            self.do_go_desk(None)
            cast("NightScreen", self.screen).answered("filter", rest)
        elif name == "theme":
            self.do_theme(rest.strip())
        elif name == "practice" and (practice := self._practice) is not None:
            await self.off_loop(lambda: practice(rest))
            self.tell(f"practice: {rest}", "ok")
        elif name in commands.COMMANDS:
            await self.run_named(name)
        else:
            guess = nearest(name, commands.COMMANDS)
            self.tell(f"No command {name}." + (f" Did you mean {guess}?" if guess else ""), "error")

    def do_theme(self, name: str) -> None:
        """Change the theme: dark, light or contrast."""
        if f"nightdesk-{name}" not in PALETTES:
            self.tell("theme dark, theme light or theme contrast", "warning")
            return
        self.theme = f"nightdesk-{name}"

    async def do_back(self, _count: int | None) -> None:
        """Leave the screen in front; the desk stays."""
        screen = self.screen
        if isinstance(screen, NightScreen) and not await screen.goes_back():
            return
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.tell("This is the desk. To quit: ctrl+q, or :q", "muted")

    async def do_quit(self, _count: int | None) -> None:
        """Quit: end undo windows, try to deliver, and name what is not delivered."""
        from console.screens.leaving import LeavingScreen

        self.push_screen(LeavingScreen())

    def do_help(self, _count: int | None) -> None:
        """Show every command that works here, with its keys."""
        from console.screens.help import HelpScreen

        screen = cast("NightScreen", self.screen)
        self.push_screen(HelpScreen(screen.contexts(), screen.situation()))

    def do_go_desk(self, _count: int | None) -> None:
        """Go back to the desk."""
        for screen in self.screens():
            screen.save()
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def do_go_outbox(self, _count: int | None) -> None:
        """Open the outbox."""
        from console.screens.outbox import OutboxScreen

        if not isinstance(self.screen, OutboxScreen):
            self.push_screen(OutboxScreen())

    async def do_undo(self, _count: int | None) -> None:
        """Take back the last thing recorded that was not sent."""
        from console.words import settling  # not needed for the first paint

        last = settling.last_open(await self.off_loop(self.desk.outbox))
        if last is None:
            self.tell(settling.NOTHING_TO_UNDO, "muted")
            return
        taken = await self.off_loop(lambda: self.desk.undo(last.key))
        self.tell(*settling.taken_back("undo", last, taken))
        for screen in self.screens():
            screen.case_touched(last.case_id)
        self.look()
