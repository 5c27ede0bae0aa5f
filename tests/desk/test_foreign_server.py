"""A server that someone else wrote, and that does everything wrong which a server can do.

Whatever comes, each command says what happened, ends with the status that it promises, keeps what
was recorded, and goes on once the server is sound again.
"""

import json
import threading
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from console.casework import actions
from console.desk import Desk
from console.profiles.home import Profile
from console.sources.escalations import EscalationsSource
from console.sources.exchange import Bounds
from console.words.case import case_lines
from local_cache.cache import Cache
from local_cache.cases import CaseRow
from local_cache.query import CaseQuery
from tests.caches import KEY
from tests.desk.shell import Outcome, Shell
from tests.hostile import CANARY
from tests.hostile_server import (
    ME,
    TOKEN,
    Answer,
    Asked,
    Fault,
    HostileServer,
    answer,
    full_case,
    problem,
    serving,
)

RET = "returned"

SOMEBODY_ELSES = (
    b'{"id": "somebody_else", "seq": 1, "version": "1", "queue": "q", "kind": "other",'
    b' "state": "open", "received_at": "2026-11-23T08:00:00Z"}'
)
SOON = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)


@pytest.fixture
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title="first")
        yield other


def always(reply: Answer) -> Fault:
    return lambda asked: reply


def on(method: str, path: str, reply: Answer) -> Fault:
    return lambda asked: reply if (asked.method, asked.path) == (method, path) else None


# --- From the shell -----------------------------------------------------------------------------

WRONG: dict[str, tuple[Fault, str]] = {
    "not JSON": (always(answer(b"<html>not here</html>")), "stuck|answer"),
    "JSON that is none": (always(answer(b'{"changes": [')), "stuck"),
    "another JSON": (always(answer([1, 2, 3])), "stuck"),
    "null": (always(answer(None)), "stuck"),
    "another type": (
        always(Answer(200, b"{}", {"Content-Type": "text/html"})),
        "not as this service does|not JSON|answer",
    ),
    "no type": (always(Answer(200, b"{}")), "answer"),
    "cut off": (always(Answer(200, b"{}" * 500, {"Content-Type": "application/json"}, 90)), ""),
    "redirect": (always(Answer(302, b"", {"Location": "https://planted.example/"})), "redirect"),
    "gzip that is none": (
        always(
            Answer(200, b"xx", {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        ),
        "gzip",
    ),
    "slow down": (always(problem(429, "slow-down", retry_after="7")), "wait 7 s"),
    "slow down by date": (always(problem(429, "slow-down", retry_after=SOON)), "wait"),
    "slow down by nonsense": (always(problem(503, "slow-down", retry_after="soon")), "wait 5 s"),
    "down": (always(problem(503, "slow-down", retry_after="99999")), "wait 300 s"),
    "fault of its own": (always(problem(500, "internal")), "fault of its own"),
    "not its token": (always(problem(401, "unauthenticated")), "token"),
    "forbidden": (always(problem(403, "forbidden", required_role="lead")), "forbidden"),
    "teapot": (always(problem(418, "teapot")), ""),
}
REFUSES = ("forbidden", "teapot")
"""What is a judgement on an entry: it comes back."""
ANSWERS_US = (*REFUSES, "slow down", "slow down by date")
"""What only a server says that is there for us."""


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[HostileServer, Shell]]:
    """A shell that has pulled once, and recorded a note that has not gone yet."""
    with serving() as other:
        other.case("c_1", title="first")
        shell = Shell(tmp_path_factory.mktemp("foreign") / "home")
        assert shell.connect(other.url, TOKEN).json()["pulled"] >= 1
        other.fault = always(problem(503, "slow-down", retry_after="1"))
        assert shell("note", "c_1", "kept").status == 0
        yield other, shell


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    desk: Desk, server: HostileServer, name: str
) -> None:
    desk.sync_once()
    server.fault, said = WRONG[name]
    entry = desk.act("c_1", actions.Note(body="kept"))
    report = desk.sync_once()
    assert report.online is (name in ANSWERS_US)
    assert any(word in (report.problem or "") for word in said.split("|")), report.problem
    assert CANARY not in (report.problem or "")
    assert "c_1" in rows(desk)
    assert server.applied == []
    if name not in REFUSES:
        assert desk.entry(entry.key).state in ("pending", "sending")
    if name not in (*REFUSES, "not its token"):  # only another token ends that one
        server.fault = lambda asked: None
        assert desk.deliver(desk.retry(entry.key).key).state == "accepted"
        assert len(server.applied) == 1


