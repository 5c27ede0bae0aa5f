"""What changed or waited meanwhile is seen before it goes: the whole way, with a real server."""

import json
import uuid
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.casework import actions
from console.desk import NotPossible, RefusedByPolicy
from local_cache.entries import NewEntry
from tests.caches import STALE
from tests.desk.hand import Hand
from tests.desk.outage import Shift, answer, decision, shift
from tests.servers import running

FRAUD = {
    "type": "decide",
    "disposition": "DENY_FRAUD",
    "reasons": ["ID_LOOKALIKE"],
    "rationale": "The domain is not the agency's.",
}
"""A decision that waits for a second person."""


@pytest.fixture
def night(tmp_path: Path) -> Generator[Shift]:
    with shift(tmp_path, who="sp_3") as made:
        yield made


def audited(night: Shift, kind: str) -> list[dict[str, object]]:
    with night.desk.cache.read() as tables:
        return [entry.detail for entry in tables.audit.entries(1000) if entry.kind == kind]


def test_every_kind_that_the_policy_names_asks_again_and_then_goes_as_it_was(
    night: Shift,
) -> None:
    decide, approve, respond, enforce = night.cases(4)
    with night.server.client(night.server.token_of("sp_1")) as client:
        version = client.get(f"/v1/cases/{approve}").headers["ETag"]
        stamped = FRAUD | {"at": "2026-11-23T09:15:00Z", "policy": night.desk.policy().version}
        sent = client.post(
            f"/v1/cases/{approve}/actions",
            json=stamped,
            headers={"Idempotency-Key": str(uuid.uuid4()), "If-Match": version},
        )
        assert sent.status_code == 201, sent.text
    assert night.desk.sync_once().online
    asked = {
        "decide": (decide, decision()),
        "approve": (approve, night_approval(night, approve)),
        "respond": (respond, answer(None)),
        "enforce": (
            enforce,
            actions.Enforce(
                target=subject(night, enforce), measure="RESTRICT", reason="Until the review"
            ),
        ),
    }
    assert set(asked) == set(night.desk.policy().offline_confirm)
    night.fails()
    keys = {name: night.desk.act(case, action).key for name, (case, action) in asked.items()}
    bodies = {key: night.entry(key).body for key in keys.values()}
    night.later += max(night.desk.policy().offline_confirm.values()) + timedelta(seconds=1)
    night.returns()
    assert night.desk.sync_once().sent == 0
    assert {night.state(key) for key in keys.values()} == {"to_confirm"}
    for name, key in keys.items():
        assert night.keys_there(asked[name][0])[-1:] != [key]
        night.desk.retry(key)
    assert night.desk.sync_once().sent == len(keys)
    for name, key in keys.items():
        assert night.keys_there(asked[name][0])[-1] == key
        assert night.entry(key).body == bodies[key]
    assert len(audited(night, "entry.asked")) == len(audited(night, "entry.confirmed")) == 4


def night_approval(night: Shift, case: str) -> actions.Approve:
    record = night.desk.decision_to_approve(night.desk.case(case))
    return actions.Approve(decision=record.id, content_sha256=actions.content_sha256(record))


def subject(night: Shift, case: str) -> str:
    seen = night.desk.case(case).seen
    assert seen is not None
    return seen.subjects[0].id or ""


