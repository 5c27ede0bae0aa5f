"""A terminal to run `nightdesk` in: a real pty, every byte kept, and the screen that they make."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

import pyte
from wcwidth import wcwidth

from tests.hostile import hidden
from tests.servers import REPOSITORY

PATIENCE = 30.0
"""Seconds that something may take on a machine full of tests."""

_OWN: Final = re.compile(
    r"\x1b\[[0-9;]*[mHCJK]"  # looks, places, erasing
    r"|\x1b\[\?[0-9]+[hl]"  # modes
    r"|\x1b\[\?[0-9]+\$p"  # which modes there are
    r"|\x1b\[[0-9]+ q"  # the shape of the cursor
    r"|\x1b\[[<>][0-9]*u"  # the keyboard
    r"|\x1b\]22;[a-z-]+\x07"  # Textual's: the shape of a mouse pointer
    r"|\r?\n|\x07"  # lines, and the bell of alarms
)
"""All that the console itself may send, and nothing else."""
_UNKNOWN_TO_PYTE: Final = re.compile(rb"\x1b\[\?[0-9]+\$p|\x1b\[[<>][0-9]*u")
_CURSOR, _WRAPS = "25", "7"
_MODES: Final = re.compile(r"\x1b\[\?([0-9]+)([hl])")


def oracle(sent: bytes) -> list[str]:
    """Return what of the bytes sent to a terminal is neither the console's own nor plain text."""
    text = _OWN.sub("", sent.decode("utf-8", "surrogateescape"))
    found = list(hidden(text))
    return found + [
        f"lone {character!r}" for character in text if 0xDC80 <= ord(character) < 0xDD00
    ]