@pytest.mark.parametrize("name", ["not JSON", "slow down", "not its token", "redirect"])
def test_the_shell_says_it_too(pulled: tuple[HostileServer, Shell], name: str) -> None:
    server, shell = pulled
    server.fault, said = WRONG[name]
    outcome = shell("sync")
    assert outcome.status == 6
    assert any(word in outcome.err for word in said.split("|")), outcome.err


def test_at_last_it_goes_once(pulled: tuple[HostileServer, Shell]) -> None:
    server, shell = pulled
    server.fault = lambda asked: None
    [entry] = shell("outbox", "--json").lines()
    assert entry["state"] == "pending"
    assert shell("outbox", "retry", entry["entry"]).status == 0
    assert [case for case, _ in server.applied] == ["c_1"]
    assert shell("outbox", "--json").lines() == []
    assert shell("sync", "--json").json()["online"] is True


# --- Through the desk ---------------------------------------------------------------------------


@pytest.fixture
def desk(server: HostileServer, tmp_path: Path) -> Generator[Desk]:
    cache = Cache.open(tmp_path / "cache.db", KEY)
    profile = Profile(
        name="other",
        origin=server.url,
        source="escalations",
        specialist_id=ME,
        created_at=datetime.now(UTC),
    )
    quick = Bounds(total=1.0)
    made = Desk(profile, cache, lambda: EscalationsSource(server.url, TOKEN, bounds=quick))
    yield made
    made.close()


def rows(desk: Desk) -> dict[str, CaseRow]:
    return {row.id: row for row in desk.rows(desk.listing(CaseQuery()))}


def document(desk: Desk, case_id: str) -> Any:
    return json.loads(desk.case(case_id).stored.document)


