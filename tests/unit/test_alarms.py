"""What rings, what is told together, what stays silent."""

from collections.abc import Sequence
from typing import Any

import pytest

from console.words.alarms import (
    TOGETHER,
    Alarms,
    Cause,
    came_back,
    is_pressing,
    nothing_reached,
    notification,
    running_out,
    unclaimed,
)
from local_cache.cases import CaseRow
from local_cache.entries import Entry
from local_cache.hostile import Hostile
from local_cache.records import Fallback

NOW = 1_795_521_600_000
MINUTE = 60_000
ME = "sp_1"


def row(case_id: str = "c_1", **members: Any) -> CaseRow:
    given: dict[str, Any] = dict.fromkeys(CaseRow.__struct_fields__)
    given |= {
        "rowid": 1, "id": case_id, "seq": 1, "version": "1", "reference": Hostile(f"ED-{case_id}"),
        "their_reference": Hostile(""), "title": Hostile("A call"), "queue": "emergency",
        "kind": "emergency_disclosure", "state": "open", "priority": "P2", "agency": Hostile(""),
        "requester_name": Hostile(""), "due_label": Hostile("Decide"), "received_ms": NOW,
        "paused": False, "unsent": 0, "changed": False, "gone": False,
    }  # fmt: skip
    return CaseRow(**(given | members))


def entry(key: str, state: str, case_id: str = "c_1") -> Entry:
    given: dict[str, Any] = dict.fromkeys(Entry.__struct_fields__)
    given |= {"key": key, "case_id": case_id, "type": "decide", "state": state, "body": b"{}"}
    return Entry(**given)


def cause(key: str, kind: str = "over", urgency: int = 15) -> Cause:
    return Cause(key, kind, f"whole {key}", f"brief {key}", urgency)


def texts(alarms: Alarms) -> list[str]:
    return [alarm.text for alarm in alarms.ringing.values()]


def over(count: int) -> list[Cause]:
    return [cause(f"over:{number}") for number in range(count)]


def test_few_are_told_each_and_many_as_one_with_the_worst_first() -> None:
    alarms = Alarms()
    assert alarms.consider(over(TOGETHER - 1))
    assert texts(alarms) == ["whole over:0", "whole over:1"]
    assert alarms.consider(over(12))
    assert texts(alarms) == ["12 clocks have run out, the worst brief over:0"]


def test_kinds_are_not_mixed() -> None:
    alarms = Alarms()
    alarms.consider([*over(5), cause("changed:1", "changed"), cause("new:1", "P0")])
    assert texts(alarms) == [
        "5 clocks have run out, the worst brief over:0",
        "whole changed:1",
        "whole new:1",
    ]


def test_it_rings_once_and_again_for_each_that_is_new() -> None:
    alarms = Alarms()
    assert alarms.consider(over(5))
    assert not alarms.consider(over(5))
    assert alarms.consider(over(6))
    assert not alarms.consider(over(5))


def test_one_that_ends_rings_nothing() -> None:
    alarms = Alarms()
    alarms.consider(over(5))
    assert not alarms.consider(over(3))
    assert not alarms.consider([])
    assert texts(alarms) == []


def test_acknowledged_together_they_stay_silent_and_do_not_hide_the_next() -> None:
    alarms = Alarms()
    alarms.consider(over(12))
    (key,) = alarms.ringing
    alarms.acknowledge(key)
    assert texts(alarms) == []
    assert not alarms.consider(over(12))
    assert alarms.consider(over(13))
    assert texts(alarms) == ["whole over:12"]


def test_what_held_before_and_ended_rings_when_it_holds_again() -> None:
    alarms = Alarms()
    alarms.consider(over(1))
    alarms.acknowledge("over:0")
    alarms.consider([])
    assert alarms.consider(over(1))


def test_new_p0_and_p1_that_nobody_holds_the_newest_first() -> None:
    rows = [
        row("c_1", priority="P1", received_ms=NOW - MINUTE),
        row("c_2", priority="P0", received_ms=NOW),
        row("c_3", priority="P1", claim_by="sp_7", claim_until_ms=NOW + MINUTE),
        row("c_4", priority="P1", claim_by="sp_7", claim_until_ms=NOW - 2 * MINUTE,
            received_ms=NOW - 2 * MINUTE),
        row("c_5", priority="P0", state="in_review"),
        row("c_6", priority="P2"),
    ]  # fmt: skip
    found = list(unclaimed(rows, NOW))
    assert [(one.key, one.kind) for one in found] == [
        ("new:c_2", "P0"),
        ("new:c_1", "P1"),
        ("new:c_4", "P1"),
    ]
    assert found[0].urgency > found[1].urgency


