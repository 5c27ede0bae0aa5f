"""One run of the sync: what comes, what goes, and what every answer makes of an entry."""

from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console.sync import EntryMoved, PolicyChanged, TokenWasRefused
from local_cache.drafts import Draft
from local_cache.lock import DrainLock
from local_cache.query import CaseQuery
from tests.faulty_server import Reply, Request, problem, reply
from tests.small_desk import NOON, Bench, Serve, as_served, bench


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Bench]:
    with bench(tmp_path) as made:
        made.there.case("c_1")
        made.there.case("c_2")
        yield made


@pytest.fixture
def pulled(desk: Bench) -> Bench:
    """A desk with its cases here already."""
    assert desk.sync.once().pulled == 2
    desk.server.requests.clear()
    return desk


def on_post(answer: Reply | Callable[[], Reply]) -> Callable[[Request, Serve], Reply]:
    """Answer what is posted otherwise than it would be; the rest as served."""

    def fault(request: Request, serve: Serve) -> Reply:
        if request.method != "POST":
            return serve()
        return answer if isinstance(answer, Reply) else answer()

    return fault


# --- Pulling --------------------------------------------------------------------------------------


def test_the_first_run_brings_everything(desk: Bench) -> None:
    report = desk.sync.once()
    assert (report.pulled, report.online, report.problem) == (2, True, None)
    assert report.cursor == "cur-2"
    assert desk.cached("c_1") == desk.there.cases["c_1"]
    with desk.here.cache.read() as tables:
        assert tables.policies.current() is not None
        assert [template.id for template in tables.templates.all()] == ["TPL-ACK"]
        assert [queue.id for queue in tables.queues.all()] == ["emergency"]
        assert [agency.id for agency in tables.requesters.all()] == ["a_1"]
        assert tables.meta.get("last_spoken_ms") == str(desk.clock.now_ms())
        assert '"sp_1"' in (tables.meta.get("specialist") or "")
        assert tables.cases.load_in_progress() is None
    assert PolicyChanged("2026.11") in desk.events


def test_the_next_run_brings_only_what_is_new(pulled: Bench) -> None:
    pulled.there.case("c_2", title="Changed")
    pulled.there.delete("c_1")
    report = pulled.sync.once()
    assert (report.pulled, report.cursor) == (2, "cur-4")
    assert pulled.cached("c_1") is None
    assert (pulled.cached("c_2") or {})["title"] == "Changed"
    assert not [one for one in pulled.server.requests if "requesters" in one.path]


def test_another_specialists_token_fetches_and_sends_nothing(desk: Bench) -> None:
    desk.there.me = "sp_2"
    key = desk.record()
    report = desk.sync.once()
    assert not report.online
    assert "another specialist" in (report.problem or "")
    assert {request.path for request in desk.server.requests} == {"/v1/session"}
    assert desk.entry(key).state == "pending"
    assert desk.cached("c_1") is None


def test_offline_is_a_report_and_no_error(pulled: Bench) -> None:
    key = pulled.record()
    pulled.server.close()
    report = pulled.sync.once()
    assert not pulled.sync.online
    assert (report.online, report.sent, report.pending) == (False, 0, 1)
    assert report.problem
    assert report.cursor == "cur-2"
    assert pulled.entry(key).state == "pending"


def test_an_unreadable_document_stops_nothing(desk: Bench) -> None:
    desk.there.raw("c_broken", b'{"id":"c_broken","title":"\\ud800"}')
    desk.there.case("c_3")
    desk.sync.once()
    with desk.here.cache.read() as tables:
        row = tables.cases.row_of("c_broken")
        assert row is not None
        assert row.unreadable
        assert tables.cases.count(CaseQuery()) == 4
    assert desk.cached("c_3")


def test_an_expired_cursor_reads_all_and_loses_nothing_local(pulled: Bench) -> None:
    key = pulled.record("c_1")
    pulled.there.case("c_3")
    for gone in ("c_1", "c_2"):
        del pulled.there.cases[gone], pulled.there.feed[f"case {gone}"]
    pulled.there.expired = True
    pulled.there.fault = on_post(Reply(500))
    report = pulled.sync.once()
    assert report.cursor == "cur-3"
    assert pulled.cached("c_1"), "a case with unsent entries stays"
    assert pulled.cached("c_2") is None
    assert pulled.cached("c_3")
    assert pulled.entry(key).state == "pending"


