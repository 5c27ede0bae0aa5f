"""The SQLite file of a kept practice desk: what was acknowledged survives a `kill -9`.

One transaction a unit, `synchronous=FULL`, committed before the answer leaves.
"""

import sqlite3
from pathlib import Path
from typing import Final

from console.practice.store import Answer, Held, StoredFile, Unit, journal_file

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE, version TEXT NOT NULL,
    doc BLOB, queue TEXT NOT NULL, open INTEGER NOT NULL, due REAL, received REAL NOT NULL,
    was_public INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT;
CREATE TABLE IF NOT EXISTS records (
    n INTEGER PRIMARY KEY, case_id TEXT NOT NULL, record BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    specialist TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, body BLOB NOT NULL,
    etag TEXT NOT NULL, location TEXT, PRIMARY KEY (specialist, key)) STRICT;
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, case_id TEXT NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL,
    category TEXT) STRICT;
CREATE TABLE IF NOT EXISTS blobs (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


class SqliteJournal:
    """Units in a SQLite file. Used by one thread of one process; a second one is turned away."""

    def __init__(self, directory: Path) -> None:
        """Open the file, or begin it.

        Raises:
            OSError: if it is no such file, or another process has it.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(journal_file(directory), isolation_level=None, timeout=1)
        try:
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as problem:
            self._connection.close()
            raise OSError(
                f"{directory}: cannot be used to keep a practice desk: {problem}"
            ) from None

    def write(self, unit: Unit) -> None:
        """Write a unit in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._insert(unit)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _insert(self, unit: Unit) -> None:
        run = self._connection.executemany
        run(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    kind,
                    document_id,
                    held.seq,
                    held.version,
                    held.doc,
                    held.queue,
                    held.open,
                    held.due,
                    held.received,
                    held.was_public,
                )
                for kind, document_id, held in unit.documents
            ),
        )
        run("INSERT INTO records (case_id, record) VALUES (?, ?)", unit.records)
        run(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
            (
                (specialist, key, answer.fingerprint, answer.body, answer.etag, answer.location)
                for specialist, key, answer in unit.answers
            ),
        )
        run(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
            (
                (file_id, file.case_id, file.sha256, file.media_type, file.category)
                for file_id, file in unit.files
            ),
        )
        run("INSERT OR IGNORE INTO blobs VALUES (?, ?)", unit.blobs.items())
        run("INSERT OR REPLACE INTO meta VALUES (?, ?)", unit.meta.items())

    def read(self) -> Unit:
        """Read everything back, documents in the order of their `seq`."""
        rows = self._connection.execute
        documents = rows(
            "SELECT kind, id, seq, version, doc, queue, open, due, received, was_public"
            " FROM documents ORDER BY seq"
        )
        answers = rows("SELECT specialist, key, fingerprint, body, etag, location FROM answers")
        files = rows("SELECT id, case_id, sha256, media_type, category FROM files")
        return Unit(
            documents=[
                (
                    row[0],
                    row[1],
                    Held(
                        seq=row[2],
                        version=row[3],
                        doc=row[4],
                        queue=row[5],
                        open=bool(row[6]),
                        due=row[7],
                        received=row[8],
                        was_public=bool(row[9]),
                    ),
                )
                for row in documents
            ],
            records=list(rows("SELECT case_id, record FROM records ORDER BY n")),
            answers=[(row[0], row[1], Answer(*row[2:])) for row in answers],
            files=[(row[0], StoredFile(*row[1:])) for row in files],
            blobs=dict(rows("SELECT sha256, bytes FROM blobs")),
            meta=dict(rows("SELECT name, value FROM meta")),
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
