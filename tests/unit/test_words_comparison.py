"""The three-way view: what was seen, what is now, what was decided; only what differs, in words."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.casework.projection import Unsent, project
from console.words.comparison import COVERED, NOTHING, Difference, compare, decided_words
from local_cache.entries import Entry
from local_cache.records import Case, read
from tests.caches import wire
from tests.casework_ground import NOW, POLICY
from tests.hostile import NAMED, TEXTS, hidden

MESSAGE = {"id": "m1", "at": "2026-11-23T08:00:00Z", "direction": "in", "body": "Please help."}


def case(**members: Any) -> Case:
    given_: dict[str, Any] = {"priority": "P2", "messages": [MESSAGE]}
    return read(Case, wire(**(given_ | members)))


def entry(kind: str, key: str = "key-1", **members: Any) -> Entry:
    body = json.dumps({"type": kind} | members).encode()
    given_: dict[str, Any] = dict.fromkeys(Entry.__struct_fields__)
    given_ |= {"key": key, "case_id": "c_1", "type": kind, "state": "changed", "body": body}
    return Entry(**given_)


def decided(seen: Case, *entries: Entry) -> Case:
    unsent = [Unsent(key=e.key, type=e.type, body=e.body, at=NOW, by="sp_1") for e in entries]
    return project(seen, unsent, policy=POLICY)


def by_label(found: list[Difference]) -> dict[str, tuple[str, str, str]]:
    return {one.label: (one.seen, one.now, one.decided) for one in found}


def test_what_is_the_same_in_all_three_is_not_told() -> None:
    seen = case()
    assert compare(seen, case(seq=9, version="7", updated_at="2026-11-24T00:00:00Z"), seen) == []


def test_what_changed_there_stands_beside_what_was_seen() -> None:
    seen = case()
    more = MESSAGE | {"id": "m2", "body": "Please wait.", "subject": "Again"}
    found = by_label(compare(seen, case(priority="P0", messages=[MESSAGE, more]), seen))
    assert found["priority"] == ("P2", "P0", "P2")
    before, now, after = found["message m2"]
    assert (before, after) == (NOTHING, NOTHING)
    assert now.split("\n")[1:] == ["Again", "Please wait."]
    assert set(found) == {"priority", "message m2"}


def test_what_was_decided_stands_beside_both_and_what_both_changed_comes_first() -> None:
    seen = case(imminence="credible")
    now = case(priority="P0", imminence="none")
    mine = decided(seen, entry("assess", priority="P1", rationale="They wrote again."))
    found = compare(seen, now, mine)
    assert found[0].label == "priority"
    assert found[0].conflicting
    assert (found[0].seen, found[0].now, found[0].decided) == ("P2", "P0", "P1")
    assert [one.changed for one in found] == sorted((one.changed for one in found), reverse=True)
    assert by_label(found)["assessment rationale"] == (NOTHING, NOTHING, "They wrote again.")


def test_both_having_done_the_same_is_no_conflict() -> None:
    seen = case()
    mine = decided(seen, entry("assess", priority="P0"))
    found = {one.label: one for one in compare(seen, case(priority="P0"), mine)}
    assert found["priority"].changed
    assert not found["priority"].conflicting


def test_a_decision_and_what_follows_from_it_in_words() -> None:
    seen = case()
    mine = decided(
        seen,
        entry("decide", disposition="DENY_FRAUD", rationale="The domain is not theirs."),
        entry("note", "key-2", body="as agreed"),
    )
    found = by_label(compare(seen, seen, mine, POLICY))
    assert found["state"] == ("open", "open", "awaiting approval")
    assert "rationale: The domain is not theirs." in found["decision key-1"][2]
    assert "body: as agreed" in found["note key-2"][2]
    assert "waits for a second person" in found["approval"][2]


def test_texts_of_a_graphic_case_stay_covered() -> None:
    seen = case(request={"narrative": "what nobody\nasked to read"})
    told = case(
        graphic_level=2,
        request={"narrative": "something else that nobody asked to read"},
        messages=[MESSAGE, MESSAGE | {"id": "m2", "body": "nor this"}],
    )
    differences = compare(seen, told, seen)
    found = by_label(differences)
    assert {one.label for one in differences if one.changed} == {
        "graphic level",
        "request narrative",
        "message m2",
    }
    assert found["request narrative"] == (COVERED, COVERED, COVERED)
    assert found["message m2"][1].endswith(COVERED)
    for word in ("asked to read", "nobody", "nor this"):
        assert word not in str(found)


def test_a_very_long_text_is_cut_and_counted() -> None:
    found = by_label(compare(case(), case(request={"narrative": "x" * 5000}), case()))
    text = found["request narrative"][1]
    assert text.endswith("more characters)")
    assert len(text) < 2100


def test_texts_that_differ_far_behind_are_shown_from_there() -> None:
    same = "x" * 5000
    seen = case(request={"narrative": same + "before"})
    now = case(request={"narrative": same + "after"})
    found = by_label(compare(seen, now, seen))["request narrative"]
    assert found[0].endswith("xbefore")
    assert found[1].endswith("xafter")
    assert found[0].startswith("(4,")


def _everything(text: str) -> dict[str, Any]:
    record = {"id": "k1", "type": "note", "by": "sp_2", "body": {"type": "note", "body": text}}
    return {
        "title": text, "reference": text, "their_reference": text, "tags": [text],
        "requester": {
            "name": text, "agency": text, "email": text, "phone": text, "title": text,
            "badge": text, "supervisor": {"name": text},
            "mail_authentication": {"from": text, "reply_to": text},
            "signals": [{"id": "x", "level": "red", "why": text}],
            "verification": {"state": "IN_PROGRESS", "checks": [
                {"id": "V01", "result": "PASS", "note": text}]},
        },
        "request": {"narrative": text, "why_now": text, "harm_expected": text,
                    "persons_at_risk": [{"label": text, "location": text}]},
        "subjects": [{"id": "s1", "value": text, "display": text}],
        "messages": [MESSAGE | {"body": text, "subject": text, "from": text}],
        "attachments": [{"id": "f1", "name": text}],
        "clocks": [{"id": "k", "label": text}],
        "stream": {"room_id": text, "live": True},
        "notes": [record],
        "assessment": {"rationale": text, "counter_evidence": text},
    }  # fmt: skip


def _harmless(text: str) -> None:
    seen = case()
    now = case(**_everything(text))
    doing = entry("note", body=text)
    for one in compare(seen, now, decided(seen, doing), POLICY):
        for told in (one.label, one.seen, one.now, one.decided):
            assert not list(hidden(told.replace("\n", "")))
    for line in decided_words([doing], POLICY):
        assert not list(hidden(line))


@pytest.mark.parametrize("text", NAMED.values(), ids=NAMED)
def test_no_text_from_outside_acts(text: str) -> None:
    _harmless(msgspec.json.decode(msgspec.json.encode(text.encode("utf-8", "replace").decode())))


@given(TEXTS)
def test_no_text_at_all_acts(text: str) -> None:
    _harmless(text.encode("utf-8", "replace").decode())


@given(st.sampled_from(["P0", "P1", "P2"]), st.sampled_from(["P0", "P1", "P2"]))
def test_compared_with_itself_nothing_changed(here: str, there: str) -> None:
    seen, now = case(priority=here), case(priority=there)
    assert bool(compare(seen, now, now)) == (here != there)
    assert not any(one.changed for one in compare(seen, seen, now))