def test_a_server_that_expires_every_cursor_is_no_endless_loop(desk: Bench) -> None:
    desk.there.fault = lambda request, serve: (
        problem(410, "cursor-expired") if request.path.endswith("changes") else serve()
    )
    report = desk.sync.once()
    assert report.online
    assert "from the start" in (report.problem or "")


@pytest.mark.parametrize("following", ["cur-0", "other"])
def test_a_feed_that_promises_more_and_brings_nothing_ends(desk: Bench, following: str) -> None:
    page = reply({"changes": [], "next": following, "more": True})
    desk.there.fault = lambda request, serve: page if request.path.endswith("changes") else serve()
    key = desk.record("c_1")
    report = desk.sync.once()
    assert report.online
    assert "stuck" in (report.problem or "")
    assert desk.entry(key).state == "accepted", "deliveries go on"


def test_a_full_load_goes_on_after_a_crash_between_pages(desk: Bench) -> None:
    for number in range(2500):
        desk.there.case(f"n_{number}")
    desk.sync.once()
    desk.there.case("n_7", title="Changed")
    for number in range(2000, 2500):
        desk.there.delete(f"n_{number}")
        del desk.there.feed[f"case n_{number}"]  # as if never told: only a full load finds it
    served: list[str] = []

    class Crash(BaseException):
        pass

    def crash(request: Request, serve: Serve) -> Reply:
        if request.path.endswith("changes"):
            served.append(request.target)
        return serve()

    desk.there.fault = crash
    source = desk.sources[-1]
    read = source.changes
    calls = 0

    def changes(after: str | None, *, limit: int = 1000) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Crash
        return read(after, limit=limit)

    source.changes = changes  # pyright: ignore[reportAttributeAccessIssue] - the crash
    with pytest.raises(Crash):
        desk.sync.once(full=True)
    assert desk.here.ask(lambda tables: tables.cases.load_in_progress()) is not None

    again = desk.new_sync()
    report = again.once()
    assert report.problem is None
    assert "after=" not in served[0]
    assert "after=" in served[1], "the second run goes on where the first was cut off"
    count = desk.here.ask(lambda tables: tables.cases.count(CaseQuery()))
    assert count == 2002
    assert (desk.cached("n_7") or {})["title"] == "Changed"


def test_a_broken_connection_does_not_begin_a_full_load_anew(desk: Bench) -> None:
    for number in range(1500):
        desk.there.case(f"n_{number}")
    desk.sync.once()
    breaks = iter([Reply(reset=True)])
    asked: list[str] = []

    def fault(request: Request, serve: Serve) -> Reply:
        if not request.path.endswith("changes"):
            return serve()
        asked.append(request.target)
        return next(breaks, None) or serve() if "after=" in request.target else serve()

    desk.there.fault = fault
    report = desk.sync.once(full=True)
    assert report.problem is None
    assert ["after=" in target for target in asked] == [False, True, True]


def test_closed_cases_leave_after_the_policys_retention(desk: Bench) -> None:
    desk.there.policy["retention"] = {"closed_cases": "P30D"}
    old = (NOON - timedelta(days=31)).isoformat()
    desk.there.case("c_old", state="closed", received_at=old, updated_at=old)
    desk.there.case("c_open", received_at=old, updated_at=old)
    desk.sync.once()
    assert desk.cached("c_old") is None
    assert desk.cached("c_open")
    desk.sync.once(full=True)
    assert desk.cached("c_old") is None


def test_what_stands_around_the_cases_may_fail_without_stopping_them(desk: Bench) -> None:
    def fault(request: Request, serve: Serve) -> Reply:
        around = ("policy", "templates", "queues", "requesters")
        return Reply(500) if request.path.endswith(around) else serve()

    desk.there.fault = fault
    key = desk.record()
    report = desk.sync.once()
    assert desk.cached("c_1")
    assert desk.entry(key).state == "accepted"
    assert report.problem


def test_a_refused_token_ends_the_run_and_keeps_everything(pulled: Bench) -> None:
    keys = [pulled.record("c_1"), pulled.record("c_2")]
    pulled.there.fault = on_post(problem(401, "unauthenticated"))
    report = pulled.sync.once()
    assert not report.online
    assert "token" in (report.problem or "")
    assert TokenWasRefused() in pulled.events
    assert pulled.events.count(TokenWasRefused()) == 1
    assert pulled.states(*keys) == ["pending", "pending"]
    pulled.there.fault = lambda _, serve: serve()
    pulled.clock.pause(60)
    assert pulled.new_sync().once().sent == 2


