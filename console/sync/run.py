"""The door to the sync: once, one entry at once, or in the background for as long as needed."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from console.sources.base import SlowDown, Source, SourceError, TokenRefused, Unreachable
from console.sync.background import Background
from console.sync.deliver import Delivery, never_waits
from console.sync.drain import Drain, Turn
from console.sync.events import EntryMoved, SyncEvent, SyncReport
from console.sync.ground import CURSOR, Ground
from console.sync.link import Link, WrongSpecialist
from console.sync.pull import Pull
from local_cache.cache import Cache
from local_cache.entries import Entry
from local_cache.lock import DrainLock
from local_cache.outbox import OutboxError

T = TypeVar("T")

LOCK_NAME: Final = "drain.lock"
_TRIES: Final = 3
_SHORT_WAIT: Final = 2.0
_MOST_WAITING: Final = timedelta(seconds=10)
_POLL: Final = 0.1
_WAITING: Final = ("undoable", "pending", "sending", "to_confirm")


class Sync:
    """Keeps one profile's cache and outbox in step with its source.

    One for a profile and process; `run` and `send_now` may be used at the same time from several
    threads. Of several processes on a profile, one delivers; the others record, and it finds what
    they recorded within a second.

    Args:
        cache: the profile's; the lock for delivering stands beside it.
        source: where the queues come from.
        specialist_id: whose profile it is: with another's token nothing is fetched or sent.
        now: the wall clock, UTC.
        on_event: told what happened, from threads of the sync.
        pause: how `once` and `send_now` wait, in seconds.
    """

    def __init__(
        self,
        cache: Cache,
        source: Source,
        *,
        specialist_id: str,
        now: Callable[[], datetime],
        on_event: Callable[[SyncEvent], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._listener = on_event
        self._tally = _Tally()
        self._ground = Ground(cache, source, specialist_id, now, self._tell, pause)
        self._link = Link(self._ground)
        self._pull = Pull(self._ground, self._link)
        self._delivery = Delivery(self._ground, self._link)
        self._drain = Drain(self._ground, self._link, self._delivery)
        self._turn = Turn(self._ground, DrainLock(cache.path.with_name(LOCK_NAME)))
        self._background = Background(self._ground, self._link, self._pull, self._drain, self._turn)

    @property
    def online(self) -> bool:
        """Whether the server answered last time; False before it was tried."""
        return self._link.online

    @property
    def why(self) -> str | None:
        """What is wrong with the connection, in words for the screen; None where nothing is."""
        return self._link.why

    def reach(self) -> bool:
        """Try to reach the server where that was not done yet; return whether it answers."""
        return self._link.ready or self._connected()

    def _tell(self, event: SyncEvent) -> None:
        if isinstance(event, EntryMoved):
            self._tally.count(event)
        self._listener(event)

    # --- Once ---

    def once(self, *, full: bool = False) -> SyncReport:
        """Pull everything new, deliver what may go, pull what that changed, and report.

        Being offline is not an error: the report says so, and everything is kept.
        """
        self._tally = tally = _Tally()
        alone = self._turn.take()
        read_before = self._pull.read
        problem: str | None = None
        try:
            problem = self._patiently(lambda: self._link.connect(full=full))
            if self._link.ready:
                stuck = self._pulled(full=full, alone=alone)
                if alone:
                    self._drain_patiently()
                if tally.sent and self._link.ready:
                    stuck = self._pulled(full=False, alone=alone)
                problem = problem or stuck
        except SourceError as stopped:
            problem = str(stopped)
        finally:
            if alone:
                self._turn.give()
        pulled = self._pull.read - read_before
        return self._report(tally, pulled, problem or self._excuse(alone=alone))

    def _pulled(self, *, full: bool, alone: bool) -> str | None:
        """Pull; a feed that does not go on is told, and stops no delivery."""
        anew = iter((full,))  # a second try goes on with the load that the first began
        try:
            self._patiently(lambda: self._pull.run(full=next(anew, False), alone=alone))
        except (TokenRefused, WrongSpecialist) as problem:
            self._link.end(problem)
            raise
        except SourceError as problem:
            if isinstance(problem, Unreachable):
                self._link.failed(problem)
            elif isinstance(problem, SlowDown):
                self._link.slowed(problem)
            return str(problem)
        return None

    def _patiently(self, work: Callable[[], T]) -> T:
        """Do something that a broken connection or a short wait should not end."""
        for tries in range(1, _TRIES):
            try:
                return work()
            except (TokenRefused, WrongSpecialist):
                raise
            except Unreachable:
                self._ground.pause(self._ground.backoff(tries) / 4)
            except SlowDown as slow:
                if slow.seconds > _SHORT_WAIT:
                    raise
                self._ground.pause(slow.seconds)
        return work()

    def _drain_patiently(self) -> None:
        """Deliver what may go, and wait for what only has to wait for a moment."""
        end = self._ground.now() + _MOST_WAITING
        while self._link.ready:
            self._drain.refresh()
            self._drain.run(lambda: False)
            seconds = self._next_try_in()
            if seconds is None or seconds > _SHORT_WAIT or self._ground.now() >= end:
                return
            self._ground.pause(max(seconds, _POLL))

    def _next_try_in(self) -> float | None:
        """Return in how many seconds something can be sent, but for undo windows."""
        with self._ground.cache.read() as tables:
            unsent = tables.outbox.unsent()
        heads = {entry.case_id: entry for entry in reversed(unsent)}.values()
        due = [entry.next_try_ms for entry in heads if entry.state == "pending"]
        if not due:
            return None
        return max((min(due) - self._ground.now_ms()) / 1000, self._link.held_for(), 0.0)

    def _excuse(self, *, alone: bool) -> str | None:
        if not self._link.online:
            return self._link.why
        if not alone:
            return "Another nightdesk on this profile delivers; what is recorded goes from there."
        if self._pull.skipped:
            return f"{self._pull.skipped} entries of the change feed could not be read at all."
        return None

    def _report(self, tally: "_Tally", pulled: int, problem: str | None) -> SyncReport:
        with self._ground.cache.read() as tables:
            counts = tables.outbox.counts()
            cursor = tables.meta.get(CURSOR)
        return SyncReport(
            pulled=pulled,
            sent=tally.sent,
            returned=tally.returned,
            changed=tally.changed,
            pending=sum(counts.get(state, 0) for state in _WAITING),
            online=self._link.online,
            cursor=cursor,
            problem=problem,
        )

    # --- At once ---

    def send_now(self, key: str) -> Entry:
        """Try to deliver one entry now, after those in front of it on its case.

        A wait that the server asked for, or a retry time, does not hold it: a person asks. What is
        never queued comes back with an explanation where it could not be delivered.

        Returns:
            The entry as it stands then: nothing is raised for what the server said.
        """
        mine = self._turn.take()
        try:
            if mine and self._connected():
                self._send_line(key)
            elif not mine:
                self._await_other_process(key)
            entry = self._need(key)
            if entry.state == "pending" and never_waits(entry):
                self._delivery.refuse_to_wait(entry)
        finally:
            if mine:
                self._turn.give()
        return self._need(key)

    def _connected(self) -> bool:
        try:
            self._link.connect()
        except SourceError:
            return False  # the link has told it
        return True

    def _send_line(self, key: str) -> None:
        """Deliver the line of the entry's case up to the entry, as far as it goes."""
        cache = self._ground.cache
        cache.write(lambda tables: tables.outbox.sendable(self._ground.now_ms()))
        case_id = self._need(key).case_id
        end = self._ground.now() + _MOST_WAITING
        while self._ground.now() < end and self._need(key).state in ("pending", "sending"):
            with cache.read() as tables:
                head = tables.outbox.unsent(case_id)[0]
            if head.state == "sending":  # by a thread of the background
                self._ground.pause(_POLL)
                continue
            if head.state != "pending":
                return
            self._drain.settle(head.key, by_hand=True)
            tried = self._need(head.key)
            if tried.state == "pending" and not self._waited_for(tried):
                return

    def _waited_for(self, tried: Entry) -> bool:
        """Wait for what the server is still working on, if that is a matter of moments."""
        seconds = (tried.next_try_ms - self._ground.now_ms()) / 1000
        if tried.error is None or tried.error.status != 409 or seconds > _SHORT_WAIT:
            return False
        self._ground.pause(max(seconds, _POLL))
        return True

    def _await_other_process(self, key: str) -> None:
        """Give the process that delivers on this profile a moment to do it."""
        end = self._ground.now() + _MOST_WAITING
        while self._ground.now() < end and self._need(key).state in ("pending", "sending"):
            self._ground.pause(_POLL)

    def _need(self, key: str) -> Entry:
        with self._ground.cache.read() as tables:
            entry = tables.outbox.get(key)
        if entry is None:
            raise OutboxError("There is no entry with this key.")
        return entry

    # --- In the background ---

    def run(self, stop: threading.Event) -> None:
        """Pull and deliver until `stop` is set or the token is refused; then close the source.

        Returns within two seconds of `stop`. A defect in one of its threads ends it and is raised
        here: a desk that no longer delivers must not look as if it did.
        """
        self._background.run(stop)

    def wake(self) -> None:
        """Something was recorded, retried or confirmed: look at the outbox, and reconnect, now."""
        self._background.wake()

    def finish(self, seconds: float) -> list[Entry]:
        """End all undo windows, let the background deliver for so long, return what stays here.

        For quitting, before `stop` is set.
        """
        self._ground.cache.write(lambda tables: tables.outbox.close_windows(self._ground.now_ms()))
        self.wake()
        end = self._ground.now() + timedelta(seconds=seconds)
        while (left := self._next_try_in()) is not None or self._sending():
            now = self._ground.now()
            if now >= end or not self._link.ready or (left or 0) > (end - now).total_seconds():
                break
            self._ground.pause(_POLL)
        with self._ground.cache.read() as tables:
            return tables.outbox.unsent()

    def _sending(self) -> bool:
        with self._ground.cache.read() as tables:
            return bool(tables.outbox.counts().get("sending"))


class _Tally:
    """Counts which entries came to rest, and how."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent = 0
        self.returned = 0
        self.changed = 0

    def count(self, event: EntryMoved) -> None:
        with self._lock:
            if event.state == "accepted":
                self.sent += 1
            elif event.state == "returned":
                self.returned += 1
            elif event.state == "changed":
                self.changed += 1
