"""Reading and writing actions: what is taken, what is refused and with which words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from console.casework import actions as act
from console.casework.new_case import BadCase, provisional, read_new_case
from local_cache import records as r
from tests.casework_ground import NOW, POLICY, TOOL, disclosing


def faults(data: bytes) -> dict[str, str]:
    with pytest.raises(act.BadAction) as refused:
        act.read_action(data)
    return {found.pointer: found.detail for found in refused.value.findings}


def test_a_misspelt_member_is_named_with_the_nearest_one() -> None:
    found = faults(b'{"type":"decide","disposition":"X","rationnale":"y"}')
    assert found == {"/rationnale": "is not a known member; did you mean rationale?"}


def test_every_wrong_member_is_found_at_once() -> None:
    found = faults(
        b'{"type":"decide","reasons":[1],"scope_granted":[{"tier":"T1","subjet":"s1"}],'
        b'"user_notice":{"decision":"prohibited","until":"tomorrow"}}'
    )
    assert found["/disposition"] == "is missing"
    assert found["/reasons/0"] == "must be text"
    assert "did you mean subject?" in found["/scope_granted/0/subjet"]
    assert "2026-11-23T09:15:00Z" in found["/user_notice/until"]


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b"[]", ""),
        (b"{", ""),
        (b'{"type":"clam"}', "/type"),
        (b"{}", "/type"),
        (b'{"type":"note","body":"a","body":"b"}', "/body"),
        (b'{"type":"note","body":NaN}', ""),
        (b"[" * 100_000, ""),
        (b'"' + b"a" * (2 * 1024 * 1024) + b'"', ""),
    ],
)
def test_what_is_no_action_is_refused_where_it_is_wrong(data: bytes, pointer: str) -> None:
    assert pointer in faults(data)


def test_a_fault_never_quotes_a_hidden_character() -> None:
    found = faults('{"type":"note","body":"x","bo\u202edy":1}'.encode())
    assert all(one.isprintable() for one in "".join([*found, *found.values()]))


def test_a_whole_decision_comes_back_as_it_was_written() -> None:
    whole = act.stamped(disclosing(), at=NOW, offline=True, policy=POLICY, tool=TOOL)
    assert act.read_action(act.body_of(whole)) == whole


def test_times_are_sent_as_utc() -> None:
    snooze = act.read_action(b'{"type":"snooze","until":"2026-11-23T12:15:00+02:00"}')
    assert b'"until":"2026-11-23T10:15:00Z"' in act.body_of(snooze)


def test_null_unassigns_and_missing_is_missing() -> None:
    assert act.read_action(b'{"type":"assign","to":null}') == act.Assign(to=None)
    assert faults(b'{"type":"assign"}') == {"/to": "is missing"}


def test_stamping_adds_what_the_contract_asks_of_every_action() -> None:
    claim = act.stamped(act.Claim(), at=NOW, offline=False, policy=POLICY, tool=TOOL)
    plain = msgspec.json.decode(act.body_of(claim))
    assert plain["at"] == "2026-11-23T09:15:00Z"
    assert plain["offline"] is False
    assert plain["policy"] == "2026.11"
    assert plain["tool"] == {"name": "nightdesk", "version": "0.1.0"}
    assert claim.ttl == POLICY.claim_ttl


def test_stamping_a_response_hashes_its_body() -> None:
    response = act.Respond(to="a@b.test", channel="email", body="héllo")
    whole = act.stamped(response, at=NOW, offline=False, policy=POLICY, tool=TOOL)
    assert whole.body_sha256 == act.text_sha256("héllo")
    assert len(whole.body_sha256 or "") == 64


def test_what_was_given_is_not_stamped_over() -> None:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    claim = act.Claim(at=early, ttl=timedelta(minutes=3))
    whole = act.stamped(claim, at=NOW, offline=True, policy=POLICY, tool=TOOL)
    assert (whole.at, whole.ttl) == (early, timedelta(minutes=3))


def test_the_facts_of_the_contract_s_table() -> None:
    without = {name for name, kind in act.TYPES.items() if not act.needs_if_match(_any(kind))}
    assert without == {"claim", "release", "note"}
    assert act.never_queued(act.Claim())
    assert act.never_queued(act.Enforce(target="s1", measure="CUT_STREAM"))
    assert not act.never_queued(act.Enforce(target="s1", measure="REMOVE"))
    assert len(act.TYPES) == 19


def _any(kind: type[act.AnyAction]) -> act.Action:
    given: dict[str, Any] = {
        member.name: "x" for member in msgspec.structs.fields(kind) if member.required
    }
    return kind(**given)


def test_an_approval_is_bound_to_the_bytes_of_the_decision() -> None:
    one = r.ActionRecord(id="k", type="decide", body=msgspec.Raw(b'{"a":1}'))
    other = r.ActionRecord(id="k", type="decide", body=msgspec.Raw(b'{"a":2}'))
    assert act.content_sha256(one) != act.content_sha256(other)


def test_a_case_with_nulls_keeps_the_bytes_of_its_decisions() -> None:
    body = b'{"type":"decide",  "disposition":null}'
    document = (
        b'{"id":"c","seq":1,"version":"1","queue":"q","kind":"other","state":"open",'
        b'"received_at":"2026-11-23T09:00:00Z","clocks":null,'
        b'"decisions":[{"id":"k","type":"decide","by":null,"body":' + body + b"}]}"
    )
    assert bytes(r.read(r.Case, document).decisions[0].body) == body


# --- A case by hand -----------------------------------------------------------------------------


def test_a_case_by_hand_is_read_and_shown_before_the_server_has_it() -> None:
    new = read_new_case(
        b'{"queue":"emergency","kind":"other","title":"A call","request":{"narrative":"n"}}'
    )
    shown = provisional(new, key="key-1", now=NOW)
    assert (shown.id, shown.state, shown.received_at) == ("key-1", "open", NOW)
    assert shown.request is not None
    assert b'"title":"A call"' in r.write(new)


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b'{"kind":"other"}', "/queue"),
        (b'{"queue":"q","kind":"emergancy_disclosure"}', "/kind"),
        (b'{"queue":"q","kind":"other","priority":"P9"}', "/priority"),
        (b'{"queue":"q","kind":"other","request":{"narative":"lost"}}', "/request/narative"),
        (b'{"queue":"q","kind":"other","request":{"data_sought":[{"tier":3}]}}',
         "/request/data_sought/0/tier"),
        (b'{"queue":"q","kind":"other","request":{"data_sought":[{"tier":"T1","subject":"s"}]}}',
         "/request/data_sought/0/subject"),
        (b"nothing", ""),
    ],
)  # fmt: skip
def test_a_case_by_hand_loses_nothing_in_silence(data: bytes, pointer: str) -> None:
    with pytest.raises(BadCase) as refused:
        read_new_case(data)
    assert pointer in [found.pointer for found in refused.value.findings]
