"""Textual's driver for Linux, without its two threads: keys come and frames go on the event loop.

Between a key and its effect Textual wakes a thread that reads, the loop, and a thread that writes;
on a machine with other work each of these waits for its turn. Here the loop reads the terminal when
there is something to read, and writes what the terminal takes at once, the rest when it takes more.
A frame waits for a slow terminal for a few milliseconds, nothing else does. While much of what it
was sent has yet to be taken, no more is painted: when it has caught up it shows how things stand
then, and a key that was held stops when it is let go.
"""

import asyncio
import os
import select
import sys
from codecs import getincrementaldecoder
from typing import Any, Final, TextIO, cast

from textual import constants
from textual._time import get_time
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.screen import Screen

from widgets.key_bytes import QuickParser
from widgets.shown import Shown

_READ: Final = 4096
"""Bytes taken at once; as Textual does, so that what came in one read comes in one here too."""
_MOMENT: Final = 0.004
"""Seconds that a frame waits for a terminal at most: one that reads on takes a page in less."""
_MUCH: Final = 8192
"""Bytes that a terminal has yet to take, from which on it is behind."""


class DirectDriver(LinuxDriver):
    """Reads and writes the terminal on the event loop."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        cast("Any", super()).__init__(app, debug=debug, mouse=mouse, size=size)
        self._terminal = cast("TextIO", sys.__stderr__)
        self._waiting: list[str] = []
        """What was written since the last flush."""
        self._rest = b""
        """What the terminal did not take yet."""
        self._output: int | None = None
        """The terminal, opened anew: not waiting is a thing of an open file, and the one that we
        were given is our parent's too."""
        self.shown = Shown()
        """What stands on the terminal, as far as it was painted at once."""
        self._to_paint = False
        self._ours = True
        """Whether the terminal is ours: while an editor has it, nothing is painted over that."""
        self._flushing: asyncio.Handle | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._parser = QuickParser(self._debug)
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    @property
    def behind(self) -> bool:
        """Whether the terminal has yet to take much of what was sent before."""
        return len(self._rest) > _MUCH

    def paint_when_caught_up(self) -> None:
        """Paint the whole screen when the terminal is not behind any more."""
        self._to_paint = True

    # --- Writing ----------------------------------------------------------------------------

    def write(self, data: str) -> None:
        """Write soon; `flush` writes now."""
        if not self._ours:
            return
        self._waiting.append(data)
        if self._flushing is None and not self._loop.is_closed():
            self._flushing = self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what is waiting, as much as the terminal takes."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        waiting, self._waiting = self._waiting, []
        encoding, errors = self._terminal.encoding, self._terminal.errors or "replace"
        data = "".join(waiting).encode(encoding, errors)
        if self._rest:
            self._rest += data  # in its turn
        elif data:
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._output is None:
            name = os.ttyname(self._terminal.fileno())
            self._output = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        self._rest = _taken(self._output, data)
        if self._rest:
            self._rest = _taken_soon(self._output, self._rest)
        if self._rest:
            self._loop.add_writer(self._output, self._send_rest, self._output)

    def _send_rest(self, output: int) -> None:
        self._rest = _taken(output, self._rest)
        if not self._rest:
            self._loop.remove_writer(output)
        if self._to_paint and not self.behind:
            self._to_paint = False
            self._app.refresh()

    def close(self) -> None:
        """Let go of the terminal; it takes what is left first."""
        self.flush()
        if self._output is not None:
            if self._rest:
                self._loop.remove_writer(self._output)
                os.set_blocking(self._output, True)
                self._rest = _taken(self._output, self._rest)
            os.close(self._output)
            self._output = None
        self._ours = False
        super().close()

    # --- Reading ----------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal over, and listen to it."""
        self._ours = True
        self.shown.clear()
        super().start_application_mode()
        if self._key_thread is not None:  # else we were stopped while trying
            self._loop.add_reader(self.fileno, self._read)

    def _run_input_thread(self) -> None:
        """Let Textual's thread end at once: the loop reads."""

    def disable_input(self) -> None:
        """Listen no more."""
        self._loop.remove_reader(self.fileno)
        if self._ticking is not None:
            self._ticking.cancel()
        super().disable_input()

    def _read(self) -> None:
        try:
            data = os.read(self.fileno, _READ)
        except OSError:
            data = b""
        if not data:  # the terminal is gone
            self._loop.remove_reader(self.fileno)
            return
        for message in self._parser.feed(self._decode(data)):
            self.process_message(message)
        self._expect_rest()

    def _expect_rest(self) -> None:
        """Where what came may be the start of a sequence, look again when that was too long ago."""
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        parser = cast("Any", self._parser)
        until: float | None = parser._timeout_time  # noqa: SLF001 - a contract test holds it
        if until is not None:
            self._ticking = self._loop.call_later(max(0.0, until - get_time()), self._tick)

    def _tick(self) -> None:
        for message in self._parser.tick():
            self.process_message(message)
        self._expect_rest()

    def send_message(self, message: Message) -> None:
        """Send a message to the app."""
        self._app.post_message(message)


def _taken(terminal: int, data: bytes) -> bytes:
    """Write to a terminal; return what it did not take."""
    try:
        return data[os.write(terminal, data) :]
    except BlockingIOError:
        return data
    except OSError:
        return b""  # the terminal is gone; the hangup that follows ends the program


def _taken_soon(terminal: int, data: bytes) -> bytes:
    """Write on while a terminal that took a part takes more, for a moment; return what is left.

    The kernel holds 4 KiB for it, less than a page of a list; what is left for the loop to write
    waits there behind all that the same key set off.
    """
    room = select.poll()
    room.register(terminal, select.POLLOUT)
    until = get_time() + _MOMENT
    while data and (left := until - get_time()) > 0 and room.poll(left * 1000):
        data = _taken(terminal, data)
    return data


class DirectApp(App[int], inherit_bindings=False):
    """An application on the `DirectDriver` where that fits: on Linux, on a terminal with a name."""

    def get_driver_class(self) -> type[Driver]:
        """Return what reads and writes the terminal here."""
        return DirectDriver if _fits() else super().get_driver_class()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        driver = self._driver
        if isinstance(driver, DirectDriver) and driver.behind:
            driver.paint_when_caught_up()
            return
        if isinstance(driver, DirectDriver):
            driver.shown.paint_over(renderable)
        display = cast("Any", App)._display  # noqa: SLF001 - what this one stands before
        display(self, screen, renderable)


def _fits() -> bool:
    if sys.platform != "linux" or constants.DRIVER is not None:
        return False
    try:
        for stream in (sys.__stdin__, sys.__stderr__):
            if stream is None or not os.access(os.ttyname(stream.fileno()), os.R_OK | os.W_OK):
                return False
    except (OSError, ValueError):
        return False
    return True
