"""The scenarios: the same for the same seed, everything there that a newcomer should meet."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import liquid
import msgspec
import pytest

from console.practice.bodies import Decide
from console.practice.clocks import duration
from console.practice.colleagues import Colleagues
from console.practice.reference import starter_policy, starter_templates
from console.practice.server import open_desk
from console.practice.service import PracticeDesk
from console.practice.wire import Case

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_desk(*, seed: int = 1, cases: int = 400) -> PracticeDesk:
    return open_desk(cases=cases, seed=seed, clock=lambda: START)


def cases_of(desk: PracticeDesk) -> list[Case]:
    return [desk.case(held) for held in desk.store.cases.values()]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return cases_of(a_desk())


def test_the_same_seed_and_start_make_the_same_desk() -> None:
    one, two, other = a_desk(), a_desk(), a_desk(seed=2)
    documents = [held.doc for held in one.store.cases.values()]
    assert documents == [held.doc for held in two.store.cases.values()]
    assert not set(one.store.cases) & set(other.store.cases)
    assert [one.token for one in one.people.values()] == [one.token for one in two.people.values()]
    assert one.people["sp_1"].token != other.people["sp_1"].token


def test_a_larger_desk_begins_with_the_smaller_one() -> None:
    small, large = a_desk(cases=60), a_desk(cases=90)
    assert list(small.store.cases) == list(large.store.cases)[:60]
    assert len(large.store.cases) == 90
    assert len(a_desk(cases=3).store.cases) == 3


def test_everything_is_there(cases: list[Case]) -> None:
    kinds = Counter(case.kind for case in cases)
    assert kinds.keys() >= {
        "emergency_disclosure",
        "preservation",
        "production_order",
        "emergency_production_order",
        "removal_order",
        "information_request",
        "threat_to_life_notice",
        "internal_escalation",
        "livestream_risk",
        "user_report",
    }
    languages = {case.language for case in cases}
    assert languages >= {"en", "es", "fr", "de", "pt", "ja", "zh", "ko", "ar", "hi"}
    states = {case.state for case in cases}
    assert states == {
        "open",
        "in_review",
        "awaiting_requester",
        "awaiting_approval",
        "decided",
        "closed",
    }
    rules = {clock.rule for case in cases for clock in case.clocks}
    assert rules >= {"EU-EPOC", "EU-EPOC-EMERG", "EU-TCO", "EU-DSA-9-10", "IN-ORDER", "UK-COPO"}
    assert {case.priority for case in cases} == {"P0", "P1", "P2", "P3", "P4"}
    assert {case.queue for case in cases} >= {"emergency", "live", "restricted", "orders"}
    assert {link.rel for case in cases for link in case.links} >= {"duplicate_of", "related"}


def test_the_first_sixty_show_what_matters() -> None:
    shown = cases_of(a_desk(cases=60))
    open_ones = [case for case in shown if case.state != "closed"]
    clocks = [clock for case in open_ones for clock in case.clocks if not clock.met_at]
    assert any(clock.due_at and clock.due_at < START for clock in clocks)
    soon = START + timedelta(minutes=10)
    assert any(clock.due_at and START < clock.due_at < soon for clock in clocks)
    assert any(clock.paused for clock in clocks)
    assert any(case.claim and case.claim.until > START for case in open_ones)
    assert any(case.approval and case.approval.needed for case in open_ones)
    signals = {s.id for case in open_ones if case.requester for s in case.requester.signals}
    assert signals >= {"domain_lookalike", "free_mail", "first_contact", "callback_only_own"}
    said = "".join(case.title or "" for case in shown)
    for attack in ("\x1b", "\u202e", "\u200b", "[bold red]", "\U000e0041"):
        assert attack in said
    assert any(len(case.request.narrative or "") > 5000 for case in shown if case.request)
    levels = {file.graphic.level for case in shown for file in case.attachments}
    assert levels >= {0, 2, 3}
    categories = {file.graphic.category for case in shown for file in case.attachments}
    assert "csam" in categories
    assert any("minor" in case.sensitivities for case in shown)


def test_times_are_of_the_past_and_agree(cases: list[Case]) -> None:
    for case in cases:
        assert case.received_at <= START
        assert case.updated_at is not None
        assert case.received_at <= case.updated_at <= START
        for record in (*case.decisions, *case.notes):
            assert case.received_at <= record.received_at <= START
        chain = sorted((*case.notes, *case.decisions), key=lambda one: int(one.after))
        assert [one.before for one in chain] == [str(n) for n in range(1, len(chain) + 1)]
        assert case.version == str(len(chain) + 1)


def test_references_and_ids_are_nobody_elses(cases: list[Case]) -> None:
    assert len({case.id for case in cases}) == len(cases)
    assert len({case.reference for case in cases}) == len(cases)
    ids = {case.id for case in cases}
    assert all(link.case in ids for case in cases for link in case.links)


def test_everything_is_synthetic(cases: list[Case]) -> None:
    for case in cases:
        requester = case.requester
        if requester is not None and requester.email:
            assert requester.email.rpartition(".")[2] in ("example", "test")
        if requester is not None and requester.phone:
            assert "55" in requester.phone


def test_attachments_are_what_their_labels_say() -> None:
    desk = a_desk(cases=100)
    files = [file for case in cases_of(desk) for file in case.attachments]
    assert files
    for file in files:
        content = desk.store.blobs[desk.store.files[file.id].sha256]
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_the_first_case_can_be_walked_to_its_end(cases: list[Case]) -> None:
    first = cases[0]
    assert (first.state, first.priority, first.language) == ("open", "P1", "en")
    assert first.requester is not None
    assert first.requester.verification.state == "VERIFIED_STANDARD"
    assert {signal.level for signal in first.requester.signals} <= {"green"}
    assert first.request is not None
    assert {item.tier for item in first.request.data_sought} == {"T1", "T2"}


def test_colleagues_and_the_world_act_by_themselves() -> None:
    desk = a_desk(cases=60)
    before = dict(desk.store.cases)
    colleagues = Colleagues(desk, 1, arrivals=3600 * 4)
    for _ in range(200):
        colleagues.tick(0.2)
    arrived = [held for case, held in desk.store.cases.items() if case not in before]
    changed = [case for case, held in before.items() if desk.store.cases[case].seq != held.seq]
    assert len(arrived) > 20
    assert len(changed) > 20
    assert len({case.reference for case in cases_of(desk)}) == len(desk.store.cases)
    by = {record.by for case in cases_of(desk) for record in case.notes}
    assert by == {"sp_7", "sp_8"}


def test_without_arrivals_nothing_happens_by_itself() -> None:
    desk = a_desk(cases=60)
    seq = desk.store.last_seq
    colleagues = Colleagues(desk, 1, arrivals=0)
    for _ in range(200):
        colleagues.tick(0.5)
    assert desk.store.last_seq == seq


def test_the_starter_policy_agrees_with_itself() -> None:
    policy = starter_policy()
    templates = {template.id for template in starter_templates()}
    members = set(Decide.__struct_fields__)
    checks = {check.id for check in policy.verification.checks}
    assert checks == {f"V{number:02}" for number in range(1, 21)}
    for one in policy.dispositions:
        assert set(one.needs) <= members
        assert one.verification is None or one.verification in policy.verification.levels
        assert one.response is None or one.response in templates
    for level in policy.verification.levels.values():
        assert {check for choice in level.all for check in choice} <= checks
    for rule in policy.clocks:
        assert rule.status == "unreviewed"
        assert set(rule.applies_to) <= set(Case.__struct_fields__)
    assert duration("PT8H") == timedelta(hours=8)
    assert duration("promptly") is None


@pytest.mark.parametrize("template", starter_templates(), ids=lambda one: one.id)
def test_templates_are_liquid_that_fills(template: Any) -> None:
    file = {"name": "data.csv", "size": 8, "sha256": "ab" * 32}
    given: dict[str, Any] = {one.name: f"<{one.name}>" for one in template.variables}
    given |= {one.name: [f"<{one.name}>"] for one in template.variables if one.kind == "list"}
    given |= {one.name: [file] for one in template.variables if one.kind == "files"}
    environment = liquid.Environment(undefined=liquid.StrictUndefined)
    filled = environment.from_string(template.subject + "\n" + template.body).render(**given)
    for one in template.variables:
        assert ("data.csv" if one.kind == "files" else f"<{one.name}>") in filled
    assert template.approved_by is None


def test_wire_documents_read_back_as_they_were() -> None:
    for held in a_desk(cases=120).store.cases.values():
        assert held.doc is not None
        assert msgspec.json.encode(msgspec.json.decode(held.doc, type=Case)) == held.doc