ANSWERS: dict[str, tuple[Answer, str, str]] = {
    "malformed": (problem(400, "malformed", errors=[{"pointer": "/x", "detail": "y"}]), RET, "y"),
    "forbidden": (problem(403, "forbidden", required_role="lead"), RET, "lead"),
    "not found": (problem(404, "not-found"), RET, "not-found"),
    "claimed": (problem(409, "claimed", claim={"by": "sp_3", "until": None}), RET, "sp_3"),
    "claimed by nonsense": (problem(409, "claimed", claim=[7]), RET, "claimed"),
    "too large": (problem(413, "too-large", limit=1), RET, "too-large"),
    "invalid": (problem(422, "invalid", errors=[{"pointer": "/body"}, 7]), RET, "/body"),
    "invalid, said nowhere": (problem(422, "invalid", errors={"a": "b"}), RET, "invalid"),
    "key known": (problem(422, "idempotency-key-reused"), RET, "reused"),
    "precondition": (problem(428, "precondition-required"), RET, "precondition"),
    "stale without a case": (problem(412, "stale", version="9"), "changed", "stale"),
    "stale with another's": (problem(412, "stale", case={"id": "c", "seq": 1}), "changed", "stale"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_refusal_is_told_in_its_words_and_keeps_the_entry(
    desk: Desk, server: HostileServer, name: str
) -> None:
    desk.sync_once()
    reply, state, words = ANSWERS[name]
    server.fault = on("POST", "/v1/cases/c_1/actions", reply)
    entry = desk.deliver(desk.act("c_1", actions.Note(body="once more")).key)
    assert entry.state == state
    assert entry.error is not None
    told = [entry.error.detail.visible(), entry.error.claim_by or ""]
    told += [part for at, why in entry.error.faults for part in (at, why.visible())]
    assert words in " ".join(told)
    assert server.applied == []
    assert desk.discard(entry.key)


@pytest.mark.parametrize(
    ("name", "status"), [("not found", 3), ("invalid", 4), ("stale without a case", 5)]
)
def test_a_refusal_has_its_exit_status(
    server: HostileServer, tmp_path: Path, name: str, status: int
) -> None:
    shell = Shell(tmp_path / "home")
    shell.connect(server.url, TOKEN)
    server.fault = on("POST", "/v1/cases/c_1/actions", ANSWERS[name][0])
    assert shell("note", "c_1", "once").status == status


def test_a_broken_document_in_a_page_hides_no_other(desk: Desk, server: HostileServer) -> None:
    for number, broken in enumerate(
        (
            b'{"id": "b_0"}',
            b"[]",
            b'"text"',
            b'{"id": "b_3", "seq": "one", "version": 3}',
            SOMEBODY_ELSES,
            b'{"id": "b_5", "title": "\xff\xfe"}',
            b'{"id": "b_6", "deep": ' + b"[" * 3000 + b"]" * 3000 + b"}",
            b'{"id": "b_7", "number": NaN}',
            b'{"id": "b_8", "received_at": "yesterday"}',
        )
    ):
        server.raw(f"b_{number}", broken)
    server.case("c_2", title="last")
    report = desk.sync_once()
    assert report.online
    listed = rows(desk)
    assert {"c_1", "c_2"} <= listed.keys()
    assert {row.id for row in listed.values() if row.unreadable} == {f"b_{n}" for n in range(9)}
    assert not listed["c_2"].unreadable
    server.case("b_0", title="mended")
    desk.sync_once()
    assert not rows(desk)["b_0"].unreadable


def test_nulls_for_everything_that_may_be_missing(desk: Desk, server: HostileServer) -> None:
    members = full_case(iter(["text"] * 200))
    server.case("c_null", **dict.fromkeys(members))

    def emptied(value: Any) -> Any:
        if isinstance(value, dict):
            kept = ("id", "tier", "type", "rel", "case", "state", "from")
            return {k: v if k in kept and isinstance(v, str) else None for k, v in value.items()}
        if isinstance(value, list):
            return [emptied(item) if isinstance(item, dict) else item for item in value]
        return None

    deep = {name: emptied(value) for name, value in members.items()}
    server.case("c_deep", **{k: v for k, v in deep.items() if k != "claim"})
    assert desk.sync_once().online
    listed = rows(desk)
    assert not listed["c_null"].unreadable
    assert not listed["c_deep"].unreadable
    for case_id in ("c_null", "c_deep"):
        assert list(case_lines(desk.case(case_id), desk.server_now(), desk.policy()))


def test_members_that_nobody_knows_are_kept(desk: Desk, server: HostileServer) -> None:
    extra = {"x-new": {"deep": [1, {"b": None}], "text": "kept"}, "messages": [{"id": "m", "z": 1}]}
    server.case("c_x", **extra)
    desk.sync_once()
    kept = document(desk, "c_x")
    assert kept["x-new"] == extra["x-new"]
    assert kept["messages"] == extra["messages"]
    assert kept == server.cases["c_x"]


def test_a_document_of_two_mebibytes(desk: Desk, server: HostileServer) -> None:
    size = 2 * 1024 * 1024 - 600
    server.case("c_big", request={"narrative": "word " * (size // 5)})
    server.case("c_after", title="after it")
    assert desk.sync_once().online
    listed = rows(desk)
    assert not listed["c_big"].unreadable
    assert "c_after" in listed
    told = list(case_lines(desk.case("c_big"), desk.server_now(), desk.policy()))
    assert sum(len(line.text) for line in told) < 100_000
    assert any("more characters" in line.text for line in told)


POLICIES: dict[str, dict[str, Any]] = {
    "bare": {},
    "empty": {
        "dispositions": [],
        "reasons": [],
        "clocks": [],
        "tiers": [],
        "verification": {"checks": [], "levels": {}},
        "offline_confirm": {},
        "never_fetch": [],
        "retention": {},
        "fallback": {},
    },
    "null": dict.fromkeys(
        ("owner", "dispositions", "reasons", "clocks", "verification", "tiers", "undo_window",
         "claim_ttl", "offline_confirm", "offline_max", "never_fetch", "retention", "fallback")
    ),
    "unknown words": {
        "dispositions": [
            {"code": "ASK_THE_MOON", "label": "?", "needs": ["a_new_member", "reasons"],
             "verification": "VERIFIED_BY_NOBODY", "four_eyes_when": ["moon:full", "tier>=Z9"],
             "x-new": 1}],
        "clocks": [{"rule": "R", "starts": "moonrise", "duration": "promptly", "kind": "lunar",
                    "applies_to": {"moon": "full"}, "stops_on": ["dance"]}],
        "new": {"member": 1},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_of_another_kind(desk: Desk, server: HostileServer, name: str) -> None:
    server.policy = {"id": "default", "version": "9"} | POLICIES[name]
    assert desk.sync_once().online
    assert desk.policy().version == "9"
    entry = desk.act("c_1", actions.Note(body="still possible"))
    assert desk.deliver(entry.key).state == "accepted"
    found = desk.judge("c_1", actions.Decide(disposition="ASK_THE_MOON"))
    assert found, "a decision without what the policy asks for cannot pass"


def test_a_policy_that_breaks_the_contract_takes_no_case_away(
    desk: Desk, server: HostileServer
) -> None:
    server.policy = {"id": "default", "version": "1"}
    desk.sync_once()
    server.policy = {"id": "default", "version": "2", "undo_window": "soon"}
    server.touch("policy", server.policy)
    server.case("c_2")
    report = desk.sync_once()
    assert "c_2" in rows(desk)
    assert desk.policy().version == "1", "the last one that could be read stays"
    assert report.problem


def test_a_desk_without_queues_and_templates(desk: Desk, server: HostileServer) -> None:
    assert desk.sync_once().online
    assert desk.queues() == []
    assert desk.templates() == []
    assert "c_1" in rows(desk)


def test_a_cursor_that_expires_loses_nothing(desk: Desk, server: HostileServer) -> None:
    desk.sync_once()
    server.fault = always(problem(503, "slow-down", retry_after="1"))
    entry = desk.act("c_1", actions.Note(body="recorded before"))
    gone: list[str] = []

    def once(asked: Asked) -> Answer | None:
        if asked.path == "/v1/changes" and "after" in asked.query and not gone:
            gone.append(asked.path)
            return problem(410, "cursor-expired")
        return None

    server.fault = once
    server.case("c_new")
    assert desk.sync_once().online
    assert gone
    assert {"c_1", "c_new"} <= rows(desk).keys()
    kept = desk.entry(entry.key)
    assert kept.state in ("pending", "accepted")


def test_a_slow_server_is_left_in_time(desk: Desk, server: HostileServer) -> None:
    desk.sync_once()
    go_on = threading.Event()

    def slow(asked: Asked) -> Answer | None:
        go_on.wait(20)
        return None

    server.fault = slow
    try:
        report = desk.sync_once()
        assert not report.online
        assert "did not answer in time" in (report.problem or "")
        assert "c_1" in rows(desk)
    finally:
        go_on.set()


def test_an_answer_that_is_lost_is_found_again(desk: Desk, server: HostileServer) -> None:
    """It was applied, but the 201 never came whole: the same key, once."""
    desk.sync_once()
    serve: Callable[[Asked], Answer] = server.serve
    lost: list[str] = []

    def cut(asked: Asked) -> Answer | None:
        if asked.method == "POST" and not lost:
            lost.append(asked.headers["idempotency-key"])
            whole = serve(asked)
            return Answer(whole.status, whole.body, whole.headers, cut=20)
        return None

    server.fault = cut
    entry = desk.act("c_1", actions.Note(body=CANARY))
    first = desk.deliver(entry.key)
    assert lost
    assert first.state != "accepted"
    assert desk.deliver(desk.retry(entry.key).key).state == "accepted"
    assert len(server.applied) == 1


def test_errors_hold_nothing_of_a_case(desk: Desk, server: HostileServer) -> None:
    server.case("c_1", title=CANARY)
    server.raw("c_2", b'{"id": "c_2", "title": "%s", "seq": []}' % CANARY.encode())
    report = desk.sync_once()
    assert CANARY not in (report.problem or "")
    assert isinstance(report.problem, str | None)


def test_the_console_and_the_list_show_what_cannot_be_read(
    server: HostileServer, tmp_path: Path
) -> None:
    server.raw("b_1", b'{"id": "b_1"}')
    shell = Shell(tmp_path / "home")
    shell.connect(server.url, TOKEN)
    listed: Outcome = shell("cases")
    assert "UNREADABLE" in listed.out
    assert "first" in listed.out
    told = shell("case", "b_1")
    assert told.status == 0
    assert "cannot be read" in told.out
