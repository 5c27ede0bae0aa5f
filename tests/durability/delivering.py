"""Record a night's work offline, deliver it through a broken network, and be killed in the middle.

usage: python -m tests.durability.delivering FOLDER SERVER PROXY TOKEN ACTIONS KILLS SEED WHAT

WHAT is `night` for decisions, notes and closings, or `notes` for notes alone, which stand on no
version.

Everything is recorded first; then one process after another delivers through the proxy and is
killed at a random moment, until KILLS of them were; the last one is left to finish. Prints one line
of JSON: {"actions", "kills", "accepted", "tries", "lost", "twice", "out_of_order", "states",
"chain"}, from what the server says that it has. A process of its own, because it forks.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import force_setattr

from console.casework import actions
from console.casework.actions import AnyAction
from console.desk import Desk
from console.profiles.home import Profile
from console.sources.escalations import EscalationsSource
from console.sources.exchange import Bounds
from local_cache.cache import Cache
from local_cache.query import CaseQuery
from tests.caches import KEY
from tests.durability.proxy import SILENCE

ME = "sp_1"
_ROUNDS = 500
"""Syncs after which what is still not delivered is called lost, and not waited for."""
BOUNDS = Bounds(connect=2, read=SILENCE / 2, total=4)


class Clock:
    """Time that passes while nobody waits for it."""

    def __init__(self) -> None:
        self.later = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def pause(self, seconds: float) -> None:
        self.later += timedelta(seconds=seconds)


def desk_at(folder: Path, url: str, token: str, clock: Clock, bounds: Bounds) -> Desk:
    profile = Profile(
        name="test", origin=url, source="escalations", specialist_id=ME, created_at=clock.now()
    )
    cache = Cache.open(folder / "profile" / "cache.db", KEY)
    return Desk(profile, cache, lambda: EscalationsSource(url, token, bounds=bounds), now=clock.now)


def doing(number: int, what: str) -> AnyAction:
    """Return what is done as the n-th thing; each can be told from all others by its text."""
    text = f"done {number}"
    match 1 if what == "notes" else number % 4:
        case 0:
            return actions.Decide(
                disposition="REDIRECT_LEGAL_PROCESS", reasons=("LA_NO_BASIS",), rationale=text
            )
        case 1:
            return actions.Note(body=text)
        case 2:
            return actions.Close(reason=text)
        case _:
            return actions.Reopen(reason=text)


def record(folder: Path, server: str, token: str, count: int, what: str) -> dict[str, list[str]]:
    """Fill a cache and record everything without a connection; return the keys by case."""
    clock = Clock()
    desk = desk_at(folder, server, token, clock, Bounds())
    try:
        assert desk.sync_once().online
    finally:
        desk.close()
    desk = desk_at(folder, server, token, clock, Bounds())
    rows = desk.rows(desk.listing(CaseQuery()))
    cases = [row.id for row in rows if row.state == "open" and row.claim_by is None][:10]
    keys: dict[str, list[str]] = {case_id: [] for case_id in cases}
    for number in range(count):
        case_id = cases[number // 4 % len(cases)]
        keys[case_id].append(desk.act(case_id, doing(number, what)).key)
    desk.cache.close()
    return keys


def deliver(folder: Path, proxy: str, token: str) -> None:
    """Deliver until nothing is left, as often as it takes; somebody confirms what has to be."""
    clock = Clock()
    desk = desk_at(folder, proxy, token, clock, BOUNDS)
    force_setattr(desk.sync._ground, "pause", clock.pause)
    for _ in range(_ROUNDS):
        if not desk.outbox():
            break
        desk.sync_once()
        for entry in desk.outbox():
            if entry.state == "to_confirm":
                desk.retry(entry.key)
        heads = {entry.case_id: entry.state for entry in reversed(desk.outbox())}
        if heads and set(heads.values()) <= {"returned", "changed"}:
            break  # the rest is held until a person settles it
        clock.pause(30)
    desk.close()


def run_one(folder: Path, proxy: str, token: str, kill_after: float | None) -> bool:
    """Let one process deliver; True where it ended by itself."""
    pid = os.fork()
    if pid == 0:
        try:
            deliver(folder, proxy, token)
            os._exit(0)
        finally:
            os._exit(1)
    end = None if kill_after is None else time.monotonic() + kill_after
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if end is not None and time.monotonic() >= end:
            os.kill(pid, signal.SIGKILL)
            return os.WIFEXITED(os.waitpid(pid, 0)[1])
        time.sleep(0.002)
    return True


def there(server: str, token: str, case_id: str) -> list[dict[str, Any]]:
    """Return everything that the server has of us on a case, in its order."""
    headers, found, cursor = {"Authorization": f"Bearer {token}"}, list[dict[str, Any]](), ""
    with httpx.Client(base_url=server, headers=headers, trust_env=False, verify=False) as client:
        while True:
            given = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
            page = client.get(f"/v1/cases/{case_id}/actions", params=given).json()
            found += [record for record in page["items"] if record["by"] == ME]
            cursor = page["next"]
            if not cursor:
                return found


def _text(record: dict[str, Any]) -> str:
    body = record["body"]
    return str(body.get("rationale") or body.get("body") or body.get("reason"))


def main(
    folder: str, server: str, proxy: str, token: str, count: str, kills: str, seed: str, what: str
) -> None:
    chance, place = random.Random(int(seed)), Path(folder)
    keys = record(place, server, token, int(count), what)
    killed = 0
    while killed < int(kills):
        # Long enough to have begun: an interpreter forked does not start anew.
        ended = run_one(place, proxy, token, 0.03 + chance.random() * 0.6)
        if ended:
            break
        killed += 1
    run_one(place, proxy, token, None)
    lost, twice, out_of_order = list[str](), list[str](), list[str]()
    for case_id, recorded in keys.items():
        records = there(server, token, case_id)
        texts = Counter(map(_text, records))
        twice += [text for text, times in texts.items() if times > 1]
        had = [one["id"] for one in records]
        lost += [key for key in recorded if key not in had]
        if had != [key for key in recorded if key in had] and len(had) == len(set(texts)):
            out_of_order.append(case_id)
    cache = Cache.open(place / "profile" / "cache.db", KEY)
    with cache.read() as tables:
        entries, audit = tables.outbox.recent(int(count)), tables.audit.verify()
    cache.close()
    told = {
        "actions": int(count),
        "kills": killed,
        "accepted": sum(entry.state == "accepted" for entry in entries),
        "tries": sum(entry.attempts for entry in entries),
        "lost": lost,
        "twice": twice,
        "out_of_order": out_of_order,
        "states": Counter(entry.state for entry in entries),
        "chain": audit.ok,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