# --- Delivering -----------------------------------------------------------------------------------


def test_entries_of_a_case_go_in_order_each_on_what_the_last_one_made(pulled: Bench) -> None:
    first = [pulled.record("c_1", version=version) for version in ("1", None, "1", "1")]
    second = [pulled.record("c_2") for _ in range(3)]
    report = pulled.sync.once()
    assert report.sent == 7
    assert report.pending == 0
    applied = pulled.there.applied
    assert [key for key in applied if key in first] == first
    assert [key for key in applied if key in second] == second
    carried = [request.headers.get("if-match") for request in pulled.sent(path="c_1")]
    assert carried == ['"1"', None, '"1++"', '"1+++"']
    assert (pulled.cached("c_1") or {})["version"] == "1++++"
    assert EntryMoved(first[0], "c_1", "assess", "accepted") in pulled.events


def test_the_exact_bytes_go_with_key_and_audit_head(pulled: Bench) -> None:
    key = pulled.record()
    body = pulled.entry(key).body
    head = pulled.here.ask(lambda tables: tables.audit.head())
    assert head is not None
    pulled.sync.once()
    (request,) = pulled.sent()
    assert request.body == body
    assert request.headers["idempotency-key"] == key
    assert request.headers["audit-head"] == f"{head[0]}:{head[1]}"
    report = pulled.here.ask(lambda tables: tables.audit.verify())
    assert report.ok
    assert report.acknowledged_seq == head[0]


@pytest.mark.parametrize(
    "receipt",
    [
        {"seq": 1, "head": "f" * 64},
        {"seq": 10**9, "head": "a"},
        {"seq": 0, "head": "0" * 64},
        {"seq": -1, "head": ""},
        "x",
    ],
)
def test_a_receipt_for_a_head_that_is_not_ours_proves_nothing(
    pulled: Bench, receipt: object
) -> None:
    def answer() -> Reply:
        (request,) = pulled.sent()
        record = {"id": request.headers["idempotency-key"], "type": "assess"}
        return reply({"action": record, "before": "1", "receipt": receipt}, 201)

    pulled.record()
    pulled.there.fault = on_post(answer)
    assert pulled.sync.once().sent == 1
    report = pulled.here.ask(lambda tables: tables.audit.verify())
    assert report.ok
    assert report.acknowledged_seq is None


def test_a_chain_broken_by_somebody_else_comes_back(pulled: Bench) -> None:
    note = pulled.record("c_1", "note", version=None)
    rest = [pulled.record("c_1"), pulled.record("c_1")]
    other = pulled.record("c_2")
    pulled.there.case("c_1", title="Somebody else was here")
    report = pulled.sync.once()
    assert pulled.entry(note).state == "accepted"
    assert pulled.states(*rest) == ["changed", "changed"]
    assert pulled.entry(other).state == "accepted"
    assert (report.sent, report.changed) == (2, 2)
    stored = pulled.here.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert stored.beside is not None
    assert msgspec.json.decode(stored.beside)["title"] == "Somebody else was here"


