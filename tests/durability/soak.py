"""A long night in short: changes pour in, cases are opened, the console is locked, over and over.

`make soak` runs it in full. After each round it is read what the process holds: memory, files,
threads, the write-ahead log. All of them have to stay where they were when the night was young.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from console.sync.events import CasesChanged
from local_cache import keys, wraps
from tests.pilot.ground import Ground, Hand, at_the_desk

ROUNDS: Final = 8
CASES: Final = 500
BATCH: Final = 100
"""Changes that come as one page."""
PASSPHRASE: Final = "a passphrase of the soak"


@dataclass(frozen=True)
class Held:
    """What the process holds after a round."""

    memory_mb: float
    files: int
    threads: int
    log_mb: float


def held(folder: Path) -> Held:
    """Read what this process holds just now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    log = folder / "cache.db-wal"
    return Held(
        memory_mb=pages * 4096 / 2**20,
        files=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
        log_mb=log.stat().st_size / 2**20 if log.exists() else 0.0,
    )


def documents(start: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield the next versions of cases, each in its turn."""
    for number in range(start, start + count):
        yield {
            "id": f"c_{number % CASES}",
            "seq": number + 1,
            "version": str(number // CASES + 1),
            "reference": f"ND-{number % CASES:04}",
            "queue": "emergency",
            "kind": "emergency_disclosure",
            "state": "open",
            "priority": f"P{number % 5}",
            "title": f"Synthetic case {number % CASES:04}, change {number}",
            "request": {"narrative": "One neutral line about a synthetic request. " * 20},
            "received_at": "2026-11-24T09:00:00.000Z",
        }


async def soak(folder: Path, *, changes: int, opens: int, locks: int) -> list[Held]:
    """Live through the night; return what was held after each round."""
    wraps._SCRYPT_N = 2**4  # the cost of a passphrase is not what is measured
    ground = Ground(folder, key=keys.create_key(folder, passphrase=PASSPHRASE))
    ground.desk.cache.write(lambda tables: tables.meta.set("token", "no-token"))
    ground.seed(*documents(0, CASES))
    night: list[Held] = []
    came = CASES
    async with at_the_desk(ground) as hand:
        await hand.see("Synthetic case")
        for _ in range(ROUNDS):
            for _ in range(changes // ROUNDS // BATCH):
                page = list(documents(came, BATCH))
                came += BATCH
                await asyncio.to_thread(ground.put, *page)
                hand.news(CasesChanged(frozenset(each["id"] for each in page)))
                await hand.pilot.pause()
            await open_cases(hand, opens // ROUNDS)
            for _ in range(locks // ROUNDS):
                await lock_and_open(hand)
            night.append(await asyncio.to_thread(held, folder))
    return night


async def open_cases(hand: Hand, count: int) -> None:
    """Go from case to case, each shown whole, and back to the top at the end of the list."""
    screen: Any = hand.app.screen
    for _ in range(count):
        before = screen.view.id if screen.view is not None else ""
        last = screen.row is not None and screen._list.cursor >= screen._list.count - 1
        await hand.press(*(("g", "g") if last else ("J",)))
        await hand.until(
            lambda before=before: screen.view is not None and screen.view.id != before,
            "the next case",
        )


async def lock_and_open(hand: Hand) -> None:
    """Lock the console, and open it with the passphrase."""
    await hand.press("g", "l")
    await hand.see("Nightdesk is locked")
    await hand.type(PASSPHRASE)
    await hand.press("enter")
    await hand.see("Synthetic case")


def grown(night: list[Held]) -> list[str]:
    """Say what did not stay flat from the second round on, the first being warm-up."""
    young, old = night[1], night[-1]
    wrong: list[str] = []
    if old.memory_mb > young.memory_mb + 12:
        wrong.append(f"memory grew from {young.memory_mb:.0f} to {old.memory_mb:.0f} MB")
    if old.files > young.files:
        wrong.append(f"open files grew from {young.files} to {old.files}")
    if old.threads > young.threads + 2:  # pools make their few threads when they are needed
        wrong.append(f"threads grew from {young.threads} to {old.threads}")
    if max(each.log_mb for each in night) > 64:
        wrong.append("the write-ahead log grew beyond 64 MB")
    return wrong


def main() -> int:
    """Run it and tell each round; the exit status says whether all stayed flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--opens", type=int, default=5_000)
    parser.add_argument("--locks", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        night = asyncio.run(
            soak(Path(folder), changes=asked.changes, opens=asked.opens, locks=asked.locks)
        )
    for each in night:
        print(
            f"{each.memory_mb:7.1f} MB  {each.files:3} files  {each.threads:3} threads"
            f"  log {each.log_mb:.1f} MB"
        )
    wrong = grown(night)
    print("\n".join(wrong) or "flat")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
