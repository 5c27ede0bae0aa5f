"""Which entry of the outbox goes next, and in whose turn."""

import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Literal

from msgspec import Struct

from console.sync.deliver import Delivery, moved_event, never_waits
from console.sync.ground import Ground
from console.sync.link import Link
from local_cache.cache import CacheError, Tables
from local_cache.entries import Entry
from local_cache.lock import DrainLock

WORKERS: Final = 4
_FRESH_MS: Final = 15_000
_SORTED_AT_MOST: Final = 500
_MS: Final = timedelta(milliseconds=1)


class Turn:
    """This process's turn to deliver: one process of a profile has it at a time."""

    def __init__(self, ground: Ground, lock: DrainLock) -> None:
        self._ground = ground
        self._lock = lock
        self._gate = threading.Lock()
        self._holders = 0

    def take(self) -> bool:
        """Take the turn, once more where it is ours already; False where another process has it.

        Whoever takes it anew puts back what a crash left in the middle of being sent.
        """
        with self._gate:
            if self._holders == 0:
                if not self._lock.try_acquire():
                    return False
                try:
                    self._ground.cache.write(lambda tables: tables.outbox.recover())
                except BaseException:
                    self._lock.release()  # a full disk must not keep the turn from everybody
                    raise
            self._holders += 1
            return True

    def give(self) -> None:
        """Give one taking back."""
        with self._gate:
            self._holders -= 1
            if self._holders == 0:
                self._lock.release()


class _Taken(Struct, frozen=True):
    """An entry out of the line: to be sent, or moved on without being sent."""

    entry: Entry
    do: Literal["send", "send if not applied, ask", "asked", "refuse"]


class Drain:
    """Takes entries from the outbox, the head of each case's line, and has them delivered.

    Any number of threads may call `step` at once: an entry is marked as being sent in the same
    transaction that takes it, and holds those behind it on its case until it is settled.
    """

    def __init__(self, ground: Ground, link: Link, delivery: Delivery) -> None:
        self._ground = ground
        self._link = link
        self._delivery = delivery
        self._line: deque[str] = deque()
        self._left_behind: set[str] = set()
        self._gate = threading.Lock()

    def refresh(self) -> None:
        """Forget the line: something was recorded or retried that may come first in it."""
        with self._gate:
            self._line.clear()

    def step(self) -> bool:
        """Take one entry and settle it; False where nothing may be sent now."""
        if not self._link.ready or self._link.held():
            return False
        self._take_up_again()
        key = self._next()
        if key is None:
            return False
        self.settle(key)
        return True

    def run(self, stop: Callable[[], bool]) -> None:
        """Deliver side by side until nothing may be sent now."""

        def work() -> None:
            while not stop() and self.step():
                pass

        with ThreadPoolExecutor(WORKERS, thread_name_prefix="delivery") as pool:
            for done in [pool.submit(work) for _ in range(WORKERS)]:
                done.result()

    def settle(self, key: str, *, by_hand: bool = False) -> None:
        """Take this entry, if it is its turn, and settle it.

        By hand, neither a retry time nor the age of a claim holds it back.
        """
        self._take_up_again()
        taken = self._ground.cache.write(lambda tables: self._take(tables, key, by_hand=by_hand))
        if taken is None:
            return
        self._ground.on_event(moved_event(taken.entry))
        if taken.do == "refuse":
            self._delivery.refuse_to_wait(taken.entry)
        elif taken.do != "asked":
            with self._left_behind_where_it_fails(key):
                self._delivery.deliver(taken.entry, confirm_first=taken.do != "send")

    # --- What could not be written down ---

    @contextmanager
    def _left_behind_where_it_fails(self, key: str) -> Generator[None]:
        """Remember an entry whose outcome the disk did not take: it is still marked as being sent.

        Nobody else would put it back while this process has the turn.
        """
        try:
            yield
        except CacheError:
            with self._gate:
                self._left_behind.add(key)
            raise

    def _take_up_again(self) -> None:
        """Put such entries back in their lines, under the same keys, once the disk takes it."""
        with self._gate:
            left = set(self._left_behind)
        for key in left:
            self._ground.cache.write(lambda tables, key=key: tables.outbox.recover(key))
            with self._gate:
                self._left_behind.discard(key)

    # --- The line ---

    def _next(self) -> str | None:
        with self._gate:
            if not self._line:
                self._line.extend(self._sendable())
            return self._line.popleft() if self._line else None

    def _sendable(self) -> list[str]:
        now = self._ground.now_ms()
        cache = self._ground.cache
        with cache.read() as tables:
            due = tables.outbox.next_wake_ms()
            if due is None or (due > now and not tables.outbox.clock_went_back(now)):
                return []
        entries = cache.write(lambda tables: tables.outbox.sendable(now))
        if len(entries) <= _SORTED_AT_MOST:
            with cache.read() as tables:
                entries.sort(key=lambda entry: (_priority(tables, entry), entry.seq))
        return [entry.key for entry in entries]

    def _take(self, tables: Tables, key: str, *, by_hand: bool) -> _Taken | None:
        now = self._ground.now_ms()
        entry = tables.outbox.get(key)
        if entry is None or entry.state != "pending" or (entry.next_try_ms > now and not by_hand):
            return None
        if tables.outbox.unsent(entry.case_id)[0].key != key:
            return None
        late = _waited_too_long(tables, entry, now)
        if late and not entry.unknown:
            tables.outbox.ask(key)
            return _Taken(_present(tables, key), "asked")
        if never_waits(entry) and not by_hand and abs(now - _last_asked(entry)) > _FRESH_MS:
            return _Taken(entry, "refuse")
        tables.outbox.mark_sending(key, now)
        return _Taken(_present(tables, key), "send if not applied, ask" if late else "send")


def _present(tables: Tables, key: str) -> Entry:
    entry = tables.outbox.get(key)
    assert entry is not None  # it was there in this very transaction
    return entry


def _priority(tables: Tables, entry: Entry) -> str:
    """Sort what is unread or without a priority behind P4."""
    row = tables.cases.row_of(entry.case_id)
    return "~" if row is None or row.priority is None else row.priority


def _last_asked(entry: Entry) -> int:
    """Return when a person asked for it last: by recording it, or by trying it once more."""
    return max(entry.waiting_since_ms, entry.next_try_ms)


def _waited_too_long(tables: Tables, entry: Entry, now_ms: int) -> bool:
    policy = tables.policies.current()
    longest = None if policy is None else policy.offline_confirm.get(entry.type)
    # Also where it waits since a time to come: a clock set back says nothing of how long it was.
    return longest is not None and abs(now_ms - entry.waiting_since_ms) > longest / _MS
