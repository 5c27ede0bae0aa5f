"""A confirmation that no paste and no slip of a finger can give: four digits, drawn for it.

They are shown beside the reference and the requester, and count only as single presses of a hand:
not in the same read as the key that opened this, and not in a burst. No digit comes twice, so that
a key which is held down gives none of them.
"""

from collections.abc import Iterable, Sequence

from textual import events
from textual.widget import Widget

from console.commands import keys_for
from console.composing.confirming import DIGITS, HOW_MANY, draw_digits
from console.screens.base import NightScreen
from console.screens.moving import Reading
from widgets.line_widget import LineWidget, Piece
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

APART = 0.02
"""Seconds that lie between two presses of a hand at least; those of a paste arrive together."""


class Digits(LineWidget):
    """The digits to type, and those that are typed; always in sight."""

    def __init__(self, wanted: str) -> None:
        super().__init__(id="digits")
        self._wanted = wanted
        self._typed = ""

    def show(self, typed: str) -> None:
        """Show what is typed so far."""
        self._typed = typed
        self.refresh()

    def line(self, y: int) -> Sequence[Piece]:
        """Return the digits, and how to leave."""
        if y == 0:
            typed = " ".join(self._typed.ljust(HOW_MANY, "·"))
            return (
                ("type ", "text"),
                (" ".join(self._wanted), "key"),
                ("   typed ", "muted"),
                (typed, "text"),
            )
        down, up = keys_for("nav.down"), keys_for("nav.up")
        return (
            ((f"{_leaving()} leaves without doing it · {down} and {up} move the text", "muted"),)
            if y == 1
            else ()
        )


class ConfirmScreen(Reading, NightScreen):
    """Asks for the digits; its result is True where they were typed, False where it was left."""

    CSS_PATH = "form.tcss"
    CONTEXTS = ("form", "move", "global")
    FOOTER = ("confirm",)  # what there is to press stands beside the digits

    def __init__(self, title: str, told: Sequence[Line]) -> None:
        super().__init__()
        self._title = title
        self._what = tuple(told)
        self._digits = draw_digits()
        self._typed = ""
        self._last = 0.0

    def body(self) -> Iterable[Widget]:
        """Show what is to be confirmed, and below it the digits."""
        yield TextView([heading(self._title), Line(), *self._what], id="text")
        yield Digits(self._digits)

    def on_mount(self, event: events.Mount) -> None:
        """Let keys come here; those of the same read as the verb are older than this, a burst."""
        self._last = event.time
        self.query_one(TextView).focus()

    @property
    def reader(self) -> TextView:
        """The text that keys move."""
        return self.query_one("#text", TextView)

    def takes_key(self, event: events.Key) -> bool:
        """Take digits; everything else goes on to the keymap."""
        return event.key in DIGITS or super().takes_key(event)

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
            self.tell(f"Not these digits. Begin again, or leave with {_leaving()}.", "warning")
        if self._typed == self._digits:
            self.dismiss(True)
            return
        self.query_one(Digits).show(self._typed)

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave without confirming."""
        self.dismiss(False)

    async def goes_back(self) -> bool:
        """Leave without confirming."""
        self.dismiss(False)
        return False


def _leaving() -> str:
    return keys_for("form.cancel")


def confirmation(reference: str, requester: str, what: Iterable[str | Piece]) -> list[Line]:
    """Return what a confirmation shows: the case, the requester, what will be done.

    Each of `what` begins with a word in its first eleven cells; its later rows hang beside it.
    """
    facts: list[list[Piece]] = [
        [("  case       ", "muted"), (reference, "key")],
        [("  requester  ", "muted"), (requester, "key")],
    ]
    for each in what:
        text, role = (each, "text") if isinstance(each, str) else each
        facts.append([("  ", "text"), (text, role)])
    return [Line(tuple(fact), hang=13) for fact in facts]
