"""A monkey at the keyboard: keys drawn by a seed for hours, and what must hold whatever they are.

`make monkey MINUTES=10 SEED=1` plays one game after another, with another seed each, in all keymaps
in turn; the suite plays a few of fixed length. What breaks is told with the last keys and the
screen, and `make monkey SEED=n KEYS=k` plays it again. A game draws what to do from the seed and
from where it is; threads of the console may still make two games of a seed differ.
"""

import argparse
import asyncio
import contextlib
import faulthandler
import json
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from textual.app import App
from textual.widget import Widget

from console.app import NightdeskApp
from console.commands import COMMANDS, act_of, keys
from console.hands import Act
from console.locking import with_sleep
from console.screens.base import NightScreen
from console.screens.confirm import APART, ConfirmScreen
from console.screens.desk import DeskScreen
from console.screens.draft import DraftScreen
from console.screens.keeping import Keeping
from console.screens.lock import LockScreen
from console.sync import ConnectionChanged
from console.sync.events import CasesChanged, EntryMoved
from keymaps.loader import builtin_names
from local_cache import keys as cache_keys
from local_cache import wraps
from local_cache.drafts import Drafts
from local_cache.entries import Entry, NewEntry, Problem, State
from local_cache.hostile import Hostile
from local_cache.outbox import Outbox, OutboxError
from local_cache.tables import Tables
from tests.casework_ground import REGISTER, wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk
from tests.pilot.hostile_pastes import PLACES, Place, arrive, hostile, paste_all
from tests.pilot.typed_bytes import kitty, plain

PASSPHRASE: Final = "correct horse battery"
CASES: Final = 14
GAME: Final = 400
"""Things that a game does."""
DEAD: Final = 15.0
"""Seconds after which a console that takes no key is taken for dead."""
HANGS: Final = 4 * DEAD
"""Seconds after which a thing that does not end is taken for one that never will."""
GAME_HANGS: Final = 1200.0
"""Seconds after which a game is, whose event loop itself stands still."""
DEEPEST: Final = 8
"""Screens that may lie on one another."""
DANGEROUS: Final = ("decide", "respond", "enforce", "approve")
"""Actions that nobody may record without the digits of a confirmation."""
RECORD: Final = frozenset(
    {"form.submit", "draft.send", "case.claim", "case.release", "repeat", "compare.keep"}
)
"""Commands that may end in an entry of the outbox, the form and its digits between."""
DISCARD: Final = frozenset(
    {"form.discard", "draft.discard", "compare.redo", "outbox.discard", "form.submit", "draft.send"}
)
"""Commands that may end in a draft thrown away, or used up by what was recorded of it."""
LEAVES: Final = ("form.cancel", "draft.leave", "help.leave", "prompt.cancel", "back")
"""Commands that lead back to the desk, where the next deed begins."""
FINISHES: Final = ("form.submit", "draft.send", "prompt.accept", "help.run")
REMEMBERED: Final = 12
"""Things done before a deed among which the command for it has to be."""
OPEN_FILES: Final = Path("/proc/self/fd")
MORE: Final = 24
"""Files that may be open, and threads that may run, beyond those at first: pools make their few."""
_ANSWERS: Final[tuple[State, ...]] = ("accepted", "returned", "changed")
SIZES: Final = ((80, 24), (120, 40), (200, 50), (40, 12), (100, 110))


class Broken(AssertionError):
    """Something does not hold that has to."""


