"""The desk: everything that a specialist can do, for the screens and the command line alike.

One way for a change: policy check, then one transaction (outbox entry, draft, audit), then the
entry is *recorded*; `sync` sends it. Every method may block on the disk and may be called from any
thread; none touches a screen.
"""

import threading
import uuid
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from console import __version__
from console.casework import actions
from console.casework.actions import AnyAction
from console.casework.findings import Finding
from console.casework.new_case import NewCase, provisional
from console.casework.projection import Unsent, project
from console.errors import Exit, NightdeskError, NotFound, NothingToWorkOn
from console.profiles import Profile
from console.sources.base import Source
from console.sync import SyncEvent, SyncReport
from local_cache.audit import AuditReport
from local_cache.cache import Cache
from local_cache.cases import CaseRow, StoredCase
from local_cache.drafts import Draft
from local_cache.outbox import CREATION_PATH, Entry, NewEntry, OutboxError
from local_cache.query import CaseQuery
from local_cache.records import (
    ActionRecord,
    Case,
    Policy,
    Queue,
    RegisteredAgency,
    Specialist,
    Template,
    Unreadable,
    read,
    write,
)
from local_cache.tables import Tables

if TYPE_CHECKING:
    from console.sync.run import Sync

T = TypeVar("T")

TOOL: Final = actions.Tool(name="nightdesk", version=__version__)


class RefusedByPolicy(NightdeskError):
    """Not recorded: the policy or the state of the case does not allow it."""

    exit = Exit.REFUSED

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("Not recorded: the policy does not allow it as it stands.")
        self.findings = tuple(findings)


