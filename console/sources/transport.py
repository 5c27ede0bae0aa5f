"""The wire under a source: one total deadline for a request, and an end that takes at once.

httpx bounds each read, not the whole: a server which sends a byte every ten seconds would hold a
thread for hours. And closing a connection does not wake a thread that waits on it. Both are solved
where the sockets are, in a network backend for httpcore, which httpx itself stands on.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakSet

import httpcore
import httpx

_CHUNK = 16 * 1024
SOCKET_OPTION = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


class Deadline(threading.local):
    """When the request that this thread is making must be over, by a clock that only goes up."""

    at: float | None = None

    def left(self, bound: float | None, clock: Callable[[], float]) -> float | None:
        """Return `bound` seconds, or less where the deadline comes first.

        Raises httpcore.ReadTimeout once it has passed.
        """
        if self.at is None:
            return bound
        left = self.at - clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline for the whole request has passed")
        return left if bound is None else min(bound, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write also minds the deadline."""

    def __init__(
        self, stream: httpcore.NetworkStream, left: Callable[[float | None], float | None]
    ) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):
            self._stream.write(buffer[start : start + _CHUNK], self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(secured, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def wake(self) -> None:
        """End the connection under a thread that waits on it."""
        wire: object = self._stream.get_extra_info("socket")
        if isinstance(wire, socket.socket):
            try:
                # Past the TLS layer, which another thread may be inside of.
                socket.socket.shutdown(wire, socket.SHUT_RDWR)
            except OSError:
                return  # not connected any more: nobody can be waiting on it


class _Backend(httpcore.NetworkBackend):
    """Opens connections, knows which are open, and can end them all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._plain = httpcore.SyncBackend()
        self._clock = clock
        self._open: WeakSet[_Stream] = WeakSet()
        self._lock = threading.Lock()
        self._stopped = False
        self.deadline = Deadline()

    def _left(self, bound: float | None) -> float | None:
        return self.deadline.left(bound, self._clock)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        plain = self._plain.connect_tcp(
            host, port, self._left(timeout), local_address, socket_options
        )
        stream = _Stream(plain, self._left)
        with self._lock:
            if not self._stopped:
                self._open.add(stream)
                return stream
        stream.close()
        raise httpcore.ConnectError("closed")

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            streams = list(self._open)
        for stream in streams:
            stream.wake()


class _Body(httpx.SyncByteStream):
    """The body of an answer, with httpcore's errors told as httpx's."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except _TROUBLE as problem:
            raise _told(problem) from problem

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


_TROUBLE = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)


def _told(problem: Exception) -> httpx.TransportError:
    if isinstance(problem, httpcore.TimeoutException):
        return httpx.TimeoutException(str(problem))
    if isinstance(problem, httpcore.NetworkError):
        return httpx.NetworkError(str(problem))
    return httpx.ProtocolError(str(problem))


class WatchedTransport(httpx.BaseTransport):
    """Carries the requests of one source: HTTP/1.1, no proxy, no retry of its own."""

    def __init__(
        self, *, ssl_context: ssl.SSLContext | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._backend = _Backend(clock)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=16,
            # Shorter than a server's usual 5 s: one that closes as we send costs a failed try.
            keepalive_expiry=2.0,
            network_backend=self._backend,
        )

    def set_deadline(self, seconds: float | None) -> None:
        """Give this thread's next request `seconds` in all; None takes the bound away."""
        self._backend.deadline.at = None if seconds is None else self._clock() + seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see httpx.BaseTransport."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        outgoing = httpcore.Request(
            method=request.method,
            url=url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = self._pool.handle_request(outgoing)
        except _TROUBLE as problem:
            raise _told(problem) from problem
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
        )

    def stop(self) -> None:
        """End every connection, also under threads that wait on one; nothing goes out after."""
        self._backend.stop()
        self._pool.close()

    def close(self) -> None:
        """End every connection; see `stop`."""
        self.stop()
