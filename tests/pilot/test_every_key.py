"""Every command is run by its keys, in each keymap, by the bytes that terminals send.

They go through Textual's parser into the running console, on a screen where the command works; its
doers are put aside meanwhile for a note of which one ran. A new command needs nothing here; a new
context needs a way to a screen that has it.
"""

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import pytest
from textual._xterm_parser import XTermParser

from console.casework import actions
from console.commands import COMMANDS, keys
from console.screens.base import NightScreen
from console.screens.compare import CompareScreen
from console.words.outbox import placed
from keymaps.keymap import Binding, Keymap
from keymaps.loader import builtin_names
from keymaps.reach import press
from tests.casework_ground import REGISTER, wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk
from tests.pilot.typed_bytes import kitty, plain

Stack = tuple[str, ...]
Way = str | Callable[[Hand], object]

RESTS: Final = 0.045
"""Seconds between two commands: what comes closer together is taken for a paste."""


def compare(hand: Hand) -> None:
    """Open the view of what changed meanwhile."""
    hand.app.push_screen(CompareScreen(placed(hand.app.desk)[0]))


WAYS: Final[dict[Stack, tuple[Way, ...]]] = {
    ("desk", "move", "global"): (),
    ("case", "desk", "move", "global"): ("case.open",),
    ("prompt", "text"): ("command.line",),
    ("help", "text", "move", "global"): ("help",),
    ("text", "form", "global"): ("case.note",),
    ("text", "draft", "form", "global"): ("draft.open",),
    ("outbox", "move", "global"): ("go.outbox",),
    ("views", "move", "global"): ("go.views",),
    ("compare", "move", "global"): (compare,),
}
"""From the desk to where these contexts apply: commands by their ids, or what opens a screen."""


@pytest.fixture(params=builtin_names())
def keymap(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Keymap]:
    monkeypatch.setenv("NIGHTDESK_HOME", str(tmp_path / "home"))
    for name, command in COMMANDS.items():
        can = msgspec.structs.replace(command, blocked=lambda _situation: None)
        monkeypatch.setitem(COMMANDS, name, can)
    keys.use(request.param)
    yield keys.keymap()
    monkeypatch.undo()
    keys.look_again()


async def go(hand: Hand, stack: Stack) -> NightScreen:
    """Go from anywhere to a screen where these contexts apply."""
    screen = cast("NightScreen", hand.app.screen)
    if screen.prompting():
        screen.do_prompt_cancel(None)
    hand.app.do_go_desk(None)
    await hand.pilot.pause()
    await hand.app.run_named("back")  # from the case to the list
    for way in WAYS[stack]:
        if isinstance(way, str):
            await hand.app.run_named(way)
        else:
            way(hand)
    await hand.until(lambda: contexts(hand) == stack, f"a screen with {stack}")
    return cast("NightScreen", hand.app.screen)


def contexts(hand: Hand) -> Stack:
    screen = hand.app.screen
    return screen.contexts() if isinstance(screen, NightScreen) and screen.focused else ()


async def typed(hand: Hand, binding: Binding, write: Callable[[str], str], ran: list[str]) -> str:
    """Send the bytes of a binding's keys; return the command that ran."""
    quiet = time.monotonic() + RESTS
    await hand.until(lambda: time.monotonic() > quiet)
    ran.clear()
    terminal = hand.app._driver
    assert terminal is not None
    for word in binding.written.split():
        parser = XTermParser()
        for message in [*parser.feed(write(word)), *parser.feed("")]:
            terminal.process_message(message)
    await hand.until(lambda: bool(ran), f"`{binding.written}` for {binding.command}")
    return ran[0]


async def test_every_command_is_run_by_its_keys(
    tmp_path: Path, keymap: Keymap, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = Ground(tmp_path)
    ground.seed(wire_case(title="A synthetic case"), register=REGISTER)
    ground.desk.act("c_1", actions.Note(body="A note."), undo_window=True)
    left = {(name, context) for name, each in COMMANDS.items() for context in each.contexts}
    async with at_the_desk(ground) as hand:
        await hand.see("A synthetic case")
        for stack in WAYS:
            screen = await go(hand, stack)
            ran: list[str] = []
            with monkeypatch.context() as aside:
                for name, command in COMMANDS.items():
                    here = (screen, hand.app)
                    if any(hasattr(each, command.method) for each in here):
                        note: Any = lambda _count, name=name, ran=ran: ran.append(name)  # noqa: E731
                        aside.setattr(screen, command.method, note, raising=False)
                for binding in keymap.bindings:
                    works = [
                        (binding.command, each) for each in stack if (binding.command, each) in left
                    ]
                    if binding.context not in stack or not works:
                        continue
                    if press(keymap, binding, stack).reached:
                        for write in (plain, kitty):
                            assert await typed(hand, binding, write, ran) == binding.command
                        left.difference_update(works)
    ground.desk.close()
    assert not left, "no key, or no screen among WAYS"
