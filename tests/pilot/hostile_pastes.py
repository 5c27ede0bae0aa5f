"""Pastes as an attacker writes them, and every place of the console that they can land in."""

import importlib
import inspect
import pkgutil
import random
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import msgspec
import pytest

import console.screens
from console.app import NightdeskApp
from console.casework import actions
from console.commands import COMMANDS, act_of
from console.desk.remembering import View
from console.hands import Act
from console.screens.ask_key import AskKeyScreen
from console.screens.base import NightScreen
from console.screens.compare import CompareScreen
from console.screens.confirm import ConfirmScreen
from console.screens.decide import DecideScreen
from console.screens.desk import DeskScreen
from console.screens.draft import DraftScreen
from console.screens.form import FormScreen
from console.screens.help import HelpScreen
from console.screens.leaving import LeavingScreen
from console.screens.lock import LockScreen
from console.screens.many import ManyScreen
from console.screens.outbox import OutboxScreen
from console.screens.pick import PickScreen
from console.screens.views import ViewsScreen
from tests.hostile import CORPUS
from tests.pilot.ground import Hand

VERBS: Final = "cCaividArwepdtm@Lzu!:q?/sf+"
ESCAPES: Final = (
    "\x1b[201~", "\x1b[200~", "\x1b", "\x9b", "\x1b]0;x\x07", "\x1bc", "\x1b[A", "\x1bOP", "\x00",
    "\r", "\n", "\r\n", "\x03", "\x04", "\x11", "\x13", "\x12", "\x0f", "\t", "\x7f", "\x18\x03",
)  # fmt: skip
WORDS: Final = (
    ":quit\r", ":case.claim\r", "gx", "xt", "xi", "go", "gq", "1234", "yes\r", "approve", "D", "K",
)  # fmt: skip


def hostile(chance: random.Random) -> str:
    """Return a paste as an attacker writes it."""
    parts: list[str] = []
    for _ in range(chance.randint(3, 9)):
        pool = chance.choice(["verb", "escape", "word", "corpus"])
        if pool == "verb":
            parts.append(chance.choice(VERBS))
        elif pool == "escape":
            parts.append(chance.choice(ESCAPES))
        elif pool == "word":
            parts.append(chance.choice(WORDS))
        else:
            parts.append(chance.choice(CORPUS)[:40])
    text = "".join(parts)
    shape = chance.randrange(4)
    if shape == 0:
        return f"\x1b[200~{text}\x1b[201~"
    if shape == 1:
        return f"\x1b[200~harmless\x1b[201~{text}\x1b[201~"
    return f"a text: {text}" if shape == 2 else f"{chance.choice(VERBS)}{text} and so on"


# --- Places ---------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Somewhere that a paste can land."""

    screen: type[NightScreen]
    go: Callable[[Hand], Awaitable[object]]
    """Goes there from the desk."""
    anew: bool = False
    """Whether a paste, as any key, leaves it: it is gone to before each one."""


def by_keys(*keys: str) -> Callable[[Hand], Awaitable[object]]:
    """Return how to go to a place by pressing keys."""

    async def go(hand: Hand) -> None:
        for key in keys:
            await hand.press(key)

    return go


async def _to_pick(hand: Hand) -> None:
    await hand.press("r")
    await hand.see("Text")
    await hand.press("ctrl+t")


async def _to_letter(hand: Hand) -> None:
    await hand.press("r")
    await hand.see("Text", "free")


async def _to_confirm(hand: Hand) -> None:
    hand.app.push_screen(ConfirmScreen("Confirm", []))


async def _to_compare(hand: Hand) -> None:
    hand.app.desk.act("c_1", actions.Note(body="A note."), undo_window=True)
    await hand.press("g", "o")
    await hand.see("A note.")
    await hand.press("equals_sign")


async def _to_many(hand: Hand) -> None:
    await hand.press("M", "t")
    await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
    await hand.type("wave")
    await hand.press("ctrl+s")
    await hand.until(lambda: isinstance(hand.app.screen, ManyScreen), "what it will do")
    await hand.see("records on")


async def _to_view_filter(hand: Hand) -> None:
    hand.app.desk.save_view(View(1, "old", "tag:x"))
    await hand.press("g", "0")
    await hand.see("1 old")
    await hand.press("e")


async def _to_leaving(hand: Hand) -> None:
    desk = hand.app.desk
    desk.profile = msgspec.structs.replace(desk.profile, memory_only=True)
    desk.act("c_1", actions.Note(body="A note."))
    await hand.press("ctrl+q")


