"""Deciding, four eyes and answering: what the policy and the contract's last paragraph ask."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.hand import AT, Hand, Json, disclosure, pointers, problem, response
from tests.servers import PracticeServer

Hands = Callable[[str], Hand]


@pytest.fixture
def verified(me: Hand) -> Json:
    case = me.open()
    me.verify_standard(case["id"])
    return me.case(case["id"])


def test_verification_is_judged_by_the_checks(me: Hand) -> None:
    case = me.open()
    first = me.act(case["id"], "verify", check="V01", result="PASS", note="exact match").json()
    verification = first["case"]["requester"]["verification"]
    assert verification["state"] == "IN_PROGRESS"
    assert verification["checks"][0]["by"] == "sp_1"
    again = me.act(
        case["id"],
        "verify",
        check="V01",
        result="FAIL",
        evidence={"number": "+1 202 555 0110", "source": "register", "at": AT},
    ).json()["case"]["requester"]["verification"]
    assert [(one["id"], one["result"]) for one in again["checks"]] == [("V01", "FAIL")]
    assert me.act(case["id"], "verify", state="SUSPECTED_FRAUD").status_code == 201
    assert pointers(me.act(case["id"], "verify", state="VERIFIED_STANDARD")) == ["/state"]


def test_a_decision_needs_what_its_disposition_says(me: Hand, verified: Json) -> None:
    refused = me.act(verified["id"], "decide", disposition="DISCLOSE_PARTIAL", rationale="  ")
    assert problem(refused) == (422, "invalid")
    assert pointers(refused) == [
        "/reasons",
        "/rationale",
        "/legal_basis",
        "/scope_granted",
        "/user_notice",
        "/statutory_test_met",
        "/policy_test_met",
        "/good_faith",
        "/seen",
        "/withheld",
    ]


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"reasons": ["NO_SUCH"]}, "/reasons/0"),
        ({"scope_granted": [{"tier": "T9"}]}, "/scope_granted/0/tier"),
        ({"scope_granted": [{"tier": "T1", "subject": "s7"}]}, "/scope_granted/0/subject"),
        ({"seen": ["m1", "m9"]}, "/seen/1"),
        ({"user_notice": {"decision": "delay_until"}}, "/user_notice/until"),
        ({"user_notice": {"decision": "never"}}, "/user_notice/decision"),
        ({"statutory_test_met": "maybe"}, "/statutory_test_met"),
    ],
)
def test_a_decision_names_what_is_there(
    me: Hand, verified: Json, members: Json, place: str
) -> None:
    refused = me.act(verified["id"], "decide", **disclosure(**members))
    assert problem(refused) == (422, "invalid")
    assert pointers(refused) == [place]


def test_a_disclosure_needs_a_verified_requester(me: Hand) -> None:
    case = me.open()
    assert pointers(me.act(case["id"], "decide", **disclosure())) == ["/disposition"]


def test_a_decision_ends_its_clock_and_stands(me: Hand, verified: Json) -> None:
    done = me.act(verified["id"], "decide", **disclosure()).json()
    case, record = done["case"], done["action"]
    assert case["state"] == "decided"
    assert case["clocks"][0]["met_at"] == record["received_at"]
    assert case["decisions"] == [record]
    assert "approval" not in case


def test_a_disposition_that_closes(me: Hand) -> None:
    case = me.open()
    done = me.act(case["id"], "decide", disposition="NO_ACTION", rationale="nothing to do")
    assert done.json()["case"]["state"] == "closed"


@pytest.mark.parametrize(
    ("opened", "members", "needed"),
    [
        ({}, {}, False),
        ({}, {"scope_granted": [{"tier": "T4", "subject": "s1"}]}, True),
        ({"sensitivities": ["journalist"]}, {}, True),
        ({"sensitivities": ["minor"]}, {}, False),
        ({"requester": {"email": "a@b.example", "agency_id": "a_unknown"}}, {}, True),
        (
            {
                "requester": {
                    "email": "a@b.example",
                    "agency_id": "a_northfield-police",
                    "signals": [{"id": "x", "level": "red"}],
                }
            },
            {},
            True,
        ),
    ],
)
def test_when_a_second_person_is_needed(
    me: Hand, opened: Json, members: Json, needed: bool
) -> None:
    case = me.open(**opened)
    me.verify_standard(case["id"])
    done = me.act(case["id"], "decide", **disclosure(**members)).json()["case"]
    assert done["state"] == ("awaiting_approval" if needed else "decided")
    if needed:
        approval = done["approval"]
        assert (approval["needed"], approval["asked_by"]) == (True, "sp_1")
        assert approval["for"] == done["decisions"][0]["id"]


def test_break_glass_gives_the_lowest_tier_and_needs_eyes(me: Hand) -> None:
    case = me.open()
    scope = [{"tier": "T2", "category": "logins", "subject": "s1"}]
    refused = me.act(case["id"], "decide", **disclosure(break_glass=True, scope_granted=scope))
    assert pointers(refused) == ["/scope_granted/0/tier"]
    done = me.act(case["id"], "decide", **disclosure(break_glass=True)).json()["case"]
    assert done["state"] == "awaiting_approval"


def awaiting(me: Hand, case_id: str) -> tuple[str, str]:
    """Decide what needs a second person; the decision's id and its content's hash."""
    granted = [{"tier": tier, "category": "basic", "subject": "s1"} for tier in ("T1", "T4")]
    done = me.act(case_id, "decide", **disclosure(scope_granted=granted))
    assert done.json()["case"]["state"] == "awaiting_approval"
    body = done.request.content
    assert body in done.content
    return done.json()["action"]["id"], hashlib.sha256(body).hexdigest()


def test_an_approval_is_of_exactly_what_was_decided(me: Hand, hand: Hands, verified: Json) -> None:
    case_id = verified["id"]
    decision, sha256 = awaiting(me, case_id)
    approver = hand("sp_2")
    other = approver.act(case_id, "approve", decision=decision, content_sha256="0" * 64)
    assert pointers(other) == ["/content_sha256"]
    nothing = approver.act(case_id, "approve", decision="d_none", content_sha256=sha256)
    assert pointers(nothing) == ["/decision"]
    answer = me.act(case_id, "respond", **response(decision))
    assert pointers(answer) == ["/decision"]
    done = approver.act(case_id, "approve", decision=decision, content_sha256=sha256)
    assert done.status_code == 201
    case = done.json()["case"]
    assert case["state"] == "decided"
    assert case["approval"]["given_by"] == "sp_2"
    assert me.act(case_id, "respond", **response(decision)).status_code == 201


def test_who_decided_cannot_approve(hand: Hands) -> None:
    lead = hand("sp_3")
    case = lead.open()
    lead.verify_standard(case["id"])
    decision, sha256 = awaiting(lead, case["id"])
    for name in ("approve", "reject"):
        refused = lead.act(case["id"], name, decision=decision, content_sha256=sha256)
        assert problem(refused) == (403, "forbidden")


def test_an_edit_voids_the_approval(me: Hand, hand: Hands, verified: Json) -> None:
    first, sha256 = awaiting(me, verified["id"])
    second, _ = awaiting(me, verified["id"])
    assert first != second
    voided = hand("sp_2").act(verified["id"], "approve", decision=first, content_sha256=sha256)
    assert pointers(voided) == ["/decision"]


def test_approving_goes_past_a_claim(me: Hand, hand: Hands, verified: Json) -> None:
    decision, sha256 = awaiting(me, verified["id"])
    assert me.act(verified["id"], "claim", version=None).status_code == 201
    done = hand("sp_2").act(verified["id"], "approve", decision=decision, content_sha256=sha256)
    assert done.status_code == 201


def test_a_rejected_decision_does_not_stand(me: Hand, hand: Hands, verified: Json) -> None:
    decision, sha256 = awaiting(me, verified["id"])
    done = hand("sp_2").act(
        verified["id"], "reject", decision=decision, content_sha256=sha256, reason="too much"
    )
    case = done.json()["case"]
    assert case["state"] == "in_review"
    assert "met_at" not in case["clocks"][0]
    assert pointers(me.act(verified["id"], "respond", **response(decision))) == ["/decision"]
    again = hand("sp_2").act(verified["id"], "approve", decision=decision, content_sha256=sha256)
    assert pointers(again) == ["/type"]


def test_a_response_within_its_decision(me: Hand, verified: Json) -> None:
    decision = me.act(verified["id"], "decide", **disclosure()).json()["action"]["id"]
    done = me.act(verified["id"], "respond", **response(decision)).json()
    record = done["case"]["responses"][0]
    assert record["delivery"]["state"] == "sent"
    assert record == done["action"]


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"to": "officer@northfield-po1ice.example"}, "/to"),
        ({"to": "Officer@northfield-police.example"}, "/to"),
        ({"discloses": [{"tier": "T2", "category": "basic", "subject": "s1"}]}, "/discloses/0"),
        ({"discloses": [{"tier": "T1", "category": "other", "subject": "s1"}]}, "/discloses/0"),
        ({"decision": None}, "/decision"),
        ({"decision": "d_none"}, "/decision"),
        ({"body_sha256": "0" * 64}, "/body_sha256"),
        ({"template": {"id": "TPL-ACK-OLD", "version": "7"}}, "/template"),
        ({"template": {"id": "TPL-NONE", "version": "1"}}, "/template"),
        (
            {"attachments": [{"name": "a", "media_type": "a/b", "size": 1, "sha256": "0" * 64}]},
            "/attachments/0/sha256",
        ),
        ({"channel": "pigeon"}, "/channel"),
    ],
)
def test_a_response_beyond_its_decision(
    me: Hand, verified: Json, members: dict[str, Any], place: str
) -> None:
    decision = me.act(verified["id"], "decide", **disclosure()).json()["action"]["id"]
    refused = me.act(verified["id"], "respond", **(response(decision) | members))
    assert problem(refused) == (422, "invalid")
    assert pointers(refused) == [place]
    assert "responses" not in me.case(verified["id"])


def test_the_registers_contact_is_verified_too(me: Hand, verified: Json) -> None:
    decision = me.act(verified["id"], "decide", **disclosure()).json()["action"]["id"]
    to = "spoc@northfield-police.example"
    assert me.act(verified["id"], "respond", **response(decision, to=to)).status_code == 201


def test_an_answer_without_data_needs_no_decision(me: Hand) -> None:
    case = me.open()
    answer = response(None, discloses=[], to="anybody@portal.example")
    answer["template"] = {"id": "TPL-ACK", "version": "1"}
    assert me.act(case["id"], "respond", **answer).status_code == 201


def test_a_response_with_an_uploaded_file(me: Hand, verified: Json) -> None:
    content = b"the data"
    sha256 = hashlib.sha256(content).hexdigest()
    assert me.http.put(f"/v1/uploads/{sha256}", content=content).status_code == 201
    assert me.http.put(f"/v1/uploads/{sha256}", content=content).status_code == 200
    decision = me.act(verified["id"], "decide", **disclosure()).json()["action"]["id"]
    file = {"name": "data.csv", "media_type": "text/csv", "size": 8, "sha256": sha256}
    done = me.act(verified["id"], "respond", **response(decision, attachments=[file]))
    assert done.status_code == 201


def test_a_template_that_is_withdrawn_meanwhile(server: PracticeServer, me: Hand) -> None:
    case = me.open()
    cursor = me.cursor()
    server.control("withdraw/TPL-RFI")
    news = [one for one in me.feed(cursor) if one["kind"] == "template"]
    assert [(one["id"], one["doc"]["disabled"]) for one in news] == [("TPL-RFI", True)]
    answer = response(None, discloses=[], template={"id": "TPL-RFI", "version": "1"})
    assert pointers(me.act(case["id"], "respond", **answer)) == ["/template"]
