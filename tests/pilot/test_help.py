"""Help: each thing is found in it by the words of a specialist, and run from it."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.commands.lookup import Entry
from console.screens.ask_key import AskKeyScreen
from console.screens.desk import DeskScreen
from console.screens.help import HelpScreen
from console.screens.outbox import OutboxScreen
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

TASKS = (
    ("take a case over", "case.claim"),
    ("give a case back", "case.release"),
    ("see what was not delivered", "go.outbox"),
    ("cover text again", "text.reveal"),
    ("sort by clock", "sort.due"),
    ("newest first", "sort.received"),
    ("undo", "undo"),
    ("take back a mistake", "undo"),
    ("change the priority", "case.assess"),
    ("is the requester genuine", "case.verify"),
    ("call back the police", "case.verify"),
    ("write a comment", "case.note"),
    ("refuse a request", "decision.open"),
    ("disclose data", "decision.open"),
    ("sign off a colleague's decision", "decision.approve"),
    ("answer the requester", "draft.open"),
    ("put on hold until they reply", "case.wait"),
    ("block an account", "case.enforce"),
    ("keep the evidence", "case.preserve"),
    ("label a case", "case.tag"),
    ("send to another team", "case.move"),
    ("hand over to a colleague", "case.assign"),
    ("mark as duplicate", "case.link"),
    ("remind me later", "case.snooze"),
    ("reopen a case", "case.close"),
    ("a phone call came in", "case.new"),
    ("find a case", "queue.filter"),
    ("only cases nobody holds", "is:unclaimed"),
    ("overdue", "is:overdue"),
    ("filter by language", "lang:"),
    ("saved filter", "view.1"),
    ("jump to a row", "list.jump"),
    ("silence the alarm", "alarm.acknowledge"),
    ("dark mode", ":theme"),
    ("try sending again", "outbox.retry"),
    ("what does a key do", "help.key"),
    ("why is it disabled", "help.why"),
    ("see how the letter will look", "draft.preview"),
    ("somebody changed the case meanwhile", "outbox.compare"),
    ("repeat a key five times", "5 j"),
    ("log off", "quit"),
    ("g o", "go.outbox"),
    ("case.snooze", "case.snooze"),
)


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.desk.close()


def helping(hand: Hand) -> HelpScreen:
    screen = hand.app.screen
    assert isinstance(screen, HelpScreen)
    return screen


def found(hand: Hand) -> list[Entry]:
    return list(helping(hand)._rows.shown)


async def test_each_task_is_found_by_the_words_of_a_specialist(ground: Ground) -> None:
    missed: list[str] = []
    async with at_the_desk(ground, size=(80, 24)) as hand:
        await hand.press("question_mark")
        await hand.see("find a word, a key, a task:")
        everything = len(found(hand))
        for words, wanted in TASKS:
            await hand.type(words)
            await hand.until(lambda: len(found(hand)) < everything, words)
            first = [each.name for each in found(hand)[:3]]
            if wanted not in first:
                missed.append(f"{words}: {wanted} is not among {first}")
            await hand.press("escape")
            await hand.until(lambda: len(found(hand)) == everything, "all again")
        await hand.press("escape")
        await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_what_is_chosen_runs_on_the_screen_that_help_was_called_from(
    ground: Ground, size: tuple[int, int]
) -> None:
    ground.seed(wire_case(title="A synthetic case"), wire_case(id="c_2", title="Another"))
    async with at_the_desk(ground, size=size) as hand:
        await hand.see("2 cases")
        await hand.press("question_mark")
        await hand.see("On the desk", "Open the case")
        await hand.type("claim")
        await hand.see("a claim needs the server, and there is no connection")
        await hand.press("enter")
        await hand.see("Claim the case: a claim needs the server")
        assert isinstance(hand.app.screen, HelpScreen)
        await hand.press("escape")
        await hand.type("by reference")
        await hand.see("enter runs it")
        await hand.press("enter")
        await hand.see("by reference")
        assert isinstance(hand.app.screen, DeskScreen)
        await hand.press("question_mark")
        await hand.type("retry")
        await hand.see("works in the outbox: g o goes there")
        await hand.press("escape")
        await hand.type("to the outbox")
        await hand.press("enter")
        await hand.until(lambda: isinstance(hand.app.screen, OutboxScreen), "the outbox")
        await hand.press("question_mark")
        await hand.see("In the outbox tab To the next pane")
        await hand.type("is:unverified")
        await hand.press("enter")
        await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")
        await hand.see("/ is:open is:unverified")
        await hand.press("escape", "question_mark")
        await hand.type("colours")
        await hand.press("enter")
        await hand.see(": theme", "light")


async def test_keys_move_through_what_is_found(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("question_mark")
        await hand.see("find a word")
        names = [each.name for each in found(hand)]
        await hand.press("down", "ctrl+n", "ctrl+p", "down")
        chosen = helping(hand).chosen
        assert chosen is not None
        assert chosen.name == names[2]
        await hand.press("pagedown")
        await hand.until(lambda: helping(hand).chosen != chosen, "another page")


async def test_a_key_says_what_it_runs_and_runs_nothing(ground: Ground) -> None:
    ground.seed(wire_case(title="A synthetic case"))
    async with at_the_desk(ground) as hand:
        await hand.see("A synthetic case")
        await hand.press("g", "question_mark")
        await hand.see("What does this key do?")
        await hand.press("c")
        await hand.see("Claim the case", "cannot run just now: a claim needs the server")
        await hand.press("g")
        await hand.see("g waits for one more key", "g o To the outbox")
        await hand.press("o")
        await hand.see("go.outbox it can run now")
        await hand.press("r")
        await hand.see("Draft the response", "Elsewhere:", "In the outbox Send again, or confirm")
        await hand.press("Q")
        await hand.see("Q runs nothing here")
        await hand.press("escape")
        await hand.see("Elsewhere:", "In a form", "Drafting")
        assert isinstance(hand.app.screen, AskKeyScreen)
        await hand.press("escape")
        await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")
        await hand.press("g", "w")
        await hand.see(": why")
        await hand.type("outbox.discard")
        await hand.press("enter")
        await hand.see("Discard (D): works in the outbox: g o goes there.")
    assert ground.entries() == []


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_the_footer_names_whole_keys_and_always_help(ground: Ground, width: int) -> None:
    async with at_the_desk(ground, size=(width, 24)) as hand:
        foot = hand.text.split("\n")[-2].rstrip()
        assert foot.endswith("? help")
        assert ("…" in foot) is (width < 200)
        assert "enter open" in foot
