"""Conditions that are asked by the index of urgency find what the plain ones would."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.casework.filters import parse_filter
from local_cache.query import OPEN, CaseQuery, Condition, order_of
from local_cache.slim import CaseRow
from local_cache.tables import Tables
from tests.caches import NOON, Desk, clock, incoming

STATES = ("open", "in_review", "closed", "elsewhere")
PRIORITIES = ("P0", "P1", "P2", "P4", "p1", "PX", None)
DUES = (None, "2026-11-24T11:00:00Z", "2026-11-24T13:00:00Z")


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk]:
    made = Desk(tmp_path)
    made.put(
        *(
            incoming(
                f"{state}.{priority}.{number}",
                state=state,
                priority=priority,
                clocks=[] if due is None else [clock(due)],
            )
            for state in STATES
            for priority in PRIORITIES
            for number, due in enumerate(DUES)
        )
    )
    yield made
    made.cache.close()


def found(desk: Desk, *conditions: Condition) -> set[tuple[str, ...]]:
    query = CaseQuery(conditions=conditions, now_ms=NOON)
    rows = desk.ask(lambda tables: tables.cases.rows(tables.cases.listing(query)))
    return {tuple(row.id.split(".")) for row in rows}


def every(desk: Desk) -> set[tuple[str, ...]]:
    return found(desk)


def test_open_is_every_state_but_closed(desk: Desk) -> None:
    assert found(desk, OPEN) == {case for case in every(desk) if case[0] != "closed"}


@pytest.mark.parametrize("wanted", [("open",), ("open", "elsewhere"), ("open", "closed")])
@pytest.mark.parametrize("negated", [False, True])
def test_states(desk: Desk, wanted: tuple[str, ...], *, negated: bool) -> None:
    expected = {case for case in every(desk) if (case[0] in wanted) != negated}
    assert found(desk, Condition("state", "in", wanted, negated=negated)) == expected


@pytest.mark.parametrize("wanted", [("P0", "P1"), ("P4",)])
@pytest.mark.parametrize("negated", [False, True])
def test_priorities(desk: Desk, wanted: tuple[str, ...], *, negated: bool) -> None:
    expected = {case for case in every(desk) if (case[1] in wanted) != negated}
    assert found(desk, Condition("priority", "in", wanted, negated=negated)) == expected


@pytest.mark.parametrize("negated", [False, True])
def test_due_before(desk: Desk, *, negated: bool) -> None:
    expected = {case for case in every(desk) if (case[2] == "1") != negated}
    assert found(desk, Condition("due", "<", (NOON,), negated=negated)) == expected


def ids(rows: list[CaseRow]) -> set[tuple[str, ...]]:
    return {tuple(row.id.split(".")) for row in rows}


def test_what_ends_before_a_time(desk: Desk) -> None:
    expected = {case for case in every(desk) if case[2] == "1" and case[0] != "closed"}
    assert ids(desk.ask(lambda tables: tables.cases.ending(NOON, 1000))) == expected


def test_of_what_ends_the_latest_ends_come_first(desk: Desk) -> None:
    dues = [f"2026-11-24T11:{minute:02}:00Z" for minute in range(50)]
    desk.put(
        *(
            incoming(f"c.{number}", priority=PRIORITIES[number % 4], clocks=[clock(due)])
            for number, due in enumerate(dues)
        )
    )
    latest = desk.ask(lambda tables: tables.cases.ending(NOON, 7))
    assert [row.id for row in latest] == [f"c.{number}" for number in range(49, 42, -1)]


def test_new_and_urgent(desk: Desk) -> None:
    expected = {case for case in every(desk) if case[1] in ("P0", "P1") and case[0] == "open"}
    assert ids(desk.ask(lambda tables: tables.cases.newest_urgent(1000))) == expected
    desk.put(incoming("c.newest", state="OPEN", priority="P1", received_at="2026-11-24T11:59:00Z"))
    assert desk.ask(lambda tables: tables.cases.newest_urgent(1))[0].id == "c.newest"


@pytest.mark.parametrize(
    "asked",
    [
        "queue:emergency", "kind:emergency_disclosure", "state:open", "priority:P0",
        "imminence:imminent",
        "assignee:sp_1", "verification:none", "lang:de", "due:<2h", "received:>1d", "updated:<1h",
        "claim:me", "is:unsent", "is:changed", "is:overdue", "is:snoozed", "is:unreadable",
        "graphic:>2",
        "tag:minor", "harm:bomb", "sensitivity:medical", "signal:red", "country:de",
        "channel:portal", "jurisdiction:US", "agency:police", "id:open.P0.1",
    ],
)  # fmt: skip
def test_a_filter_reads_indexes_and_no_rows(desk: Desk, asked: str) -> None:
    query = parse_filter(f"is:open {asked}", now=datetime(2026, 11, 24, 12, tzinfo=UTC), me="sp_1")

    def plan(tables: Tables) -> list[str]:
        where = tables.cases._where(query)
        sql = f"SELECT c.id FROM cases c WHERE {where.text} ORDER BY {order_of(query)}"
        steps = tables.cases._connection.execute(f"EXPLAIN QUERY PLAN {sql}", where.values)
        return [step[-1] for step in steps]

    reads = [step for step in desk.ask(plan) if step.startswith(("SEARCH", "SCAN"))]
    assert reads
    if asked.startswith("id:"):
        assert reads == ["SEARCH c USING INDEX sqlite_autoindex_cases_1 (case_id=?)"]
        return
    assert [step for step in reads if "USING COVERING INDEX" not in step] == []
