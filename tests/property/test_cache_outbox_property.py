"""The outbox against a small model: whatever a desk, a server and a crash do in whatever order.

The model knows each entry's state, order and version. What must hold at every step: legal states,
order per case, the version that the server would accept, nothing landed over what is unsent, the
row of the case in step, and an audit entry for each step that a person or the server made.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from msgspec import Struct

from local_cache.outbox import OutboxError, TooLate
from tests.caches import NO_ANSWER, NOON, REFUSED, STALE, Desk, incoming, new_entry

CASES = ("c_1", "c_2")
UNSENT = ("undoable", "pending", "sending", "returned", "changed", "to_confirm")
WINDOW_MS = 10_000


class Modelled(Struct):
    key: str
    case_id: str
    version: str | None
    state: str
    undo_until_ms: int | None
    body: bytes
    next_try_ms: int


class ModelledCase(Struct):
    """What the server has, what is shown here, and what the chain of unsent entries stands on."""

    server_version: int = 1
    server_seq: int = 1
    here_version: int = 1
    here_seq: int = 1
    beside_seq: int | None = None
    beside_version: int | None = None
    chain: int = 1


class OutboxMachine(RuleBasedStateMachine):
    keys = Bundle("keys")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.desk = Desk(self.folder)
        self.now = NOON
        self.seq = 1
        self.entries: list[Modelled] = []
        self.cases = {case_id: ModelledCase() for case_id in CASES}
        self.audited: list[tuple[str, str]] = []
        self.desk.put(*(incoming(case_id, 1, "1") for case_id in CASES))

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.cache.close()
            shutil.rmtree(self.folder)

    # --- The model's own words ---

    def model(self, key: str) -> Modelled:
        return next(entry for entry in self.entries if entry.key == key)

    def unsent(self, case_id: str) -> list[Modelled]:
        return [
            entry for entry in self.entries if entry.case_id == case_id and entry.state in UNSENT
        ]

    def is_head(self, entry: Modelled) -> bool:
        return self.unsent(entry.case_id)[:1] == [entry]

    def settle(self, case_id: str) -> None:
        case = self.cases[case_id]
        if self.unsent(case_id):
            return
        if case.beside_seq is not None and case.beside_version is not None:
            case.here_seq, case.here_version = case.beside_seq, case.beside_version
            case.beside_seq = case.beside_version = None
        case.chain = case.here_version

    def close_windows(self, until_ms: int) -> None:
        for entry in self.entries:
            if entry.state == "undoable" and (entry.undo_until_ms or 0) <= until_ms:
                entry.state = "pending"
                entry.next_try_ms = min(entry.undo_until_ms or 0, self.now)

    def step(self, key: str, allowed: tuple[str, ...], work) -> bool:
        """Take a step; it must be refused exactly where the model says so."""
        entry = self.model(key)
        try:
            self.desk.write(work)
        except OutboxError:
            assert entry.state not in allowed
            return False
        assert entry.state in allowed, (entry.state, allowed)
        return True

    # --- What the specialist does ---

    @rule(target=keys, case_id=st.sampled_from(CASES), matched=st.booleans(), undo=st.booleans())
    def record(self, case_id: str, matched: bool, undo: bool):
        key = f"k{len(self.entries)}"
        case = self.cases[case_id]
        entry = self.desk.write(
            lambda tables: tables.outbox.record(
                new_entry(
                    key,
                    case_id,
                    body=key.encode(),
                    version=str(case.here_version) if matched else None,
                    undo_until_ms=self.now + WINDOW_MS if undo else None,
                    recorded_ms=self.now,
                )
            )
        )
        state = "undoable" if undo else "pending"
        until = self.now + WINDOW_MS if undo else None
        carried = str(case.chain) if matched else None
        assert (entry.state, entry.version) == (state, carried)
        self.entries.append(
            Modelled(key, case_id, carried, state, until, key.encode(), until or self.now)
        )
        self.audited.append(("entry.recorded", key))
        return key

    @rule(key=keys)
    def record_again(self, key: str) -> None:
        self.step(key, (), lambda tables: tables.outbox.record(new_entry(key)))

    @rule(key=keys, word=st.sampled_from(["undone", "discarded"]))
    def take_back(self, key: str, word: str) -> None:
        entry = self.model(key)
        behind = [
            later
            for later in self.unsent(entry.case_id)
            if self.entries.index(later) >= self.entries.index(entry)
        ]

        def work(tables):
            return tables.outbox.undo(key) if word == "undone" else tables.outbox.discard(key)

        allowed = ("undoable", "pending", "to_confirm", "returned", "changed")
        if self.step(key, allowed, work):
            for later in behind:
                later.state = "withdrawn"
                self.audited.append((f"entry.{word}", later.key))
            self.settle(entry.case_id)

    @rule(key=keys)
    def undo_on_its_way(self, key: str) -> None:
        assume(self.model(key).state in ("sending", "accepted"))
        try:
            self.desk.write(lambda tables: tables.outbox.undo(key))
        except TooLate:
            return
        raise AssertionError("what was sent was taken back")

    @rule(key=keys)
    def retry(self, key: str) -> None:
        allowed = ("returned", "to_confirm", "pending")
        if self.step(key, allowed, lambda tables: tables.outbox.retry(key, self.now)):
            entry = self.model(key)
            entry.state, entry.next_try_ms = "pending", self.now
            self.audited.append(("entry.retried", key))

    @rule(key=keys)
    def confirm(self, key: str) -> None:
        if self.step(key, ("to_confirm",), lambda tables: tables.outbox.confirm(key, self.now)):
            entry = self.model(key)
            entry.state, entry.next_try_ms = "pending", self.now
            self.audited.append(("entry.confirmed", key))

    @rule(seconds=st.integers(1, 15))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * 1000

    @rule()
    def quit_and_come_back(self) -> None:
        self.desk.write(lambda tables: tables.outbox.close_windows(self.now))
        self.close_windows(2**62)
        self.crash()

    # --- What the sync does ---

    @rule()
    def crash(self) -> None:
        self.desk.reopen()
        stuck = [entry for entry in self.entries if entry.state == "sending"]
        assert self.desk.write(lambda tables: tables.outbox.recover()) == len(stuck)
        for entry in stuck:
            entry.state = "pending"

    @rule()
    def ask_what_to_send(self) -> None:
        self.close_windows(self.now)
        expected = [
            entry.key
            for entry in self.entries
            if entry.state == "pending" and entry.next_try_ms <= self.now and self.is_head(entry)
        ]
        found = self.desk.write(lambda tables: tables.outbox.sendable(self.now))
        assert [entry.key for entry in found] == expected

    @rule(key=keys)
    def begin_sending(self, key: str) -> None:
        entry = self.model(key)
        allowed = ("pending",) if self.is_head(entry) else ()
        if self.step(key, allowed, lambda tables: tables.outbox.mark_sending(key, self.now)):
            entry.state = "sending"

    @rule(key=keys)
    def no_answer(self, key: str) -> None:
        at = self.now + 5_000

        def work(tables):
            tables.outbox.wait(key, next_try_ms=at, problem=NO_ANSWER)

        if self.step(key, ("sending",), work):
            entry = self.model(key)
            entry.state, entry.next_try_ms = "pending", at

    @rule(key=keys)
    def server_judges(self, key: str) -> None:
        """What the server says to a request that reached it: 201, or 412 where it is stale."""
        entry = self.model(key)
        assume(entry.state == "sending")
        case = self.cases[entry.case_id]
        if entry.version not in (None, str(case.server_version)):
            self.desk.write(lambda tables: tables.outbox.mark_changed(key, STALE))
            entry.state = "changed"
            self.audited.append(("entry.changed", key))
            return
        before = case.server_version
        case.server_version += 1
        after = case.server_version
        self.desk.write(
            lambda tables: tables.outbox.accept(key, b"{}", str(before), str(after), self.now)
        )
        entry.state = "accepted"
        self.audited.append(("entry.accepted", key))
        if case.chain == before:
            case.chain = after
        for later in self.unsent(entry.case_id):
            if later.version == str(before):
                later.version = str(after)
            elif later.version is not None and later.state in ("undoable", "pending", "to_confirm"):
                later.state = "changed"
                self.audited.append(("entry.changed", later.key))
        self.settle(entry.case_id)

    @rule(key=keys)
    def server_refuses(self, key: str) -> None:
        allowed = ("sending", "pending", "to_confirm")
        if self.step(key, allowed, lambda tables: tables.outbox.return_(key, REFUSED)):
            self.model(key).state = "returned"
            self.audited.append(("entry.returned", key))

    @rule(key=keys)
    def waited_too_long(self, key: str) -> None:
        if self.step(key, ("pending",), lambda tables: tables.outbox.ask(key)):
            self.model(key).state = "to_confirm"
            self.audited.append(("entry.asked", key))

    # --- What others do ---

    @rule(case_id=st.sampled_from(CASES))
    def somebody_else_changes_the_case(self, case_id: str) -> None:
        self.cases[case_id].server_version += 1

    @rule(case_id=st.sampled_from(CASES), age=st.integers(0, 3))
    def pull(self, case_id: str, age: int) -> None:
        """A document arrives, sometimes one older than what is here."""
        case = self.cases[case_id]
        self.seq += 1
        seq = max(self.seq - age * 2, 1)
        version = case.server_version
        self.desk.put(incoming(case_id, seq, str(version)))
        if seq <= max(case.here_seq, case.beside_seq or 0):
            return
        if self.unsent(case_id):
            case.beside_seq, case.beside_version = seq, version
        else:
            case.here_seq, case.here_version = seq, version
            case.chain = version

    # --- What must hold at every step ---

    @invariant()
    def entries_are_as_modelled(self) -> None:
        found = self.desk.ask(lambda tables: tables.outbox.recent(1000))[::-1]
        assert [(entry.key, entry.state, entry.version, entry.body) for entry in found] == [
            (entry.key, entry.state, entry.version, entry.body) for entry in self.entries
        ]

    @invariant()
    def at_most_one_entry_of_a_case_is_on_its_way_and_it_is_the_first(self) -> None:
        for case_id in CASES:
            unsent = self.desk.ask(lambda tables, case_id=case_id: tables.outbox.unsent(case_id))
            assert "sending" not in [entry.state for entry in unsent[1:]]

    @invariant()
    def rows_and_documents_are_in_step(self) -> None:
        for case_id, case in self.cases.items():
            row, stored = self.desk.ask(
                lambda tables, case_id=case_id: (
                    tables.cases.row_of(case_id),
                    tables.cases.get(case_id),
                )
            )
            assert row is not None
            assert stored is not None
            unsent = self.unsent(case_id)
            assert row.unsent == len(unsent)
            assert row.changed == ("changed" in [entry.state for entry in unsent])
            assert (row.seq, row.version) == (case.here_seq, str(case.here_version))
            assert stored.document == incoming(case_id, case.here_seq, row.version).raw
            assert (stored.beside is not None) == (case.beside_seq is not None)

    @invariant()
    def every_step_is_in_the_audit_chain(self) -> None:
        report, entries = self.desk.ask(
            lambda tables: (tables.audit.verify(), tables.audit.entries(10_000))
        )
        assert report.ok, report.problem
        found = [(entry.kind, entry.detail["key"]) for entry in entries[::-1]]
        assert found == self.audited


OutboxMachine.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestOutbox = OutboxMachine.TestCase
