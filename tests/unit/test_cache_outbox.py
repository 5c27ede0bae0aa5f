"""The outbox: order, versions carried forward, what comes back, what can be taken back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_cache.cache import Tables
from local_cache.cases import CaseRow
from local_cache.entries import Problem
from local_cache.hostile import Hostile
from local_cache.outbox import OutboxError, TooLate
from local_cache.records import Case, read
from tests.caches import (
    NO_ANSWER,
    NOON,
    REFUSED,
    STALE,
    Desk,
    creation,
    incoming,
    new_entry,
    wire,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.put(incoming("c_1"), incoming("c_2", 2))
    yield desk
    desk.cache.close()


def sendable(desk: Desk, now_ms: int = NOON) -> list[str]:
    return [entry.key for entry in desk.write(lambda tables: tables.outbox.sendable(now_ms))]


def states(desk: Desk) -> dict[str, str]:
    return {entry.key: entry.state for entry in desk.ask(lambda tables: tables.outbox.recent(50))}


def row(desk: Desk, case_id: str = "c_1") -> CaseRow:
    found = desk.ask(lambda tables: tables.cases.row_of(case_id))
    assert found is not None
    return found


def test_an_entry_keeps_its_exact_bytes_and_their_hash(desk: Desk) -> None:
    body = b'{"a": "\xc3\xa4",  "b":1}'
    entry = desk.record("k1", body=body)
    desk.reopen()
    again = desk.entry("k1")
    assert again == entry
    assert again.body == body
    assert len(again.body_sha256) == 64
    assert (again.state, again.attempts, row(desk).unsent) == ("pending", 0, 1)


def test_a_key_is_used_once(desk: Desk) -> None:
    desk.record("k1")
    with pytest.raises(OutboxError):
        desk.record("k1", "c_2")
    assert row(desk, "c_2").unsent == 0


def test_cases_go_side_by_side_and_entries_of_one_in_order(desk: Desk) -> None:
    for key, case_id in (("a1", "c_1"), ("a2", "c_1"), ("b1", "c_2")):
        desk.record(key, case_id)
    assert sendable(desk) == ["a1", "b1"]
    desk.send("a1")
    assert sendable(desk) == ["b1"]
    with pytest.raises(OutboxError):
        desk.send("a2")
    assert desk.entry("a2").state == "pending"


def test_the_undo_window_holds_back_until_it_ends(desk: Desk) -> None:
    desk.record("k1", undo_until_ms=NOON + 10_000)
    desk.record("k2")
    assert sendable(desk, NOON + 9_999) == []
    assert desk.ask(lambda tables: tables.outbox.next_wake_ms()) == NOON + 10_000
    assert sendable(desk, NOON + 10_000) == ["k1"]
    assert desk.entry("k1").waiting_since_ms == NOON + 10_000


def test_quitting_closes_undo_windows(desk: Desk) -> None:
    desk.record("k1", undo_until_ms=NOON + 10_000)
    assert desk.write(lambda tables: tables.outbox.close_windows(NOON + 1)) == 1
    assert sendable(desk, NOON + 1) == ["k1"]


def test_undo_takes_what_stands_on_it_along(desk: Desk) -> None:
    for key, case_id in (("a1", "c_1"), ("a2", "c_1"), ("b1", "c_2"), ("a3", "c_1")):
        desk.record(key, case_id)
    taken = desk.write(lambda tables: tables.outbox.undo("a2"))
    assert [(entry.key, entry.state) for entry in taken] == [
        ("a2", "withdrawn"),
        ("a3", "withdrawn"),
    ]
    assert states(desk) == {
        "a1": "pending", "a2": "withdrawn", "b1": "pending", "a3": "withdrawn",
    }  # fmt: skip
    assert row(desk).unsent == 1


@pytest.mark.parametrize("accepted", [False, True])
def test_what_is_on_its_way_cannot_be_undone(desk: Desk, accepted: bool) -> None:
    desk.record("k1")
    desk.accept("k1", "1", "2") if accepted else desk.send("k1")
    with pytest.raises(TooLate):
        desk.write(lambda tables: tables.outbox.undo("k1"))


def test_a_wait_is_kept_and_tried_again_with_the_same_key(desk: Desk) -> None:
    desk.record("k1")
    desk.send("k1", NOON + 5)
    desk.write(lambda tables: tables.outbox.wait("k1", next_try_ms=NOON + 1000, problem=NO_ANSWER))
    entry = desk.entry("k1")
    assert (entry.state, entry.attempts, entry.first_try_ms) == ("pending", 1, NOON + 5)
    assert (entry.error, entry.unknown) == (NO_ANSWER, True)
    assert sendable(desk, NOON + 999) == []
    assert sendable(desk, NOON + 1000) == ["k1"]
    desk.write(lambda tables: tables.outbox.retry("k1", NOON + 6))
    assert sendable(desk, NOON + 6) == ["k1"]


def test_a_refusal_settles_whether_it_was_applied(desk: Desk) -> None:
    desk.record("k1")
    desk.send("k1")
    desk.write(lambda tables: tables.outbox.wait("k1", next_try_ms=NOON, problem=NO_ANSWER))
    desk.send("k1")
    desk.write(lambda tables: tables.outbox.return_("k1", REFUSED))
    assert (desk.entry("k1").state, desk.entry("k1").unknown) == ("returned", False)


def test_a_crash_while_sending_is_pending_with_the_same_key(desk: Desk) -> None:
    desk.record("k1")
    desk.send("k1")
    desk.reopen()
    assert sendable(desk) == []
    assert desk.write(lambda tables: tables.outbox.recover()) == 1
    assert (sendable(desk), desk.entry("k1").unknown) == (["k1"], True)


def test_what_comes_back_holds_those_behind_it_on_its_case_only(desk: Desk) -> None:
    for key, case_id in (("a1", "c_1"), ("a2", "c_1"), ("b1", "c_2")):
        desk.record(key, case_id)
    desk.send("a1")
    problem = Problem(
        status=422,
        type="invalid",
        detail=Hostile("\x1b[31mno"),
        faults=(("/rationale", Hostile("too short")),),
        claim_by="sp_9",
        claim_until_ms=NOON,
    )
    desk.write(lambda tables: tables.outbox.return_("a1", problem))
    assert sendable(desk) == ["b1"]
    assert desk.entry("a1").error == problem
    desk.write(lambda tables: tables.outbox.retry("a1", NOON + 1))
    assert sendable(desk, NOON + 1) == ["a1", "b1"]


def test_versions_are_carried_to_those_behind(desk: Desk) -> None:
    desk.record("k1", version="1")
    desk.record("note", version=None)
    desk.record("k2", version="1")
    desk.accept("k1", "1", "2")
    assert [desk.entry(key).version for key in ("note", "k2")] == [None, "2"]
    desk.accept("note", "2", "3")
    assert desk.entry("k2").version == "3"
    # What is recorded now was judged by the document here, which stands for version 3 by now.
    desk.record("k3", version="1")
    assert desk.entry("k3").version == "3"
    desk.accept("k2", "3", "4")
    assert (desk.entry("k3").version, desk.entry("k3").state) == ("4", "pending")


def test_somebody_elses_change_in_between_brings_the_rest_back(desk: Desk) -> None:
    desk.record("note", version=None)
    desk.record("k1", version="1")
    desk.record("k2", version="1")
    desk.accept("note", "5", "6")
    assert [desk.entry(key).state for key in ("k1", "k2")] == ["changed", "changed"]
    assert (row(desk).changed, row(desk).unsent) == (True, 2)
    desk.write(lambda tables: tables.outbox.discard("k1"))
    assert (row(desk).changed, row(desk).unsent) == (False, 0)


def test_a_claim_leaves_versions_alone(desk: Desk) -> None:
    desk.record("release", version=None)
    desk.record("k1", version="1")
    desk.accept("release", "1", "1")
    assert (desk.entry("k1").version, desk.entry("k1").state) == ("1", "pending")


def test_a_pull_waits_beside_and_lands_when_nothing_is_unsent(desk: Desk) -> None:
    desk.record("k1")
    newer = incoming("c_1", 10, "2", title="Newer")
    assert desk.put(newer) == 1
    desk.put(incoming("c_1", 9, "1", title="Late and older"))
    stored = desk.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert (stored.document, stored.beside) == (incoming("c_1").raw, newer.raw)
    assert row(desk).version == "1"
    assert not desk.write(lambda tables: tables.cases.land_beside("c_1"))
    desk.accept("k1", "1", "2")
    stored = desk.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert (stored.document, stored.beside) == (newer.raw, None)
    assert (row(desk).title.raw, row(desk).version, row(desk).unsent) == ("Newer", "2", 0)


def test_what_was_accepted_does_not_shift_a_document_that_landed(desk: Desk) -> None:
    desk.record("k1")
    desk.accept("k1", "1", "2")
    desk.put(incoming("c_1", 10, "2"))
    desk.record("k2", version="2")
    assert desk.entry("k2").version == "2"


def test_a_412_keeps_both_and_lets_go_after_a_discard(desk: Desk) -> None:
    desk.record("k1")
    desk.send("k1")
    desk.put(incoming("c_1", 10, "2", title="Theirs"))
    desk.write(lambda tables: tables.outbox.mark_changed("k1", STALE))
    assert row(desk).changed
    with pytest.raises(OutboxError):
        desk.write(lambda tables: tables.outbox.retry("k1", NOON))
    desk.write(lambda tables: tables.outbox.discard("k1"))
    assert (row(desk).title.raw, row(desk).changed) == ("Theirs", False)


def test_what_waited_too_long_is_confirmed_again(desk: Desk) -> None:
    desk.record("k1")
    desk.write(lambda tables: tables.outbox.ask("k1"))
    assert sendable(desk) == []
    later = NOON + 3_600_000
    desk.write(lambda tables: tables.outbox.confirm("k1", later))
    assert sendable(desk, later) == ["k1"]
    assert desk.entry("k1").waiting_since_ms == later


def test_a_case_that_goes_away_is_masked_until_its_entries_are_settled(desk: Desk) -> None:
    desk.put(incoming("c_1", 5, title="Secret", reference="ED-1", requester={"name": "A. Name"}))
    desk.record("k1")
    desk.write(lambda tables: tables.cases.delete("c_1", 6))
    masked = row(desk)
    assert (masked.gone, masked.title.raw, masked.requester_name.raw) == (True, "", "")
    assert masked.reference.raw == "ED-1"
    stored = desk.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert (stored.document, stored.gone) == (b"", True)
    desk.send("k1")
    desk.write(lambda tables: tables.outbox.return_("k1", Problem(status=404, type="not-found")))
    desk.write(lambda tables: tables.outbox.discard("k1"))
    assert desk.ask(lambda tables: tables.cases.get("c_1")) is None


def test_a_case_made_here_becomes_the_servers(desk: Desk) -> None:
    made = wire("c_9", 0, "local", title="A call")
    desk.write(lambda tables: tables.cases.put_provisional(read(Case, made), made))
    desk.write(lambda tables: tables.outbox.record(creation("k0", "c_9")))
    desk.record("k1", "c_9", version="local")
    assert (row(desk, "c_9").provisional, row(desk, "c_9").unsent) == (True, 2)
    desk.put(incoming("c_9", 50, "7", title="A call, as the server has it"))
    desk.accept("k0", "local", "7")
    assert not row(desk, "c_9").provisional
    assert desk.entry("k1").version == "7"
    desk.accept("k1", "7", "8")
    assert row(desk, "c_9").title.raw == "A call, as the server has it"


def test_a_case_made_here_goes_with_its_creation(desk: Desk) -> None:
    made = wire("c_9", 0, "local")
    desk.write(lambda tables: tables.cases.put_provisional(read(Case, made), made))
    desk.write(lambda tables: tables.outbox.record(creation("k0", "c_9")))
    desk.record("k1", "c_9", version="local")
    desk.write(lambda tables: tables.outbox.undo("k0"))
    assert desk.ask(lambda tables: tables.cases.get("c_9")) is None
    assert states(desk) == {"k0": "withdrawn", "k1": "withdrawn"}


def test_steps_that_a_state_does_not_allow_are_refused(desk: Desk) -> None:
    desk.record("k1")

    def refused(step: Callable[[Tables], object]) -> None:
        with pytest.raises(OutboxError):
            desk.write(step)

    refused(lambda tables: tables.outbox.wait("k1", next_try_ms=0, problem=None))
    refused(lambda tables: tables.outbox.confirm("k1", NOON))
    refused(lambda tables: tables.outbox.mark_sending("nobody", NOON))
    desk.write(lambda tables: tables.outbox.undo("k1"))
    refused(lambda tables: tables.outbox.undo("k1"))
    refused(lambda tables: tables.outbox.retry("k1", NOON))
    refused(lambda tables: tables.outbox.accept("k1", b"{}", None, None, NOON))


def test_counts_and_unsent(desk: Desk) -> None:
    for key in ("a", "b", "c"):
        desk.record(key)
    desk.accept("a", "1", "2")
    assert desk.ask(lambda tables: tables.outbox.counts()) == {"accepted": 1, "pending": 2}
    assert [entry.key for entry in desk.ask(lambda tables: tables.outbox.unsent())] == ["b", "c"]
    assert desk.ask(lambda tables: tables.outbox.unsent("c_2")) == []
    assert [entry.key for entry in desk.ask(lambda tables: tables.outbox.recent(2))] == ["c", "b"]
    assert desk.entry("a").record == b"{}"


def test_an_entry_on_a_case_that_comes_later_is_counted(desk: Desk) -> None:
    desk.write(lambda tables: tables.outbox.record(new_entry("k1", "c_7")))
    desk.put(incoming("c_7", 70))
    assert row(desk, "c_7").unsent == 1


def test_every_step_of_a_person_or_the_server_is_in_the_audit_chain(desk: Desk) -> None:
    desk.record("k1", body=b"content of a case")
    desk.write(lambda tables: tables.outbox.ask("k1"))
    desk.write(lambda tables: tables.outbox.confirm("k1", NOON))
    desk.send("k1")
    desk.write(lambda tables: tables.outbox.return_("k1", REFUSED))
    desk.write(lambda tables: tables.outbox.retry("k1", NOON))
    desk.accept("k1", "1", "2")
    for key in ("k2", "k3", "k4"):
        desk.record(key, "c_2", version=None)
    desk.write(lambda tables: tables.outbox.mark_changed("k2", STALE))
    desk.write(lambda tables: tables.outbox.undo("k4"))
    desk.write(lambda tables: tables.outbox.discard("k2"))
    entries = desk.ask(lambda tables: tables.audit.entries(100))[::-1]
    assert [f"{entry.kind} {entry.detail['key']}" for entry in entries] == [
        "entry.recorded k1", "entry.asked k1", "entry.confirmed k1", "entry.returned k1",
        "entry.retried k1", "entry.accepted k1", "entry.recorded k2", "entry.recorded k3",
        "entry.recorded k4", "entry.changed k2", "entry.undone k4", "entry.discarded k2",
        "entry.discarded k3",
    ]  # fmt: skip
    assert entries[0].detail["body_sha256"] == desk.entry("k1").body_sha256
    assert not any("content" in str(entry.detail) for entry in entries)
    assert desk.ask(lambda tables: tables.audit.verify()).ok