def test_whoever_confirms_before_being_asked_is_asked_once(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    night.later += timedelta(hours=2)
    night.desk.retry(decided, confirmed=True)
    night.returns()
    assert night.desk.sync_once().sent == 1


def test_a_clock_set_back_does_not_let_an_old_decision_go_unasked(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    night.later -= timedelta(days=2)
    night.returns()
    night.desk.sync_once()
    assert night.state(decided) == "to_confirm"


def test_what_was_not_compared_is_not_kept(night: Shift) -> None:
    """It changes once more between the look and the word: that version nobody has seen."""
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    night.returns()
    night.server.control(f"touch/{case}")
    night.desk.sync_once()
    looked_at = night.desk.case(case).newest
    assert looked_at is not None
    night.server.control(f"touch/{case}")
    night.desk.sync_once()
    with pytest.raises(RefusedByPolicy) as refused:
        night.desk.keep(decided, seen=looked_at.version)
    assert [found.code for found in refused.value.findings] == ["changed"]
    newest = night.desk.case(case).newest
    assert newest is not None
    (kept,) = night.desk.keep(decided, seen=newest.version)
    assert kept.version == newest.version
    assert night.desk.deliver(kept.key).state == "accepted"
    (settled,) = audited(night, "entry.discarded")
    assert (settled["settled"], settled["present"]) == ("keep", newest.version)
    assert audited(night, "entry.kept") == [
        {"key": kept.key, "instead_of": decided, "present": newest.version}
    ]


def test_nothing_is_kept_on_a_case_that_has_not_arrived(night: Shift) -> None:
    (case,) = night.cases(1)
    row = night.desk.case(case).row
    stale = NewEntry(
        key=str(uuid.uuid4()), case_id=case, type="decide", path=actions.path_of(case),
        body=actions.body_of(decision()), version=row.version,
    )  # fmt: skip
    night.desk.cache.write(lambda tables: tables.outbox.record(stale))
    night.desk.cache.write(lambda tables: tables.outbox.mark_changed(stale.key, STALE))
    with pytest.raises(NotPossible, match="not arrived"):
        night.desk.keep(stale.key)
    assert night.state(stale.key) == "changed"


@pytest.mark.parametrize(("afresh", "word"), [(True, "redo"), (False, "drop")])
def test_how_it_was_settled_is_in_the_audit(night: Shift, afresh: bool, word: str) -> None:
    (case,) = night.cases(1)
    night.fails()
    decided, noted = night.record(case, decision(), actions.Note(body="behind it"))
    night.returns()
    night.server.control(f"touch/{case}")
    night.desk.sync_once()
    night.desk.discard(decided, afresh=afresh)
    settled = audited(night, "entry.discarded")
    assert {(one["key"], one["settled"]) for one in settled} == {(decided, word), (noted, word)}


@pytest.mark.parametrize("applied", [True, False])
def test_a_key_older_than_the_memory_of_the_server_is_looked_for_first(
    night: Shift, applied: bool
) -> None:
    """A fortnight on, its key means nothing to the server: only the case's actions tell."""
    (case,) = night.cases(1)
    (noted,) = night.record(case, actions.Note(body="sent, and no answer came"))
    entry = night.entry(noted)
    night.desk.cache.write(lambda tables: tables.outbox.mark_sending(noted, night.desk.now_ms()))
    if applied:
        with night.server.client(night.server.token_of("sp_3")) as client:
            sent = client.post(
                entry.path, content=entry.body,
                headers={"Idempotency-Key": noted, "Content-Type": "application/json"},
            )  # fmt: skip
            sent.raise_for_status()
    night.later += timedelta(days=15)
    night.server.control("advance", seconds=15 * 86400)
    report = night.desk.sync_once()  # the crash is noticed by whoever delivers next
    assert (report.sent, night.state(noted)) == (1, "accepted")
    assert night.keys_there(case) == [noted]


def test_from_the_shell_it_is_compared_kept_and_delivered(tmp_path: Path) -> None:
    with running(cases=6, seed=2, keep=tmp_path / "kept") as server:
        hand = Hand(tmp_path / "home")
        hand.connect(server.url, server.token_of("sp_1"))
        case = next(
            row["id"]
            for row in hand.run("cases", "--json").lines
            if row["state"] == "open" and not row.get("claim")
        )
        server.kill()
        redirect: dict[str, Any] = {
            "disposition": "REDIRECT_LEGAL_PROCESS",
            "reasons": ["LA_NO_BASIS"],
            "rationale": "It goes by ordinary process.",
        }
        decided = hand.act(case, "decide", **redirect).json["entry"]
        again = server.restart()
        server.process = again.process
        again.control(f"message/{case}", body="Please wait.")
        assert hand.run("sync", "--json").json["changed"] == 1
        assert hand.run("outbox", "retry", decided, status=5).out == ""
        compared = hand.run("outbox", "compare", decided, "--json").json
        assert compared["state"] == "changed"
        assert compared["now"] != compared["seen"]
        changed = [one for one in compared["differences"] if one["changed"]]
        assert any("Please wait." in one["now"] for one in changed)
        assert "It goes by ordinary process." in json.dumps(compared["decided"])
        text = hand.run("outbox", "compare", decided).out
        assert f"nightdesk outbox keep {decided} --seen {compared['now']}" in text
        hand.run("outbox", "keep", decided, "--seen", compared["seen"], status=4)
        kept = hand.run("outbox", "keep", decided, "--seen", compared["now"], "--json").lines
        assert [(one["type"], one["state"]) for one in kept] == [("decide", "accepted")]
        assert hand.outbox() == []
        with again.client(again.token_of("sp_1")) as client:
            there = client.get(f"/v1/cases/{case}/actions").json()["items"]
        assert [record["id"] for record in there if record["type"] == "decide"] == [
            kept[0]["entry"]
        ]