def test_412_keeps_both_and_holds_those_behind(pulled: Bench) -> None:
    keys = [pulled.record("c_1"), pulled.record("c_1")]
    pulled.there.case("c_1", title="New")
    report = pulled.sync.once()
    assert pulled.states(*keys) == ["changed", "pending"]
    assert (report.changed, report.pending) == (1, 1)
    assert "title" not in (pulled.cached("c_1") or {})
    stored = pulled.here.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert msgspec.json.decode(stored.beside or b"{}")["title"] == "New"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (problem(400, "malformed", errors=[{"pointer": "/x", "detail": "bad"}]), "returned"),
        (problem(403, "forbidden", required_role="lead"), "returned"),
        (problem(409, "claimed", claim={"by": "sp_7"}), "returned"),
        (problem(412, "stale"), "changed"),
        (problem(413, "too-large"), "returned"),
        (problem(422, "invalid", errors=[{"pointer": "/x", "detail": "\x1b[2J"}]), "returned"),
        (problem(422, "idempotency-key-reused"), "returned"),
        (problem(428, "precondition-required"), "returned"),
        (problem(409, "in-progress"), "pending"),
        (
            problem(429, "slow-down"),
            "pending",
        ),
        (Reply(503, headers={"Retry-After": "100000"}), "pending"),
        (Reply(500), "pending"),
        (Reply(408), "pending"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "pending"),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), "pending"),
        (Reply(404, b"<html>", {"Content-Type": "text/html"}), "pending"),
        (reply(b"{", 201), "pending"),
        (Reply(410), "returned"),
        (Reply(reset=True), "pending"),
    ],
)
def test_every_answer_of_the_table(pulled: Bench, answer: Reply, state: str) -> None:
    key, behind = pulled.record("c_1"), pulled.record("c_1")
    other = pulled.record("c_2", "note", version=None)
    pulled.there.fault = lambda request, serve: (
        answer if request.method == "POST" and "c_1" in request.path else serve()
    )
    report = pulled.sync.once()
    assert pulled.states(key, behind) == [state, "pending"]
    entry = pulled.entry(key)
    assert entry.error is not None
    assert entry.error.detail.visible()
    assert pulled.cached("c_1"), "nothing but a 404 masks a case"
    assert report.online or answer.status == 503
    if state != "pending":
        assert entry.error.status == answer.status
        assert pulled.entry(other).state == "accepted"
    # Once the server is well again, a person's retry or time itself delivers what only waited.
    if state == "pending":
        pulled.there.fault = lambda _, serve: serve()
        pulled.clock.pause(300)
        assert pulled.sync.once().pending == 0
        assert pulled.there.applied.count(key) == 1


def test_the_servers_reasons_are_kept_beside_their_fields(pulled: Bench) -> None:
    errors = [{"pointer": "/reasons/0", "detail": "unknown code"}]
    pulled.there.fault = on_post(problem(422, "invalid", errors=errors, detail="No."))
    key = pulled.record()
    pulled.sync.once()
    error = pulled.entry(key).error
    assert error is not None
    assert (error.status, error.type, error.detail.raw) == (422, "invalid", "No.")
    assert [(pointer, text.raw) for pointer, text in error.faults] == [
        ("/reasons/0", "unknown code")
    ]


def test_a_judgement_by_a_newer_policy_fetches_it(pulled: Bench) -> None:
    pulled.there.fault = on_post(problem(422, "invalid", policy="2026.12"))
    pulled.record()
    pulled.there.policy["version"] = "2026.12"
    pulled.sync.once()
    assert PolicyChanged("2026.12") in pulled.events


def test_who_holds_the_case_is_kept(pulled: Bench) -> None:
    pulled.there.holder = "sp_7"
    key = pulled.record()
    pulled.sync.once()
    error = pulled.entry(key).error
    assert error is not None
    assert error.claim_by == "sp_7"
    assert error.claim_until_ms == int((NOON + timedelta(hours=1)).timestamp() * 1000)


def test_a_release_refused_with_409_is_done(pulled: Bench) -> None:
    pulled.there.holder = "sp_7"
    release, note = (pulled.record("c_1", kind, version=None) for kind in ("release", "note"))
    assert pulled.sync.once().sent == 2
    assert pulled.states(release, note) == ["accepted", "accepted"]


def test_404_brings_the_entry_back_and_masks_the_case(pulled: Bench) -> None:
    key = pulled.record("c_1")
    del pulled.there.cases["c_1"]
    pulled.sync.once()
    assert pulled.entry(key).state == "returned"
    stored = pulled.here.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert stored.gone
    assert pulled.cached("c_1") is None
    pulled.there.case("c_1", version="9")  # visible again: a put with a new seq
    pulled.here.write(lambda tables: tables.outbox.discard(key))
    pulled.sync.once()
    assert (pulled.cached("c_1") or {})["version"] == "9"


def test_an_undo_window_is_respected(pulled: Bench) -> None:
    key = pulled.record(undo=10)
    report = pulled.sync.once()
    assert (report.sent, report.pending, pulled.entry(key).state) == (0, 1, "undoable")
    pulled.clock.pause(10)
    assert pulled.sync.once().sent == 1


def test_a_response_brings_its_attachments_first(pulled: Bench) -> None:
    content = b"synthetic letter"
    sha256 = pulled.here.write(lambda tables: tables.blobs.put(content))
    key = pulled.record("c_1", "respond", attachments=[{"sha256": sha256}])
    pulled.sync.once()
    assert pulled.there.uploads == {sha256: content}
    assert pulled.entry(key).state == "accepted"
    methods = [request.method for request in pulled.server.requests]
    assert methods.index("PUT") < methods.index("POST")


