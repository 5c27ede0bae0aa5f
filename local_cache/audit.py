"""The audit chain: what was done, seen and sent here, each entry bound to the one before it.

The hash of an entry covers its number, the hash before it, time, kind, case and detail. Editing,
removing or exchanging entries breaks the chain; cutting its end off is found against the heads
that the server acknowledged. Whoever has the key and rewrites everything since the last
acknowledged head is not found: that is what sending the head is for.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Struct
from sqlcipher3 import dbapi2

GENESIS: Final = "0" * 64
"""What the first entry names as the hash before it."""


class AuditEntry(Struct, frozen=True):
    """One link of the chain; times in milliseconds since the epoch, UTC."""

    seq: int
    at_ms: int
    kind: str
    case_id: str | None
    detail: dict[str, Any]
    prev: str
    hash: str


class AuditReport(Struct, frozen=True):
    """What `verify` found. `problem` says where the chain breaks, in words."""

    ok: bool
    entries: int
    problem: str | None
    acknowledged_seq: int | None
    """The newest entry whose hash the server has."""


class AuditChain:
    """The chain over one connection. Entries are only ever appended."""

    def __init__(self, connection: dbapi2.Connection, now_ms: Callable[[], int]) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def append(self, kind: str, case_id: str | None, detail: dict[str, Any]) -> AuditEntry:
        """Add an entry. `detail` holds ids, codes, hashes and counts, never content of a case."""
        seq, prev = self.head() or (0, GENESIS)
        text = _canonical(detail)
        at_ms = self._now_ms()
        link = _hash(seq + 1, prev, at_ms, kind, case_id, text)
        self._connection.execute(
            "INSERT INTO audit(seq, at_ms, kind, case_id, detail, prev, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq + 1, at_ms, kind, case_id, text, prev, link),
        )
        return AuditEntry(seq + 1, at_ms, kind, case_id, json.loads(text), prev, link)

    def head(self) -> tuple[int, str] | None:
        """Return number and hash of the newest entry, None where there is none."""
        return self._connection.execute(
            "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"
        ).fetchone()

    def entries(
        self, limit: int, before: int | None = None, *, case_id: str | None = None
    ) -> list[AuditEntry]:
        """Return the newest entries, the newest first: those below `before`, those on one case."""
        rows = self._connection.execute(
            "SELECT seq, at_ms, kind, case_id, detail, prev, hash FROM audit"
            " WHERE (? IS NULL OR seq < ?) AND (? IS NULL OR case_id = ?)"
            " ORDER BY seq DESC LIMIT ?",
            (before, before, case_id, case_id, limit),
        )
        return [
            AuditEntry(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6])
            for row in rows
        ]

    def acknowledge(self, seq: int, head: str) -> None:
        """Keep the server's word that it has the hash `head` of entry `seq`."""
        self._connection.execute(
            "INSERT OR IGNORE INTO audit_receipts(seq, head, at_ms) VALUES (?, ?, ?)",
            (seq, head, self._now_ms()),
        )

    def verify(self) -> AuditReport:
        """Read the whole chain and say whether every link holds, up to every acknowledged head."""
        receipts = self._connection.execute(
            "SELECT seq, head FROM audit_receipts ORDER BY seq"
        ).fetchall()
        rows = self._connection.execute(
            "SELECT seq, prev, hash, at_ms, kind, case_id, detail FROM audit ORDER BY seq"
        )
        hashes, problem = _walk(rows)
        for seq, head in receipts:
            if problem is None and seq > len(hashes):
                problem = f"entry {seq} was acknowledged by the server and is missing here"
            elif problem is None and hashes[seq - 1] != head:
                problem = f"entry {seq} is not the one that the server acknowledged"
        return AuditReport(
            ok=problem is None,
            entries=len(hashes),
            problem=problem,
            acknowledged_seq=receipts[-1][0] if receipts else None,
        )


def _walk(rows: Iterable[tuple[Any, ...]]) -> tuple[list[str], str | None]:
    hashes: list[str] = []
    problem: str | None = None
    prev = GENESIS
    for seq, named, link, *rest in rows:
        hashes.append(link)
        if problem is not None:
            continue
        if seq != len(hashes):
            problem = f"entry {len(hashes)} is missing"
        elif named != prev:
            problem = f"entry {seq} does not follow the one before it"
        elif link != _hash(seq, named, *rest):
            problem = f"entry {seq} was changed"
        prev = link
    return hashes, problem


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(seq: int, prev: str, at_ms: int, kind: str, case_id: str | None, detail: str) -> str:
    signed = _canonical([seq, prev, at_ms, kind, case_id, detail])
    return hashlib.sha256(signed.encode("ascii")).hexdigest()
