"""Cases in the cache: which document counts, slim rows, full loads, retention, lists."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local_cache.cases import CaseRow
from local_cache.query import CaseQuery, Condition, QueryError
from tests.caches import NOON, Desk, clock, incoming, new_entry


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.cache.close()


def row(desk: Desk, case_id: str = "c_1") -> CaseRow:
    found = desk.ask(lambda tables: tables.cases.row_of(case_id))
    assert found is not None
    return found


def listed(desk: Desk, query: CaseQuery, **window: Any) -> list[str]:
    def ask(tables: Any) -> list[str]:
        rowids = tables.cases.listing(query, **window)
        return [case.id for case in tables.cases.rows(rowids)]

    return desk.ask(ask)


# --- Which document counts ---


def test_a_lower_or_equal_seq_never_replaces(desk: Desk) -> None:
    assert desk.put(incoming("c_1", 5, title="Five")) == 1
    assert desk.put(incoming("c_1", 4, title="Four"), incoming("c_1", 5, title="Other five")) == 0
    assert row(desk).title.raw == "Five"
    assert desk.put(incoming("c_1", 6, title="Six"), incoming("c_1", 7, title="Seven")) == 1
    assert (row(desk).title.raw, row(desk).seq) == ("Seven", 7)


def test_a_case_that_left_does_not_come_back_with_an_older_document(desk: Desk) -> None:
    desk.put(incoming("c_1", 5))
    desk.write(lambda tables: tables.cases.delete("c_1", 4))
    assert row(desk).seq == 5
    desk.write(lambda tables: tables.cases.delete("c_1", 8))
    assert desk.put(incoming("c_1", 7)) == 0
    assert desk.ask(lambda tables: tables.cases.get("c_1")) is None
    assert desk.put(incoming("c_1", 9)) == 1


def test_a_row_id_never_names_another_case(desk: Desk) -> None:
    desk.put(incoming("c_1", 1))
    first = row(desk).rowid
    desk.write(lambda tables: tables.cases.delete("c_1", 2))
    desk.put(incoming("c_2", 3))
    assert row(desk, "c_2").rowid > first
    assert desk.ask(lambda tables: tables.cases.rows([first])) == []


def test_an_unreadable_document_is_a_visible_case_with_its_bytes(desk: Desk) -> None:
    broken = incoming("c_1", 5, queue=17)
    assert broken.case is None
    desk.put(broken)
    assert (row(desk).unreadable, row(desk).seq, row(desk).received_ms) == (True, 5, None)
    stored = desk.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert stored.document == broken.raw
    assert listed(desk, CaseQuery((Condition("unreadable", "set"),))) == ["c_1"]
    desk.put(incoming("c_1", 6, title="Whole again"))
    assert (row(desk).unreadable, row(desk).title.raw) == (False, "Whole again")


def test_a_full_load_drops_what_it_did_not_bring_but_nothing_unsent(desk: Desk) -> None:
    desk.put(*(incoming(f"c_{n}", n) for n in range(1, 6)))
    desk.write(lambda tables: tables.outbox.record(new_entry("k1", "c_4")))
    load = desk.write(lambda tables: tables.cases.begin_load())
    assert desk.ask(lambda tables: tables.cases.load_in_progress()) == load
    desk.write(lambda tables: tables.cases.put([incoming("c_1", 1)], load=load))
    desk.put(incoming("c_9", 90))  # came another way meanwhile
    desk.reopen()
    desk.write(lambda tables: tables.cases.put([incoming("c_2", 20)], load=load))
    assert desk.write(lambda tables: tables.cases.finish_load(load)) == 2
    assert desk.ask(lambda tables: tables.cases.load_in_progress()) is None
    assert sorted(listed(desk, CaseQuery())) == ["c_1", "c_2", "c_4", "c_9"]


def test_closed_cases_are_forgotten_and_do_not_come_back(desk: Desk) -> None:
    old, new = "2026-10-01T00:00:00Z", "2026-11-20T00:00:00Z"
    closed = [
        incoming("c_1", 1, state="closed", updated_at=old),
        incoming("c_2", 2, state="closed", updated_at=new),
        incoming("c_3", 3, state="open", updated_at=old),
        incoming("c_4", 4, state="closed", updated_at=old),
    ]
    desk.put(*closed)
    desk.write(lambda tables: tables.outbox.record(new_entry("k1", "c_4")))
    before = datetime(2026, 11, 1, tzinfo=UTC)
    assert desk.write(lambda tables: tables.cases.forget_closed(before)) == 1
    assert desk.put(*closed, incoming("c_1", 50, state="closed", updated_at=old)) == 0
    assert sorted(listed(desk, CaseQuery())) == ["c_2", "c_3", "c_4"]
    assert desk.put(incoming("c_1", 60, state="open", updated_at=new)) == 1  # reopened


def test_attachments_go_with_the_last_case_that_has_them(desk: Desk) -> None:
    sha256 = desk.write(lambda tables: tables.blobs.put(b"picture"))
    files = [{"id": "f1", "sha256": sha256.upper()}]
    desk.put(incoming("c_1", 1, attachments=files), incoming("c_2", 2, attachments=files))
    desk.write(lambda tables: tables.cases.delete("c_1", 9))
    assert desk.ask(lambda tables: tables.blobs.get(sha256)) == b"picture"
    desk.write(lambda tables: tables.cases.delete("c_2", 9))
    assert desk.ask(lambda tables: tables.blobs.get(sha256)) is None


# --- The slim row ---


def test_a_row_shows_what_a_list_needs(desk: Desk) -> None:
    desk.put(
        incoming(
            "c_1", 5, "17",
            reference="ED-1", their_reference="AZ 5", title="\x1b[31mred", priority="P1",
            imminence="imminent", graphic_level=2, sensitivities=["minor"], language="en",
            updated_at="2026-11-24T10:00:00.5Z", snoozed_until="2026-11-25T00:00:00Z",
            claim={"by": "sp_7", "until": "2026-11-24T12:15:00Z"}, assignee="sp_8",
            requester={
                "name": "A. Name", "agency": "City Police",
                "signals": [{"id": "domain_lookalike", "level": "red"}],
                "verification": {"state": "UNVERIFIED"},
            },
        )
    )  # fmt: skip
    found = row(desk)
    assert (found.version, found.reference.raw, found.title.raw) == ("17", "ED-1", "\x1b[31mred")
    assert (found.priority, found.imminence, found.language) == ("P1", "imminent", "en")
    assert (found.agency.raw, found.requester_name.raw) == ("City Police", "A. Name")
    assert (found.claim_by, found.claim_until_ms) == ("sp_7", NOON + 15 * 60_000)
    assert (found.assignee, found.verification) == ("sp_8", "UNVERIFIED")
    assert found.updated_ms == NOON - 2 * 3_600_000 + 500
    assert (found.minor, found.red_signal, found.graphic_level) == (True, True, 2)
    assert found.snoozed_until_ms == NOON + 12 * 3_600_000
    assert (found.unsent, found.changed, found.gone, found.provisional) == (0, False, False, False)


def test_the_tightest_running_clock_counts(desk: Desk) -> None:
    paused = [{"from": "2026-11-24T09:00:00Z", "to": None, "why": "clarification_pending"}]
    over = [{"from": "2026-11-24T09:00:00Z", "to": "2026-11-24T10:00:00Z"}]
    desk.put(
        incoming(
            "c_1", 1,
            clocks=[
                clock("2026-11-24T13:00:00Z", met_at="2026-11-24T11:00:00Z"),
                clock("2026-11-24T13:30:00Z", paused=paused),
                clock("2026-11-24T16:00:00Z"),
                clock("2026-11-24T14:00:00Z", kind="statutory", label="Reply", paused=over),
                {"id": "k9", "label": "promptly"},
            ],
        ),
        incoming("c_2", 2, clocks=[clock("2026-11-24T13:30:00Z", paused=paused, label="Decide")]),
        incoming("c_3", 3, clocks=[{"id": "k9", "label": "promptly"}]),
    )  # fmt: skip
    one, two, three = (row(desk, case_id) for case_id in ("c_1", "c_2", "c_3"))
    assert (one.due_ms, one.due_kind, one.due_label.raw, one.paused) == (
        NOON + 2 * 3_600_000, "statutory", "Reply", False,
    )  # fmt: skip
    assert (two.due_ms, two.due_label.raw, two.paused) == (None, "Decide", True)
    assert (three.due_ms, three.paused) == (None, False)


# --- Lists ---


@pytest.fixture
def queue(desk: Desk) -> Desk:
    desk.put(
        incoming("c_1", 1, priority="P2", clocks=[clock("2026-11-24T13:00:00Z")]),
        incoming("c_2", 2, priority="P0", clocks=[clock("2026-11-24T18:00:00Z")]),
        incoming("c_3", 3, priority="P0", clocks=[clock("2026-11-24T11:00:00Z")]),
        incoming("c_4", 4, priority="P0", state="closed", clocks=[clock("2026-11-24T10:00:00Z")]),
        incoming("c_5", 5, priority="P0", received_at="2026-11-24T08:00:00Z"),
        incoming("c_6", 6, priority="P0", received_at="2026-11-24T07:00:00Z"),
        incoming("c_7", 7, priority="P4"),
        incoming("c_8", 8),
    )
    return desk


def test_urgency_is_open_first_then_priority_due_and_received(queue: Desk) -> None:
    order = ["c_3", "c_2", "c_6", "c_5", "c_8", "c_1", "c_7", "c_4"]
    assert listed(queue, CaseQuery()) == order
    assert listed(queue, CaseQuery(descending=True)) == order[::-1]
    assert listed(queue, CaseQuery(), limit=2, offset=1) == ["c_2", "c_6"]
    assert queue.ask(lambda tables: tables.cases.count(CaseQuery())) == 8


@pytest.mark.parametrize(
    ("sort", "first"),
    [("due", "c_4"), ("received", "c_6"), ("priority", "c_4"), ("updated", "c_9")],
)
def test_other_sorts(queue: Desk, sort: str, first: str) -> None:
    queue.put(incoming("c_9", 9, priority="P4", updated_at="2026-11-24T10:00:00Z"))
    descending = sort == "updated"
    assert listed(queue, CaseQuery(sort=sort, descending=descending), limit=1) == [first]


def test_references_sort_without_regard_to_case(desk: Desk) -> None:
    for n, reference in enumerate(("b-2", "A-1", "C-3"), 1):
        desk.put(incoming(f"c_{n}", n, reference=reference))
    assert listed(desk, CaseQuery(sort="reference")) == ["c_2", "c_1", "c_3"]


def test_an_unknown_sort_or_field_is_a_defect(desk: Desk) -> None:
    for query in (
        CaseQuery(sort="colour"),
        CaseQuery((Condition("colour", "in", ("red",)),)),
        CaseQuery((Condition("queue", "<", ("a",)),)),
        CaseQuery((Condition("due", "<", ("soon",)),)),
    ):
        with pytest.raises(QueryError):
            listed(desk, query)


def test_the_next_due_is_the_open_case_whose_clock_ends_first(queue: Desk) -> None:
    due = queue.ask(lambda tables: tables.cases.next_due())
    assert due is not None
    assert due.id == "c_3"
    queue.put(incoming("c_3", 30, priority="P0"))
    due = queue.ask(lambda tables: tables.cases.next_due())
    assert due is not None
    assert due.id == "c_1"


def test_no_clock_no_next_due(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    assert desk.ask(lambda tables: tables.cases.next_due()) is None


def test_find_by_id_and_by_either_reference(desk: Desk) -> None:
    desk.put(
        incoming("c_1", 1, reference="ED-2026-000001", their_reference="AZ 17"),
        incoming("c_2", 2, reference="ED-2026-000002", their_reference="AZ 17"),
    )

    def find(name: str) -> str | None:
        return desk.ask(lambda tables: tables.cases.find(name))

    assert [find(name) for name in ("c_1", " ed-2026-000002 ", "az 17", "nothing", "\udc80")] == [
        "c_1", "c_2", "c_2", None, None,
    ]  # fmt: skip


def test_rows_come_in_the_order_asked(desk: Desk) -> None:
    desk.put(*(incoming(f"c_{n}", n) for n in range(1, 700)))
    rowids = desk.ask(lambda tables: tables.cases.listing(CaseQuery(sort="received")))
    asked = list(rowids)[::-1]
    assert [case.rowid for case in desk.ask(lambda tables: tables.cases.rows(asked))] == asked


@pytest.fixture
def mixed(desk: Desk) -> Desk:
    desk.put(
        incoming(
            "c_1", 1, priority="P0", queue="emergency", kind="emergency_disclosure", state="open",
            imminence="imminent", language="en-GB", jurisdiction="US-CA", channel="portal",
            reference="ED-2026-000001", their_reference="AZ/17", title="Köln bridge",
            tags=["Night Shift", "a"], harms=["SUICIDE_SELF_HARM"], sensitivities=["minor"],
            claim={"by": "sp_7", "until": "2026-11-24T12:15:00Z"}, assignee="sp_8",
            clocks=[clock("2026-11-24T11:00:00Z")], graphic_level=3,
            updated_at="2026-11-24T10:00:00Z", snoozed_until="2026-11-25T00:00:00Z",
            requester={
                "name": "A. Müller", "email": "a.mueller@polizei.example", "country": "DE",
                "agency": "Polizei KÖLN", "signals": [{"id": "x", "level": "red"}],
                "verification": {"state": "VERIFIED_STANDARD"},
            },
        ),
        incoming(
            "c_2", 2, priority="P1", queue="orders", kind="production_order", state="closed",
            claim={"by": "sp_7", "until": "2026-11-24T11:00:00Z"}, language="de",
            clocks=[clock("2026-11-24T11:00:00Z")], jurisdiction="USSR",
            requester={"name": "B", "agency": "Guardia"}, tags=["night"],
        ),
        incoming("c_3", 3, queue="emergency", received_at="2026-11-24T11:59:00Z"),
    )  # fmt: skip
    return desk


@pytest.mark.parametrize(
    ("field", "op", "values", "found"),
    [
        ("id", "in", ("c_3", "c_2"), "23"),
        ("reference", "in", ("2026-0000",), "1"),
        ("their_reference", "in", ("az/",), "1"),
        ("title", "in", ("koln",), "1"),
        ("agency", "in", ("köln", "guard"), "12"),
        ("requester", "in", ("muller",), "1"),
        ("requester", "in", ("@polizei.example",), "1"),
        ("priority", "in", ("p0", "P1"), "12"),
        ("queue", "in", ("emergency",), "13"),
        ("kind", "in", ("production_order",), "2"),
        ("state", "in", ("closed",), "2"),
        ("imminence", "in", ("imminent",), "1"),
        ("language", "in", ("en",), "1"),
        ("language", "in", ("e",), ""),
        ("jurisdiction", "in", ("us",), "1"),
        ("country", "in", ("de",), "1"),
        ("assignee", "in", ("sp_8",), "1"),
        ("claim", "in", ("sp_7",), "1"),
        ("claim", "set", (), "1"),
        ("tag", "in", ("night shift",), "1"),
        ("tag", "in", ("night",), "2"),
        ("harm", "in", ("suicide_self_harm",), "1"),
        ("sensitivity", "in", ("minor",), "1"),
        ("signal", "in", ("red",), "1"),
        ("signal", "in", ("re",), ""),
        ("verification", "in", ("VERIFIED_STANDARD",), "1"),
        ("channel", "in", ("portal",), "1"),
        ("due", "<", (NOON,), "12"),
        ("received", ">=", (NOON - 60_000,), "3"),
        ("updated", "<=", (NOON,), "1"),
        ("graphic", ">", (2,), "1"),
        ("overdue", "set", (), "1"),
        ("snoozed", "set", (), "1"),
        ("unsent", "set", (), ""),
        ("gone", "set", (), ""),
        ("changed", "set", (), ""),
        ("assignee", "set", (), "1"),
        ("tag", "set", (), "12"),
        ("due", "set", (), "12"),
        ("agency", "set", (), "12"),
        ("queue", "in", (), ""),
    ],
)  # fmt: skip
def test_conditions_and_their_negation(
    mixed: Desk, field: str, op: Any, values: tuple[str | int, ...], found: str
) -> None:
    for negated in (False, True):
        query = CaseQuery((Condition(field, op, values, negated),), now_ms=NOON)
        cases = {case_id[2:] for case_id in listed(mixed, query)}
        assert cases == (set("123") - set(found) if negated else set(found)), negated
        assert mixed.ask(lambda tables, query=query: tables.cases.count(query)) == len(cases)


def test_conditions_must_all_hold(mixed: Desk) -> None:
    query = CaseQuery(
        (Condition("queue", "in", ("emergency",)), Condition("priority", "in", ("P0",), True)),
        now_ms=NOON,
    )
    assert listed(mixed, query) == ["c_3"]


def test_related_cases_subject_first_then_mail_then_agency(desk: Desk) -> None:
    def case(n: int, value: str, mail: str, agency: str) -> None:
        desk.put(
            incoming(
                f"c_{n}", n,
                subjects=[{"id": "s1", "value": value}],
                requester={"email": mail, "agency": agency},
            )
        )  # fmt: skip

    case(1, "778899", "a@x.example", "City Police")
    case(2, "111", "b@x.example", "city police")
    case(3, "112", "A@X.example", "Other")
    case(4, "778899", "d@x.example", "Another")
    case(5, "113", "e@x.example", "Unrelated")
    case(6, "City Police", "778899", "a@x.example")  # the same words in other places
    found = desk.ask(lambda tables: tables.cases.related("c_1", 10))
    assert [other.id for other in found] == ["c_4", "c_3", "c_2"]
    assert [other.id for other in desk.ask(lambda tables: tables.cases.related("c_1", 1))] == [
        "c_4"
    ]
    assert desk.ask(lambda tables: tables.cases.related("nobody", 10)) == []
