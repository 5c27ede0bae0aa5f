"""The sync against the practice desk, whose reading of the contract is not ours."""

import uuid
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.sources.escalations import EscalationsSource
from console.sync.run import Sync
from local_cache.entries import Entry, NewEntry
from local_cache.query import CaseQuery
from tests.caches import Desk
from tests.servers import PracticeServer, running, start

ME = "sp_1"


@pytest.fixture(scope="module")
def server() -> Generator[PracticeServer]:
    with running(cases=30) as made:
        yield made


class Specialist:
    """A specialist's cache and sync in front of a practice desk."""

    def __init__(self, server: PracticeServer, folder: Path) -> None:
        self.server = server
        self.here = Desk(folder)
        self.connect()

    def connect(self) -> None:
        self.source = EscalationsSource(self.server.url, self.server.token_of(ME))
        self.sync = Sync(
            self.here.cache,
            self.source,
            specialist_id=ME,
            now=lambda: datetime.now(UTC),
            on_event=lambda _: None,
        )

    def close(self) -> None:
        self.source.close()
        self.here.cache.close()

    def open_case(self) -> str:
        """Return an open case that nobody holds."""
        with self.here.cache.read() as tables:
            rows = tables.cases.rows(list(tables.cases.listing(CaseQuery())))
        return next(row.id for row in rows if row.state == "open" and row.claim_by is None)

    def version(self, case_id: str) -> str:
        row = self.here.ask(lambda tables: tables.cases.row_of(case_id))
        assert row is not None
        return row.version

    def record(self, case_id: str, kind: str, *, version: str | None = None, **body: Any) -> str:
        key = str(uuid.uuid4())
        now = datetime.now(UTC)
        common = {
            "type": kind,
            "at": now.isoformat().replace("+00:00", "Z"),
            "offline": False,
            "policy": "2026.11",
            "tool": {"name": "nightdesk", "version": "0"},
        }
        entry = NewEntry(
            key=key,
            case_id=case_id,
            type=kind,
            path=f"/v1/cases/{case_id}/actions",
            body=msgspec.json.encode(common | body),
            version=version,
            recorded_ms=int(now.timestamp() * 1000),
        )
        self.here.write(lambda tables: tables.outbox.record(entry))
        return key

    def entry(self, key: str) -> Entry:
        return self.here.entry(key)

    def done_there(self, case_id: str) -> list[str]:
        """Return the keys of what the server recorded on a case, in order."""
        return [record.id for record in self.source.actions(case_id)]


@pytest.fixture
def me(server: PracticeServer, tmp_path: Path) -> Generator[Specialist]:
    made = Specialist(server, tmp_path)
    assert made.sync.once().problem is None
    yield made
    server.control("outage", seconds=0)
    made.close()


def test_what_is_here_is_what_the_server_sends(me: Specialist) -> None:
    count = me.here.ask(lambda tables: tables.cases.count(CaseQuery()))
    assert count > 20
    case_id = me.open_case()
    stored = me.here.ask(lambda tables: tables.cases.get(case_id))
    assert stored is not None
    with me.server.client(me.server.token_of(ME)) as client:
        assert msgspec.json.decode(stored.document) == client.get(f"/v1/cases/{case_id}").json()
    with me.here.cache.read() as tables:
        assert not [
            row
            for row in tables.cases.rows(list(tables.cases.listing(CaseQuery())))
            if row.unreadable
        ]


def test_a_line_of_actions_is_delivered_in_order(me: Specialist) -> None:
    case_id = me.open_case()
    seen = me.version(case_id)
    claim = me.record(case_id, "claim", ttl="PT15M")
    assert me.sync.send_now(claim).state == "accepted"
    keys = [
        me.record(case_id, "tag", version=seen, add=["synthetic"], remove=[]),
        me.record(case_id, "note", body="A synthetic note."),
        me.record(case_id, "tag", version=seen, add=["other"], remove=[]),
        me.record(case_id, "release"),
    ]
    report = me.sync.once()
    assert [me.entry(key).error for key in keys] == [None] * 4
    assert (report.sent, report.pending) == (4, 0)
    assert me.done_there(case_id)[-5:] == [claim, *keys]
    row = me.here.ask(lambda tables: tables.cases.row_of(case_id))
    assert row is not None
    assert (row.unsent, row.changed) == (0, False)


def test_a_colleague_in_between_brings_the_rest_back(me: Specialist) -> None:
    case_id = me.open_case()
    seen = me.version(case_id)
    me.server.control(f"touch/{case_id}")
    note = me.record(case_id, "note", body="A synthetic note.")
    tag = me.record(case_id, "tag", version=seen, add=["synthetic"], remove=[])
    report = me.sync.once()
    assert (report.sent, report.changed) == (1, 1)
    assert (me.entry(note).state, me.entry(tag).state) == ("accepted", "changed")
    stored = me.here.ask(lambda tables: tables.cases.get(case_id))
    assert stored is not None
    assert stored.beside is not None


def test_a_case_that_disappears_is_masked_with_its_entry_kept(me: Specialist) -> None:
    case_id = me.open_case()
    key = me.record(case_id, "note", body="A synthetic note.")
    me.server.control(f"remove/{case_id}")
    assert me.sync.send_now(key).state == "returned"
    stored = me.here.ask(lambda tables: tables.cases.get(case_id))
    assert stored is not None
    assert stored.gone
    assert not stored.document


@pytest.mark.parametrize("mode", ["slow-down", "drop", "lose-answers"])
def test_an_outage_loses_nothing_and_repeats_nothing(me: Specialist, mode: str) -> None:
    case_id = me.open_case()
    keys = [me.record(case_id, "note", body=f"Synthetic note {n}.") for n in range(2)]
    assert me.source.session().specialist.id == ME
    me.server.control("outage", seconds=60, mode=mode)
    assert me.sync.send_now(keys[0]).state == "pending"
    report = me.sync.once()
    assert not report.online
    assert report.pending == 2
    me.server.control("outage", seconds=0)
    assert me.sync.send_now(keys[1]).state == "accepted"
    assert me.done_there(case_id)[-2:] == keys


def test_a_server_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    server = start(cases=5, keep=tmp_path / "kept")
    me = Specialist(server, tmp_path / "me")
    try:
        me.sync.once()
        case_id = me.open_case()
        first, second = (me.record(case_id, "note", body=f"Note {n}.") for n in range(2))
        server.control("outage", seconds=60, mode="lose-answers")
        me.sync.send_now(first)
        server.kill()
        assert not me.sync.once().online
        server = server.restart()
        assert me.sync.send_now(second).state == "accepted"
        assert me.entry(first).state == "accepted"
        assert me.done_there(case_id)[-2:] == [first, second]
        assert me.here.ask(lambda tables: tables.audit.verify()).ok
    finally:
        me.close()
        server.stop()
