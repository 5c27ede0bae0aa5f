"""Actions: the order of judgement, keys, claims, versions, what each does (contract, section 4)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.hand import AT, Hand, Json, pointers, problem
from tests.servers import PracticeServer

Hands = Callable[[str], Hand]


def test_a_note_is_recorded_word_for_word(me: Hand) -> None:
    case = me.open()
    raw = b'{ "type":"note",  "at":"2026-11-23T09:15:00.000Z","offline":true, "body":"a\\u202eb" }'
    key = str(uuid4())
    done = me.act(case["id"], "note", raw=raw, key=key)
    assert done.status_code == 201
    record = done.json()["action"]
    assert (record["id"], record["by"], record["offline"]) == (key, "sp_1", True)
    assert record["at"] == "2026-11-23T09:15:00Z"
    assert raw in done.content
    assert raw in me.http.get(f"/v1/cases/{case['id']}").content
    listed = me.http.get(f"/v1/cases/{case['id']}/actions").json()
    assert [one["id"] for one in listed["items"]] == [key]
    assert listed["next"] is None


def test_versions_and_seqs(me: Hand) -> None:
    case = me.open()
    claimed = me.act(case["id"], "claim", version=None).json()
    assert claimed["case"]["version"] == case["version"] == claimed["action"]["after"]
    assert claimed["case"]["seq"] > case["seq"]
    noted = me.act(case["id"], "note", version=None, body="x").json()
    assert noted["before"] == noted["action"]["before"] == case["version"]
    assert noted["action"]["after"] == noted["case"]["version"] != case["version"]
    released = me.act(case["id"], "release", version=None).json()
    assert released["case"]["version"] == noted["case"]["version"]
    assert released["case"]["state"] == "open"
    assert "claim" not in released["case"]


def test_a_key_gives_its_answer_again_whatever_if_match_says(me: Hand) -> None:
    case = me.open()
    key = str(uuid4())
    first = me.act(case["id"], "tag", key=key, add=["urgent"])
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    for version in (None, case["version"], "999"):
        again = me.act(case["id"], "tag", key=key, version=version, add=["urgent"])
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotency-replayed"] == "true"
    assert len(me.http.get(f"/v1/cases/{case['id']}/actions").json()["items"]) == 1


def test_a_key_is_bound_to_body_path_and_specialist(me: Hand, hand: Hands) -> None:
    case, other = me.open(), me.open()
    key = str(uuid4())
    assert me.act(case["id"], "note", key=key, body="one").status_code == 201
    changed = me.act(case["id"], "note", key=key, body="two")
    assert problem(changed) == (422, "idempotency-key-reused")
    elsewhere = me.act(other["id"], "note", key=key, body="one")
    assert problem(elsewhere) == (422, "idempotency-key-reused")
    assert hand("sp_6").act(case["id"], "note", key=key, body="two").status_code == 201


def test_only_a_201_is_kept(me: Hand) -> None:
    case = me.open()
    key = str(uuid4())
    assert me.act(case["id"], "tag", key=key, version="999", add=["a"]).status_code == 412
    assert me.act(case["id"], "tag", key=key, add=["b"]).status_code == 201


def test_a_key_that_is_being_worked_on(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    server.control("busy", count=1)
    key = str(uuid4())
    waiting = me.act(case["id"], "note", key=key, body="x")
    assert problem(waiting) == (409, "in-progress")
    assert waiting.headers["retry-after"] == "1"
    assert me.act(case["id"], "note", key=key, body="x").status_code == 201


def test_the_order_of_judgement(me: Hand, hand: Hands) -> None:
    """Each call breaks every rule from one on: the first broken one answers."""
    case = me.open()
    assert hand("sp_6").act(case["id"], "claim", version=None).status_code == 201
    analyst = hand("sp_4")
    stale: dict[str, Any] = {"version": "999", "disposition": "NO_SUCH"}
    assert problem(analyst.act("c_none", "decide", **stale)) == (404, "not-found")
    assert problem(analyst.act(case["id"], "decide", **stale)) == (403, "forbidden")
    claimed = me.act(case["id"], "decide", **stale)
    assert problem(claimed) == (409, "claimed")
    assert claimed.json()["claim"]["by"] == "sp_6"
    assert hand("sp_6").act(case["id"], "release", version=None).status_code == 201
    assert problem(me.act(case["id"], "decide", version=None)) == (428, "precondition-required")
    assert problem(me.act(case["id"], "decide", **stale)) == (412, "stale")
    judged = me.act(case["id"], "decide", disposition="NO_SUCH")
    assert problem(judged) == (422, "invalid")
    assert judged.json()["policy"] == "2026.11"
    assert pointers(judged) == ["/disposition"]


def test_a_stale_version_brings_the_present_case(me: Hand) -> None:
    case = me.open()
    assert me.act(case["id"], "note", body="x").status_code == 201
    stale = me.act(case["id"], "tag", version=case["version"], add=["a"])
    assert problem(stale) == (412, "stale")
    assert stale.json()["version"] == me.case(case["id"])["version"]
    assert stale.json()["case"] == me.case(case["id"])


@pytest.mark.parametrize("header", ["17", "", '"17', "*"])
def test_if_match_is_a_version_in_quotes(me: Hand, header: str) -> None:
    case = me.open()
    refused = me.act(case["id"], "tag", version=None, headers={"If-Match": header}, add=["a"])
    assert problem(refused) == (400, "malformed")
    assert pointers(refused) == ["/If-Match"]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", "/type"),
        (b'{"type": 1}', "/type"),
        (b'\xff{"type":"note"}', ""),
        (b'{"type":"note","at":"2026-11-23T09:15:00Z","body":5}', "/body"),
    ],
)
def test_what_cannot_be_read_is_malformed(me: Hand, raw: bytes, place: str) -> None:
    case = me.open()
    refused = me.act(case["id"], "note", raw=raw)
    assert problem(refused) == (400, "malformed")
    assert pointers(refused) == [place]


@pytest.mark.parametrize(
    ("name", "members", "place"),
    [
        ("dance", {}, "/type"),
        ("note", {"body": ""}, "/body"),
        ("note", {}, "/body"),
        ("note", {"body": "x", "at": None}, "/at"),
        ("claim", {"ttl": "PT61M"}, "/ttl"),
        ("claim", {"ttl": "PT0S"}, "/ttl"),
        ("assess", {"priority": "P9"}, "/priority"),
        ("assess", {"axes": {"severity": 4}}, "/axes/severity"),
        ("verify", {"check": "V99", "result": "PASS"}, "/check"),
        ("verify", {"check": "V01"}, "/result"),
        ("verify", {"state": "VERIFIED_STANDARD"}, "/state"),
        ("verify", {"state": "SURE"}, "/state"),
        ("enforce", {"target": "s9", "measure": "REMOVE"}, "/target"),
        ("enforce", {"target": "s1", "measure": "CUT_STREAM"}, "/measure"),
        ("preserve", {"extends": "p1"}, "/extends"),
        ("preserve", {"taken_at": AT, "expires_at": AT}, "/expires_at"),
        ("link", {"rel": "related", "case": "c_none"}, "/case"),
        ("link", {"rel": "cousin", "case": "c_none"}, "/rel"),
        ("tag", {}, "/add"),
        ("wait", {"for": "godot"}, "/for"),
        ("approve", {"decision": "d1", "content_sha256": "0" * 64}, "/type"),
        ("reopen", {}, "/type"),
    ],
)
def test_what_cannot_be_accepted_names_its_place(
    hand: Hands, name: str, members: dict[str, Any], place: str
) -> None:
    lead = hand("sp_3")
    case = lead.open()
    refused = lead.act(case["id"], name, **members)
    if (name, members.get("at", AT)) == ("note", None):
        assert refused.status_code == 400
    else:
        assert problem(refused) == (422, "invalid")
    assert pointers(refused) == [place]
    assert lead.case(case["id"]) == case


def test_unknown_members_are_let_through(me: Hand) -> None:
    case = me.open()
    assert me.act(case["id"], "note", body="x", mood="calm").status_code == 201


def test_a_claim_keeps_others_out_until_it_ends(
    server: PracticeServer, me: Hand, hand: Hands
) -> None:
    case = me.open()
    holder = hand("sp_6")
    claimed = holder.act(case["id"], "claim", version=None, ttl="PT5M").json()["case"]
    assert claimed["state"] == "in_review"
    attempts: dict[str, Json] = {
        "claim": {},
        "release": {},
        "assess": {"priority": "P1"},
        "close": {},
    }
    for name, members in attempts.items():
        assert problem(me.act(case["id"], name, **members)) == (409, "claimed")
    assert me.act(case["id"], "note", body="may be written").status_code == 201
    renewed = holder.act(case["id"], "claim", version=None, ttl="PT10M").json()["case"]
    assert renewed["claim"]["until"] > claimed["claim"]["until"]
    cursor = me.cursor()
    server.control("advance", seconds=601)
    ended = me.case(case["id"])
    assert ("claim" in ended, ended["state"]) == (False, "open")
    assert (ended["seq"] > renewed["seq"], ended["version"]) == (True, "2")
    assert [one["seq"] for one in me.feed(cursor) if one["id"] == case["id"]] == [ended["seq"]]
    assert me.act(case["id"], "claim", version=None).status_code == 201


def test_a_lead_takes_a_case_over(me: Hand, hand: Hands) -> None:
    case = me.open()
    assert me.act(case["id"], "claim", version=None).status_code == 201
    taken = hand("sp_3").act(case["id"], "claim", version=None)
    assert taken.json()["case"]["claim"]["by"] == "sp_3"


def test_roles(me: Hand, hand: Hands) -> None:
    case = me.open()
    attempts: list[tuple[str, str, Json, str]] = [
        ("sp_4", "note", {"body": "x"}, "specialist"),
        ("sp_2", "note", {"body": "x"}, "specialist"),
        ("sp_1", "move", {"queue": "orders"}, "lead"),
        ("sp_1", "assign", {"to": "sp_6"}, "lead"),
        ("sp_1", "approve", {"decision": "d", "content_sha256": "0" * 64}, "approver"),
    ]
    for who, name, members, role in attempts:
        refused = hand(who).act(case["id"], name, **members)
        assert problem(refused) == (403, "forbidden")
        assert refused.json()["required_role"] == role
    assert me.act(case["id"], "assign", to="sp_1").json()["case"]["assignee"] == "sp_1"
    assert hand("sp_3").act(case["id"], "assign", to="sp_6").status_code == 201
    moved = hand("sp_3").act(case["id"], "move", queue="orders", reason="an order")
    assert moved.json()["case"]["queue"] == "orders"


def test_assessing_changes_case_and_internal_clock(me: Hand) -> None:
    case = me.open(priority="P2")
    assert [clock["rule"] for clock in case["clocks"]] == ["EDR-INTERNAL-P2"]
    done = me.act(
        case["id"],
        "assess",
        priority="P1",
        imminence="imminent",
        axes={"severity": 3, "immediacy": 2},
        rationale="why",
        counter_evidence="what would change my mind",
    ).json()["case"]
    assert (done["priority"], done["imminence"]) == ("P1", "imminent")
    assert done["assessment"]["axes"] == {"severity": 3, "immediacy": 2}
    assert [clock["rule"] for clock in done["clocks"]] == ["EDR-INTERNAL-P1"]


def test_waiting_pauses_the_clock_and_an_answer_ends_it(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    waiting = me.act(case["id"], "wait", **waits_for("requester"), questions=["Who?"]).json()[
        "case"
    ]
    assert waiting["state"] == "awaiting_requester"
    (paused,) = waiting["clocks"][0]["paused"]
    assert (paused["why"], paused.get("to")) == ("clarification_pending", None)
    server.control("advance", seconds=300)
    server.control(f"message/{case['id']}", body="This one.")
    answered = me.case(case["id"])
    assert answered["state"] == "open"
    assert answered["version"] != waiting["version"]
    assert answered["messages"][-1]["body"] == "This one."
    clock = answered["clocks"][0]
    stood = _time(clock["paused"][0]["to"]) - _time(clock["paused"][0]["from"])
    assert stood >= timedelta(seconds=300)
    assert _time(clock["due_at"]) - _time(case["clocks"][0]["due_at"]) == stood


def test_waiting_for_others_pauses_nothing(me: Hand) -> None:
    case = me.open()
    waiting = me.act(case["id"], "wait", **waits_for("legal")).json()["case"]
    assert waiting["state"] == "open"
    assert "paused" not in waiting["clocks"][0]


def test_an_enforcement_takes_effect_without_a_new_version(
    server: PracticeServer, me: Hand
) -> None:
    stream = {"room_id": "r1", "live": True, "viewers": 12}
    case = me.open(queue="live", kind="livestream_risk", stream=stream)
    cut = me.act(case["id"], "enforce", target="s1", measure="CUT_STREAM", reason="danger")
    pending = cut.json()["case"]
    assert pending["enforcements"][0]["effect"]["state"] == "pending"
    assert [c["met_at"] == cut.json()["action"]["received_at"] for c in pending["clocks"]] == [True]
    server.control("advance", seconds=3)
    done = me.case(case["id"])
    assert done["enforcements"][0]["effect"]["state"] == "done"
    assert done["stream"] == {"room_id": "r1", "live": False, "viewers": 0}
    assert (done["version"], done["seq"] > pending["seq"]) == (pending["version"], True)


def test_preserving_and_extending(me: Hand) -> None:
    case = me.open(queue="preservation", kind="preservation")
    times: Json = {"taken_at": AT, "expires_at": "2027-02-21T09:15:00Z"}
    first = me.act(case["id"], "preserve", scope="all", **times).json()
    assert first["case"]["clocks"][0]["met_at"] == first["action"]["received_at"]
    again = me.act(case["id"], "preserve", extends=first["action"]["id"], **times)
    assert len(again.json()["case"]["preservations"]) == 2


def test_closing_and_reopening(me: Hand) -> None:
    case = me.open()
    assert me.act(case["id"], "claim", version=None).status_code == 201
    closed = me.act(case["id"], "close", reason="done", outcome="SAFE").json()["case"]
    assert (closed["state"], "claim" in closed) == ("closed", False)
    attempts: dict[str, Json] = {
        "decide": {"disposition": "NO_ACTION"},
        "close": {},
        "claim": {},
    }
    for name, members in attempts.items():
        refused = me.act(case["id"], name, **members)
        assert problem(refused) == (422, "invalid")
        assert pointers(refused) == ["/type"]
    assert me.act(case["id"], "note", body="after").status_code == 201
    assert me.act(case["id"], "reopen", reason="more").json()["case"]["state"] == "open"


def test_links_tags_snoozing(me: Hand) -> None:
    case, other = me.open(), me.open()
    linked = me.act(case["id"], "link", rel="duplicate_of", case=other["id"]).json()["case"]
    assert linked["links"] == [{"rel": "duplicate_of", "case": other["id"]}]
    assert me.act(case["id"], "tag", add=["a", "b"]).json()["case"]["tags"] == ["a", "b"]
    assert me.act(case["id"], "tag", add=["c"], remove=["a"]).json()["case"]["tags"] == ["b", "c"]
    until = "2026-11-24T06:00:00Z"
    assert me.act(case["id"], "snooze", until=until).json()["case"]["snoozed_until"] == until
    assert "snoozed_until" not in me.act(case["id"], "snooze").json()["case"]


def test_the_receipt_repeats_the_audit_head(me: Hand) -> None:
    case = me.open()
    head = "ab" * 32
    done = me.act(case["id"], "note", body="x", headers={"Audit-Head": f"41:{head}"})
    receipt = done.json()["receipt"]
    assert (receipt["seq"], receipt["head"]) == (41, head)
    broken = me.act(case["id"], "note", body="x", headers={"Audit-Head": "41"})
    assert problem(broken) == (400, "malformed")


def test_a_case_opened_by_hand(me: Hand, hand: Hands) -> None:
    key, case_id = str(uuid4()), f"c_{uuid4()}"
    body = {"id": case_id, "queue": "emergency", "kind": "emergency_disclosure", "priority": "P0"}
    opened = me.http.post("/v1/cases", json=body, headers={"Idempotency-Key": key})
    assert opened.status_code == 201
    case = opened.json()
    assert (case["id"], case["state"], case["version"]) == (case_id, "open", "1")
    assert [clock["rule"] for clock in case["clocks"]] == ["EDR-INTERNAL-P0"]
    assert opened.headers["location"] == f"/v1/cases/{case_id}"
    assert opened.headers["etag"] == '"1"'
    assert me.case(case_id) == case
    again = me.http.post("/v1/cases", json=body, headers={"Idempotency-Key": key})
    assert (again.content, again.headers["idempotency-replayed"]) == (opened.content, "true")
    fresh = {"Idempotency-Key": str(uuid4())}
    assert pointers(me.http.post("/v1/cases", json=body, headers=fresh)) == ["/id"]
    refused = me.http.post("/v1/cases", json=body | {"queue": "none", "id": None}, headers=fresh)
    assert pointers(refused) == ["/queue"]
    refused = hand("sp_4").http.post("/v1/cases", json=body, headers=fresh)
    assert problem(refused) == (403, "forbidden")


def test_a_case_opened_by_hand_is_not_verified_by_saying_so(me: Hand) -> None:
    said = {"email": "a@b.example", "verification": {"state": "VERIFIED_STRONG", "checks": []}}
    assert me.open(requester=said)["requester"]["verification"]["state"] == "UNVERIFIED"


def test_too_large(me: Hand) -> None:
    case = me.open()
    refused = me.act(case["id"], "note", body="x" * (1 << 20))
    assert problem(refused) == (413, "too-large")
    assert refused.json()["limit"] == 1 << 20
    for _ in range(2):
        assert me.act(case["id"], "note", body="x" * 1_000_000).status_code == 201
    refused = me.act(case["id"], "note", body="x" * 1_000_000)
    assert (problem(refused), refused.json()["limit"]) == ((413, "too-large"), 2 << 20)


def waits_for(whom: str) -> dict[str, Any]:
    """Return the member that Python has no name for."""
    return {"for": whom}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
