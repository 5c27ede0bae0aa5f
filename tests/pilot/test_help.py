"""Help: found by one key, moved and searched like any text, and left where one was."""

from pathlib import Path

from console.screens.desk import DeskScreen
from console.screens.help import HelpScreen
from tests.pilot.driver import console
from tests.pilot.ground import Ground


async def test_help_is_moved_searched_and_left_by_keys(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    async with console(ground.desk, (80, 24)) as hand:
        await hand.press("question_mark")
        await hand.sees("On the desk", "Claim the case")
        await hand.press("G")
        await hand.sees("Good to know")
        await hand.press("g", "g")
        await hand.sees("On the desk")
        await hand.press("slash", *"outbox", "enter")
        await hand.sees("found; n and N")
        assert isinstance(hand.app.screen, HelpScreen)
        await hand.press("q")
        await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")
    ground.desk.close()


async def test_a_command_that_cannot_run_says_why(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    async with console(ground.desk, (120, 40)) as hand:
        await hand.press("question_mark")
        await hand.sees("no policy was fetched yet")
    ground.desk.close()
