"""One request and its answer, whole and within bounds, or an error that says what was wrong.

Everything an answer may do to a client is bounded here: its time, its size before and after
inflating, its encoding, where it leads. What it means is judged in `problems` and `wire`.
"""

import ipaddress
import re
import ssl
import time
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import httpx

from console.sources.base import SourceError, Unreachable
from console.sources.transport import WatchedTransport
from local_cache.hostile import visible

MIB: Final = 1024 * 1024
_SLACK: Final = 256 * 1024  # for the envelope around a page or a document of the greatest size
PAGE_LIMIT: Final = 4 * MIB + _SLACK
DOCUMENT_LIMIT: Final = 2 * MIB + _SLACK
_RAW_LIMIT: Final = 8 * MIB
_INFLATE_STEP: Final = 64 * 1024
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")


class TooLarge(Unreachable):
    """An answer beyond its bounds, which was not read to its end."""


@dataclass(frozen=True)
class Bounds:
    """How long a source waits, in seconds. `silence` is for the event stream alone."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 30.0
    silence: float = 45.0
    transfer_rate: int = 64 * 1024
    """Bytes a second that an upload or download is given beyond `total`."""


@dataclass(frozen=True)
class Answer:
    """A whole answer, its body inflated."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether the answer says that its body is JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or (
            kind.startswith("application/") and kind.endswith("+json")
        )


