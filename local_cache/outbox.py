"""The outbox: everything confirmed here and not yet taken by the server, in the order recorded.

An entry holds the exact bytes of its request and the key under which the server applies it once.
On one case entries go one at a time, in order; what comes back holds those behind it on its case.
Every step keeps the case's row and the audit chain in step with it, in the same transaction.
Rules: the contract, section 4; states: the design, section 5.
"""

import hashlib
from typing import Any, Final

from sqlcipher3 import dbapi2

from local_cache.audit import AuditChain
from local_cache.cases import Cases
from local_cache.entries import COLUMNS, CREATION_PATH, Entry, NewEntry, Problem, State, entry_of
from local_cache.records import write


class OutboxError(Exception):
    """A step that an entry's state does not allow. `str()` is fit for the screen."""


class TooLate(OutboxError):
    """It is on its way or accepted: it cannot be taken back here any more."""


_UNSENT: Final = "state NOT IN ('accepted', 'withdrawn')"
_HEAD: Final = (
    "NOT EXISTS (SELECT 1 FROM outbox AS front WHERE front.case_id = outbox.case_id"
    " AND front.seq < outbox.seq AND front.state NOT IN ('accepted', 'withdrawn'))"
)
_STEP_MS: Final = 5_000
"""How far a clock may be set back without anything being read into it."""
_LONGEST_WAIT_MS: Final = 6 * 60_000
"""Longer than any wait that a server may ask for, or that is made between tries."""
_AHEAD: Final = "(recorded_ms > ? AND next_try_ms > ? OR next_try_ms > ?)"
"""What only a clock set back makes so distant; see `_ahead_of`."""
_WITHDRAWABLE: Final = ("undoable", "pending", "to_confirm", "returned", "changed")


