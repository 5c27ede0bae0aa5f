"""Kill a writing process again and again, and look after each kill what its promises were worth.

usage: python -m tests.durability.killing FOLDER KILLS SEED

A cache lives through many kills. Each child opens it, commits transactions, and tells the number of
each on a pipe after it was committed. Prints one line of JSON: {"kills", "acknowledged", "broken":
[...]}. A process of its own, because it forks.
"""

import json
import os
import random
import select
import signal
import sys
from pathlib import Path

from local_cache.cache import Cache
from tests.caches import KEY
from tests.durability.promises import act, broken_promises, done_so_far, pragma

_ENOUGH = 200
"""Acknowledged transactions after which a new cache begins: what is checked stays small."""


def child(path: Path, pipe: int) -> None:
    cache = Cache.open(path, KEY)
    number = done_so_far(cache)
    # So that children are also killed while the log is copied back, which is rare otherwise.
    pragma(cache, f"wal_autocheckpoint = {(4, 20, 1000)[number % 3]}")
    os.write(pipe, b"opened\n")
    while True:
        number += 1
        cache.write(act(number))
        os.write(pipe, f"{number}\n".encode())


def kill_one(path: Path, chance: random.Random) -> int:
    """Let a child work and kill it at a random moment; return the last number it told."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            child(path, writing)
        finally:
            os._exit(1)
    os.close(writing)
    told = b""
    if chance.random() > 0.15:  # the others are killed while they open the cache
        wanted = chance.randrange(1, 15)
        while told.count(b"\n") < wanted and (data := os.read(reading, 65536)):
            told += data
    select.select([], [], [], chance.random() * 0.006)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    while data := os.read(reading, 65536):
        told += data
    os.close(reading)
    if not os.WIFSIGNALED(status):
        raise SystemExit("a child ended by itself")
    numbers = [int(line) for line in told.split(b"\n")[:-1] if line.isdigit()]
    return max(numbers, default=0)


def main(folder: str, kills: str, seed: str) -> None:
    chance = random.Random(int(seed))
    caches, acknowledged, total, broken = 0, 0, 0, list[str]()
    for kill in range(int(kills)):
        path = Path(folder) / f"profile-{caches}" / "cache.db"
        acknowledged = max(acknowledged, kill_one(path, chance))
        last = kill + 1 == int(kills) or acknowledged >= _ENOUGH
        whole = last or kill % 10 == 9  # damage does not go away by itself
        found = broken_promises(path, acknowledged, whole=whole)
        broken += [f"kill {kill}: {promise}" for promise in found]
        if acknowledged >= _ENOUGH:
            caches, total, acknowledged = caches + 1, total + acknowledged, 0
    total += acknowledged
    print(json.dumps({"kills": int(kills), "acknowledged": total, "broken": broken}))


if __name__ == "__main__":
    main(*sys.argv[1:])
