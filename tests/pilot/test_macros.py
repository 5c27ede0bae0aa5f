"""Macros from `macros.toml`: checked when they are read, run one command after the other."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console import app
from console.commands import COMMANDS, Danger, keys, macros
from console.profiles.home import Home
from console.screens.form import FormScreen
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

GOOD = """
[wave]
title = "One wave"
commands = ["case.snooze", "case.tag"]
[onward]
commands = ["case.release", "case.next"]
"""


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    titles = ("Synthetic 1", "Synthetic 2")
    made.seed(*(wire_case(id=f"c_{at}", seq=at, title=title) for at, title in enumerate(titles, 1)))
    yield made
    made.desk.close()


@pytest.fixture
def macros_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    monkeypatch.setenv("NIGHTDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(app, "KEYS_EVERY", 0.05)
    folder = Home().configuration
    folder.mkdir(parents=True, exist_ok=True)
    yield folder / "macros.toml"
    monkeypatch.undo()
    keys.look_again()


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setenv("NIGHTDESK_HOME", str(tmp_path / "home"))
    folder = Home().configuration
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "macros.toml").write_text(GOOD)
    (folder / "keys.toml").write_text('inherits = "desk"\n[desk]\n"macro.wave" = ["x w"]\n')
    keys.look_again()
    yield
    (folder / "macros.toml").unlink()
    (folder / "keys.toml").unlink()
    keys.look_again()
    assert not [name for name in COMMANDS if name.startswith("macro.")]


async def form(hand: Hand, title: str) -> None:
    await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
    await hand.see(title)


@pytest.mark.usefixtures("written")
async def test_a_macro_runs_by_its_key_and_waits_for_what_is_asked(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("x", "w")
        await form(hand, "Snooze")
        await hand.press("ctrl+s")
        await form(hand, "Tag")
        assert [entry.type for entry in ground.entries()] == ["snooze"]
        await hand.type("wave")
        await hand.press("ctrl+s")
        await hand.see("One wave: all 2 done")
    assert [entry.type for entry in ground.entries()] == ["snooze", "tag"]


@pytest.mark.usefixtures("written")
async def test_a_macro_stops_where_a_command_does_nothing_and_says_which(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.press("colon")
        await hand.type("macro wave")
        await hand.press("enter")
        await form(hand, "Snooze")
        await hand.press("escape")
        await hand.see("One wave stopped at 1 of 2, Snooze: nothing was recorded")
        await hand.press("colon")
        await hand.type("macro none-such")
        await hand.press("enter")
        await hand.see("No macro none-such. There are: wave, onward")
    assert ground.entries() == []


def give_key(file: Path, key: str) -> None:
    file.write_text(GOOD.replace("[onward]\n", f'[onward]\nkey = "{key}"\n'))


async def test_the_key_of_a_macro_is_the_desks_and_what_it_hides_is_said(
    ground: Ground, macros_file: Path
) -> None:
    give_key(macros_file, "x m")
    keys.look_again()
    async with at_the_desk(ground) as hand:
        await hand.press("question_mark")
        await hand.type("onward")
        await hand.see("x m Macro onward")
        await hand.press("escape", "escape", "x")
        await hand.see("m Macro onward", "t Reveal covered text")
        await hand.press("m")
        await hand.until(lambda: [each.type for each in ground.entries()] == ["release"], "it")
        give_key(macros_file, "c")
        await hand.see("Your keys are in use, with a fault.", "case.claim has no key")
        give_key(macros_file, "ctl+m")
        await hand.see("A macro cannot be run. macros.toml: [onward] has a key that is none:")


def test_keys_of_ones_own_file_go_over_that_of_the_macro(macros_file: Path) -> None:
    keys_file = macros_file.with_name("keys.toml")
    give_key(macros_file, "x m")
    keys_file.write_text('[desk]\n"macro.onward" = ["x n"]\n"case.tag" = ["x m"]\n')
    keys.look_again()
    assert keys.keymap().keys_of("macro.onward") == ["x n"]
    assert keys.keymap().keys_of("case.tag") == ["x m"]


def test_what_is_dangerous_or_unknown_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "macros.toml"
    dangerous = [each.id for each in COMMANDS.values() if each.danger is Danger.DANGEROUS]
    steps = [*dangerous, "undo", "repeat", "case.clam"]
    for step in steps:
        path.write_text(f'[one]\ncommands = ["case.claim", "{step}"]\n')
        found, problems = macros.read(path)
        assert len(problems) == 1, step
        assert "[one]" in problems[0]
        assert step in problems[0]
        assert found["macro.one"].runs == ()
        if step == "case.clam":
            assert "did you mean case.claim" in problems[0]
    path.write_text('[one]\ncommands = []\n["b c"]\ncommands = ["case.claim"]\n[d]\nkeys = "x"\n')
    assert len(macros.read(path)[1]) == 4
    for key in ("5", '"hyper+x"', '""', '["x"]'):
        path.write_text(f'[one]\ncommands = ["case.claim"]\nkey = {key}\n')
        found, problems = macros.read(path)
        assert len(problems) == 1, key
        assert "[one] has a key" in problems[0]
        assert found["macro.one"].key == ""
    path.write_text("[one")
    assert "cannot be read" in macros.read(path)[1][0]
