"""The Textual application: its life, that of the sync, alarms. Thin on purpose."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast

from console import surroundings  # before Textual, which reads them when it is imported

# isort: split
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal
from textual.timer import Timer

from console import crash
from console.desk import Desk
from console.errors import Exit, NightdeskError
from console.everywhere import Practice
from console.locking import Locking
from console.process import close_memory
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from console.profiles.opening import (
    desk_of,
    kept_token,
    open_cache,
    seal_where_silent,
    silent_for,
)
from console.profiles.settings import Settings, read_settings
from console.profiles.unlocking import Opener
from console.screens.base import NightScreen
from console.screens.case_rows import Listed
from console.screens.desk import DeskScreen
from console.screens.queue_list import read_first_list
from console.sync import SyncEvent, TokenWasRefused
from console.words.alarms import Alarms, Cause, alarms_of, notification
from console.words.outbox import placed, undelivered
from local_cache.errors import CacheError
from widgets import armor
from widgets.themes import register as register_themes

T = TypeVar("T")

LOOK_EVERY = 15.0
"""Seconds after which clocks and alarms are looked at also without news."""

KEYS_EVERY = 1.5
"""Seconds after which a person's own keys are looked at again, off the event loop."""

SETTLED_AFTER = 2.0
"""Seconds after which most of what a console needs is in its memory."""

SETTLE_EVERY = 60.0
"""Seconds after which what came to it meanwhile is laid into large pages, too."""


class SyncHappened(Message):
    """The sync did something; sent from its threads."""

    def __init__(self, event: SyncEvent) -> None:
        super().__init__()
        self.event = event


