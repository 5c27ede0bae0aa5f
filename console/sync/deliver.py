"""One entry of the outbox to the source, and what its answer makes of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, cast

import msgspec
from msgspec import Raw, Struct

from console.sources.base import (
    Accepted,
    CursorExpired,
    Document,
    Refused,
    Sending,
    SlowDown,
    SourceError,
    TokenRefused,
    Unreachable,
)
from console.sync.events import CasesChanged, EntryMoved
from console.sync.ground import Ground
from console.sync.link import Link
from local_cache.cache import Tables
from local_cache.cases import Incoming
from local_cache.entries import CREATION_PATH, Entry, Problem
from local_cache.hostile import Hostile
from local_cache.outbox import OutboxError
from local_cache.records import ActionRecord, write
from local_cache.shapes import ready

KEYS_KEPT: Final = timedelta(days=13)
"""A server keeps keys for at least 14 days; a day before, its answer counts no more."""
_LEAST_WAIT: Final = 0.2


class Delivery:
    """Delivers entries that are marked as being sent; every outcome is one transaction."""

    def __init__(self, ground: Ground, link: Link) -> None:
        self._ground = ground
        self._link = link
        self._uploaded: set[str] = set()

    def deliver(self, entry: Entry, *, confirm_first: bool) -> None:
        """Send an entry in state `sending` and settle it.

        Args:
            entry: at the head of the line on its case.
            confirm_first: it waited longer than the policy allows, but an earlier try may have
                been applied: look for it, and ask a person if it was not.
        """
        try:
            found = self._look(entry) if self._must_look(entry, confirm_first) else None
            if found is None and confirm_first:
                self._ask(entry)
                return
            accepted = found or self._send(entry)
        except Refused as refused:
            self._refused(entry, refused)
        except SlowDown as slow:
            self._slowed(entry, slow)
        except TokenRefused as refused:
            self._kept(entry, Problem(status=401, type="unauthenticated", detail=_said(refused)))
            self._link.end(refused)
        except Unreachable as problem:
            self._unanswered(entry, problem)
        except CursorExpired:
            said = Hostile("The service says that the place this goes to is gone for good.")
            self._return(entry, Problem(status=410, type="gone", detail=said))
        except SourceError as problem:
            self._return(entry, Problem(type="unsendable", detail=_said(problem)))
        else:
            self._link.spoke()
            self._accept(entry, accepted)

    # --- Sending ---

    def _must_look(self, entry: Entry, confirm_first: bool) -> bool:
        if not entry.unknown or entry.first_try_ms is None:
            return False
        # Either way: a clock that was set back says nothing of how old a key is.
        age = abs(self._ground.now_ms() - entry.first_try_ms)
        old = age > KEYS_KEPT / timedelta(milliseconds=1)
        return old or confirm_first

    def _look(self, entry: Entry) -> Accepted | None:
        """Look whether an earlier try was applied after all."""
        source = self._ground.source
        try:
            if entry.path == CREATION_PATH:
                return Accepted(None, source.case(entry.case_id))
            for record in source.actions(entry.case_id):
                if record.id == entry.key:
                    return Accepted(record, source.case(entry.case_id))
        except Refused as refused:
            if refused.status != 404:
                raise
        return None

    def _send(self, entry: Entry) -> Accepted:
        if entry.type == "respond":
            self._upload(entry)
        with self._ground.cache.read() as tables:
            head = tables.audit.head()
        return self._ground.source.send(
            Sending(
                key=entry.key,
                path=entry.path,
                body=entry.body,
                if_match=entry.version,
                audit_head=None if head is None else f"{head[0]}:{head[1]}",
            )
        )

    def _upload(self, entry: Entry) -> None:
        for sha256 in _attached(entry.body):
            if sha256 in self._uploaded:
                continue
            with self._ground.cache.read() as tables:
                content = tables.blobs.get(sha256)
            # Where the bytes are not here, the server may have them; if not, it says so.
            if content is not None:
                self._ground.source.upload(sha256, content)
                self._uploaded.add(sha256)

    # --- What came of it ---

    def _accept(self, entry: Entry, accepted: Accepted) -> None:
        document = accepted.document

        def accept(tables: Tables) -> None:
            before, after = _step_made(tables, entry, accepted)
            record = accepted.action or _own_record(entry, before, after)
            tables.outbox.accept(entry.key, write(record), before, after, self._ground.now_ms())
            if document is not None:
                _keep_document(tables, document)
                if document.id != entry.case_id:
                    tables.cases.delete(entry.case_id, document.seq)
            _acknowledge(tables, accepted)
            self._ground.note_contact(tables)

        try:
            self._settle(entry, accept)
        except OutboxError:
            # Taken back or settled by another process meanwhile: the server's word still counts.
            if document is not None:
                self._ground.cache.write(lambda tables: _keep_document(tables, document))
        changed = (entry.case_id, *([document.id] if document else []))
        self._ground.on_event(CasesChanged(frozenset(changed)))

    def _refused(self, entry: Entry, refused: Refused) -> None:
        self._link.spoke()
        problem = _problem(refused)
        if refused.status == 412:
            self._changed(entry, refused, problem)
        elif refused.status == 409 and entry.type == "release":
            # Whoever holds the case now, it is not us: what the release was for.
            self._settle(
                entry,
                lambda tables: tables.outbox.accept(
                    entry.key,
                    write(_own_record(entry, None, None)),
                    None,
                    None,
                    self._ground.now_ms(),
                ),
            )
        elif refused.status == 404 and entry.path != CREATION_PATH:
            self._gone(entry, problem)
        else:
            self._return(entry, problem)
            if refused.policy is not None:
                self._link.refresh_policy()

    def _changed(self, entry: Entry, refused: Refused, problem: Problem) -> None:
        present = refused.document
        if present is None or present.id != entry.case_id:
            present = self._fetched(entry.case_id)

        def change(tables: Tables) -> None:
            tables.outbox.mark_changed(entry.key, problem)
            if present is not None:
                _keep_document(tables, present)

        self._settle(entry, change)
        self._ground.on_event(CasesChanged(frozenset({entry.case_id})))

    def _fetched(self, case_id: str) -> Document | None:
        try:
            return self._ground.source.case(case_id)
        except SourceError:
            return None  # the feed brings it

    def _gone(self, entry: Entry, problem: Problem) -> None:
        def leave(tables: Tables) -> None:
            tables.outbox.return_(entry.key, problem)
            seq = _newest_seq(tables, entry.case_id)
            if seq is not None:
                tables.cases.delete(entry.case_id, seq)

        self._settle(entry, leave)
        self._ground.on_event(CasesChanged(frozenset({entry.case_id})))

    def _slowed(self, entry: Entry, slow: SlowDown) -> None:
        status = (503 if slow.down else 429) if slow.everything else 409
        problem = Problem(status=status, type="slow-down", detail=_said(slow))
        if slow.everything:
            self._link.slowed(slow)
            if never_waits(entry):
                self._return(entry, problem)
                return
        least = min(_LEAST_WAIT * 2 ** min(entry.attempts, 5), 5.0)
        self._wait(entry, problem, max(slow.seconds, least))

    def _unanswered(self, entry: Entry, unreachable: Unreachable) -> None:
        self._kept(entry, Problem(type="unreachable", detail=_said(unreachable)))
        self._link.failed(unreachable)

    def _kept(self, entry: Entry, problem: Problem) -> None:
        """Keep an entry for the next try, but what must not wait: that comes back at once."""
        if never_waits(entry):
            self.refuse_to_wait(entry, problem)
        else:
            self._wait(entry, problem, self._ground.backoff(entry.attempts + 1))

    def refuse_to_wait(self, entry: Entry, problem: Problem | None = None) -> None:
        """Return an entry that is never queued, with what to do instead."""
        first = "" if problem is None else f"{problem.detail.raw} "
        unknown = entry.unknown or (problem is not None and problem.status is None)
        doubt = "Whether it was applied is not known: look at the case. " if unknown else ""
        why = Problem(
            status=None if problem is None else problem.status,
            type="unreachable" if problem is None else problem.type,
            detail=Hostile(
                f"{first}A claim or a cut of a stream is never kept for later. {doubt}Try "
                "again, or reach the people whom the policy names for an outage."
            ),
        )

        def refuse(tables: Tables) -> None:
            present = tables.outbox.get(entry.key)
            # Unlike what is sent, it was not marked when it was taken: two threads may refuse it.
            if present is not None and present.state in ("pending", "sending"):
                tables.outbox.return_(entry.key, why)

        self._settle(entry, refuse)

    def _wait(self, entry: Entry, problem: Problem, seconds: float) -> None:
        at = self._ground.now_ms() + int(seconds * 1000)
        self._settle(
            entry, lambda tables: tables.outbox.wait(entry.key, next_try_ms=at, problem=problem)
        )

    def _ask(self, entry: Entry) -> None:
        def ask(tables: Tables) -> None:
            tables.outbox.wait(entry.key, next_try_ms=self._ground.now_ms(), problem=entry.error)
            tables.outbox.ask(entry.key)

        self._settle(entry, ask)

    def _return(self, entry: Entry, problem: Problem) -> None:
        self._settle(entry, lambda tables: tables.outbox.return_(entry.key, problem))

    def _settle(self, entry: Entry, work: Callable[[Tables], None]) -> None:
        """Do `work` and tell which entries of the case came to another state by it."""

        def step(tables: Tables) -> list[Entry]:
            before = {other.key: other.state for other in tables.outbox.unsent(entry.case_id)}
            work(tables)
            after = (tables.outbox.get(key) for key in before)
            return [other for other in after if other and other.state != before[other.key]]

        for moved in self._ground.cache.write(step):
            self._ground.on_event(moved_event(moved))


def moved_event(entry: Entry) -> EntryMoved:
    """Tell of an entry as it stands now."""
    return EntryMoved(entry.key, entry.case_id, entry.type, entry.state)


def never_waits(entry: Entry) -> bool:
    """Whether an entry is refused on the spot without a connection: the contract, section 4."""
    if entry.type == "claim":
        return True
    return entry.type == "enforce" and _members(entry.body).get("measure") == "CUT_STREAM"


def _members(body: bytes) -> dict[str, Any]:
    """Read a body that was made here."""
    members = msgspec.json.decode(body)
    return cast("dict[str, Any]", members) if isinstance(members, dict) else {}


def _attached(body: bytes) -> list[str]:
    files = cast("list[dict[str, Any]]", _members(body).get("attachments") or [])
    return [str(file.get("sha256", "")) for file in files]


def _said(problem: SourceError) -> Hostile:
    return Hostile(str(problem))


def _problem(refused: Refused) -> Problem:
    role = f" (needs the role {refused.required_role})" if refused.required_role else ""
    until = refused.claim_until
    return Problem(
        status=refused.status,
        type=refused.type,
        detail=Hostile(f"{refused}{role}"),
        faults=tuple((fault.pointer, Hostile(fault.detail)) for fault in refused.faults),
        claim_by=refused.claim_by,
        claim_until_ms=None if until is None else int(until.timestamp() * 1000),
    )


def _step_made(tables: Tables, entry: Entry, accepted: Accepted) -> tuple[str | None, str | None]:
    """Say which version the entry stood on and which it made, as far as the answer tells."""
    action, document = accepted.action, accepted.document
    made = None if document is None else document.version
    if entry.path == CREATION_PATH:
        row = tables.cases.row_of(entry.case_id)
        return (None if row is None else row.version), made
    if action is None:
        return entry.version, made
    return action.before or entry.version, action.after or made


def _own_record(entry: Entry, before: str | None, after: str | None) -> ActionRecord:
    """Make the record of something that the server took without giving one."""
    return ActionRecord(
        id=entry.key, type=entry.type, before=before, after=after, body=Raw(entry.body)
    )


def _keep_document(tables: Tables, found: Document) -> None:
    tables.cases.put([Incoming(found.id, found.seq, found.version, found.raw, found.case)])


def _acknowledge(tables: Tables, accepted: Accepted) -> None:
    """Keep the server's receipt of an audit head, where it is one of ours."""
    seq, head = accepted.receipt.seq, accepted.receipt.head
    if seq is None or head is None:
        return
    own = tables.audit.entries(1, before=seq + 1)
    if own and (own[0].seq, own[0].hash) == (seq, head):
        tables.audit.acknowledge(seq, head)


class _Seq(Struct):
    seq: int = -1


def _newest_seq(tables: Tables, case_id: str) -> int | None:
    """Return the highest seq that is here of a case, landed or waiting beside."""
    row, stored = tables.cases.row_of(case_id), tables.cases.get(case_id)
    if row is None or stored is None:
        return None
    if stored.beside is None:
        return row.seq
    try:
        return max(row.seq, msgspec.json.decode(stored.beside, type=ready(_Seq)).seq)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return row.seq
