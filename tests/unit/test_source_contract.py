"""What each answer of the contract's table means to a client, and how documents are read."""

import base64
import hashlib
import threading
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from console.sources.base import (
    CursorExpired,
    Refused,
    Sending,
    SlowDown,
    SourceError,
    TokenRefused,
    Unreachable,
)
from console.sources.escalations import EscalationsSource
from console.sources.exchange import Bounds
from tests.faulty_server import NOW, FaultyServer, Reply, Request, problem, reply, serving

KEY = "0b7c6c1e-9a55-4a4e-8a35-1f0f4f0b9d11"
PATH = "/v1/cases/c_1/actions"
SENDING = Sending(KEY, PATH, b'{"type":"note","body":"x"}', "17", "4:" + "a" * 64)


def case(case_id: str = "c_1", seq: int = 10, version: str = "17", **more: Any) -> dict[str, Any]:
    return {
        "id": case_id,
        "seq": seq,
        "version": version,
        "queue": "emergency",
        "kind": "emergency_disclosure",
        "state": "open",
        "received_at": "2026-11-23T09:00:00Z",
        **more,
    }


def change(case_id: str, seq: int, doc: Any = None, **more: Any) -> dict[str, Any]:
    document = case(case_id, seq) if doc is None else doc
    return {
        "seq": seq,
        "kind": "case",
        "op": "put",
        "id": case_id,
        "version": "17",
        "doc": document,
        **more,
    }


class Asked:
    """A source in front of a server that answers as a test says."""

    def __init__(self, server: FaultyServer) -> None:
        self.server = server
        self.source = EscalationsSource(
            server.origin, "t", bounds=Bounds(read=5, total=10, silence=0.3), now=lambda: NOW
        )

    def answers(self, answer: Reply | Callable[[Request], Reply]) -> EscalationsSource:
        self.server.handler = (lambda _: answer) if isinstance(answer, Reply) else answer
        return self.source


@pytest.fixture
def asked() -> Generator[Asked]:
    with serving(lambda _: Reply(500)) as server:
        found = Asked(server)
        yield found
        found.source.close()


# --- The table ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "malformed"),
        (403, "forbidden"),
        (404, "not-found"),
        (409, "claimed"),
        (412, "stale"),
        (413, "too-large"),
        (422, "invalid"),
        (422, "idempotency-key-reused"),
        (428, "precondition-required"),
    ],
)
def test_a_judgement_is_refused_with_its_type(asked: Asked, status: int, kind: str) -> None:
    for answer in (
        problem(status, kind, detail="Because."),
        reply({"type": f"https://desk.example/problems/{kind}/", "detail": "Because."}, status),
    ):
        with pytest.raises(Refused) as caught:
            asked.answers(answer).send(SENDING)
        assert (caught.value.status, caught.value.type) == (status, kind)
        assert str(caught.value) == "Because."


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "malformed"),
        (403, "forbidden"),
        (404, "not-found"),
        (409, "claimed"),
        (412, "stale"),
        (413, "too-large"),
        (422, "invalid"),
        (428, "precondition-required"),
        (405, ""),
    ],
)
def test_a_problem_without_a_body_maps_by_its_status(asked: Asked, status: int, kind: str) -> None:
    with pytest.raises(Refused) as caught:
        asked.answers(Reply(status)).send(SENDING)
    assert (caught.value.status, caught.value.type) == (status, kind)
    assert str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        problem(401, "unauthenticated"),
        Reply(401),
        Reply(401, b"<html>", {"Content-Type": "text/html"}),
    ],
)
def test_401_asks_for_the_token(asked: Asked, answer: Reply) -> None:
    with pytest.raises(TokenRefused):
        asked.answers(answer).send(SENDING)


def test_410_says_that_the_feed_begins_anew(asked: Asked) -> None:
    for answer in (problem(410, "cursor-expired"), Reply(410)):
        with pytest.raises(CursorExpired):
            asked.answers(answer).changes("old", limit=10)


