"""The case as it will stand: each type of action, applied before the server has it."""

from datetime import timedelta

import msgspec
import pytest

from console.casework import actions as act
from console.casework.projection import Unsent, project
from local_cache import records as r
from local_cache.hostile import Hostile
from tests.casework_ground import ME, NOW, POLICY, case, disclosing, item, recorded


def after(*actions: act.Action, start: r.Case | None = None) -> r.Case:
    entries = [recorded(one, f"k{n}", minutes=n) for n, one in enumerate(actions)]
    return project(start or case(), entries, policy=POLICY)


@pytest.mark.parametrize(
    ("start", "action", "state"),
    [
        ("open", act.Claim(), "in_review"),
        ("decided", act.Claim(), "decided"),
        ("in_review", act.Release(), "open"),
        ("awaiting_requester", act.Release(), "awaiting_requester"),
        ("in_review", act.Note(body="x"), "in_review"),
        ("in_review", disclosing(), "decided"),
        ("in_review", disclosing(scope_granted=(item("T4", "messages"),)), "awaiting_approval"),
        ("in_review", act.Decide(disposition="DUPLICATE", rationale="x"), "closed"),
        ("awaiting_approval", act.Approve(decision="d", content_sha256="x"), "decided"),
        ("awaiting_approval", act.Reject(decision="d", content_sha256="x"), "in_review"),
        ("in_review", act.Wait(for_="requester"), "awaiting_requester"),
        ("in_review", act.Wait(for_="legal"), "in_review"),
        ("decided", act.Close(reason="done"), "closed"),
        ("closed", act.Reopen(reason="news"), "open"),
    ],
)
def test_the_state_after(start: str, action: act.Action, state: str) -> None:
    assert after(action, start=case(state=start)).state == state


def test_what_an_action_makes_has_the_action_s_key() -> None:
    shown = after(act.Note(body="first"), disclosing(), act.Note(body="second"))
    assert [note.id for note in shown.notes] == ["k0", "k2"]
    assert [decision.id for decision in shown.decisions] == ["k1"]
    assert shown.notes[1].fields()["body"].raw == "second"


def test_a_decision_that_needs_four_eyes_waits_for_them() -> None:
    approval = after(disclosing(scope_granted=(item("T4", "messages"),))).approval
    assert approval is not None
    assert (approval.needed, approval.for_, approval.asked_by) == (True, "k0", ME.id)


def test_a_rejected_decision_does_not_stay_approved() -> None:
    waiting = case(state="awaiting_approval", approval={"needed": True, "for": "d"})
    approval = after(act.Reject(decision="d", content_sha256="x"), start=waiting).approval
    assert approval is not None
    assert (approval.needed, approval.for_, approval.given_by) == (False, "d", None)


def test_a_claim_lasts_its_ttl_and_a_release_ends_it() -> None:
    held = after(act.Claim(ttl=timedelta(minutes=20)))
    assert held.claim == r.Claim(by=ME.id, until=NOW + timedelta(minutes=20))
    assert after(act.Claim(), act.Release()).claim is None


def test_a_check_takes_the_place_of_the_one_before() -> None:
    shown = after(act.Verify(check="V04", result="FAIL"), act.Verify(state="FAILED"))
    assert shown.requester is not None
    verification = shown.requester.verification
    assert [(c.id, c.result) for c in verification.checks] == [
        ("V01", "PASS"),
        ("V04", "FAIL"),
        ("V07", "PASS"),
    ]
    assert verification.state == "FAILED"


def test_an_assessment_changes_what_it_names() -> None:
    shown = after(act.Assess(priority="P0", axes=act.Axes(severity=3), rationale="why"))
    assert (shown.priority, shown.kind) == ("P0", "emergency_disclosure")
    assert shown.assessment is not None
    assert shown.assessment.axes == {Hostile("severity"): 3}


def test_tags_links_assignee_queue_and_snooze() -> None:
    shown = after(
        act.Tag(add=("a", "b")),
        act.Tag(add=("b", "c"), remove=("a",)),
        act.Link(rel="related", case="c_2"),
        act.Link(rel="related", case="c_2"),
        act.Assign(to="sp_7"),
        act.Move(queue="orders", reason="an order"),
        act.Snooze(until=NOW + timedelta(hours=1)),
    )
    assert [tag.raw for tag in shown.tags] == ["b", "c"]
    assert shown.links == (r.Link(rel="related", case="c_2"),)
    assert (shown.assignee, shown.queue) == ("sp_7", "orders")
    assert shown.snoozed_until == NOW + timedelta(hours=1)


def test_a_body_that_cannot_be_read_changes_nothing() -> None:
    broken = Unsent(key="k", type="new", body=b'{"type":"new"}', at=NOW, by=ME.id)
    assert project(case(), [broken]) == case()


def test_versions_and_clocks_stay_the_server_s() -> None:
    shown = after(disclosing(), act.Note(body="x"))
    assert (shown.version, shown.seq, shown.clocks) == ("17", 7, ())


def test_responses_preservations_and_enforcements_are_shown() -> None:
    shown = after(
        act.Respond(to="a@b.test", channel="email", body="x"),
        act.Preserve(scope="all", expires_at=NOW),
        act.Enforce(target="s1", measure="RESTRICT"),
    )
    made = (shown.responses, shown.preservations, shown.enforcements)
    assert [[one.id for one in records] for records in made] == [["k0"], ["k1"], ["k2"]]
    assert msgspec.json.decode(shown.enforcements[0].body)["measure"] == "RESTRICT"
