"""Help: every command that works on the screen it was called from, with its keys."""

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from console.commands import COMMANDS, TITLES, Command, Situation, keymap
from console.screens.base import NightScreen
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

_GOOD_TO_KNOW = (
    "What is dangerous asks for four digits, which a paste cannot type.",
    "In the list: § a clock that the law gives, →1 recorded here and not delivered,",
    "≠! the case changed meanwhile, R! a red signal about the requester, M a minor.",
    "A filter is made of words and tokens: priority:P0,P1 due:<1h is:unclaimed -lang:en",
)


class HelpScreen(NightScreen):
    """The cheat-sheet. A command that cannot run just now says why."""

    CONTEXTS = ("move", "global")

    def __init__(self, contexts: Sequence[str], situation: Situation) -> None:
        super().__init__()
        self._contexts = tuple(contexts)
        self._situation = situation

    def body(self) -> Iterable[Widget]:
        """Show the list of commands."""
        yield TextView(help_lines(self._contexts, self._situation), id="text")

    def on_mount(self) -> None:
        """Let keys move the text."""
        self.query_one("#text").focus()


def help_lines(contexts: Sequence[str], situation: Situation) -> list[Line]:
    """Return the cheat-sheet of some contexts."""
    lines: list[Line] = []
    for context in contexts:
        here = [command for command in COMMANDS.values() if context == command.contexts[0]]
        if not here:
            continue
        lines += [*([Line()] if lines else []), heading(TITLES.get(context, context))]
        for command in here:
            lines.append(_line(command, situation))
    lines += [Line(), heading("Good to know")]
    lines += [Line(((f"  {text}", "text"),), hang=2) for text in _GOOD_TO_KNOW]
    return lines


def _line(command: Command, situation: Situation) -> Line:
    keys = "  ".join(keymap().keys_of(command.id))
    reason = command.blocked(situation)
    why = ((f"  ({reason})", "muted"),) if reason else ()
    return Line(
        ((f"  {keys:<18}", "key"), (command.title, "text"), *why, (f"  :{command.id}", "muted")),
        hang=20,
    )
