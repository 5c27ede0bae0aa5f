"""The Textual application: keys to commands, screens, the life of the sync. Thin on purpose."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, TypeVar, cast

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")  # Textual reads these when it is imported
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")  # the kitty protocol breaks input methods
os.environ.setdefault("ESCDELAY", "25")

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, TextArea

from console import commands, crash
from console.commands import Command, Danger
from console.credentials import Credentials
from console.desk import Desk
from console.errors import Exit, NightdeskError
from console.opening import open_desk
from console.profiles import Home
from console.screens.base import NightScreen
from console.sync import SyncEvent
from keymaps.engine import Engine, Match, Miss, Pending
from widgets import armor
from widgets.themes import register as register_themes

T = TypeVar("T")


class SyncHappened(Message):
    """The sync did something; sent from its threads."""

    def __init__(self, event: SyncEvent) -> None:
        super().__init__()
        self.event = event


class NightdeskApp(App[int], inherit_bindings=False):
    """The console of one specialist's desk."""

    CSS_PATH = "screens/frame.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []  # every key goes through the keymap
    AUTO_FOCUS = None

    def __init__(self, desk: Desk, *, practice: bool = False) -> None:
        super().__init__()
        self.desk = desk
        self.practice = practice
        self.engine = Engine(commands.keymap())
        self.failure: BaseException | None = None
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="reader")
        self._stop = threading.Event()
        self._syncing: threading.Thread | None = None
        register_themes(self, os.environ.get("NIGHTDESK_THEME", "nightdesk-dark"))

    # --- Starting and ending ----------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the desk; the sync, with the HTTP client, begins after the first paint."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.leave)
        from console.screens.desk import DeskScreen

        self.push_screen(DeskScreen())
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        gc.collect()
        gc.freeze()  # what is there now stays: collections need not look at it again
        self.desk.listener = self._heard
        self._syncing = threading.Thread(target=self._sync, name="sync", daemon=True)
        self._syncing.start()

    def _heard(self, event: SyncEvent) -> None:
        if self._running:
            self.post_message(SyncHappened(event))

    def _sync(self) -> None:
        try:
            self.desk.sync.run(self._stop)
        except NightdeskError as error:
            self.call_from_thread(self.tell, str(error), "error")

    def on_sync_happened(self, message: SyncHappened) -> None:
        """Hand the news to every screen that is open; each reads again what it shows."""
        for screen in self.screen_stack:
            if isinstance(screen, NightScreen):
                screen.heard(message.event)

    def leave(self) -> None:
        """End: save what is being written, then close."""
        for screen in self.screen_stack:
            if isinstance(screen, NightScreen):
                screen.save()
        self._stop.set()
        self.exit(0)

    def finish(self) -> None:
        """Let go of threads after the screen is restored."""
        self._stop.set()
        self.desk.listener = lambda _event: None
        if self._syncing is not None:
            self._syncing.join(timeout=5)
        self._readers.shutdown(wait=True, cancel_futures=True)

    # --- Off the event loop -----------------------------------------------------------------

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run something that may wait for the disk or the network, and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    # --- Keys -------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the keymap first; what it does not know goes on to the widgets."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, NightScreen) and await self._take(event, screen):
                return
        elif isinstance(event, events.Paste) and not self._typing():
            self.engine.cancel()
            self.tell("A paste is no command: nothing was done with it.", "warning")
            return
        await super().on_event(event)

    def _typing(self) -> bool:
        return isinstance(self.focused, (Input, TextArea))

    async def _take(self, event: events.Key, screen: NightScreen) -> bool:
        if screen.takes_key(event):
            return False
        pressed = self.engine.press(event.key, screen.contexts(), self._typing())
        screen.show_pending(pressed)
        match pressed:
            case Match(command=command, count=count):
                await self.run_named(command, count)
                return True
            case Pending():
                return True
            case Miss(consumed=True, cancelled=cancelled, keys=keys):
                if not cancelled:
                    self.tell(f"{keys} is no command here. ? shows what is.", "muted")
                return True
            case _:
                return False

    async def run_named(self, name: str, count: int | None = None) -> None:
        """Run a command by its id, or say why it cannot run now."""
        command = commands.COMMANDS[name]
        doer = self._doer(command)
        if doer is None:
            self.tell(f"{command.title}: not on this screen.", "muted")
            return
        screen = cast("NightScreen", self.screen)
        reason = command.blocked(screen.situation())
        if reason is not None:
            self.tell(f"{command.title}: {reason}.", "warning")
            return
        if count is not None and command.danger is not Danger.MOVES:
            self.tell(f"{command.title} takes no count.", "warning")
            return
        try:
            done = doer(count)
            if asyncio.iscoroutine(done):
                await done
        except NightdeskError as error:
            self.tell(str(error), "error")

    def _doer(self, command: Command) -> Callable[[int | None], Any] | None:
        return getattr(self.screen, command.method, None) or getattr(self, command.method, None)

    def tell(self, text: str, role: str = "text") -> None:
        """Say something in the status line of the screen in front."""
        if isinstance(self.screen, NightScreen):
            self.screen.tell(text, role)

    # --- Commands of every screen -----------------------------------------------------------

    async def do_back(self, _count: int | None) -> None:
        """Leave the screen in front; the desk stays."""
        screen = self.screen
        if isinstance(screen, NightScreen) and not await screen.goes_back():
            return
        if len(self.screen_stack) > 2:
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
        for screen in self.screen_stack:
            if isinstance(screen, NightScreen):
                screen.save()
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def do_go_outbox(self, _count: int | None) -> None:
        """Open the outbox."""
        from console.screens.outbox import OutboxScreen

        if not isinstance(self.screen, OutboxScreen):
            self.push_screen(OutboxScreen())

    async def do_undo(self, _count: int | None) -> None:
        """Take back the last thing recorded that was not sent."""
        entries = await self.off_loop(self.desk.outbox)
        open_ = [entry for entry in entries if entry.state in ("undoable", "pending")]
        if not open_:
            self.tell("Nothing to undo: everything recorded was sent or taken back.", "muted")
            return
        last = open_[-1]
        taken = await self.off_loop(lambda: self.desk.undo(last.key))
        more = f" and {len(taken) - 1} after it" if len(taken) > 1 else ""
        self.tell(f"Taken back: {last.type}{more}. Nothing of it was sent.", "ok")
        for screen in self.screen_stack:
            if isinstance(screen, NightScreen):
                screen.case_touched(last.case_id)

    # --- A crash says nothing of what was on the screen --------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        self.failure = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual would print a traceback with every local variable: narrative, drafts, the token.
        self._close_messages_no_wait()

    async def _broker_event(self, *_args: Any, **_kwargs: Any) -> bool:
        return False  # no action ever comes out of text on the screen

    def get_system_commands(self, _screen: Screen[Any]) -> Iterator[Any]:
        """Offer none: Textual's own would write the screen to a file."""
        return iter(())


def run_console(
    credentials: Credentials, home: Home | None = None, *, practice: bool = False
) -> int:
    """Open the profile in use and run the console on it until it is left."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise NightdeskError(
            "The console needs a terminal. For scripts there are commands: nightdesk --help"
        )
    armor.install()
    with open_desk(credentials, home) as desk:
        app = NightdeskApp(desk, practice=practice)
        try:
            status = app.run(mouse=False)
        finally:
            app.finish()
        if app.failure is not None:
            sys.stderr.write(crash.describe(app.failure) + "\n")
            return Exit.INTERNAL
        for entry in desk.outbox():
            sys.stdout.write(f"not delivered: {entry.type} on {entry.case_id} ({entry.state})\n")
    return status or Exit.DONE