@pytest.mark.parametrize("status", [408, 425, 500, 502, 504, 507, 599, 202, 207])
def test_faults_and_strangers_are_unreachable(asked: Asked, status: int) -> None:
    with pytest.raises(Unreachable):
        asked.answers(problem(status, "whatever")).send(SENDING)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 412, 422, 428, 500])
def test_a_gateways_own_page_is_not_taken_for_the_services_judgement(
    asked: Asked, status: int
) -> None:
    page = Reply(status, b"<html>default backend</html>", {"Content-Type": "text/html"})
    with pytest.raises(Unreachable):
        asked.answers(page).send(SENDING)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("301", 300),
        ("9" * 5000, 300),
        ("Mon, 23 Nov 2026 09:15:20 GMT", 20),
        ("Mon, 23 Nov 2020 09:15:20 GMT", 0),
        ("Mon, 23 Nov 2099 09:15:20 GMT", 300),
        ("soon", 5),
        ("-5", 5),
        ("1e3", 5),
        ("nan", 5),
        ("\u0663", 5),
        (None, 5),
    ],
)
def test_waiting_is_as_told_and_at_most_five_minutes(
    asked: Asked, status: int, told: str | None, seconds: float
) -> None:
    if told == "\u0663":
        told = told.encode().decode("latin-1")
    headers = {} if told is None else {"Retry-After": told}
    with pytest.raises(SlowDown) as caught:
        asked.answers(Reply(status, headers=headers)).send(SENDING)
    assert caught.value.seconds == seconds
    assert caught.value.everything


def test_in_progress_asks_to_wait_with_this_key_alone(asked: Asked) -> None:
    with pytest.raises(SlowDown) as caught:
        asked.answers(
            problem(
                409,
                "in-progress",
            )
        ).send(SENDING)
    assert not caught.value.everything
    assert caught.value.seconds == 1


def test_what_the_table_adds_is_kept(asked: Asked) -> None:
    claim = {"by": "sp_7", "until": "2026-11-23T09:30:00Z"}
    with pytest.raises(Refused) as caught:
        asked.answers(problem(409, "claimed", claim=claim)).send(SENDING)
    assert caught.value.claim_by == "sp_7"
    assert caught.value.claim_until == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    errors = [{"pointer": "/reasons", "detail": "\x1b[31mmissing"}, {"detail": 7}, "x", None]
    with pytest.raises(Refused) as caught:
        asked.answers(problem(422, "invalid", errors=errors, policy="2026.12")).send(SENDING)
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.detail) == ("/reasons", "\x1b[31mmissing")
    assert caught.value.policy == "2026.12"

    with pytest.raises(Refused) as caught:
        asked.answers(problem(403, "forbidden", required_role="lead")).send(SENDING)
    assert caught.value.required_role == "lead"

    with pytest.raises(Refused) as caught:
        asked.answers(problem(412, "stale", version="18", case=case(version="18"))).send(SENDING)
    assert caught.value.document is not None
    assert caught.value.document.version == "18"
    assert msgspec.json.decode(caught.value.document.raw) == case(version="18")


