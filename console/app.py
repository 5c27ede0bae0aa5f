"""The Textual application: keys to commands, screens, the life of the sync. Thin on purpose."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")  # Textual reads these when it is imported
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")  # the kitty protocol breaks input methods
os.environ.setdefault("ESCDELAY", "25")

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal
from textual.timer import Timer

from console import commands, crash
from console.casework.findings import nearest
from console.commands import Command, Danger
from console.desk import Desk
from console.errors import Exit, NightdeskError
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from console.profiles.opening import open_desk
from console.screens.alarms import Alarms, Cause, alarms_of, notification
from console.screens.base import NightScreen
from console.screens.desk import DeskScreen, read_first_list
from console.screens.standing import Standing
from console.sync import SyncEvent
from console.words.outbox import placed, undelivered
from keymaps.engine import Engine, Match, Miss, Pending
from local_cache.errors import CacheError
from widgets import armor
from widgets.themes import PALETTES
from widgets.themes import register as register_themes

T = TypeVar("T")

Practice = Callable[[str], None]
"""Tells the practice server what to do; there is none on a real desk."""
_ENDS_ELSEWHERE = ("ctrl+c", "ctrl+z", "ctrl+d", "ctrl+backslash")
"""Keys that end or stop other programs; unless the keymap has them, they say how to leave here."""
LOOK_EVERY = 15.0
"""Seconds after which clocks and alarms are looked at also without news."""


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

    def __init__(self, desk: Desk, *, practice: Practice | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.engine = Engine(commands.keymap())
        self._practice = practice
        self.standing = Standing(practice=practice is not None)
        self.alarms = Alarms()
        self.history: list[str] = []
        """Lines typed into the prompt, oldest first; kept while the console runs."""
        self.failure: BaseException | None = None
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="reader")
        self._stop = threading.Event()
        self._looking: Timer | None = None
        self._held: list[events.Key] | None = None
        self._syncing: threading.Thread | None = None
        self._reading = self._readers.submit(read_first_list, desk, self.server_now())
        register_themes(self, os.environ.get("NIGHTDESK_THEME", "nightdesk-dark"))

    # --- Starting and ending ----------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the desk; the sync, with the HTTP client, begins once its list is there."""
        # A thread that reads waits this long for its turn while the screen is painted, and the
        # screen for a thread that decodes; 5 ms, as it is by default, can be felt.
        sys.setswitchinterval(0.001)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.leave)
        resumed: Signal[Any] = cast("Any", self).app_resume_signal
        resumed.subscribe(self, self._paint_again)

    def _paint_again(self, _app: object) -> None:
        # After a stop (SIGTSTP) the terminal is empty, and Textual paints only what changed.
        self.screen.refresh(layout=True)

    def get_default_screen(self) -> Screen[Any]:
        """Return the desk: it lies below every other screen, and no empty one below it."""
        self.hold_keys()
        return DeskScreen(self._reading, shown=lambda: self.call_after_refresh(self._begin))

    def _begin(self) -> None:
        self.run_worker(self._look())
        self.set_interval(LOOK_EVERY, self.look)
        gc.freeze()  # what is there now stays: collections need not look at it again
        gc.enable()
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
        except Exception as defect:  # noqa: BLE001 - a desk that delivers no more must not look on
            if not self._stop.is_set():
                self.call_from_thread(self._handle_exception, defect)

    def on_sync_happened(self, message: SyncHappened) -> None:
        """Hand the news to every screen that is open; each reads again what it shows."""
        self.standing.hear(message.event)
        for screen in self._screens():
            screen.heard(message.event)
        self.look()
        self._show_standing()

    def _screens(self) -> list[NightScreen]:
        return [screen for screen in self.screen_stack if isinstance(screen, NightScreen)]

    def _show_standing(self) -> None:
        if isinstance(self.screen, NightScreen):
            self.screen.show_standing()

    def server_now(self) -> datetime:
        """Return the time by the server's clock, as far as we know it."""
        return datetime.now(UTC) + self.standing.skew

    def look(self) -> None:
        """Count the outbox and look at the clocks, soon and once for all that asked."""
        if self._looking is None:
            self._looking = self.set_timer(0.1, lambda: self.run_worker(self._look()))

    async def _look(self) -> None:
        self._looking = None

        def count() -> list[Cause]:
            self.standing.count(self.desk)
            now_ms = round(self.server_now().timestamp() * 1000)
            return alarms_of(self.desk, now_ms, offline=self.standing.online is False)

        if self.alarms.consider(await self.off_loop(count)):
            self._ring()
        self._show_standing()

    def _ring(self) -> None:
        self.bell()
        notice = notification(os.environ)
        if notice and self._driver is not None:
            self._driver.write(notice)

    def leave(self) -> None:
        """End: save what is being written, then close."""
        for screen in self._screens():
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

    def push_screen(  # type: ignore[override] - one door for all of Textual's overloads
        self, *args: Any, **kwargs: Any
    ) -> Any:
        """Open a screen; keys wait until it is there."""
        self.hold_keys()
        return cast("Any", super()).push_screen(*args, **kwargs)

    def hold_keys(self) -> None:
        """Keep what is typed until the screen that is being opened is there."""
        if self._held is None:
            self._held = []

    async def release_keys(self) -> None:
        """Give the keys that were held to the screen in front, in the order they were typed."""
        held, self._held = self._held, None
        for event in held or ():
            await self.on_event(event)

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the keymap first; what it does not know goes on to the widgets."""
        if isinstance(event, events.Key) and not event.is_forwarded and self._held is not None:
            self._held.append(event)
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, NightScreen) and await self._take(event, screen):
                return
        elif isinstance(event, events.Paste) and not self._typing(self.screen):
            self.engine.cancel()
            self.tell("A paste is no command: nothing was done with it.", "warning")
            return
        await super().on_event(event)

    @staticmethod
    def _typing(screen: Screen[Any]) -> bool:
        return isinstance(screen, NightScreen) and screen.typing()

    async def _take(self, event: events.Key, screen: NightScreen) -> bool:
        if screen.takes_key(event):
            return False
        pressed = self.engine.press(event.key, screen.contexts(), screen.typing())
        screen.show_pending(pressed)
        match pressed:
            case Match(command=command, count=count):
                await self.run_named(command, count)
                return True
            case Pending():
                return True
            case Miss() if event.key in _ENDS_ELSEWHERE and not screen.typing():
                self.tell("The desk stays open. To quit: ctrl+q, or :q", "muted")
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
        except (NightdeskError, CacheError) as error:
            self.tell(str(error), "error")

    def _doer(self, command: Command) -> Callable[[int | None], Any] | None:
        return getattr(self.screen, command.method, None) or getattr(self, command.method, None)

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
        for screen in self._screens():
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
        entries = await self.off_loop(self.desk.outbox)
        open_ = [entry for entry in entries if entry.state in ("undoable", "pending")]
        if not open_:
            self.tell("Nothing to undo: everything recorded was sent or taken back.", "muted")
            return
        last = open_[-1]
        taken = await self.off_loop(lambda: self.desk.undo(last.key))
        more = f" and {len(taken) - 1} after it" if len(taken) > 1 else ""
        self.tell(f"Taken back: {last.type}{more}. Nothing of it was sent.", "ok")
        for screen in self._screens():
            screen.case_touched(last.case_id)
        self.look()

    # --- A crash says nothing of what was on the screen --------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        self.failure = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual would print a traceback with every local variable: narrative, drafts, the token.
        self._close_messages_no_wait()

    async def _broker_event(self, *_args: Any, **_kwargs: Any) -> bool:
        return False  # no action ever comes out of text on the screen


def run_console(
    credentials: Credentials, home: Home | None = None, *, practice: Practice | None = None
) -> int:
    """Open the profile in use and run the console on it until it is left."""
    (home or Home()).current()  # without a profile there is something better to say
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise NightdeskError(
            "The console needs a terminal. For scripts there are commands: nightdesk --help"
        )
    armor.install()
    crash.install()
    with open_desk(credentials, home) as desk:
        app = NightdeskApp(desk, practice=practice)
        try:
            status = app.run(mouse=False)
        finally:
            app.finish()
        if app.failure is not None:
            sys.stderr.write(crash.describe(app.failure) + "\n")
            return Exit.INTERNAL
        for place in placed(desk):
            sys.stdout.write(f"not delivered: {undelivered(place, desk.now_ms())}\n")
    return status or Exit.DONE
