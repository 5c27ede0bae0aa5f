"""A small, exact Escalations API whose faults a test chooses; its own reading of the contract.

It applies a key once, demands the version where it is given one, and keeps what it was told, so
that a test can ask what really happened there.
"""

import random
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec

from console.sources.escalations import EscalationsSource
from console.sources.exchange import Bounds
from console.sync import SyncEvent
from console.sync.run import Sync
from local_cache.entries import CREATION_PATH, Entry, NewEntry
from tests.caches import Desk
from tests.faulty_server import FaultyServer, Reply, Request, problem, reply

ME = "sp_1"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
Serve = Callable[[], Reply]


def as_served(_: Request, serve: Serve) -> Reply:
    """The fault that is none."""
    return serve()


class SmallDesk:
    """The server's side: cases, the feed, keys. `fault` stands between it and every request."""

    def __init__(self) -> None:
        self.me = ME
        self.lock = threading.Lock()
        self.fault: Callable[[Request, Serve], Reply] = as_served
        self.seq = 0
        self.expired = False
        self.cases: dict[str, dict[str, Any]] = {}
        self.feed: dict[str, bytes] = {}
        """The newest change of each document, as JSON, by kind and id; in the order of its seq."""
        self.kept: dict[str, tuple[bytes, bytes]] = {}
        self.records: dict[str, list[dict[str, Any]]] = {}
        self.applied: list[str] = []
        """Keys in the order in which their actions took effect, each time that they did."""
        self.uploads: dict[str, bytes] = {}
        self.policy: dict[str, Any] = {"id": "default", "version": "2026.11"}
        self.holder: str | None = None

    # --- What happens there ---

    def case(self, case_id: str, **members: Any) -> dict[str, Any]:
        """Have a case there, or change it as somebody else would."""
        present = self.cases.get(case_id)
        document: dict[str, Any] = (
            {
                "id": case_id,
                "queue": "emergency",
                "kind": "emergency_disclosure",
                "state": "open",
                "received_at": "2026-11-24T09:00:00Z",
                "version": "0",
            }
            | (present or {})
            | members
        )
        if "version" not in members:
            document["version"] = str(int(document["version"]) + 1)
        self._put("case", document)
        self.cases[case_id] = document
        return document

    def raw(self, case_id: str, doc: bytes) -> None:
        """Have a document in the feed that may be anything."""
        self.seq += 1
        self.feed.pop(f"case {case_id}", None)
        self.feed[f"case {case_id}"] = (
            b'{"seq":%d,"kind":"case","op":"put","id":"%s","version":"1","doc":%s}'
            % (self.seq, case_id.encode(), doc)
        )

    def delete(self, case_id: str) -> None:
        self.seq += 1
        del self.cases[case_id]
        change = {"seq": self.seq, "kind": "case", "op": "delete", "id": case_id}
        self.feed.pop(f"case {case_id}")
        self.feed[f"case {case_id}"] = msgspec.json.encode(change)

    def _put(self, kind: str, document: dict[str, Any]) -> None:
        self.seq += 1
        if kind == "case":
            document["seq"] = self.seq
        change = {
            "seq": self.seq,
            "kind": kind,
            "op": "put",
            "id": document["id"],
            "version": document["version"],
            "doc": document,
        }
        self.feed.pop(f"{kind} {document['id']}", None)
        self.feed[f"{kind} {document['id']}"] = msgspec.json.encode(change)

    # --- What it answers ---

    def __call__(self, request: Request) -> Reply:
        def serve() -> Reply:
            with self.lock:
                return self._serve(request)

        return self.fault(request, serve)

    def _serve(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")[1:]
        query = {
            name: values[0] for name, values in parse_qs(request.target.partition("?")[2]).items()
        }
        if request.method == "POST":
            return self._post(request, parts)
        if request.method == "PUT":
            self.uploads[parts[1]] = request.body
            return Reply(201)
        match parts:
            case ["session"]:
                return reply(
                    {
                        "specialist": {"id": self.me, "roles": ["specialist"]},
                        "server_time": "2026-11-24T12:00:00Z",
                    }
                )
            case ["policy"]:
                return reply(self.policy)
            case ["templates"]:
                return reply({"items": [{"id": "TPL-ACK", "version": "3"}], "next": None})
            case ["queues"]:
                return reply({"items": [{"id": "emergency", "name": "Emergency"}], "next": None})
            case ["requesters"]:
                return reply({"items": [{"id": "a_1", "name": "City Police"}], "next": None})
            case ["changes"]:
                return self._changes(query)
            case ["cases", case_id] if case_id in self.cases:
                return reply(self.cases[case_id])
            case ["cases", case_id, "actions"] if case_id in self.cases:
                return reply({"items": self.records.get(case_id, []), "next": None})
            case _:
                return problem(404, "not-found")

    def _changes(self, query: dict[str, str]) -> Reply:
        if self.expired and "after" in query:
            self.expired = False
            return problem(410, "cursor-expired")
        after = int(query.get("after", "cur-0").removeprefix("cur-"))
        news = [
            (msgspec.json.decode(change[: change.index(b",")] + b"}")["seq"], change)
            for change in self.feed.values()
        ]
        news = [(seq, change) for seq, change in news if seq > after]
        page, rest = news[: int(query["limit"])], news[int(query["limit"]) :]
        reached = page[-1][0] if page else after
        return reply(
            b'{"changes":[%s],"next":"cur-%d","more":%s}'
            % (b",".join(change for _, change in page), reached, b"true" if rest else b"false")
        )

    def _post(self, request: Request, parts: list[str]) -> Reply:
        key, body = request.headers["idempotency-key"], msgspec.json.decode(request.body)
        if key in self.kept:
            sent, answer = self.kept[key]
            if sent != request.body:
                return problem(422, "idempotency-key-reused")
            return reply(answer, 201, Idempotency_Replayed="true")
        if parts == ["cases"]:
            document = self.case(body["id"], version="s1", made_by=key)
            document["version"] = "s1"
            return self._keep(key, request, msgspec.json.encode(document))
        return self._act(key, request, parts[1], body)

    def _act(self, key: str, request: Request, case_id: str, body: dict[str, Any]) -> Reply:
        document = self.cases.get(case_id)
        if document is None:
            return problem(404, "not-found")
        if self.holder is not None and body["type"] != "note":
            return problem(
                409, "claimed", claim={"by": self.holder, "until": "2026-11-24T13:00:00Z"}
            )
        before, given = document["version"], request.headers.get("if-match")
        if given is not None and given != f'"{before}"':
            return problem(412, "stale", version=before, case=document)
        keeps = body["type"] in ("claim", "release")
        document = self.case(case_id, version=before if keeps else f"{before}+")
        record = {
            "id": key,
            "type": body["type"],
            "by": ME,
            "before": before,
            "after": document["version"],
            "body": body,
        }
        self.records.setdefault(case_id, []).append(record)
        seq, _, head = request.headers.get("audit-head", "").partition(":")
        receipt = {"seq": int(seq), "head": head} if seq else None
        answer = {"action": record, "case": document, "before": before, "receipt": receipt}
        return self._keep(key, request, msgspec.json.encode(answer))

    def _keep(self, key: str, request: Request, answer: bytes) -> Reply:
        self.kept[key] = (request.body, answer)
        self.applied.append(key)
        return reply(answer, 201)


class Clock:
    """The test's time: it moves when somebody waits, or when a test says so."""

    def __init__(self) -> None:
        self.time = NOON
        self.waited: list[float] = []

    def now(self) -> datetime:
        return self.time

    def now_ms(self) -> int:
        return int(self.time.timestamp() * 1000)

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.time += timedelta(seconds=seconds)


class Bench:
    """A small desk over loopback, and a specialist's cache and sync in front of it."""

    def __init__(self, folder: Path) -> None:
        self.there = SmallDesk()
        self.server = FaultyServer(self.there)
        self.here = Desk(folder)
        self.clock = Clock()
        self.events: list[SyncEvent] = []
        self.sources: list[EscalationsSource] = []
        self.sync = self.new_sync()
        self._number = 0

    def new_sync(self, **more: Any) -> Sync:
        """Make a sync as another start of the program would."""
        source = EscalationsSource(
            self.server.origin,
            "t",
            bounds=Bounds(connect=2, read=5, total=10, silence=5),
            now=self.clock.now,
        )
        self.sources.append(source)
        given: dict[str, Any] = {
            "now": self.clock.now,
            "on_event": self.events.append,
            "pause": self.clock.pause,
        }
        made = Sync(self.here.cache, source, specialist_id=ME, **(given | more))
        made._ground.rng.seed(random.Random(7).random())
        return made

    def record(
        self,
        case_id: str = "c_1",
        kind: str = "assess",
        *,
        version: str | None = "1",
        undo: float | None = None,
        path: str | None = None,
        **body: Any,
    ) -> str:
        """Record an action as the desk does; return its key."""
        self._number += 1
        key = f"key-{self._number}"
        now = self.clock.now_ms()
        entry = NewEntry(
            key=key,
            case_id=case_id,
            type=kind,
            path=path or f"/v1/cases/{case_id}/actions",
            body=msgspec.json.encode({"type": kind, "number": self._number} | body),
            version=version,
            recorded_ms=now,
            undo_until_ms=None if undo is None else now + int(undo * 1000),
        )
        self.here.write(lambda tables: tables.outbox.record(entry))
        return key

    def create(self, case_id: str) -> str:
        """Record a case that is opened by hand."""
        return self.record(case_id, "new", version=None, path=CREATION_PATH, id=case_id)

    def entry(self, key: str) -> Entry:
        return self.here.entry(key)

    def states(self, *keys: str) -> list[str]:
        return [self.entry(key).state for key in keys]

    def sent(self, *, path: str = "") -> list[Request]:
        """Return what was posted, in order."""
        return [
            request
            for request in self.server.requests
            if request.method == "POST" and path in request.path
        ]

    def cached(self, case_id: str) -> dict[str, Any] | None:
        stored = self.here.ask(lambda tables: tables.cases.get(case_id))
        return (
            None if stored is None or not stored.document else msgspec.json.decode(stored.document)
        )

    def close(self) -> None:
        for source in self.sources:
            source.close()
        self.here.cache.close()
        self.server.close()


@contextmanager
def bench(folder: Path) -> Generator[Bench]:
    made = Bench(folder)
    try:
        yield made
    finally:
        made.close()