@pytest.mark.parametrize(
    "members",
    [
        {"detail": 7, "errors": {}, "claim": "me", "required_role": [], "policy": {}, "case": "x"},
        {"detail": {"a": 1}, "claim": {"by": 7, "until": "never"}, "case": {"id": "../x"}},
        {"detail": None, "title": None, "claim": None, "case": None, "errors": None},
        {"type": 7},
        {"type": "/problems/\x1b[2J"},
    ],
)
def test_a_problem_with_members_of_other_types_is_still_that_problem(
    asked: Asked, members: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as caught:
        asked.answers(reply({"type": "/problems/stale"} | members, 412)).send(SENDING)
    assert caught.value.type == "stale"
    assert caught.value.document is None
    assert caught.value.claim_until is None


def test_the_servers_words_are_made_visible_and_short(asked: Asked) -> None:
    with pytest.raises(Refused) as caught:
        asked.answers(problem(422, "invalid", detail="\x1b]0;x\x07" + "y" * 9000)).send(SENDING)
    assert str(caught.value).startswith("␛]0;x␇")
    assert len(str(caught.value)) <= 500


# --- Sending --------------------------------------------------------------------------------------


def record(**more: Any) -> dict[str, Any]:
    return {"id": KEY, "type": "note", "before": "17", "after": "18", "body": {}, **more}


def test_the_exact_bytes_go_with_their_key_version_and_audit_head(asked: Asked) -> None:
    answer = reply(
        {
            "action": record(),
            "case": case(version="18", seq=11),
            "before": "17",
            "receipt": {"seq": 4, "head": "a" * 64, "at": "2026-11-23T09:15:00Z"},
        },
        201,
        Idempotency_Replayed="true",
    )
    accepted = asked.answers(answer).send(SENDING)
    (request,) = asked.server.requests
    assert (request.method, request.target, request.body) == ("POST", PATH, SENDING.body)
    assert request.headers["idempotency-key"] == KEY
    assert request.headers["if-match"] == '"17"'
    assert request.headers["audit-head"] == "4:" + "a" * 64
    assert accepted.action is not None
    assert (accepted.action.before, accepted.action.after) == ("17", "18")
    assert accepted.document is not None
    assert accepted.document.seq == 11
    assert (accepted.receipt.seq, accepted.receipt.head) == (4, "a" * 64)
    assert accepted.replayed


def test_without_a_version_there_is_no_if_match(asked: Asked) -> None:
    answer = reply({"action": record(before=None), "before": "16"}, 201)
    accepted = asked.answers(answer).send(Sending(KEY, PATH, b"{}", None, None))
    assert "if-match" not in asked.server.requests[0].headers
    assert accepted.action is not None
    assert accepted.action.before == "16"
    assert not accepted.replayed
    assert accepted.receipt.seq is None


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"{", 201),
        reply({}, 201),
        reply({"action": record(id="another"), "case": case()}, 201),
        reply({"action": record(), "case": case("c_2")}, 201),
        reply({"action": record(), "case": case()}, 200),
    ],
)
def test_a_201_that_is_not_ours_leaves_the_outcome_unknown(asked: Asked, answer: Reply) -> None:
    with pytest.raises(Unreachable):
        asked.answers(answer).send(SENDING)


def test_a_case_is_opened_by_hand(asked: Asked) -> None:
    accepted = asked.answers(reply(case("c_9"), 201)).send(
        Sending(KEY, "/v1/cases", b"{}", None, None)
    )
    assert accepted.document is not None
    assert accepted.document.id == "c_9"


@pytest.mark.parametrize(
    "sending",
    [
        Sending(KEY, "/v1/cases/../actions", b"{}", None, None),
        Sending(KEY, "/v1/cases/c_1/actions?x=1", b"{}", None, None),
        Sending(KEY, "//evil.example/v1/cases", b"{}", None, None),
        Sending("two words", PATH, b"{}", None, None),
        Sending(KEY, PATH, b"{}", 'a"b', None),
        Sending(KEY, PATH, b"{}", "a\r\nX: y", None),
        Sending(KEY, PATH, b"{}", None, "a\nb"),
    ],
)
def test_an_entry_that_would_go_elsewhere_is_not_sent(asked: Asked, sending: Sending) -> None:
    with pytest.raises(SourceError):
        asked.source.send(sending)
    assert not asked.server.requests


def test_an_upload_and_its_refusal(asked: Asked) -> None:
    content = b"synthetic"
    sha256 = hashlib.sha256(content).hexdigest()
    for status in (200, 201):
        asked.answers(Reply(status)).upload(sha256, content)
    assert asked.server.requests[-1].body == content
    assert asked.server.requests[-1].target == f"/v1/uploads/{sha256}"
    with pytest.raises(Refused):
        asked.answers(problem(422, "invalid")).upload(sha256, content)
    with pytest.raises(SourceError):
        asked.source.upload("../etc", content)


