"""A list narrowed by its words, long or short, is the list that is read with them."""

from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.casework.filters import parse_filter
from console.desk import Desk
from console.screens import case_rows, filter_ahead
from console.screens.case_rows import Base, read_beginning, read_list, timeless
from console.screens.filter_ahead import FilterAhead, read_head
from local_cache import listing
from local_cache.listing import place_of
from local_cache.query import CaseQuery
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


@pytest.mark.parametrize("wider", LINES)
@pytest.mark.parametrize("line", LINES)
def test_a_narrowed_list_is_narrowed_further(desk: Desk, wider: str, line: str) -> None:
    base = read_list(desk, query("")).base
    before = read_list(desk, query(wider), base=base).narrowed
    with desk.cache.read() as tables:
        expected = tables.cases.listing(query(line))
    found = read_list(desk, query(line), base=base, narrowed=before, here={})
    assert found.order == expected
    if before.narrowed_by(query(line)):
        assert set(expected) <= set(before.order)


def test_what_narrows() -> None:
    def narrows(line: str, wider: str) -> bool:
        return Base(timeless(query(wider)), array("q")).narrowed_by(query(line))

    assert narrows("home", "h")
    assert narrows("home late", "late")
    assert narrows("-late", "")
    assert narrows("家に", "家")
    assert narrows("HOME", "hom")
    assert not narrows("h", "home")
    assert not narrows("-late", "-l")
    assert not narrows("xhome", "home")
    closed = parse_filter("state:closed home sort:received", now=NOW, me="sp_1")
    assert not Base(timeless(query("")), array("q")).narrowed_by(closed)


TEXTS = (
    "Straße 5",
    "don't-go",
    "e\u0301clair",
    "家に帰る",
    "a\u200bb",
    "x\x1fy",
    "ﬁn\u3000end",
    "İX",
    "3.5kg",
)
SOUGHT = (
    *(
        "stras",
        "str 5",
        "don",
        "don't",
        "go",
        "t-g",
        "écl",
        "ecl",
        "家",
        "に帰",
        "帰る家",
        "ab",
        "b",
    ),
    *("y", "x y", "fin", "end", "i", "3.5", "5k", "kg", "-5", "...", "dontgo", "る", "go-"),
)


@pytest.mark.parametrize("line", SOUGHT)
@pytest.mark.parametrize("without", ["", "go", "家"])
def test_a_glimpse_shows_what_the_index_finds(tmp_path: Path, line: str, without: str) -> None:
    desk = Ground(tmp_path).desk
    documents = [
        incoming(f"c_{number}", seq=number + 1, state="new", title=text)
        for number, text in enumerate(TEXTS)
    ]
    desk.cache.write(lambda tables: tables.cases.put(documents))
    asked = CaseQuery(words=tuple(line.split()), without_words=tuple(without.split()))
    with desk.cache.read() as tables:
        every, expected = (tables.cases.listing(each) for each in (CaseQuery(), asked))
    glimpse = read_head(desk, CaseQuery(), every).glimpse(asked, wanted=None, at=0, room=40)
    assert glimpse is not None
    assert glimpse.whole
    assert [row.rowid for row in glimpse.rows] == list(expected)


def test_a_glimpse_of_a_long_list_is_its_beginning(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filter_ahead, "HEAD", 20)
    ahead = FilterAhead()
    listed = read_list(desk, query(""))
    assert ahead.glimpse(query("h"), wanted=None, at=0, room=5) is None
    ahead.keep(read_head(desk, query(""), listed.order))
    expected = read_list(desk, query("h"))
    glimpse = ahead.glimpse(query("h"), wanted=None, at=0, room=5)
    assert glimpse is not None
    found = [row.rowid for row in glimpse.rows]
    assert found == list(expected.order[: len(found)])
    assert len(found) >= 5
    assert not glimpse.whole
    third = glimpse.rows[2].id
    again = ahead.glimpse(query("h"), wanted=third, at=9, room=5)
    assert again is not None
    assert again.index == 2
    assert again.rows[:5] == glimpse.rows[:5]
    assert ahead.glimpse(query("h"), wanted="beyond", at=0, room=5) is None
    assert ahead.glimpse(query("h"), wanted=None, at=18, room=5) is None
    assert ahead.glimpse(query("nothing"), wanted=None, at=0, room=5) is None
    ahead.forget()
    assert ahead.glimpse(query("h"), wanted=None, at=0, room=5) is None


def test_a_list_begins_as_it_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    every = read_list(desk, query("")).order
    assert read_beginning(desk, query("")).whole
    assert read_beginning(desk, query("")).order == every
    monkeypatch.setattr(case_rows, "BEGINNING", 10)
    begun = read_beginning(desk, query(""))
    assert not begun.whole
    assert begun.order == every[:10]
    assert set(begun.rows) == set(every[:10])


def test_a_place_is_found_in_a_long_list() -> None:
    order = array("q", range(100_000, 0, -1))
    assert place_of(order, 100_000) == 0
    assert place_of(order, 1) == 99_999
    assert place_of(order, 50_001) == 49_999
    assert place_of(order, 0) is None
    assert place_of(array("q"), 1) is None