def test_files_leave_an_hour_after_the_last_that_refers_to_them(pulled: Bench) -> None:
    put = {
        name: pulled.here.write(lambda tables, name=name: tables.blobs.put(name.encode()))
        for name in ("unsent", "delivered", "drafted", "nothing")
    }

    def left() -> set[str]:
        with pulled.here.cache.read() as tables:
            return {name for name in put if tables.blobs.has(put[name])}

    draft = Draft("d", "c_2", "response", {"files": [put["drafted"]]}, pulled.clock.now_ms())
    pulled.here.write(lambda tables: tables.drafts.save(draft))
    pulled.record("c_1", "respond", attachments=[{"sha256": put["delivered"]}])
    pulled.record("c_2", "respond", attachments=[{"sha256": put["unsent"]}])
    pulled.there.fault = lambda request, serve: (
        Reply(500) if request.path.startswith("/v1/cases/c_2/actions") else serve()
    )
    pulled.clock.pause(3000)
    assert pulled.sync.once().sent == 1
    assert left() == set(put), "a file may be attached before its draft is saved"
    pulled.clock.pause(1200)
    pulled.sync.once()
    assert left() == {"unsent", "drafted"}
    pulled.here.write(lambda tables: tables.drafts.drop("d"))
    pulled.there.fault = as_served
    pulled.clock.pause(600)
    assert pulled.sync.once().sent == 1
    assert pulled.there.uploads == {put[name]: name.encode() for name in ("delivered", "unsent")}
    pulled.clock.pause(1200)
    pulled.sync.once()
    assert left() == set()


def test_an_upload_that_is_refused_brings_the_response_back(pulled: Bench) -> None:
    sha256 = pulled.here.write(lambda tables: tables.blobs.put(b"synthetic letter"))
    key = pulled.record("c_1", "respond", attachments=[{"sha256": sha256}])
    pulled.there.fault = lambda request, serve: (
        problem(422, "invalid") if request.method == "PUT" else serve()
    )
    pulled.sync.once()
    assert pulled.entry(key).state == "returned"
    assert not pulled.sent()
    assert pulled.cached("c_1")


def test_a_case_made_here_is_opened_there_and_its_entries_follow(pulled: Bench) -> None:
    from local_cache.records import Case, read, write

    case = read(
        Case,
        msgspec.json.encode(
            {
                "id": "c_mine",
                "seq": 0,
                "version": "0",
                "queue": "emergency",
                "kind": "other",
                "state": "open",
                "received_at": "2026-11-24T12:00:00Z",
            }
        ),
    )
    pulled.here.write(lambda tables: tables.cases.put_provisional(case, write(case)))
    keys = [pulled.create("c_mine"), pulled.record("c_mine", version="0")]
    report = pulled.sync.once()
    assert report.sent == 2
    assert pulled.states(*keys) == ["accepted", "accepted"]
    stored = pulled.here.ask(lambda tables: tables.cases.get("c_mine"))
    assert stored is not None
    assert not stored.provisional
    assert (pulled.cached("c_mine") or {})["version"] == "s1+"


# --- Whether it was applied -----------------------------------------------------------------------


def lose(when: str) -> Callable[[Request, Serve], Reply]:
    """Break the first try of every key, before or after it was applied."""
    tried: set[str] = set()

    def fault(request: Request, serve: Serve) -> Reply:
        key = request.headers.get("idempotency-key")
        if key is None or key in tried:
            return serve()
        tried.add(key)
        answer = None if when == "before" else serve()
        if when == "truncated" and answer is not None:
            head = (
                f"HTTP/1.1 201 X\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(answer.body)}\r\n\r\n"
            )
            return Reply(raw=[head.encode(), answer.body[:-5]])
        return Reply(502) if when == "502" else Reply(reset=True)

    return fault


@pytest.mark.parametrize("when", ["before", "after", "truncated", "502"])
def test_every_entry_is_applied_once_however_its_tries_end(pulled: Bench, when: str) -> None:
    keys = [pulled.record(case) for case in ("c_1", "c_2", "c_1", "c_2")]
    pulled.there.fault = lose(when)
    for _ in range(12):
        if pulled.sync.once().pending == 0:
            break
        pulled.clock.pause(40)
    assert sorted(pulled.there.applied) == sorted(keys)
    assert pulled.states(*keys) == ["accepted"] * 4
    assert pulled.there.applied.index(keys[0]) < pulled.there.applied.index(keys[2])


