"""The terminal as lines: what is said goes out whole, what is typed comes in whole.

Whether a hand typed a line is told here. A hand sees the prompt before it types, and does nothing
else in the moment after: what was there before its prompt, or is followed at once by more, came as
a paste or a script does. Such a line may move and read; it records and confirms nothing.
"""

import contextlib
import os
import select
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from getpass import getpass
from typing import Any, Final, NamedTuple, TextIO, cast

from console.linear.dumb import is_dumb
from console.linear.idle import Watch
from local_cache.hostile import visible

QUIET: Final = 0.05
"""Seconds of silence after a line that a hand leaves at least; the rest of a paste comes sooner."""
_CLEAR: Final = "\x1b[H\x1b[2J\x1b[3J"
"""The cursor to the top, the screen empty, then what scrolled off it."""
_LONGEST: Final = 1024 * 1024
"""Characters of one line that are taken; the rest is not a line that anybody types."""


class Typed(NamedTuple):
    """A line that came in."""

    text: str
    by_hand: bool


class Ended(Exception):
    """Nothing more will come: end of input, or the terminal is gone."""


class Terminal:
    """Reads and writes lines. With readline where the terminal has it, else as the system does."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self._in = sys.stdin.fileno()
        self._out: TextIO = sys.stdout
        for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
            with contextlib.suppress(AttributeError):
                cast("Any", stream).reconfigure(errors=errors)
        self.is_tty = sys.stdin.isatty()
        self._buffer = b""
        self._over = False
        both = self.is_tty and sys.stdout.isatty()
        self._moves = both and not is_dumb(os.environ.get("TERM"))
        """Whether it knows more than lines."""
        self._readline = _readline(words) if self._moves else None
        self._watch: Watch | None = None

    def watch(self, after: timedelta) -> None:
        """Let whoever reads know when nobody types for so long; a pipe has nobody."""
        if self.is_tty:
            self._watch = Watch(after, self._half)

    def _half(self) -> str:
        """Return what of a line is typed, as far as that can be known."""
        return "" if self._readline is None else self._readline.get_line_buffer()

    # --- Saying -----------------------------------------------------------------------------

    def say(self, *lines: str) -> None:
        """Write lines. Each is one line whatever is in it, and nothing in it acts."""
        self._write("".join(f"{visible(line).rstrip()}\n" for line in lines))

    def bell(self) -> None:
        """Ring, from any thread; it moves nothing and says nothing."""
        if self._out.isatty():
            with contextlib.suppress(OSError):
                os.write(self._out.fileno(), b"\a")

    def clear(self) -> bool:
        """Let go of what was typed, and clear screen and scrollback.

        Returns whether the terminal was asked to: one that knows only lines cannot be, and whether
        another obeys is not told.
        """
        self._buffer = b""
        if self._readline is not None:
            self._readline.clear_history()
        if self._moves:
            self._write(_CLEAR)
        return self._moves

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except OSError:
            raise Ended from None

    # --- Reading ----------------------------------------------------------------------------

    def read(self, prompt: str, *, remember: bool = False, watched: bool = False) -> Typed:
        """Ask for a line.

        Args:
            prompt: what stands before it.
            remember: whether it may be called back by a key: commands may, answers may not.
            watched: whether the time in which nobody types counts.

        Raises:
            Ended: at the end of input.
            Idle: nobody typed for as long as `watch` was told.
        """
        waiting = self._waiting(0)
        with self._watch.reading() if watched and self._watch else contextlib.nullcontext():
            text = self._line(visible(prompt)) if self._readline is None else self._edited(prompt)
        if remember and self._readline is not None and text.strip():
            self._readline.add_history(text)
        more = "\n" in text or self._waiting(QUIET)
        return Typed(text.replace("\n", " "), by_hand=not waiting and not more)

    def secret(self, prompt: str) -> str:
        """Ask for a line that is not shown while it is typed.

        Raises:
            Ended: at the end of input.
        """
        try:
            return getpass(visible(prompt))
        except (EOFError, OSError):
            raise Ended from None

    def _waiting(self, seconds: float) -> bool:
        """Tell whether something is there to be read, or comes within so long."""
        if self._buffer or self._over:
            return True
        ready, _, _ = select.select([self._in], [], [], seconds)
        return bool(ready)

    def _edited(self, prompt: str) -> str:
        try:
            return input(visible(prompt))
        except (EOFError, OSError):
            self._over = True
            raise Ended from None

    def _line(self, prompt: str) -> str:
        self._write(prompt)
        while b"\n" not in self._buffer and not self._over and len(self._buffer) < _LONGEST:
            try:
                part = os.read(self._in, 65536)
            except OSError:
                part = b""
            self._over = not part
            self._buffer += part
        line, end, self._buffer = self._buffer.partition(b"\n")
        if not end and not (line and len(line) >= _LONGEST):
            # What has no line end was not entered: it is half of something.
            self._buffer = b""
            raise Ended
        text = line.decode("utf-8", "replace").rstrip("\r")
        if not self.is_tty:
            self._write(f"{visible(text)}\n")  # nobody else shows what came
        return text


def _readline(words: Iterable[str]) -> Any:
    """Set readline up for lines: tab completes names of commands. None where there is none."""
    try:
        import readline
    except ImportError:
        return None
    known = sorted(words)

    def complete(typed: str, state: int) -> str | None:
        found = [word for word in known if word.startswith(typed)]
        return found[state] if state < len(found) else None

    readline.set_auto_history(False)  # answers hold what is in cases
    readline.set_completer(complete)
    readline.set_completer_delims(" ")
    readline.parse_and_bind("tab: complete")
    return readline
