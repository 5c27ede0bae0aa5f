"""A list narrowed by its words, long or short, is the list that is read with them."""

from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.casework.filters import parse_filter
from console.desk import Desk
from console.screens.case_rows import read_list
from local_cache import listing
from local_cache.listing import place_of
from tests.caches import incoming
from tests.pilot.ground import Ground

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LINES = ("h", "ho", "home", "home late", "-late", "home -late", "late -home", "nothing", "", "家")


def query(line: str):
    return parse_filter(f"is:open {line} sort:received", now=NOW, me="sp_1")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(listing, "_PART", 3)  # so that a few cases come in several parts
    made = Ground(tmp_path).desk
    words = ("home", "late", "home late", "hotel", "家に帰る", "")
    documents = [
        incoming(
            f"c_{number}",
            seq=number + 1,
            state="closed" if number % 5 == 0 else "new",
            title=words[number % len(words)],
            received_at=f"2026-11-24T{number % 24:02}:00:00Z",
        )
        for number in range(40)
    ]
    made.cache.write(lambda tables: tables.cases.put(documents))
    return made


@pytest.mark.parametrize("line", LINES)
def test_narrowing_finds_what_the_disk_finds(desk: Desk, line: str) -> None:
    base = read_list(desk, query("")).base
    with desk.cache.read() as tables:
        expected = tables.cases.listing(query(line))
    narrowed = read_list(desk, query(line), base=base, here={})
    assert narrowed.order == expected
    assert narrowed.base.order == base.order
    assert set(narrowed.rows) == set(expected)
    assert len(expected) == 32 or line


def test_a_base_for_other_conditions_is_not_taken(desk: Desk) -> None:
    base = read_list(desk, query("")).base
    closed = parse_filter("state:closed home sort:received", now=NOW, me="sp_1")
    with desk.cache.read() as tables:
        expected = tables.cases.listing(closed)
    assert read_list(desk, closed, base=base, here={}).order == expected
    assert expected


def test_a_place_is_found_in_a_long_list() -> None:
    order = array("q", range(100_000, 0, -1))
    assert place_of(order, 100_000) == 0
    assert place_of(order, 1) == 99_999
    assert place_of(order, 50_001) == 49_999
    assert place_of(order, 0) is None
    assert place_of(array("q"), 1) is None
