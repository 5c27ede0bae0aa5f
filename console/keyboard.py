"""From keys to commands: what the keymap knows runs, the rest goes on to the widgets."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

from textual import events
from textual.screen import Screen

from console import commands
from console.commands import By, Command
from console.commands import keys as own_keys
from console.desk import Desk
from console.errors import NightdeskError
from console.screens.base import NightScreen
from keymaps import encodings
from keymaps.engine import Engine, Match, Miss, Pending
from local_cache.errors import CacheError
from widgets import key_bytes
from widgets.direct_driver import DirectApp
from widgets.editing import Cut
from widgets.text_entry import caught_up

T = TypeVar("T")

READS: Final = key_bytes.Reads(encodings.sent, encodings.with_alt, encodings.no_key)
_ENDS_ELSEWHERE: Final = ("ctrl+c", "ctrl+z", "ctrl+d", "ctrl+backslash")
"""Keys that end or stop other programs; unless the keymap has them, they say how to leave here."""


class Keyboard(DirectApp, inherit_bindings=False):
    """An application whose keys all go through the keymap."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.engine = Engine(commands.keymap())
        self.readers = ThreadPoolExecutor(2, thread_name_prefix="reader")
        self.cut = Cut()
        self._held: list[events.Key] | None = None
        key_bytes.install(READS)

    def screens(self) -> list[NightScreen]:
        """Return the screens of ours that are open, the one in front last."""
        ours = [screen for screen in self.screen_stack if isinstance(screen, NightScreen)]
        return [screen for screen in ours if screen.open]

    def tell(self, text: str, role: str = "text") -> None:
        """Say something in the status line of the screen in front."""
        if isinstance(self.screen, NightScreen):
            self.screen.tell(text, role)

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run something that may wait for the disk or the network, and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work)

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

    def hold_none(self) -> None:
        """Let go of keys that were kept for a screen: they are nobody's any more."""
        self._held = None

    async def release_keys(self) -> None:
        """Give the keys that were held to the screen in front, in the order they were typed."""
        held, self._held = self._held, None
        for event in held or ():
            await self.on_event(event)

    def take_over_keys(self) -> None:
        """Go by the keymap of the moment from now on, and name its keys wherever keys are named."""
        self.engine = Engine(commands.keymap())
        for screen in self.screens():
            screen.keys_changed()

    async def look_at_keys(self) -> None:
        """Take a person's keys over where their file changed; if it can be used."""
        if not await self.off_loop(own_keys.look_again):
            return
        self.take_over_keys()
        self.tell_of_keys()

    def tell_of_keys(self) -> None:
        """Say what is wrong with a person's own keys, or that they are in use."""
        wrong = own_keys.problems()
        if len(wrong) > 0:
            more = f"; and {len(wrong) - 1} more: nightdesk keys check." if len(wrong) > 1 else ""
            macro = wrong[0].startswith("macros.toml")
            what = "A macro cannot be run." if macro else "Your keys were not taken over."
            self.tell(f"{what} {wrong[0]}{more}", "error")
        else:
            self.tell("Your keys are taken over.", "muted")

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
        if not self.engine.pending and screen.takes_key(event):
            return False
        pressed = self.engine.press(event.key, screen.contexts(), screen.typing())
        screen.show_pending(pressed)
        match pressed:
            case Match(command=command, count=count):
                if screen.typing() and self.focused is not None:
                    await caught_up(self.focused)
                await self.run_named(command, count)
                return True
            case Pending():
                return True
            case Miss() if event.key in _ENDS_ELSEWHERE and not screen.typing():
                leave = commands.keys_for("quit")
                self.tell(f"The desk stays open. To quit: {leave}, or :q", "muted")
                return True
            case Miss(consumed=True, cancelled=cancelled, keys=keys):
                if not cancelled:
                    self.tell(f"{keys} is no command here. ? shows what is.", "muted")
                return True
            case _:
                return False

    async def run_named(self, name: str, count: int | None = None, by: By = By.HAND) -> str | None:
        """Run a command by its id, or say why it cannot run now and return that."""
        command = commands.COMMANDS[name]
        doer = self._doer(command)
        if doer is None:
            return self._refused(f"{command.title}: ", "not on this screen", "muted")
        screen = cast("NightScreen", self.screen)
        refused = command.refuses(By.COUNT if count is not None else by)
        if refused is not None:
            return self._refused(f"{command.title} ", refused)
        reason = command.blocked(screen.situation())
        if reason is not None:
            return self._refused(f"{command.title}: ", reason)
        try:
            done = doer(count)
            if asyncio.iscoroutine(done):
                await done
        except (NightdeskError, CacheError) as error:
            self.tell(str(error), "error")
            return str(error)
        return None

    def _refused(self, what: str, reason: str, role: str = "warning") -> str:
        self.tell(f"{what}{reason}.", role)
        return reason

    def run_macro(self, macro: Command) -> None:
        """Run the commands of a macro, one after the other."""
        raise NotImplementedError

    def _doer(self, command: Command) -> Callable[[int | None], Any] | None:
        if command.macro:
            return lambda _count: self.run_macro(command)
        return getattr(self.screen, command.method, None) or getattr(self, command.method, None)
