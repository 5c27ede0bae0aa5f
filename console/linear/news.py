"""What happened meanwhile: heard from the sync's threads, told at the next prompt, never before.

Nobody is interrupted while typing. What rings does so at once, by the bell alone; what it was is
said before the next prompt, in the past tense.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Final

from console.desk import Desk
from console.errors import NightdeskError
from console.sync.events import (
    CasesChanged,
    ConnectionChanged,
    EntryMoved,
    LoadProgressed,
    PolicyChanged,
    StorageFailed,
    SyncEvent,
    TokenWasRefused,
)
from console.sync.ground import CURSOR
from console.wording import when
from console.words.alarms import Alarm, Alarms, alarms_of
from console.words.row import name_of, spoken_due
from console.words.standing import Standing
from local_cache.errors import CacheError

LOOK_EVERY: Final = 15.0
"""Seconds after which clocks and alarms are looked at also without news."""
FEW: Final = 3
"""So many cases that changed are told by name."""
_MOVED: Final = {
    "accepted": "was accepted by the server",
    "returned": "was RETURNED by the server; outbox shows why",
    "changed": "was NOT SENT: the case changed; outbox compares",
    "to_confirm": "waited long and must be confirmed; outbox does it",
}


class News:
    """Runs the sync and a lookout beside the prompts, and keeps what they tell."""

    def __init__(self, desk: Desk, bell: Callable[[], None], *, practice: bool) -> None:
        self._desk = desk
        self._bell = bell
        self.standing = Standing(practice=practice)
        self.alarms = Alarms()
        self.failure: BaseException | None = None
        """A defect in the sync: nothing is delivered any more, and the desk must not look on."""
        self.looked_out: Callable[[], None] = lambda: None
        """Called by the lookout each time, on its own thread."""
        self._lock = threading.Lock()
        self._events: SimpleQueue[SyncEvent] = SimpleQueue()
        self._said: list[str] = []
        self._cases: set[str] | None = set()
        """Cases that changed since that was told last; None where they are too many to name."""
        self._mine: set[str] = set()
        """Cases that we changed ourselves meanwhile: that is told by the entry."""
        self._moved: dict[tuple[str, str], list[str]] = {}
        """The cases on which actions of a type came to a state, by both."""
        self._known: set[str] = set()
        """Keys of entries whose outcome was told."""
        self._fresh: dict[str, Alarm] = {}
        self._ended = ""
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- Running ----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the sync and the lookout."""
        self._desk.listener = self._heard
        for name, work in (("sync", self._sync), ("lookout", self._look_out)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Stop both; what is recorded is kept."""
        self._stop.set()
        self._changed.set()
        self._desk.listener = lambda _event: None
        for thread in self._threads:
            thread.join(timeout=5)

    def wait_for_contact(self, seconds: float) -> None:
        """Wait until the server was tried and, where the cache is empty, its cases are here."""
        pause = threading.Event()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._settled():
            pause.wait(0.05)

    def _settled(self) -> bool:
        if self.failure is not None or self._ended:
            return True
        with self._lock:
            self._take_in()
            offline, loading = self.standing.online is False, self.standing.loaded is not None
        with self._desk.cache.read() as tables:
            begun = tables.meta.get(CURSOR) is not None
        return offline or (begun and self._desk.online and not loading)

    def _heard(self, event: SyncEvent) -> None:
        self._events.put(event)
        self._changed.set()

    def _sync(self) -> None:
        try:
            self._desk.sync.run(self._stop)
        except NightdeskError as error:
            self._ended = str(error)
        except Exception as defect:  # noqa: BLE001 - told at the next prompt, which then is the last
            if not self._stop.is_set():
                self.failure = defect
                self._bell()
        self._changed.set()

    def _look_out(self) -> None:
        while not self._stop.is_set():
            try:
                self.looked_out()
                if self.look():
                    self._bell()
            except (NightdeskError, CacheError):
                pass  # it shows again, and is told, where somebody asks for something
            self._changed.wait(LOOK_EVERY)
            self._changed.clear()
            self._stop.wait(0.2)  # a full load tells something many times a second

    def look(self) -> bool:
        """Count the outbox and look at the clocks; return whether something rings anew."""
        with self._lock:
            self._take_in()
            self.standing.count(self._desk)
            now_ms = round(self._desk.server_now().timestamp() * 1000)
            causes = alarms_of(self._desk, now_ms, offline=self.standing.online is False)
            rings = self.alarms.consider(causes)
            self._fresh |= {alarm.key: alarm for alarm in self.alarms.fresh}
        return rings

    # --- Telling ----------------------------------------------------------------------------

    def tell(self) -> list[str]:
        """Return what happened since this was asked last, and the alarms that are new."""
        self.look()
        with self._lock:
            lines = self._news()
        if self._ended:
            lines.append(f"error: {self._ended}")
            self._ended = ""
        with self._lock:
            fresh, self._fresh = self._fresh, {}
            ringing = self.alarms.ringing
            first = sorted(fresh.values(), key=lambda alarm: -alarm.urgency)
            lines += [f"alarm: {alarm.text}" for alarm in first if alarm.key in ringing]
        return lines

    def begin(self) -> None:
        """Forget what came until now: it is no news to somebody who only just sat down."""
        with self._lock:
            self._take_in()
            self._news()

    def told(self, key: str) -> None:
        """Say nothing of an entry whose outcome was told at once."""
        with self._lock:
            self._known.add(key)

    def foremost(self) -> list[Alarm]:
        """Return the alarms that nobody acknowledged, the most urgent first."""
        with self._lock:
            return sorted(self.alarms.ringing.values(), key=lambda alarm: -alarm.urgency)

    def acknowledge(self, key: str) -> None:
        """Keep an alarm silent for as long as what it stands for holds."""
        with self._lock:
            self.alarms.acknowledge(key)

    def _take_in(self) -> None:
        """Take in what the sync told since; only with the lock held."""
        while True:
            try:
                event = self._events.get_nowait()
            except Empty:
                return
            before, loading = self.standing.online, self.standing.loaded is not None
            self.standing.hear(event)
            match event:
                case CasesChanged(ids=ids):
                    several = self._cases is None or ids is None
                    self._cases = None if several else (self._cases or set()) | (ids or set())
                case EntryMoved(key=key) if event.state in _MOVED:
                    if key not in self._known:
                        self._moved.setdefault((event.type, event.state), []).append(event.case_id)
                    self._mine.add(event.case_id)
                case LoadProgressed() if loading and self.standing.loaded is None:
                    self._cases = set()
                    self._said.append("news: the queues were loaded; list shows them.")
                case _:
                    self._said += _said(event, before)

    def _moved_lines(self) -> Iterator[str]:
        for (type_, state), cases in self._moved.items():
            counted = Counter(cases)
            if len(counted) > FEW:
                yield f"news: {type_} on {len(counted):,} cases {_MOVED[state]}."
                continue
            for case_id, n in counted.items():
                more = f" {n} of them." if n > 1 else ""
                yield f"news: {type_} on {self._name(case_id)} {_MOVED[state]}.{more}"

    def _name(self, case_id: str) -> str:
        with self._desk.cache.read() as tables:
            row = tables.cases.row_of(case_id)
        return case_id if row is None else name_of(row)

    def _news(self) -> list[str]:
        lines = list(dict.fromkeys(self._said))
        lines += self._moved_lines()
        cases = None if self._cases is None else sorted(self._cases - self._mine)
        if cases is None or len(cases) > FEW:
            count = "many" if cases is None else str(len(cases))
            lines.append(f"news: {count} cases arrived or changed; list shows them.")
        elif cases:
            names = ", ".join(self._name(case_id) for case_id in cases)
            lines.append(f"news: {names} arrived or changed.")
        self._said, self._cases, self._mine = [], set(), set()
        self._moved.clear()
        return lines


def _said(event: SyncEvent, before: bool | None) -> Iterator[str]:
    match event:
        case ConnectionChanged(online=True, why=why) if why:
            yield f"warning: the server answers, but no news comes: {why}"
        case ConnectionChanged(online=True):
            if before is False:
                yield "news: the connection came back; what is recorded was sent or is being sent."
        case ConnectionChanged(online=False, since=since, why=why):
            if before is not False:
                yield f"news: the connection was lost at {when(since.astimezone(UTC))}. {why or ''}"
                yield "news: work goes on; what you record is kept here, NOT delivered meanwhile."
        case PolicyChanged(version=version):
            yield f"news: policy {version} came into force."
        case StorageFailed(why=why):
            yield f"error: what came was NOT STORED: {why}"
        case TokenWasRefused():
            yield "error: TOKEN REFUSED. Everything is kept, nothing goes: nightdesk connect"
        case _:
            pass


def standing_lines(standing: Standing, now: datetime) -> Iterator[str]:
    """Tell how things stand: connection, unsent, the next clock; a line each."""
    place = "practice desk, " if standing.practice else ""
    if standing.refused:
        yield f"connection: {place}TOKEN REFUSED; nothing goes until: nightdesk connect"
    elif standing.online is None:
        yield f"connection: {place}connecting"
    elif standing.online:
        yield f"connection: {place}online" + (", but no news comes" if standing.why else "")
    else:
        since = when(standing.since.astimezone(UTC)) if standing.since else "the start"
        yield f"connection: {place}OFFLINE since {since}. {standing.why}".rstrip()
    if standing.trouble:
        yield f"error: NOT STORED: {standing.trouble}"
    back = f", {standing.came_back} of them came back to you" if standing.came_back else ""
    if standing.waiting:
        yield f"unsent: {standing.waiting} recorded here, not delivered{back}"
    else:
        yield "unsent: nothing; everything recorded was accepted by the server"
    if abs(standing.skew.total_seconds()) > 30:
        yield f"warning: the server's clock is {standing.skew.total_seconds():+.0f} s from ours"
    row = standing.next_due
    if row is not None:
        yield f"next clock: {spoken_due(row, round(now.timestamp() * 1000))}, {name_of(row)}"
    if standing.loaded is not None:
        done, total = standing.loaded
        yield f"loading: {done:,} of {total or 'many'} cases are here"