# --- The feed -------------------------------------------------------------------------------------


def test_a_page_brings_every_kind_of_change(asked: Asked) -> None:
    def entry(seq: int, kind: str, doc: Any) -> dict[str, Any]:
        return {"seq": seq, "kind": kind, "op": "put", "id": doc["id"], "version": "1", "doc": doc}

    page = asked.answers(
        reply(
            {
                "changes": [
                    change("c_1", 1),
                    entry(2, "queue", {"id": "emergency", "name": "Emergency"}),
                    entry(3, "template", {"id": "TPL-ACK", "version": "3"}),
                    entry(4, "policy", {"id": "default", "version": "2026.11"}),
                    entry(5, "requester", {"id": "a_1", "name": "City Police"}),
                    {
                        "seq": 6,
                        "kind": "case",
                        "op": "delete",
                        "id": "c_2",
                        "version": None,
                        "doc": None,
                    },
                    {
                        "seq": 7,
                        "kind": "weather",
                        "op": "put",
                        "id": "w",
                        "version": "1",
                        "doc": {},
                    },
                ],
                "next": "after 7/?&",
                "more": True,
                "future": {},
            }
        )
    ).changes(None, limit=1000)
    assert asked.server.requests[0].target == "/v1/changes?limit=1000"
    first, queue, template, policy, requester, gone = page.changes
    assert first.document is not None
    assert first.document.case is not None
    assert msgspec.json.decode(first.document.raw) == case("c_1", 1)
    assert (queue.queue and queue.queue.id) == "emergency"
    assert (template.template and template.template.id) == "TPL-ACK"
    assert (policy.policy and policy.policy.version) == "2026.11"
    assert (requester.requester and requester.requester.id) == "a_1"
    assert (gone.op, gone.id, gone.document) == ("delete", "c_2", None)
    assert (page.next, page.more, page.skipped) == ("after 7/?&", True, 0)
    asked.source.changes(page.next, limit=5)
    assert asked.server.requests[1].target == "/v1/changes?limit=5&after=after%207%2F%3F%26"


BROKEN = [
    b'{"id":"c_2","seq":"two"}',
    b'{"id":"c_2"}',
    b'{"id":"c_2","title":"\xff\xfe"}',
    b'{"id":"c_2","title":"\\ud800"}',
    b'{"id":"c_2","graphic_level":NaN}',
    b'{"id":"c_2","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"[]",
    b'"text"',
    b"1" + b"0" * 5000,
    msgspec.json.encode(case("c_2", 2))[:-1] + b',"state":"closed"}',
    msgspec.json.encode(case("c_2", 2))[:-1] + b', "unknown": [{"a": 1, "\\u0061": 2}]}',
    msgspec.json.encode(case("c_2", 2))[:-1] + b',"huge":' + b"9" * 5000 + b"}",
    msgspec.json.encode(case("c_other", 2)),
    msgspec.json.encode(case("c_2", 2**70)),
    msgspec.json.encode(case("c_2", -1)),
]


def feed(entries: list[bytes]) -> Callable[[Request], Reply]:
    """Serve `entries` as a feed whose cursors are places in the list."""

    def handler(request: Request) -> Reply:
        query = dict(part.split("=") for part in request.target.partition("?")[2].split("&"))
        start = int(query.get("after", "0"))
        end = min(start + int(query["limit"]), len(entries))
        more = b"true" if end < len(entries) else b"false"
        body = b'{"changes":[%s],"next":"%d","more":%s}' % (
            b",".join(entries[start:end]),
            end,
            more,
        )
        return reply(body)

    return handler


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_document_becomes_an_unreadable_case_and_the_feed_goes_on(
    asked: Asked, broken: bytes
) -> None:
    good = [msgspec.json.encode(change(f"c_{n}", n)) for n in (1, 3)]
    bad = b'{"seq":2,"kind":"case","op":"put","id":"c_2","version":"5","doc":%s}' % broken
    source = asked.answers(feed([good[0], bad, good[1]]))
    cursor, found = None, {}
    while True:
        page = source.changes(cursor, limit=1000)
        found |= {entry.id: entry.document for entry in page.changes}
        cursor = page.next
        if not page.more:
            break
    assert set(found) == {"c_1", "c_2", "c_3"}
    assert found["c_1"].case
    assert found["c_3"].case
    assert found["c_2"].case is None
    assert (found["c_2"].id, found["c_2"].seq, found["c_2"].version) == ("c_2", 2, "5")