PLACES: Final = {
    "desk": Place(DeskScreen, by_keys()),
    "case": Place(DeskScreen, by_keys("enter")),
    "marks": Place(DeskScreen, by_keys("M")),
    "range": Place(DeskScreen, by_keys("V", "j")),
    "begun keys": Place(DeskScreen, by_keys("g"), anew=True),
    "begun reveal": Place(DeskScreen, by_keys("x"), anew=True),
    "count": Place(DeskScreen, by_keys("7"), anew=True),
    "labels": Place(DeskScreen, by_keys("f"), anew=True),
    "command line": Place(DeskScreen, by_keys("colon")),
    "arguments": Place(DeskScreen, by_keys("colon", *"view ")),
    "filter": Place(DeskScreen, by_keys("slash")),
    "search": Place(DeskScreen, by_keys("enter", "slash")),
    "note": Place(FormScreen, by_keys("i")),
    "choices": Place(FormScreen, by_keys("e")),
    "lines": Place(FormScreen, by_keys("t")),
    "many choices": Place(FormScreen, by_keys("p")),
    "new case": Place(FormScreen, by_keys("+")),
    "read first": Place(FormScreen, by_keys("v")),
    "queues": Place(FormScreen, by_keys("m")),
    "decide": Place(DecideScreen, by_keys("d")),
    "letter": Place(DraftScreen, _to_letter),
    "pick": Place(PickScreen, _to_pick),
    "help": Place(HelpScreen, by_keys("question_mark")),
    "ask key": Place(AskKeyScreen, by_keys("g", "question_mark")),
    "outbox": Place(OutboxScreen, by_keys("g", "o")),
    "views": Place(ViewsScreen, by_keys("g", "0")),
    "view name": Place(ViewsScreen, by_keys("g", "0", "s")),
    "view filter": Place(ViewsScreen, _to_view_filter),
    "compare": Place(CompareScreen, _to_compare),
    "many": Place(ManyScreen, _to_many),
    "confirm": Place(ConfirmScreen, _to_confirm),
    "lock": Place(LockScreen, by_keys("g", "l")),
    "leaving": Place(LeavingScreen, _to_leaving),
}


def screens() -> set[type[NightScreen]]:
    """Return every screen there is: the kinds that no other kind is made of."""
    for found in pkgutil.iter_modules(console.screens.__path__, "console.screens."):
        importlib.import_module(found.name)
    every = {NightScreen}
    while more := {each for kind in every for each in kind.__subclasses__()} - every:
        every |= more
    return {
        each
        for each in every
        if each.__module__.startswith("console.")
        and not inspect.isabstract(each)
        and not each.__subclasses__()
    }


async def arrive(hand: Hand, place: Place) -> None:
    """Go to a place."""
    await place.go(hand)
    await hand.until(
        lambda: isinstance(hand.app.screen, place.screen) and hand.app.screen.takes_keys,
        place.screen.__name__,
    )
    await hand.pilot.pause()


async def paste_all(
    hand: Hand, place: Place, seed: int, times: int, patch: pytest.MonkeyPatch
) -> list[str]:
    """Paste many times; return the commands that ran and did not only move."""
    chance = random.Random(seed)
    ran: list[str] = []
    run = NightdeskApp.run_named
    pasting = True

    async def watched(self: NightdeskApp, name: str, count: int | None = None) -> None:
        if pasting:
            ran.append(name)
        else:
            await run(self, name, count)

    def left(_self: NightdeskApp) -> None:
        ran.append("leave")

    patch.setattr(NightdeskApp, "run_named", watched)
    patch.setattr(NightdeskApp, "leave", left)
    for _ in range(times):
        if place.anew:
            await _all_taken(hand)
            pasting = False
            await place.go(hand)
            await _all_taken(hand)
            hand.rest()
            pasting = True
        text = hostile(chance)
        while text:
            part = chance.choice([len(text), len(text), 60])
            hand.feed(text[:part].encode("utf-8", "replace").decode())
            text = text[part:]
        hand.feed("\x1b[201~")  # the next one begins outside of brackets
        if chance.random() < 0.1:
            await hand.pilot.pause()
    await _all_taken(hand)
    return [
        name
        for name in ran
        if name == "leave"
        or (act_of(COMMANDS[name]) is not Act.MOVES and name not in ("form.next", "form.previous"))
    ]


async def _all_taken(hand: Hand) -> None:
    await hand.until(lambda: not hand.app._typed, "the end of the pastes")
    await hand.pilot.pause()