class Terminal:
    """Runs a command on a pty of `columns` by `lines`; bytes are read when something is awaited."""

    def __init__(
        self,
        *command: str,
        columns: int = 80,
        lines: int = 24,
        environment: dict[str, str],
        folder: Path = REPOSITORY,
    ) -> None:
        self.columns, self.lines = columns, lines
        self.sent = bytearray()
        """Every byte that came, in order."""
        self.screen: Any = pyte.Screen(columns, lines)
        self._stream: Any = pyte.ByteStream(self.screen)
        self._main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.settings = termios.tcgetattr(other)
        """How the terminal was set before the command began."""
        self.process = subprocess.Popen(
            command,
            stdin=other,
            stdout=other,
            stderr=other,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,  # signals of the keyboard come through it
        )
        self._other = other
        self._open = True

    # --- Reading ---

    def _read(self, seconds: float) -> bool:
        """Take what there is, waiting for at most so long; False where nothing came."""
        ready, _, _ = select.select([self._main], [], [], max(0.0, seconds))
        part = os.read(self._main, 65536) if ready else b""
        if not part:
            return False
        self.sent += part
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", part))
        return True

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never came: {what}\n" + "\n".join(self.shown))
            ended = self.process.poll() is not None
            if not self._read(0.2) and ended and not condition():
                raise AssertionError(f"it ended before: {what}\n" + "\n".join(self.shown))

    def until_shown(self, text: str) -> None:
        """Read until the screen shows a text."""
        self.until(lambda: self.shows(text), text)

    def until_quiet(self, seconds: float = 0.25) -> None:
        """Read until nothing came for so long: the console rests."""
        while self._read(seconds):
            pass

    @property
    def shown(self) -> list[str]:
        """The lines of the screen."""
        return [self._line(y) for y in range(self.screen.lines)]

    def _line(self, y: int) -> str:
        """Return a line; half of a wide character that was painted over is a space."""
        cells = self.screen.buffer[y]
        text, x = "", 0
        while x < self.screen.columns:
            drawn = cells[x].data
            text += drawn or " "
            x += 2 if drawn and wcwidth(drawn[0]) == 2 else 1
        return text

    def shows(self, text: str) -> bool:
        """Tell whether the screen shows a text."""
        return text in "\n".join(self.shown)

    # --- Doing ---

    def type(self, keys: str | bytes) -> None:
        """Send keys as a keyboard does."""
        os.write(self._main, keys.encode() if isinstance(keys, str) else keys)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each painted before the next."""
        for key in keys:
            self.type(key)
            self.until_quiet(0.06)
            if self.process.poll() is not None:
                raise AssertionError(f"it ended at {key!r}: {self.after_screen()}")

    def written_by_others(self, text: str) -> None:
        """Have another program write to the terminal."""
        self._stream.feed(text.encode())

    def signal(self, number: int) -> None:
        """Send a signal to the command."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Take the terminal away, as a lost connection does."""
        os.close(self._other)
        os.close(self._main)
        self._open = False

    def end(self) -> int:
        """Read until the command ends, and return its exit status."""
        self.until(lambda: self.process.poll() is not None, "the end")
        while self._read(0.05):
            pass
        return self.process.wait()

    def close(self) -> None:
        """End the command, however it stands."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        if self._open:
            os.close(self._main)
            os.close(self._other)

    # --- Judging ---

    @property
    def modes(self) -> dict[str, bool]:
        """Each mode of the terminal as it was left."""
        text = self.sent.decode("utf-8", "replace")
        return {mode: on == "h" for mode, on in _MODES.findall(text)}

    @property
    def keys_go_through(self) -> bool:
        """Whether keys reach the command as they are pressed, unread by the line discipline."""
        flags = termios.tcgetattr(self._other)[3]
        return not flags & (termios.ICANON | termios.ECHO)

    def left_whole(self) -> list[str]:
        """Say what of the terminal was not put back as it was."""
        wrong = [
            f"mode {mode} is on"
            for mode, on in self.modes.items()
            if on and mode not in (_CURSOR, _WRAPS)
        ]
        if not self.modes.get(_CURSOR, True):
            wrong.append("the cursor is hidden")
        if not self.modes.get(_WRAPS, True):
            wrong.append("long lines are cut off")
        if termios.tcgetattr(self._other) != self.settings:
            wrong.append("the line discipline is not as it was")
        return wrong

    def grid(self, widths: Callable[[str], int]) -> list[list[str]]:
        """Return the cells of a terminal that takes characters to be so wide, line by line."""
        ours: Any = pyte.screens
        before = ours.wcwidth
        screen: Any = pyte.Screen(self.columns, self.lines)
        stream: Any = pyte.ByteStream(screen)
        ours.wcwidth = widths
        try:
            stream.feed(_UNKNOWN_TO_PYTE.sub(b"", bytes(self.sent)))
        finally:
            ours.wcwidth = before
        return [[screen.buffer[y][x].data for x in range(self.columns)] for y in range(self.lines)]

    def after_screen(self) -> str:
        """Return what was written once the alternate screen was left."""
        return self.sent.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]


def _take_terminal() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where the tests run in the background
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextlib.contextmanager
def terminal(*command: str, **given: Any) -> Generator[Terminal]:
    """Run a command for the length of a `with`."""
    made = Terminal(*command, **given)
    try:
        yield made
    finally:
        made.close()


def environment(home: Path, passphrase: str, **more: str) -> dict[str, str]:
    """Return the environment of a person at a plain terminal, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
    return {
        **kept,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "NIGHTDESK_HOME": str(home),
        "NIGHTDESK_PASSPHRASE": passphrase,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **more,
    }


def nightdesk(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs `nightdesk`."""
    return (sys.executable, "-m", "console.cli", *arguments)


class Lines:
    """A terminal that is typed to in lines, each once its prompt is there."""

    def __init__(self, screen: Terminal) -> None:
        self.screen = screen
        self._from = 0
        self.hear("> ")

    def hear(self, what: str) -> str:
        """Read until something was said since the last line that was typed."""
        sent = self.screen.sent

        def said() -> str:
            return sent[self._from :].decode("utf-8", "replace")

        self.screen.until(lambda: said().endswith("> ") and what in said(), what)
        self.screen.until_quiet(0.1)
        return said()

    def type(self, line: str, what: str = "") -> str:
        """Type a line, and return what it brought."""
        return self.after(lambda: self.screen.type(f"{line}\n"), what)

    def after(self, act: Callable[[], object], what: str) -> str:
        """Do something, and return what it brought."""
        self._from = len(self.screen.sent)
        act()
        return self.hear(what)
