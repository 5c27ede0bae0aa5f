"""What every part of the sync stands on: the cache, the source, the clock, who listens."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from console.sources.base import Source
from console.sync.events import SyncEvent
from local_cache.cache import Cache, Tables

CURSOR: Final = "feed.cursor"
LAST_SPOKEN: Final = "last_spoken_ms"
CLOCK_SKEW: Final = "clock_skew"
SPECIALIST: Final = "specialist"
REGISTER_LOADED: Final = "register.loaded"

_LONGEST_BACKOFF: Final = 30.0


class Ground(Struct, frozen=True):
    """Shared by the parts of one sync. `pause` waits for seconds where nobody is to be woken."""

    cache: Cache
    source: Source
    specialist_id: str
    now: Callable[[], datetime]
    on_event: Callable[[SyncEvent], None]
    pause: Callable[[float], None]
    # Spreads tries, so that a hundred consoles do not come back in step.
    rng: random.Random = field(default_factory=random.Random)

    def now_ms(self) -> int:
        """Return the time in milliseconds since the epoch, UTC."""
        return int(self.now().timestamp() * 1000)

    def backoff(self, tries: int, *, least: float = 0.2) -> float:
        """Return how many seconds to wait after `tries` failures: exponential, full jitter."""
        most = min(_LONGEST_BACKOFF, 2.0 ** min(max(tries, 1) - 1, 10))
        return max(least, self.rng.uniform(0, most))

    def note_contact(self, tables: Tables) -> None:
        """Note in this transaction that the server has spoken: what `offline_max` counts from."""
        tables.meta.set(LAST_SPOKEN, str(self.now_ms()))
