"""The disclosure guard: what blocks, what may be overridden with a reason."""

from typing import Any

import msgspec
import pytest

from console.casework import actions as act
from console.casework.disclosure import (
    Identifiers,
    ResponseDraft,
    draft_of,
    guard,
    identifiers_of,
    remaining,
)
from console.casework.projection import project
from local_cache import records as r
from tests.casework_ground import ME, NOW, POLICY, REGISTER, case, disclosing, recorded

ON = project(case(), [recorded(disclosing(), "d1", by="sp_2")], policy=POLICY)
OTHER = Identifiers(case="c_2", references=("ED-2026-009999", "XY/1234"), values=("@other_person",))
LETTER = "Our reference: ED-2026-004512\n\nThe data of 2026-11-23 09:15 UTC goes by file."


def draft(**changes: Any) -> ResponseDraft:
    whole = ResponseDraft(
        subject="Answer (ED-2026-004512)",
        body=LETTER,
        to="pat@city-police.test",
        channel="secure_transfer",
        decision="d1",
        discloses=(act.Disclosed(tier="T1", category="basic_subscriber", subject="s1"),),
        attachments=(
            act.Enclosed(name="a.zip", media_type="application/zip", size=9, sha256="a" * 64),
        ),
        language="en",
    )
    return msgspec.structs.replace(whole, **changes)


def findings(on: r.Case = ON, **changes: Any) -> dict[str, bool]:
    found = guard(
        draft(**changes), on, policy=POLICY, me=ME, now=NOW, register=REGISTER,
        others=(OTHER, identifiers_of(on)),
    )  # fmt: skip
    assert all(one.detail.isprintable() for one in found)
    return {one.code: one.overridable for one in found}


def test_a_letter_in_order_passes() -> None:
    assert findings() == {}


BLOCKS = False
OVERRIDABLE = True


@pytest.mark.parametrize(
    ("changes", "code", "overridable"),
    [
        ({"discloses": (act.Disclosed(tier="T2", category="logins"),)}, "scope", BLOCKS),
        ({"discloses": (act.Disclosed(tier="T1"),)}, "scope", BLOCKS),
        ({"decision": None}, "scope", BLOCKS),
        ({"to": "pat@city-police.example"}, "address", BLOCKS),
        ({"to": "Pat@city-police.test"}, "address", BLOCKS),
        ({"discloses": (), "to": "x@garden.example"}, "address-unknown", OVERRIDABLE),
        ({"key_channel": "secure_transfer"}, "key", BLOCKS),
        ({"unfilled": ("legal_basis",)}, "unfilled", BLOCKS),
        ({"body": LETTER + " {{ legal_basis }}"}, "unfilled", BLOCKS),
        ({"body": LETTER + " [[ name ]]"}, "unfilled", BLOCKS),
        ({"subject": "⟨our_ref⟩"}, "unfilled", BLOCKS),
        ({"body": LETTER + " See ED-2026-009999."}, "other", BLOCKS),
        ({"body": LETTER + " See xy/1234."}, "other", BLOCKS),
        ({"body": LETTER + " As with @other\u200b_person."}, "other", BLOCKS),
        ({"body": LETTER + " As with @other\\_person."}, "other", BLOCKS),
        ({"body": LETTER + " Told by @worried_friend."}, "other-subject", BLOCKS),
        ({"body": LETTER + " Not ED-2026-004513."}, "reference", BLOCKS),
        ({"subject": "Answer", "body": "The data goes by file."}, "no-reference", OVERRIDABLE),
        ({"body": LETTER + " V07 is open."}, "check-hint", BLOCKS),
        ({"body": LETTER + " DMARC did not fit."}, "check-words", OVERRIDABLE),
        ({"body": LETTER + " (ID_LOOKALIKE)"}, "internal", BLOCKS),
        ({"body": LETTER + " At 10:30 it began."}, "time-zone", OVERRIDABLE),
        ({"body": LETTER + " On 03/04/2026."}, "ambiguous-date", OVERRIDABLE),
        ({"body": LETTER + " Enclosed is it.", "attachments": ()}, "no-file", OVERRIDABLE),
        ({"body": LETTER + " " + "b" * 64}, "file-hash", BLOCKS),
        ({"body": LETTER + "\n-----BEGIN PRIVATE KEY-----"}, "secret", BLOCKS),
        ({"body": LETTER + " The password is x."}, "password", OVERRIDABLE),
        ({"body": LETTER + " We guarantee it."}, "promise", OVERRIDABLE),
        ({"body": LETTER + " The address was 192.0.2.7."}, "pasted-data", OVERRIDABLE),
        ({"body": LETTER + " It was someone@mail.example."}, "pasted-data", OVERRIDABLE),
        ({"body": LETTER + " \u202eabc"}, "hidden", OVERRIDABLE),
        ({"language": "de"}, "language", OVERRIDABLE),
    ],
)  # fmt: skip
def test_what_the_guard_finds(changes: dict[str, Any], code: str, overridable: bool) -> None:
    found = findings(**changes)
    assert code in found
    assert found[code] is overridable


@pytest.mark.parametrize(
    "words",
    [
        " It began at 10:30 UTC.",
        " It began at 10:30Z.",
        " It began at 2026-11-23T10:30:00+01:00.",
        " See HCP/77/26.",
        " Hash " + "a" * 64 + ".",
        " Please write to pat@city-police.test.",
        " The account 778899.",
    ],
)
def test_what_the_guard_lets_be(words: str) -> None:
    assert findings(body=LETTER + words) == {}


def test_a_decision_without_a_word_on_notice_blocks() -> None:
    silent = project(
        case(), [recorded(disclosing(user_notice=None), "d1", by="sp_2")], policy=POLICY
    )
    assert findings(silent) == {"notice-empty": False}


def test_the_second_person_is_another() -> None:
    approval = {"needed": True, "for": "d1", "asked_by": "sp_2", "given_by": "sp_2"}
    same = msgspec.structs.replace(ON, approval=case(approval=approval).approval)
    assert findings(same) == {"four-eyes": False}
    mine = msgspec.structs.replace(
        ON, approval=case(approval=approval | {"given_by": "sp_1"}).approval
    )
    assert findings(mine) == {"approver-drafts": True}


def test_a_failed_check_s_name_is_not_told() -> None:
    verification = {"state": "FAILED", "checks": [{"id": "V09", "result": "FAIL"}]}
    failed = case(requester={"verification": verification})
    said = LETTER + " It was check number 9."
    assert findings(failed, decision=None, discloses=(), body=said)["check-hint"] is False


def test_an_override_needs_a_reason_and_never_lifts_a_block() -> None:
    found = guard(
        draft(body=LETTER + " At 10:30.", to="x@garden.example"), ON, policy=POLICY, me=ME, now=NOW,
    )  # fmt: skip
    assert [one.code for one in found] == ["address", "time-zone"]
    reasoned = [act.Override(finding=code, reason="local") for code in ("time-zone", "address")]
    assert [one.code for one in remaining(found, reasoned)] == ["address"]
    silent = [act.Override(finding="time-zone", reason=" ")]
    assert len(remaining(found, silent)) == 2


def test_a_response_reads_as_its_draft() -> None:
    response = act.Respond(to="a@b.test", channel="email", body="x", decision="d1")
    assert draft_of(response).decision == "d1"


def test_a_long_letter_is_read_in_time() -> None:
    found = findings(body=LETTER + "a" * 300_000 + "1:2:" * 50_000)
    assert "scope" not in found
