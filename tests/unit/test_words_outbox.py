"""The outbox in words."""

import json
from typing import Any

import pytest

from console.words import outbox as told
from local_cache.cases import CaseRow
from local_cache.entries import Entry, Problem
from local_cache.hostile import Hostile
from tests.casework_ground import POLICY
from tests.hostile import NAMED, hidden

NOW = 1_795_521_600_000


def entry(key: str, state: str = "pending", case_id: str = "c_1", **members: Any) -> Entry:
    given: dict[str, Any] = dict.fromkeys(Entry.__struct_fields__)
    given |= {
        "seq": int(key), "key": key, "case_id": case_id, "type": "note", "state": state,
        "body": b'{"type":"note","body":"hello"}', "attempts": 0, "recorded_ms": NOW - 65_000,
        "next_try_ms": NOW, "waiting_since_ms": NOW - 65_000, "unknown": False,
    }  # fmt: skip
    return Entry(**(given | members))


def body(**members: Any) -> bytes:
    return json.dumps(members).encode()


def whole(place: told.Place) -> str:
    return "\n".join(line.text for line in told.entry_lines(place, POLICY, NOW))


def test_entries_of_a_case_stand_together_at_the_place_of_the_first() -> None:
    line = [entry("1"), entry("2", case_id="c_2"), entry("3"), entry("4", case_id="c_2")]
    places = told.places(line, {})
    assert [place.entry.key for place in places] == ["1", "3", "2", "4"]
    assert [place.head.key if place.head else None for place in places] == [None, "1", None, "2"]
    assert [place.behind for place in places] == [1, 0, 1, 0]


def test_without_a_row_the_id_names_the_case() -> None:
    (place,) = told.places([entry("1")], {})
    assert (place.name, place.requester) == ("c_1", "no requester")
    given: dict[str, Any] = dict.fromkeys(CaseRow.__struct_fields__)
    given["reference"] = Hostile("ED-1")
    given["requester_name"], given["agency"] = Hostile("Dana"), Hostile("Police")
    row = CaseRow(**given)
    (place,) = told.places([entry("1")], {"c_1": row})
    assert (place.name, place.requester) == ("ED-1", "Dana, Police")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "recorded"),
        ("sending", "being sent"),
        ("returned", "RETURNED"),
        ("changed", "CASE CHANGED"),
        ("to_confirm", "CONFIRM IT"),
        ("accepted", "accepted"),
        ("withdrawn", "taken back"),
    ],
)
def test_every_state_has_its_words(state: str, words: str) -> None:
    (place,) = told.places([entry("1", state)], {})
    assert told.state_words(place, NOW)[0] == words
    assert whole(place)


@pytest.mark.parametrize(
    ("left", "seconds"), [(10_000, 10), (9_001, 10), (9_000, 9), (1, 1), (0, 0), (-5_000, 0)]
)
def test_an_undo_window_is_counted_in_begun_seconds(left: int, seconds: int) -> None:
    (place,) = told.places([entry("1", "undoable", undo_until_ms=NOW + left)], {})
    assert told.undo_seconds(place.entry, NOW) == seconds
    assert told.state_words(place, NOW)[0] == (f"u undoes: {seconds} s" if seconds else "recorded")


@pytest.mark.parametrize("state", ["returned", "changed", "to_confirm"])
def test_what_stands_behind_one_that_came_back_is_held_by_it(state: str) -> None:
    first, last = told.places([entry("1", state), entry("2")], {})
    assert told.state_words(last, NOW) == ("held", "warning")
    assert "Held behind entry 1, note" in whole(last)
    assert "It holds 1 recorded after it" in whole(first)


def test_what_stands_behind_one_on_its_way_only_waits_its_turn() -> None:
    _, last = told.places([entry("1"), entry("2")], {})
    assert told.state_words(last, NOW) == ("in line", "unsent")
    assert "Goes behind entry 1, note: recorded." in whole(last)


def test_the_server_s_findings_stand_with_their_places() -> None:
    problem = Problem(
        status=422,
        type="invalid",
        detail=Hostile("It is not complete."),
        faults=(("/reasons/0", Hostile("no such reason")), ("", Hostile("nor this"))),
        claim_by="sp_7",
        claim_until_ms=NOW,
    )
    (place,) = told.places([entry("1", "returned", error=problem, attempts=2)], {})
    text = whole(place)
    for words in ("It is not complete.", "/reasons/0: no such reason", "/: nor this", "2 tries",
                  "sp_7 holds the case until"):  # fmt: skip
        assert words in text
    assert told.why(place.entry) == "/reasons/0 no such reason"


def test_one_that_may_have_been_applied_says_so() -> None:
    (place,) = told.places([entry("1", unknown=True, attempts=1)], {})
    assert "the server may have it" in whole(place)


@pytest.mark.parametrize(
    ("kind", "members", "words"),
    [
        ("note", {"body": "one\ntwo"}, "one two"),
        ("decide", {"disposition": "DENY_FRAUD", "reasons": ["A", "B"], "rationale": "why"},
         "DENY_FRAUD · A, B · why"),
        ("assess", {"priority": "P0", "imminence": "in_progress"}, "P0 · in progress"),
        ("verify", {"check": "V01", "result": "PASS"}, "V01 · PASS"),
        ("respond", {"to": "a@b.example", "channel": "secure_transfer", "subject": "Re"},
         "secure transfer · a@b.example · Re"),
        ("tag", {"add": ["x", "y"]}, "x, y"),
        ("claim", {"ttl": "PT15M"}, ""),
        ("unheard-of", {"a": 1}, ""),
    ],
)  # fmt: skip
def test_what_an_entry_says(kind: str, members: dict[str, Any], words: str) -> None:
    assert told.says(entry("1", type=kind, body=body(type=kind, **members))) == words


def test_a_body_is_told_whole_with_the_policy_s_words_and_without_its_stamps() -> None:
    doing = body(
        type="decide", at="2026-11-23T09:15:00Z", offline=True, policy="1", tool={"name": "x"},
        disposition="DISCLOSE_PARTIAL", break_glass=True,
        scope_granted=[{"tier": "T1", "category": "basic_subscriber", "subject": "s1"}],
        withheld=[{"tier": "T2", "subject": "s1", "reason": "SC_OVERBROAD"}],
        user_notice={"decision": "notify_after", "reason": None}, rationale="x" * 300,
    )  # fmt: skip
    text = "\n".join(line.text for line in told.body_lines(entry("1", body=doing), POLICY))
    for words in ("T1 basic subscriber of s1", "SC_OVERBROAD", "break-glass          yes",
                  "decision notify after"):  # fmt: skip
        assert words in text
    for word in ("2026-11-23", "tool", "offline"):
        assert word not in text


def test_a_very_long_member_is_cut_and_counted() -> None:
    doing = entry("1", body=body(type="note", body="x" * 9000))
    assert "(5,000 more characters)" in [line.text.strip() for line in told.body_lines(doing)]


@pytest.mark.parametrize("text", NAMED.values(), ids=NAMED)
def test_no_text_acts(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    problem = Problem(status=422, detail=Hostile(text), faults=((text, Hostile(text)),),
                      claim_by=text)  # fmt: skip
    doing = body(type="note", body=text, **{text: [text, {text: text}]})
    (place,) = told.places([entry("1", "returned", error=problem, body=doing)], {})
    shown = [*whole(place).split("\n"), told.says(place.entry), told.why(place.entry)]
    for line in shown:
        assert not list(hidden(line))
