"""Responses: composed without a screen, and sent from the shell to a practice desk."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.casework import actions as act
from console.casework.disclosure import Identifiers
from console.casework.projection import project
from console.composing.responding import Ground, Letter, begin, compose, of_response, within_grant
from local_cache import records as r
from tests.casework_ground import ME, NOW, POLICY, REGISTER, case, disclosing, recorded
from tests.desk.shell import Outcome, Shell
from tests.servers import PracticeServer, running

BODY = "Our reference: {{ our_ref }}\n\nThe basis is {{ basis }}."


def template(name: str = "TPL-DISC-PART", meant_for: str = "DISCLOSE_PARTIAL") -> r.Template:
    plain: dict[str, Any] = {
        "id": name,
        "version": "3",
        "title": "Partial disclosure",
        "language": "en",
        "for": [meant_for],
        "subject": "Answer ({{ our_ref }})",
        "body": BODY,
        "variables": [
            {"name": "our_ref", "required": True, "from": "reference"},
            {"name": "basis", "required": True, "prompt": "Legal basis"},
        ],
    }
    return r.read(r.Template, msgspec.json.encode(plain))


RECEIPT = template("TPL-ACK", "*")


def ground(decision: act.Decide | None = None, **changes: Any) -> Ground:
    unsent = [] if decision is None else [recorded(decision, "d1", by="sp_2")]
    whole = Ground(
        case=project(case(), unsent, policy=POLICY, register=REGISTER),
        policy=POLICY,
        me=ME,
        templates=(template(), RECEIPT),
        register=REGISTER,
    )
    return msgspec.structs.replace(whole, **changes)


ON = ground(disclosing())
GIVEN = {"basis": "18 USC 2702"}


def letter(on: Ground = ON, **changes: Any) -> Letter:
    return msgspec.structs.replace(begin(on), given=GIVEN, **changes)


def in_the_way(on: Ground = ON, **changes: Any) -> dict[str, str]:
    return {one.code: one.pointer for one in compose(on, letter(on, **changes), NOW).in_the_way}


def test_a_letter_begins_with_what_the_decision_asks_for() -> None:
    begun = begin(ON)
    assert begun.template == "TPL-DISC-PART"
    assert begun.to == "pat@city-police.test", "the verified address"
    assert begun.discloses == (act.Disclosed(tier="T1", category="basic_subscriber", subject="s1"),)
    assert begun.key_channel not in (None, begun.channel)


def test_without_a_decision_nothing_is_disclosed() -> None:
    begun = begin(ground())
    assert (begun.template, begun.discloses) == ("TPL-ACK", ())
    composed = compose(ground(), msgspec.structs.replace(begun, given=GIVEN), NOW)
    assert composed.in_the_way == ()
    assert composed.action.decision is None


def test_a_whole_letter_makes_the_action_that_may_go() -> None:
    composed = compose(ON, letter(), NOW)
    assert composed.in_the_way == ()
    assert not composed.waits
    made = composed.action
    assert made.body == "Our reference: ED-2026-004512\n\nThe basis is 18 USC 2702.\n"
    assert made.subject == "Answer (ED-2026-004512)"
    assert (made.decision, made.language) == ("d1", "en")
    assert made.template == act.TemplateUsed(id="TPL-DISC-PART", version="3")
    assert made.variables == {"our_ref": "ED-2026-004512", "basis": "18 USC 2702"}
    sources = {one.name: one.source for one in composed.values}
    assert sources == {"our_ref": "case: reference", "basis": "given"}


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"given": {}}, "unfilled", "/variables/basis"),
        ({"to": "pat@city-police.example"}, "address", "/to"),
        ({"to": ""}, "missing", "/to"),
        ({"discloses": (act.Disclosed(tier="T4", category="messages", subject="s1"),)}, "scope",
         "/discloses/0"),
        ({"channel": "pigeon"}, "unknown-code", "/channel"),
        ({"channel": "portal", "key_channel": "portal"}, "key", "/key_channel"),
        ({"body": "Our reference: ED-2026-004512. ⟨basis⟩", "given": {}}, "unfilled",
         "/variables/basis"),
    ],
)  # fmt: skip
def test_what_must_not_go_is_in_the_way(changes: dict[str, Any], code: str, pointer: str) -> None:
    composed = compose(ON, msgspec.structs.replace(letter(), **changes), NOW)
    found = {one.code: one for one in composed.in_the_way}
    assert found[code].pointer == pointer
    assert not found[code].overridable
    reasons = {code: "I know better"}
    anyway = compose(ON, msgspec.structs.replace(letter(), overrides=reasons, **changes), NOW)
    assert code in {one.code for one in anyway.in_the_way}, "no reason lifts what blocks"


def test_a_gap_is_said_once_and_may_be_written_over_by_hand() -> None:
    gaps = compose(ON, letter(), NOW)
    empty = compose(ON, msgspec.structs.replace(letter(), given={}), NOW)
    assert [one.pointer for one in empty.findings] == ["/variables/basis"]
    assert gaps.findings == ()
    by_hand = Letter(template="TPL-DISC-PART", body="ED-2026-004512: by hand.", to=letter().to,
                     channel="portal")  # fmt: skip
    assert compose(ON, by_hand, NOW).unfilled == ()


def test_another_case_s_reference_blocks() -> None:
    other = Identifiers(case="c_2", references=("XY/1234",), values=("@other_person",))
    on = msgspec.structs.replace(ON, others=(other,))
    said = "Our reference: ED-2026-004512. As with @other\u200b_person."
    assert "other" in in_the_way(on, body=said)
    assert "other" not in in_the_way(ON, body=said)


def test_a_reason_overrides_what_may_be_overridden_and_goes_with_the_action() -> None:
    said = "Our reference: ED-2026-004512. At 10:30 it began."
    reasons = {"time-zone": "Said in the first line."}
    assert in_the_way(body=said) == {"time-zone": "/body"}
    composed = compose(ON, letter(body=said, overrides=reasons), NOW)
    assert composed.in_the_way == ()
    assert composed.action.overrides == (
        act.Override(finding="time-zone", reason="Said in the first line."),
    )
    assert in_the_way(body=said, overrides={"time-zone": "  "}) == {"time-zone": "/body"}


WAITING = ground(
    disclosing(scope_granted=(act.ScopeItem(tier="T4", category="messages", subject="s1"),))
)


def test_data_waits_for_the_approval_and_no_reason_lifts_that() -> None:
    assert WAITING.case.state == "awaiting_approval"
    composed = compose(WAITING, letter(WAITING), NOW)
    assert composed.waits
    assert composed.in_the_way == ()
    reasons = {one.code: "urgent" for one in composed.findings}
    assert compose(WAITING, letter(WAITING, overrides=reasons), NOW).waits


def test_words_may_go_before_the_approval_with_a_reason() -> None:
    words = letter(WAITING, discloses=(), key_channel=None)
    assert compose(WAITING, words, NOW).waits
    reasoned = msgspec.structs.replace(words, overrides={"decision-waits": "They asked."})
    composed = compose(WAITING, reasoned, NOW)
    assert not composed.waits
    assert composed.in_the_way == ()


def test_what_the_decision_of_now_does_not_grant_is_left_out() -> None:
    kept, beyond = within_grant(WAITING, letter(ON))
    assert kept.discloses == ()
    assert [item.tier for item in beyond] == ["T1"]


def test_a_response_that_was_taken_back_is_the_same_letter_again() -> None:
    made = compose(ON, letter(), NOW).action
    again = compose(ON, of_response(made), NOW)
    assert again.action == made


def test_outside_text_in_a_variable_stays_text() -> None:
    hostile = case(reference="ED {{ basis }} \u202e**x**")
    composed = compose(ground(disclosing(), case=hostile), letter(), NOW)
    assert "{{ basis }}" in composed.action.body.replace("\\", "")
    assert "\u202e" not in composed.action.body + (composed.action.subject or "")


# --- Against a practice desk --------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Generator[PracticeServer]:
    with running(cases=40, seed=11) as practice:
        yield practice


@pytest.fixture
def shell(tmp_path: Path, server: PracticeServer) -> Shell:
    made = Shell(tmp_path / "home")
    made.connect(server.url, server.token)
    return made


def verified(shell: Shell, state: str = "open") -> dict[str, Any]:
    """Return a case whose requester is verified, and nothing speaks against."""
    for found in shell.cases(f"state:{state}", "kind:emergency_disclosure", "-is:unreadable"):
        requester = found["requester"] if isinstance(found.get("requester"), dict) else {}
        levels = [one["level"] for one in requester.get("signals", ())]
        judged = requester.get("verification", {}).get("state", "")
        if judged.startswith("VERIFIED") and "red" not in levels:
            return found
    raise AssertionError(f"the practice desk has no verified requester on a case that is {state}")


def decided(shell: Shell) -> dict[str, Any]:
    """Claim, check, decide to give the least of what was sought; return the case."""
    found = verified(shell)
    item = next(one for one in found["request"]["data_sought"] if one["tier"] == "T1")
    others = [one for one in found["request"]["data_sought"] if one != item]
    assert shell("claim", found["id"], "--json").json()["delivered"]
    checked = shell.act(found["id"], type="verify", check="V18", result="PASS", note="by hand")
    assert checked.json()["delivered"], checked.out
    made = shell.act(
        found["id"],
        type="decide",
        disposition="DISCLOSE_PARTIAL",
        reasons=["SC_OVERBROAD"],
        rationale="One person is in danger.",
        legal_basis="18 USC 2702(c)(4)",
        statutory_test_met="yes",
        policy_test_met="yes",
        good_faith=True,
        scope_granted=[item],
        withheld=[
            {"tier": one["tier"], "category": one["category"], "subject": one["subject"],
             "reason": "SC_OVERBROAD"}
            for one in others
        ],
        user_notice={"decision": "notify_after", "reason": "afterwards"},
        seen=[one["id"] for one in found.get("messages", ())],
    )  # fmt: skip
    assert made.json()["delivered"], made.out
    return found


FILL = {
    "legal_basis": "18 USC 2702(c)(4)",
    "accounts": "as in the decision",
    "categories": "basic subscriber",
    "range": "2026-11-20 to 2026-11-23",
    "tz": "UTC",
    "key_channel": "by telephone",
    "withheld_categories": "the rest",
    "narrowing_reason_code": "more than the emergency needs",
    "route_for_rest": "ordinary process",
    "followup_request": "Please send the process within a week",
    "limits": "An address is no person",
    "certificate_id": "none",
}


def draft(shell: Shell, found: dict[str, Any], *more: str, status: int = 0) -> Outcome:
    """Draft with every variable filled that the template has."""
    known = shell("draft", found["id"], "--json").json()["missing"]
    sets = [part for name in known for part in ("--set", f"{name}={FILL.get(name, 'as agreed')}")]
    outcome = shell("draft", found["id"], *sets, *more, "--json")
    assert outcome.status == status, outcome.out + outcome.err
    return outcome


def codes(outcome: Outcome) -> set[str]:
    return {one["finding"] for one in outcome.json()["findings"]}


def test_from_the_claim_to_an_accepted_response(
    shell: Shell, server: PracticeServer, tmp_path: Path
) -> None:
    found = decided(shell)
    shown = shell("draft", found["id"])
    assert shown.status == 0
    assert "BLOCKS" in shown.out
    assert "[case: reference]" in shown.out
    refused = shell("draft", found["id"], "--template", "TPL-DISC-PART", "--send", "--json")
    assert refused.status == 4
    assert refused.json()["state"] == "refused"
    assert "unfilled" in codes(refused)
    wrong = draft(shell, found, "--to", "somebody@garden.example", "--send", status=4)
    assert "address" in codes(wrong)
    beyond = draft(shell, found, "--disclose", "T4:messages", "--send", status=4)
    assert "scope" in codes(beyond)
    assert shell("outbox", "--json").lines() == [], "nothing of it was recorded"

    data = tmp_path / "data.zip"
    data.write_bytes(b"sealed bytes")
    sha256 = hashlib.sha256(b"sealed bytes").hexdigest()
    sent = draft(shell, found, "--attach", str(data), "--send")
    assert sent.json()["delivered"], sent.out
    with server.client() as client:
        made = client.get(f"/v1/cases/{found['id']}").json()["responses"][-1]
    assert made["id"] == sent.json()["entry"]
    body = made["body"]
    assert body["to"] == found["requester"]["email"]
    assert [one["tier"] for one in body["discloses"]] == ["T1"]
    assert [(one["name"], one["sha256"]) for one in body["attachments"]] == [("data.zip", sha256)]
    assert sha256 in body["body"], "the letter names the file's hash"
    assert body["body_sha256"] == hashlib.sha256(body["body"].encode()).hexdigest()
    shell("sync")
    exported_once(shell, found["id"], body, tmp_path)


def exported_once(shell: Shell, case_id: str, body: dict[str, Any], folder: Path) -> None:
    """Take the response out: a file for its owner alone, written once, in the audit chain."""
    out = shell("export", case_id, "--to", str(folder))
    assert out.status == 0, out.err
    path = Path(out.out.strip())
    assert path.read_text().endswith(body["body"].rstrip("\n") + "\n")
    assert path.stat().st_mode & 0o777 == 0o600
    again = shell("export", case_id, "--to", str(folder))
    assert again.status == 2
    assert "there already" in again.err
    entries = shell("audit", "list", "--case", case_id, "--json").lines()
    exports = [one for one in entries if one["kind"] == "export"]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert [one["detail"] for one in exports] == [{"name": path.name, "sha256": sha256}]


def test_a_disclosure_that_waits_is_kept_ready_and_goes_once_approved(
    shell: Shell, server: PracticeServer
) -> None:
    found = verified(shell, "awaiting_approval")
    kept = draft(shell, found, "--send", status=4)
    assert kept.json()["waits"]
    assert "waits for the approval" in kept.err
    assert "READY and waits for the approval" in shell("case", found["id"]).out
    assert shell("outbox", "--json").lines() == []
    with server.client(server.with_roles("approver")["token"]) as client:
        present = client.get(f"/v1/cases/{found['id']}")
        decision = present.json()["decisions"][-1]
        approved = client.post(
            f"/v1/cases/{found['id']}/actions",
            json={
                "type": "approve",
                "at": "2026-11-23T09:00:00Z",
                "offline": False,
                "policy": "x",
                "tool": {"name": "a test", "version": "1"},
                "decision": decision["id"],
                "content_sha256": sha256_in(present.content, decision["id"]),
            },
            headers={"Idempotency-Key": "approving-1", "If-Match": present.headers["ETag"]},
        )
    assert approved.status_code == 201, approved.text
    shell("sync")
    assert "READY and was not sent" in shell("case", found["id"]).out
    sent = shell("draft", found["id"], "--send", "--json")
    assert sent.status == 0, sent.out + sent.err
    assert sent.json()["delivered"]
    assert "READY" not in shell("case", found["id"]).out


def sha256_in(document: bytes, decision_id: str) -> str:
    """Hash a decision's body as it stands in the server's document."""
    read = r.read(r.Case, document)
    return act.content_sha256(next(one for one in read.decisions if one.id == decision_id))


def test_the_command_says_what_it_cannot_do(shell: Shell, tmp_path: Path) -> None:
    found = shell.cases("state:open", "-is:unreadable")[0]
    assert shell("draft", found["id"], "--template", "TPL-NONE").status == 3
    unknown = shell("draft", found["id"], "--template", "TPL-ACK", "--set", "nothing=1")
    assert unknown.status == 2
    assert "supplement_channel" in unknown.err
    assert shell("draft", found["id"], "--send", "--ready").status == 2
    missing = shell("draft", found["id"], "--attach", str(tmp_path / "none.zip"))
    assert missing.status == 2
    assert shell("draft", "no-such-case").status == 3
    nothing = shell("export", found["id"], "--to", str(tmp_path))
    assert nothing.status == 3
    assert "no response" in nothing.err
    assert list(tmp_path.glob("*.md")) == []
