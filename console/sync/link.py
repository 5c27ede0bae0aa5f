"""The connection as a whole: whose it is, whether it stands, when it may be used."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from console.sources.base import (
    CursorExpired,
    Refused,
    SlowDown,
    SourceError,
    TokenRefused,
    Unreachable,
)
from console.sync.events import (
    ConnectionChanged,
    PolicyChanged,
    RegisterChanged,
    TokenWasRefused,
)
from console.sync.ground import CLOCK_SKEW, REGISTER_LOADED, SPECIALIST, Ground
from local_cache.cache import Tables
from local_cache.records import Policy, Queue, RegisteredAgency, Session, Template, write

T = TypeVar("T")

_PROBE_AGAIN: Final = timedelta(seconds=1)


class WrongSpecialist(SourceError):
    """The token belongs to somebody else than the profile does."""


class Link:
    """Knows who we are to the server and whether it answers; all threads of a sync share one.

    Nothing is fetched or sent before the server has said that the token is this specialist's,
    and again after every time the connection was lost.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lock = threading.RLock()
        self._connecting = threading.Lock()
        self._state: tuple[bool, str | None] = (False, None)
        self._feed_trouble: str | None = None
        self._since = ground.now()
        self._ready = False
        self._ended = False
        self._held_until_ms = 0
        self._held_s = 0.0
        self._probed: datetime | None = None

    # --- How it stands ---

    @property
    def online(self) -> bool:
        """Whether the server answered last time; False before it was tried."""
        return self._state[0]

    @property
    def why(self) -> str | None:
        """What is wrong, in words for the screen."""
        return self._state[1]

    @property
    def ready(self) -> bool:
        """Whether the server has said who we are since the connection was lost last."""
        return self._ready and not self._ended

    @property
    def ended(self) -> bool:
        """Whether nothing can go on with this token."""
        return self._ended

    def held(self) -> bool:
        """Whether the server asked everybody on this connection to wait."""
        return self.held_for() > 0

    def held_for(self) -> float:
        """Return how many seconds the server still asks to wait: never more than it did.

        A clock set back ends the wait.
        """
        left = (self._held_until_ms - self._ground.now_ms()) / 1000
        return left if 0 < left <= self._held_s else 0.0

    # --- What happened ---

    def slowed(self, slow: SlowDown) -> None:
        """The server asks everybody here to wait; a person's own try is not held.

        One that serves nobody meanwhile counts as not there.
        """
        self._held_s = slow.seconds
        self._held_until_ms = self._ground.now_ms() + int(slow.seconds * 1000)
        if slow.down:
            self.lost(slow)

    def spoke(self) -> None:
        """The server answered."""
        self._become(online=True, why=self._feed_trouble)

    def feed_goes_on(self) -> None:
        """The server gave a page of the feed."""
        self._feed_trouble = None
        self.spoke()

    def feed_stuck(self, problem: SourceError) -> None:
        """The server answers, but its feed does not go on: it is told, and stops nothing else."""
        self._feed_trouble = str(problem)
        self.spoke()

    def lost(self, problem: SourceError) -> None:
        """It did not answer: whoever comes next must say again who we are."""
        self._ready = False
        self._become(online=False, why=str(problem))

    def end(self, problem: SourceError) -> None:
        """The token is refused, or another's: everything is kept, nothing goes on."""
        with self._lock:
            first, self._ended = not self._ended, True
        self._become(online=False, why=str(problem))
        if first and isinstance(problem, TokenRefused):
            self._ground.on_event(TokenWasRefused())

    def failed(self, problem: SourceError) -> bool:
        """Find out what an Unreachable means: True where the server answers all the same.

        One request may fail on its own, a document or an entry the server chokes on. That must
        not stop the others, so the connection is only lost once it does not even say who we are.
        """
        with self._connecting:
            if self._recently_probed():
                return self.ready
            self._probed = self._ground.now()
            try:
                self._identify()
            except (TokenRefused, WrongSpecialist) as refused:
                self.end(refused)
                return False
            except SlowDown as slow:
                self.slowed(slow)
                return self.ready
            except SourceError:
                self.lost(problem)
                return False
        return True

    def _recently_probed(self) -> bool:
        return self._probed is not None and abs(self._ground.now() - self._probed) < _PROBE_AGAIN

    def _become(self, *, online: bool, why: str | None) -> None:
        with self._lock:
            if self._state == (online, why):
                return
            if self._state[0] != online:
                self._since = self._ground.now()
            self._state = (online, why)
            event = ConnectionChanged(online, self._since, why)
        self._ground.on_event(event)

    # --- Connecting ---

    def connect(self, *, full: bool = False) -> str | None:
        """Say who we are and fetch what work is judged by; return what could not be fetched.

        Does nothing where that was done since the connection was lost last, but with `full`.

        Raises:
            WrongSpecialist, TokenRefused: the end, until another token or profile.
            SourceError: nothing may be sent yet.
        """
        with self._connecting:
            if self._ended:
                raise Unreachable(self.why or "The connection has ended.")
            if self._ready and not full:
                return None
            try:
                missing = self._fetch(self._identify(), full=full)
            except (TokenRefused, WrongSpecialist) as refused:
                self.end(refused)
                raise
            except SourceError as problem:
                if isinstance(problem, SlowDown):
                    self.slowed(problem)
                self.lost(problem)
                raise
            self._ready = True
            self._probed = None
        self.spoke()
        return missing

    def _identify(self) -> Session:
        session = self._ground.source.session()
        if session.specialist.id != self._ground.specialist_id:
            raise WrongSpecialist(
                "The token belongs to another specialist than this profile. Nothing was fetched "
                "or sent, everything is kept: connect with that token to a profile of its own."
            )
        return session

    def _fetch(self, session: Session, *, full: bool) -> str | None:
        source = self._ground.source
        skew = source.clock_skew()
        problems: list[str] = []
        policy = _attempt(source.policy, problems)
        templates = _attempt(source.templates, problems)
        queues = _attempt(source.queues, problems)
        with self._ground.cache.read() as tables:
            full = full or tables.meta.get(REGISTER_LOADED) is None
        register = _attempt(source.requesters, problems) if full else None

        def keep(tables: Tables) -> tuple[bool, bool]:
            tables.meta.set(SPECIALIST, write(session.specialist).decode())
            if skew is not None:
                tables.meta.set(CLOCK_SKEW, f"{skew:.3f}")
            self._ground.note_contact(tables)
            return _keep_policy(tables, policy), _keep_lists(tables, templates, queues, register)

        new_policy, new_lists = self._ground.cache.write(keep, urgent=False)
        if policy is not None and new_policy:
            self._ground.on_event(PolicyChanged(policy.version))
        if new_lists:
            self._ground.on_event(RegisterChanged())
        return problems[0] if problems else None

    def refresh_policy(self) -> None:
        """Fetch the policy once more: the server just judged by another than ours."""
        problems: list[str] = []
        policy = _attempt(self._ground.source.policy, problems)
        if policy is not None and self._ground.cache.write(
            lambda tables: _keep_policy(tables, policy), urgent=False
        ):
            self._ground.on_event(PolicyChanged(policy.version))


def _attempt(fetch: Callable[[], T], problems: list[str]) -> T | None:
    """Fetch what work goes on without: what is kept from the last time stays in use."""
    try:
        return fetch()
    except (Unreachable, Refused, SlowDown, CursorExpired) as problem:
        problems.append(str(problem))
        return None


def _keep_policy(tables: Tables, policy: Policy | None) -> bool:
    if policy is None:
        return False
    present = tables.policies.current()
    if present is not None and write(present) == write(policy):
        return False
    tables.policies.put(policy)
    return True


def _keep_lists(
    tables: Tables,
    templates: tuple[Template, ...] | None,
    queues: tuple[Queue, ...] | None,
    register: tuple[RegisteredAgency, ...] | None,
) -> bool:
    changed = False
    if templates is not None and write(tables.templates.all()) != write(list(templates)):
        tables.templates.replace_all(templates)
        changed = True
    if queues is not None and write(tables.queues.all()) != write(list(queues)):
        tables.queues.replace_all(queues)
        changed = True
    if register is not None:
        tables.meta.set(REGISTER_LOADED, "yes")
        if write(tables.requesters.all()) != write(list(register)):
            tables.requesters.replace_all(register)
            changed = True
    return changed
