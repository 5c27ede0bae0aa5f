"""A specialist's desk in front of a practice server that comes and goes."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from console.casework import actions
from console.casework.actions import AnyAction
from console.desk import Desk
from console.profiles.home import Profile
from console.sources.escalations import EscalationsSource
from local_cache.cache import Cache
from local_cache.entries import Entry
from local_cache.query import CaseQuery
from tests.servers import PracticeServer, start

KEY = bytes(range(32))


def decision(rationale: str = "It goes by ordinary process.") -> actions.Decide:
    """Return a decision that needs neither verification nor a second person."""
    return actions.Decide(
        disposition="REDIRECT_LEGAL_PROCESS", reasons=("LA_NO_BASIS",), rationale=rationale
    )


def answer(decision_id: str | None, **members: Any) -> actions.Respond:
    """Return a response that discloses nothing."""
    return actions.Respond(
        to="officer@northfield-police.example",
        channel="email",
        body="Please use the ordinary process.",
        decision=decision_id,
        **members,
    )


class Shift:
    """One night at the desk: a kept server that can be killed, a cache, a clock to turn."""

    def __init__(self, folder: Path, *, who: str = "sp_1", cases: int = 12) -> None:
        self.server: PracticeServer = start(cases=cases, seed=2, keep=folder / "kept")
        self.later = timedelta(0)
        """How far the desk's clock was turned on."""
        self.who = who
        self.down = False
        url, token = self.server.url, self.server.token_of(who)
        profile = Profile(
            name="test", origin=url, source="escalations", specialist_id=who,
            created_at=datetime.now(UTC),
        )  # fmt: skip
        cache = Cache.open(folder / "profile" / "cache.db", KEY)
        self.desk = Desk(profile, cache, lambda: EscalationsSource(url, token), now=self.now)
        assert self.desk.sync_once().online

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def fails(self) -> None:
        """The server dies, without a word."""
        self.server.kill()
        self.down = True

    def returns(self) -> None:
        """It is started again, with all that it had acknowledged."""
        self.server = self.server.restart()
        self.down = False

    def close(self) -> None:
        self.desk.close()
        if not self.down:
            self.server.stop()

    # --- What there is ---

    def cases(self, count: int) -> list[str]:
        """Return open cases that nobody holds."""
        rows = self.desk.rows(self.desk.listing(CaseQuery()))
        found = [row.id for row in rows if row.state == "open" and row.claim_by is None]
        assert len(found) >= count
        return found[:count]

    def record(self, case_id: str, *doings: AnyAction) -> list[str]:
        """Record actions, in order; return their keys."""
        return [self.desk.act(case_id, doing).key for doing in doings]

    def state(self, key: str) -> str:
        return self.entry(key).state

    def entry(self, key: str) -> Entry:
        return self.desk.entry(key)

    def there(self, case_id: str) -> list[dict[str, Any]]:
        """Return the actions that the server has on a case, in its order."""
        with self.server.client(self.server.token_of(self.who)) as client:
            answered = client.get(f"/v1/cases/{case_id}/actions", params={"limit": "1000"})
            answered.raise_for_status()
            return answered.json()["items"]

    def keys_there(self, case_id: str) -> list[str]:
        return [record["id"] for record in self.there(case_id)]


def body_of(entry: Entry) -> dict[str, Any]:
    return msgspec.json.decode(entry.body)


@contextmanager
def shift(folder: Path, **arguments: Any) -> Generator[Shift]:
    made = Shift(folder, **arguments)
    try:
        yield made
    finally:
        made.close()
