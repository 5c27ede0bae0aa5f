"""The sync of a console: threads that keep the connection, read the feed and deliver, until told.

One keeps the connection, one reads the feed, one listens for nudges, four deliver. They share the
link and the cache, and none waits for another: a feed that is stuck stops no delivery, and an
entry that the server chokes on stops no news.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from console.sources.base import (
    Refused,
    SlowDown,
    SourceError,
    TokenRefused,
    Unreachable,
)
from console.sync.drain import WORKERS, Drain, Turn
from console.sync.events import CasesChanged, StorageFailed
from console.sync.ground import CURSOR, Ground
from console.sync.link import Link, WrongSpecialist
from console.sync.pull import Pull
from local_cache.errors import CacheClosed, CacheError

POLL_WITH_STREAM: Final = 60.0
POLL_WITHOUT: Final = 10.0
_IDLE: Final = 1.0
_STORAGE_AGAIN: Final = 5.0
_STREAM_UNKNOWN: Final = 300.0
_ENDING: Final = 1.5
_GLANCE: Final = 0.25


class Background:
    """Runs the threads; see the module."""

    def __init__(self, ground: Ground, link: Link, pull: Pull, drain: Drain, turn: Turn) -> None:
        self._ground = ground
        self._link = link
        self._pull = pull
        self._drain = drain
        self._turn = turn
        self._changed = threading.Condition()
        self._generation = 0
        self._feed_wanted = threading.Event()
        self._over = threading.Event()
        self._mine = False
        self._streaming = False
        self._failures: list[BaseException] = []
        self._tries = {"keep": 0, "feed": 0, "listen": 0}
        self._seen: str | None = None

    def wake(self) -> None:
        """Have every waiting thread look again, now."""
        self._drain.refresh()
        with self._changed:
            self._generation += 1
            self._changed.notify_all()

    def run(self, stop: threading.Event) -> None:
        """Run until `stop` is set, the token is refused or a thread fails; raise its failure."""
        steps = [self._keep, self._feed, self._listen, *[self._deliver] * WORKERS]
        threads = [
            threading.Thread(
                target=self._repeat, args=(step,), name=f"sync{step.__name__}", daemon=True
            )
            for step in steps
        ]
        for thread in threads:
            thread.start()
        while not stop.wait(_GLANCE) and not self._over.is_set() and not self._link.ended:
            pass
        self._end(threads)
        if self._failures:
            raise self._failures[0]

    def _end(self, threads: list[threading.Thread]) -> None:
        self._over.set()
        self._feed_wanted.set()
        self.wake()
        self._ground.source.close()
        end = time.monotonic() + _ENDING
        for thread in threads:
            # One that hangs in a name lookup cannot be woken; as a daemon it keeps nobody.
            thread.join(max(0.0, end - time.monotonic()))
        if self._mine:
            self._mine = False
            self._turn.give()

    def _repeat(self, step: Callable[[], None]) -> None:
        try:
            while not self._over.is_set():
                try:
                    step()
                except CacheClosed:
                    self._over.set()
                except CacheError as trouble:
                    self._ground.on_event(StorageFailed(str(trouble)))
                    self._wait(_STORAGE_AGAIN)
        except BaseException as failure:  # noqa: BLE001 - it is raised again by whoever runs us
            self._failures.append(failure)
            self._over.set()

    def _wait(self, seconds: float) -> None:
        """Wait for so long, until somebody wakes us or all is over."""
        with self._changed:
            known = self._generation
            self._changed.wait_for(
                lambda: self._generation != known or self._over.is_set(), timeout=seconds
            )

    # --- What each thread does over and over ---

    def _keep(self) -> None:
        """Keep the connection, and ask for the turn to deliver until it is ours."""
        if not self._mine:
            self._mine = self._turn.take()
            if not self._mine:
                self._look_at_the_others_work()
        if self._link.ready or self._link.ended:
            self._wait(_IDLE)
            return
        if self._link.held():
            self._wait(self._link.held_for())  # or until a person does something, which may go
        try:
            self._link.connect()
        except SlowDown:
            self._wait(_IDLE)  # at least, also where it asks for nothing
        except SourceError:  # the link has told it
            self._wait(self._ground.backoff(self._next_try("keep")))
        else:
            self._tries["keep"] = 0
            self._feed_wanted.set()
            self.wake()

    def _look_at_the_others_work(self) -> None:
        """Tell when the process that has the turn brought something."""
        with self._ground.cache.read() as tables:
            seen = f"{tables.meta.get(CURSOR)} {sorted(tables.outbox.counts().items())}"
        if self._seen is not None and seen != self._seen:
            self._ground.on_event(CasesChanged(None))
        self._seen = seen

    def _feed(self) -> None:
        if not (self._mine and self._link.ready):
            self._wait(_IDLE)
            return
        self._feed_wanted.clear()
        delay = POLL_WITH_STREAM if self._streaming else POLL_WITHOUT
        try:
            self._pull.run()
        except (TokenRefused, WrongSpecialist) as refused:
            self._link.end(refused)
        except SlowDown as slow:
            self._link.slowed(slow)
            delay = max(slow.seconds, _IDLE)
        except Unreachable as problem:
            delay = self._ground.backoff(self._next_try("feed"), least=_IDLE)
            if not self._over.is_set() and self._link.failed(problem):
                self._link.feed_stuck(problem)
        except SourceError as problem:
            self._link.feed_stuck(problem)
        else:
            self._tries["feed"] = 0
        self._feed_wanted.wait(delay)

    def _listen(self) -> None:
        """Have the feed read whenever the server says that it has news."""
        if not (self._mine and self._link.ready):
            self._wait(_IDLE)
            return
        delay = 0.0
        try:
            for _ in self._ground.source.nudges():
                self._streaming = True
                self._tries["listen"] = 0
                self._feed_wanted.set()
                if self._over.is_set():
                    break
        except TokenRefused as refused:
            self._link.end(refused)
        except Refused:
            delay = _STREAM_UNKNOWN  # it has no stream: polling does
        except SourceError:
            # Reading the feed finds out whether anything answers at all, now and not in a minute.
            self._feed_wanted.set()
        self._streaming = False
        tries = self._next_try("listen")
        self._over.wait(delay or self._ground.backoff(tries, least=_IDLE))

    def _deliver(self) -> None:
        if not self._mine or not self._drain.step():
            self._wait(_IDLE)

    def _next_try(self, name: str) -> int:
        self._tries[name] += 1
        return self._tries[name]
