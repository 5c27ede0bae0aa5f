"""What the command line offers while one types: commands with keys and reasons, and arguments."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from textual.app import App

from console.commands import lookup
from console.commands.lines import LINES, Argument
from console.commands.lookup import Entry
from console.screens.base import NightScreen
from widgets.prompt_line import Complete, Offer


def line_offers(screen: NightScreen) -> Complete:
    """Return what completes the command line of a screen."""
    known = [
        each
        for each in lookup.entries(screen.contexts(), screen.situation(), screen.host.view_names())
        if each.kind in ("command", "line")
        and (each.name != ":practice" or screen.host.standing.practice)
    ]

    def complete(typed: str) -> Sequence[Offer]:
        name, space, rest = typed.lstrip().partition(" ")
        if space:
            return _arguments(screen, name, rest)
        found = lookup.find(known, name)
        if name:  # who begins to type a name means that rather than a word of a title
            found.sort(key=lambda each: _how_it_begins(each.name.lstrip(":"), name))
        return [_offer(each) for each in found]

    return complete


def _how_it_begins(name: str, typed: str) -> int:
    if name == typed:
        return 0
    if name.startswith(typed):
        return 1
    return 2 if any(part.startswith(typed) for part in name.split(".")) else 3


def _offer(entry: Entry) -> Offer:
    keys = " · ".join(entry.keys[:2])
    return Offer(entry.name.lstrip(":"), title=entry.title, keys=keys, reason=entry.reason)


def _arguments(screen: NightScreen, name: str, rest: str) -> Sequence[Offer]:
    word = LINES.get(name)
    if word is None:
        return ()
    app = cast("App[Any]", screen.app)
    offer: Callable[[str], Sequence[Argument]] | None = getattr(
        screen, word.offerer, None
    ) or getattr(app, word.offerer, None)
    if offer is None:
        return ()
    shown = [
        Offer(f"{name} {each.text}", label=each.label or each.text, title=each.title)
        for each in offer(rest)
    ]
    begun = [each for each in shown if each.line.startswith(f"{name} {rest}")]
    return begun or shown