def test_a_crash_while_sending_is_sent_again_under_the_same_key(pulled: Bench) -> None:
    key = pulled.record()
    pulled.here.write(lambda tables: tables.outbox.mark_sending(key, pulled.clock.now_ms()))
    assert pulled.sync.once().sent == 1
    assert pulled.there.applied == [key]


def unknown(desk: Bench, *, applied: bool) -> str:
    """Record an entry of which a try was applied or not, and nobody knows."""
    key = desk.record()
    desk.there.fault = on_post(Reply(reset=True))
    if applied:
        desk.there.fault = lose("after")
    desk.sync.send_now(key)
    desk.there.fault = lambda _, serve: serve()
    assert desk.entry(key).unknown
    assert desk.entry(key).state == "pending"
    desk.server.requests.clear()
    return key


@pytest.mark.parametrize("applied", [True, False])
def test_older_than_the_servers_memory_it_looks_before_it_sends(
    pulled: Bench, *, applied: bool
) -> None:
    key = unknown(pulled, applied=applied)
    pulled.clock.pause(14 * 86400)
    pulled.there.kept.clear()  # the server's memory of keys
    pulled.sync.once()
    assert pulled.entry(key).state == "accepted"
    assert pulled.there.applied == [key]
    assert bool(pulled.sent()) is not applied
    assert (pulled.cached("c_1") or {})["version"] == "1+"


@pytest.mark.parametrize(("waited", "state"), [(3600, "accepted"), (3601, "to_confirm")])
def test_what_waited_longer_than_the_policy_allows_is_confirmed_again(
    pulled: Bench, waited: float, state: str
) -> None:
    pulled.there.policy["offline_confirm"] = {"decide": "PT1H"}
    key, note = pulled.record("c_1", "decide"), pulled.record("c_2", "note", version=None)
    pulled.clock.pause(waited)
    report = pulled.new_sync().once()
    assert pulled.states(key, note) == [state, "accepted"]
    if state == "to_confirm":
        assert report.pending == 1
        assert not pulled.sent(path="c_1")
        assert EntryMoved(key, "c_1", "decide", "to_confirm") in pulled.events
        now = pulled.clock.now_ms()
        pulled.here.write(lambda tables: tables.outbox.confirm(key, now))
        assert pulled.sync.once().sent == 1


@pytest.mark.parametrize("applied", [True, False])
def test_nobody_is_asked_to_confirm_what_was_applied_long_ago(
    pulled: Bench, *, applied: bool
) -> None:
    pulled.there.policy["offline_confirm"] = {"assess": "PT1H"}
    key = unknown(pulled, applied=applied)
    pulled.clock.pause(3601)
    pulled.new_sync().once()
    assert pulled.entry(key).state == ("accepted" if applied else "to_confirm")
    assert not pulled.sent()


# --- Whose turn, and how long to wait -------------------------------------------------------------


def test_a_poisonous_entry_blocks_its_own_case_only(pulled: Bench) -> None:
    poison = pulled.record("c_1")
    others = [pulled.record("c_2") for _ in range(3)]
    pulled.there.fault = lambda request, serve: (
        Reply(500) if request.method == "POST" and "c_1" in request.path else serve()
    )
    report = pulled.sync.once()
    assert report.online
    assert pulled.states(poison, *others) == ["pending", "accepted", "accepted", "accepted"]


def test_a_short_wait_is_waited_out(pulled: Bench) -> None:
    answers = iter([Reply(429, headers={"Retry-After": "2"})])
    pulled.there.fault = lambda request, serve: (
        next(answers, None) or serve() if request.method == "POST" else serve()
    )
    pulled.record()
    assert pulled.sync.once().sent == 1
    assert max(pulled.clock.waited) == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_wait_holds_every_case_but_not_a_person(pulled: Bench, status: int) -> None:
    first = pulled.record("c_1")
    pulled.there.fault = on_post(Reply(status, headers={"Retry-After": "120"}))
    assert pulled.sync.once().online is (status == 429)
    pulled.there.fault = lambda _, serve: serve()
    second, third = pulled.record("c_2"), pulled.record("c_2")
    pulled.clock.pause(100)
    assert pulled.sync.once().sent == 0
    assert len(pulled.sent()) == 1
    assert pulled.sync.send_now(second).state == "accepted"
    assert pulled.states(first, third) == ["pending", "pending"]
    pulled.clock.pause(21)
    assert pulled.sync.once().sent == 2


