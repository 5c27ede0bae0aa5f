"""What a cache promises to whoever was told that something is recorded, and how it is checked.

`act` is one transaction that touches every kind of table, and lets go of the files that nothing
refers to. Whatever happens to the process, the disk or the power afterwards: once it was
acknowledged, it is whole when the cache is opened again.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from local_cache import sqlcipher
from local_cache.cache import Cache, CacheError, Tables
from local_cache.drafts import Draft
from local_cache.records import Case, read
from tests.caches import KEY, NOON, new_entry, wire

_LATER: Final = 2**52
"""So late that every file may go that nothing refers to."""


def act(number: int) -> Callable[[Tables], None]:
    """Return one transaction: a case with its entry, the draft in its newest state, audit."""
    case_id = f"c_{number}"
    enclosed, loose = f"enclosed {number}".encode(), f"loose {number}".encode()
    raw = wire(case_id, number, "1", title="x" * (number * 37 % 3000))

    def work(tables: Tables) -> None:
        tables.cases.put_provisional(read(Case, raw), raw)
        body = msgspec.json.encode({"type": "respond", "sha256": tables.blobs.put(enclosed)})
        tables.outbox.record(new_entry(f"k{number}", case_id, body=body))
        tables.blobs.sweep(_LATER)
        tables.blobs.put(loose)
        tables.drafts.save(Draft("d", case_id, "note", {"number": number}, NOON))
        tables.meta.set("number", str(number))

    return work


def pragma(cache: Cache, setting: str) -> None:
    """Set something on the connection that writes, outside of a transaction."""
    connection = cache._writer._connection
    connection.execute(f"PRAGMA {setting}").fetchone()


def done_so_far(cache: Cache) -> int:
    with cache.read() as tables:
        return int(tables.meta.get("number") or 0)


def broken_promises(path: Path, acknowledged: int, *, whole: bool = True) -> list[str]:
    """Open the cache as the next process would and compare it with what was acknowledged.

    Where `whole`, every page of the file is read too.
    """
    try:
        cache = Cache.open(path, KEY)
    except CacheError as error:
        return [f"open: {error}"]
    try:
        with cache.read() as tables:
            found = int(tables.meta.get("number") or 0)
            entries = [entry.key for entry in tables.outbox.unsent()]
            rows = [tables.cases.row_of(f"c_{number}") for number in range(1, found + 1)]
            files = [tables.blobs.has(_sha256(f"enclosed {n}")) for n in range(1, found + 1)]
            loose = [n for n in range(found + 2) if tables.blobs.has(_sha256(f"loose {n}"))]
            draft = tables.drafts.get("d")
            audit = tables.audit.verify()
    finally:
        cache.close()
    checks = {
        f"lost: {acknowledged} acknowledged, {found} here": found >= acknowledged,
        "entries": entries == [f"k{number}" for number in range(1, found + 1)],
        "files of entries": all(files),
        f"files of nothing: {loose}": loose == ([found] if found else []),
        "cases": all(row is not None and row.unsent == 1 for row in rows),
        "draft": found == 0 or (draft is not None and draft.content == {"number": found}),
        f"audit: {audit.problem}, {audit.entries}": audit.ok and audit.entries == found,
    }
    return [name for name, held in checks.items() if not held] + (damage(path) if whole else [])


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def damage(path: Path, key: bytes = KEY) -> list[str]:
    connection = sqlcipher.connect(path, key, cache_kib=2048)
    try:
        # A page torn while it was copied back is whole in the log: copy it again before looking.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        plain = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        cipher = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        connection.execute("INSERT INTO search(search, rank) VALUES ('integrity-check', 0)")
    finally:
        connection.close()
    return [] if plain == ["ok"] and not cipher else [f"integrity: {plain[:1]} {cipher[:1]}"]
