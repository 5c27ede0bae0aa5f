"""The cases of the cache: documents as the server sent them, and the rules for when one may land.

A document never replaces a newer one, whichever way it came, and never lands on a case with unsent
entries: the newest waits beside it until nothing is unsent any more (the contract, section 2).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlcipher3 import dbapi2

from local_cache import search
from local_cache.listing import Listing
from local_cache.meta import Meta
from local_cache.records import Case, Unreadable, read
from local_cache.shelf import Arrival, NewRow, Shelf
from local_cache.slim import CaseRow, milliseconds

__all__ = ["CaseRow", "Cases", "Incoming", "StoredCase"]

_LOAD: Final = "load.number"
_LOADING: Final = "load.in_progress"
_FORGOTTEN: Final = "cases.forgotten_before_ms"

UNSENT_BY_CASE: Final = (
    "SELECT case_id, count(*), max(state = 'changed') FROM outbox"
    " WHERE state NOT IN ('accepted', 'withdrawn') GROUP BY case_id"
)


class StoredCase(Struct, frozen=True):
    """A case as it is kept: the document worked on, and a newer one that waits beside it."""

    id: str
    document: bytes
    """The server's bytes; empty where the case is gone and its content masked."""
    beside: bytes | None
    gone: bool
    unreadable: bool
    provisional: bool
    """Made here; the server has not taken it yet."""


class Incoming(Struct, frozen=True):
    """A document that came from a source; `case` is None where it could not be read."""

    id: str
    seq: int
    version: str
    raw: bytes
    case: Case | None


class _Known(Struct, frozen=True):
    rowid: int
    seq: int
    beside_seq: int | None
    unsent: int
    gone: bool

    def newest(self) -> int:
        return self.seq if self.beside_seq is None else max(self.seq, self.beside_seq)


_KNOWN: Final = "case_id, id, seq, beside_seq, unsent, gone"