def test_an_entry_that_names_nothing_is_passed_over_and_counted(asked: Asked) -> None:
    entries = [
        msgspec.json.encode(change("c_1", 1)),
        b'{"seq":2,"kind":"case","op":"put","id":"../../x","version":"1","doc":{}}',
        b'{"seq":2,"kind":"case","op":"put","id":"..","version":"1","doc":{}}',
        b'{"seq":"2","kind":"case","op":"put","id":"c_2","version":"1","doc":{}}',
        b'{"seq":-2,"kind":"case","op":"delete","id":"c_2","version":"1","doc":null}',
        b"7",
        msgspec.json.encode(change("c_3", 3)),
    ]
    page = asked.answers(feed(entries)).changes(None, limit=100)
    assert [entry.id for entry in page.changes] == ["c_1", "c_3"]
    assert page.skipped == 5


@pytest.mark.parametrize("kind", ["queue", "template", "policy", "requester"])
def test_a_broken_document_of_another_kind_brings_nothing(asked: Asked, kind: str) -> None:
    entry = b'{"seq":1,"kind":"%s","op":"put","id":"x","version":"1","doc":{"id":7}}'
    page = asked.answers(feed([entry % kind.encode()])).changes(None, limit=100)
    (found,) = page.changes
    assert (found.document, found.queue, found.template, found.policy, found.requester) == (
        None,
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b"[]",
        b'{"changes":[],"next":null,"more":false}',
        b'{"changes":[],"next":"","more":false}',
        b'{"changes":{},"next":"x","more":false}',
        b'{"changes":[],"next":7}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * (5 * 1024 * 1024),
    ],
)
def test_a_feed_that_cannot_be_passed_says_that_it_is_stuck(asked: Asked, body: bytes) -> None:
    with pytest.raises(Unreachable, match="stuck"):
        asked.answers(reply(body)).changes("here", limit=1000)


def test_a_page_that_is_too_large_is_read_in_smaller_ones(asked: Asked) -> None:
    narrative: dict[str, Any] = {"request": {"narrative": "x" * 1_500_000}}
    entries = [
        msgspec.json.encode(change(f"c_{n}", n, case(f"c_{n}", n, **narrative))) for n in range(4)
    ]
    page = asked.answers(feed(entries)).changes(None, limit=1000)
    assert [entry.id for entry in page.changes] == ["c_0"]
    assert page.more


# --- Documents ------------------------------------------------------------------------------------


