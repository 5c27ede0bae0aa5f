"""The page of the keys is what the registry says, and every command can be run somewhere."""

import importlib
from pathlib import Path

from console.app import NightdeskApp
from console.cli.keys_page import keys_page
from console.commands import COMMANDS
from console.screens.base import NightScreen

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_keys_is_fresh() -> None:
    made = keys_page() + "\n"
    assert (DOCS / "keys.md").read_text() == made, "nightdesk keys list --markdown > docs/keys.md"


def _screens(kind: type) -> list[type]:
    return [kind, *(one for child in kind.__subclasses__() for one in _screens(child))]


def test_every_command_of_the_registry_is_done_by_something() -> None:
    for name in ("compare", "decide", "desk", "draft", "outbox"):
        importlib.import_module(f"console.screens.{name}")  # to be found among the subclasses
    doers = [NightdeskApp, *_screens(NightScreen)]
    idle = [one.id for one in COMMANDS.values() if not any(hasattr(d, one.method) for d in doers)]
    assert not idle
