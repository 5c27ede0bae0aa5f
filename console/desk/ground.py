"""What all of the desk stands on: profile, cache, clock, and the connection to the server."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from console import __version__
from console.casework import actions
from console.profiles.home import Profile
from console.sources.base import Source
from console.sync import SyncEvent, SyncReport
from local_cache.cache import Cache
from local_cache.entries import Entry
from local_cache.records import (
    Specialist,
    read,
)
from local_cache.slim import milliseconds
from local_cache.tables import Tables

if TYPE_CHECKING:
    from console.sync.run import Sync

T = TypeVar("T")

TOOL: Final = actions.Tool(name="nightdesk", version=__version__)


class Ground:
    """What all of the desk stands on: profile, cache, clock, and the way to the server."""

    def __init__(
        self,
        profile: Profile,
        cache: Cache,
        connect: Callable[[], Source],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.profile = profile
        self.cache = cache
        self._connect = connect
        self._now = now
        self._sync: Sync | None = None
        self._source: Source | None = None
        self._making_sync = threading.Lock()
        self._making_source = threading.Lock()
        self.listener: Callable[[SyncEvent], None] = lambda _event: None
        """Called from the sync's threads whenever something happened."""

    # --- The clock and who we are ---

    def server_now(self) -> datetime:
        """Return the time by the server's clock, as far as we know it."""
        with self.cache.read() as tables:
            return self._now() + self._skew(tables)

    def now_ms(self) -> int:
        """Return the time by our own clock, which entries are recorded by: ms since the epoch."""
        return milliseconds(self._now())

    def skew(self) -> timedelta:
        """Return the server's clock less ours."""
        with self.cache.read() as tables:
            return self._skew(tables)

    def _me(self, tables: Tables) -> Specialist:
        kept = tables.meta.get("specialist")
        if kept is None:
            return Specialist(id=self.profile.specialist_id)
        return read(Specialist, kept.encode())

    @staticmethod
    def _skew(tables: Tables) -> timedelta:
        return timedelta(seconds=float(tables.meta.get("clock_skew") or 0))

    # --- The connection ---

    @property
    def online(self) -> bool:
        """Whether the server answered last time; False before it was tried."""
        return self._sync is not None and self._sync.online

    def source(self) -> Source:
        """Return the connection to the system that the queues come from."""
        with self._making_source:
            if self._source is None:
                self._source = self._connect()
            return self._source

    @property
    def sync(self) -> "Sync":
        """The sync, made when first needed: it brings the HTTP client with it."""
        from console.sync.run import Sync

        with self._making_sync:
            if self._sync is None:
                self._sync = Sync(
                    self.cache,
                    self.source(),
                    specialist_id=self.profile.specialist_id,
                    now=self._now,
                    on_event=lambda event: self.listener(event),
                )
            return self._sync

    @property
    def why_offline(self) -> str | None:
        """What is wrong with the connection, in words for the screen; None where nothing is."""
        return self._sync.why if self._sync is not None else None

    def reach(self) -> bool:
        """Try to reach the server; what is recorded next knows whether it is done offline."""
        return self.sync.reach()

    def sync_once(self, *, full: bool = False) -> SyncReport:
        """Pull and deliver once."""
        return self.sync.once(full=full)

    def deliver(self, key: str) -> Entry:
        """Try to deliver an entry now, after those in front of it on its case."""
        return self.sync.send_now(key)

    def close_windows(self) -> None:
        """End every undo window, so that what is recorded may go (when quitting)."""
        self.cache.write(lambda tables: tables.outbox.close_windows(milliseconds(self._now())))

    def disconnect(self) -> None:
        """Let go of the connection and its token; the next one that is needed is made anew."""
        if self._source is not None:
            self._source.close()
        self._source = self._sync = None

    def close(self) -> None:
        """Let go of the cache and the connection."""
        self.disconnect()
        self.cache.close()

    def _wake(self) -> None:
        if self._sync is not None:
            self._sync.wake()
