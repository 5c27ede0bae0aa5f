"""Bursts, pastes and what is typed ahead, as bytes through the parser of the terminal."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.screens.desk import DeskScreen
from console.screens.form import FormScreen
from tests.casework_ground import REGISTER, wire_case
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
        await hand.until(
            lambda: any(each.value.endswith("cit") for each in hand.app.screen.query(PromptLine))
        )


async def test_what_came_at_once_is_said_and_the_keyboard_rests(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_desk(ground) as hand:
        monkeypatch.setattr("console.hands.APART", 0.0)  # however quick this test is, each read
        monkeypatch.setattr("console.hands.HELD", 0.0)  # is another press, of no key that is held
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