class NightdeskApp(Locking, inherit_bindings=False, inherit_css=False):
    """The console of one specialist's desk."""

    CSS_PATH = "screens/frame.tcss"
    # Textual's own styles of an App are for what is not here, and are read at each start.
    DEFAULT_CSS = "NightdeskApp { background: $background; color: $foreground; }"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []  # every key goes through the keymap
    AUTO_FOCUS = None

    def __init__(
        self,
        desk: Desk,
        *,
        practice: Practice | None = None,
        opener: Opener | None = None,
        settings: Settings | None = None,
    ) -> None:
        opener = opener or Opener(desk.cache.path.parent, Credentials())
        super().__init__(desk, practice, opener, settings or Settings())
        self.alarms = Alarms()
        self._to_ring = False
        """Whether what the first frame shows is to be heard, too, once it is there."""
        self.failure: BaseException | None = None
        self._stop = threading.Event()
        self._token_watch: Timer | None = None
        """Looks for another token while the server refuses the one in use."""
        self._looking: Timer | None = None
        self._counting: Timer | None = None
        """Runs while something recorded can be undone."""
        self._syncing: threading.Thread | None = None
        register_themes(self, surroundings.theme())
        self._colours = self.get_css_variables()
        self.stylesheet.set_variables(self._colours)

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
        self.do_redraw(None)

    def refresh_css(self, animate: bool = True) -> None:
        """Read the styles anew where their colours changed: Textual asks for it at the start, too.

        By then they were read with the colours of the theme, which takes some milliseconds.
        """
        colours = self.get_css_variables()
        if colours != self._colours:
            self._colours = colours
            super().refresh_css(animate)

    def get_default_screen(self) -> Screen[Any]:
        """Return the desk: it lies below every other screen, and no empty one below it.

        What its first frame shows, list and alarms, is read before it is made: that takes some
        milliseconds alone, and ten times as long on a thread that waits for its turn meanwhile.
        """
        first: Listed | None = None
        with contextlib.suppress(CacheError):  # the screen reads it again, and says what is wrong
            first = read_first_list(self.desk, self.server_now(), self.size.height)
            self._to_ring = self.alarms.consider(self._causes())
        return DeskScreen(first, shown=lambda: self.call_after_refresh(self._begin))

    def _begin(self) -> None:
        if self._to_ring:
            self._ring()
        self.beside(self._look())
        self.beside(self.recall())
        self.set_interval(LOOK_EVERY, self.look)
        self.set_interval(KEYS_EVERY, lambda: self.beside(self.look_at_keys()))
        self.beside(self._warn())
        close_memory()
        gc.freeze()  # what is there now stays: collections need not look at it again
        gc.enable()
        if not self.sealed:  # before it had begun; the sync begins once it is opened
            self.start_sync()
        self.watch_the_clock()
        self.readers.submit(_tidy_memory)
        self.set_timer(SETTLED_AFTER, self._settle)

    def _settle(self) -> None:
        self.readers.submit(_use_large_pages)
        self.set_timer(SETTLE_EVERY, self._settle)

    async def _warn(self) -> None:
        """Say what a person has to know of this console from its beginning."""
        await self.complain_of_keys()
        if self.desk.profile.memory_only:
            self.tell(
                "Memory only: what is not delivered when this console ends is lost", "warning"
            )

    def start_sync(self) -> None:
        """Have the sync run on the desk of the moment."""
        self._stop = threading.Event()
        self.desk.listener = self._heard
        self._syncing = threading.Thread(
            target=self._sync, args=(self.desk, self._stop), name="sync", daemon=True
        )
        self._syncing.start()

    def stop_sync(self) -> None:
        """End the sync; returns when it has."""
        self._stop.set()
        self.desk.listener = lambda _event: None
        if self._syncing is not None:
            self._syncing.join(timeout=5)
            self._syncing = None

    async def _await_token(self) -> None:
        """Have the sync go on once `nightdesk connect` has given another token."""

        def kept() -> str | None:
            return kept_token(self.desk.profile, self.desk.cache)

        refused = await self.off_loop(kept)

        async def look() -> None:
            if self.sealed or await self.off_loop(kept) == refused or self._token_watch is None:
                return
            self._token_watch.stop()
            self._token_watch = None
            await self.off_loop(self.stop_sync)
            self.desk.disconnect()
            self.start_sync()

        self._token_watch = self.set_interval(KEYS_EVERY, lambda: self.beside(look()))

    def forget_words(self) -> None:
        """Let go of what was read from the cache for the screens."""
        self.alarms.forget_words()
        self.standing.next_due = None

    def _heard(self, event: SyncEvent) -> None:
        if self._running:
            self.post_message(SyncHappened(event))

    def _sync(self, desk: Desk, stop: threading.Event) -> None:
        try:
            desk.sync.run(stop)
        except (NightdeskError, CacheError) as error:
            self.call_from_thread(self.tell, str(error), "error")
        except Exception as defect:  # noqa: BLE001 - a desk that delivers no more must not look on
            if not stop.is_set():
                self.call_from_thread(self._handle_exception, defect)

    def on_sync_happened(self, message: SyncHappened) -> None:
        """Hand the news to every screen that is open; each reads again what it shows."""
        self.standing.hear(message.event)
        if isinstance(message.event, TokenWasRefused) and self._token_watch is None:
            self.beside(self._await_token())
        for screen in self.screens():
            screen.heard(message.event)
        self.look()
        self._show_standing()

    def _show_standing(self) -> None:
        front = self.screen_stack[-1] if self.screen_stack else None  # none while it ends
        if isinstance(front, NightScreen):
            front.show_standing()

    def server_now(self) -> datetime:
        """Return the time by the server's clock, as far as we know it."""
        return datetime.now(UTC) + self.standing.skew

    def look(self) -> None:
        """Count the outbox and look at the clocks, soon and once for all that asked."""
        if self._looking is None and not self.sealed:
            self._looking = self.set_timer(0.1, lambda: self.beside(self._look()))

    async def _look(self) -> None:
        self._looking = None
        if self.sealed:
            return

        if await self.off_loop(lambda: silent_for(self.desk)):
            self.lock("The server was not heard of for longer than the policy allows.", seal=True)
        if self.alarms.consider(await self.off_loop(self._causes)):
            self._ring()
        if self.locked:
            self.ringing = len(self.alarms.ringing)
            self.forget_words()
        self._show_standing()
        self._count_down()

    def _causes(self) -> list[Cause]:
        """Count the outbox, and return what holds now that alarms are for."""
        self.standing.count(self.desk)
        now_ms = round(self.server_now().timestamp() * 1000)
        return alarms_of(self.desk, now_ms, offline=self.standing.online is False)

    def _count_down(self) -> None:
        """Show each second how long an undo is left; nothing ticks while there is none."""
        if self._counting is None and self.standing.undo_left(self.desk.now_ms()):
            self._counting = self.set_interval(1.0, self._second_passed)

    def _second_passed(self) -> None:
        if self._counting is not None and not self.standing.undo_left(self.desk.now_ms()):
            self._counting.stop()
            self._counting = None
            self.look()  # what was held back goes now
        self._show_standing()

    def _ring(self) -> None:
        self.bell()
        notice = notification(os.environ)
        if notice and self._driver is not None:
            self._driver.write(notice)

    def leave(self) -> None:
        """End: save what is being written, then close."""
        for screen in self.screens():
            screen.save()
        self._stop.set()
        self.exit(0)

    def finish(self) -> None:
        """Let go of threads after the screen is restored."""
        self.stop_sync()
        self.readers.shutdown(wait=True, cancel_futures=True)

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
    house = home or Home()
    profile = house.current()  # without one there is something better to say
    house.check(profile.name)
    folder = house.folder(profile.name)
    settings = read_settings(house)
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise NightdeskError(
            "The console needs a terminal. For scripts there are commands: nightdesk --help"
        )
    armor.install()
    crash.install()
    with contextlib.ExitStack() as ending:
        desk = desk_of(profile, open_cache(folder, credentials), credentials)
        app = NightdeskApp(
            desk, practice=practice, opener=Opener(folder, credentials), settings=settings
        )
        ending.callback(lambda: app.desk.close())  # another one, where it was sealed and opened
        seal_where_silent(desk)
        try:
            status = app.run(mouse=False)
        finally:
            app.finish()
        if app.failure is not None:
            sys.stderr.write(crash.describe(app.failure) + "\n")
            return Exit.INTERNAL
        _tell_undelivered(app)
    return status or Exit.DONE


def _tidy_memory() -> None:
    from console.profiles.memory import remove_left

    remove_left()


def _use_large_pages() -> None:
    from console.large_pages import use_large_pages

    use_large_pages()


def _tell_undelivered(app: NightdeskApp) -> None:
    """Name what is not delivered; from a locked screen only how much."""
    what = "LOST, not delivered" if app.desk.profile.memory_only else "not delivered"
    if app.locked:
        if app.standing.waiting:
            sys.stdout.write(f"{what}: {app.standing.waiting} entries\n")
        return
    for place in placed(app.desk):
        sys.stdout.write(f"{what}: {undelivered(place, app.desk.now_ms())}\n")