def test_policy_and_templates_travel_once(asked: Asked) -> None:
    def handler(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"e1"':
            return Reply(304, headers={"ETag": '"e1"'})
        if request.path == "/v1/policy":
            return reply({"id": "default", "version": "1"}, ETag='"e1"')
        return reply(
            {"items": [{"id": "TPL-1", "version": "1"}, {"id": 7}], "next": None}, ETag='"e1"'
        )

    source = asked.answers(handler)
    assert source.policy() == source.policy()
    assert source.templates() == source.templates()
    assert [template.id for template in source.templates()] == ["TPL-1"]
    sent = [request.headers.get("if-none-match") for request in asked.server.requests]
    assert sent == [None, '"e1"', None, '"e1"', '"e1"']


@pytest.mark.parametrize("etag", ["\xff", '"a', "a", "W/", '"\x80"'])
def test_an_entity_tag_that_cannot_be_sent_back_is_forgotten(asked: Asked, etag: str) -> None:
    source = asked.answers(reply({"id": "default", "version": "1"}, ETag=etag))
    assert source.policy() == source.policy()
    assert "if-none-match" not in asked.server.requests[1].headers


def test_a_list_is_read_page_by_page(asked: Asked) -> None:
    def handler(request: Request) -> Reply:
        if "cursor=two" in request.target:
            return reply({"items": [{"id": "a_2"}], "next": None})
        return reply({"items": [{"id": "a_1"}], "next": "two"})

    assert [agency.id for agency in asked.answers(handler).requesters()] == ["a_1", "a_2"]


def test_a_list_without_an_end_is_given_up(asked: Asked) -> None:
    with pytest.raises(Unreachable, match="without an end"):
        asked.answers(reply({"items": [], "next": "again"})).queues()


def test_a_case_must_be_the_one_that_was_asked_for(asked: Asked) -> None:
    assert asked.answers(reply(case("c_1"))).case("c_1").case is not None
    assert asked.answers(reply({"id": "c_1", "seq": 3, "version": 7})).case("c_1").case is None
    for body in (case("c_2"), [], 7, {"id": "c_1", "seq": "x"}):
        with pytest.raises(Unreachable):
            asked.answers(reply(body)).case("c_1")
    with pytest.raises(SourceError):
        asked.source.case("..")


def test_an_attachment_is_bounded_and_its_digest_checked(asked: Asked) -> None:
    content = b"synthetic file"
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    good = {"Content-Type": "application/pdf", "Repr-Digest": f"sha-256=:{digest}:"}
    assert asked.answers(Reply(200, content, good)).attachment("f1", limit=100) == content
    assert asked.server.requests[0].headers["accept-encoding"] == "identity"
    with pytest.raises(Refused) as caught:
        asked.answers(Reply(200, content, good)).attachment("f1", limit=5)
    assert caught.value.status == 413
    for headers in ({}, {"Repr-Digest": "sha-256=:AAAA:"}, {"Repr-Digest": f"md5=:{digest}:"}):
        with pytest.raises(Unreachable):
            asked.answers(Reply(200, content, headers)).attachment("f1", limit=100)
    with pytest.raises(Refused):
        asked.answers(problem(403, "forbidden")).attachment("f1", limit=100)


# --- Events ---------------------------------------------------------------------------------------


def stream(*parts: bytes, hold: threading.Event | None = None) -> Reply:
    head = b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
    return Reply(raw=[head, *parts], hold=hold)


@pytest.mark.parametrize(
    "parts",
    [
        (b'event: change\ndata: {"seq": 1}\n\n: hello\n\nevent: change\ndata: {}\n\n',),
        (b"event: change\r\ndata: 1\r", b"\n\r\n", b"event:change\rdata:2\r\r:\r"),
        (b"eve", b"nt: change\nda", b"ta: 1\n", b"\nevent: change\ndata: 2\n\n"),
        (
            b"event: other\ndata: 1\n\nevent: change\n\ndata: 1\n\n",
            b"event: change\ndata: 1\n\nevent: change\ndata: 2\n\nevent: change\ndata: 3",
        ),
    ],
)
def test_the_stream_nudges_once_at_its_start_and_for_every_change(
    asked: Asked, parts: tuple[bytes, ...]
) -> None:
    assert len(list(asked.answers(stream(*parts)).nudges())) == 3


def test_a_silent_stream_is_dead(asked: Asked) -> None:
    nudges = asked.answers(stream(b": hello\n\n", hold=threading.Event())).nudges()
    next(nudges)
    with pytest.raises(Unreachable, match="in time"):
        next(nudges)


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b"{}", {"Content-Type": "application/json"}),
        Reply(404),
        Reply(503),
        stream(b"x" * 200_000),
    ],
)
def test_what_is_no_event_stream_ends_in_an_error(asked: Asked, answer: Reply) -> None:
    with pytest.raises(SourceError):
        list(asked.answers(answer).nudges())
