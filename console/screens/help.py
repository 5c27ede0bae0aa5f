"""Help: every command that works on the screen it was called from, with its keys."""

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from console.commands import COMMANDS, TITLES, Command, Situation, keymap
from console.screens.moving import Reading, found_words
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

_GOOD_TO_KNOW = (
    "What is dangerous asks for four digits, which a paste cannot type.",
    "In the list: § a clock that the law gives, →1 recorded here and not delivered,",
    "≠! the case changed meanwhile, R! a red signal about the requester, M a minor.",
    "A filter is made of words and tokens: priority:P0,P1 due:<1h is:unclaimed -lang:en",
)


class HelpScreen(Reading):
    """The cheat-sheet. A command that cannot run just now says why."""

    reopened_by = "help"
    CONTEXTS = ("read", "move", "global")

    def __init__(self, contexts: Sequence[str], situation: Situation) -> None:
        super().__init__()
        self._contexts = tuple(contexts)
        self._situation = situation

    def body(self) -> Iterable[Widget]:
        """Show the list of commands."""
        yield TextView(help_lines(self._contexts, self._situation), id="text")

    @property
    def reader(self) -> TextView:
        """The list of commands."""
        return self.query_one(TextView)

    def on_mount(self) -> None:
        """Let keys move the text."""
        self.set_focus(self.reader)

    def keys_changed(self) -> None:
        """Show the keys of the keymap that is in use now."""
        super().keys_changed()
        self.reader.set_lines(help_lines(self._contexts, self._situation))

    def do_case_search(self, _count: int | None) -> None:
        """Search in the list of commands."""
        self.ask("search", "search: ")

    def answered(self, purpose: str, value: str) -> None:
        """Go to the first place found."""
        if purpose != "search":
            return
        found = self.reader.search(value)
        self.tell(found_words(found), "muted")

    def do_case_search_next(self, count: int | None) -> None:
        """To the next place found."""
        self.reader.search_next(count or 1)

    def do_case_search_previous(self, count: int | None) -> None:
        """To the previous place found."""
        self.reader.search_next(-(count or 1))


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
        ((f"  {keys:<17} ", "key"), (command.title, "text"), *why, (f"  :{command.id}", "muted")),
        hang=20,
    )
