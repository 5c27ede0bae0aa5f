"""What the form of a decision makes, judged here and by the practice desk."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.casework.actions import Decide, read_action
from console.composing import decided, deciding
from console.composing.deciding import Ground
from console.composing.forms import Field
from console.desk import Desk, RefusedByPolicy
from console.profiles.home import Profile
from console.sources.escalations import EscalationsSource
from console.words import decision as decision_text
from local_cache.cache import Cache
from local_cache.hostile import Hostile
from local_cache.query import CaseQuery
from local_cache.records import Disposition, Policy
from tests import casework_ground as given
from tests.caches import KEY
from tests.pilot.ground import practice_policy
from tests.servers import PracticeServer, running

ME = "sp_1"
CODES = [each.code for each in practice_policy().dispositions]
Answers = dict[str, str | tuple[str, ...]]


@pytest.fixture(scope="module")
def server() -> Generator[PracticeServer]:
    with running(cases=40) as made:
        yield made


@pytest.fixture(scope="module")
def desk(server: PracticeServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Desk]:
    profile = Profile(
        name="test",
        origin=server.url,
        source="escalations",
        specialist_id=ME,
        created_at=datetime.now(UTC),
    )
    cache = Cache.open(tmp_path_factory.mktemp("desk") / "cache.db", KEY)
    made = Desk(profile, cache, lambda: EscalationsSource(server.url, server.token_of(ME)))
    assert made.sync_once().problem is None
    yield made
    made.close()


def case_of(desk: Desk, kind: str, verification: str) -> str:
    rows = desk.rows(list(desk.listing(CaseQuery())))
    return min(
        row.id
        for row in rows
        if (row.kind, row.verification) == (kind, verification) and row.claim_by in (None, ME)
    )


def ground_of(desk: Desk, case_id: str) -> Ground:
    case = desk.case(case_id).case
    assert case is not None
    return Ground(case=case, policy=desk.policy(), me=desk.me(), register=tuple(desk.register()))


def fill(fields: tuple[Field, ...], disposition: str) -> Answers:
    """Answer every question that is asked, with whatever can be picked first."""
    values: Answers = {each.name: each.initial for each in fields}
    values["/disposition"] = disposition
    values["/user_notice/decision"] = "delay_until"
    values["/user_notice/until"] = "+30d"
    items = [name for name in values if name.startswith("/scope/") and name.count("/") == 2]
    for number, name in enumerate(items):
        values[name] = deciding.GRANT if number == 0 else "withhold:SC_OVERBROAD"
    for each in fields:
        if values[each.name] or not each.shown(values):
            continue
        if each.kind in ("choice", "many"):
            first = each.options[0].value
            values[each.name] = (first,) if each.kind == "many" else first
        else:
            values[each.name] = "In words."
    return values


def made_of(ground: Ground, values: Answers) -> tuple[decided.Made, Decide]:
    made = decided.make(ground, deciding.questions(ground), values, datetime.now(UTC))
    action = read_action(msgspec.json.encode(made.body))
    assert isinstance(action, Decide)
    return made, action


def accept(desk: Desk, case_id: str, action: Any) -> None:
    entry = desk.deliver(desk.act(case_id, action).key)
    assert (entry.state, entry.error) == ("accepted", None)
    desk.sync_once()


@pytest.mark.parametrize("code", CODES)
def test_the_server_takes_every_disposition_as_the_form_makes_it(desk: Desk, code: str) -> None:
    unasked = code == "PROACTIVE_NOTICE_SENT"
    case_id = (
        case_of(desk, "livestream_risk", "UNVERIFIED")
        if unasked
        else case_of(desk, "emergency_disclosure", "VERIFIED_STANDARD")
    )
    case = desk.case(case_id).case
    assert case is not None
    if case.state == "closed":
        accept(desk, case_id, read_action(b'{"type":"reopen","reason":"For the next test."}'))
    ground = ground_of(desk, case_id)
    disposition = next(each for each in ground.policy.dispositions if each.code == code)
    assert deciding.impossible(ground, disposition) == ""
    fields = deciding.questions(ground)
    made, action = made_of(ground, fill(fields, code))
    assert made.faults == ()
    assert desk.judge(case_id, action) == []
    told = [line for line, _ in decision_text.confirmed(ground, action)]
    foretold = any(line.startswith("Needs a second person") for line in told)
    accept(desk, case_id, action)
    after = desk.case(case_id).case
    assert after is not None
    if foretold:
        assert after.state == "awaiting_approval"
        return
    assert after.state == ("closed" if disposition.closes else "decided")


def test_the_server_takes_a_broken_glass_and_asks_for_a_second_person(desk: Desk) -> None:
    case_id = min(
        row.id
        for row in desk.rows(list(desk.listing(CaseQuery())))
        if (row.kind, row.verification, row.state) == ("emergency_disclosure", "UNVERIFIED", "open")
    )
    ground = ground_of(desk, case_id)
    fields = deciding.questions(ground)
    values = fill(fields, "DISCLOSE_PARTIAL") | {"/break_glass": "no"}
    made, _ = made_of(ground, values)
    assert [fault.pointer for fault in made.faults] == ["/break_glass"]
    made, action = made_of(ground, values | {"/break_glass": "yes"})
    assert made.faults == ()
    accept(desk, case_id, action)
    after = desk.case(case_id).case
    assert after is not None
    assert after.state == "awaiting_approval"


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_asked_that_the_policy_does_not_need(desk: Desk, code: str) -> None:
    ground = ground_of(desk, case_of(desk, "emergency_disclosure", "UNVERIFIED"))
    fields = deciding.questions(ground)
    asked = deciding.shown_now(fields, {"/disposition": code})
    disposition = next(each for each in ground.policy.dispositions if each.code == code)
    members = {name.split("/")[1] for name in asked} - {"disposition", "break_glass", "scope"}
    assert members <= set(disposition.needs)
    left = set(disposition.needs) - members - {"scope_granted", "withheld"}
    assert not left or left == {"scope_granted"}
    assert any(name.startswith("/scope/") for name in asked) == deciding.grants(disposition)


def test_a_grant_is_as_exact_as_what_was_asked() -> None:
    request = {
        "data_sought": [
            {"tier": "T2", "category": "logins", "subject": "s1",
             "from": "2026-11-21T13:29:48.746907Z", "to": "2026-11-23T13:29:48.746907Z"}
        ]
    }  # fmt: skip
    ground = Ground(case=given.case(request=request), policy=practice_policy(), me=given.ME)
    values: Answers = fill(deciding.questions(ground), "DISCLOSE_FULL")
    made, action = made_of(ground, values)
    assert made.faults == ()
    assert action.scope_granted[0].from_ == ground.asked[0].from_
    assert action.scope_granted[0].to == ground.asked[0].to


def test_of_very_much_only_a_part_can_be_granted() -> None:
    request = {"data_sought": [{"tier": "T1", "subject": "s1"}] * 1000}
    ground = Ground(case=given.case(request=request), policy=practice_policy(), me=given.ME)
    assert len(ground.asked) == deciding.MOST_ITEMS
    assert len(deciding.questions(ground)) < 200


def test_a_disposition_that_this_console_cannot_fill_in_says_so() -> None:
    odd = Disposition(code="ODD", label=Hostile("Odd"), needs=("rationale", "tea_leaves"))
    policy = msgspec.structs.replace(practice_policy(), dispositions=(odd,))
    ground = Ground(case=given.case(), policy=policy, me=given.ME)
    assert "tea_leaves" in deciding.impossible(ground, odd)


def test_what_the_policy_calls_by_words_of_its_own_is_shown_as_it_is() -> None:
    hostile = Hostile("\u202e[/x]\x1b]0;owned\x07")
    odd = Disposition(code="ODD", label=hostile, needs=("rationale",), four_eyes_when=(hostile,))
    policy: Policy = msgspec.structs.replace(practice_policy(), dispositions=(odd,))
    ground = Ground(case=given.case(), policy=policy, me=given.ME)
    _, action = made_of(ground, {"/disposition": "ODD", "/rationale": hostile.raw})
    shown = [text for text, _ in decision_text.confirmed(ground, action)]
    shown += [each.label for each in deciding.questions(ground)[0].options]
    assert "\x1b" not in "".join(shown)
    assert "\u202e" not in "".join(shown)
    assert any("Needs a second person" in text for text in shown), "an unknown condition holds"


def test_only_what_a_decision_stands_on_counts_as_changed() -> None:
    before = given.case()
    same = given.case(seq=9, version="18", updated_at="2026-11-23T10:00:00Z", tags=["x"])
    assert decision_text.changes(before, same) == []
    verified = given.case(requester={"verification": {"state": "FAILED"}}, state="open")
    assert decision_text.changes(before, verified) == [
        "the verification changed",
        "the state changed (in_review → open)",
    ]


def test_nothing_is_recorded_on_a_version_that_was_not_looked_at(
    desk: Desk, tmp_path: Path
) -> None:
    case_id = case_of(desk, "emergency_disclosure", "UNVERIFIED")
    ground = ground_of(desk, case_id)
    _, action = made_of(ground, fill(deciding.questions(ground), "ESCALATED_CRISIS"))
    with pytest.raises(RefusedByPolicy) as refused:
        desk.act(case_id, action, standing_on="another")
    assert refused.value.findings[0].code == "changed"
    assert not desk.outbox()