def test_a_claim_that_reaches_nobody_comes_back_at_once(pulled: Bench) -> None:
    claim = pulled.record("c_1", "claim", version=None)
    cut = pulled.record("c_2", "enforce", measure="CUT_STREAM")
    pulled.server.close()
    for key in (claim, cut):
        entry = pulled.sync.send_now(key)
        assert entry.state == "returned"
        assert entry.error is not None
        assert "never kept for later" in entry.error.detail.raw


def test_other_entries_that_reach_nobody_wait(pulled: Bench) -> None:
    keys = [pulled.record("c_1", "enforce", measure="RESTRICT"), pulled.record("c_2", "release")]
    pulled.server.close()
    assert [pulled.sync.send_now(key).state for key in keys] == ["pending", "pending"]


def test_a_claim_left_by_a_crash_is_not_sent_later(pulled: Bench) -> None:
    claim = pulled.record("c_1", "claim", version=None)
    pulled.clock.pause(60)
    pulled.sync.once()
    assert pulled.entry(claim).state == "returned"
    assert not pulled.sent()


@pytest.mark.parametrize("answer", [Reply(500), Reply(reset=True), Reply(429), Reply(503)])
def test_a_claim_is_never_tried_again_by_itself(pulled: Bench, answer: Reply) -> None:
    claim = pulled.record("c_1", "claim", version=None)
    pulled.there.fault = on_post(answer)
    assert pulled.sync.send_now(claim).state == "returned"
    pulled.there.fault = lambda _, serve: serve()
    pulled.clock.pause(1)
    pulled.sync.once()
    assert len(pulled.sent()) == 1


@pytest.mark.parametrize("answer", [Reply(500), Reply(reset=True), Reply(429), Reply(503)])
def test_nor_is_one_that_was_just_recorded_for_another_process(
    pulled: Bench, answer: Reply
) -> None:
    claim = pulled.record("c_1", "claim", version=None)
    pulled.there.fault = on_post(answer)
    pulled.sync.once()
    assert pulled.entry(claim).state == "returned"
    assert len(pulled.sent()) == 1


def test_send_now_sends_those_in_front_first(pulled: Bench) -> None:
    keys = [pulled.record("c_1") for _ in range(3)]
    other = pulled.record("c_2")
    assert pulled.sync.send_now(keys[1]).state == "accepted"
    assert pulled.there.applied == keys[:2]
    assert pulled.states(keys[2], other) == ["pending", "pending"]


def test_send_now_stays_behind_what_came_back(pulled: Bench) -> None:
    first = pulled.record("c_1", version="0")
    later, claim = pulled.record("c_1"), pulled.record("c_1", "claim", version=None)
    assert pulled.sync.send_now(later).state == "pending"
    assert pulled.entry(first).state == "changed"
    assert pulled.sync.send_now(claim).state == "returned"
    assert not pulled.there.applied


def test_send_now_waits_for_a_key_that_is_being_worked_on(pulled: Bench) -> None:
    answers = iter([problem(409, "in-progress")] * 2)
    pulled.there.fault = lambda request, serve: (
        next(answers, None) or serve() if request.method == "POST" else serve()
    )
    claim = pulled.record("c_1", "claim", version=None)
    assert pulled.sync.send_now(claim).state == "accepted"


def test_only_the_process_with_the_lock_delivers(pulled: Bench) -> None:
    other = DrainLock(pulled.here.path.with_name("drain.lock"))
    assert other.try_acquire()
    key = pulled.record()
    claim = pulled.record("c_2", "claim", version=None)
    pulled.there.case("c_3")
    report = pulled.sync.once()
    assert (report.sent, report.pending, report.pulled) == (0, 2, 1)
    assert report.problem
    assert pulled.sync.send_now(key).state == "pending"
    assert pulled.sync.send_now(claim).state == "returned"
    assert not pulled.sent()
    other.release()
    assert pulled.sync.once().sent == 1


def test_finishing_ends_undo_windows_and_names_what_stays(pulled: Bench) -> None:
    pulled.record("c_1", undo=10)
    stays = pulled.sync.finish(5)
    assert [entry.state for entry in stays] == ["pending"]
