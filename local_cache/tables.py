"""All tables over one connection: what a transaction or a reader is given to work with."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from sqlcipher3 import dbapi2

from local_cache import search
from local_cache.audit import AuditChain
from local_cache.cases import Cases
from local_cache.drafts import Drafts
from local_cache.meta import Meta
from local_cache.outbox import Outbox
from local_cache.records import Policy, Queue, RegisteredAgency, Template, read, write
from local_cache.shelf import UNUSED_HERE

__all__ = ["Blobs", "Meta", "Policies", "Register", "Tables"]

R = TypeVar("R", Queue, Template, RegisteredAgency)


class Register(Generic[R]):
    """Records of one kind, by id."""

    def __init__(self, connection: dbapi2.Connection, table: str, kind: type[R]) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind

    def put(self, record: R) -> None:
        """Keep a record in place of the one with its id."""
        self._connection.execute(
            f"INSERT INTO {self._table}(id, document) VALUES (?, ?)"  # noqa: S608 - our own names
            " ON CONFLICT(id) DO UPDATE SET document = excluded.document",
            (record.id, write(record)),
        )

    def delete(self, record_id: str) -> None:
        """Remove the record with this id."""
        self._connection.execute(
            f"DELETE FROM {self._table} WHERE id = ?",  # noqa: S608
            (record_id,),
        )

    def get(self, record_id: str) -> R | None:
        """Return the record with this id, None where there is none."""
        row = self._connection.execute(
            f"SELECT document FROM {self._table} WHERE id = ?",  # noqa: S608
            (record_id,),
        ).fetchone()
        return None if row is None else read(self._kind, row[0])

    def all(self) -> list[R]:
        """Return all records in the order in which they first came."""
        rows = self._connection.execute(
            f"SELECT document FROM {self._table} ORDER BY rowid"  # noqa: S608
        )
        return [read(self._kind, row[0]) for row in rows]

    def replace_all(self, records: Iterable[R]) -> None:
        """Keep these records and no others."""
        self._connection.execute(f"DELETE FROM {self._table}")  # noqa: S608
        for record in records:
            self.put(record)


class Policies:
    """The policies that entries were judged by; the one put last is in force."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection = connection

    def put(self, policy: Policy) -> None:
        """Put a policy in force."""
        document = write(policy)
        row = self._newest()
        if row is None or row[0] != document:
            self._connection.execute(
                "INSERT INTO policies(version, document) VALUES (?, ?)", (policy.version, document)
            )

    def current(self) -> Policy | None:
        """Return the policy in force, None where none ever came."""
        row = self._newest()
        return None if row is None else read(Policy, row[0])

    def any(self) -> bool:
        """Tell whether there is one; much quicker than reading it."""
        return self._connection.execute("SELECT 1 FROM policies LIMIT 1").fetchone() is not None

    def _newest(self) -> tuple[bytes] | None:
        return self._connection.execute(
            "SELECT document FROM policies ORDER BY id DESC LIMIT 1"
        ).fetchone()


class Blobs:
    """Bytes of attachments, by their SHA-256 in lower-case hex.

    They go with their last case, or once nothing refers to them any more (`sweep`).
    """

    def __init__(self, connection: dbapi2.Connection, now_ms: Callable[[], int]) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def put(self, content: bytes) -> str:
        """Keep bytes and return their SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._connection.execute(
            "INSERT INTO blobs(sha256, content, kept_ms) VALUES (?, ?, ?)"
            " ON CONFLICT(sha256) DO UPDATE SET kept_ms = excluded.kept_ms",
            (sha256, content, self._now_ms()),
        )
        return sha256

    def sweep(self, before_ms: int) -> int:
        """Remove what no unsent entry, draft or cached case refers to; return how many.

        Args:
            before_ms: what was kept later stays: the draft that it is for may not be saved yet.
        """
        unused = self._connection.execute(
            f"SELECT sha256 FROM blobs WHERE kept_ms < ? AND {UNUSED_HERE}"  # noqa: S608 - our own
            " AND NOT EXISTS (SELECT 1 FROM documents WHERE beside IS NOT NULL"
            " AND instr(lower(CAST(beside AS TEXT)), blobs.sha256) > 0)",
            (before_ms,),
        ).fetchall()
        gone = [
            row
            for row in unused
            if not search.tied(self._connection, [search.file_mark(row[0])], 1)
        ]
        self._connection.executemany("DELETE FROM blobs WHERE sha256 = ?", gone)
        return len(gone)

    def has(self, sha256: str) -> bool:
        """Tell whether the bytes with this hash are here, without reading them."""
        found = self._connection.execute(
            "SELECT 1 FROM blobs WHERE sha256 = ?", (sha256.lower(),)
        ).fetchone()
        return found is not None

    def get(self, sha256: str) -> bytes | None:
        """Return the bytes with this hash, None where they are not here."""
        row = self._connection.execute(
            "SELECT content FROM blobs WHERE sha256 = ?", (sha256.lower(),)
        ).fetchone()
        return None if row is None else row[0]


class Tables:
    """The tables over one connection; inside `Cache.write` all of them in one transaction."""

    def __init__(self, connection: dbapi2.Connection, now_ms: Callable[[], int]) -> None:
        self.meta = Meta(connection)
        self.cases = Cases(connection, self.meta)
        self.audit = AuditChain(connection, now_ms)
        self.outbox = Outbox(connection, self.cases, self.audit)
        self.drafts = Drafts(connection)
        self.queues = Register(connection, "queues", Queue)
        self.templates = Register(connection, "templates", Template)
        self.requesters = Register(connection, "requesters", RegisteredAgency)
        self.policies = Policies(connection)
        self.blobs = Blobs(connection, now_ms)
