"""A desk over a real cache, without a server: the console is offline from the start.

That is said within a moment, and changes nothing in what can be filled in and recorded.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from textual.pilot import Pilot

from console.app import NightdeskApp, SyncHappened
from console.desk import Desk
from console.everywhere import Practice
from console.profiles.home import Profile
from console.sources.base import Source
from console.sources.escalations import EscalationsSource
from console.sync import SyncEvent
from local_cache.cache import Cache
from local_cache.cases import Incoming
from local_cache.entries import Entry
from local_cache.records import Policy, RegisteredAgency, read
from local_cache.tables import Tables
from tests.caches import KEY, parsed
from tests.pilot.driver import Driver, console
from tests.servers import REPOSITORY
from widgets.key_bytes import QuickParser

NOBODY = "http://127.0.0.1:9"
"""Nothing listens there."""


def practice_policy() -> Policy:
    """Return the policy that Nightdesk ships for practice."""
    return read(Policy, (REPOSITORY / "console/practice/data/policy.json").read_bytes())


def _nobody() -> Source:
    return EscalationsSource(NOBODY, "no-token")


class Ground:
    """A specialist's desk, and what a test puts into its cache."""

    def __init__(self, folder: Path, *, me: str = "sp_1", key: bytes = KEY) -> None:
        self.me = me
        profile = Profile(
            name="test",
            origin=NOBODY,
            source="escalations",
            specialist_id=me,
            created_at=datetime.now(UTC),
        )
        self.desk = Desk(profile, Cache.open(folder / "cache.db", key), _nobody)

    def seed(
        self,
        *cases: dict[str, Any],
        policy: Policy | None = None,
        roles: tuple[str, ...] = ("specialist",),
        register: Iterable[RegisteredAgency] = (),
    ) -> None:
        """Fill the cache as the sync would."""
        me = {"id": self.me, "name": "Robin Vale", "roles": list(roles)}

        def fill(tables: Tables) -> None:
            tables.meta.set("specialist", msgspec.json.encode(me).decode())
            tables.policies.put(policy or practice_policy())
            for agency in register:
                tables.requesters.put(agency)

        self.desk.cache.write(fill)
        self.put(*cases)

    def put(self, *cases: dict[str, Any]) -> None:
        """Put documents as the feed brings them."""
        documents = [_incoming(case) for case in cases]
        self.desk.cache.write(lambda tables: tables.cases.put(documents))

    def entries(self) -> list[Entry]:
        """Return what is in the outbox."""
        return self.desk.outbox()


def _incoming(case: dict[str, Any]) -> Incoming:
    raw = msgspec.json.encode(case)
    return Incoming(
        id=case["id"], seq=case["seq"], version=case["version"], raw=raw, case=parsed(raw)
    )


class Hand(Driver):
    """A driver that types texts, and reads a sentence also where it is broken over lines."""

    def __init__(self, app: NightdeskApp, pilot: "Pilot[int]") -> None:
        super().__init__(app, pilot)
        self._parser = QuickParser()

    def read(self) -> str:
        """Return the screen as one line of words, without the bars at its edge."""
        lines = (line.lstrip(" │┃█▌") for line in self.text.split("\n"))
        return " ".join(" ".join(lines).split())

    def feed(self, data: str) -> None:
        """Give the console what a terminal sends, as one read."""
        if not data:
            return  # to the parser that is the end of all input
        terminal = self.app._driver
        assert terminal is not None
        for message in [*self._parser.feed(data), *self._parser.tick()]:
            terminal.process_message(message)

    def rest(self) -> None:
        """Let the hand rest: what comes next is not together with what came before."""
        self._parser = QuickParser()

    async def type(self, text: str) -> "Hand":
        """Type a text into the field that has the focus."""
        self.rest()
        self.feed(text)
        self.rest()
        await self.pilot.pause()
        return self

    async def see(self, *words: str) -> "Hand":
        """Wait until all of these words are there."""
        for each in words:
            await self.until(lambda each=each: each in self.read(), repr(each))
        return self

    async def miss(self, *words: str) -> "Hand":
        """Wait until none of these words is there."""
        for each in words:
            await self.until(lambda each=each: each not in self.read(), f"the end of {each!r}")
        return self

    def news(self, event: SyncEvent) -> None:
        """Tell the console what the sync did."""
        self.app.post_message(SyncHappened(event))


@asynccontextmanager
async def at_the_desk(
    ground: Ground, *, size: tuple[int, int] = (120, 40), practice: Practice | None = None
) -> AsyncGenerator[Hand]:
    """Run the console on a desk; the list is there when the block begins."""
    async with console(ground.desk, size, practice=practice) as driver:
        hand = Hand(driver.app, driver.pilot)
        await hand.see("by urgency")
        yield hand
