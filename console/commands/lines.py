"""What can be typed on the command line beside the ids of commands: a word and what it takes.

What one does is a method of a screen or of the app, named after the word: `theme dark` is
`line_theme("dark")`. What may follow is offered by `offer_theme(typed)`, where there is one.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from console.commands.registry import COMMANDS


class Argument(NamedTuple):
    """Something that may follow a word: the rest of the line, and what it means."""

    text: str
    title: str = ""
    label: str = ""
    """What is shown for it, where that is not the whole text."""


class LineCommand(Struct, frozen=True):
    """A word of the command line."""

    name: str
    title: str
    takes: str = ""
    """What may follow, as a person reads it; empty where nothing may."""

    @property
    def doer(self) -> str:
        """The name of the method that does it."""
        return f"line_{self.name}"

    @property
    def offerer(self) -> str:
        """The name of the method that offers what may follow."""
        return f"offer_{self.name}"


LINES: Final = {
    each.name: each
    for each in (
        LineCommand("q", "Quit"),
        LineCommand("filter", "Filter the list", "a filter, such as due:<1h is:unclaimed"),
        LineCommand("sort", "Sort the list", "due, -received, and other orders"),
        LineCommand("view", "Saved views of the list", "a number, save 3 NAME, drop 3"),
        LineCommand("macro", "Run a macro of your own", "its name, as in macros.toml"),
        LineCommand("theme", "Change the colours", "dark, light or contrast"),
        LineCommand("keymap", "Choose a keymap", "desk, vim or emacs"),
        LineCommand("why", "Why a command cannot run just now", "the name of a command"),
        LineCommand(
            "practice", "Tell the practice server what to do", "outage 60s, arrive, and more"
        ),
    )
}
"""Every word there is, by itself. A number alone goes to the row of that number."""


def called(name: str, contexts: Iterable[str] = ()) -> str | None:
    """Return the id of the command that a person means by `name`: its id, or the end of it.

    Of several that end so, those that work in `contexts` come first. None where no one is meant.
    """
    if name in COMMANDS:
        return name
    ends = [each for each in COMMANDS.values() if each.id.endswith(f".{name}")]
    here = [each for each in ends if set(each.contexts).intersection(contexts)]
    meant = here or ends
    return meant[0].id if len(meant) == 1 else None
