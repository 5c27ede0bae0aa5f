"""The sync of a console: it delivers and pulls by itself, tells what happened, and ends in time."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.sync import CasesChanged, ConnectionChanged, EntryMoved, SyncEvent, TokenWasRefused
from local_cache.errors import DiskTrouble
from local_cache.lock import DrainLock
from tests.faulty_server import Reply, Request, problem
from tests.small_desk import Bench, Serve, bench

WITHIN = 20.0
"""Seconds in which a busy machine must have done what a test waits for."""


class Listener:
    """Collects events and waits for those that a test asks for."""

    def __init__(self) -> None:
        self.events: list[SyncEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: SyncEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, wanted: Callable[[SyncEvent], bool]) -> None:
        with self._changed:
            found = self._changed.wait_for(lambda: any(map(wanted, self.events)), WITHIN)
        assert found, self.events

    def forget(self) -> None:
        with self._changed:
            self.events.clear()


def accepted(key: str) -> Callable[[SyncEvent], bool]:
    return lambda event: (
        isinstance(event, EntryMoved) and (event.key, event.state) == (key, "accepted")
    )


def online(event: SyncEvent) -> bool:
    return isinstance(event, ConnectionChanged) and event.online


def offline(event: SyncEvent) -> bool:
    return isinstance(event, ConnectionChanged) and not event.online


@contextmanager
def running(desk: Bench) -> Generator[Listener]:
    """Run the sync on real time for a block, and require that it ends within two seconds."""
    listener, stop = Listener(), threading.Event()
    desk.sync = desk.new_sync(pause=time.sleep, on_event=listener, now=lambda: datetime.now(UTC))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            desk.sync.run(stop)
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener
    finally:
        stop.set()
        began = time.monotonic()
        thread.join(WITHIN)
        took = time.monotonic() - began
    assert not failures
    assert took < 2.5


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Bench]:
    with bench(tmp_path) as made:
        made.clock.time = datetime.now(UTC)
        made.there.case("c_1")
        made.there.case("c_2")
        yield made


def test_it_pulls_delivers_and_follows_nudges(desk: Bench) -> None:
    news, nudged = threading.Event(), b"event: change\ndata: {}\n\n"

    def stream() -> Generator[bytes]:
        yield b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\n\r\n"
        news.wait(WITHIN)
        yield nudged

    hold = threading.Event()
    desk.there.fault = lambda request, serve: (
        Reply(raw=stream(), hold=hold) if request.path.endswith("events") else serve()
    )
    with running(desk) as heard:
        heard.until(online)
        heard.until(lambda event: isinstance(event, CasesChanged))
        key = desk.record("c_1")
        desk.sync.wake()
        heard.until(accepted(key))
        desk.there.case("c_9")
        news.set()
        heard.until(
            lambda event: (
                isinstance(event, CasesChanged) and event.ids is not None and "c_9" in event.ids
            )
        )
        assert desk.sync.online
        assert desk.sync.finish(5) == []


def test_what_another_process_records_is_found_without_being_told(desk: Bench) -> None:
    with running(desk) as heard:
        heard.until(online)
        key = desk.record("c_1")
        heard.until(accepted(key))


def test_an_outage_is_told_and_what_was_recorded_goes_when_it_ends(desk: Bench) -> None:
    with running(desk) as heard:
        heard.until(lambda event: isinstance(event, CasesChanged))
        desk.there.fault = lambda _request, _serve: Reply(reset=True)
        keys = [desk.record("c_1"), desk.record("c_2"), desk.record("c_1")]
        desk.sync.wake()
        heard.until(offline)
        assert not desk.there.applied
        heard.forget()
        desk.there.fault = lambda _, serve: serve()
        desk.sync.wake()
        heard.until(online)
        for key in keys:
            heard.until(accepted(key))
    assert sorted(desk.there.applied) == sorted(keys)


def test_a_stuck_feed_is_told_and_stops_no_delivery(desk: Bench) -> None:
    desk.there.fault = lambda request, serve: (
        Reply(200, b"{", {"Content-Type": "application/json"})
        if request.path.endswith("changes")
        else serve()
    )
    with running(desk) as heard:
        heard.until(
            lambda event: (
                isinstance(event, ConnectionChanged)
                and event.online
                and "stuck" in (event.why or "")
            )
        )
        key = desk.record("c_1")
        desk.sync.wake()
        heard.until(accepted(key))


def test_a_delivery_that_hangs_stops_neither_the_others_nor_the_feed(desk: Bench) -> None:
    hold = threading.Event()

    def fault(request: Request, serve: Serve) -> Reply:
        hangs = request.method == "POST" and "c_1" in request.path
        return Reply(raw=[], hold=hold) if hangs else serve()

    desk.there.fault = fault
    with running(desk) as heard:
        heard.until(lambda event: isinstance(event, CasesChanged))
        stuck = desk.record("c_1")
        desk.sync.wake()
        heard.until(lambda event: isinstance(event, EntryMoved) and event.key == stuck)
        others = [desk.record("c_2") for _ in range(3)]
        desk.sync.wake()
        for key in others:
            heard.until(accepted(key))
        assert desk.entry(stuck).state == "sending"
    # Ended in the middle of it: kept, and known to be in doubt.
    assert desk.entry(stuck).state in ("sending", "pending")


def test_a_refused_token_ends_the_run_by_itself(desk: Bench) -> None:
    listener = Listener()
    desk.there.fault = lambda _request, _serve: problem(401, "unauthenticated")
    key = desk.record("c_1")
    sync = desk.new_sync(pause=time.sleep, on_event=listener)
    sync.run(threading.Event())
    listener.until(lambda event: isinstance(event, TokenWasRefused))
    assert desk.entry(key).state == "pending"


def test_a_defect_in_a_thread_is_raised_where_it_runs(desk: Bench) -> None:
    def broken(_: SyncEvent) -> None:
        raise ZeroDivisionError

    sync = desk.new_sync(pause=time.sleep, on_event=broken)
    with pytest.raises(ZeroDivisionError):
        sync.run(threading.Event())


def test_a_disk_that_refuses_is_told_and_tried_again(
    desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = desk.here.cache.write
    refusals = iter([DiskTrouble("full")] * 3)

    def refuse(*arguments: object, **named: object) -> object:
        trouble = next(refusals, None)
        if trouble is not None:
            raise trouble
        return write(*arguments, **named)  # pyright: ignore[reportArgumentType, reportCallIssue]

    monkeypatch.setattr("console.sync.background._STORAGE_AGAIN", 0.01)
    desk.here.cache.write = refuse  # pyright: ignore[reportAttributeAccessIssue] - a full disk
    with running(desk) as heard:
        heard.until(lambda event: type(event).__name__ == "StorageFailed")
        heard.until(lambda event: isinstance(event, CasesChanged))


def test_send_now_works_beside_the_background(desk: Bench) -> None:
    with running(desk) as heard:
        heard.until(lambda event: isinstance(event, CasesChanged))
        claims = [desk.record(case, "claim", version=None) for case in ("c_1", "c_2")]
        assert [desk.sync.send_now(key).state for key in claims] == ["accepted", "accepted"]
    assert desk.there.applied == claims


def test_without_the_turn_it_neither_pulls_nor_delivers_until_it_is_free(desk: Bench) -> None:
    other = DrainLock(desk.here.path.with_name("drain.lock"))
    assert other.try_acquire()
    key = desk.record("c_1")
    with running(desk) as heard:
        heard.until(online)
        assert desk.entry(key).state == "pending"
        other.release()
        heard.until(accepted(key))
