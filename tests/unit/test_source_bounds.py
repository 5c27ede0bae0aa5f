"""An answer may be late, endless, compressed twice or lead elsewhere: it stays an Unreachable."""

import gzip
import itertools
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from console.sources.base import SourceError, Unreachable
from console.sources.escalations import EscalationsSource
from console.sources.exchange import Bounds
from tests.faulty_server import NOW, FaultyServer, Reply, Request, reply, serving

TOKEN = "token-of-nobody"
SESSION = {
    "specialist": {"id": "sp_1", "roles": ["specialist"]},
    "server_time": "2026-11-23T09:15:00Z",
}
MIB = 1024 * 1024


def source(server: FaultyServer, *, clock: Callable[[], float] | None = None) -> EscalationsSource:
    bounds = Bounds(connect=2, read=2, total=5, silence=0.2)
    if clock is None:
        return EscalationsSource(server.origin, TOKEN, bounds=bounds, now=lambda: NOW)
    return EscalationsSource(server.origin, TOKEN, bounds=bounds, now=lambda: NOW, clock=clock)


def failure(answer: Reply, *, clock: Callable[[], float] | None = None) -> str:
    """Ask for the session where `answer` comes; return what the Unreachable says."""
    with serving(lambda _: answer) as server:
        asking = source(server, clock=clock)
        try:
            with pytest.raises(Unreachable) as caught:
                asking.session()
        finally:
            asking.close()
        return str(caught.value)


@pytest.mark.parametrize(
    "origin",
    [
        "http://desk.example",
        "http://127.0.0.1.desk.example",
        "http://localhost.desk.example",
        "http://2130706433.example",
        "ftp://desk.example",
        "https://user:pass@desk.example",
        "https://desk.example/?token=x",
        "https://desk.example/#x",
        "https://desk.example/prefix",
        "https://",
        "desk.example",
        "",
        "http://[::1",
    ],
)
def test_an_address_that_must_not_be_used_is_refused_at_once(origin: str) -> None:
    with pytest.raises(SourceError):
        EscalationsSource(origin, TOKEN)


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9", "https://desk.example:8443/"],
)
def test_loopback_and_encrypted_addresses_are_taken(origin: str) -> None:
    EscalationsSource(origin, TOKEN).close()


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Evil: 1", "t\u00f6ken", "x" * 9000])
def test_a_token_that_would_break_a_header_is_refused(token: str) -> None:
    with pytest.raises(SourceError) as caught:
        EscalationsSource("https://desk.example", token)
    assert not token or token not in str(caught.value)


def test_the_token_travels_in_the_authorization_header_alone() -> None:
    with serving(lambda _: reply(SESSION)) as server:
        asking = source(server)
        asking.session()
        asking.close()
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["user-agent"].startswith("nightdesk")
    others = {name: value for name, value in request.headers.items() if name != "authorization"}
    assert TOKEN not in f"{request.target} {others}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_names_where_it_leads(status: int) -> None:
    with serving(lambda _: reply(SESSION)) as elsewhere:
        location = f"{elsewhere.origin}/v1/session?token=\x9b31m"
        said = failure(Reply(status, headers={"Location": location}))
        assert not elsewhere.requests
    assert "redirect" in said
    assert "127.0.0.1" in said
    assert "token" not in said


@pytest.mark.parametrize("location", ["http://[", "\x1b]52;c;x\x07", "//" + "a" * 5000, ""])
def test_a_redirect_to_a_broken_place_says_so_without_repeating_it_raw(location: str) -> None:
    answer = f"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode()
    said = failure(Reply(raw=[answer]))
    assert said.isprintable()
    assert len(said) < 500


def test_cookies_are_not_kept() -> None:
    with serving(lambda _: reply(SESSION, Set_Cookie="track=1; Path=/")) as server:
        asking = source(server)
        asking.session()
        asking.session()
        asking.close()
    assert all("cookie" not in request.headers for request in server.requests)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: Reply(502)) as proxy, serving(lambda _: reply(SESSION)) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("ALL_PROXY", proxy.origin)
        asking = source(server)
        assert asking.session().specialist.id == "sp_1"
        asking.close()
        assert not proxy.requests


def test_gzip_is_inflated() -> None:
    with serving(
        lambda _: Reply(
            200,
            gzip.compress(b'{"specialist": {"id": "sp_9"}, "server_time": "2026-11-23T09:15:00Z"}'),
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
    ) as server:
        asking = source(server)
        assert asking.session().specialist.id == "sp_9"
        asking.close()


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "deflate", "br", "gzip, identity", "GZIP,", "\xfe"]
)
def test_other_and_several_encodings_are_refused(encoding: str) -> None:
    bomb = gzip.compress(gzip.compress(b"0" * MIB))
    answer = Reply(200, bomb, {"Content-Type": "application/json", "Content-Encoding": encoding})
    assert "encoding" in failure(answer)


