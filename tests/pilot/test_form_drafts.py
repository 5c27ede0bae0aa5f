"""What is written on a form outlives leaving it, and is used up by recording it."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.screens.desk import DeskScreen
from console.screens.form import FormScreen
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(wire_case(title="A synthetic case"))
    yield made
    made.desk.close()


async def form(hand: Hand, key: str, title: str) -> Hand:
    await hand.see("A synthetic case")
    await hand.press(key)
    await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
    return await hand.see(title)


async def leave(hand: Hand) -> None:
    await hand.press("escape")
    await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")


async def test_a_note_that_is_left_comes_back_and_is_used_up_by_recording(ground: Ground) -> None:
    async with at_the_desk(ground, size=(80, 24)) as hand:
        await form(hand, "i", "Write a note")
        await hand.type("half a thought")
        await leave(hand)
        await hand.see("What you wrote is kept")
        assert ground.entries() == []
        await hand.press("enter")
        await hand.see("Begun here and not recorded: note")
        await form(hand, "i", "Write a note")
        await hand.see("is back", "half a thought")
        await hand.press("ctrl+s")
        await hand.until(lambda: len(ground.entries()) == 1, "the note in the outbox")
    assert b"half a thought" in ground.entries()[0].body
    assert ground.desk.drafts() == []


async def test_discarding_can_itself_be_taken_back(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await form(hand, "i", "Write a note")
        await hand.type("unwanted")
        await hand.press("ctrl+o")
        await hand.see("Discarded")
        await hand.miss("unwanted")
        await hand.rests()  # a key that comes again at once is one that is held
        await hand.press("ctrl+o")
        await hand.see("It is back", "unwanted")
        await hand.rests()
        await hand.press("ctrl+o")
        await hand.see("Discarded")
        await leave(hand)
    assert ground.desk.drafts() == []


async def test_of_what_is_dangerous_only_the_words_are_kept(ground: Ground) -> None:
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await form(hand, "e", "Enforce")
        await hand.press("1", "enter", "4", "enter", "enter")
        await hand.type("as agreed")
        await leave(hand)
        await hand.see("What you wrote is kept")
    (draft,) = ground.desk.drafts()
    assert draft.content == {"values": {"/reason": "as agreed"}}
