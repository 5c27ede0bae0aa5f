"""A kept desk: what was acknowledged survives `kill -9`; the process starts and ends as told."""

import hashlib
import os
import sqlite3
import threading
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from console.practice.journal import SqliteJournal
from console.practice.judge import Call
from console.practice.server import open_desk
from tests.contract.hand import Hand, Json, disclosure, problem
from tests.servers import PracticeServer, running, start


def test_everything_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    server = start(cases=10, seed=3, keep=tmp_path / "kept")
    me = Hand(server)
    opened = me.open()
    me.verify_standard(opened["id"])
    decided = me.act(opened["id"], "decide", **disclosure())
    claimed = me.act(opened["id"], "claim", version=None)
    content = b"kept"
    upload = f"/v1/uploads/{hashlib.sha256(content).hexdigest()}"
    assert me.http.put(upload, content=content).status_code == 201
    cursor, before = me.cursor(), me.feed()
    server.kill()
    again = server.restart()
    try:
        assert again.url == server.url
        assert [one["token"] for one in again.specialists] == [
            one["token"] for one in server.specialists
        ]
        now = Hand(again)
        assert now.feed(cursor) == []
        assert [one for one in now.feed() if one["kind"] == "case"] == [
            one for one in before if one["kind"] == "case"
        ]
        request = decided.request
        replayed = now.http.post(
            request.url.path,
            content=request.content,
            headers={"Idempotency-Key": request.headers["idempotency-key"]},
        )
        assert (replayed.status_code, replayed.content) == (201, decided.content)
        assert replayed.headers["idempotency-replayed"] == "true"
        assert now.http.put(upload, content=content).status_code == 200
        assert now.case(opened["id"]) == claimed.json()["case"]
        again.control("advance", seconds=3600)
        assert "claim" not in now.case(opened["id"])
        now.close()
    finally:
        me.close()
        assert again.stop() == 0


def test_kills_in_the_middle_lose_nothing_acknowledged(tmp_path: Path) -> None:
    """Hands write as fast as they can; the desk is killed at any moment, thrice."""
    server = start(cases=3, seed=4, keep=tmp_path)
    first = Hand(server)
    case_id = first.open()["id"]
    first.close()
    acknowledged: dict[str, bytes] = {}
    for _ in range(3):
        enough = threading.Event()
        writer = threading.Thread(target=_write_notes, args=(server, case_id, acknowledged, enough))
        writer.start()
        assert enough.wait(20)
        server.kill()
        writer.join(20)
        server = server.restart()
    with server.client() as http:
        notes: list[Json] = http.get(f"/v1/cases/{case_id}").json()["notes"]
        recorded = [one["id"] for one in notes]
        assert len(recorded) == len(set(recorded))
        assert set(acknowledged) <= set(recorded)
        # One that was applied but never answered may be there too, at most one a kill.
        assert len(recorded) <= len(acknowledged) + 3
        listed = http.get(f"/v1/cases/{case_id}/actions?limit=1000").json()["items"]
        assert [one["id"] for one in listed] == recorded
        for key, answer in list(acknowledged.items())[-20:]:
            again = _note(http, case_id, key)
            assert (again.content, again.headers["idempotency-replayed"]) == (answer, "true")
    assert server.stop() == 0


def _note(http: httpx.Client, case_id: str, key: str) -> httpx.Response:
    return http.post(
        f"/v1/cases/{case_id}/actions",
        json={"type": "note", "at": "2026-11-23T09:15:00Z", "body": key},
        headers={"Idempotency-Key": key},
    )


def _write_notes(
    server: PracticeServer, case_id: str, acknowledged: dict[str, bytes], enough: threading.Event
) -> None:
    with server.client() as http:
        written = 0
        while True:
            key = str(uuid4())
            try:
                answer = _note(http, case_id, key)
            except httpx.TransportError:
                return
            assert answer.status_code == 201
            acknowledged[key] = answer.content
            written += 1
            if written == 15:
                enough.set()


def test_a_desk_that_is_not_kept_is_a_new_one() -> None:
    server = start(cases=5, seed=5)
    me = Hand(server)
    cursor, before = me.cursor(), me.cases()
    me.close()
    assert server.stop() == 0
    again = server.restart()
    now = Hand(again)
    assert problem(now.http.get("/v1/changes", params={"after": cursor})) == (410, "cursor-expired")
    after = now.cases()
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert min(one["seq"] for one in after) > max(one["seq"] for one in before)
    now.close()
    assert again.stop() == 0


def test_one_desk_a_directory(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path)
    with pytest.raises(OSError, match="cannot be used"):
        SqliteJournal(tmp_path)
    journal.close()
    (tmp_path / "practice.sqlite").write_bytes(b"something else entirely " * 100)
    with pytest.raises(OSError, match="cannot be used"):
        SqliteJournal(tmp_path)


def test_what_the_disk_refuses_has_not_happened(tmp_path: Path) -> None:
    desk = open_desk(cases=3, seed=1, keep=tmp_path)
    case_id, held = next(iter(desk.store.cases.items()))
    body = b'{"type":"note","at":"2026-11-23T09:15:00Z","body":"x"}'
    call = Call("POST", f"/v1/cases/{case_id}/actions", body, "key-1")
    desk.store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        desk.perform(desk.people["sp_1"], case_id, call)
    assert desk.store.cases[case_id] == held
    again = open_desk(cases=0, seed=9, keep=tmp_path)
    assert again.store.cases[case_id] == held
    assert not again.perform(again.people["sp_1"], case_id, call).replayed
    assert again.perform(again.people["sp_1"], case_id, call).replayed
    again.store.close()


def test_it_ends_at_once_with_streams_open() -> None:
    with (
        running(cases=3) as server,
        server.client() as http,
        http.stream("GET", "/v1/events") as stream,
    ):
        assert next(stream.iter_lines()).startswith(":")
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 2


def test_it_listens_on_loopback_only_and_prints_one_line() -> None:
    with running(cases=3) as server:
        assert server.url.startswith("http://127.0.0.1:")
        roles = [one["roles"] for one in server.specialists]
        assert roles[0] == ["specialist"]
        assert server.token == server.specialists[0]["token"]
        assert ["specialist", "approver", "lead"] in roles
        with server.client() as http:
            assert http.get("/v1/session").status_code == 200
        assert server.process.stdout is not None
        os.set_blocking(server.process.stdout.fileno(), False)
        assert not server.process.stdout.read()