class NoConnection(NothingToWorkOn):
    """An action that is never queued could not be sent at once."""


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a specialist works on it.

    `seen` is the document that the unsent entries stand on, `case` the same with those entries
    applied, `newest` the server's word where it changed meanwhile. All are None for a case that
    is gone or cannot be read.
    """

    id: str
    row: CaseRow
    stored: StoredCase
    seen: Case | None
    case: Case | None
    newest: Case | None
    entries: tuple[Entry, ...]
    drafts: tuple[Draft, ...] = ()
    """What was begun on the case and not confirmed, the newest first."""


class Desk:
    """One specialist's desk, over the cache and the sync of one profile."""

    def __init__(
        self,
        profile: Profile,
        cache: Cache,
        connect: Callable[[], Source],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.profile = profile
        self.cache = cache
        self._connect = connect
        self._now = now
        self._sync: Sync | None = None
        self._source: Source | None = None
        self._making_sync = threading.Lock()
        self._making_source = threading.Lock()
        self.listener: Callable[[SyncEvent], None] = lambda _event: None
        """Called from the sync's threads whenever something happened."""

    # --- What there is ----------------------------------------------------------------------

    def server_now(self) -> datetime:
        """Return the time by the server's clock, as far as we know it."""
        with self.cache.read() as tables:
            return self._now() + self._skew(tables)

    def now_ms(self) -> int:
        """Return the time by our own clock, which entries are recorded by: ms since the epoch."""
        return _ms(self._now())

    def skew(self) -> timedelta:
        """Return the server's clock less ours."""
        with self.cache.read() as tables:
            return self._skew(tables)

    def me(self) -> Specialist:
        """Return who we are; the roles are those that the server gave last."""
        with self.cache.read() as tables:
            return self._me(tables)

    def policy(self) -> Policy:
        """Return the policy in force.

        Raises:
            NothingToWorkOn: where none was ever fetched.
        """
        with self.cache.read() as tables:
            policy = tables.policies.current()
        if policy is None:
            raise NothingToWorkOn(_NO_POLICY)
        return policy

    def queues(self) -> list[Queue]:
        """Return the queues."""
        with self.cache.read() as tables:
            return tables.queues.all()

    def templates(self) -> list[Template]:
        """Return all templates, withdrawn ones included."""
        with self.cache.read() as tables:
            return tables.templates.all()

    def register(self) -> list[RegisteredAgency]:
        """Return the agency register."""
        with self.cache.read() as tables:
            return tables.requesters.all()

    def listing(self, query: CaseQuery, *, limit: int | None = None) -> "array[int]":
        """Return the row numbers of the cases that `query` finds, in its order."""
        with self.cache.read() as tables:
            return tables.cases.listing(query, limit=limit)

    def rows(self, rowids: Sequence[int]) -> list[CaseRow]:
        """Return list rows, in the order asked."""
        with self.cache.read() as tables:
            return tables.cases.rows(rowids)

    def count(self, query: CaseQuery) -> int:
        """Count the cases that `query` finds."""
        with self.cache.read() as tables:
            return tables.cases.count(query)

    def next_due(self) -> CaseRow | None:
        """Return the open case whose clock runs out next."""
        with self.cache.read() as tables:
            return tables.cases.next_due()

    def related(self, case_id: str, limit: int = 20) -> list[CaseRow]:
        """Return other cases of the same requester or about the same subjects."""
        with self.cache.read() as tables:
            return tables.cases.related(case_id, limit)

    def find(self, name: str) -> str:
        """Return the id of the case that `name`, an id or our reference, means."""
        with self.cache.read() as tables:
            found = tables.cases.find(name)
        if found is None:
            raise NotFound("There is no such case in the cache.")
        return found

    def case(self, case_id: str) -> CaseView:
        """Return a case with everything that is recorded on it."""
        with self.cache.read() as tables:
            return _view(tables, case_id, self._me(tables))

    # --- What one can do --------------------------------------------------------------------

    def judge(self, case_id: str, action: AnyAction) -> list[Finding]:
        """Say what stands against an action, without recording it."""
        with self.cache.read() as tables:
            return self._findings(tables, _view(tables, case_id, self._me(tables)), action, key="")

    def act(
        self,
        case_id: str,
        action: AnyAction,
        *,
        undo_window: bool = False,
        draft: str | None = None,
        files: Sequence[bytes] = (),
        standing_on: str | None = None,
    ) -> Entry:
        """Record an action: policy check, then outbox, draft and audit in one transaction.

        Args:
            case_id: The case.
            action: What to do; the common members that are missing are filled in.
            undo_window: Whether the policy's undo window applies before it may be sent.
            draft: The id of a draft that this action used up.
            files: The bytes of attachments that the action refers to.
            standing_on: The version of the case that was looked at, where that matters.

        Raises:
            RefusedByPolicy: nothing was recorded; also where the case is at another version.
            NoConnection: for what is never queued, while there is no connection.
        """
        if actions.never_queued(action) and self._sync is not None and not self._sync.online:
            raise NoConnection(_NEVER_QUEUED)
        now = self._now()
        policy = self.policy()
        stamped = actions.stamped(action, at=now, offline=not self.online, policy=policy, tool=TOOL)
        waits = undo_window and not actions.never_queued(stamped)
        new = NewEntry(
            key=new_key(),
            case_id=case_id,
            type=actions.type_of(stamped),
            path=actions.path_of(case_id),
            body=actions.body_of(stamped),
            undo_until_ms=_ms(now + policy.undo_window) if waits else None,
            recorded_ms=_ms(now),
        )

        def record(tables: Tables) -> Entry:
            view = _view(tables, case_id, self._me(tables))
            if standing_on is not None and view.seen and view.seen.version != standing_on:
                raise RefusedByPolicy([Finding("", _MOVED_ON, code="changed")])
            for file in files:
                tables.blobs.put(file)
            entry = self._record(tables, view, stamped, new)
            if draft is not None:
                tables.drafts.drop(draft)
            return entry

        entry = self.cache.write(record)
        if actions.never_queued(stamped):
            return self._send_or_withdraw(entry)
        self._wake()
        return entry

    def open_case(self, new: NewCase) -> Entry:
        """Record a case that came by phone or as a tip; it is worked on here at once."""
        key = new_key()
        now = self._now()
        named = msgspec.structs.replace(new, id=new.id or f"c_{key}")
        case = provisional(named, key=key, now=now)

        def record(tables: Tables) -> Entry:
            if tables.cases.get(case.id) is not None:
                raise RefusedByPolicy([Finding("/id", "a case with this id is here already")])
            tables.cases.put_provisional(case, write(case))
            return tables.outbox.record(
                NewEntry(
                    key=key,
                    case_id=case.id,
                    type="new",
                    path=CREATION_PATH,
                    body=write(named),
                    recorded_ms=_ms(now),
                )
            )

        entry = self.cache.write(record)
        self._wake()
        return entry

    @staticmethod
    def decision_to_approve(view: CaseView) -> ActionRecord:
        """Return the decision of a case that waits for a second person."""
        case = view.case
        if case is None or case.approval is None or not case.approval.needed:
            raise NotFound("No decision on this case waits for a second person.")
        wanted = case.approval.for_
        for decision in reversed(case.decisions):
            if wanted is None or decision.id == wanted:
                return decision
        raise NotFound("The decision that waits for a second person is not in the case.")

    # --- The outbox -------------------------------------------------------------------------

    def outbox(self) -> list[Entry]:
        """Return everything recorded and not yet accepted, in the order recorded."""
        with self.cache.read() as tables:
            return tables.outbox.unsent()

    def delivered(self, limit: int) -> list[Entry]:
        """Return the entries that the server accepted last, the newest first."""
        with self.cache.read() as tables:
            return tables.outbox.accepted(limit=limit)

    def stood_on(self, key: str) -> Case | None:
        """Return the case as it was seen when an unsent entry was recorded.

        That is the document kept for it, with what was recorded before it and accepted since.
        None where the case is gone or cannot be read.
        """
        with self.cache.read() as tables:
            entry = _entry(tables, key)
            me = self._me(tables)
            view = _view(tables, entry.case_id, me)
            if view.seen is None:
                return None
            front = [e for e in view.entries if e.seq < entry.seq]
            front += _steps_since(view.seen, tables.outbox.accepted(case_id=entry.case_id))
            front = sorted((e for e in front if e.seq < entry.seq), key=lambda e: e.seq)
            policy = tables.policies.current()
            return project(view.seen, [_unsent(e, me) for e in front if e.type != "new"],
                           policy=policy)  # fmt: skip

    def applied(self, case: Case, entries: Sequence[Entry]) -> Case:
        """Return a case as it would stand with these entries applied, those that came back too."""
        with self.cache.read() as tables:
            me, policy = self._me(tables), tables.policies.current()
        return project(case, [_unsent(e, me) for e in entries if e.type != "new"], policy=policy)

    def counts(self) -> dict[str, int]:
        """Count the outbox's entries by state."""
        with self.cache.read() as tables:
            return {str(state): count for state, count in tables.outbox.counts().items()}

    def entry(self, name: str) -> Entry:
        """Return the entry that `name` means: its key, the beginning of it, or its number."""
        with self.cache.read() as tables:
            exact = tables.outbox.get(name)
            if exact is not None:
                return exact
            unsent = tables.outbox.unsent()
        meant = [
            e
            for e in unsent
            if str(e.seq) == name or (len(name) > 3 and e.key[: len(name)] == name)
        ]
        if len(meant) != 1:
            raise NotFound("There is no such entry in the outbox.")
        return meant[0]

    def undo(self, key: str) -> list[Entry]:
        """Take back an entry that was not sent, and the later ones of its case with it."""
        return self._on_outbox(lambda tables: tables.outbox.undo(key))

    def discard(self, key: str) -> list[Entry]:
        """Drop an entry that came back or waits, and the later ones of its case with it."""
        return self._on_outbox(lambda tables: tables.outbox.discard(key))

    def retry(self, key: str) -> Entry:
        """Send an entry again now, same key and bytes; for one that waits to be asked, confirm.

        Raises:
            CaseChanged: for one that came back because the case moved on.
        """
        now = _ms(self._now())

        def again(tables: Tables) -> Entry:
            entry = _entry(tables, key)
            if entry.state == "changed":
                raise CaseChanged
            if entry.state == "to_confirm":
                tables.outbox.confirm(key, now)
            elif entry.state != "undoable":
                tables.outbox.retry(key, now)
            return _entry(tables, key)

        entry = self._on_outbox(again)
        self._wake()
        return entry

    def keep(self, key: str) -> list[Entry]:
        """Record what came back as `changed`, and what is held behind it, anew on the present case.

        The specialist has seen what changed and stands by the decision. Each action is judged
        again, by the policy of now; references to the entries that are replaced follow to the new
        ones.

        Raises:
            RefusedByPolicy: nothing was changed, the entries are as they were.
            NotPossible: likewise; it did not come back as `changed`, or is not the first in line.
        """
        now = self._now()
        offline = not self.online

        def again(tables: Tables) -> list[Entry]:
            _check_keepable(tables, key)
            policy = tables.policies.current()
            if policy is None:
                raise NothingToWorkOn(_NO_POLICY)
            renamed: dict[str, str] = {}
            recorded: list[Entry] = []
            for old in tables.outbox.discard(key):
                view = _view(tables, old.case_id, self._me(tables))
                renamed[old.key] = new_key()
                action = actions.stamped(
                    renewed(_action_of(old), renamed),
                    at=now,
                    offline=offline,
                    policy=policy,
                    tool=TOOL,
                )
                new = NewEntry(
                    key=renamed[old.key],
                    case_id=old.case_id,
                    type=old.type,
                    path=old.path,
                    body=actions.body_of(action),
                    undo_until_ms=_still_open(old.undo_until_ms, _ms(now)),
                    recorded_ms=_ms(now),
                )
                recorded.append(self._record(tables, view, action, new))
                tables.audit.append(
                    "entry.kept", old.case_id, {"key": new.key, "instead_of": old.key}
                )
            return recorded

        entries = self._on_outbox(again)
        self._wake()
        return entries

    # --- Drafts, audit ----------------------------------------------------------------------

    def save_draft(self, draft: Draft) -> None:
        """Keep a draft; when this returns it is on the disk."""
        self.cache.write(lambda tables: tables.drafts.save(draft))

    def drafts(self, case_id: str | None = None) -> list[Draft]:
        """Return the drafts of a case, or all."""
        with self.cache.read() as tables:
            return tables.drafts.all() if case_id is None else tables.drafts.for_case(case_id)

    def drop_draft(self, draft_id: str) -> None:
        """Throw a draft away."""
        self.cache.write(lambda tables: tables.drafts.drop(draft_id))

    def note_in_audit(self, kind: str, case_id: str | None, detail: dict[str, Any]) -> None:
        """Write down a view, a reveal or an export. Never called on the way of a key."""
        self.cache.write(lambda tables: tables.audit.append(kind, case_id, detail), urgent=False)

    def verify_audit(self) -> AuditReport:
        """Check the whole audit chain."""
        with self.cache.read() as tables:
            return tables.audit.verify()

    # --- The connection ---------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """Whether the server answered last time; False before it was tried."""
        return self._sync is not None and self._sync.online

    def source(self) -> Source:
        """Return the connection to the system that the queues come from."""
        with self._making_source:
            if self._source is None:
                self._source = self._connect()
            return self._source

    @property
    def sync(self) -> "Sync":
        """The sync, made when first needed: it brings the HTTP client with it."""
        from console.sync.run import Sync

        with self._making_sync:
            if self._sync is None:
                self._sync = Sync(
                    self.cache,
                    self.source(),
                    specialist_id=self.profile.specialist_id,
                    now=self._now,
                    on_event=lambda event: self.listener(event),
                )
            return self._sync

    @property
    def why_offline(self) -> str | None:
        """What is wrong with the connection, in words for the screen; None where nothing is."""
        return self._sync.why if self._sync is not None else None

    def reach(self) -> bool:
        """Try to reach the server; what is recorded next knows whether it is done offline."""
        return self.sync.reach()

    def sync_once(self, *, full: bool = False) -> SyncReport:
        """Pull and deliver once."""
        return self.sync.once(full=full)

    def deliver(self, key: str) -> Entry:
        """Try to deliver an entry now, after those in front of it on its case."""
        return self.sync.send_now(key)

    def close_windows(self) -> None:
        """End every undo window, so that what is recorded may go (when quitting)."""
        self.cache.write(lambda tables: tables.outbox.close_windows(_ms(self._now())))

    def close(self) -> None:
        """Let go of the cache and the connection."""
        if self._source is not None:
            self._source.close()
        self.cache.close()

    # --- Inside -----------------------------------------------------------------------------

    def _record(self, tables: Tables, view: CaseView, action: AnyAction, new: NewEntry) -> Entry:
        """Judge and record one action on the case as it stands with what is recorded before it."""
        findings = self._findings(tables, view, action, key=new.key)
        if findings:
            raise RefusedByPolicy(findings)
        if actions.needs_if_match(action):
            assert view.seen is not None  # there would be a finding
            new = msgspec.structs.replace(new, version=view.seen.version)
        return tables.outbox.record(new)

    def _findings(
        self, tables: Tables, view: CaseView, action: AnyAction, *, key: str
    ) -> list[Finding]:
        if view.case is None:
            state = "is no longer ours to see" if view.stored.gone else "cannot be read"
            return [Finding("", f"this case {state}: nothing can be recorded on it")]
        policy = tables.policies.current()
        if policy is None:
            raise NothingToWorkOn(_NO_POLICY)
        from console.casework.judgement import judge  # not needed for the first paint

        return judge(
            view.case,
            action,
            policy=policy,
            me=self._me(tables),
            now=self._now() + self._skew(tables),
            key=key,
            templates={template.id: template for template in tables.templates.all()},
            register=_register_for(tables, view.case),
        )

    def _me(self, tables: Tables) -> Specialist:
        kept = tables.meta.get("specialist")
        if kept is None:
            return Specialist(id=self.profile.specialist_id)
        return read(Specialist, kept.encode())

    @staticmethod
    def _skew(tables: Tables) -> timedelta:
        return timedelta(seconds=float(tables.meta.get("clock_skew") or 0))

    def _send_or_withdraw(self, entry: Entry) -> Entry:
        sent = self.deliver(entry.key)
        if sent.state == "accepted" or (sent.error is not None and sent.error.status is not None):
            return sent
        if sent.state != "withdrawn":
            self._on_outbox(lambda tables: tables.outbox.discard(entry.key))
        raise NoConnection(_NEVER_QUEUED)

    def _on_outbox(self, work: Callable[[Tables], T]) -> T:
        try:
            return self.cache.write(work)
        except OutboxError as error:
            raise NotPossible(str(error)) from None

    def _wake(self) -> None:
        if self._sync is not None:
            self._sync.wake()


class CaseChanged(NightdeskError):
    """The case changed since the decision: it is not sent again as it stands."""

    exit = Exit.CHANGED

    def __init__(self) -> None:
        super().__init__(
            "The case changed after this was recorded. Look at it as it is now (g o, = compares), "
            "then keep the entry, or discard it and decide again."
        )


class NotPossible(NightdeskError):
    """The entry's state does not allow it: it is on its way, was accepted or taken back."""

    exit = Exit.REFUSED


_NO_POLICY: Final = "There is no policy here yet. Fetch one with: nightdesk sync"
_MOVED_ON: Final = "the case changed just now: look at what changed, then confirm again"
_NEVER_QUEUED: Final = (
    "Nothing was recorded: this needs the server at once, and there is no connection.\n"
    "A claim: work on; what you record goes when the connection is back. "
    "Cutting a stream: call the fallback of your policy."
)


def _view(tables: Tables, case_id: str, me: Specialist) -> CaseView:
    stored = tables.cases.get(case_id)
    row = tables.cases.row_of(case_id)
    if stored is None or row is None:
        raise NotFound("There is no such case in the cache.")
    entries = tuple(tables.outbox.unsent(case_id))
    seen = None if stored.gone else _readable(stored.document)
    newest = None if stored.gone or stored.beside is None else _readable(stored.beside)
    unsent = [
        _unsent(e, me)
        for e in entries
        if e.type != "new" and e.state not in ("returned", "changed")
    ]
    policy = tables.policies.current()
    return CaseView(
        id=case_id,
        row=row,
        stored=stored,
        seen=seen,
        case=None
        if seen is None
        else project(seen, unsent, policy=policy, register=_register_for(tables, seen)),
        newest=newest,
        entries=entries,
        drafts=tuple(tables.drafts.for_case(case_id)),
    )


def _register_for(tables: Tables, case: Case | None) -> tuple[RegisteredAgency, ...]:
    """Return what the register says of the case's agency: callbacks and SPoC come only from it."""
    requester = case.requester if case is not None else None
    if requester is None or requester.agency_id is None:
        return ()
    agency = tables.requesters.get(requester.agency_id)
    return () if agency is None else (agency,)


def _unsent(entry: Entry, me: Specialist) -> Unsent:
    at = _moment(entry.recorded_ms)
    return Unsent(key=entry.key, type=entry.type, body=entry.body, at=at, by=me.id)


def _steps_since(seen: Case, accepted: Sequence[Entry]) -> list[Entry]:
    """Return which accepted entries of a case made steps that its document does not show yet."""
    version = seen.version
    steps: list[Entry] = []
    for entry in sorted(accepted, key=lambda each: each.seq):
        record = None if entry.record is None else read(ActionRecord, entry.record)
        if record is None or record.before != version or record.after in (None, version):
            continue
        version = record.after
        steps.append(entry)
    return steps


def _entry(tables: Tables, key: str) -> Entry:
    entry = tables.outbox.get(key)
    if entry is None:
        raise NotFound("There is no such entry in the outbox.")
    return entry


def _readable(document: bytes) -> Case | None:
    try:
        return read(Case, document)
    except Unreadable:
        return None


def renewed(action: AnyAction, renamed: Mapping[str, str]) -> AnyAction:
    """Return the same action without its stamps, its references following to the new keys."""
    changes: dict[str, Any] = {"at": None, "offline": None, "policy": None, "tool": None}
    for member in ("decision", "extends"):
        old = getattr(action, member, None)
        if old is not None and old in renamed:
            changes[member] = renamed[old]
    return msgspec.structs.replace(action, **changes)


def _still_open(undo_until_ms: int | None, now_ms: int) -> int | None:
    return undo_until_ms if undo_until_ms is not None and undo_until_ms > now_ms else None


def _action_of(entry: Entry) -> AnyAction:
    try:
        return actions.read_action(entry.body)
    except actions.BadAction:
        raise NotPossible(
            "This version of nightdesk cannot read what was recorded. It is kept as it is."
        ) from None


def _check_keepable(tables: Tables, key: str) -> None:
    """Refuse to renew what did not come back, and what has something in front of it.

    Only once nothing in front is unsent, the present case takes the place of the one that was seen.
    """
    entry = _entry(tables, key)
    if entry.state != "changed":
        raise NotPossible("Only an entry that came back because the case changed is kept so.")
    if tables.outbox.unsent(entry.case_id)[0].key != key:
        raise NotPossible(
            "Something recorded earlier on this case is not settled yet: it comes first. "
            "Nothing was changed."
        )


def new_key() -> str:
    """Make an idempotency key: random, never from content, so two equal decisions stay two."""
    return str(uuid.uuid4())


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
