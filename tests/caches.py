"""Making small, synthetic cases and caches for the tests of local_cache."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from local_cache.cache import Cache, Tables
from local_cache.cases import Incoming
from local_cache.entries import CREATION_PATH, Entry, NewEntry, Problem
from local_cache.records import Case, Unreadable, read

KEY = bytes(range(32))
NOON = 1_795_521_600_000
"""2026-11-24T12:00:00Z in milliseconds: the tests' present."""

T = TypeVar("T")


def wire(case_id: str = "c_1", seq: int = 1, version: str = "1", **members: Any) -> bytes:
    """Return a case document as a server might send it."""
    document: dict[str, Any] = {
        "id": case_id,
        "seq": seq,
        "version": version,
        "queue": "emergency",
        "kind": "emergency_disclosure",
        "state": "open",
        "received_at": "2026-11-24T09:00:00.000Z",
        **members,
    }
    return json.dumps(document, ensure_ascii=False).encode()


def incoming(case_id: str = "c_1", seq: int = 1, version: str = "1", **members: Any) -> Incoming:
    raw = wire(case_id, seq, version, **members)
    return Incoming(id=case_id, seq=seq, version=version, raw=raw, case=parsed(raw))


def parsed(raw: bytes) -> Case | None:
    try:
        return read(Case, raw)
    except Unreadable:
        return None


def clock(due: str, **members: Any) -> dict[str, Any]:
    return {"id": "k1", "kind": "policy", "label": "Decide", "due_at": due, **members}


def new_entry(key: str, case_id: str = "c_1", **members: Any) -> NewEntry:
    given: dict[str, Any] = {
        "type": "assess",
        "path": f"/v1/cases/{case_id}/actions",
        "body": b'{"type":"assess"}',
        "version": "1",
        "recorded_ms": NOON,
    }
    return NewEntry(key=key, case_id=case_id, **(given | members))


def creation(key: str, case_id: str, version: str = "0") -> NewEntry:
    return new_entry(key, case_id, type="create", path=CREATION_PATH, version=None)


STALE = Problem(status=412, type="stale")
REFUSED = Problem(status=422, type="invalid")
NO_ANSWER = Problem(status=None, type="unreachable")


class Desk:
    """A cache, and short words for the steps that the tests take again and again."""

    def __init__(self, folder: Path, key: bytes = KEY) -> None:
        self.path = folder / "profile" / "cache.db"
        self.cache = Cache.open(self.path, key, now_ms=lambda: NOON)

    def write(self, work: Callable[[Tables], T]) -> T:
        return self.cache.write(work)

    def ask(self, question: Callable[[Tables], T]) -> T:
        with self.cache.read() as tables:
            return question(tables)

    def put(self, *documents: Incoming) -> int:
        return self.write(lambda tables: tables.cases.put(documents))

    def record(self, key: str, case_id: str = "c_1", **members: Any) -> Entry:
        return self.write(lambda tables: tables.outbox.record(new_entry(key, case_id, **members)))

    def send(self, key: str, now_ms: int = NOON) -> None:
        self.write(lambda tables: tables.outbox.mark_sending(key, now_ms))

    def accept(self, key: str, before: str | None, after: str | None) -> None:
        self.send(key)
        self.write(lambda tables: tables.outbox.accept(key, b"{}", before, after, NOON))

    def entry(self, key: str) -> Entry:
        found = self.ask(lambda tables: tables.outbox.get(key))
        assert found is not None
        return found

    def reopen(self) -> None:
        self.cache.close()
        self.cache = Cache.open(self.path, KEY, now_ms=lambda: NOON)
