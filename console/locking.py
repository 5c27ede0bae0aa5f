"""Locking and sealing: content leaves the screen and the memory, and comes back where it was.

Locked, the sync goes on and alarms ring without a word of what they are about. Sealed, the key is
gone too, and with it the sync. Both show the same screen, on which nothing is a command.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from textual import events
from textual.screen import Screen

from console.desk import Desk
from console.desk.place import Opened, Whereabouts, keep, take
from console.errors import NightdeskError
from console.everywhere import Everywhere, Practice
from console.process import forget_words
from console.profiles.settings import Settings
from console.profiles.unlocking import Opener
from console.screens.base import NightScreen
from console.screens.desk import DeskScreen
from console.words import locked as words
from local_cache.errors import CacheError
from widgets.line_widget import Piece

if TYPE_CHECKING:
    from console.editor import Editing

LOOK_AT_THE_CLOCK: Final = 1.0
"""Seconds between two looks at how long nobody typed, and at whether the machine slept."""
SLEPT: Final = 5.0
"""Seconds that the time goes on without us before it counts as a sleep of the machine."""
SECONDS_TO_DELIVER: Final = 5.0
_COMES_BACK_WITHIN: Final = 100
_GLANCE: Final = 0.02


def with_sleep() -> float:
    """Return a clock that goes on while the machine sleeps, in seconds."""
    boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Locking(Everywhere, inherit_bindings=False):
    """The part of the application that locks and seals it."""

    def __init__(
        self, desk: Desk, practice: Practice | None, opener: Opener, settings: Settings
    ) -> None:
        super().__init__(desk, practice)
        self.clock: Callable[[], float] = with_sleep
        self.locked = False
        self.sealed = False
        self.ringing = 0
        """How many alarms there are while locked; what they say is not kept."""
        self._in_editor = False
        self._lock_later: tuple[str, bool] | None = None
        """Why to lock, and whether to seal, once the editor that has a text is closed."""
        self._opener = opener
        self._settings = settings
        self._last_touch = self.clock()
        self._asleep = self.clock() - time.monotonic()

    # --- What the app does for us -----------------------------------------------------------

    def start_sync(self) -> None:
        """Have the sync run on the desk of the moment."""
        raise NotImplementedError

    def stop_sync(self) -> None:
        """End it; returns when it has."""
        raise NotImplementedError

    def forget_words(self) -> None:
        """Let go of everything that was read from the cache for the screens."""
        raise NotImplementedError

    def leave(self) -> None:
        """End the program."""
        raise NotImplementedError

    # --- When -------------------------------------------------------------------------------

    def watch_the_clock(self) -> None:
        """Lock and seal on our own from now on."""
        self.set_interval(LOOK_AT_THE_CLOCK, self.look_at_the_clock)
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTSTP)

        def stop() -> None:
            self.beside(self._seal_and_stop(before))

        if callable(before):
            loop.add_signal_handler(signal.SIGTSTP, stop)

    def look_at_the_clock(self) -> None:
        """Lock or seal where nobody typed for long; seal where the machine slept."""
        now = self.clock()
        asleep = now - time.monotonic()
        slept, self._asleep = asleep - self._asleep, asleep
        if self._in_editor:
            self._last_touch = now  # whoever types there is not seen from here
        idle = timedelta(seconds=now - self._last_touch)
        if self.sealed:
            return
        if slept > SLEPT:
            self.lock("The machine slept.", seal=True)
        elif idle >= self._settings.seal_after:
            self.lock(words.idle_for(self._settings.seal_after), seal=True)
        elif idle >= self._settings.lock_after and not self.locked:
            self.lock(words.idle_for(self._settings.lock_after))

    async def _seal_and_stop(self, before: Any) -> None:
        await self._lock("The console was stopped.", seal=True, deliver=False)
        before(signal.SIGTSTP, None)

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there; while the screen is being locked, keys go nowhere."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self._last_touch = self.clock()
            if self.locked and not getattr(self.screen, "shut", False):
                return
        await super().on_event(event)

    def do_lock(self, _count: int | None) -> None:
        """Lock: content leaves the screen; the sync goes on."""
        self.lock("")

    def do_seal(self, _count: int | None) -> None:
        """Seal: deliver what can go, then let go of the key, too."""
        self.lock("", seal=True)

    async def do_quit(self, count: int | None) -> None:
        """Quit; from a locked screen at once, without a word of what is not delivered."""
        if self.locked:
            self.leave()
        else:
            await super().do_quit(count)

    # --- Locking ----------------------------------------------------------------------------

    def lock(self, why: str, *, seal: bool = False) -> None:
        """Begin to lock, or to seal what may be locked already; an editor is waited for."""
        if self._in_editor:
            self._lock_later = (why, seal)
        else:
            self.beside(self._lock(why, seal=seal))

    async def edit_outside(self, text: str, case_id: str | None) -> str | None:
        """Have a text edited in the editor of one's choice; None where it was left as it is.

        The sync goes on. What would lock or seal meanwhile does so afterwards: a lock would take
        away the field that the text belongs to, and cannot take it out of the editor.

        Raises:
            UsageError: as `console.editor` does; the text is as it was.
        """
        from console.editor import OUT, editing

        self._in_editor = True
        try:
            with editing(text) as work:
                await self.off_loop(lambda: self.desk.note_in_audit("export", case_id, OUT))
                with self.suspend():
                    status = await _run(work)
                if isinstance(status, OSError):
                    raise work.not_run(status)
                return work.result(status)
        finally:
            self._in_editor = False
            self._last_touch = self.clock()
            if self._lock_later is not None:
                why, seal = self._lock_later
                self._lock_later = None
                self.lock(why, seal=seal)

    async def _lock(self, why: str, *, seal: bool, deliver: bool = True) -> None:
        if self.sealed or (self.locked and not seal):
            return
        if not self.locked:
            self.locked = True
            try:
                await self._keep_place()
            except (CacheError, NightdeskError) as trouble:
                # To lock would lose what is being written: the one thing that it must not do.
                self.locked = False
                self.tell(f"Not locked: what you are writing could not be kept. {trouble}", "error")
                return
        if seal:
            self.sealed = True
        await self._show_lock(why)
        self.hold_none()
        self.engine.cancel()
        for lines in self._histories.values():
            lines.clear()
        self.forget_words()
        await self._forget()
        if seal:
            await self._let_go(deliver=deliver)

    async def _show_lock(self, why: str) -> None:
        from console.screens.lock import LockScreen

        screen = LockScreen(self._opener.by, sealed=self.sealed, why=why)
        await self._put_in_place_of_all(screen)

    async def _keep_place(self) -> None:
        for screen in self.screens():
            screen.save()
        place = self._place()
        if place is not None:
            await self.off_loop(lambda: self.desk.cache.write(lambda tables: keep(tables, place)))

    def _place(self) -> Whereabouts | None:
        open_ = self.screens()
        desk, above = (open_[0], open_[1:]) if open_ else (None, [])
        if not isinstance(desk, DeskScreen):
            return None
        row = desk.row
        opened = [
            Opened(screen.reopened_by, screen.about_case, screen.field_in_front)
            for screen in above
            if screen.reopened_by
        ]
        return Whereabouts(
            filter=desk.filter,
            sort=desk.sort,
            descending=desk.descending,
            case_id=row.id if row is not None else "",
            marked=desk.marks.ids,
            in_case=desk.in_case,
            screens=tuple(opened),
        )

    async def _put_in_place_of_all(self, screen: Screen[Any]) -> None:
        """Show a screen, and take away every other that there is, what it waits for included."""
        from widgets.forgetting import emptied

        app = cast("Any", self)
        nodes: list[Any] = []
        for each in self.screen_stack:
            app.workers.cancel_node(each)
            nodes += each.walk_children(with_self=True)
        going = [self.pop_screen() for _ in self.screen_stack[1:]]
        # The lowest screen was not pushed, so Textual has nobody who waits for its result.
        waiting: list[Any] = getattr(self.screen, "_result_callbacks")  # noqa: B009 - Textual's own
        if not waiting:
            waiting.append(None)
        going.append(app.switch_screen(screen))
        for each in going:
            await each
        emptied(nodes)

    async def _forget(self) -> None:
        from widgets.forgetting import forget

        await asyncio.sleep(0)  # what the removed screens still had to do is done
        forget()
        forget_words()

    async def _let_go(self, *, deliver: bool) -> None:
        """Deliver what can go, then end the sync and let go of key, token and cache."""
        desk = self.desk

        def close() -> None:
            try:
                if deliver and desk.online and any(desk.counts().values()):
                    desk.sync.finish(SECONDS_TO_DELIVER)
            finally:
                self.stop_sync()
                desk.close()
                self._opener.seal()

        await self.off_loop(close)
        await self._forget()

    # --- Opening again ----------------------------------------------------------------------

    async def unlock(self, given: str) -> str | None:
        """Try to open with what was typed; return why not, None where it opens."""
        profile = self.desk.profile
        try:
            if self.sealed:
                self.desk = await self.off_loop(lambda: self._opener.open(profile, given))
            else:
                await self.off_loop(lambda: self._opener.check(given))
        except NightdeskError as refused:
            return str(refused)
        self.beside(self._come_back())
        return None

    async def _come_back(self) -> None:
        place, unread = None, ""
        try:
            place = await self.off_loop(lambda: self.desk.cache.write(take))
        except CacheError as trouble:
            unread = f"Not where you were: the place could not be read. {trouble}"
        anew = self.sealed
        shown = asyncio.Event()
        desk = DeskScreen(shown=shown.set)
        if place is not None:
            desk.views = await self.off_loop(self.desk.views)  # the filter may name one
            desk.begin_at(place)
        self.locked = self.sealed = False
        await self._put_in_place_of_all(desk)
        if anew:
            self.standing.online = None
            self.start_sync()
        self.beside(self.recall())
        self.look()
        await shown.wait()
        if unread:
            self.tell(unread, "warning")
        if place is not None:
            await self._reopen(desk, place)

    async def _reopen(self, desk: DeskScreen, place: Whereabouts) -> None:
        if place.in_case:
            desk.do_pane_next(None)
        for opened in place.screens:
            before = self.screen
            if opened.case_id and before is desk:
                desk.later(desk.go_to(opened.case_id, then=opened.command))
            else:
                await self.run_named(opened.command)
            for _ in range(_COMES_BACK_WITHIN):
                if self.screen is not before:
                    break
                await asyncio.sleep(_GLANCE)
        front = self.screen
        if not place.screens or not isinstance(front, NightScreen):
            return
        for _ in range(_COMES_BACK_WITHIN):
            if front.open and front.takes_keys:
                break
            await asyncio.sleep(_GLANCE)
        front.go_to_field(place.screens[-1].field)

    # --- What the locked screen shows -------------------------------------------------------

    def locked_standing(self) -> list[list[Piece]]:
        """Say how things stand, without a word of any case."""
        if self.sealed:
            return []
        lines = [[("  ", "text"), *self.standing.connection()]]
        if self.standing.waiting:
            lines.append([(f"  →{self.standing.waiting} unsent", "unsent")])
        if self.ringing:
            alarms = "alarm waits" if self.ringing == 1 else "alarms wait"
            lines.append([(f"  {self.ringing} {alarms}", "error")])
        return lines


async def _run(work: "Editing") -> int | OSError:
    """Run an editor to its end, or to ours.

    That it cannot be started is returned: Textual takes the terminal back only where nothing is
    raised.
    """
    try:
        editor = await asyncio.create_subprocess_exec(*work.command, env=work.environment)
    except OSError as error:
        return error
    try:
        return await editor.wait()
    finally:
        if editor.returncode is None:
            editor.terminate()