def checked_origin(origin: str) -> httpx.URL:
    """Read the address of a service; encrypted, unless it is this very machine.

    Raises:
        SourceError: where it is no bare origin, or would send the token in the clear.
    """
    try:
        url = httpx.URL(origin)
    except httpx.InvalidURL:
        raise SourceError("This is not an address: it should look like https://HOST.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceError("The address must begin with https:// and name a host.")
    if url.userinfo or url.query or url.fragment or url.path not in ("", "/"):
        raise SourceError("The address must be https://HOST or https://HOST:PORT, nothing more.")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise SourceError(
            "http:// would send the token and the cases unencrypted: use https:// "
            "(http:// is for this machine only)."
        )
    return url.copy_with(path="/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _user_agent() -> str:
    try:
        return f"nightdesk/{version('nightdesk')}"
    except PackageNotFoundError:
        return "nightdesk"


class Exchange:
    """Speaks HTTP with one origin as one specialist.

    The token goes into the Authorization header of requests to that origin, nowhere else: no
    redirect is followed, no proxy asked, no cookie kept.
    """

    def __init__(
        self,
        origin: str,
        token: str,
        *,
        bounds: Bounds,
        ca_file: Path | None,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origin = checked_origin(origin)
        if not _TOKEN.fullmatch(token):
            raise SourceError("The token holds characters that no token has: enter it again.")
        self.host = visible(self._origin.netloc.decode("ascii"))
        self._bounds = bounds
        self._now = now
        self._skew: float | None = None
        context = None
        if self._origin.scheme == "https":
            context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        self._transport = WatchedTransport(ssl_context=context, clock=clock)
        self._client = httpx.Client(
            base_url=self._origin,
            transport=self._transport,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(bounds.read, connect=bounds.connect),
            headers={
                "Authorization": f"Bearer {token}",
                "User-Agent": _user_agent(),
                "Accept": "application/json, application/problem+json",
                "Accept-Encoding": "gzip",
            },
        )

    @property
    def skew(self) -> float | None:
        """The server's clock less ours in seconds, from the newest `Date`."""
        return self._skew

    def ask(
        self,
        method: str,
        target: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        most: int = PAGE_LIMIT,
        transfer: int = 0,
    ) -> Answer:
        """Make a request and read the answer whole.

        `most` bounds the inflated body in bytes; `transfer` is how many bytes are expected to
        travel beyond the ordinary, which buys time.

        Raises:
            Unreachable: where no whole answer within the bounds came.
            TooLarge: where the body is beyond them.
        """
        self._transport.set_deadline(self._bounds.total + transfer / self._bounds.transfer_rate)
        with self._send(method, target, params, headers, content) as response:
            return Answer(response.status_code, response.headers, self._body(response, most))

    @contextmanager
    def stream(self, target: str, *, accept: str) -> Generator[tuple[Answer, Iterator[bytes]]]:
        """Open a stream: its head, then what comes, until it ends or falls silent."""
        self._transport.set_deadline(self._bounds.total)
        headers = {"Accept": accept, "Accept-Encoding": "identity"}
        silence = httpx.Timeout(self._bounds.silence, connect=self._bounds.connect)
        with self._send("GET", target, None, headers, None, silence) as response:
            if response.status_code != 200:
                body = self._body(response, DOCUMENT_LIMIT)
                yield Answer(response.status_code, response.headers, body), iter(())
                return
            self._encoding(response, allowed=("identity",))
            self._transport.set_deadline(None)
            yield Answer(response.status_code, response.headers, b""), response.iter_raw()

    @contextmanager
    def _send(
        self,
        method: str,
        target: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        timeout: httpx.Timeout | None = None,
    ) -> Generator[httpx.Response]:
        # Not httpx's own `params`, which writes a space as "+": only forms read that as one.
        query = f"?{urlencode(params, quote_via=quote, safe='')}" if params else ""
        request = self._client.build_request(
            method,
            target + query,
            headers=headers,
            content=content,
            timeout=timeout or self._client.timeout,
        )
        asked = self._now()
        try:
            response = self._client.send(request, stream=True)
            try:
                self._note_date(response, asked)
                self._refuse_redirect(response)
                yield response
            finally:
                response.close()
        except httpx.HTTPError as problem:
            raise Unreachable(f"{self.host} {self._reason(problem)}") from None

    def _note_date(self, response: httpx.Response, asked: datetime) -> None:
        date = http_date(response.headers.get("date", ""))
        if date is not None:
            middle = asked + (self._now() - asked) / 2
            # The header tells whole seconds: on average it is half a second late.
            self._skew = (date - middle).total_seconds() + 0.5

    def _refuse_redirect(self, response: httpx.Response) -> None:
        if not 300 <= response.status_code < 400 or response.status_code == 304:
            return
        try:
            target = self._origin.join(response.headers.get("location", ""))
            where = visible(f"{target.scheme}://{target.host}")[:200]
        except httpx.InvalidURL:
            where = "a place that is no address"
        raise Unreachable(
            f"{self.host} answered with a redirect ({response.status_code}) to {where}, which is "
            "not followed: check the address of the service."
        )

    def _body(self, response: httpx.Response, most: int) -> bytes:
        if self._encoding(response, allowed=("identity", "gzip")) == "gzip":
            return self._inflated(response, most)
        body = bytearray()
        for part in response.iter_raw():
            body += part
            if len(body) > most:
                raise self._too_large(most)
        return bytes(body)

    def _inflated(self, response: httpx.Response, most: int) -> bytes:
        inflate = zlib.decompressobj(31)
        body, raw = bytearray(), 0
        for part in response.iter_raw():
            raw += len(part)
            if raw > _RAW_LIMIT:
                raise self._too_large(_RAW_LIMIT)
            rest, more = part, True
            while more and not inflate.eof:
                try:
                    step = inflate.decompress(rest, _INFLATE_STEP)
                except zlib.error:
                    raise self._foreign("is not the gzip that it says") from None
                body += step
                if len(body) > most:
                    raise self._too_large(most)
                rest = inflate.unconsumed_tail
                more = bool(rest) or len(step) == _INFLATE_STEP
        if raw and (not inflate.eof or inflate.unused_data):
            raise self._foreign("is not one whole gzip")
        return bytes(body)

    def _encoding(self, response: httpx.Response, *, allowed: tuple[str, ...]) -> str:
        told = response.headers.get("content-encoding", "").lower()
        encoding = told.strip().replace("x-gzip", "gzip") or "identity"
        if encoding not in allowed:
            raise self._foreign("has an encoding that was not asked for")
        return encoding

    def _too_large(self, most: int) -> TooLarge:
        return TooLarge(f"{self.host} sent more than {most // 1024:,} KiB in one answer.")

    def _foreign(self, what: str) -> Unreachable:
        return Unreachable(f"{self.host} gave an answer that {what}.")

    def _reason(self, problem: httpx.HTTPError) -> str:
        if isinstance(problem, httpx.TimeoutException):
            return "did not answer in time."
        cause: BaseException | None = problem
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return "shows a certificate that is not trusted here."
            if isinstance(cause, ssl.SSLError):
                return "could not agree on an encrypted connection."
            if isinstance(cause, ConnectionRefusedError):
                return "refuses connections."
            cause = cause.__cause__ or cause.__context__
        if isinstance(problem, httpx.ProtocolError):
            return "broke off, or gave an answer that is not whole HTTP."
        return "cannot be reached, or the connection broke."

    def close(self) -> None:
        """End every connection, also under threads that wait on one."""
        self._transport.stop()


def http_date(text: str) -> datetime | None:
    """Read an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
