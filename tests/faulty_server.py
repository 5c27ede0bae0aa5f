"""A loopback HTTP server whose every answer is scripted, byte for byte where a test wants it.

It knows nothing of HTTP but where a request ends, so that it can break every rule of it.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass
class Reply:
    """An answer: a status with headers and a body, or raw bytes instead of all that."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: Iterable[bytes] | None = None
    reset: bool = False
    """Reset the connection in place of (or after) the bytes."""
    hold: threading.Event | None = None
    """Keep the connection open after the bytes until this is set, or the server closes."""


def reply(value: Any, status: int = 200, **headers: str) -> Reply:
    """Answer with a JSON document; header names are written with underscores."""
    kind = "application/json" if status < 400 else "application/problem+json"
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Reply(status, body, {"Content-Type": kind} | named)


def problem(status: int, kind: str, **members: Any) -> Reply:
    """Answer with a problem of the contract's table."""
    return reply({"type": f"/problems/{kind}", "status": status} | members, status)


Handler = Callable[[Request], Reply]


class FaultyServer:
    """Answers each request as `handler` says, and remembers what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[Request] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._holds: list[threading.Event] = []
        self._lock = threading.Lock()
        self._stopping = False
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._stopping:
                    wire.close()
                    return
                self._open.add(wire)
                thread = threading.Thread(target=self._serve, args=(wire,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, wire: socket.socket) -> None:
        try:
            with wire.makefile("rb") as lines:
                while (request := _read(lines)) is not None:
                    with self._lock:
                        self.requests.append(request)
                    answer = self.handler(request)
                    if answer.hold is not None:
                        self._holds.append(answer.hold)
                    if not _answer(wire, answer):
                        break
        except OSError:
            pass  # the client went away: its good right
        finally:
            with self._lock:
                self._open.discard(wire)
            wire.close()

    def close(self) -> None:
        with self._lock:
            self._stopping = True
            for wire in self._open:
                with contextlib.suppress(OSError):
                    wire.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for hold in self._holds:
            hold.set()
        for thread in self._threads:
            thread.join()


def _read(lines: Any) -> Request | None:
    first = lines.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while (line := lines.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = lines.read(int(headers.get("content-length", "0")))
    return Request(first[0], first[1], headers, body)


def _answer(wire: socket.socket, answer: Reply) -> bool:
    """Send an answer; False where the connection is over."""
    if answer.raw is not None:
        for part in answer.raw:
            wire.sendall(part)
    elif not answer.reset:
        headers = {
            "Content-Length": str(len(answer.body)),
            "Date": format_datetime(NOW, usegmt=True),
        }
        lines = [f"HTTP/1.1 {answer.status} X"]
        lines += [f"{name}: {value}" for name, value in (headers | answer.headers).items()]
        wire.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body)
    if answer.hold is not None:
        answer.hold.wait(30)
    if answer.reset:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return answer.raw is None and not answer.reset


@contextlib.contextmanager
def serving(handler: Handler) -> Generator[FaultyServer]:
    """Run a server for the length of a `with`."""
    server = FaultyServer(handler)
    try:
        yield server
    finally:
        server.close()