def test_a_gzip_bomb_ends_at_the_bound() -> None:
    bomb = gzip.compress(b" " * (64 * MIB), compresslevel=9)
    answer = Reply(200, bomb, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        said = failure(answer)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "KiB" in said
    assert peak < 24 * MIB


@pytest.mark.parametrize(
    "body",
    [
        b"not gzip at all",
        gzip.compress(b'{"specialist": {"id": "sp_1"}}')[:-4],
        gzip.compress(b"{}") + b"trailing",
        gzip.compress(b"{}") + gzip.compress(b"{}"),
    ],
    ids=["no gzip", "cut short", "trailing bytes", "two members"],
)
def test_a_broken_gzip_is_no_answer(body: bytes) -> None:
    answer = Reply(200, body, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert "gzip" in failure(answer)


def test_an_endless_answer_ends_at_the_bound() -> None:
    def parts() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n"
        for _ in range(200):
            yield b" " * 65536

    assert "KiB" in failure(Reply(raw=parts()))


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n", b" "),
        (b"HTTP/1.1 200 X\r\n", b"X: y\r\n"),
    ],
)
def test_a_slow_drip_ends_at_the_total_deadline(head: bytes, drop: bytes) -> None:
    looks = threading.Semaphore(0)
    ticks = itertools.count(step=0.9)  # every look at the clock finds it nearly a second later

    def clock() -> float:
        looks.release()
        return next(ticks)

    def drip() -> Iterator[bytes]:
        yield head
        for _ in range(50):
            looks.acquire(timeout=1)  # a drop for every look: none comes early with another
            yield drop

    assert "in time" in failure(Reply(raw=drip()), clock=clock)


@pytest.mark.parametrize(
    "answer",
    [
        Reply(
            raw=[
                b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}"
            ]
        ),
        Reply(raw=[b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}"]),
        Reply(raw=[b"HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n{}"]),
        Reply(raw=[b"SSH-2.0-hello\r\n"]),
        Reply(raw=[b"HTTP/1.1 200 X\r\n" + b"X: " + b"y" * 300_000]),
        Reply(raw=[b""]),
        Reply(reset=True),
        Reply(200, b"<html>", {"Content-Type": "text/html"}),
        Reply(200, b'{"specialist"', {"Content-Type": "application/json"}),
        Reply(200, b"[" * 100_000, {"Content-Type": "application/json"}),
        Reply(200, b'{"specialist": {"id": "\xff"}}', {"Content-Type": "application/json"}),
        Reply(200, b'{"specialist": {"id": NaN}}', {"Content-Type": "application/json"}),
        Reply(200, b'{"specialist": {"id": "\\ud800"}}', {"Content-Type": "application/json"}),
        Reply(200, b"1" + b"0" * 5000, {"Content-Type": "application/json"}),
        Reply(204),
        Reply(206, b"{}", {"Content-Type": "application/json"}),
        Reply(304),
    ],
)
def test_what_is_not_a_whole_sensible_answer_is_unreachable(answer: Reply) -> None:
    said = failure(answer)
    assert said.isprintable()


def test_nobody_listening_is_said_plainly() -> None:
    with serving(lambda _: reply(SESSION)) as server:
        origin = server.origin
    asking = EscalationsSource(origin, TOKEN)
    with pytest.raises(Unreachable, match="refuses connections"):
        asking.session()
    asking.close()


def test_closing_wakes_a_call_that_waits() -> None:
    arrived, release = threading.Event(), threading.Event()

    def handler(_: Request) -> Reply:
        arrived.set()
        return Reply(raw=[], hold=release)

    with serving(handler) as server:
        asking = EscalationsSource(server.origin, TOKEN)
        caught: list[Exception] = []

        def ask() -> None:
            try:
                asking.session()
            except Unreachable as problem:
                caught.append(problem)

        thread = threading.Thread(target=ask)
        thread.start()
        assert arrived.wait(10)
        asking.close()
        thread.join(5)
        woken = not thread.is_alive()
        release.set()
        thread.join()
        assert woken
        assert caught
        with pytest.raises(Unreachable):
            asking.session()


@pytest.mark.parametrize("seconds", [-120, 0, 45])
def test_the_date_tells_the_skew(seconds: int) -> None:
    with serving(lambda _: reply(SESSION)) as server:
        asking = EscalationsSource(
            server.origin, TOKEN, now=lambda: NOW - timedelta(seconds=seconds)
        )
        assert asking.clock_skew() is None
        asking.session()
        assert asking.clock_skew() == pytest.approx(seconds, abs=1)
        asking.close()


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Nov 2026 99:99:99 GMT", "0", "\x80"])
def test_a_malformed_date_is_no_date(date: str) -> None:
    with serving(lambda _: reply(SESSION, Date=date)) as server:
        asking = source(server)
        asking.session()
        assert asking.clock_skew() is None
        asking.close()
