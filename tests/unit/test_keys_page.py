"""The pages of keys are what the registry says, and every command can be run somewhere."""

import importlib
import pkgutil
from pathlib import Path

import pytest

from console import screens
from console.app import NightdeskApp
from console.cli.keys_page import keys_page
from console.commands import COMMANDS
from console.commands.keys import STACKS, builtin
from console.commands.registry import LEAVES
from console.screens.base import NightScreen
from keymaps.checks import check
from keymaps.loader import builtin_names
from keymaps.reach import outcomes

for each in pkgutil.iter_modules(screens.__path__):  # to be found among the subclasses
    importlib.import_module(f"console.screens.{each.name}")

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("name", "page"), [("desk", "keys.md"), ("vim", "keys-vim.md"), ("emacs", "keys-emacs.md")]
)
def test_the_pages_of_keys_are_fresh(name: str, page: str) -> None:
    assert (DOCS / page).read_text() == keys_page(name) + "\n", "make keys"


@pytest.mark.parametrize("name", builtin_names())
def test_every_command_has_a_key_in_every_keymap(name: str) -> None:
    contexts = {command.id: command.contexts for command in COMMANDS.values()}
    wrong = [each.text for each in check(builtin(name), contexts, STACKS)]
    assert not wrong, f"put it right in keymaps/{name}.toml, then: make keys"


@pytest.mark.parametrize("name", builtin_names())
def test_every_screen_can_be_left_and_has_help_and_quits(name: str) -> None:
    """Also while text is typed: a key that types nothing has to be there."""
    keys = list(outcomes(builtin(name), STACKS))
    for stack in STACKS:
        reached = {each.runs for each in keys if each.stack == stack and each.reached}
        assert reached & LEAVES, f"[{stack[0]}] of {name} cannot be left"
        assert {"help", "quit"} <= reached, f"[{stack[0]}] of {name}"


def test_the_contexts_of_every_screen_are_checked() -> None:
    for screen in _screens(NightScreen):
        assert screen.CONTEXTS in STACKS, f"add those of {screen.__name__} to STACKS"


def _screens(kind: type[NightScreen]) -> list[type[NightScreen]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _screens(child))]


def test_every_command_of_the_registry_is_done_by_something() -> None:
    doers = [NightdeskApp, *_screens(NightScreen)]
    idle = [one.id for one in COMMANDS.values() if not any(hasattr(d, one.method) for d in doers)]
    assert not idle
