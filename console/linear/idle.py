"""Nobody types: what is being read is left, so that the desk can be locked."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta


class Idle(Exception):
    """Nothing was typed for as long as the settings allow."""

    def __init__(self, span: timedelta) -> None:
        super().__init__()
        self.span = span


class Watch:
    """Ends the reading of a line in which nothing was typed for so long."""

    def __init__(self, after: timedelta, half: Callable[[], str]) -> None:
        """Watch, on the main thread, which has signals; `half` tells what of a line is typed."""
        self._after = after
        self._half = half
        self._seen: str | None = None
        signal.signal(signal.SIGALRM, self._look)

    @contextmanager
    def reading(self) -> Generator[None]:
        """Watch what is read in this block.

        Raises:
            Idle: out of whatever waits there; a line that is half typed is let go of.
        """
        self._seen = ""
        self._start()
        try:
            yield
        finally:
            self._seen = None
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _number: int, _frame: object) -> None:
        if self._seen is None:
            return
        half = self._half()
        if half == self._seen:
            raise Idle(self._after)
        self._seen = half
        self._start()

    def _start(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._after.total_seconds())
