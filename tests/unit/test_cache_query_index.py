"""Conditions that are asked by the index of urgency find what the plain ones would."""

from collections.abc import Generator
from pathlib import Path

import pytest

from local_cache.query import OPEN, CaseQuery, Condition
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
