"""Bursts, pastes and what is typed ahead, as bytes through the parser of the terminal."""

import random
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

from console.app import NightdeskApp
from console.screens.confirm import ConfirmScreen
from console.screens.desk import DeskScreen
from console.screens.form import FormScreen
from console.screens.help import HelpScreen
from console.screens.outbox import OutboxScreen
from console.screens.pick import PickScreen
from tests.casework_ground import REGISTER, wire_case
from tests.hostile import CORPUS
from tests.pilot.ground import Ground, Hand, at_the_desk
from widgets.form import LineField
from widgets.prompt_line import PromptLine
from widgets.text_entry import LineEntry

CASES = 12
NOTE = "i"


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    cases = (wire_case(id=f"c_{number}", title=f"Case {number}") for number in range(CASES))
    made.seed(*cases, register=REGISTER)
    yield made
    made.desk.close()


def screens(hand: Hand) -> list[str]:
    return [type(screen).__name__ for screen in hand.app.screen_stack]


def desk(hand: Hand) -> DeskScreen:
    found = hand.app.screen_stack[0]
    assert isinstance(found, DeskScreen)
    return found


async def test_a_key_that_is_held_moves_as_often_as_it_comes(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.type("jjjjjjjk")
        assert desk(hand)._list.cursor == 6
        await hand.type("\x1b[A\x1b[A\x1b[Bggjj5j")
        assert desk(hand)._list.cursor == 7


@pytest.mark.parametrize(
    "typed", ["jjic", "ical", "jji"], ids=["a letter", "three letters", "none"]
)
async def test_what_is_typed_ahead_reaches_the_form_that_it_is_for(
    ground: Ground, typed: str
) -> None:
    async with at_the_desk(ground) as hand:
        hand.feed(typed)
        await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
        await hand.until(lambda: not hand.app._typed, "the keys that waited")
        await hand.pilot.pause()
        form = hand.app.screen
        assert isinstance(form, FormScreen)
        assert typed.partition("i")[2] in str(form.answers().values())
        assert desk(hand)._list.cursor == typed.count("j")


async def test_a_filter_is_typed_ahead(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        hand.feed("/cit")
        await hand.until(lambda: hand.app.screen.query_one(PromptLine).value.endswith("cit"))


async def test_what_came_at_once_is_said_and_the_keyboard_rests(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_desk(ground) as hand:
        monkeypatch.setattr("console.hands.REST", 3600.0)
        hand.feed("jjicalled them back")
        await hand.see("19 keys came at once, as a paste does: not taken as commands")
        assert desk(hand)._list.cursor == 2, "what it begins with and moves is no loss"
        hand.feed("i")
        await hand.see("Write a note: not done, too soon")
        monkeypatch.setattr("console.hands.REST", 0.0)
        hand.feed("i")
        await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")


@pytest.mark.parametrize("sent", ["c\r", "cj", "uc", "xtj", "\rc", ":q\r", "\x1b[201~i", "i\x11"])
async def test_what_acts_at_once_is_pressed_alone(ground: Ground, sent: str) -> None:
    async with at_the_desk(ground) as hand:
        hand.feed(sent)
        await hand.until(lambda: "not done" in hand.read() or "not taken" in hand.read())
        assert screens(hand) == ["DeskScreen"]
        assert not ground.entries()


async def test_enter_and_what_follows_in_one_read_reach_the_next_field(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("+")
        await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
        form = hand.app.screen
        assert isinstance(form, FormScreen)
        fields = form.answers_form.fields
        lines = [each for each in fields if isinstance(each, LineField)]
        first = next(each for each in lines if fields[fields.index(each) + 1] in lines)
        second = fields[fields.index(first) + 1]
        form.answers_form.go_to(first)
        hand.feed("ab\rcd")
        await hand.until(lambda: second.value == "cd", "the second field")
        assert first.value == "ab"


async def test_what_a_method_of_input_commits_is_text_and_no_command(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.type("失")
        await hand.see("失 is no command: commands are Latin letters")
        await hand.press("/")
        await hand.type("失踪した人を探しています")
        line = hand.app.screen.query_one(PromptLine)
        assert line.value.endswith("失踪した人を探しています")
        await hand.type("家族")
        entry = line.query_one(LineEntry)
        assert entry.cursor_position == len(line.value)
        assert not ground.entries()


async def test_a_large_read_is_text_in_a_text(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press(NOTE)
        await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
        await hand.type("one\rtwo \x13\x1b \x1b[201~\x9b three")
        form = hand.app.screen
        assert isinstance(form, FormScreen)
        await hand.see("one", "three")
        text = next(str(value) for value in form.answers().values() if "one" in str(value))
        assert text.startswith("one\ntwo ␓"), text
        assert not ground.entries()
        assert text.isprintable() or "\n" in text


# --- Hostile pastes -----------------------------------------------------------------------------

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


async def paste_all(
    hand: Hand, seed: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Feed many pastes; return the commands that ran and did not only move."""
    chance = random.Random(seed)
    ran: list[str] = []

    async def watched(self: NightdeskApp, name: str, count: int | None = None) -> None:
        ran.append(name)

    monkeypatch.setattr(NightdeskApp, "run_named", watched)
    for _ in range(times):
        text = hostile(chance)
        while text:
            part = chance.choice([len(text), len(text), 60])
            hand.feed(text[:part].encode("utf-8", "replace").decode())
            text = text[part:]
        hand.feed("\x1b[201~")  # the next one begins outside of brackets
        if chance.random() < 0.1:
            await hand.pilot.pause()
    await hand.until(lambda: not hand.app._typed, "the end of the pastes")
    await hand.pilot.pause()
    return [name for name in ran if not name.startswith(("nav.", "form.next", "form.previous"))]


async def _to_form(hand: Hand) -> None:
    await hand.press("i")
    await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")


async def _to_case(hand: Hand) -> None:
    await hand.press("enter")


async def _to_help(hand: Hand) -> None:
    await hand.press("?")
    await hand.until(lambda: isinstance(hand.app.screen, HelpScreen), "help")


async def _to_outbox(hand: Hand) -> None:
    await hand.press("g", "o")
    await hand.until(lambda: isinstance(hand.app.screen, OutboxScreen), "the outbox")


async def _to_prompt(hand: Hand) -> None:
    await hand.press(":")


async def _to_draft(hand: Hand) -> None:
    await hand.press("r")
    await hand.see("Text", "free")


async def _to_decide(hand: Hand) -> None:
    await hand.press("d")
    await hand.see("Disposition")


async def _to_pick(hand: Hand) -> None:
    await hand.press("r")
    await hand.see("Text")
    await hand.press("ctrl+t")
    await hand.until(lambda: isinstance(hand.app.screen, PickScreen), "the list")


async def _to_confirm(hand: Hand) -> None:
    hand.app.push_screen(ConfirmScreen("Confirm", []))
    await hand.until(lambda: isinstance(hand.app.screen, ConfirmScreen), "the digits")


async def _nowhere(hand: Hand) -> None:
    pass


PLACES: Final = {
    "desk": _nowhere, "case": _to_case, "form": _to_form, "help": _to_help, "outbox": _to_outbox,
    "prompt": _to_prompt, "draft": _to_draft, "decide": _to_decide, "pick": _to_pick,
    "confirm": _to_confirm,
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
async def test_hostile_pastes_run_nothing(
    ground: Ground, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_desk(ground) as hand:
        await PLACES[place](hand)
        await hand.pilot.pause()
        before = screens(hand)
        ran = await paste_all(hand, seed=len(place), times=100, monkeypatch=monkeypatch)
        assert ran == []
        assert screens(hand) == before
        assert not ground.entries()
        assert hand.app.focused is not None
