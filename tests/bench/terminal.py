"""A program in a real terminal of fixed size, and when what it wrote was on the screen.

Time is taken where bytes are read; what they draw is worked out between the keys, so that the
emulator's own slowness is in no figure.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyte

COLUMNS: Final = 200
ROWS: Final = 50
_ASKS_FOR_SYNC: Final = b"\x1b[?2026$p"
_HAS_SYNC: Final = b"\x1b[?2026;2$y"
_FRAME_BEGINS: Final = b"\x1b[?2026h"
_FRAME_ENDS: Final = b"\x1b[?2026l"

Chunk = tuple[float, bytes]
Area = tuple[range, range]
"""Lines and columns of the screen."""
WHOLE: Final[Area] = (range(ROWS), range(COLUMNS))
View = Callable[["Terminal"], object]
"""What of the screen is looked at; two equal values show the same."""


class Gone(Exception):
    """The program ended, or never showed what was waited for."""


class Terminal:
    """A child process in a pty, and the screen that it painted."""

    def __init__(self, argv: Sequence[str], *, env: dict[str, str], cwd: Path) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._fd = master
        self.in_frame = False
        """Whether the program said that there is more of what it paints at once (mode 2026)."""
        self._tail = b""
        self.started = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            _become(slave, argv, env, cwd)
        os.close(slave)
        os.set_blocking(master, False)

    def send(self, keys: str) -> float:
        """Press keys; return when."""
        at = time.perf_counter()
        os.write(self._fd, keys.encode())
        return at

    def pump(self, timeout: float) -> Chunk | None:
        """Wait for output; return it with the time at which it came, not drawn yet.

        Raises:
            Gone: the program ended.
        """
        ready, _, _ = select.select([self._fd], [], [], max(0.0, timeout))
        if not ready:
            return None
        try:
            data = os.read(self._fd, 1 << 20)
        except OSError:
            data = b""
        at = time.perf_counter()
        if not data:
            raise Gone(f"the program ended:\n{self.text()[:2000]}")
        if _ASKS_FOR_SYNC in data:
            os.write(self._fd, _HAS_SYNC)
        return at, data

    def draw(self, chunk: Chunk) -> None:
        """Put output on the screen."""
        self._stream.feed(chunk[1])
        data = self._tail + chunk[1]  # a mark may come in two reads
        self._tail = data[-len(_FRAME_BEGINS) + 1 :]
        begun, ended = data.rfind(_FRAME_BEGINS), data.rfind(_FRAME_ENDS)
        if begun != ended:
            self.in_frame = begun > ended

    def collect(self, quiet: float, limit: float) -> list[Chunk]:
        """Return what comes until `quiet` seconds pass without, at most `limit` seconds long."""
        chunks: list[Chunk] = []
        end = time.perf_counter() + limit
        while (left := end - time.perf_counter()) > 0:
            chunk = self.pump(min(quiet if chunks else left, left))
            if chunk is None:
                break
            chunks.append(chunk)
        return chunks

    def settle(self, quiet: float, limit: float = 20.0) -> None:
        """Draw what comes until it has been quiet for a while."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            chunk = self.pump(quiet)
            if chunk is None:
                return
            self.draw(chunk)

    def wait_for(self, shown: Callable[[str], bool], limit: float) -> float:
        """Draw until the text of the screen is as wanted; return when it was.

        Raises:
            Gone: it never was.
        """
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            chunk = self.pump(0.5)
            if chunk is not None:
                self.draw(chunk)
                if shown(self.text()):
                    return chunk[0]
        raise Gone(f"not shown within {limit} s:\n{self.text()[:2000]}")

    def text(self) -> str:
        """Return the characters of the screen."""
        buffer = self.screen.buffer
        return "\n".join(
            "".join(buffer[line][column].data for column in range(COLUMNS)) for line in range(ROWS)
        )

    def cells(self, area: Area = WHOLE) -> object:
        """Return the characters and their looks in an area, to be compared."""
        lines, columns = area
        buffer = self.screen.buffer
        return [[buffer[line][column] for column in columns] for line in lines]

    def pss_mb(self) -> float:
        """Return the memory of the process, shared pages in proportion, in MB; Linux only."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii")
        line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024 / 1e6

    def close(self) -> None:
        """End the program, by force where it does not listen."""
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            if self._ended(within=3.0):
                break
        os.close(self._fd)

    def _ended(self, within: float) -> bool:
        end = time.perf_counter() + within
        while time.perf_counter() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return True
            try:
                self.pump(0.02)  # a program that waits for room in the pty would never end
            except Gone:
                time.sleep(0.005)
        return False


def _become(slave: int, argv: Sequence[str], env: dict[str, str], cwd: Path) -> None:
    try:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for descriptor in (0, 1, 2):
            os.dup2(slave, descriptor)
        os.chdir(cwd)
        os.closerange(3, 256)
        os.execvpe(argv[0], list(argv), env)
    finally:
        os._exit(127)