def test_clocks_that_end_and_ended_the_law_s_first() -> None:
    rows = [
        row("c_1", due_ms=NOW - 60 * MINUTE, due_kind="policy"),
        row("c_2", due_ms=NOW - MINUTE, due_kind="statutory"),
        row("c_3", due_ms=NOW + 5 * MINUTE, due_kind="policy"),
        row("c_4", due_ms=NOW + 11 * MINUTE, due_kind="policy"),
        row("c_5", due_ms=NOW - MINUTE, due_kind="policy", claim_by="sp_7"),
        row("c_6", due_ms=NOW - MINUTE, due_kind="policy", state="closed"),
        row("c_7", due_ms=NOW - MINUTE, due_kind="policy", claim_by=ME),
    ]
    found = list(running_out(rows, NOW, ME))
    ended = [one.text for one in found if one.kind == "over"]
    assert ended == [
        "clock ran out §1m ago: Decide ED-c_2",
        "clock ran out 1h00m ago: Decide ED-c_1",
        "clock ran out 1m ago: Decide ED-c_7",
    ]
    assert [one.text for one in found if one.kind == "close"] == ["clock ends in 5m: Decide ED-c_3"]


def test_a_clock_that_rang_close_rings_again_when_it_ran_out() -> None:
    alarms = Alarms()
    one = row(due_ms=NOW + MINUTE, due_kind="policy")
    assert alarms.consider(running_out([one], NOW, ME))
    alarms.acknowledge(next(iter(alarms.ringing)))
    assert not alarms.consider(running_out([one], NOW, ME))
    assert alarms.consider(running_out([one], NOW + 2 * MINUTE, ME))


@pytest.mark.parametrize("state", ["returned", "changed", "to_confirm"])
def test_what_came_back_is_told_by_our_reference(state: str) -> None:
    entries = [entry("k1", state), entry("k2", "pending")]
    (told,) = came_back(entries, {"c_1": row()})
    assert told.text.startswith("decide on ED-c_1 ")
    assert told.text.endswith("(g o)")


FALLBACK = Fallback(lead=Hostile("the \x1b[31mlead"), phone=Hostile("+1 555 0100"))


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"priority": "P1"}, True),
        ({"priority": "P3", "due_ms": NOW + 59 * MINUTE}, True),
        ({"priority": "P3", "due_ms": NOW + 61 * MINUTE}, False),
        ({"priority": "P3"}, False),
    ],
)
def test_offline_a_case_that_cannot_wait_is_told_with_the_fallback(
    members: dict[str, Any], told: bool
) -> None:
    one = row(**members)
    assert is_pressing(one, NOW) is told
    entries = [entry("k1", "pending"), entry("k2", "pending")]
    found = list(nothing_reached(entries, {"c_1": one}, NOW, FALLBACK))
    assert len(found) == told
    alarms = Alarms()
    alarms.consider(found)
    expected = "NOTHING HAS REACHED THE REQUESTER: ED-c_1. phone +1 555 0100 · lead the ␛[31mlead"
    assert texts(alarms) == ([expected] if told else [])


@pytest.mark.parametrize(
    ("environment", "notifies"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "linux"}, False),
        ({}, False),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, False),
        ({"TERM": "xterm-kitty", "STY": "1.pts"}, False),
    ],
)
def test_only_a_terminal_that_is_known_to_notify_is_asked_to(
    environment: dict[str, str], notifies: bool
) -> None:
    sequence = notification(environment)
    assert bool(sequence) is notifies
    assert not notifies or (sequence[:4] == "\x1b]9;" and sequence[-1] == "\x07")


def test_every_kind_has_words_for_many() -> None:
    kinds: Sequence[str] = ("nothing", "returned", "changed", "to_confirm", "P0", "P1", "close")
    for kind in kinds:
        alarms = Alarms()
        alarms.consider([cause(f"{kind}:{number}", kind) for number in range(4)])
        (text,) = texts(alarms)
        assert "4 " in text
        assert f"brief {kind}:0" in text
