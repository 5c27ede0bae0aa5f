"""The change feed: how many cases a second come in, and whether keys are answered meanwhile."""

import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from console.sources.escalations import EscalationsSource
from console.sync.run import Sync
from local_cache.cache import Cache
from tests.bench import data, programs
from tests.bench.measure import Times
from tests.bench.terminal import Terminal
from tests.servers import PracticeServer

PAGE = 1000
CHANGES_A_SECOND = 50
_KEY_EVERY = 0.1
"""Seconds between keys while the feed is loading."""
_KEYS_FOR = 20.0
"""Seconds at most that keys are pressed."""
_CURSOR = ">"


@dataclass(frozen=True)
class Rates:
    """Cases a second: fetched and decoded only, and all the way into the encrypted cache."""

    decoded: float
    kept: float


def rates(server: PracticeServer, cases: int) -> Rates:
    """Read the whole feed of a practice desk twice: to nowhere, and into a new cache."""
    source = EscalationsSource(server.url, server.token)
    try:
        before = time.perf_counter()
        cursor: str | None = None
        more = True
        while more:
            page = source.changes(cursor, limit=PAGE)
            cursor, more = page.next, page.more
        decoded = time.perf_counter() - before
        with tempfile.TemporaryDirectory() as folder:
            cache = Cache.open(Path(folder) / "profile" / "cache.db", bytes(range(32)))
            try:
                sync = Sync(
                    cache,
                    source,
                    specialist_id="sp_1",
                    now=data.now,
                    on_event=lambda _event: None,
                )
                before = time.perf_counter()
                sync.once()
                kept = time.perf_counter() - before
            finally:
                cache.close()
    finally:
        source.close()
    return Rates(cases / decoded, cases / kept)


def keys_while_loading(server: PracticeServer, home: Path) -> Times:
    """Open the console on an empty cache, and press `j` and `k` in turn while it fills."""
    data.make_home(home, cases=0, origin=server.url, token=server.token)
    terminal = programs.nightdesk(home).start()
    times = Times()
    try:
        terminal.wait_for(lambda text: "Loading the queues" in text, 60.0)
        terminal.wait_for(lambda text: _cursor_line(terminal) is not None, 60.0)
        down = True
        end = time.perf_counter() + _KEYS_FOR
        while "Loading the queues" in terminal.text() and time.perf_counter() < end:
            taken = _press(terminal, "j" if down else "k")
            if taken is not None:
                times.values.append(taken)
                down = not down
            terminal.settle(_KEY_EVERY, limit=_KEY_EVERY)
    finally:
        terminal.close()
    return times


def keys_while_syncing(server: PracticeServer, home: Path, keys: int) -> Times:
    """Press `j` and `k` on a desk that is filled, while colleagues change 50 cases a second."""
    terminal = programs.nightdesk(home).start()
    times = Times()
    over = threading.Event()
    colleagues = threading.Thread(target=_change_cases, args=(server, over))
    try:
        terminal.settle(3.0, limit=120.0)
        colleagues.start()
        for number in range(keys):
            terminal.settle(_KEY_EVERY, limit=_KEY_EVERY)
            taken = _press(terminal, "k" if number % 2 else "j")
            if taken is not None:
                times.values.append(taken)
    finally:
        over.set()
        if colleagues.is_alive():
            colleagues.join()
        terminal.close()
    return times


def _change_cases(server: PracticeServer, over: threading.Event) -> None:
    source = EscalationsSource(server.url, server.token)
    try:
        ids = [change.id for change in source.changes(None, limit=PAGE).changes]
    finally:
        source.close()
    cases = cycle(each for each in ids if each.startswith("c_"))
    with server.client() as client:
        due = time.perf_counter()
        while not over.is_set():
            client.post(f"/practice/touch/{next(cases)}", json={}).raise_for_status()
            due += 1 / CHANGES_A_SECOND
            over.wait(max(0.0, due - time.perf_counter()))


def _press(terminal: Terminal, key: str) -> float | None:
    """Press a key; return the ms until the cursor stood on another line, None where it never did.

    The list changes by itself all the time, so only the cursor's own mark counts.
    """
    before = _cursor_line(terminal)
    sent = terminal.send(key)
    while time.perf_counter() < sent + 3.0:
        chunk = terminal.pump(0.5)
        if chunk is None:
            continue
        terminal.draw(chunk)
        if _cursor_line(terminal) not in (before, None):
            return (chunk[0] - sent) * 1e3
    return None


def _cursor_line(terminal: Terminal) -> int | None:
    buffer = terminal.screen.buffer
    lines = programs.LIST[0]
    return next((line for line in lines if buffer[line][1].data == _CURSOR), None)
