"""Runs the practice desk: a process of its own on loopback, told of by one announcement.

`python -m console.practice.server` is its own door; `nightdesk practice` calls `serve`.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec
import uvicorn
from litestar.types import Scope

from console.practice.app import build
from console.practice.colleagues import Colleagues
from console.practice.controls import Outage
from console.practice.journal import SqliteJournal
from console.practice.keeping import add_file, hold
from console.practice.maker import Maker
from console.practice.reference import queues, starter_policy, starter_templates
from console.practice.scenarios import generate
from console.practice.service import PracticeDesk
from console.practice.store import Held, Store, Unit
from console.practice.wire import Case

HOST: Final = "127.0.0.1"
_TICK: Final = 0.5
_GRACE: Final = 1
"""Seconds that open answers get when the desk ends."""
_ENCODER: Final = msgspec.json.Encoder()


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def open_desk(
    *,
    cases: int,
    seed: int,
    keep: Path | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> PracticeDesk:
    """Return a desk: the kept one if there is one, else a new one with its scenarios."""
    store = Store(None if keep is None else SqliteJournal(keep))
    if "birth" not in store.meta:
        fill(store, cases=cases, seed=seed, start=clock())
    return PracticeDesk(store, seed=int(store.meta["seed"]), clock=clock)


def fill(store: Store, *, cases: int, seed: int, start: datetime) -> None:
    """Fill an empty store, in one unit: a desk that was cut off here begins anew."""
    # Documents of a desk that was not kept never come back under a lower seq, so a client's
    # "never replace by a lower seq" holds across restarts too.
    birth = int(start.timestamp() * 1_000_000)
    store.last_seq = birth
    unit = Unit(meta={"birth": str(birth), "seed": str(seed)})
    policy = starter_policy()
    maker = Maker(seed, start, policy)
    first: list[tuple[str, str, str, object]] = [("policy", policy.id, policy.version, policy)]
    first += [("queue", queue.id, "1", queue) for queue in queues()]
    first += [("template", one.id, one.version, one) for one in starter_templates()]
    first += [("requester", agency.id, "1", agency) for agency in maker.register]
    for kind, document_id, version, document in first:
        held = Held(store.next_seq(), version, _ENCODER.encode(document), was_public=True)
        unit.documents.append((kind, document_id, held))
    for made in generate(maker, cases):
        case = made.case
        case.seq = store.next_seq()
        for file, content in made.files:
            add_file(unit, case.id, file, content)
        unit.documents.append(("case", case.id, hold(case, _ENCODER.encode(case))))
        unit.records += ((case.id, record) for record in _records(case))
    store.commit(unit)


def _records(case: Case) -> list[bytes]:
    made = [*case.notes, *case.decisions, *case.responses, *case.preservations, *case.enforcements]
    made.sort(key=lambda record: record.received_at)
    return [_ENCODER.encode(record) for record in made]


class _Server(uvicorn.Server):
    """uvicorn, but a signal ends it with success, and ends the event streams first."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self.closing = asyncio.Event()
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def end(self) -> None:
        """Stop serving; streams end themselves, the rest gets a moment."""
        self.should_exit = True
        self.closing.set()

    def cut(self, scope: Scope) -> None:
        """Cut the connection that a request came over, as a failing network does."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == tuple(scope["client"] or ()):  # type: ignore[typeddict-item]
                connection.transport.abort()  # type: ignore[union-attr]


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio sets TCP_NODELAY; without, each answer waits for 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    *,
    cases: int,
    seed: int,
    arrivals: float,
    port: int,
    keep: Path | None,
    announce: Callable[[dict[str, object]], None],
) -> None:
    """Serve a practice desk until SIGTERM or SIGINT; blocks.

    `announce` is called once the desk listens, with its `url`, the default `token` and all the
    `specialists`. Port 0 takes a free one. `keep` is a directory: the desk in it is opened again,
    with all that it had acknowledged, whatever `cases` and `seed` say.

    Raises:
        OSError: when the port or the directory cannot be used.
    """
    with _listen(port) as listener:
        with _ends_while_starting():
            desk = open_desk(cases=cases, seed=seed, keep=keep)
        try:
            asyncio.run(_serve(desk, listener, seed, arrivals, announce))
        finally:
            desk.store.close()


@contextlib.contextmanager
def _ends_while_starting() -> Generator[None, None, None]:
    """Let a signal end the program cleanly while the scenarios are still made."""

    def leave(_: int, __: FrameType | None) -> None:
        sys.exit(0)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _serve(
    desk: PracticeDesk,
    listener: socket.socket,
    seed: int,
    arrivals: float,
    announce: Callable[[dict[str, object]], None],
) -> None:
    def listening() -> None:
        announce(announcement(desk, listener.getsockname()[1]))

    config = uvicorn.Config(
        _later,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )
    server = _Server(config, listening)
    outage = Outage(server.cut)
    colleagues = Colleagues(desk, seed, arrivals)
    app = build(desk, server.closing, outage)
    app.state["colleagues"] = colleagues
    config.app = app
    life = asyncio.create_task(_live(desk, colleagues))
    try:
        await server.serve(sockets=[listener])
    finally:
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life


async def _later(*_: object) -> None:
    """Stand in for the application until it is built."""


async def _live(desk: PracticeDesk, colleagues: Colleagues) -> None:
    """Let time pass at the desk."""
    ticks = 0
    while True:
        await asyncio.sleep(_TICK)
        ticks += 1
        # What the disk refuses has not happened; the next tick tries again.
        with contextlib.suppress(sqlite3.Error):
            desk.expire_claims()
            desk.finish_effects()
            colleagues.tick(_TICK)
            if ticks % 20 == 0:
                desk.tell_queues()


def announcement(desk: PracticeDesk, port: int) -> dict[str, object]:
    """Return what `--serve` prints."""
    people = list(desk.people.values())
    return {
        "url": f"http://{HOST}:{port}",
        "token": people[0].token,
        "specialists": [
            {"id": one.id, "name": one.name, "roles": list(one.roles), "token": one.token}
            for one in people
        ],
    }


def main() -> None:
    """Run from the command line, announcing on standard output as one line of JSON."""
    parser = argparse.ArgumentParser(prog="console.practice.server", description=__doc__)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arrivals", type=float, default=0.0, help="new cases an hour")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    try:
        serve(
            cases=given.cases,
            seed=given.seed,
            arrivals=given.arrivals,
            port=given.port,
            keep=given.keep,
            announce=_print,
        )
    except (OSError, OverflowError) as problem:
        parser.error(str(problem))


def _print(told: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