class Cases(Listing):
    """The cases over one connection; lists of them are in `Listing`."""

    def __init__(self, connection: dbapi2.Connection, meta: Meta) -> None:
        super().__init__(connection)
        self._meta = meta
        self._shelf = Shelf(connection)

    # --- Arriving ---

    def put(self, documents: Iterable[Incoming], *, load: int | None = None) -> int:
        """Keep documents from the server, each only where it is newer than what is here.

        Args:
            documents: in the order of the feed; of several for one case the newest counts.
            load: the full load that they belong to, see `begin_load`.

        Returns:
            How many were kept, landed or beside.
        """
        newest: dict[str, Incoming] = {}
        for document in documents:
            other = newest.get(document.id)
            if other is None or document.seq > other.seq:
                newest[document.id] = document
        if not newest:
            return 0
        stamp = self._load_number() if load is None else load
        known = self._known(newest)
        self._stamp(known, stamp)
        kept = self._newer(newest, known)
        fresh = [document for document in kept if document.id not in known]
        self._insert(fresh, stamp)
        landing: list[tuple[Arrival, int]] = []
        for document in kept:
            present = known.get(document.id)
            if present is None:
                continue
            if present.unsent and not present.gone:
                self._put_beside(present.rowid, document)
            else:
                landing.append((_arrival(document), present.rowid))
        self._shelf.replace(landing)
        return len(kept)

    def put_provisional(self, case: Case, raw: bytes) -> None:
        """Keep a case that was made here, until the server has it; nothing if it is here already.

        Its entry, which creates it at the server, is recorded in the same transaction.
        """
        if self.rowid_of(case.id) is not None:
            return
        self._insert(
            # Whatever seq the server will give, its document is newer than what was made here.
            [Incoming(id=case.id, seq=-1, version=case.version, raw=raw, case=case)],
            self._load_number(),
            provisional=True,
        )

    def delete(self, case_id: str, seq: int) -> None:
        """The server says that a case is gone, or no longer ours to see.

        With unsent entries it stays as `gone`, without its content, until they are settled.
        """
        known = self._known([case_id]).get(case_id)
        if known is not None and known.newest() > seq:
            return
        self._connection.execute(
            "INSERT INTO departed(case_id, seq) VALUES (?, ?)"
            " ON CONFLICT(case_id) DO UPDATE SET seq = max(seq, excluded.seq)",
            (case_id, seq),
        )
        if known is None:
            return
        if known.unsent:
            self._shelf.mask(known.rowid)
        else:
            self._shelf.remove([known.rowid])

    # --- Reading ---

    def get(self, case_id: str) -> StoredCase | None:
        """Return a case as it is kept, None where it is not in the cache."""
        row = self._connection.execute(
            "SELECT c.case_id, d.document, d.beside, c.gone, c.unreadable, c.provisional"
            " FROM cases c JOIN documents d USING (id) WHERE c.case_id = ?",
            (case_id,),
        ).fetchone()
        if row is None:
            return None
        return StoredCase(
            id=row[0],
            document=row[1],
            beside=row[2],
            gone=bool(row[3]),
            unreadable=bool(row[4]),
            provisional=bool(row[5]),
        )

    def related(self, case_id: str, limit: int) -> list[CaseRow]:
        """Return other cases with a subject, the requester's mail or the agency in common.

        Those with a subject first, then mail, then agency; among these the newest first.
        """
        stored, own = self.get(case_id), self.rowid_of(case_id)
        if stored is None:
            return []
        try:
            case = read(Case, stored.document)
        except Unreadable:
            return []
        found: dict[int, None] = {}
        for marks in search.Ties(case).related():
            for rowid in search.tied(self._connection, marks, limit + 1):
                if rowid != own:
                    found[rowid] = None
        return self.rows(list(found)[:limit])

    # --- Landing and leaving ---

    def land_beside(self, case_id: str) -> bool:
        """Put the waiting document in its place once nothing is unsent; True where one landed."""
        row = self._connection.execute(
            "SELECT c.id, c.beside_seq, c.beside_version, d.beside FROM cases c"
            " JOIN documents d USING (id)"
            " WHERE c.case_id = ? AND c.unsent = 0 AND d.beside IS NOT NULL",
            (case_id,),
        ).fetchone()
        if row is None:
            return False
        self._shelf.replace([(Arrival.parse(case_id, row[1], row[2], row[3]), row[0])])
        return True

    def settle(self, case_id: str) -> None:
        """Bring what a case shows of its entries up to date; the outbox does it at every step.

        Once nothing is unsent, what waited beside lands, a case that is gone is removed, and so is
        one made here whose creation was taken back.
        """
        row = self._connection.execute(
            "UPDATE cases SET (unsent, changed) = (SELECT count(*),"
            " ifnull(max(state = 'changed'), 0) FROM outbox WHERE case_id = ?"
            " AND state NOT IN ('accepted', 'withdrawn')) WHERE case_id = ?"
            " RETURNING id, unsent, gone, provisional",
            (case_id, case_id),
        ).fetchone()
        if row is None or row[1]:
            return
        if self.land_beside(case_id):
            return
        if row[2] or row[3]:
            self._shelf.remove([row[0]])
        else:
            self._connection.execute(
                "UPDATE cases SET chain_version = NULL WHERE id = ?", (row[0],)
            )

    def begin_load(self) -> int:
        """Begin a full load and return its number; one that was in progress counts no more."""
        number = self._load_number() + 1
        self._meta.set(_LOAD, str(number))
        self._meta.set(_LOADING, str(number))
        return number

    def load_in_progress(self) -> int | None:
        """Return the number of the full load that was begun and not finished."""
        number = self._meta.get(_LOADING)
        return None if number is None else int(number)

    def finish_load(self, load: int) -> int:
        """Drop what a full load did not bring, but no case with unsent entries; return how many."""
        rowids = self._connection.execute(
            "SELECT id FROM cases WHERE load < ? AND unsent = 0 AND provisional = 0", (load,)
        ).fetchall()
        self._shelf.remove(row[0] for row in rowids)
        self._meta.delete(_LOADING)
        return len(rowids)

    def forget_closed(self, before: datetime) -> int:
        """Remove closed cases untouched since `before`, for good; return how many.

        Their drafts go too. A case with unsent entries or a draft marked ready stays.
        """
        horizon = milliseconds(before)
        rows = self._connection.execute(
            "SELECT id, case_id FROM cases WHERE closed = 1 AND unsent = 0"
            " AND coalesce(updated_ms, received_ms) < ? AND case_id NOT IN"
            " (SELECT case_id FROM drafts WHERE ready)",
            (horizon,),
        ).fetchall()
        self._shelf.remove(row[0] for row in rows)
        self._connection.executemany(
            "DELETE FROM drafts WHERE case_id = ?", ((row[1],) for row in rows)
        )
        self._meta.set(_FORGOTTEN, str(horizon))
        return len(rows)

    # --- Details ---

    def _known(self, case_ids: Iterable[str]) -> dict[str, _Known]:
        rows = self._connection.execute(
            f"SELECT {_KNOWN} FROM cases"  # noqa: S608
            " WHERE case_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(case_ids)),),
        )
        return {row[0]: _Known(row[1], row[2], row[3], row[4], bool(row[5])) for row in rows}

    def _newer(self, newest: dict[str, Incoming], known: dict[str, _Known]) -> list[Incoming]:
        departed = dict(
            self._connection.execute(
                "SELECT case_id, seq FROM departed"
                " WHERE case_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(newest)),),
            ).fetchall()
        )
        horizon = int(self._meta.get(_FORGOTTEN) or 0)
        kept: list[Incoming] = []
        for document in newest.values():
            present = known.get(document.id)
            if document.seq <= departed.get(document.id, -1):
                continue
            if present is None and _forgotten(document.case, horizon):
                continue
            if present is None or document.seq > present.newest():
                kept.append(document)
        return kept

    def _insert(self, documents: list[Incoming], load: int, *, provisional: bool = False) -> None:
        if not documents:
            return
        waiting = {
            str(row[0]): (int(row[1]), bool(row[2]))
            for row in self._connection.execute(UNSENT_BY_CASE)
        }
        for document in documents:
            waiting.setdefault(document.id, (0, False))
        first = self._shelf.next_rowid()
        self._shelf.insert(
            [
                (_arrival(document), NewRow(rowid, load, *waiting[document.id], provisional))
                for rowid, document in enumerate(documents, first)
            ]
        )

    def _put_beside(self, rowid: int, document: Incoming) -> None:
        self._connection.execute(
            "UPDATE documents SET beside = ? WHERE id = ?", (document.raw, rowid)
        )
        self._connection.execute(
            "UPDATE cases SET beside_seq = ?, beside_version = ? WHERE id = ?",
            (document.seq, document.version, rowid),
        )

    def _stamp(self, known: dict[str, _Known], load: int) -> None:
        self._connection.execute(
            "UPDATE cases SET load = ? WHERE load <> ? AND id IN (SELECT value FROM json_each(?))",
            (load, load, json.dumps([present.rowid for present in known.values()])),
        )

    def _load_number(self) -> int:
        return int(self._meta.get(_LOAD) or 0)


def _arrival(document: Incoming) -> Arrival:
    return Arrival(document.id, document.seq, document.version, document.raw, document.case)


def _forgotten(case: Case | None, horizon: int) -> bool:
    if case is None or case.state != "closed":
        return False
    touched = milliseconds(case.updated_at or case.received_at)
    return touched < horizon
