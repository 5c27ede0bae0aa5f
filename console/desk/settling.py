"""The outbox by hand: undo, retry, discard, and keeping what came back because the case changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from console import __version__
from console.casework import actions
from console.casework.actions import AnyAction
from console.casework.findings import Finding
from console.casework.projection import project
from console.desk.errors import CaseChanged, NoPolicy, NotPossible, RefusedByPolicy
from console.desk.recording import MOVED_ON, Recording, new_key
from console.desk.view import entry_of, steps_since, unsent_of, view_of
from console.errors import NotFound
from local_cache.entries import Entry, NewEntry
from local_cache.records import (
    Case,
)
from local_cache.slim import milliseconds
from local_cache.tables import Tables

T = TypeVar("T")

TOOL: Final = actions.Tool(name="nightdesk", version=__version__)


class Desk(Recording):
    """One specialist's desk, over the cache and the sync of one profile."""

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
            entry = entry_of(tables, key)
            me = self._me(tables)
            view = view_of(tables, entry.case_id, me)
            if view.seen is None:
                return None
            front = [e for e in view.entries if e.seq < entry.seq]
            front += steps_since(view.seen, tables.outbox.accepted(case_id=entry.case_id))
            front = sorted((e for e in front if e.seq < entry.seq), key=lambda e: e.seq)
            policy = tables.policies.current()
            return project(view.seen, [unsent_of(e, me) for e in front if e.type != "new"],
                           policy=policy)  # fmt: skip

    def applied(self, case: Case, entries: Sequence[Entry]) -> Case:
        """Return a case as it would stand with these entries applied, those that came back too."""
        with self.cache.read() as tables:
            me, policy = self._me(tables), tables.policies.current()
        return project(case, [unsent_of(e, me) for e in entries if e.type != "new"], policy=policy)

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

    def undo_together(self, keys: Sequence[str]) -> tuple[list[Entry], int]:
        """Take back those of some entries that were not sent; return them, and how many were."""

        def undo(tables: Tables) -> tuple[list[Entry], int]:
            taken: list[Entry] = []
            for key in keys:
                entry = tables.outbox.get(key)
                if entry is not None and entry.state in ("undoable", "pending"):
                    taken += tables.outbox.undo(key)
            gone = {entry.key for entry in taken}
            states = (tables.outbox.get(key) for key in keys if key not in gone)
            return taken, sum(one is not None and one.state != "withdrawn" for one in states)

        return self._on_outbox(undo)

    def discard(self, key: str, *, afresh: bool = False) -> list[Entry]:
        """Drop an entry that came back or waits, and the later ones of its case with it.

        Where it came back because the case changed, the audit says how that was settled: dropped,
        or dropped to be done `afresh` on the present case.
        """

        def drop(tables: Tables) -> list[Entry]:
            entry = entry_of(tables, key)
            if entry.state != "changed":
                return tables.outbox.discard(key)
            newest = view_of(tables, entry.case_id, self._me(tables)).newest
            return tables.outbox.discard(
                key,
                settled="redo" if afresh else "drop",
                present=None if newest is None else newest.version,
            )

        return self._on_outbox(drop)

    def retry(self, key: str, *, confirmed: bool = False) -> Entry:
        """Send an entry again now, same key and bytes; for one that waits to be asked, confirm.

        Args:
            key: of the entry.
            confirmed: the person was told how long it waited, though nobody had asked yet.

        Raises:
            CaseChanged: for one that came back because the case moved on.
        """
        now = milliseconds(self._now())

        def again(tables: Tables) -> Entry:
            entry = entry_of(tables, key)
            if entry.state == "changed":
                raise CaseChanged
            if entry.state == "pending" and confirmed:
                tables.outbox.ask(key)
                entry = entry_of(tables, key)
            if entry.state == "to_confirm":
                tables.outbox.confirm(key, now)
            elif entry.state != "undoable":
                tables.outbox.retry(key, now)
            return entry_of(tables, key)

        entry = self._on_outbox(again)
        self._wake()
        return entry

    def keep(self, key: str, *, seen: str | None = None) -> list[Entry]:
        """Record what came back as `changed`, and what is held behind it, anew on the present case.

        The specialist has seen what changed and stands by the decision. Each action is judged
        again, by the policy of now; references to the entries that are replaced follow to the new
        ones.

        Args:
            key: of the entry at the head of the line.
            seen: the version of the present case that the specialist compared with, where that is
                known: another one was not seen.

        Raises:
            RefusedByPolicy: nothing was changed, the entries are as they were.
            NotPossible: likewise; it did not come back as `changed`, is not the first in line, or
                the present case is not here yet.
        """
        now = self._now()
        offline = not self.online

        def again(tables: Tables) -> list[Entry]:
            present = self._check_keepable(tables, key)
            if seen is not None and present.version != seen:
                raise RefusedByPolicy([Finding("", MOVED_ON, code="changed")])
            policy = tables.policies.current()
            if policy is None:
                raise NoPolicy
            renamed: dict[str, str] = {}
            recorded: list[Entry] = []
            for old in tables.outbox.discard(key, settled="keep", present=present.version):
                view = view_of(tables, old.case_id, self._me(tables))
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
                    undo_until_ms=_still_open(old.undo_until_ms, milliseconds(now)),
                    recorded_ms=milliseconds(now),
                )
                recorded.append(self._record(tables, view, action, new))
                tables.audit.append(
                    "entry.kept",
                    old.case_id,
                    {"key": new.key, "instead_of": old.key, "present": present.version},
                )
            return recorded

        entries = self._on_outbox(again)
        self._wake()
        return entries

    def _check_keepable(self, tables: Tables, key: str) -> Case:
        """Refuse to renew what did not come back, or with something in front; return the present.

        Only once nothing in front is unsent, the present case takes the place of the one that was
        seen.
        """
        entry = entry_of(tables, key)
        if entry.state != "changed":
            raise NotPossible("Only an entry that came back because the case changed is kept so.")
        view = view_of(tables, entry.case_id, self._me(tables))
        if view.entries[0].key != key:
            raise NotPossible(
                "Something recorded earlier on this case is not settled yet: it comes first. "
                "Nothing was changed."
            )
        if view.newest is None:
            raise NotPossible(
                "The present case has not arrived or cannot be read, so nobody has seen what "
                "changed. Nothing was changed here: sync, compare, then keep it."
            )
        return view.newest


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
