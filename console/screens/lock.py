"""The locked screen: nothing of the desk is on it, and keys that are typed are no commands."""

import time
from collections.abc import Sequence
from typing import Final, Protocol, cast

from textual import events
from textual.app import ComposeResult

from console.profiles.unlocking import By
from console.screens.base import NightScreen
from console.words import locked as words
from local_cache.hostile import visible
from widgets.line_widget import LineWidget, Piece

_MOST: Final = 4096


class Locked(Protocol):
    """What the locked screen needs of the app."""

    async def unlock(self, given: str) -> str | None:
        """Try to open; return why not."""
        ...

    def locked_standing(self) -> list[list[Piece]]:
        """Say how things stand without a word of any case."""
        ...


class LockLines(LineWidget):
    """What is said, and how much is typed."""

    def __init__(self) -> None:
        super().__init__(id="lock")
        self._lines: list[list[Piece]] = []

    def show(self, lines: list[list[Piece]]) -> None:
        """Show other lines."""
        self._lines = lines
        self.refresh()

    def line(self, y: int) -> Sequence[Piece]:
        """Return one of them."""
        return self._lines[y] if y < len(self._lines) else ()


class LockScreen(NightScreen):
    """Takes the passphrase, or the enter key where the keyring is asked.

    Every wrong one doubles the time until the next can be tried. A paste is taken: it is how a
    passphrase comes out of a password manager, and here it can do nothing but fail.
    """

    CSS_PATH = "lock.tcss"
    CONTEXTS = ("global",)
    shut = True
    """Keys that come while the console is locked are for this screen alone."""

    def __init__(self, by: By, *, sealed: bool, why: str) -> None:
        super().__init__()
        self.by: By = by
        self.sealed = sealed
        self._why = why
        self._typed = ""
        self._said: Piece = ("", "text")
        self._wrong = 0
        self._not_before = 0.0
        self._trying = False

    def compose(self) -> ComposeResult:
        """Show nothing but what this screen says."""
        yield LockLines()

    async def furnish(self) -> None:
        """Nothing else: there is no line for commands."""

    def on_mount(self) -> None:
        """Show the lines; they are painted anew each second, for the wait and the alarms."""
        self.set_interval(1.0, self._show)
        self._show()

    def typing(self) -> bool:
        """Whatever is typed or pasted is for this screen."""
        return True

    def takes_key(self, event: events.Key) -> bool:  # noqa: ARG002 - whichever it is
        """Take every key before the keymap does; ctrl+q ends the console here, too."""
        return True

    def tell(self, text: str, role: str = "text") -> None:
        """Say how it went; other news is not for this screen."""

    def show_standing(self) -> None:
        """Show how things stand, as far as it says nothing of a case."""
        if self.is_mounted:
            self._show()

    # --- What is typed ----------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take a character, or try what is typed."""
        event.stop()
        event.prevent_default()
        if event.key == "ctrl+q":
            self.host.leave()
        elif self._trying:
            return
        elif event.key == "enter":
            self._try()
        elif event.key in ("backspace", "ctrl+h"):
            self._typed = self._typed[:-1]
        elif event.key in ("escape", "ctrl+u"):
            self._typed = ""
        elif self.by == "passphrase" and event.is_printable and event.character:
            self._typed = (self._typed + event.character)[:_MOST]
        self._show()

    def on_paste(self, event: events.Paste) -> None:
        """Take a pasted passphrase; it still has to be sent off by hand."""
        event.stop()
        if self.by == "passphrase" and not self._trying:
            self._typed = (self._typed + event.text.rstrip("\r\n"))[:_MOST]
        self._show()

    def _try(self) -> None:
        if time.monotonic() < self._not_before or (self.by == "passphrase" and not self._typed):
            return
        given, self._typed = self._typed, ""
        self._trying, self._said = True, ("Trying", "muted")
        self.later(self._open_by(given))

    async def _open_by(self, given: str) -> None:
        try:
            refused = await cast("Locked", self.app).unlock(given)
        finally:
            self._trying = False
        if refused is None:
            return
        self._wrong += 1
        self._not_before = time.monotonic() + words.seconds_to_wait(self._wrong)
        self._said = (refused, "error")
        self._show()

    # --- What is shown ----------------------------------------------------------------------

    def _show(self) -> None:
        headline = words.headline(sealed=self.sealed)
        lines: list[list[Piece]] = [[], [(f"  {headline}", "heading")], []]
        told = (self._why, *words.told(self.by, sealed=self.sealed))
        lines += [[(f"  {text}", "text")] for text in told if text]
        lines.append([])
        if self.by == "passphrase":
            lines.append(
                [
                    ("  Passphrase  ", "muted"),
                    ("•" * min(len(self._typed), 40), "text"),
                    ("▏", "key"),
                ]
            )
        else:
            lines.append([("  enter ", "key"), ("opens it", "muted")])
        wait = self._not_before - time.monotonic()
        if wait > 0:
            lines.append([(f"  The next try in {wait:.0f} s.", "warning")])
        if self._said[0]:
            lines.append([(f"  {visible(self._said[0])}", self._said[1])])
        lines += [[], *cast("Locked", self.app).locked_standing()]
        self.query_one(LockLines).show(lines)
