"""Clocks: what they say at one moment of the server's time."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from console.casework.clocks import read_clock, readings, short, tightest
from local_cache import records as r
from tests.casework_ground import NOW, case

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def clock(**changes: object) -> r.Clock:
    given: dict[str, Any] = {"id": "k1", "started_at": NOW, "due_at": NOW + HOUR} | changes
    return r.Clock(**given)


@pytest.mark.parametrize(
    ("minutes", "state", "warning", "late"),
    [
        (0, "running", 0, False),
        (29, "running", 0, False),
        (30, "running", 50, False),
        (48, "running", 80, False),
        (57, "running", 95, False),
        (60, "overdue", 95, True),
        (90, "overdue", 95, True),
    ],
)
def test_it_draws_attention_at_half_four_fifths_and_the_end(
    minutes: int, state: str, warning: int, late: bool
) -> None:
    read = read_clock(clock(), NOW + minutes * MINUTE)
    assert (read.state, read.warning, read.late) == (state, warning, late)
    assert read.remaining == HOUR - minutes * MINUTE


def test_a_pause_stops_it_where_it_stood() -> None:
    paused = clock(paused=(r.Pause(from_=NOW + 10 * MINUTE, why="clarification_pending"),))
    read = read_clock(paused, NOW + 5 * HOUR)
    assert (read.state, read.remaining) == ("paused", 50 * MINUTE)
    assert read.why_paused == "clarification_pending"
    assert not read.late


def test_an_ended_pause_is_in_the_server_s_due_time_already_and_not_in_the_share() -> None:
    pause = r.Pause(from_=NOW + 10 * MINUTE, to=NOW + 70 * MINUTE)
    read = read_clock(clock(due_at=NOW + 2 * HOUR, paused=(pause,)), NOW + 90 * MINUTE)
    assert read.remaining == 30 * MINUTE
    assert read.used == pytest.approx(0.5)


def test_promptly_stays_a_word() -> None:
    read = read_clock(clock(due_at=None), NOW)
    assert (read.state, read.remaining, read.used, read.late) == ("word", None, None, False)


def test_a_met_clock_says_whether_it_was_met_in_time() -> None:
    assert not read_clock(clock(met_at=NOW + 59 * MINUTE), NOW + 9 * HOUR).late
    assert read_clock(clock(met_at=NOW + 61 * MINUTE), NOW + 9 * HOUR).late


def test_the_tightest_comes_first_and_the_law_before_the_house() -> None:
    clocks = (
        clock(id="word", due_at=None, kind="statutory"),
        clock(id="met", due_at=NOW, met_at=NOW),
        clock(id="paused", due_at=NOW + MINUTE, paused=(r.Pause(from_=NOW),)),
        clock(id="house"),
        clock(id="law", kind="statutory"),
        clock(id="later", due_at=NOW + 2 * HOUR),
    )
    order = [read.clock for read in readings(with_clocks(clocks), NOW)]
    assert order == ["law", "house", "later", "paused", "word", "met"]
    first = tightest(with_clocks(clocks), NOW)
    assert first is not None
    assert first.statutory


def test_none_is_tightest_where_all_are_met() -> None:
    assert tightest(with_clocks((clock(met_at=NOW),)), NOW) is None
    assert tightest(case(), NOW) is None


def with_clocks(clocks: tuple[r.Clock, ...]) -> r.Case:
    return msgspec.structs.replace(case(), clocks=clocks)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (3900, "1h05m"), (100_000, "1d03h"), (-720, "-12m")],
)
def test_spans_are_read_at_a_glance(seconds: int, text: str) -> None:
    assert short(timedelta(seconds=seconds)) == text