class Watched:
    """What the console does, seen from below: commands, entries, drafts, whatever goes wrong."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.entries: list[Entry] = []
        self.dropped: list[str] = []
        self.wrong: list[str] = []

    def clear(self) -> None:
        """Begin to watch another thing being done."""
        self.commands, self.entries, self.dropped = [], [], []


@contextlib.contextmanager
def watching() -> Generator[Watched]:
    """Watch every console of the process until the block ends."""
    seen = Watched()
    run, record, drop = NightdeskApp.run_named, Outbox.record, Drafts.drop
    hook = threading.excepthook

    async def ran(self: NightdeskApp, name: str, *args: Any, **named: Any) -> str | None:
        seen.commands.append(name)
        return await run(self, name, *args, **named)

    def recorded(self: Outbox, new: NewEntry) -> Entry:
        entry = record(self, new)
        seen.entries.append(entry)
        return entry

    def dropped(self: Drafts, draft_id: str) -> None:
        seen.dropped.append(draft_id)
        drop(self, draft_id)

    def threw(args: threading.ExceptHookArgs) -> None:
        seen.wrong.append(f"a thread ended with {args.exc_type.__name__}: {args.exc_value}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NightdeskApp, "run_named", ran)
        patch.setattr(Outbox, "record", recorded)
        patch.setattr(Drafts, "drop", dropped)
        patch.setattr(wraps, "_SCRYPT_N", 2**4)  # the cost of a passphrase is not what is tested
        threading.excepthook = threw
        try:
            yield seen
        finally:
            threading.excepthook = hook


class Monkey:
    """Plays one game on one desk."""

    def __init__(self, ground: Ground, seed: int, seen: Watched) -> None:
        self.chance = random.Random(seed)
        self.ground = ground
        self.seen = seen
        self.done = 0
        self.log: deque[str] = deque(maxlen=40)
        self.versions = Counter[int]()
        self.late = 0.0
        self.recent: deque[frozenset[str]] = deque(maxlen=REMEMBERED)
        self.confirmed = 0
        """Confirmations that were answered with their digits, and not used yet."""
        self.typed: dict[int, str] = {}
        """Digits pressed by hand, by the confirmation that was in front."""
        self.words = 0
        self.kept: dict[str, set[str]] = {}
        """Words that were last left in a draft, by its id."""
        self.writing: dict[NightScreen, tuple[str, set[str]]] = {}
        """Words on the screens that are being filled in."""
        self.plan: deque[tuple[str, str]] = deque()
        self.pasted = False
        self.files = self.threads = 0
        """How many were open, and ran, when the game was young."""
        self.figures = Counter[str]()

    # --- What is done ---------------------------------------------------------------------------

    async def play(self, hand: Hand, things: int) -> None:
        """Do so many things, until the console is left."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _loop, told: self.seen.wrong.append(f"{told.get('message')}: {told}")
        )
        self._pass_time(hand, 0)
        while self.done < things and hand.app.is_running and hand.app._exit is False:
            self.seen.clear()
            self.pasted = False
            self.done += 1
            async with asyncio.timeout(HANGS):
                await self._do_something(hand)
                await self._settle(hand)
            self._check(hand)
            if self.done % 50 == 0:
                self._check_at_leisure()

    async def _do_something(self, hand: Hand) -> None:
        screen = hand.app.screen
        if isinstance(screen, LockScreen):
            await self._at_the_lock(hand, screen)
            return
        if self.plan:
            await self._follow_plan(hand)
            return
        draw = self.chance.random()
        if draw < 0.04:
            self._paste(hand, hostile(self.chance))
        elif draw < 0.06:
            size = self.chance.choice(SIZES)
            self.log.append(f"resize {size}")
            await hand.pilot.resize_terminal(*size)
        elif draw < 0.10:
            await self._serve(hand)
        elif draw < 0.115:
            self._pass_time(hand, self.chance.choice([20, 150, 290, 310, 3700]))
        elif isinstance(screen, ConfirmScreen):
            await self._confirm(hand, screen)
        elif isinstance(screen, NightScreen) and screen.typing():
            self._fill_in(hand, screen)
        elif not isinstance(screen, DeskScreen) and draw < 0.3:
            self._do(hand, *LEAVES)
        else:
            self._press_some(hand, screen)

    def _send(self, hand: Hand, data: str, *, rested: bool = True) -> None:
        self.log.append(f"{type(hand.app.screen).__name__}: {data!r}")
        if rested:
            hand.rest()
        hand.feed(data.encode("utf-8", "replace").decode())

    def _press(self, hand: Hand, word: str) -> None:
        write = kitty if self.chance.random() < 0.2 else plain
        for each in word.split():
            self._send(hand, write(each), rested=self.chance.random() < 0.9)

    def _press_some(self, hand: Hand, screen: Any) -> None:
        contexts = screen.contexts() if isinstance(screen, NightScreen) else ()
        bindings = [each for each in keys.keymap().bindings if each.context in contexts]
        draw = self.chance.random()
        if isinstance(screen, DeskScreen) and draw < 0.5:
            self._plan_a_deed()
        elif not bindings or draw < 0.40:
            key = self.chance.choice([*"abcxyz0123456789 -=/;", "\r", "\x1b", "\t", "\x03", "é"])
            self._send(hand, key)
        elif draw < 0.45:
            self._send(hand, str(self.chance.randint(1, 300)))
        else:
            commands = sorted({each.command for each in bindings})
            name = self.chance.choice(commands)
            if name == "quit" and self.chance.random() < 0.7:
                return
            written = [each.written for each in bindings if each.command == name]
            self._press(hand, self.chance.choice(written))

    def _fill_in(self, hand: Hand, screen: NightScreen) -> None:
        draw = self.chance.random()
        if draw < 0.45:
            self.words += 1
            self._send(hand, self.chance.choice([f"w{self.words}x ", "dup", "P1", "y", "+2h"]))
        elif draw < 0.55:
            self._send(hand, self.chance.choice(["1", "2", "3", "\x1b[B", " "]))
        elif draw < 0.67:
            self._send(hand, self.chance.choice(["\r", "\t", "\x1b[Z"]))
        elif draw < 0.72:
            self._send(hand, "\x1b")
        elif draw < 0.80:
            self._do(hand, *LEAVES)
        elif draw < 0.88:
            self._do(hand, *FINISHES)
        else:
            self._press_some(hand, screen)

    def _plan_a_deed(self) -> None:
        """Have a whole deed done, one thing after the other, unless something comes between."""
        self.words += 1
        word = f"w{self.words}x "
        deed = self.chance.choice(
            [
                [("do", "case.note"), ("type", word), ("do", "form.submit")],
                [("do", "case.note"), ("type", word), ("do", "form.cancel"), ("do", "case.note")],
                [("do", "case.tag"), ("type", word), ("do", "form.submit")],
                [
                    ("do", "mark.all"),
                    ("do", self.chance.choice(["case.tag", "case.note"])),
                    ("type", word),
                    ("do", "form.submit"),
                    ("do", "form.submit"),
                ],
                [
                    ("do", "decision.open"),
                    ("type", "duplicate"),
                    ("type", "\r"),
                    ("type", word),
                    ("do", "form.submit"),
                    ("digits", ""),
                ],
                [
                    ("do", "case.enforce"),
                    ("type", "1"),
                    ("type", "\r"),
                    ("type", "4"),
                    ("type", "\r"),
                    ("type", "\r"),
                    ("type", word),
                    ("do", "form.submit"),
                    ("digits", ""),
                ],
                [("do", "draft.open"), ("type", word), ("do", "draft.leave"), ("do", "draft.open")],
                [("do", "go.outbox"), ("do", "outbox.discard"), ("digits", "")],
                [("do", "go.outbox"), ("do", "outbox.compare"), ("do", "compare.drop")],
                [("do", "go.views"), ("do", "views.save"), ("type", word), ("type", "\r")],
                [("do", "go.views"), ("do", "views.filter"), ("type", word), ("type", "\r")],
                [("do", "view.1"), ("do", "go.views"), ("do", "views.drop"), ("do", "go.desk")],
            ]
        )
        self.plan.extend(deed)

    async def _follow_plan(self, hand: Hand) -> None:
        kind, what = self.plan.popleft()
        if kind == "type":
            self._send(hand, what)
        elif kind == "do":
            if not self._do(hand, what):
                self.plan.clear()
        elif isinstance(hand.app.screen, ConfirmScreen):
            await self._confirm(hand, hand.app.screen, right=True)

    def _do(self, hand: Hand, *commands: str) -> bool:
        """Press the key of the first of these commands that has one here; tell whether one has."""
        screen = hand.app.screen
        contexts = screen.contexts() if isinstance(screen, NightScreen) else ()
        written = {
            each.command: each.written
            for each in reversed(keys.keymap().bindings)
            if each.context in contexts
        }
        name = next((each for each in commands if each in written), None)
        if name is not None:
            self._press(hand, written[name])
        return name is not None

    async def _confirm(self, hand: Hand, screen: ConfirmScreen, *, right: bool = False) -> None:
        draw = 0.0 if right else self.chance.random()
        if draw < 0.3:
            digits = screen._digits
        elif draw < 0.7:
            digits = "".join(self.chance.choices("123456789", k=self.chance.randint(1, 5)))
        elif draw < 0.8:
            text = screen._digits
            bracketed = self.chance.random() < 0.5
            self._paste(hand, f"\x1b[200~{text}\x1b[201~" if bracketed else text)
            return
        else:
            self._press_some(hand, screen)
            return
        for digit in digits:
            await asyncio.sleep(2 * APART)
            if hand.app.screen is not screen:
                return
            self._send(hand, digit)
            self.typed[id(screen)] = self.typed.get(id(screen), "") + digit
            await hand.pilot.pause()
        if self.typed[id(screen)].endswith(screen._digits):
            self.confirmed += 1
            self.figures["confirmed"] += 1

    def _paste(self, hand: Hand, text: str) -> None:
        self.pasted = True
        self.figures["pastes"] += 1
        self._send(hand, text)
        hand.feed("\x1b[201~")  # what is open is closed

    async def _at_the_lock(self, hand: Hand, screen: LockScreen) -> None:
        self.plan.clear()
        draw = self.chance.random()
        if draw < 0.15:
            self._send(hand, self.chance.choice(["c", "wrong\r", "\x1b", "ctrl", "\x1b[A"]))
            return
        screen._not_before = 0.0  # the wait after a wrong one is over
        self._send(hand, "\x1b")
        self._send(hand, PASSPHRASE)
        self._send(hand, "\r")
        self.figures["unlocked"] += 1
        await hand.until(lambda: not screen._trying, "the end of a try")

    async def _serve(self, hand: Hand) -> None:
        """Let something come from the server, or let it go away."""
        draw = self.chance.random()
        if draw < 0.35 and not hand.app.locked:
            await self._answer(hand)
            return
        if draw < 0.6:
            online = self.chance.random() < 0.5
            self.log.append(f"server: online {online}")
            hand.news(ConnectionChanged(online=online, since=datetime.now(UTC), why=None))
            return
        if hand.app.locked:
            return  # it may be sealing itself
        numbers = self.chance.sample(range(CASES + 3), self.chance.randint(1, 6))
        self.log.append(f"server: cases {numbers}")
        page = [self.case(number) for number in numbers]
        await asyncio.to_thread(self.ground.put, *page)
        hand.news(CasesChanged(frozenset(str(each["id"]) for each in page)))

    async def _answer(self, hand: Hand) -> None:
        """Let the server answer what waits longest: take it, refuse it, find its case changed."""
        waiting = [each for each in self.ground.entries() if each.state == "pending"]
        if not waiting:
            return
        entry, now_ms = waiting[0], self.ground.desk.now_ms()
        answer = self.chance.choice(_ANSWERS)
        self.log.append(f"server: {entry.type} on {entry.case_id} {answer}")
        self.figures[f"server {answer}"] += 1
        if answer == "changed" and entry.case_id[2:].isdigit():
            await asyncio.to_thread(self.ground.put, self.case(int(entry.case_id[2:])))

        def settle(tables: Tables) -> None:
            tables.outbox.mark_sending(entry.key, now_ms)
            if answer == "accepted":
                record = {
                    "id": entry.key,
                    "type": entry.type,
                    "received_at": "2026-11-24T12:00:00Z",
                }
                tables.outbox.accept(entry.key, json.dumps(record).encode(), None, None, now_ms)
            elif answer == "returned":
                detail = Hostile("Synthetic: \x1b[31mnot by this server")
                tables.outbox.return_(entry.key, Problem(status=422, type="invalid", detail=detail))
            else:
                tables.outbox.mark_changed(entry.key, Problem(status=412, type="stale"))

        with contextlib.suppress(OutboxError):  # taken back meanwhile, or another is in front
            await asyncio.to_thread(self.ground.desk.cache.write, settle)
            hand.news(EntryMoved(entry.key, entry.case_id, entry.type, answer))

    def case(self, number: int) -> dict[str, Any]:
        """Return the next version of a case."""
        self.versions[number] += 1
        version = self.versions[number]
        held = {"by": "sp_9", "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
        return wire_case(
            id=f"c_{number}",
            seq=1000 * version + number,
            version=str(version),
            reference=f"E-{number}",
            title=f"Synthetic {number}, version {version}",
            priority=f"P{(number + version) % 5}",
            claim=held if self.chance.random() < 0.15 else None,
        )

    def _pass_time(self, hand: Hand, seconds: float) -> None:
        self.log.append(f"{seconds} s pass")
        self.late += seconds
        app = hand.app
        app.clock = lambda: with_sleep() + self.late
        if self.chance.random() < 0.9:  # else it was the machine that slept
            app._asleep = app.clock() - time.monotonic()
        app.look_at_the_clock()

    # --- What has to hold -----------------------------------------------------------------------

    async def _settle(self, hand: Hand) -> None:
        """Wait until all that was set off is done and the next key can be taken."""
        app = hand.app
        end = time.monotonic() + DEAD
        while True:
            await hand.pilot.pause()
            if not app.is_running or app._exit or app.failure is not None:
                return
            screen = app.screen
            takes = not isinstance(screen, NightScreen) or screen.takes_keys
            shut = not app.locked or isinstance(screen, LockScreen)
            work: Any = app.readers._work_queue
            if takes and shut and not app._typed and not work.qsize() and self._at_rest(app):
                await hand.pilot.pause()
                return
            if time.monotonic() > end:
                raise Broken(f"the console takes no key any more: {screen}, {list(app._typed)}")
            await asyncio.sleep(0.002)

    def _at_rest(self, app: NightdeskApp) -> bool:
        many = app.together
        return many is None or many.ended.is_set()

    def _check(self, hand: Hand) -> None:
        app = hand.app
        self.ground.desk = app.desk  # another one, where it was sealed and opened
        if app.failure is not None:
            raise Broken("it crashed") from app.failure
        if self.seen.wrong:
            raise Broken(f"unhandled: {self.seen.wrong}")
        self.recent.append(frozenset(self.seen.commands))
        self._check_paste()
        self._check_entries()
        if app.sealed:
            return  # what is kept is seen once it is opened
        if app._exit or not app.is_running:
            self._check_writing([])
            return
        stack = app.screen_stack
        if len(stack) > DEEPEST:
            raise Broken(f"screens pile up: {stack}")
        self._check_focus(app)
        self._check_writing(stack)
        self.figures[type(app.screen).__name__] += 1

    def _check_paste(self) -> None:
        if not self.pasted:
            return
        ran = [name for name in self.seen.commands if act_of(COMMANDS[name]) is not Act.MOVES]
        ran = [name for name in ran if name not in ("form.next", "form.previous")]
        if ran:
            raise Broken(f"a paste ran {ran}")
        if self.seen.entries:
            raise Broken(f"a paste recorded {self.seen.entries}")

    def _check_entries(self) -> None:
        lately = frozenset[str]().union(*self.recent)
        for entry in self.seen.entries:
            self.figures[f"recorded {entry.type}"] += 1
            if not lately & RECORD:
                raise Broken(f"{entry.type} was recorded, and no command for it: {lately}")
            if entry.type in DANGEROUS:
                if not self.confirmed:
                    raise Broken(f"{entry.type} was recorded, and nobody typed its digits")
                self.confirmed -= 1

    def _check_focus(self, app: App[Any]) -> None:
        screen = app.screen
        if isinstance(screen, LockScreen):
            return  # takes every key itself
        focused = screen.focused
        if focused is None:
            raise Broken(f"the focus is nowhere on {screen}")
        for each in focused.ancestors_with_self:
            if isinstance(each, Widget) and not each.display:
                raise Broken(f"the focus is on {focused}, which is hidden")

    def _check_writing(self, stack: Sequence[object]) -> None:
        """See that words that were on a screen are kept once it is left, and back when it comes."""
        for screen, (draft_id, words) in list(self.writing.items()):
            if screen in stack:
                continue
            del self.writing[screen]
            if self.seen.entries or draft_id in self.seen.dropped or self.pasted:
                self.kept.pop(draft_id, None)
                continue
            there = self._drafts().get(draft_id, "")
            lost = [word for word in words if word not in there]
            if lost:
                raise Broken(f"of {draft_id} {lost} are lost; kept is {there!r}")
            self.kept[draft_id] = words
        for draft_id in self.seen.dropped:
            if not frozenset[str]().union(*self.recent) & DISCARD:
                raise Broken(f"the draft {draft_id} was dropped by {list(self.recent)}")
            self.kept.pop(draft_id, None)
        for screen in stack:
            if not (isinstance(screen, (Keeping, DraftScreen)) and screen.takes_keys):
                continue
            now = self._written(screen)
            if now is None:
                continue
            draft_id, text = now
            if screen not in self.writing:
                words = {word for word in self.kept.get(draft_id, ()) if word not in text}
                if words:
                    raise Broken(f"{draft_id} was opened again without {words}: {text!r}")
            words = {f"w{number}x" for number in range(1, self.words + 1)}
            self.writing[screen] = (draft_id, {word for word in words if word in text})

    def _written(self, screen: "Keeping | DraftScreen") -> tuple[str, str] | None:
        if isinstance(screen, DraftScreen):
            if screen.composed is None or screen.used_up:
                return None
            return screen.draft_id, repr(screen.form.letter())
        with contextlib.suppress(AssertionError):  # it is not read yet what it asks for
            draft = screen.as_draft()
            return draft.id, json.dumps(draft.content)
        return None

    def _drafts(self) -> dict[str, str]:
        return {each.id: json.dumps(each.content) for each in self.ground.desk.drafts()}

    def _check_at_leisure(self) -> None:
        if OPEN_FILES.exists():
            files = len(list(OPEN_FILES.iterdir()))
            self.files = self.files or files
            if files > self.files + MORE:
                raise Broken(f"files stay open: {self.files} before, {files} now")
        threads = threading.active_count()
        self.threads = self.threads or threads  # some are of tests before this one
        if threads > self.threads + MORE:
            raise Broken(f"threads pile up: {[each.name for each in threading.enumerate()]}")


async def play(folder: Path, seed: int, things: int, seen: Watched) -> Monkey:
    """Play a game; whatever was recorded is there at its end, and the audit chain is whole.

    Raises:
        Broken: with the seed, the last things done and the screen.
    """
    ground = Ground(folder, key=cache_keys.create_key(folder, passphrase=PASSPHRASE))
    ground.desk.cache.write(lambda tables: tables.meta.set("token", "no-token"))
    monkey = Monkey(ground, seed, seen)
    ground.seed(
        *(monkey.case(number) for number in range(CASES)),
        roles=("specialist", "approver"),
        register=REGISTER,
    )
    sealed = False
    while monkey.done < things:
        shown = ""
        try:
            async with at_the_desk(ground, size=monkey.chance.choice(SIZES[:3])) as hand:
                try:
                    await monkey.play(hand, things)
                except BaseException:
                    with contextlib.suppress(Exception):
                        shown = hand.text
                    raise
            sealed = hand.app.sealed
            if sealed:
                break  # it was left sealed; a new process would ask for the passphrase
        except BaseException as error:
            last = "\n  ".join(monkey.log)
            raise Broken(
                f"{error!r}\nseed {seed}, after {monkey.done} things: "
                f"make monkey SEED={seed} KEYS={monkey.done}\n  {last}\n{shown}"
            ) from error
    if not sealed:
        with ground.desk.cache.read() as tables:
            report = tables.audit.verify()
        assert report.ok, f"seed {seed}: {report.problem}"
        ground.desk.close()
    return monkey


@contextlib.contextmanager
def keymap(name: str) -> Generator[None]:
    """Go by a keymap that comes with Nightdesk; no file of the person's is read."""
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTDESK_HOME", home)
        keys.use(name)
        try:
            yield
        finally:
            patch.undo()
            keys.look_again()


def game(seed: int, things: int) -> Monkey:
    """Play the game of a seed; which keymap it is played in follows from the seed."""
    names = builtin_names()
    with (
        tempfile.TemporaryDirectory() as folder,
        keymap(names[seed % len(names)]),
        watching() as seen,
    ):
        return asyncio.run(play(Path(folder), seed, things, seen))


def paste_everywhere(seed: int, times: int, told: Callable[[str], object]) -> int:
    """Paste at each place there is; return how many of them a paste ran something at."""
    broken = 0
    for name, place in PLACES.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(wraps, "_SCRYPT_N", 2**4)
            ran = asyncio.run(_paste_at(Path(folder), place, seed, times, patch))
        broken += bool(ran)
        told(f"{name}: {times} pastes in {time.monotonic() - began:.0f} s, ran {ran or 'nothing'}")
    return min(broken, 1)


async def _paste_at(
    folder: Path, place: Place, seed: int, times: int, patch: pytest.MonkeyPatch
) -> list[str]:
    ground = Ground(folder, key=cache_keys.create_key(folder, passphrase=PASSPHRASE))
    ground.seed(*(wire_case(id=f"c_{number}") for number in range(CASES)), register=REGISTER)
    try:
        async with at_the_desk(ground) as hand:
            await arrive(hand, place)
            before, entries = list(hand.app.screen_stack), ground.entries()
            ran = await paste_all(hand, place, seed, times, patch)
            moved = [] if hand.app.screen_stack == before else [f"{hand.app.screen_stack}"]
            made = [entry.type for entry in ground.entries()[len(entries) :]]
            return [*ran, *moved, *made]
    finally:
        ground.desk.close()


def main(told: Callable[[str], object] = print) -> int:
    """Play until the time is over; the exit status says whether everything held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keys", type=int, default=0, help="play this seed alone, so far")
    parser.add_argument("--pastes", type=int, default=0, help="instead, so many at each place")
    asked = parser.parse_args()
    if asked.pastes:
        return paste_everywhere(asked.seed, asked.pastes, told)
    end = time.monotonic() + 60 * asked.minutes
    seed, broken, figures = asked.seed, 0, Counter[str]()
    while True:
        faulthandler.dump_traceback_later(GAME_HANGS, exit=True)
        try:
            monkey = game(seed, asked.keys or GAME)
        except Exception as error:  # it is told, and the next game is played
            broken += 1
            told(f"BROKEN seed {seed}")
            told("".join(traceback.format_exception(error)))
        else:
            figures.update(monkey.figures)
            figures["things"] += monkey.done
            told(f"seed {seed}: {monkey.done} things, all held")
        seed += 1
        if asked.keys or time.monotonic() > end:
            break
    told(f"{seed - asked.seed} games, {broken} broken; {dict(sorted(figures.items()))}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
