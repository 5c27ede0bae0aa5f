"""Reading: session, lists, the feed with deletes and cursors that expire, events (section 2)."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.contract.hand import Hand, problem
from tests.servers import PracticeServer

Hands = Callable[[str], Hand]


def test_the_session_says_who_and_when(me: Hand, hand: Hands) -> None:
    answer = me.http.get("/v1/session")
    session = answer.json()
    assert session["specialist"] == {"id": "sp_1", "name": "Robin Vale", "roles": ["specialist"]}
    assert session["desk"]["name"]
    skew = datetime.fromisoformat(session["server_time"]) - datetime.now(UTC)
    assert abs(skew.total_seconds()) < 60
    assert session["server_time"].endswith("Z")
    dated = parsedate_to_datetime(answer.headers["date"])
    assert abs((dated - datetime.now(UTC)).total_seconds()) < 60
    lead = hand("sp_3").http.get("/v1/session").json()
    assert lead["specialist"]["roles"] == ["specialist", "approver", "lead"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic abc"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/session"),
        ("GET", "/v1/events"),
        ("GET", "/v1/cases/c_none"),
        ("POST", "/v1/cases/c_none/actions"),
        ("PUT", "/v1/uploads/00"),
        ("POST", "/practice/outage"),
    ],
)
def test_no_call_without_a_token(
    server: PracticeServer, method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = httpx.request(method, server.url + path, headers=headers, trust_env=False)
    assert problem(answer) == (401, "unauthenticated")
    assert set(answer.json()) == {"type", "title", "status"}
    assert answer.headers["www-authenticate"] == "Bearer"


def test_what_is_not_there_is_a_problem(me: Hand) -> None:
    assert problem(me.http.get("/v1/nothing")) == (404, "not-found")
    assert problem(me.http.get("/v1/cases/c_none")) == (404, "not-found")
    assert problem(me.http.get("/v1/cases/c_none/actions")) == (404, "not-found")
    refused = me.http.delete("/v1/session")
    assert refused.status_code == 405
    assert refused.headers["content-type"] == "application/problem+json"


def test_policy_and_templates_have_tags(me: Hand) -> None:
    for path in ("/v1/policy", "/v1/templates"):
        first = me.http.get(path)
        assert first.status_code == 200
        again = me.http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_lists_come_in_pages(me: Hand) -> None:
    whole = me.http.get("/v1/templates").json()
    assert whole["next"] is None
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"limit": "7"} | ({"cursor": cursor} if cursor else {})
        page = me.http.get("/v1/templates", params=asked).json()
        assert len(page["items"]) <= 7
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [one["id"] for one in whole["items"]]
    assert len(set(seen)) == len(seen) > 20


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "limit=x", "cursor=zz", "limit="])
def test_a_list_asked_for_wrongly(me: Hand, asked: str) -> None:
    assert problem(me.http.get(f"/v1/requesters?{asked}")) == (400, "malformed")


def test_queues_are_counted(me: Hand) -> None:
    queues = {one["id"]: one for one in me.http.get("/v1/queues").json()["items"]}
    cases = [one for one in me.cases() if one["state"] != "closed"]
    emergency = [one for one in cases if one["queue"] == "emergency"]
    assert queues["emergency"]["open"] == len(emergency)
    oldest = min(one["received_at"] for one in emergency)
    assert queues["emergency"]["oldest_received_at"] == oldest
    assert 0 < queues["emergency"]["overdue"] < len(emergency)


def test_a_full_load(me: Hand) -> None:
    changes = me.feed()
    seqs = [one["seq"] for one in changes]
    assert seqs == sorted(set(seqs))
    kinds = {one["kind"] for one in changes}
    assert kinds == {"case", "queue", "template", "policy", "requester"}
    assert all(one["op"] == "put" for one in changes)
    assert all(one["doc"]["id"] == one["id"] for one in changes)
    for one in changes:
        if one["kind"] == "case":
            assert (one["doc"]["seq"], one["doc"]["version"]) == (one["seq"], one["version"])


def test_small_pages_bring_the_same(me: Hand) -> None:
    whole = me.feed()
    pieces: list[int] = []
    cursor, more = None, True
    while more:
        asked = {"limit": "13"} | ({"after": cursor} if cursor else {})
        page = me.http.get("/v1/changes", params=asked).json()
        assert len(page["changes"]) <= 13
        pieces += [one["seq"] for one in page["changes"]]
        cursor, more = page["next"], page["more"]
    assert pieces == [one["seq"] for one in whole]
    assert cursor not in {str(seq) for seq in pieces}


def test_only_the_newest_change_is_news(me: Hand) -> None:
    case = me.open()
    cursor = me.cursor()
    for body in ("one", "two", "three"):
        assert me.act(case["id"], "note", body=body).status_code == 201
    (news,) = [one for one in me.feed(cursor) if one["kind"] == "case"]
    assert news["doc"] == me.case(case["id"])
    assert me.feed(me.cursor()) == []


def test_pages_are_cut_by_bytes(me: Hand) -> None:
    cursor = me.cursor()
    for _ in range(6):
        case = me.open()
        assert me.act(case["id"], "note", body="x" * 900_000).status_code == 201
    page = me.http.get("/v1/changes", params={"after": cursor, "limit": "1000"})
    assert len(page.content) <= 4 << 20
    assert page.json()["more"] is True
    assert len(me.feed(cursor)) == 6


def test_a_restricted_case_is_hidden_and_told_of(me: Hand, hand: Hands) -> None:
    lead = hand("sp_3")
    restricted = [one for one in lead.cases() if one["queue"] == "restricted"]
    assert restricted
    assert problem(me.http.get(f"/v1/cases/{restricted[0]['id']}")) == (404, "not-found")
    case = me.open()
    cursor = me.cursor()
    assert restricted[0]["id"] not in {one["id"] for one in me.feed()}
    moved = lead.act(case["id"], "move", queue="restricted", reason="ours").json()["case"]
    (news,) = [one for one in me.feed(cursor) if one["kind"] == "case"]
    assert (news["op"], news["id"], news["doc"]) == ("delete", case["id"], None)
    assert news["seq"] == moved["seq"]
    assert problem(me.act(case["id"], "note", body="x")) == (404, "not-found")
    assert case["id"] not in {one["id"] for one in me.cases()}
    back = lead.act(case["id"], "move", queue="emergency", reason="not ours").json()["case"]
    (news,) = [one for one in me.feed(cursor) if one["kind"] == "case"]
    assert (news["op"], news["seq"]) == ("put", back["seq"])


def test_a_case_that_disappears(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    cursor = me.cursor()
    server.control(f"remove/{case['id']}")
    (news,) = [one for one in me.feed(cursor) if one["kind"] == "case"]
    assert (news["op"], news["id"]) == ("delete", case["id"])
    assert problem(me.act(case["id"], "note", body="x")) == (404, "not-found")


@pytest.mark.parametrize("cursor", ["", "x", "MS4wLjE", "¹", "MS4yLjM="])
def test_a_cursor_that_was_never_given(me: Hand, cursor: str) -> None:
    answer = me.http.get("/v1/changes", params={"after": cursor})
    assert problem(answer) == (410, "cursor-expired")


def test_cursors_expire(server: PracticeServer, me: Hand) -> None:
    cursor = me.cursor()
    assert me.http.get("/v1/changes", params={"after": cursor}).status_code == 200
    server.control("expire-cursors")
    answer = me.http.get("/v1/changes", params={"after": cursor})
    assert problem(answer) == (410, "cursor-expired")
    assert me.http.get("/v1/changes", params={"after": me.cursor()}).status_code == 200


def test_gzip_when_asked(me: Hand) -> None:
    plain = me.http.get("/v1/changes", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    refused = me.http.get("/v1/changes", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert "content-encoding" not in refused.headers
    with me.http.stream("GET", "/v1/changes", headers={"Accept-Encoding": "br, gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        squeezed = b"".join(answer.iter_raw())
    assert len(squeezed) < len(plain.content)
    assert json.loads(gzip.decompress(squeezed)).keys() == plain.json().keys()


def test_events_say_that_there_is_news(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    with me.http.stream("GET", "/v1/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        server.control(f"touch/{case['id']}")
        seq = me_now(server, case["id"])
        while (line := next(lines)) != "event: change":
            assert line == "" or line.startswith(":")
        told = json.loads(next(lines).removeprefix("data: "))
    assert told["seq"] >= seq


def me_now(server: PracticeServer, case_id: str) -> int:
    """Return a case's seq over a connection of its own: the other one streams."""
    with server.client() as http:
        return http.get(f"/v1/cases/{case_id}").json()["seq"]


def test_an_outage_on_demand(server: PracticeServer, me: Hand) -> None:
    server.control("outage", seconds=60)
    answer = me.http.get("/v1/session")
    assert problem(answer) == (503, "slow-down")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    server.control("outage", seconds=60, mode="drop")
    with pytest.raises(httpx.TransportError):
        me.http.get("/v1/session")
    server.control("outage", seconds=0)
    assert me.http.get("/v1/session").status_code == 200


def test_an_answer_that_is_lost_was_still_applied(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    server.control("outage", seconds=60, mode="lose-answers")
    with pytest.raises(httpx.TransportError):
        me.act(case["id"], "note", version=None, key="the-key", body="x")
    server.control("outage", seconds=0)
    again = me.act(case["id"], "note", version=None, key="the-key", body="x")
    assert again.headers["idempotency-replayed"] == "true"


def test_colleagues_and_arrivals_on_demand(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    cursor = me.cursor()
    arrived = server.control("arrive")["case"]
    assert server.control(f"claim/{case['id']}")["by"] == "sp_8"
    news = {one["id"]: one["doc"] for one in me.feed(cursor) if one["kind"] == "case"}
    assert news[arrived]["state"] == "open"
    assert news[case["id"]]["claim"]["by"] == "sp_8"
