"""Reading lists of cases: which row ids in which order, and the rows of a window."""

import json
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import filterfalse
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlcipher3 import dbapi2

from local_cache import search
from local_cache.folding import LIST_SEPARATOR
from local_cache.query import CaseQuery, Condition, Sql, order_of, where_of
from local_cache.records import Case, Unreadable, read
from local_cache.schema import URGENT_AND_OPEN
from local_cache.slim import RANKS, ROW_COLUMNS, CaseRow, read_row

VALUES: Final = {
    **{field: ("cases", field) for field in ("language", "assignee", "verification")},
    **{field: ("facets", field) for field in ("jurisdiction", "country", "channel", "agency")},
    "tag": ("facets", "tags"),
    "harm": ("facets", "harms"),
    "sensitivity": ("facets", "sensitivities"),
}
"""Fields whose values can be offered: the table and the column of each."""
_WINDOW = 500
_LOOKED_AT: Final = 20_000
_MOST_VALUES: Final = 200
_PART = 16_384
"""Row ids that are handled in one go. Each is a millisecond in which no other thread has a turn:
of a million at once, somebody's key would wait for all."""
_row_ids = msgspec.json.Decoder(list[int]).decode


def place_of(order: "array[int]", rowid: int) -> int | None:
    """Return where a row id stands in a list, None where it does not."""
    for start in range(0, len(order), _PART):
        with suppress(ValueError):
            return order.index(rowid, start, start + _PART)
    return None


def _array_of(text: str) -> "array[int]":
    """Return the row ids that a JSON array holds."""
    order = array("q")
    for part in _parts_of(text):
        order.extend(part)
    return order


def _parts_of(text: str) -> Iterator[list[int]]:
    """Return the row ids that a JSON array holds, some thousands at a time."""
    at, end = 1, len(text) - 1
    while at < end:
        cut = text.find(",", min(end, at + 8 * _PART), end)
        cut = end if cut < 0 else cut
        yield _row_ids(f"[{text[at:cut]}]")
        at = cut + 1


def _those(order: "array[int]", hits: set[int], *, keep: bool) -> "array[int]":
    """Return those row ids of a list that are, or are not, among others."""
    those = array("q")
    for start in range(0, len(order), _PART):
        part = order[start : start + _PART]
        those.extend(
            filter(hits.__contains__, part) if keep else filterfalse(hits.__contains__, part)
        )
    return those


def _besides(words: Sequence[str], known: Sequence[str]) -> list[str]:
    return [word for word in words if word not in known]


