"""A server that someone else wrote: the Escalations API from its text alone.

It serves the documents that it is given, as they are, and takes every action. Nothing of the
product is used here, so that two misreadings cannot agree. `fault` stands in front of every
request and may answer in its place.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-other-server"
ME = "sp_9"
_PUT = "put"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as data."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What is answered; `cut` sends only so many bytes of a body that is told to be whole."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


def answer(document: Any, status: int = 200, **headers: str) -> Answer:
    """Answer with a JSON document, or bytes that claim to be one; `_` in header names is `-`."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    kind = "application/json" if status < 400 else "application/problem+json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, {"Content-Type": kind} | named)


def problem(status: int, kind: str, *, retry_after: str | None = None, **members: Any) -> Answer:
    """Answer with a problem of the contract's table."""
    document = {"type": f"/problems/{kind}", "title": kind, "status": status} | members
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return answer(document, status, **headers)


Fault = Callable[[Asked], Answer | None]


class HostileServer:
    """The documents of a desk, and the loopback server over them.

    Members are plain data and may be changed at any time; `touch` makes the feed tell of a change.
    """

    def __init__(self, **documents: Any) -> None:
        self.me = ME
        self.session: dict[str, Any] = {
            "specialist": {"id": ME, "name": "Avery Example", "roles": ["specialist", "approver"]},
            "server_time": "2026-11-23T09:15:00.000Z",
            "desk": {"name": "Other desk"},
            "features": [],
        }
        self.policy: Any = {"id": "default", "version": "1"}
        self.templates: list[Any] = []
        self.queues: list[Any] = []
        self.requesters: list[Any] = []
        self.token = TOKEN
        self.fault: Fault = lambda _asked: None
        self.asked: list[Asked] = []
        self.applied: list[tuple[str, Asked]] = []
        """Each action that took effect: the case's id and the request."""
        self.cases: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self._documents: dict[tuple[str, str], bytes | None] = {}
        self._seq: dict[tuple[str, str], int] = {}
        self._records: dict[str, list[Any]] = {}
        self._kept: dict[str, Answer] = {}
        self._last = 0
        self._news = threading.Condition()
        self._closing = False
        for name, value in documents.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self._http = _Listener(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """Stop serving and wait for every thread."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._http.shutdown()
        self._thread.join()
        self._http.end_all()
        self._http.server_close()

    # --- What happens there ---

    def case(self, case_id: str, **members: Any) -> dict[str, Any]:
        """Have a case, or change it; what the contract demands is filled in."""
        with self._news:
            document = self.cases.setdefault(
                case_id,
                {
                    "id": case_id,
                    "queue": "emergency",
                    "kind": "emergency_disclosure",
                    "state": "open",
                    "received_at": "2026-11-23T08:00:00.000Z",
                    "version": "1",
                },
            )
            document.update(members)
            self._put("case", case_id, None)
            document["seq"] = self._last
            self._documents["case", case_id] = _json(document)
            return document

    def raw(self, case_id: str, document: bytes) -> None:
        """Have bytes in the feed where a case should be; they must be no more than that."""
        with self._news:
            self._put("case", case_id, document)

    def gone(self, case_id: str) -> None:
        """Let a case be no longer there, or no longer ours to see."""
        with self._news:
            self.cases.pop(case_id, None)
            self._put("case", case_id, None)

    def touch(self, kind: str, document: dict[str, Any]) -> None:
        """Tell in the feed of a policy, queue, template or requester."""
        with self._news:
            self._put(kind, document["id"], _json(document))

    def _put(self, kind: str, key: str, document: bytes | None) -> None:
        self._last += 1
        self._documents[kind, key] = document
        self._seq[kind, key] = self._last
        self._news.notify_all()

    # --- What it answers ---

    def serve(self, asked: Asked) -> Answer:
        """Answer a request, the fault's answer before any other."""
        self.asked.append(asked)
        instead = self.fault(asked)
        if instead is not None:
            return instead
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return problem(401, "unauthenticated")
        with self._news:
            return self._serve(asked, asked.path.removeprefix("/v1/").split("/"))

    def _serve(self, asked: Asked, parts: list[str]) -> Answer:
        match asked.method, parts:
            case "GET", ["session"]:
                return answer(self.session)
            case "GET", ["policy"]:
                return answer(self.policy) if self.policy is not None else problem(404, "not-found")
            case "GET", ["templates" | "queues" | "requesters" as name]:
                return answer({"items": getattr(self, name), "next": None})
            case "GET", ["changes"]:
                return self._changes(asked.query)
            case "GET", ["cases", key] if self._documents.get(("case", key)) is not None:
                return answer(self._documents["case", key] or b"")
            case "GET", ["cases", key, "actions"] if key in self.cases:
                return answer({"items": self._records.get(key, []), "next": None})
            case "POST", ["cases", key, "actions"] if key in self.cases:
                return self._once(asked, lambda: self._act(asked, key))
            case "POST", ["cases"]:
                return self._once(asked, lambda: self._open(asked))
            case "PUT", ["uploads", digest]:
                self.uploads[digest] = asked.body
                return Answer(201)
            case _:
                return problem(404, "not-found")

    def _changes(self, query: dict[str, str]) -> Answer:
        after = int(query.get("after", "at0").removeprefix("at"))
        news = sorted((seq, key) for key, seq in self._seq.items() if seq > after)
        page, rest = news[: int(query.get("limit", "200"))], news[int(query.get("limit", "200")) :]
        entries = [self._entry(seq, *key) for seq, key in page]
        reached = page[-1][0] if page else after
        return answer(
            b'{"changes": [%s], "next": "at%d", "more": %s}'
            % (b", ".join(entries), reached, b"true" if rest else b"false")
        )

    def _entry(self, seq: int, kind: str, key: str) -> bytes:
        document = self._documents[kind, key]
        head = {"seq": seq, "kind": kind, "op": _PUT if document else "delete", "id": key}
        return _json(head)[:-1] + b', "version": "1", "doc": %s}' % (document or b"null")

    def _once(self, asked: Asked, apply: Callable[[], Answer]) -> Answer:
        key = asked.headers["idempotency-key"]
        if key in self._kept:
            kept = self._kept[key]
            return Answer(201, kept.body, kept.headers | {"Idempotency-Replayed": "true"})
        self._kept[key] = apply()
        return self._kept[key]

    def _act(self, asked: Asked, key: str) -> Answer:
        body, case = asked.json(), self.cases[key]
        self.applied.append((key, asked))
        before = case["version"]
        if body["type"] == "claim":
            self.case(key, claim={"by": self.me, "until": "2126-11-23T10:00:00.000Z"})
        elif body["type"] == "release":
            self.case(key, claim=None)
        else:
            self.case(key, version=f"{before}.1")
        record = {
            "id": asked.headers["idempotency-key"],
            "type": body["type"],
            "by": self.me,
            "at": body.get("at"),
            "received_at": self.session["server_time"],
            "before": before,
            "after": case["version"],
            "body": body,
        }
        self._records.setdefault(key, []).append(record)
        if body["type"] == "note":
            self.case(key, notes=[*case.get("notes", []), record])
        head = asked.headers.get("audit-head", "").partition(":")
        receipt = {"seq": int(head[0] or 0), "head": head[2], "at": record["received_at"]}
        return answer(
            {"action": record, "case": self.cases[key], "before": before, "receipt": receipt}, 201
        )

    def _open(self, asked: Asked) -> Answer:
        body = asked.json()
        self.applied.append((body["id"], asked))
        return answer(self.case(body["id"], **body), 201)

    def wait_for_news(self, after: int, seconds: float) -> int | None:
        """Return the newest seq once it is beyond `after`, as it stands after `seconds`.

        None when the server ends.
        """
        with self._news:
            self._news.wait_for(lambda: self._closing or self._last > after, seconds)
            return None if self._closing else self._last


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_all(self) -> None:
        """End connections that clients keep open, so that their threads end."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(2)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that goes away in the middle is its own business


def _handler(server: HostileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

        def _asked(self) -> Asked:
            target = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(target.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            return Asked(self.command, target.path, query, headers, body)

        def _do(self) -> None:
            asked = self._asked()
            if asked.path == "/v1/events" and server.fault(asked) is None:
                self._stream()
                return
            self._send(server.serve(asked))

        def _send(self, given: Answer) -> None:
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            self.wfile.write(given.body if given.cut is None else given.body[: given.cut])
            if given.cut is not None:
                self.close_connection = True

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            seen: int | None = 0
            while (told := server.wait_for_news(seen, 10)) is not None:
                line = (
                    f'event: change\ndata: {{"seq": {told}}}\n\n' if told > seen else ": still\n\n"
                )
                self.wfile.write(line.encode())
                self.wfile.flush()
                seen = told

        do_GET = do_POST = do_PUT = _do  # noqa: N815 - their names

    return Handler


@contextlib.contextmanager
def serving(**documents: Any) -> Generator[HostileServer]:
    """Run a server for the length of a `with`; members by name, as in `policy=…`."""
    server = HostileServer(**documents)
    try:
        yield server
    finally:
        server.close()


# --- Documents with a given text in every place --------------------------------------------------


def full_case(texts: Iterable[str]) -> dict[str, Any]:
    """Return the members of a case with a text of `texts` wherever the contract lets one stand."""
    given = iter(texts)

    def t() -> str:
        return next(given)

    at = "2026-11-23T08:30:00.000Z"

    def record(kind: str, **body: Any) -> dict[str, Any]:
        return {"id": f"{kind}-1", "type": kind, "by": "sp_7", "at": at, "body": body}

    item = {"tier": "T1", "category": "basic_subscriber", "subject": "s1", "from": at, "to": at}
    contact = {"name": t(), "phone": t(), "email": t()}
    return {
        "reference": t(), "their_reference": t(), "title": t(),
        "priority": "P1", "imminence": "imminent", "confidence": "medium",
        "harms": ["SUICIDE_SELF_HARM"], "sensitivities": ["minor"], "graphic_level": 0,
        "jurisdiction": "US-CA", "language": "en", "addressed_entity": "US",
        "updated_at": at, "channel": "portal",
        "clocks": [
            {"id": "k1", "rule": "EDR", "kind": "policy", "label": t(), "started_at": at,
             "due_at": "2126-11-23T09:15:00.000Z", "status": "unreviewed",
             "paused": [{"from": at, "to": at, "why": "clarification_pending"}]}],
        "requester": {
            "kind": "law_enforcement", "name": t(), "title": t(), "badge": t(), "sworn": True,
            "agency": t(), "agency_id": "a_1", "country": "US", "email": t(), "phone": t(),
            "supervisor": contact,
            "mail_authentication": {"spf": "pass", "dkim": "pass", "dmarc": "fail",
                                    "from": t(), "reply_to": t()},
            "signals": [{"id": "domain_lookalike", "level": "red", "why": t()}],
            "verification": {"state": "IN_PROGRESS", "checks": [
                {"id": "V07", "result": "FAIL", "by": "sp_7", "at": at, "note": t(),
                 "evidence": {"number": t(), "source": t(), "spoke_to": t(), "at": at}}]}},
        "request": {
            "narrative": t(), "harm_expected": t(), "why_now": t(), "deadline_at": at,
            "location_known": False, "other_steps_taken": t(), "why_not_ordinary_process": t(),
            "necessity_link": t(), "legal_basis_claimed": t(), "process_reference": t(),
            "nondisclosure": t(), "data_sought": [item],
            "persons_at_risk": [{"label": t(), "is_minor": True, "location": t()}]},
        "subjects": [{"id": "s1", "kind": "account", "value": t(), "display": t(),
                      "role": "victim"}],
        "stream": {"room_id": t(), "live": True, "started_at": at, "viewers": 3,
                   "signals": [{"at": at, "name": "score", "value": 0.9}]},
        "messages": [{"id": "m1", "at": at, "direction": "in", "from": t(), "to": [t()],
                      "subject": t(), "body": t(), "language": "en", "attachments": ["f1"]}],
        "attachments": [{"id": "f1", "name": t(), "media_type": t(), "size": 4, "sha256": "ab",
                         "graphic": {"category": None, "level": 0}, "description": t()}],
        "tags": [t(), t()],
        "assessment": {"by": "sp_7", "at": at, "axes": {t(): 1, "severity": 2},
                       "rationale": t(), "counter_evidence": t()},
        "decisions": [record("decide", disposition=t(), reasons=[t()], rationale=t(),
                             legal_basis=t(), user_notice={"decision": t(), "reason": t()},
                             scope_granted=[{"tier": t(), "category": t(), "subject": t()}])],
        "responses": [record("respond", to=t(), subject=t(), body=t(), discloses=[{"tier": t()}])],
        "preservations": [record("preserve", scope=t())],
        "enforcements": [record("enforce", measure=t(), target=t(), reason=t())],
        "notes": [record("note", body=t())],
        t(): t(),
    }  # fmt: skip


def full_policy(texts: Iterable[str]) -> dict[str, Any]:
    """Return a policy with a text of `texts` wherever one may stand."""
    given = iter(texts)

    def t() -> str:
        return next(given)

    return {
        "id": "default", "version": "2", "owner": t(), "reviewed_at": None,
        "dispositions": [
            {"code": "DENY", "label": t(), "needs": ["reasons", "rationale"],
             "verification": None, "four_eyes_when": [t()], "closes": True, "response": "TPL-1"},
            {"code": "DISCLOSE", "label": t(), "needs": ["scope_granted"], "closes": False}],
        "reasons": [{"code": "EM_NO", "group": "emergency", "label": t(), "internal": True}],
        "clocks": [{"rule": "R", "applies_to": {t(): t()}, "starts": "received_at",
                    "duration": "PT8H", "kind": "policy"}],
        "verification": {"checks": [{"id": "V07", "label": t()}, {"id": "V01", "label": t()}],
                         "levels": {"VERIFIED_BASIC": {"order": 1, "all": [["V01"]]}}},
        "tiers": [{"code": "T1", "label": t()}],
        "offline_confirm": {"decide": "PT1H", t(): "PT1H"},
        "fallback": {"lead": t(), "phone": t(), "portal": t()},
    }  # fmt: skip


def full_template(key: str, texts: Iterable[str]) -> dict[str, Any]:
    """Return a template with a text of `texts` wherever one may stand."""
    given = iter(texts)

    def t() -> str:
        return next(given)

    return {
        "id": key, "version": "1", "title": t(), "language": "en", "for": ["*", t()],
        "subject": t(), "body": t() + " {{ missing }}", "approved_by": t(),
        "variables": [{"name": "missing", "kind": "text", "required": True, "from": t(),
                       "prompt": t()}],
    }  # fmt: skip


def full_queue(key: str, texts: Iterable[str]) -> dict[str, Any]:
    """Return a queue with texts of `texts`."""
    given = iter(texts)
    return {"id": key, "name": next(given), "kind": "emergency", "description": next(given)}


def full_requester(key: str, texts: Iterable[str]) -> dict[str, Any]:
    """Return an entry of the agency register with texts of `texts`."""
    given = iter(texts)
    return {
        "id": key, "name": next(given), "country": "US", "domains": [next(given)],
        "callback_numbers": [next(given)], "spoc": {"name": next(given)}, "status": "active",
    }  # fmt: skip
