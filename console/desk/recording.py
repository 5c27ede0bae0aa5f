"""Doing something: policy check, then one transaction; then it is *recorded*, and may be sent."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import msgspec

from console import __version__
from console.casework import actions
from console.casework.actions import AnyAction
from console.casework.findings import Finding
from console.casework.new_case import NewCase, provisional
from console.desk.errors import NoConnection, NoPolicy, NotPossible, RefusedByPolicy
from console.desk.remembering import Remembering
from console.desk.view import CaseView, register_for, view_of
from console.errors import NightdeskError, NotFound
from local_cache.entries import CREATION_PATH, Entry, NewEntry
from local_cache.outbox import OutboxError
from local_cache.records import (
    ActionRecord,
    Policy,
    write,
)
from local_cache.slim import milliseconds
from local_cache.tables import Tables

T = TypeVar("T")

TOOL: Final = actions.Tool(name="nightdesk", version=__version__)


MOVED_ON: Final = "the case changed just now: look at what changed, then confirm again"
_NEVER_QUEUED: Final = (
    "Nothing was recorded: this needs the server at once, and there is no connection.\n"
    "A claim: work on; what you record goes when the connection is back. "
    "Cutting a stream: call the fallback of your policy."
)


class Recording(Remembering):
    """What one can do: judged by the policy, recorded in one transaction, sent by the sync."""

    def judge(self, case_id: str, action: AnyAction) -> list[Finding]:
        """Say what stands against an action, without recording it."""
        with self.cache.read() as tables:
            return self._findings(
                tables, view_of(tables, case_id, self._me(tables)), action, key=""
            )

    def judge_each(self, case_ids: Sequence[str], action: AnyAction) -> dict[str, list[Finding]]:
        """Say for each of some cases what stands against an action; nothing where it can be done.

        A case that is not here any more has a finding, too.
        """
        found: dict[str, list[Finding]] = {}
        with self.cache.read() as tables:
            me = self._me(tables)
            for case_id in case_ids:
                try:
                    view = view_of(tables, case_id, me)
                except NotFound as gone:
                    found[case_id] = [Finding("", str(gone))]
                else:
                    found[case_id] = self._findings(tables, view, action, key="")
        return found

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
        stamped, new = self._prepared(case_id, action, self.policy(), undo_window=undo_window)

        def record(tables: Tables) -> Entry:
            view = view_of(tables, case_id, self._me(tables))
            if standing_on is not None and view.seen and view.seen.version != standing_on:
                raise RefusedByPolicy([Finding("", MOVED_ON, code="changed")])
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

    def act_together(
        self, case_ids: Sequence[str], action: AnyAction, *, hold: timedelta = timedelta(0)
    ) -> list[Entry | NightdeskError]:
        """Record an action on each of some cases; what is refused on one keeps no other back.

        Each is judged on its own and gets its own key, outbox entry and audit entry. They share a
        transaction, so keep them few; what is never queued is sent, one after the other.

        Args:
            case_ids: The cases.
            action: What to do on each.
            hold: How much longer than the policy's undo window it may be taken back.

        Returns:
            For each case its entry, or why there is none.
        """
        if actions.never_queued(action):
            return [self._act_or_error(case_id, action) for case_id in case_ids]
        policy = self.policy()

        def record(tables: Tables) -> list[Entry | NightdeskError]:
            done: list[Entry | NightdeskError] = []
            for case_id in case_ids:
                stamped, new = self._prepared(case_id, action, policy, undo_window=True, hold=hold)
                try:
                    view = view_of(tables, case_id, self._me(tables))
                    done.append(self._record(tables, view, stamped, new))
                except (RefusedByPolicy, NotFound) as refused:
                    done.append(refused)
            return done

        recorded = self.cache.write(record)
        self._wake()
        return recorded

    def _act_or_error(self, case_id: str, action: AnyAction) -> Entry | NightdeskError:
        try:
            return self.act(case_id, action)
        except NightdeskError as refused:
            return refused

    def _prepared(
        self,
        case_id: str,
        action: AnyAction,
        policy: Policy,
        *,
        undo_window: bool,
        hold: timedelta = timedelta(0),
    ) -> tuple[AnyAction, NewEntry]:
        """Stamp an action, and make the entry that carries it, under a key of its own."""
        now = self._now()
        stamped = actions.stamped(action, at=now, offline=not self.online, policy=policy, tool=TOOL)
        waits = undo_window and not actions.never_queued(stamped)
        new = NewEntry(
            key=new_key(),
            case_id=case_id,
            type=actions.type_of(stamped),
            path=actions.path_of(case_id),
            body=actions.body_of(stamped),
            undo_until_ms=milliseconds(now + policy.undo_window + hold) if waits else None,
            recorded_ms=milliseconds(now),
        )
        return stamped, new

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
                    recorded_ms=milliseconds(now),
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
            raise NoPolicy
        from console.casework.judgement import judge  # not needed for the first paint

        return judge(
            view.case,
            action,
            policy=policy,
            me=self._me(tables),
            now=self._now() + self._skew(tables),
            key=key,
            templates={template.id: template for template in tables.templates.all()},
            register=register_for(tables, view.case),
        )

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


def new_key() -> str:
    """Make an idempotency key: random, never from content, so two equal decisions stay two."""
    return str(uuid.uuid4())
