"""What a list shows, as data, and its SQL. The filter language above makes these; see `CaseQuery`.

All times are milliseconds since the epoch, UTC. Whether a claim is live, a clock overdue or a case
snoozed is judged against `now_ms`, which is the server's time as the caller knows it.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from msgspec import Struct

from local_cache.folding import LIST_SEPARATOR, fold
from local_cache.slim import RANK_OF

Op = Literal["in", "<", "<=", ">", ">=", "set"]


class QueryError(ValueError):
    """A field, comparison or sort that the cache does not have. A defect of the caller."""


class Condition(Struct, frozen=True):
    """One condition; several values of an `in` are alternatives."""

    field: str
    op: Op
    values: tuple[str | int, ...] = ()
    negated: bool = False


class CaseQuery(Struct, frozen=True):
    """Which cases, in which order. Conditions and words must all hold."""

    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    without_words: tuple[str, ...] = ()
    sort: str = "urgency"
    descending: bool = False
    now_ms: int = 0


class Sql(Struct, frozen=True):
    """A piece of SQL and what is bound to it, in order."""

    text: str
    values: tuple[str | int, ...] = ()


SORTS: Final = {
    "urgency": ("closed", "priority_rank", "due_order", "received_ms"),
    "due": ("due_order",),
    "received": ("received_ms",),
    "updated": ("updated_ms",),
    "priority": ("priority_rank", "due_order"),
    "reference": ("reference COLLATE NOCASE",),
}

_CODES: Final = ("queue", "kind", "state", "priority", "imminence", "assignee", "verification")
_AREAS: Final = {"language": "c.language", "jurisdiction": "f.jurisdiction"}
_CONTAINS: Final = ("reference", "their_reference", "title", "agency", "requester")
_FACET_CODES: Final = ("country", "channel")
_LISTS: Final = {
    "tag": "tags",
    "harm": "harms",
    "sensitivity": "sensitivities",
    "signal": "signals",
}
_NUMBERS: Final = {
    "due": "due_ms",
    "received": "received_ms",
    "updated": "updated_ms",
    "graphic": "graphic_level",
}
_FLAGS: Final = {
    "unsent": "c.unsent > 0",
    "unreadable": "c.unreadable",
    "changed": "c.changed",
    "gone": "c.gone",
    "overdue": "c.closed = 0 AND c.due_order < ?",
    "snoozed": "c.snoozed_until_ms > ?",
}
_LIVE: Final = "c.claim_by IS NOT NULL AND (c.claim_until_ms IS NULL OR c.claim_until_ms > ?)"


OPEN: Final = Condition("state", "in", ("closed",), negated=True)
"""Every case that is not closed; what a list mostly shows."""


def order_of(query: CaseQuery) -> str:
    """Return the terms of ORDER BY for a query; the row id settles what is equal."""
    columns = SORTS.get(query.sort)
    if columns is None:
        raise QueryError(f"there is no sort {query.sort!r}")
    way = " DESC" if query.descending else ""
    return ", ".join(f"c.{column}{way}" for column in (*columns, "id"))


def where_of(condition: Condition, now_ms: int) -> Sql:
    """Return a condition as SQL over `cases c`; what is unknown does not meet it."""
    if condition == OPEN:
        return Sql("c.closed = 0")  # where the index of urgency begins: closed cases are not read
    sql = _plain(condition, now_ms)
    if not condition.negated:
        return sql
    return Sql(f"NOT ifnull(({sql.text}), 0)", sql.values)


def _plain(condition: Condition, now_ms: int) -> Sql:
    field, op = condition.field, condition.op
    if field in _FLAGS and op == "set":
        text = _FLAGS[field]
        return Sql(text, (now_ms,) * text.count("?"))
    if field == "due" and op in ("<", "<="):
        return _number("c.due_order", condition)  # as `due_ms`, but in the index of urgency
    if field in _NUMBERS:
        return _number(f"c.{_NUMBERS[field]}", condition)
    if field == "claim" and op in ("in", "set"):
        live = Sql(_LIVE, (now_ms,))
        return live if op == "set" else _both(live, _codes("c.claim_by", condition))
    if op == "set":
        return _present(field)
    if op != "in":
        raise QueryError(f"{field} cannot be compared with {op}")
    return _member(field, condition)


def _member(field: str, condition: Condition) -> Sql:
    if field == "id":
        ids = tuple(str(value) for value in condition.values)
        return Sql(f"c.case_id IN ({_marks(ids)})", ids)
    if field == "priority" and all(value in RANK_OF for value in condition.values):
        ranks = tuple(RANK_OF[str(value)] for value in condition.values)
        return Sql(f"c.priority_rank IN ({_marks(ranks)})", ranks)
    if field == "state" and not any(str(value).lower() == "closed" for value in condition.values):
        # Both say the same; the first is what the index of urgency begins with.
        return _both(Sql("c.closed = 0"), _codes("c.state", condition))
    if field in _CODES:
        return _codes(f"c.{field}", condition)
    if field in _AREAS:
        return _any(condition, lambda value: _area(_AREAS[field], value))
    if field in _CONTAINS:
        return _facet(_any(condition, lambda value: _contains(field, fold(value))))
    if field in _FACET_CODES:
        return _facet(_any(condition, lambda value: Sql(f"f.{field} = ?", (fold(value),))))
    if field in _LISTS:
        return _facet(_any(condition, lambda value: _listed(_LISTS[field], value)))
    raise QueryError(f"there is no field {field!r}")


def _present(field: str) -> Sql:
    if field in _CODES or field == "language":
        return Sql(f"c.{field} IS NOT NULL")
    if field in (*_CONTAINS, *_FACET_CODES, "jurisdiction"):
        empty = f"'{LIST_SEPARATOR}'" if field == "requester" else "''"
        return _facet(Sql(f"f.{field} <> {empty}"))
    if field in _LISTS:
        return _facet(Sql(f"f.{_LISTS[field]} <> ''"))
    raise QueryError(f"there is no field {field!r} that could be set")


def _number(column: str, condition: Condition) -> Sql:
    if condition.op == "set":
        return Sql(f"{column} IS NOT NULL")
    if not condition.values or not all(isinstance(value, int) for value in condition.values):
        raise QueryError(f"{condition.field} is compared with numbers")
    if condition.op == "in":
        return Sql(f"{column} IN ({_marks(condition.values)})", condition.values)
    return Sql(f"{column} {condition.op} ?", condition.values[:1])


def _codes(column: str, condition: Condition) -> Sql:
    values = tuple(str(value) for value in condition.values)
    return Sql(f"{column} COLLATE NOCASE IN ({_marks(values)})", values)


def _area(column: str, value: str) -> Sql:
    """`en` takes in `en-GB`, and `US` takes in `US-CA`."""
    sql = Sql(
        f"({column} = ? COLLATE NOCASE OR substr({column}, 1, ?) = ? COLLATE NOCASE)",
        (value, len(value) + 1, f"{value}-"),
    )
    return _facet(sql) if column.startswith("f.") else sql


def _contains(field: str, value: str) -> Sql:
    return Sql(f"instr(f.{field}, ?) > 0", (value,))


def _listed(column: str, value: str) -> Sql:
    return Sql(f"instr(f.{column}, ?) > 0", (f"{LIST_SEPARATOR}{fold(value)}{LIST_SEPARATOR}",))


def _any(condition: Condition, make: Callable[[str], Sql]) -> Sql:
    parts = [make(str(value)) for value in condition.values]
    if not parts:
        return Sql("0")
    return Sql(
        f"({' OR '.join(part.text for part in parts)})",
        tuple(value for part in parts for value in part.values),
    )


def _facet(sql: Sql) -> Sql:
    return Sql(f"c.id IN (SELECT f.id FROM facets f WHERE {sql.text})", sql.values)  # noqa: S608


def _both(first: Sql, second: Sql) -> Sql:
    return Sql(f"({first.text}) AND ({second.text})", first.values + second.values)


def _marks(values: Sequence[str | int]) -> str:
    return ", ".join("?" * len(values))