class Outbox:
    """The outbox over one connection. All but the questions must run inside `Cache.write`."""

    def __init__(self, connection: dbapi2.Connection, cases: Cases, audit: AuditChain) -> None:
        self._connection = connection
        self._cases = cases
        self._audit = audit

    # --- Questions ---

    def get(self, key: str) -> Entry | None:
        """Return an entry, None where there is none with this key."""
        found = self._select("WHERE key = ?", key)
        return found[0] if found else None

    def unsent(self, case_id: str | None = None) -> list[Entry]:
        """Return what is neither accepted nor withdrawn, on one case or all, in order."""
        if case_id is None:
            return self._select(f"WHERE {_UNSENT} ORDER BY seq")
        return self._select(f"WHERE case_id = ? AND {_UNSENT} ORDER BY seq", case_id)

    def counts(self) -> dict[State, int]:
        """Return how many entries there are in each state that has any."""
        rows = self._connection.execute("SELECT state, count(*) FROM outbox GROUP BY state")
        return dict(rows.fetchall())

    def recent(self, limit: int) -> list[Entry]:
        """Return the newest entries of all states, the newest first."""
        return self._select("ORDER BY seq DESC LIMIT ?", limit)

    def accepted(self, *, case_id: str | None = None, limit: int = -1) -> list[Entry]:
        """Return what the server accepted, on one case or all, the newest first."""
        if case_id is None:
            return self._select("WHERE state = 'accepted' ORDER BY seq DESC LIMIT ?", limit)
        return self._select(
            "WHERE case_id = ? AND state = 'accepted' ORDER BY seq DESC LIMIT ?", case_id, limit
        )

    def next_wake_ms(self) -> int | None:
        """Return when the next undo window ends or the next try is due; it may be in the past."""
        row = self._connection.execute(
            "SELECT min(CASE state WHEN 'undoable' THEN undo_until_ms ELSE next_try_ms END)"  # noqa: S608
            f" FROM outbox WHERE state = 'undoable' OR (state = 'pending' AND {_HEAD})"
        ).fetchone()
        return row[0]

    def clock_went_back(self, now_ms: int) -> bool:
        """Tell whether anything waits for a time that only a clock set back makes so distant."""
        row = self._connection.execute(
            f"SELECT 1 FROM outbox WHERE state IN ('undoable', 'pending') AND {_AHEAD} LIMIT 1",  # noqa: S608
            _ahead_of(now_ms),
        ).fetchone()
        return row is not None

    # --- Recording ---

    def record(self, new: NewEntry) -> Entry:
        """Record what a specialist confirmed, behind what is unsent on its case.

        Raises:
            OutboxError: the key was used before.
        """
        if self.get(new.key) is not None:
            raise OutboxError("This was recorded already, under the same key; nothing was added.")
        undoable = new.undo_until_ms is not None
        start = new.recorded_ms if new.undo_until_ms is None else new.undo_until_ms
        sha256 = hashlib.sha256(new.body).hexdigest()
        self._connection.execute(
            "INSERT INTO outbox(key, case_id, type, path, body, body_sha256, version, state,"
            " recorded_ms, undo_until_ms, waiting_since_ms, next_try_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.key,
                new.case_id,
                new.type,
                new.path,
                new.body,
                sha256,
                self._chained(new),
                "undoable" if undoable else "pending",
                new.recorded_ms,
                new.undo_until_ms,
                start,
                start,
            ),
        )
        entry = self._need(new.key)
        self._note("recorded", entry, body_sha256=sha256)
        self._cases.settle(new.case_id)
        return entry

    def _chained(self, new: NewEntry) -> str | None:
        """Return the version to carry.

        The specialist saw the document here; where entries in front of this one were accepted on
        it meanwhile, the chain stands on what they made, not on what the document still says.
        """
        if new.version is None:
            return None
        row = self._connection.execute(
            "SELECT chain_version FROM cases WHERE case_id = ? AND version = ?",
            (new.case_id, new.version),
        ).fetchone()
        return new.version if row is None or row[0] is None else row[0]

    # --- Sending ---

    def sendable(self, now_ms: int) -> list[Entry]:
        """Return what may be sent now: on each case the entry at the head of the line, if due.

        Undo windows that have ended are closed first. Where the clock was set back, nothing waits
        until it is there again: a window ends, and what waited for a try is due.
        """
        if self.clock_went_back(now_ms):
            self._connection.execute(
                "UPDATE outbox SET next_try_ms = ?, undo_until_ms = min(undo_until_ms, ?)"  # noqa: S608
                f" WHERE state IN ('undoable', 'pending') AND {_AHEAD}",
                (now_ms, now_ms, *_ahead_of(now_ms)),
            )
        self._close_windows("undo_until_ms <= ?", now_ms)
        return self._select(
            f"WHERE state = 'pending' AND next_try_ms <= ? AND {_HEAD} ORDER BY seq", now_ms
        )

    def mark_sending(self, key: str, now_ms: int) -> None:
        """A try begins."""
        self._step(key, ("pending",), "sending")
        row = self._connection.execute(
            f"UPDATE outbox SET attempts = attempts + 1,"  # noqa: S608
            f" first_try_ms = ifnull(first_try_ms, ?) WHERE key = ? AND {_HEAD} RETURNING seq",
            (now_ms, key),
        ).fetchone()
        if row is None:
            raise OutboxError("An entry in front of this one on the same case is not sent yet.")

    def wait(self, key: str, *, next_try_ms: int, problem: Problem | None) -> None:
        """A try ended with no word on whether it was applied, or was not made: try again later.

        Args:
            key: of the entry.
            next_try_ms: when to try again.
            problem: what happened; without a status no answer came, so it may have been applied.
                None where it was not sent at all.
        """
        self._step(key, ("sending",), "pending", problem)
        unanswered = problem is not None and problem.status is None
        self._connection.execute(
            "UPDATE outbox SET next_try_ms = ?, unknown = max(unknown, ?) WHERE key = ?",
            (next_try_ms, unanswered, key),
        )

    def accept(
        self, key: str, record: bytes, before: str | None, after: str | None, now_ms: int
    ) -> None:
        """The server has it: keep its record, carry the version forward to those behind.

        Where the server's `before` is not what those behind stand on, somebody else changed the
        case in between, and they come back as `changed`.
        """
        entry = self._step(key, ("sending", "pending", "to_confirm"), "accepted")
        self._connection.execute(
            "UPDATE outbox SET record = ?, error = NULL, unknown = 0 WHERE key = ?", (record, key)
        )
        waited = now_ms - entry.recorded_ms
        self._note("accepted", entry, before=before, after=after, waited_ms=waited)
        if entry.path == CREATION_PATH:
            self._connection.execute(
                "UPDATE cases SET provisional = 0 WHERE case_id = ?", (entry.case_id,)
            )
        if before is not None and after is not None:
            self._carry(entry, before, after)
        self._cases.settle(entry.case_id)

    def _carry(self, accepted: Entry, before: str, after: str) -> None:
        self._connection.execute(
            "UPDATE cases SET chain_version = ?"
            " WHERE case_id = ? AND ifnull(chain_version, version) = ?",
            (after, accepted.case_id, before),
        )
        for entry in self.unsent(accepted.case_id):
            if entry.seq < accepted.seq or entry.version is None:
                continue
            if entry.version == before:
                self._connection.execute(
                    "UPDATE outbox SET version = ? WHERE key = ?", (after, entry.key)
                )
            elif entry.state in ("undoable", "pending", "to_confirm"):
                self._move(entry, "changed", Problem(status=412, type="stale"))
                self._note("changed", entry)

    def return_(self, key: str, problem: Problem) -> None:
        """The server refused it, and says why; nothing was applied."""
        entry = self._step(key, ("sending", "pending", "to_confirm"), "returned", problem)
        self._answered(key, problem)
        self._note("returned", entry, status=problem.status, type=problem.type)
        self._cases.settle(entry.case_id)

    def mark_changed(self, key: str, problem: Problem) -> None:
        """The case moved on since the specialist saw it; nothing was applied."""
        entry = self._step(key, ("sending", "pending", "to_confirm"), "changed", problem)
        self._answered(key, problem)
        self._note("changed", entry)
        self._cases.settle(entry.case_id)

    def recover(self, key: str | None = None) -> int:
        """Put what a crash left in `sending` back, with its key; return how many.

        All of it only for the process that holds the drain lock: nobody else is sending then. One
        entry, for whoever was sending it and could not write down what came of it.
        """
        found = self._select("WHERE state = 'sending' ORDER BY seq")
        found = [entry for entry in found if key in (None, entry.key)]
        for entry in found:
            self._connection.execute(
                "UPDATE outbox SET state = 'pending', unknown = 1 WHERE key = ?", (entry.key,)
            )
        return len(found)

    # --- A person's steps ---

    def ask(self, key: str) -> None:
        """It waited longer than the policy allows: a person confirms it again before it goes."""
        entry = self._step(key, ("pending",), "to_confirm")
        self._note("asked", entry)
        self._cases.settle(entry.case_id)

    def confirm(self, key: str, now_ms: int) -> None:
        """A person confirmed it again: same key, same bytes, its waiting begins anew."""
        entry = self._step(key, ("to_confirm",), "pending")
        self._due_now(key, now_ms, anew=True)
        self._note("confirmed", entry)
        self._cases.settle(entry.case_id)

    def retry(self, key: str, now_ms: int) -> None:
        """A person wants it tried now, with the same key and bytes."""
        entry = self._step(key, ("returned", "to_confirm", "pending"), "pending")
        self._due_now(key, now_ms, anew=entry.state != "pending")
        self._note("retried", entry)
        self._cases.settle(entry.case_id)

    def undo(self, key: str) -> list[Entry]:
        """Take an entry back, and those behind it on its case, which stood on it; return them.

        Raises:
            TooLate: it is being sent or accepted.
        """
        return self._withdraw(key, "undone")

    def discard(self, key: str, **detail: Any) -> list[Entry]:
        """Give up an entry that came back or waits; as `undo`, and told apart in the audit.

        Args:
            key: of the entry.
            detail: what the audit also says, such as how a changed case was settled.
        """
        return self._withdraw(key, "discarded", **detail)

    def close_windows(self, now_ms: int) -> int:
        """End all undo windows, as when quitting; return how many."""
        return self._close_windows("? IS NOT NULL", now_ms)

    # --- Details ---

    def _withdraw(self, key: str, word: str, **detail: Any) -> list[Entry]:
        entry = self._need(key)
        if entry.state in ("sending", "accepted"):
            raise TooLate("This entry is on its way or accepted: it cannot be taken back here.")
        if entry.state not in _WITHDRAWABLE:
            raise OutboxError("This entry was taken back already.")
        behind = [later for later in self.unsent(entry.case_id) if later.seq >= entry.seq]
        for later in behind:
            self._move(later, "withdrawn", later.error)
            self._note(word, later, unknown=later.unknown, **detail)
        self._cases.settle(entry.case_id)
        return [self._need(later.key) for later in behind]

    def _close_windows(self, condition: str, now_ms: int) -> int:
        rows = self._connection.execute(
            f"SELECT key FROM outbox WHERE state = 'undoable' AND {condition}",  # noqa: S608
            (now_ms,),
        ).fetchall()
        self._connection.executemany(
            "UPDATE outbox SET state = 'pending', waiting_since_ms = min(undo_until_ms, ?),"
            " next_try_ms = min(undo_until_ms, ?) WHERE key = ?",
            ((now_ms, now_ms, row[0]) for row in rows),
        )
        return len(rows)

    def _step(
        self,
        key: str,
        allowed: tuple[State, ...],
        state: State,
        problem: Problem | None = None,
    ) -> Entry:
        """Move an entry and return it as it was before."""
        entry = self._need(key)
        if entry.state not in allowed:
            raise OutboxError(f"An entry that is {entry.state} cannot become {state}.")
        self._move(entry, state, problem)
        return entry

    def _move(self, entry: Entry, state: State, problem: Problem | None) -> None:
        self._connection.execute(
            "UPDATE outbox SET state = ?, error = ? WHERE key = ?",
            (state, None if problem is None else write(problem), entry.key),
        )

    def _answered(self, key: str, problem: Problem) -> None:
        if problem.status is not None:
            self._connection.execute("UPDATE outbox SET unknown = 0 WHERE key = ?", (key,))

    def _due_now(self, key: str, now_ms: int, *, anew: bool) -> None:
        self._connection.execute(
            "UPDATE outbox SET next_try_ms = ?,"
            " waiting_since_ms = CASE WHEN ? THEN ? ELSE waiting_since_ms END WHERE key = ?",
            (now_ms, anew, now_ms, key),
        )

    def _note(self, word: str, entry: Entry, **detail: Any) -> None:
        self._audit.append(
            f"entry.{word}", entry.case_id, {"key": entry.key, "type": entry.type, **detail}
        )

    def _need(self, key: str) -> Entry:
        entry = self.get(key)
        if entry is None:
            raise OutboxError("There is no entry with this key.")
        return entry

    def _select(self, clause: str, *values: str | int) -> list[Entry]:
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM outbox {clause}", values)  # noqa: S608
        return [entry_of(row) for row in rows]


def _ahead_of(now_ms: int) -> tuple[int, int, int]:
    return now_ms + _STEP_MS, now_ms, now_ms + _LONGEST_WAIT_MS
