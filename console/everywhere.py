"""The commands that every screen has, and the command line."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, cast

from textual.worker import Worker, WorkerCancelled

from console import commands
from console.casework.findings import nearest
from console.commands import By, Command, Danger, keys, keys_for
from console.commands.lines import LINES, Argument, called
from console.desk import Desk
from console.keyboard import Keyboard
from console.screens.base import NightScreen
from console.screens.desk import DeskScreen
from console.screens.filtering import ORDERS
from console.screens.together import Running
from console.words.standing import Standing
from keymaps.engine import LARGEST_COUNT
from keymaps.loader import builtin_names
from local_cache.hostile import visible
from widgets.themes import PALETTES

Practice = Callable[[str], None]
"""Tells the practice server what to do; there is none on a real desk."""

HISTORIES: Final = ("command", "filter")
"""The prompts whose lines are remembered from one night to the next."""


class Everywhere(Keyboard, inherit_bindings=False):
    """The application's own commands; a screen may have one of the same name in front of it."""

    def __init__(self, desk: Desk, practice: Practice | None) -> None:
        super().__init__(desk)
        self._practice = practice
        self.standing = Standing(practice=practice is not None)
        self.together: Running | None = None
        """What was recorded on many cases last: it is taken back as one."""
        self.recordings = 0
        """How often something was recorded; a macro goes on where its step did."""
        self._works: list[Worker[None]] | None = None
        """What runs beside the keys, while a macro waits for it."""
        self._histories: dict[str, list[str]] = {each: [] for each in HISTORIES}

    def look(self) -> None:
        """Count the outbox and look at the clocks, soon and once for all that asked."""
        raise NotImplementedError

    # --- The command line ---------------------------------------------------------------------

    def history(self, prompt: str) -> list[str]:
        """Return what was typed into a prompt, oldest first."""
        return self._histories[prompt]

    async def recall(self) -> None:
        """Bring back what was typed into the prompts on other nights."""
        for prompt, lines in self._histories.items():
            before = await self.off_loop(lambda prompt=prompt: self.desk.remembered(prompt))
            lines[:0] = before

    def remember(self, prompt: str, line: str) -> None:
        """Keep a line for the next time that this prompt is open, also on another night."""
        history = self._histories[prompt]
        if line and line not in history[-1:]:
            history.append(line)
            cast("NightScreen", self.screen).later(
                self.off_loop(lambda: self.desk.remember(prompt, line))
            )

    def offer_anew(self) -> None:
        """Offer anew what may be meant in the line at the bottom: more is known to choose from."""
        front = cast("NightScreen", self.screen)
        if front.prompting():
            front.prompt.offer_anew()

    async def run_line(self, line: str) -> None:
        """Run a typed line: a word and what it takes, a command, or the number of a row."""
        name, _, rest = line.strip().partition(" ")
        if not name:
            return
        rest = rest.strip()
        self.remember("command", line.strip())
        screen = cast("NightScreen", self.screen)
        word = LINES.get(name)
        if word is not None:
            doer = getattr(screen, word.doer, None) or getattr(self, word.doer)
            done: Any = doer(rest)
            if asyncio.iscoroutine(done):
                await done
            return
        if name.isascii() and name.isdigit():
            await self.run_named("nav.top", min(int(name), LARGEST_COUNT))
            return
        command = called(name, screen.contexts())
        if command is None:
            ends = (each.rpartition(".")[2] for each in commands.COMMANDS)
            guess = nearest(name, (*LINES, *commands.COMMANDS, *ends))
            self.tell(f"No command {name}." + (f" Did you mean {guess}?" if guess else ""), "error")
        elif rest:
            self.tell(f"{command} takes nothing after it.", "error")
        else:
            await self.run_named(command)

    # --- Macros -------------------------------------------------------------------------------

    def line_macro(self, rest: str) -> None:
        """Run a macro by its name."""
        macro = commands.COMMANDS.get(f"macro.{rest}")
        if macro is not None:
            self.beside(self.run_named(macro.id))
            return
        names = ", ".join(each.text for each in self.offer_macro(""))
        there = f"There are: {names}" if names else "There is none yet: macros.toml"
        self.tell(f"No macro {visible(rest)}. {there}", "error")

    def offer_macro(self, _typed: str) -> list[Argument]:
        """Return the macros."""
        macros = (each for each in commands.COMMANDS.values() if each.macro)
        return [Argument(each.id.partition(".")[2], each.title) for each in macros]

    def began(self, work: Worker[None]) -> None:
        """Take note of what runs beside the keys, while a macro waits for it."""
        if self._works is not None:
            self._works.append(work)

    def run_macro(self, macro: Command) -> None:
        """Run the commands of a macro, one after the other, until one cannot run."""
        if self._works is None:
            self.beside(self._run_macro(macro))
        else:
            self.tell(f"{macro.title}: another macro still runs.", "warning")

    async def _run_macro(self, macro: Command) -> None:
        self._works = []
        try:
            for number, name in enumerate(macro.runs, 1):
                reason = await self._run_step(commands.COMMANDS[name])
                if reason is not None:
                    where = f"{number} of {len(macro.runs)}, {commands.COMMANDS[name].title}"
                    self.tell(f"{macro.title} stopped at {where}: {reason}.", "warning")
                    return
        finally:
            self._works = None
        self.tell(f"{macro.title}: all {len(macro.runs)} done.", "ok")

    async def _run_step(self, step: Command) -> str | None:
        """Run a command of a macro and wait until it is done; return why the macro stops there."""
        recordings = self.recordings
        reason = await self.run_named(step.id, by=By.MACRO)
        while reason is None and self._works:
            with contextlib.suppress(WorkerCancelled):
                await self._works.pop(0).wait()
        if reason is None and step.danger is not Danger.MOVES and self.recordings == recordings:
            return "nothing was recorded"
        return reason

    async def line_q(self, _rest: str) -> None:
        """Quit."""
        await self.do_quit(None)

    def line_filter(self, rest: str) -> None:
        """Filter the list of the desk."""
        self._desk().filter_line(rest)

    def offer_filter(self, typed: str) -> list[Argument]:
        """Return what the word that is being typed may become, as the filter's own prompt does."""
        desk = self.screens()[0]
        return desk.offer_filter(typed) if isinstance(desk, DeskScreen) else []

    async def line_practice(self, rest: str) -> None:
        """Tell the practice server what to do."""
        practice = self._practice
        if practice is None:
            self.tell("This is no practice desk.", "warning")
            return
        await self.off_loop(lambda: practice(rest))
        self.tell(f"practice: {rest}", "ok")

    def offer_practice(self, typed: str) -> list[Argument]:
        """Return what the practice server understands."""
        from console.commands import practice_line

        desk = self.screens()[0]
        row = desk.row if isinstance(desk, DeskScreen) else None
        return practice_line.arguments(typed, row.id if row is not None else None)

    def line_theme(self, rest: str) -> None:
        """Change the theme: dark, light or contrast."""
        if f"nightdesk-{rest}" not in PALETTES:
            self.tell("theme dark, theme light or theme contrast", "warning")
            return
        self.theme = f"nightdesk-{rest}"

    def offer_theme(self, _typed: str) -> list[Argument]:
        """Return the themes."""
        return [Argument(name.removeprefix("nightdesk-")) for name in PALETTES]

    async def line_keymap(self, rest: str) -> None:
        """Choose a keymap, for now and from now on: desk, vim or emacs."""
        path = await self.off_loop(lambda: keys.use(rest))
        self.take_over_keys()
        if not await self.complain_of_keys():
            self.tell(f"The keys of {rest}, from now on, by {visible(path.name)}.", "ok")

    def offer_keymap(self, _typed: str) -> list[Argument]:
        """Return the keymaps that come with Nightdesk."""
        return [Argument(name) for name in builtin_names()]

    def line_why(self, rest: str) -> None:
        """Say why a command cannot run just now, and what would make it."""
        from console.commands import lookup

        screen = cast("NightScreen", self.screen)
        name = called(rest, screen.contexts())
        if name is None:
            guess = nearest(rest, commands.COMMANDS)
            hint = f" Did you mean {guess}?" if guess else " As in: why case.claim"
            self.tell(f"No command {rest}.{hint}", "error")
            return
        command = commands.COMMANDS[name]
        reason = lookup.why_not(command, screen.contexts(), screen.situation())
        keys = " or ".join(commands.keymap().keys_of(name)) or f":{name}"
        if reason is None:
            self.tell(f"{command.title}: nothing is in its way. {keys} runs it.", "ok")
        else:
            self.tell(f"{command.title} ({keys}): {reason}.", "warning")

    def offer_why(self, typed: str) -> list[Argument]:
        """Return the commands that `typed` may mean."""
        from console.commands import lookup

        screen = cast("NightScreen", self.screen)
        known = lookup.entries(screen.CONTEXTS, screen.situation(), self.view_names())
        found = lookup.find((each for each in known if each.kind == "command"), typed)
        return [Argument(each.name, each.title) for each in found]

    # --- Saved views, which the desk shows ------------------------------------------------------

    def view_names(self) -> dict[int, str]:
        """Return the names of the saved views, by their numbers."""
        desk = self.screens()[0]
        views = desk.views if isinstance(desk, DeskScreen) else []
        return {view.number: view.name for view in views}

    def _desk(self) -> DeskScreen:
        """Come back to the desk, and return its screen."""
        self.do_go_desk(None)
        return cast("DeskScreen", self.screen)

    def line_view(self, rest: str) -> None:
        """Show, save or drop a view: `3`, `save 3 name`, `drop 3`."""
        desk = self._desk()  # the screen that this was typed on may end, and its work with it
        desk.later(desk.view_line(rest))

    def line_sort(self, rest: str) -> None:
        """Sort the list of the desk."""
        self._desk().sort_line(rest)

    def offer_view(self, typed: str) -> list[Argument]:
        """Return the views, and what can be done with them."""
        desk = self.screens()[0]
        return desk.offer_view(typed) if isinstance(desk, DeskScreen) else []

    def offer_sort(self, _typed: str) -> list[Argument]:
        """Return the orders."""
        return [Argument(key) for key in (*ORDERS, *(f"-{key}" for key in ORDERS))]

    def do_view_1(self, _count: int | None) -> None:
        """Show the saved view 1."""
        self._desk().show_view(1)

    def do_view_2(self, _count: int | None) -> None:
        """Show the saved view 2."""
        self._desk().show_view(2)

    def do_view_3(self, _count: int | None) -> None:
        """Show the saved view 3."""
        self._desk().show_view(3)

    def do_view_4(self, _count: int | None) -> None:
        """Show the saved view 4."""
        self._desk().show_view(4)

    def do_view_5(self, _count: int | None) -> None:
        """Show the saved view 5."""
        self._desk().show_view(5)

    def do_view_6(self, _count: int | None) -> None:
        """Show the saved view 6."""
        self._desk().show_view(6)

    def do_view_7(self, _count: int | None) -> None:
        """Show the saved view 7."""
        self._desk().show_view(7)

    def do_view_8(self, _count: int | None) -> None:
        """Show the saved view 8."""
        self._desk().show_view(8)

    def do_view_9(self, _count: int | None) -> None:
        """Show the saved view 9."""
        self._desk().show_view(9)

    # --- Going -----------------------------------------------------------------------------------

    async def do_back(self, _count: int | None) -> None:
        """Leave the screen in front; the desk stays."""
        screen = self.screen
        if isinstance(screen, NightScreen) and not await screen.goes_back():
            return
        if len(self.screen_stack) > 1:
            screen.dismiss(None)  # whoever waits for its result learns that there is none
        else:
            self.tell(f"This is the desk. To quit: {commands.keys_for('quit')}, or :q", "muted")

    async def do_quit(self, _count: int | None) -> None:
        """Quit: end undo windows, try to deliver, and name what is not delivered."""
        from console.screens.leaving import LeavingScreen

        if busy := next((busy for screen in self.screens() if (busy := screen.busy())), ""):
            ways = f"{keys_for('mark.none')} on the desk stops it, {keys_for('undo')} takes it back"
            self.tell(f"Not yet: {busy}. {ways}.", "warning")
            return
        self.push_screen(LeavingScreen())

    def do_help(self, _count: int | None) -> None:
        """Find everything there is, with its keys, and run what is chosen."""
        from console.screens.help import Chosen, HelpScreen

        screen = cast("NightScreen", self.screen)
        practice = self._practice is not None

        def chosen(what: Chosen | None) -> None:
            if what is None:
                return
            if what.kind == "command":
                screen.opening(self.run_named(what.name))
            elif what.kind == "line":
                screen.open_command_line(f"{what.name.removeprefix(':')} ")
            else:
                self._desk().ask_filter(what.name)

        help_screen = HelpScreen(
            screen.contexts(), screen.situation(), self.view_names(), practice=practice
        )
        self.push_screen(help_screen, chosen)

    def do_help_key(self, _count: int | None) -> None:
        """Ask for a key, and say what it does."""
        from console.screens.ask_key import AskKeyScreen

        screen = cast("NightScreen", self.screen)
        self.push_screen(AskKeyScreen(screen.contexts(), screen.situation()))

    def do_help_why(self, _count: int | None) -> None:
        """Ask for a command, and say why it cannot run just now."""
        cast("NightScreen", self.screen).open_command_line("why ")

    def do_redraw(self, _count: int | None) -> None:
        """Paint all anew: something else may have written to the terminal."""
        self.screen.refresh(layout=True)

    def do_go_desk(self, _count: int | None) -> None:
        """Go back to the desk."""
        for screen in self.screens():
            screen.save()
        while len(self.screen_stack) > 1:
            self.screen.dismiss(None)  # whoever waits for its result learns that there is none

    def do_go_outbox(self, _count: int | None) -> None:
        """Open the outbox."""
        from console.screens.outbox import OutboxScreen

        if not isinstance(self.screen, OutboxScreen):
            self.push_screen(OutboxScreen())

    def do_go_views(self, _count: int | None) -> None:
        """Open the saved views."""
        from console.screens.views import ViewsScreen

        if not isinstance(self.screen, ViewsScreen):
            self.push_screen(ViewsScreen())

    async def do_undo(self, _count: int | None) -> None:
        """Take back the last thing recorded that was not sent."""
        from console.words import settling  # not needed for the first paint

        many = self.together
        if many is not None and not many.ended.is_set():
            await many.stop()
        last = settling.last_open(await self.off_loop(self.desk.outbox))
        if last is None:
            self.tell(settling.NOTHING_TO_UNDO, "muted")
            return
        if many is not None and last.key in many.recorded:
            await self._undo_together(many)
            return
        taken = await self.off_loop(lambda: self.desk.undo(last.key))
        self.tell(*settling.taken_back("undo", last, taken))
        for screen in self.screens():
            screen.case_touched(last.case_id)
        self.look()

    async def _undo_together(self, many: Running) -> None:
        """Take back what was recorded on many cases, as far as it was not sent."""
        from console.words.many import taken_back

        taken, sent = await self.off_loop(lambda: self.desk.undo_together(many.recorded))
        self.tell(*taken_back(many.word, len({entry.case_id for entry in taken}), sent))
        for screen in self.screens():
            screen.case_touched(taken[-1].case_id if taken else "")
        self.look()
