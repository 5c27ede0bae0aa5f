"""A night at a desk: what people, the server, the network, the clock, the disk and crashes may do.

The real desk, sync and HTTP client in front of a small exact server (tests/small_desk.py), which
remembers what it applied. Faults are drawn before they strike, so that a failing run can be shrunk.
"""

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import force_setattr

from console.casework import actions
from console.casework.actions import AnyAction
from console.desk import Desk
from console.profiles.home import Profile
from console.sources.escalations import EscalationsSource
from console.sources.exchange import Bounds
from local_cache.cache import Cache, CacheError, Tables
from local_cache.errors import DiskTrouble
from tests.caches import KEY
from tests.faulty_server import FaultyServer, Reply, Request, problem
from tests.small_desk import ME, NOON, Serve, SmallDesk

T = TypeVar("T")

POLICY: dict[str, Any] = {
    "id": "default",
    "version": "2026.11",
    "undo_window": "PT10S",
    "offline_confirm": {"assess": "PT1H"},
    "dispositions": [],
}
FAULTS: dict[str, Callable[[Serve], Reply]] = {
    "reset before it arrived": lambda _: Reply(reset=True),
    "reset after it arrived": lambda serve: _after(serve, Reply(reset=True)),
    "garbage after it arrived": lambda serve: _after(
        serve, Reply(201, b"\x00\xff{", {"Content-Type": "application/json"})
    ),
    "502 after it arrived": lambda serve: _after(serve, Reply(502, b"<html>")),
    "delivered twice": lambda serve: _after(serve, serve()),
    "429": lambda _: problem(429, "slow-down"),
    "refused": lambda _: problem(422, "invalid", errors=[{"pointer": "/x", "detail": "no"}]),
}


def _after(serve: Serve, answer: Reply) -> Reply:
    serve()
    return answer


class Died(BaseException):
    """The process ends here, in the middle of whatever it does."""


class House:
    """One specialist's machine and the server; the machine can be switched off and on."""

    def __init__(self, cases: tuple[str, ...]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.there = SmallDesk()
        self.there.policy = POLICY
        for case_id in cases:
            self.there.case(case_id)
        self.server = FaultyServer(self.there)
        self.there.fault = self._between
        self.now = NOON
        self.down = False
        self.faults: list[str] = []
        """What happens to the next actions that are sent, in order."""
        self.dies_in: int | None = None
        """Writes to the cache after which the process ends, before or after the commit."""
        self.dies_after_commit = False
        self.with_one_on_its_way: Callable[[], None] | None = None
        """What happens here while an action has been sent and is not answered yet."""
        self.disk_full_in: int | None = None
        self.disk_full = False
        self.posted: list[tuple[str, str, str | None, bytes]] = []
        """Case, key, If-Match and body of each action that reached the server's door."""
        self.desk = self._start()

    def close(self) -> None:
        self.desk.close()
        self.server.close()
        self._folder.cleanup()

    # --- The machine ---

    def _start(self) -> Desk:
        origin = self.server.origin
        profile = Profile(
            name="test", origin=origin, source="escalations", specialist_id=ME,
            created_at=datetime(2026, 11, 1, tzinfo=UTC),
        )  # fmt: skip
        cache = Cache.open(
            Path(self._folder.name) / "profile" / "cache.db",
            KEY,
            now_ms=lambda: int(self.now.timestamp() * 1000),
        )
        self._whole_write = cache.write
        cache.write = self._write  # type: ignore[method-assign] - the disk and the power fail here
        desk = Desk(
            profile,
            cache,
            lambda: EscalationsSource(
                origin, "t", bounds=Bounds(connect=2, read=5, total=10), now=lambda: self.now
            ),
            now=lambda: self.now,
        )
        force_setattr(desk.sync._ground, "pause", self.wait)
        desk.sync._ground.rng.seed(7)
        return desk

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _write(self, work: Callable[[Tables], T], *, urgent: bool = True) -> T:
        if self.disk_full_in is not None:
            self.disk_full_in -= 1
            if self.disk_full_in < 0:
                self.disk_full, self.disk_full_in = True, None
        if self.disk_full:
            raise DiskTrouble("The disk refused.")
        dies = False
        if self.dies_in is not None:
            self.dies_in -= 1
            dies = self.dies_in < 0
        if dies and not self.dies_after_commit:
            raise Died
        value = self._whole_write(work, urgent=urgent)
        if dies:
            raise Died
        return value

    @contextmanager
    def accidents(self) -> Generator[None]:
        """Do something during which the process may die or the disk refuse."""
        try:
            yield
        except Died:
            self.crash()
        except CacheError:
            assert self.disk_full  # nobody is told of trouble that is not there
        finally:
            self.dies_in = self.with_one_on_its_way = None

    def crash(self) -> None:
        """Switch it off without a word, and on again."""
        self.dies_in = self.disk_full_in = None
        self.disk_full = False
        with suppress(CacheError):
            self.desk.close()
        self.desk = self._start()

    # --- The network ---

    def _between(self, request: Request, serve: Serve) -> Reply:
        if self.down:
            return Reply(reset=True)
        if request.method != "POST":
            return serve()
        case_id = request.path.split("/")[3]
        if_match = request.headers.get("if-match")
        key = request.headers["idempotency-key"]
        self.posted.append((case_id, key, if_match, request.body))
        if self.with_one_on_its_way is not None:
            self.with_one_on_its_way()
            self.with_one_on_its_way = None
        return FAULTS[self.faults.pop(0)](serve) if self.faults else serve()

    # --- Questions ---

    def ask(self, question: Callable[[Tables], T]) -> T:
        with self.desk.cache.read() as tables:
            return question(tables)

    def applied(self, case_id: str) -> list[str]:
        """Return what took effect on a case, in order, each time that it did."""
        ours = [record["id"] for record in self.there.records.get(case_id, [])]
        return [key for key in self.there.applied if key in ours]

    def document(self, case_id: str) -> dict[str, Any] | None:
        """Return the document of a case that work here stands on."""
        stored = self.ask(lambda tables: tables.cases.get(case_id))
        if stored is None or not stored.document:
            return None
        return msgspec.json.decode(stored.document)


def doing(kind: str, number: int) -> AnyAction:
    text = f"done {number}"
    if kind == "assess":
        return actions.Assess(priority="P1", rationale=text)
    if kind == "tag":
        return actions.Tag(add=(f"t{number}",))
    return actions.Note(body=text)
