"""Kill a writing process again and again, and look after each kill what its promises were worth.

usage: python -m tests.durability.killing FOLDER KILLS SEED

One cache lives through all kills. Each child opens it, commits transactions that touch every kind
of table, and tells the number of each on a pipe after it was committed. Prints one line of JSON:
{"kills", "acknowledged", "broken": [...]}. A process of its own, because it forks.
"""

import json
import os
import random
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from local_cache import sqlcipher
from local_cache.cache import Cache, CacheError, Tables
from local_cache.drafts import Draft
from local_cache.records import Case, read
from tests.caches import KEY, NOON, new_entry, wire


def act(number: int) -> Callable[[Tables], None]:
    """Return one transaction: a case with its entry, the draft in its newest state, audit."""
    case_id = f"c_{number}"
    raw = wire(case_id, number, "1", title="x" * (number * 37 % 3000))

    def work(tables: Tables) -> None:
        tables.cases.put_provisional(read(Case, raw), raw)
        tables.outbox.record(new_entry(f"k{number}", case_id))
        tables.drafts.save(Draft("d", case_id, "note", {"number": number}, NOON))
        tables.meta.set("number", str(number))

    return work


def child(path: Path, pipe: int) -> None:
    cache = Cache.open(path, KEY)
    with cache.read() as tables:
        number = int(tables.meta.get("number") or 0)
    # So that children are also killed while the log is copied back, which is rare otherwise.
    pages = (4, 20, 1000)[number % 3]
    cache.write(
        lambda tables: tables.meta._connection.execute(f"PRAGMA wal_autocheckpoint={pages}")
    )
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


def broken_promises(path: Path, acknowledged: int) -> list[str]:
    """Open the cache as the next process would and compare it with what was acknowledged."""
    try:
        cache = Cache.open(path, KEY)
    except CacheError as error:
        return [f"open: {error}"]
    try:
        with cache.read() as tables:
            found = int(tables.meta.get("number") or 0)
            entries = [entry.key for entry in tables.outbox.unsent()]
            rows = [tables.cases.row_of(f"c_{number}") for number in range(1, found + 1)]
            draft = tables.drafts.get("d")
            audit = tables.audit.verify()
    finally:
        cache.close()
    checks = {
        f"lost: {acknowledged} acknowledged, {found} here": found >= acknowledged,
        "entries": entries == [f"k{number}" for number in range(1, found + 1)],
        "cases": all(row is not None and row.unsent == 1 for row in rows),
        "draft": found == 0 or (draft is not None and draft.content == {"number": found}),
        f"audit: {audit.problem}, {audit.entries}": audit.ok and audit.entries == found,
    }
    return [name for name, held in checks.items() if not held] + damage(path)


def damage(path: Path, key: bytes = KEY) -> list[str]:
    connection = sqlcipher.connect(path, key, cache_kib=2048)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        plain = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        cipher = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        connection.execute("INSERT INTO search(search, rank) VALUES ('integrity-check', 0)")
    finally:
        connection.close()
    return [] if plain == ["ok"] and not cipher else [f"integrity: {plain[:1]} {cipher[:1]}"]


def main(folder: str, kills: str, seed: str) -> None:
    path = Path(folder) / "profile" / "cache.db"
    chance = random.Random(int(seed))
    acknowledged, broken = 0, list[str]()
    for kill in range(int(kills)):
        acknowledged = max(acknowledged, kill_one(path, chance))
        broken += [f"kill {kill}: {promise}" for promise in broken_promises(path, acknowledged)]
    print(json.dumps({"kills": int(kills), "acknowledged": acknowledged, "broken": broken}))


if __name__ == "__main__":
    main(*sys.argv[1:])
