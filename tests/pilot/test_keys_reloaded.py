"""A person's own keys are taken over while the console runs, and mistakes in them harm nothing."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console import app
from console.commands import keys
from tests.pilot.ground import Ground, at_the_desk


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("NIGHTDESK_HOME", str(home))
    monkeypatch.setattr(app, "KEYS_EVERY", 0.05)
    yield home / "keys.toml"
    monkeypatch.undo()
    keys.look_again()


def write(file: Path, text: str | None) -> None:
    if text is None:
        file.unlink()
    else:
        file.write_text(text)


def read(file: Path) -> str:
    return file.read_text()


async def test_keys_follow_their_file_and_mistakes_leave_those_of_before(
    tmp_path: Path, own: Path
) -> None:
    ground = Ground(tmp_path)
    ground.seed()
    write(own, '[desk]\n"case.claim" = ["Y"]\n[nowhere]\n')
    keys.look_again()
    async with at_the_desk(ground) as hand:
        await hand.see("Your keys were not taken over. keys.toml: [nowhere]: there is no such")
        await hand.press("question_mark")
        await hand.see("c Claim the case")  # the help is open while the file is changed
        write(own, '[desk]\n"case.claim" = ["Y"]\n[global]\n"undo" = ["Z"]\n')
        await hand.see("Your keys are taken over", "Y Claim the case")
        write(own, '[desk]\n"case.clam" = ["c"]\n')
        await hand.see("keys.toml: [desk] case.clam: no such command; did you mean `case.claim`?")
        await hand.see("Y Claim the case")
        await hand.press("escape")
        await hand.see("by urgency")
        await hand.press("Z")
        await hand.see("Nothing to undo")
        write(own, None)
        await hand.see("Your keys are taken over")
        await hand.press("u")
        await hand.see("Nothing to undo")
    ground.desk.close()


async def test_keys_that_another_key_hides_are_used_and_the_fault_is_said(
    tmp_path: Path, own: Path
) -> None:
    ground = Ground(tmp_path)
    ground.seed()
    write(own, '[desk]\n"case.claim" = ["Y"]\n"case.note" = ["Y i"]\n')
    keys.look_again()
    async with at_the_desk(ground) as hand:
        await hand.see(
            "Your keys are in use, with a fault. [desk] `Y i` for case.note: can never be reached:"
            " `Y` already runs case.claim",
            "more: nightdesk keys check.",
        )
        await hand.press("question_mark")
        await hand.see("Y Claim the case")
        write(own, '[desk]\n"case.claim" = ["Y"]\n')
        await hand.see("Your keys are taken over.")
        await hand.press("escape")
        write(own, '[case]\n"case.search" = ["x"]\n')
        await hand.see("for text.reveal: cannot be reached in [case], where `x` runs case.search")
    ground.desk.close()


async def test_another_keymap_is_chosen_in_the_console_and_kept(tmp_path: Path, own: Path) -> None:
    ground = Ground(tmp_path)
    ground.seed()
    write(own, "# mine\n")
    async with at_the_desk(ground) as hand:
        await hand.press("colon", *"keymap", "space", *"emacs", "enter")
        await hand.see("The keys of emacs, from now on, by keys.toml.")
        assert read(own) == '# mine\ninherits = "emacs"\n'
        await hand.press("escape", "x", *"keymap", "space", *"vi", "enter")
        await hand.see("There is no keymap vi. There are: desk, emacs, vim")
        await hand.until(lambda: "ctrl+_ undo" in hand.read(), "the footer of emacs")
    ground.desk.close()
