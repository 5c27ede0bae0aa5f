"""What the server would refuse, judged here: by rule, with the code of the finding."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from console.casework import actions as act
from console.casework.four_eyes import four_eyes
from console.casework.judgement import judge
from console.casework.levels import levels_reached, missing_for, suggested_state
from console.casework.projection import project
from local_cache import records as r
from local_cache.hostile import Hostile
from tests.casework_ground import (
    APPROVER,
    LEAD,
    ME,
    NOW,
    POLICY,
    REGISTER,
    case,
    disclosing,
    item,
    recorded,
)

SOON = NOW + timedelta(minutes=5)


def codes(
    action: act.AnyAction,
    on: r.Case | None = None,
    *,
    me: r.Specialist = ME,
    templates: dict[str, r.Template] | None = None,
) -> set[tuple[str, str]]:
    found = judge(
        on or case(), action, policy=POLICY, me=me, now=NOW, key="k", templates=templates,
        register=REGISTER,
    )  # fmt: skip
    return {(one.pointer, one.code) for one in found}


def held(by: str, until: Any = SOON) -> r.Case:
    return case(claim={"by": by, "until": until})


# --- Role, claim, state -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "me"),
    [
        (act.Note(body="x"), APPROVER),
        (act.Move(queue="orders", reason="x"), ME),
        (act.Assign(to="sp_9"), ME),
        (act.Approve(decision="d", content_sha256="x"), ME),
    ],
)
def test_the_table_s_role_is_needed(action: act.AnyAction, me: r.Specialist) -> None:
    assert ("/type", "role") in codes(action, me=me)


def test_anybody_may_take_a_case_themselves() -> None:
    assert codes(act.Assign(to="sp_1"), case(assignee="sp_9")) == set()
    assert codes(act.Assign(to=None), case(assignee="sp_1")) == set()
    assert codes(act.Assign(to=None), case(assignee="sp_9")) == {("/type", "role")}


def test_a_live_claim_of_somebody_else_stops_all_but_notes_and_approvals() -> None:
    assert codes(act.Tag(add=("x",)), held("sp_9")) == {("", "claimed")}
    assert codes(act.Note(body="x"), held("sp_9")) == set()
    assert codes(act.Tag(add=("x",)), held("sp_1")) == set()
    assert codes(act.Tag(add=("x",)), held("sp_9", NOW)) == set()


def test_only_a_lead_takes_over_a_live_claim() -> None:
    assert codes(act.Claim(), held("sp_9")) == {("", "claimed")}
    assert codes(act.Claim(), held("sp_9"), me=LEAD) == set()
    assert codes(act.Claim(), held("sp_9", NOW)) == set()


def test_a_closed_case_is_not_decided_and_still_takes_a_note() -> None:
    closed = case(state="closed")
    assert ("/type", "state") in codes(disclosing(), closed)
    assert codes(act.Note(body="x"), closed) == set()
    assert codes(act.Reopen(reason="news"), closed) == set()
    assert ("/type", "state") in codes(act.Reopen(reason="news"))


# --- Deciding -----------------------------------------------------------------------------------


def test_a_decision_in_order_passes() -> None:
    assert codes(disclosing()) == set()


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"disposition": "DISCLOSE_PARTAL"}, ("/disposition", "unknown-code")),
        ({"reasons": ()}, ("/reasons", "missing")),
        ({"rationale": "  "}, ("/rationale", "missing")),
        ({"user_notice": None}, ("/user_notice", "missing")),
        ({"statutory_test_met": None}, ("/statutory_test_met", "missing")),
        ({"statutory_test_met": "perhaps"}, ("/statutory_test_met", "unknown-code")),
        ({"statutory_test_met": "no"}, ("/statutory_test_met", "tests")),
        ({"policy_test_met": "no"}, ("/policy_test_met", "tests")),
        ({"good_faith": False}, ("/good_faith", "tests")),
        ({"reasons": ("EM_IMINENT",)}, ("/reasons/0", "unknown-code")),
        ({"seen": ("m1", "m9")}, ("/seen/1", "unknown-code")),
        (
            {"user_notice": act.UserNotice(decision="tell")},
            ("/user_notice/decision", "unknown-code"),
        ),
        (
            {"user_notice": act.UserNotice(decision="delay_until")},
            ("/user_notice/until", "missing"),
        ),
        (
            {"user_notice": act.UserNotice(decision="prohibited")},
            ("/user_notice/reason", "missing"),
        ),
        ({"scope_granted": (item("T3", "location"),)}, ("/scope_granted/0", "scope")),
        ({"scope_granted": (item(subject="s2"),)}, ("/scope_granted/0", "scope")),
        ({"scope_granted": (item(subject="s9"),)}, ("/scope_granted/0/subject", "unknown-code")),
        ({"scope_granted": (item("T9"),)}, ("/scope_granted/0/tier", "unknown-code")),
        ({"withheld": (act.Withheld(tier="T4"),)}, ("/withheld/0/reason", "missing")),
    ],
)
def test_a_decision_out_of_order_is_named_where(
    changes: dict[str, Any], finding: tuple[str, str]
) -> None:
    assert finding in codes(disclosing(**changes))


def test_a_grant_keeps_to_the_range_that_was_asked() -> None:
    logins = act.ScopeItem(
        tier="T2", category="logins", subject="s1",
        from_=NOW - timedelta(days=2), to=NOW - timedelta(days=1),
    )  # fmt: skip
    wider = msgspec.structs.replace(logins, to=NOW + timedelta(days=1))
    assert codes(disclosing(scope_granted=(logins,))) == set()
    assert codes(disclosing(scope_granted=(wider,))) == {("/scope_granted/0", "scope")}
    openly = msgspec.structs.replace(logins, from_=None)
    assert codes(disclosing(scope_granted=(openly,))) == {("/scope_granted/0", "scope")}


def test_an_unverified_requester_gets_nothing_but_by_broken_glass_the_lowest_tier() -> None:
    unverified = case(requester={"verification": {"state": "UNVERIFIED"}})
    assert codes(disclosing(), unverified) == {("/disposition", "verification")}
    assert codes(disclosing(break_glass=True), unverified) == set()
    broken = disclosing(break_glass=True, scope_granted=(item("T4", "messages"),))
    assert codes(broken, unverified) == {("/scope_granted/0/tier", "break-glass")}


def test_a_higher_level_contains_the_lower() -> None:
    strong = case(requester={"verification": {"state": "VERIFIED_STRONG"}})
    assert codes(disclosing(), strong) == set()


@pytest.mark.parametrize(
    ("condition", "needed"),
    [
        ("tier>=T1", True),
        ("tier>=T2", False),
        ("signal:red", False),
        ("sensitivity:minor", True),
        ("sensitivity:journalist", False),
        ("subjects>0", True),
        ("subjects>1", False),
        ("break_glass", False),
        ("requester:first_contact", False),
        ("always", True),
        ("moon:full", True),
    ],
)
def test_conditions_for_four_eyes(condition: str, needed: bool) -> None:
    disposition = r.Disposition(code="D", four_eyes_when=(Hostile(condition),))
    policy = r.Policy(id="p", version="1", dispositions=(disposition,))
    decision = disclosing(disposition="D")
    found = four_eyes(case(sensitivities=["minor"]), decision, policy, REGISTER)
    assert found == ((condition,) if needed else ())


def test_a_requester_of_no_listed_agency_is_a_first_contact() -> None:
    condition = (Hostile("requester:first_contact"),)
    policy = r.Policy(
        id="p", version="1", dispositions=(r.Disposition(code="D", four_eyes_when=condition),)
    )
    decision = disclosing(disposition="D")
    unlisted = case(requester={"agency_id": "a_9"})
    assert four_eyes(unlisted, decision, policy, REGISTER)
    assert not four_eyes(unlisted, decision, policy)
    assert four_eyes(case(requester={"agency_id": None}), decision, policy)


# --- The second person --------------------------------------------------------------------------


def waiting() -> r.Case:
    secret = disclosing(scope_granted=(item("T4", "messages"),))
    return project(case(), [recorded(secret, "d1", by="sp_1")], policy=POLICY)


def approval_of(on: r.Case, **changes: Any) -> act.Approve:
    whole = act.Approve(decision="d1", content_sha256=act.content_sha256(on.decisions[-1]))
    return msgspec.structs.replace(whole, **changes)


def test_a_second_person_approves_what_they_were_shown() -> None:
    on = waiting()
    assert codes(approval_of(on), on, me=APPROVER) == set()
    changed = approval_of(on, content_sha256="0" * 64)
    assert codes(changed, on, me=APPROVER) == {("/content_sha256", "content")}
    other = approval_of(on, decision="d9")
    assert codes(other, on, me=APPROVER) == {("/decision", "unknown-code")}


def test_who_decided_never_approves() -> None:
    on = waiting()
    both = r.Specialist(id="sp_1", roles=("specialist", "approver"))
    assert codes(approval_of(on), on, me=both) == {("/decision", "four-eyes")}


def test_who_decided_never_approves_whoever_asked_for_it() -> None:
    on = waiting()
    assert on.approval is not None
    asked = msgspec.structs.replace(on.approval, asked_by="sp_9")
    both = r.Specialist(id="sp_1", roles=("specialist", "approver"))
    elsewhere = msgspec.structs.replace(on, approval=asked)
    assert codes(approval_of(on), elsewhere, me=both) == {("/decision", "four-eyes")}


def test_nothing_is_approved_that_does_not_wait_and_a_rejection_says_why() -> None:
    on = waiting()
    rejection = act.Reject(decision="d1", content_sha256=act.content_sha256(on.decisions[-1]))
    assert codes(rejection, on, me=APPROVER) == {("/reason", "missing")}
    decided = msgspec.structs.replace(on, state="decided")
    assert ("/type", "state") in codes(approval_of(on), decided, me=APPROVER)


# --- Responding ---------------------------------------------------------------------------------


def decided(**changes: Any) -> r.Case:
    return project(case(), [recorded(disclosing(**changes), "d1")], policy=POLICY)


def answer(**changes: Any) -> act.Respond:
    whole = act.Respond(
        to="pat@city-police.test",
        channel="secure_transfer",
        body="See the file.",
        decision="d1",
        discloses=(act.Disclosed(tier="T1", category="basic_subscriber", subject="s1"),),
    )
    return msgspec.structs.replace(whole, **changes)


def test_an_answer_within_its_decision_passes() -> None:
    assert codes(answer(), decided()) == set()
    assert codes(answer(to="duty@city-police.test"), decided()) == set()


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"decision": None}, ("/decision", "missing")),
        ({"decision": "d9"}, ("/decision", "unknown-code")),
        ({"to": "pat@city-police.example"}, ("/to", "address")),
        ({"channel": "telegram"}, ("/channel", "unknown-code")),
        ({"body": " "}, ("/body", "missing")),
        ({"body_sha256": "0" * 64}, ("/body_sha256", "content")),
        ({"discloses": (act.Disclosed(tier="T2", category="logins", subject="s1"),)},
         ("/discloses/0", "scope")),
        ({"template": act.TemplateUsed(id="TPL-OLD", version="1")}, ("/template", "template")),
        ({"template": act.TemplateUsed(id="TPL-NO", version="1")}, ("/template", "unknown-code")),
        ({"overrides": (act.Override(finding="x", reason=""),)},
         ("/overrides/0/reason", "missing")),
    ],
)  # fmt: skip
def test_an_answer_beyond_its_decision_is_stopped(
    changes: dict[str, Any], finding: tuple[str, str]
) -> None:
    templates = {"TPL-OLD": r.Template(id="TPL-OLD", version="1", disabled=True)}
    assert finding in codes(answer(**changes), decided(), templates=templates)


def test_nothing_is_disclosed_before_the_approval_or_after_the_rejection() -> None:
    on = waiting()
    secret = (act.Disclosed(tier="T4", category="messages", subject="s1"),)
    assert codes(answer(discloses=secret), on) == {("/decision", "decision")}
    approved = project(on, [recorded(approval_of(on), "a1", by="sp_8")], policy=POLICY)
    assert codes(answer(discloses=secret), approved) == set()
    back = act.Reject(decision="d1", content_sha256="x", reason="no")
    rejected = project(on, [recorded(back, "a1", by="sp_8")], policy=POLICY)
    assert codes(answer(discloses=secret), rejected) == {("/decision", "decision")}


def test_a_replaced_decision_is_no_ground_to_answer_on() -> None:
    entries = [recorded(disclosing(), "d1"), recorded(disclosing(), "d2", minutes=1)]
    assert codes(answer(), project(case(), entries, policy=POLICY)) == {("/decision", "decision")}


def test_a_reopened_case_s_decision_is_asked_about_and_may_be_stood_by() -> None:
    on = msgspec.structs.replace(decided(), state="open")
    assert codes(answer(), on) == {("/decision", "decision-reopened")}
    stood_by = (act.Override(finding="decision-reopened", reason="nothing new"),)
    assert codes(answer(overrides=stood_by), on) == set()


def test_under_broken_glass_only_the_register_s_contact_is_an_address() -> None:
    unverified = case(requester={"verification": {"state": "UNVERIFIED"}})
    broken = recorded(disclosing(break_glass=True), "d1")
    on = project(unverified, [broken], policy=POLICY)
    assert codes(answer(), on) == {("/to", "address")}
    assert codes(answer(to="duty@city-police.test"), on) == set()


def test_a_suspended_agency_s_contact_is_no_address() -> None:
    suspended = (msgspec.structs.replace(REGISTER[0], status="suspended"),)
    to_duty = answer(to="duty@city-police.test")
    found = judge(
        decided(), to_duty, policy=POLICY, me=ME, now=NOW, key="k", register=suspended
    )  # fmt: skip
    assert [one.code for one in found] == ["address"]


# --- The rest -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "finding"),
    [
        (act.Claim(ttl=timedelta(minutes=61)), "/ttl"),
        (act.Claim(ttl=timedelta(0)), "/ttl"),
        (act.Note(body=" \n"), "/body"),
        (act.Assess(), ""),
        (act.Assess(priority="P7"), "/priority"),
        (act.Assess(axes=act.Axes(severity=4)), "/axes/severity"),
        (act.Verify(), "/check"),
        (act.Verify(check="V21", result="PASS"), "/check"),
        (act.Verify(check="V01"), "/result"),
        (act.Verify(check="V01", result="OK"), "/result"),
        (act.Verify(state="VERIFIED_STRONG"), "/state"),
        (act.Verify(state="VERIFIED_STANDART"), "/state"),
        (act.Verify(check="V01", result="FAIL", state="VERIFIED_STANDARD"), "/state"),
        (act.Verify(check="V07", result="PASS"), "/evidence/number"),
        (act.Verify(check="V07", result="PASS", evidence=act.Evidence(number="+1 202 555 0177")),
         "/evidence/number"),
        (act.Preserve(scope="all", expires_at=NOW - timedelta(days=1)), "/expires_at"),
        (act.Preserve(extends="p9", expires_at=SOON), "/extends"),
        (act.Enforce(target="s9", measure="REMOVE"), "/target"),
        (act.Enforce(target="s1", measure="CUT"), "/measure"),
        (act.Enforce(target="s1", measure="CUT_STREAM"), "/measure"),
        (act.Enforce(target="s1", measure="REMOVE", until=NOW), "/until"),
        (act.Link(rel="related", case="c_1"), "/case"),
        (act.Link(rel="cousin_of", case="c_2"), "/rel"),
        (act.Tag(), ""),
        (act.Tag(add=("",)), "/add/0"),
        (act.Tag(add=("x",), remove=("x",)), "/add/0"),
        (act.Snooze(until=NOW), "/until"),
        (act.Wait(for_="godot"), "/for"),
        (act.Wait(for_="requester", questions=("",)), "/questions/0"),
        (act.Move(queue="emergency", reason="x"), "/queue"),
    ],
)  # fmt: skip
def test_every_other_action_is_judged_too(action: act.AnyAction, finding: str) -> None:
    assert finding in {pointer for pointer, _ in codes(action, me=LEAD)}


@pytest.mark.parametrize(
    "action",
    [
        act.Claim(ttl=timedelta(hours=1)),
        act.Release(),
        act.Assess(priority="P0", axes=act.Axes(severity=3)),
        act.Verify(check="V07", result="PASS", evidence=act.Evidence(number="001-202-555-0100")),
        act.Verify(check="V08", result="PASS", state="VERIFIED_STRONG"),
        act.Verify(state="SUSPECTED_FRAUD"),
        act.Preserve(scope=(item(),), expires_at=SOON),
        act.Enforce(target="s1", measure="RESTRICT", reason="x"),
        act.Move(queue="orders", reason="an order"),
        act.Snooze(until=SOON),
        act.Wait(for_="requester", questions=("When?",)),
    ],
)
def test_what_is_in_order_passes(action: act.AnyAction) -> None:
    assert codes(action, me=LEAD) == set()


# --- Levels -------------------------------------------------------------------------------------


def checks(**results: str) -> list[r.Check]:
    return [r.Check(id=name, result=result) for name, result in results.items()]


def test_levels_need_one_of_each_group_and_the_lower_levels() -> None:
    assert levels_reached(POLICY, checks(V01="PASS", V05="PASS", V07="PASS")) == (
        "VERIFIED_STANDARD",
    )
    assert levels_reached(POLICY, checks(V08="PASS")) == ()
    assert missing_for(POLICY, "VERIFIED_STRONG", checks(V01="PASS")) == (
        ("V04", "V05"),
        ("V07",),
        ("V08",),
    )


def test_a_failed_check_is_left_to_a_person() -> None:
    assert suggested_state(POLICY, []) == "UNVERIFIED"
    assert suggested_state(POLICY, checks(V01="PASS")) == "IN_PROGRESS"
    passed = checks(V01="PASS", V05="PASS", V07="PASS")
    assert suggested_state(POLICY, passed) == "VERIFIED_STANDARD"
    assert suggested_state(POLICY, [*passed, *checks(V09="FAIL")]) == "IN_PROGRESS"


def test_an_authority_can_be_told_unasked_where_nobody_asked() -> None:
    notice = r.Disposition(code="NOTICE", needs=("scope_granted",))
    answering = r.Disposition(code="ANSWER", needs=("scope_granted",), verification="VERIFIED_LOW")
    policy = msgspec.structs.replace(POLICY, dispositions=(notice, answering))
    unasked = case(request={"data_sought": []})

    def found_on(asked: r.Case, disposition: str, subject: str = "s1") -> set[str]:
        action = act.Decide(disposition=disposition, scope_granted=(item(subject=subject),))
        found = judge(asked, action, policy=policy, me=ME, now=NOW, key="k")
        return {each.code for each in found}

    assert found_on(unasked, "NOTICE") == set()
    assert found_on(unasked, "NOTICE", subject="s9") == {"unknown-code"}
    assert "scope" in found_on(unasked, "ANSWER")
    assert "scope" in found_on(case(request={"data_sought": [{"tier": "T5"}]}), "NOTICE")
