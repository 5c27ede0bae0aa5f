"""From keys to commands: what the keymap knows runs, the rest goes on to the widgets."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, TypeVar, cast

from textual import events
from textual._time import get_time
from textual.widget import Widget

from console import commands, reads
from console.commands import By, Command
from console.commands import keys as own_keys
from console.commands.registry import LEAVES
from console.desk import Desk
from console.errors import NightdeskError
from console.hands import APART, Act, Stream, Verdict, judge
from console.reads import Came, came
from console.screens.base import NightScreen
from keymaps import encodings
from keymaps.engine import Engine, Match, Miss, Pending
from local_cache.errors import CacheClosed, CacheError
from local_cache.hostile import visible
from widgets import key_bytes
from widgets.beside import Work, beside
from widgets.direct_driver import DirectApp
from widgets.editing import Cut
from widgets.text_entry import LineEntry, caught_up

T = TypeVar("T")

READS: Final = key_bytes.Reads(encodings.sent, encodings.with_alt, encodings.no_key)
_ENDS_ELSEWHERE: Final = ("ctrl+c", "ctrl+z", "ctrl+d", "ctrl+backslash")
"""Keys that end or stop other programs; unless the keymap has them, they say how to leave here."""


_LINE_ENDS: Final = ("\r", "\n", "\t")
_LEAD_ON: Final = ("enter", "escape", "tab", "shift+tab")
"""Keys that lead out of a text; the tail of a long paste, which comes in pieces, may not do it."""
_SETTLES_IN: Final = 4
"""Hand-overs from widget to parent that a key sets off at most, such as that a field is filled."""
_SETTLES_WITHIN: Final = 0.5
"""Seconds after which a widget that does not answer holds no key up any longer."""


class Press(NamedTuple):
    """A key, how it came, and the screen that is in front."""

    event: events.Key
    came: Came
    screen: NightScreen
    typing: bool

    @property
    def ends_a_line(self) -> bool:
        """Whether it is the line end of a text that landed; it is pressed as any key."""
        landed = self.came.read.landed and self.came.last and not self.came.burst.foreign
        return landed and self.event.character in _LINE_ENDS


class Keyboard(DirectApp, inherit_bindings=False):
    """An application whose keys all go through the keymap."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        # No tooltip and no toast: two widgets less on each screen, and nothing covers what is read.
        self._disable_tooltips = self._disable_notifications = True
        self.desk = desk
        self.engine = Engine(commands.keymap())
        self.readers = ThreadPoolExecutor(2, thread_name_prefix="reader")
        self.cut = Cut()
        self._stream = Stream()
        """Keys that no terminal sent."""
        self._typed: deque[events.Key | events.Paste] = deque()
        """What was typed and not taken yet."""
        key_bytes.install(READS)
        reads.install()

    def screens(self) -> list[NightScreen]:
        """Return the screens of ours that are open, the one in front last."""
        ours = [screen for screen in self.screen_stack if isinstance(screen, NightScreen)]
        return [screen for screen in ours if screen.open]

    def tell(self, text: str, role: str = "text") -> None:
        """Say something in the status line of the screen in front."""
        if self.screen_stack and isinstance(self.screen, NightScreen):
            self.screen.tell(text, role)

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run something that may wait for the disk or the network, and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work)

    def beside(self, work: Work) -> None:
        """Run something of the application's own beside the keys; what goes wrong is told."""
        beside(self, self._told, work)

    async def _told(self, work: Work) -> None:
        try:
            await work
        except CacheClosed:
            pass  # sealed or left meanwhile: what was read is for nobody any more
        except (NightdeskError, CacheError) as error:
            self.tell(str(error), "error")

    # --- Keys -------------------------------------------------------------------------------

    def hold_none(self) -> None:
        """Let go of keys that waited for a screen: they are nobody's any more."""
        self._typed.clear()

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
        if not await self.complain_of_keys():
            self.tell("Your keys are taken over.", "muted")

    async def complain_of_keys(self) -> bool:
        """Say what is wrong with a person's own keys; return whether anything is."""
        what, role = "Your keys were not taken over.", "error"
        wrong = own_keys.problems()
        if not wrong:
            what, role = "Your keys are in use, with a fault.", "warning"
            wrong = await self.off_loop(own_keys.faults)
        if not wrong:
            return False
        first, *others = wrong
        if first.startswith("macros.toml"):
            what = "A macro cannot be run."
        more = f"; and {len(others)} more: nightdesk keys check." if others else ""
        self.tell(f"{what} {first}{more}", role)
        return True

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the keymap first; what it does not know goes on to the widgets."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.append(event)
            await self._take_typed()
        else:
            await super().on_event(event)

    def release_keys(self) -> None:
        """Take the keys that waited, in the order they were typed; soon, after all else."""
        self.call_later(self._take_typed)

    async def _take_typed(self) -> None:
        while self._typed and self._keys_flow():
            await self._take(self._typed.popleft())

    def _keys_flow(self) -> bool:
        """Tell whether the screen in front takes keys; what is typed meanwhile waits for it."""
        if not self.screen_stack:
            return False
        screen = self.screen
        return screen.takes_keys if isinstance(screen, NightScreen) else True

    async def _take(self, event: events.Key | events.Paste) -> None:
        screen = self.screen
        if not isinstance(screen, NightScreen):
            await super().on_event(event)
        elif isinstance(event, events.Paste):
            await self._take_paste(event, screen)
        else:
            await self._take_key(Press(event, came(event, self._stream), screen, screen.typing()))

    async def _take_paste(self, event: events.Paste, screen: NightScreen) -> None:
        self.engine.cancel()
        if screen.typing() and _takes_paste(self.focused or self.screen):
            await super().on_event(event)
        elif event.text:
            self.tell("A paste is no command: nothing was done with it.", "warning")

    async def _take_key(self, press: Press) -> None:
        if await self._taken_as_company(press):
            return
        event, screen = press.event, press.screen
        if not self.engine.pending and screen.takes_key(event):
            if not press.came.burst.large or press.typing:
                await self._hand_on(press)
            else:
                self._refuse(press, Verdict.PASTE)
            return
        pressed = self.engine.press(event.key, screen.contexts(), press.typing)
        screen.show_pending(pressed)
        match pressed:
            case Match(command=command) if command in LEAVES and press.typing and screen.unmark():
                self.tell("The mark is taken off.", "muted")
            case Match(command=command, count=count):
                known = commands.COMMANDS[command]
                if await self._may(press, screen.act_of(known), known.title):
                    if press.typing and self.focused is not None:
                        await caught_up(self.focused)
                    await self.run_named(command, count)
            case Pending():
                pass
            case Miss() if press.came.burst.large and not press.typing:
                self._refuse(press, Verdict.PASTE)
            case Miss():
                press.came.burst.moved_only = False
                if not self._explain(press, pressed):
                    await self._hand_on(press)

    async def _taken_as_company(self, press: Press) -> bool:
        """Deal with a key that by its company is no key at all; return whether it was."""
        burst = press.came.burst
        if not press.typing:
            if burst.foreign or (burst.refused and burst.large):
                self._refuse(press, Verdict.PASTE)
                return True
            return False
        edits = not burst.foreign and not press.came.read.types
        if burst.pasted and not edits and not press.ends_a_line:
            await self._land(press)
            return True
        if burst.refused:
            return True  # meant for what the key before it would have opened, not for this text
        if press.event.key in _LEAD_ON and burst.too_soon():
            self._refuse(press, Verdict.SOON, press.event.key)
            return True
        return False

    def _explain(self, press: Press, miss: Miss) -> bool:
        """Say what a key that is no command does not do; return whether it is used up."""
        event = press.event
        if press.typing:
            return miss.consumed
        if event.key in _ENDS_ELSEWHERE:
            leave = commands.keys_for("quit")
            self.tell(f"The desk stays open. To quit: {leave}, or :q", "muted")
            return True
        if miss.consumed:
            if not miss.cancelled:
                self.tell(f"{miss.keys} is no command here. ? shows what is.", "muted")
            return True
        letter = event.character or ""
        if letter and not letter.isascii() and letter.isprintable():
            said = f"{visible(letter)} is no command: commands are Latin letters."
            self.tell(f"{said} Switch the keyboard or the input method to them.", "warning")
            return True
        return False

    async def _hand_on(self, press: Press) -> None:
        """Give a key to the widget with the focus; the next one goes where this one leads to."""
        press.came.burst.moved_only = False
        focused = self.focused
        await super().on_event(press.event)
        if press.typing and focused is not None and not press.event.is_printable:
            await _settled(focused)

    # --- Keys in company --------------------------------------------------------------------

    async def _may(self, press: Press, act: Act, title: str) -> bool:
        """Tell whether a hand meant this; else say why nothing was done."""
        burst = press.came.burst
        verdict = judge(burst, press.came.index, act, get_time(), typing=press.typing)
        while verdict is Verdict.WAIT:
            await asyncio.sleep(max(0.001, burst.last + APART - get_time()))
            verdict = judge(burst, press.came.index, act, get_time(), typing=press.typing)
        if verdict is not Verdict.TAKE:
            self._refuse(press, verdict, title)
            return False
        if act is not Act.MOVES:
            burst.moved_only = False
        return True

    def _refuse(self, press: Press, verdict: Verdict, title: str = "") -> None:
        burst = press.came.burst
        burst.refused = burst.refused or verdict is not Verdict.HELD
        burst.moved_only = False
        self.engine.cancel()
        if not press.came.last and verdict is Verdict.PASTE:
            return  # it is said once, when all of them are there
        match verdict:
            case Verdict.PASTE:
                count = len(burst.keys)
                self.tell(
                    f"{count} {'keys' if count > 1 else 'key'} came at once, as a paste does: not "
                    "taken as commands.",
                    "warning",
                )
            case Verdict.SOON:
                self.tell(
                    f"{title}: not done, too soon after what came at once. Rest a moment, then "
                    "press it again.",
                    "warning",
                )
            case Verdict.HELD:
                self.tell(f"{title}: once, however long its key is held.", "muted")
            case _:
                self.tell(
                    f"{title}: not done, its key came at once with others, as in a paste. Press "
                    "it alone.",
                    "warning",
                )

    async def _land(self, press: Press) -> None:
        """Put what came as a paste does into the text with the focus, as the text that it is."""
        event, read = press.event, press.came.read
        press.came.burst.moved_only = False
        if not _takes_paste(self.focused or self.screen):
            if press.came.last:
                self.tell("What came at once, as a paste does, picks nothing here.", "warning")
            return
        if press.came.burst.foreign:  # the brackets of a paste are among the bytes
            text = event.character or ""
        elif read.landed:
            return
        else:
            read.landed = True
            text = read.sent or event.character or ""
            if read.keys > 1 and text[-1:] in _LINE_ENDS and _moves_on(self.focused):
                text = text[:-1]  # that one is pressed
        if text:
            lines = text.replace("\r\n", "\n").replace("\r", "\n")
            await super().on_event(events.Paste(lines))

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


def _takes_paste(widget: Widget | None) -> bool:
    return hasattr(widget, "on_paste")


def _moves_on(widget: Widget | None) -> bool:
    """Tell whether a line end is no text here: a line has none in it, nor has a passphrase."""
    return widget is None or isinstance(widget, LineEntry)


async def _settled(widget: Widget) -> None:
    """Wait until what a key set off in a widget, and from there in its parents, is done.

    Messages go from widget to widget as on a chain: that a field is filled in moves the focus only
    some of them later, and a key of the same read would still reach the old field.
    """
    for _ in range(_SETTLES_IN):
        for each in widget.ancestors_with_self:
            done = asyncio.Event()
            if isinstance(each, Widget) and each.call_later(done.set):
                try:
                    await asyncio.wait_for(done.wait(), _SETTLES_WITHIN)
                except TimeoutError:
                    return
