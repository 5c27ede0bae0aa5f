"""A confirmation that no paste and no slip of a finger can give: four digits, drawn for it.

They are shown beside the reference and the requester, and count only as single presses of a hand:
not in the same read as the key that opened this, and not in a burst.
"""

import secrets
from collections.abc import Iterable, Sequence

from textual import events
from textual.widget import Widget

from console.screens.base import NightScreen
from widgets.line_widget import Piece
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

DIGITS = frozenset("0123456789")
APART = 0.02
"""Seconds that lie between two presses of a hand at least; those of a paste arrive together."""


class ConfirmScreen(NightScreen):
    """Asks for the digits; its result is True where they were typed, False where it was left."""

    CONTEXTS = ("form", "global")

    def __init__(self, title: str, told: Sequence[Line]) -> None:
        super().__init__()
        self._title = title
        self._what = tuple(told)
        self._digits = f"{secrets.randbelow(10_000):04d}"
        self._typed = ""
        self._last = 0.0

    def body(self) -> Iterable[Widget]:
        """Show what is to be confirmed, and the digits."""
        yield TextView(self._lines(), id="text")

    def on_mount(self, event: events.Mount) -> None:
        """Let keys come here; those of the same read as the verb are older than this, a burst."""
        self._last = event.time
        self.query_one(TextView).focus()

    def takes_key(self, event: events.Key) -> bool:
        """Take digits; everything else goes on to the keymap."""
        return event.key in DIGITS

    def on_key(self, event: events.Key) -> None:
        """Count a digit, or begin anew after a wrong one or a burst."""
        if event.key not in DIGITS:
            return
        event.stop()
        burst = event.time - self._last < APART
        self._last = event.time
        if burst:
            self._typed = ""
            self.tell("These digits came in a burst, as a paste does. Type them.", "warning")
        else:
            self._typed += event.key
        if not self._digits.startswith(self._typed):
            self._typed = ""
            self.tell("Not these digits. Begin again, or leave with escape.", "warning")
        if self._typed == self._digits:
            self.dismiss(True)
            return
        self.query_one(TextView).set_lines(self._lines())

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave without confirming."""
        self.dismiss(False)

    async def goes_back(self) -> bool:
        """Leave without confirming."""
        self.dismiss(False)
        return False

    def _lines(self) -> list[Line]:
        shown: list[Piece] = [("  type ", "text"), (" ".join(self._digits), "key")]
        typed = " ".join(self._typed.ljust(4, "·"))
        return [
            heading(self._title),
            Line(),
            *self._what,
            Line(),
            Line((*shown, ("   typed ", "muted"), (typed, "text"))),
            Line(),
            Line((("  escape leaves without doing it", "muted"),)),
        ]


def confirmation(reference: str, requester: str, what: Iterable[str]) -> list[Line]:
    """Return what a confirmation shows: the case, the requester, what will be done."""
    facts: list[list[Piece]] = [
        [("  case       ", "muted"), (reference, "key")],
        [("  requester  ", "muted"), (requester, "text")],
        *([("  ", "text"), (line, "text")] for line in what),
    ]
    return [Line(tuple(fact), hang=13) for fact in facts]
