"""Writing and removing one case in all the tables that hold a part of it.

A case lies in `cases` (the slim row), `documents`, `facets` and the full-text index; this module
keeps the four in step and knows nothing of when a document may land.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlcipher3 import dbapi2

from local_cache import search
from local_cache.records import Case, Unreadable, read
from local_cache.slim import FACETS, WRITTEN, facet_values, slim_values, unreadable_values

_NO_FACETS: Final = ("",) * len(FACETS)

_INSERT_ROW: Final = (
    f"INSERT INTO cases({', '.join(WRITTEN)}, id, load, unsent, changed, provisional)"  # noqa: S608
    f" VALUES ({', '.join('?' * (len(WRITTEN) + 5))})"
)
_UPDATE_ROW: Final = (
    f"UPDATE cases SET {', '.join(f'{name} = ?' for name in WRITTEN)},"  # noqa: S608
    " gone = 0, provisional = 0, chain_version = NULL, beside_seq = NULL,"
    " beside_version = NULL WHERE id = ?"
)
_INSERT_DOCUMENT: Final = "INSERT INTO documents(document, id) VALUES (?, ?)"
_UPDATE_DOCUMENT: Final = "UPDATE documents SET document = ?, beside = NULL WHERE id = ?"
_FACETS: Final = (
    f"INTO facets({', '.join(FACETS)}, id) VALUES ({', '.join('?' * (len(FACETS) + 1))})"
)
_WORDS: Final = "INTO search(rowid, body, ties) VALUES (?, ?, ?)"

UNUSED_HERE: Final = (
    "NOT EXISTS (SELECT 1 FROM outbox WHERE state NOT IN ('accepted', 'withdrawn')"
    " AND instr(lower(CAST(body AS TEXT)), blobs.sha256) > 0)"
    " AND NOT EXISTS (SELECT 1 FROM drafts WHERE instr(lower(content), blobs.sha256) > 0)"
)
"""What makes a row of `blobs` one that nothing unsent and no draft refers to."""


class Arrival:
    """A document taken apart into what the tables take, before any of them is touched."""

    def __init__(self, case_id: str, seq: int, version: str, raw: bytes, case: Case | None) -> None:
        self.case_id = case_id
        self.seq = seq
        self.version = version
        self.raw = raw
        self.case = case

    @classmethod
    def parse(cls, case_id: str, seq: int, version: str, raw: bytes) -> "Arrival":
        """Take a document that was stored as bytes apart; an unreadable one stays one."""
        try:
            case = read(Case, raw)
        except Unreadable:
            case = None
        return cls(case_id, seq, version, raw, case)

    def row(self) -> tuple[Any, ...]:
        """Return the values of the slim row."""
        if self.case is None:
            return unreadable_values(self.case_id, self.seq, self.version)
        return (self.case_id, self.seq, self.version, *slim_values(self.case)[3:])

    def facets(self) -> tuple[str, ...]:
        """Return the values that filters compare."""
        return _NO_FACETS if self.case is None else facet_values(self.case)

    def words(self) -> tuple[str, str]:
        """Return text and ties for the full-text index."""
        if self.case is None:
            return "", ""
        return search.text_of(self.case), search.Ties(self.case).indexable()


class NewRow:
    """Where a case that is new to the cache goes, and what is known of it locally."""

    def __init__(
        self, rowid: int, load: int, unsent: int, changed: bool, provisional: bool
    ) -> None:
        self.rowid = rowid
        self.local = (rowid, load, unsent, changed, provisional)


class Shelf:
    """The tables of cases over one connection."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection = connection

    def next_rowid(self) -> int:
        """Return the row id for the next new case; ids are never used twice."""
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'cases'"
        ).fetchone()
        return 1 if row is None else int(row[0]) + 1

    def insert(self, arrivals: Sequence[tuple[Arrival, NewRow]]) -> None:
        """Store cases that the cache does not have."""
        many = self._connection.executemany
        many(_INSERT_ROW, ((*new.row(), *at.local) for new, at in arrivals))
        many(_INSERT_DOCUMENT, ((new.raw, at.rowid) for new, at in arrivals))
        many(f"INSERT {_FACETS}", ((*new.facets(), at.rowid) for new, at in arrivals))
        many(f"INSERT {_WORDS}", ((at.rowid, *new.words()) for new, at in arrivals))

    def replace(self, arrivals: Sequence[tuple[Arrival, int]]) -> None:
        """Store newer documents of cases that the cache has; what waited beside them is dropped."""
        many = self._connection.executemany
        many(_UPDATE_ROW, ((*new.row(), rowid) for new, rowid in arrivals))
        many(_UPDATE_DOCUMENT, ((new.raw, rowid) for new, rowid in arrivals))
        many(f"REPLACE {_FACETS}", ((*new.facets(), rowid) for new, rowid in arrivals))
        # The index writes its pending words to disk whenever a row id is not above the last one.
        ordered = sorted(arrivals, key=lambda arrival: arrival[1])
        self._connection.execute(
            "DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?))",
            (json.dumps([rowid for _, rowid in ordered]),),
        )
        many(f"INSERT {_WORDS}", ((rowid, *new.words()) for new, rowid in ordered))

    def mask(self, rowid: int) -> None:
        """Take the content of a case away and keep its id, our reference and what is unsent."""
        execute = self._connection.execute
        execute(
            "UPDATE cases SET gone = 1, title = NULL, their_reference = NULL, agency = NULL,"
            " requester_name = NULL, due_label = NULL, beside_seq = NULL WHERE id = ?",
            (rowid,),
        )
        execute("UPDATE documents SET document = x'', beside = NULL WHERE id = ?", (rowid,))
        execute(f"REPLACE {_FACETS}", (*_NO_FACETS, rowid))
        execute("DELETE FROM search WHERE rowid = ?", (rowid,))

    def remove(self, rowids: Iterable[int]) -> None:
        """Remove cases, and the attachments that no other case here has."""
        for rowid in rowids:
            files = self._files(rowid)
            self._connection.execute("DELETE FROM search WHERE rowid = ?", (rowid,))
            self._connection.execute("DELETE FROM cases WHERE id = ?", (rowid,))
            for sha256 in files:
                self._drop_file(sha256)

    def _files(self, rowid: int) -> list[str]:
        row = self._connection.execute(
            "SELECT document FROM documents WHERE id = ? AND EXISTS (SELECT 1 FROM blobs)", (rowid,)
        ).fetchone()
        if row is None:
            return []
        try:
            case = read(Case, row[0])
        except Unreadable:
            return []
        return [file.sha256.lower() for file in case.attachments if file.sha256]

    def _drop_file(self, sha256: str) -> None:
        if search.tied(self._connection, [search.file_mark(sha256)], 1):
            return
        self._connection.execute(
            f"DELETE FROM blobs WHERE sha256 = ? AND {UNUSED_HERE}",  # noqa: S608 - our own words
            (sha256,),
        )