class Listing:
    """The lists over one connection. Nothing here writes."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection = connection

    def listing(
        self, query: CaseQuery, *, limit: int | None = None, offset: int = 0
    ) -> "array[int]":
        """Return the row ids of the cases that a query asks for, in its order."""
        where = self._where(query)
        # One row of JSON instead of many rows: each step of a cursor gives the interpreter away and
        # waits for it again, which takes ten times as long while the screen is being painted.
        found = self._connection.execute(
            "SELECT json_group_array(id) FROM (SELECT c.id FROM cases c"  # noqa: S608 - fixed parts
            f" WHERE {where.text} ORDER BY {order_of(query)} LIMIT ? OFFSET ?)",
            (*where.values, -1 if limit is None else limit, offset),
        )
        return _array_of(found.fetchone()[0])

    def holding(
        self, order: "array[int]", query: CaseQuery, *, beyond: CaseQuery | None = None
    ) -> "array[int]":
        """Return those of a list that hold the words of a query, in the list's order.

        Where `order` is what `listing` returns without the words, this is what it returns with
        them, but quicker: only the full-text index is asked. Where it is what `beyond` finds,
        which the query narrows, only words that `beyond` does not have are looked for.
        """
        known = beyond or CaseQuery()
        for expression, keep in (
            (search.match_all(_besides(query.words, known.words)), True),
            (search.match_any(_besides(query.without_words, known.without_words)), False),
        ):
            if expression is not None:
                found = self._connection.execute(
                    "SELECT json_group_array(rowid) FROM search WHERE search MATCH ?", (expression,)
                )
                hits = set[int]()
                for part in _parts_of(found.fetchone()[0]):
                    hits.update(part)
                order = _those(order, hits, keep=keep)
        return order

    def texts(self, rowids: Sequence[int]) -> dict[int, str]:
        """Return the words of cases by row id, as `search.sought` is looked for in them."""
        found = self._connection.execute(
            "SELECT id, document FROM documents WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rowids)),),
        ).fetchall()
        texts: dict[int, str] = {}
        for rowid, document in found:
            try:
                texts[rowid] = search.spaced(search.text_of(read(Case, document)))
            except Unreadable:
                texts[rowid] = ""  # as the index has it: without a word
        return texts

    def holds(self, query: CaseQuery, case_id: str) -> bool:
        """Tell whether a case is among those that a query asks for, without reading the others."""
        it = Condition("id", "in", (case_id,))
        return self.count(replace(query, conditions=(*query.conditions, it))) > 0

    def count(self, query: CaseQuery) -> int:
        """Return how many cases a query asks for."""
        where = self._where(query)
        found = self._connection.execute(
            f"SELECT count(*) FROM cases c WHERE {where.text}",  # noqa: S608
            where.values,
        )
        return int(found.fetchone()[0])

    def rows(self, rowids: Sequence[int]) -> list[CaseRow]:
        """Return the rows of these ids in the order asked; those that are no more are left out."""
        found: dict[int, CaseRow] = {}
        for start in range(0, len(rowids), _WINDOW):
            window = rowids[start : start + _WINDOW]
            for values in self._connection.execute(
                f"SELECT {ROW_COLUMNS} FROM cases"  # noqa: S608
                " WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(window)),),
            ):
                found[values[0]] = read_row(values)
        return [found[rowid] for rowid in rowids if rowid in found]

    def row_of(self, case_id: str) -> CaseRow | None:
        """Return the row of a case, None where it is not in the cache."""
        values = self._connection.execute(
            f"SELECT {ROW_COLUMNS} FROM cases WHERE case_id = ?",  # noqa: S608
            (case_id,),
        ).fetchone()
        return None if values is None else read_row(values)

    def rowid_of(self, case_id: str) -> int | None:
        """Return the row id of a case, None where it is not in the cache."""
        found = self._connection.execute("SELECT id FROM cases WHERE case_id = ?", (case_id,))
        row = found.fetchone()
        return None if row is None else int(row[0])

    def rowids_of(self, case_ids: Collection[str]) -> dict[str, int]:
        """Return the row ids of cases that are in the cache and ours to see, by case."""
        found = self._connection.execute(
            "SELECT case_id, id FROM cases"
            " WHERE gone = 0 AND case_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(case_ids)),),
        )
        return dict(found.fetchall())

    def ids(self, rowids: Sequence[int]) -> list[str]:
        """Return the case ids of these row ids in the order asked; those no more are left out."""
        found = dict(
            self._connection.execute(
                "SELECT id, case_id FROM cases WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(rowids)),),
            ).fetchall()
        )
        return [found[rowid] for rowid in rowids if rowid in found]

    def find(self, id_or_reference: str) -> str | None:
        """Return the id of the case with this id, our reference, or their reference.

        The newest where several requesters gave the same reference; ours are compared without
        regard to case.
        """
        text = id_or_reference.strip().encode("utf-8", "replace").decode()
        for where in (
            "case_id = ?",
            "reference = ? COLLATE NOCASE",
            "their_reference = ? COLLATE NOCASE",
        ):
            row = self._connection.execute(
                f"SELECT case_id FROM cases WHERE {where} ORDER BY id DESC LIMIT 1",  # noqa: S608
                (text,),
            ).fetchone()
            if row is not None:
                return str(row[0])
        return None

    def next_due(self) -> CaseRow | None:
        """Return the open case whose running clock ends first; an overdue one has ended."""
        # One seek into the index of urgency for each rank, instead of an index of its own.
        firsts = " UNION ALL ".join(
            "SELECT * FROM (SELECT id, due_order FROM cases WHERE closed = 0"  # noqa: S608
            f" AND priority_rank = {rank} AND gone = 0 ORDER BY due_order LIMIT 1)"
            for rank in RANKS
        )
        values = self._connection.execute(
            f"SELECT {ROW_COLUMNS} FROM cases WHERE due_ms IS NOT NULL AND id ="  # noqa: S608
            f" (SELECT id FROM ({firsts}) ORDER BY due_order LIMIT 1)"
        ).fetchone()
        return None if values is None else read_row(values)

    def ending(self, before_ms: int, limit: int) -> list[CaseRow]:
        """Return open cases whose running clock ends before a time, the latest end first."""
        # As many seeks as there are ranks: all that is late may be most of the cache.
        latest = " UNION ALL ".join(
            "SELECT * FROM (SELECT id, due_order FROM cases WHERE closed = 0"  # noqa: S608
            f" AND priority_rank = {rank} AND due_order < ?1 ORDER BY due_order DESC LIMIT ?2)"
            for rank in RANKS
        )
        found = self._connection.execute(
            f"SELECT id FROM ({latest}) ORDER BY due_order DESC, id DESC LIMIT ?2",  # noqa: S608
            (before_ms, limit),
        )
        return self.rows([row[0] for row in found.fetchall()])

    def newest_urgent(self, limit: int) -> list[CaseRow]:
        """Return cases of P0 and P1 in state `open`, the newest first."""
        found = self._connection.execute(
            "SELECT id FROM cases INDEXED BY cases_new_and_urgent"  # noqa: S608 - fixed words
            f" WHERE {URGENT_AND_OPEN} ORDER BY received_ms DESC LIMIT ?",
            (limit,),
        )
        return self.rows([row[0] for row in found.fetchall()])

    def values(self, field: str) -> list[str]:
        """Return what stands in a field of the newest cases, the most frequent first.

        Texts are folded, as filters compare them. Only so many cases are looked at: this is for
        offering, and must not take long.
        """
        table, column = VALUES[field]
        found = self._connection.execute(
            f"SELECT value, count(*) FROM (SELECT {column} AS value FROM {table}"  # noqa: S608
            " ORDER BY id DESC LIMIT ?) WHERE value <> '' GROUP BY value",
            (_LOOKED_AT,),
        )
        counted: Counter[str] = Counter()
        for value, count in found:
            for each in str(value).split(LIST_SEPARATOR):
                if each:
                    counted[each] += int(count)
        return [value for value, _ in counted.most_common(_MOST_VALUES)]

    def _where(self, query: CaseQuery) -> Sql:
        parts = [where_of(condition, query.now_ms) for condition in query.conditions]
        if expression := search.match_all(query.words):
            hits = "c.id IN (SELECT rowid FROM search WHERE search MATCH ?)"
            if not search.has_few(self._connection, expression):
                hits = f"+{hits}"  # keeps SQLite from looking up every hit of a common word
            parts.append(Sql(hits, (expression,)))
        if expression := search.match_any(query.without_words):
            parts.append(
                Sql("c.id NOT IN (SELECT rowid FROM search WHERE search MATCH ?)", (expression,))
            )
        return Sql(
            " AND ".join(f"({part.text})" for part in parts) or "1",
            tuple(value for part in parts for value in part.values),
        )
