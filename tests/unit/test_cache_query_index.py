"""Conditions that are asked by the index of urgency find what the plain ones would."""

from collections.abc import Generator
from pathlib import Path

import pytest

from local_cache.query import OPEN, CaseQuery, Condition
from local_cache.slim import CaseRow
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
