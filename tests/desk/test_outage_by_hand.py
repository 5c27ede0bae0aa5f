"""An outage from the shell, knowing the contract and the promises of the command line alone."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.desk.hand import Hand, Json
from tests.servers import PracticeServer, start

TYPES = {
    "claim", "release", "note", "assess", "verify", "decide", "approve", "reject", "respond",
    "preserve", "enforce", "assign", "move", "link", "tag", "snooze", "wait", "close", "reopen",
}  # fmt: skip
"""Every action of section 4 of the contract."""
LEAD, SPECIALIST = "sp_3", "sp_1"
REDIRECT: Json = {
    "disposition": "REDIRECT_LEGAL_PROCESS",
    "reasons": ["LA_NO_BASIS"],
    "rationale": "It goes by ordinary process.",
}
FRAUD: Json = {
    "disposition": "DENY_FRAUD",
    "reasons": ["ID_LOOKALIKE"],
    "rationale": "The domain is not the agency's.",
}
"""A decision that always needs a second person."""
NEW: Json = {
    "queue": "emergency",
    "kind": "emergency_disclosure",
    "title": "A call in the night",
    "priority": "P2",
    "requester": {"name": "Dana Whitlow", "email": "officer@northfield-police.example"},
    "subjects": [{"id": "s1", "kind": "account", "value": "7000001"}],
}


class Night:
    """A kept server that goes and comes, and a specialist at the shell."""

    def __init__(self, folder: Path) -> None:
        self.server: PracticeServer = start(cases=4, seed=5, keep=folder / "kept")
        self.specialist = Hand(folder / "specialist")
        self.specialist.connect(self.server.url, self.server.token_of(SPECIALIST))

    def new(self) -> str:
        """Open a case by hand, and return its id once the server has it."""
        opened = self.specialist.run("new", "--file", "-", "--json", given=json.dumps(NEW)).json
        assert opened["delivered"]
        case_ids = [case["id"] for case in self.cases() if case.get("title") == NEW["title"]]
        return case_ids[-1]

    def cases(self) -> list[Json]:
        with self.server.client(self.server.token_of(LEAD)) as client:
            page = client.get("/v1/changes", params={"limit": "1000"}).json()
        changes = [change for change in page["changes"] if change["kind"] == "case"]
        return [change["doc"] for change in sorted(changes, key=lambda change: change["seq"])]

    def there(self, case_id: str) -> list[Json]:
        """Return the actions that the server has on a case, oldest first."""
        with self.server.client(self.server.token_of(LEAD)) as client:
            listed = client.get(f"/v1/cases/{case_id}/actions", params={"limit": "1000"})
            assert listed.status_code == 200
            return listed.json()["items"]

    def case(self, case_id: str) -> Json:
        with self.server.client(self.server.token_of(LEAD)) as client:
            return client.get(f"/v1/cases/{case_id}").json()


@pytest.fixture
def night(tmp_path: Path) -> Generator[Night]:
    made = Night(tmp_path)
    try:
        yield made
    finally:
        if made.server.process.poll() is None:
            made.server.stop()


def test_every_action_of_the_contract_through_two_outages_once_and_in_order(
    night: Night, tmp_path: Path
) -> None:
    main, other, approved, rejected = (night.new() for _ in range(4))
    for case_id in (approved, rejected):
        assert night.specialist.act(case_id, "decide", **FRAUD).json["state"] == "accepted"
    lead = Hand(tmp_path / "lead")
    lead.connect(night.server.url, night.server.token_of(LEAD))
    recorded: dict[str, list[str]] = {case_id: [] for case_id in (main, approved, rejected)}
    done: set[str] = {"decide"}

    def act(case_id: str, name: str, **members: Any) -> str:
        told = lead.act(case_id, name, **members).json
        assert (told["delivered"], told["errors"]) == (told["state"] == "accepted", [])
        recorded[case_id].append(told["entry"])
        done.add(name)
        return told["entry"]

    act(main, "claim")
    night.server.kill()
    refused = lead.act(main, "claim", status=6)
    assert "Nothing was recorded" in refused.err
    act(main, "note", body="Called the switchboard.\nNobody there.")
    act(main, "assess", priority="P1", imminence="imminent", rationale="They wrote again.")
    act(main, "verify", check="V01", result="PASS", note="The domain is the agency's.")
    decision = act(main, "decide", **REDIRECT)
    act(
        main, "respond", decision=decision, to="officer@northfield-police.example",
        channel="email", body="Please use the ordinary process.", language="en",
    )  # fmt: skip
    lead.run("approve", approved, "--reason", "As I see it", "--json")
    lead.run("approve", rejected, "--reject", "--reason", "Look at the headers again", "--json")
    done |= {"approve", "reject"}
    for entry in lead.outbox():
        assert entry["state"] == "pending"
        if entry["type"] in ("approve", "reject"):
            recorded[entry["case"]].append(entry["key"])
    night.server = night.server.restart()
    assert lead.run("sync", "--json").json["pending"] == 0
    night.server.kill()
    preserved = act(main, "preserve", scope="All of s1", expires_at="2099-01-01T00:00:00Z")
    act(main, "preserve", extends=preserved, expires_at="2099-06-01T00:00:00Z")
    act(main, "enforce", target="s1", measure="RESTRICT", reason="Until the review")
    act(main, "assign", to=SPECIALIST)
    act(main, "tag", add=["night"])
    act(main, "snooze", until="2099-01-01T00:00:00Z")
    act(main, "link", rel="related", case=other)
    act(main, "wait", **{"for": "legal", "questions": ["May we?"]})
    act(main, "move", queue="internal")
    act(main, "close", reason="Done")
    act(main, "reopen", reason="Not done")
    act(main, "release")
    offline = lead.run("sync", "--json", status=6).json
    assert (offline["online"], offline["sent"], offline["pending"]) == (False, 0, 12)
    night.server = night.server.restart()
    back = lead.run("sync", "--json").json
    assert (back["sent"], back["returned"], back["changed"], back["pending"]) == (12, 0, 0, 0)
    assert lead.outbox() == []
    assert lead.run("sync", "--json").json["sent"] == 0
    assert done == TYPES
    assert [record["id"] for record in night.there(main)] == recorded[main]
    for case_id in (approved, rejected):
        assert [record["id"] for record in night.there(case_id)][1:] == recorded[case_id]
    late = [record["type"] for record in night.there(main) if record["offline"]]
    assert late == [record["type"] for record in night.there(main)][1:]
    document = night.case(main)
    assert [kept["id"] for kept in document["decisions"]] == [decision]
    assert document["responses"][0]["body"]["decision"] == decision
    assert (document["state"], document["tags"]) == ("open", ["night"])
    assert night.case(rejected)["state"] == "in_review"
    assert lead.run("audit", "verify").status == 0


def test_two_processes_on_one_profile_deliver_each_entry_once(night: Night) -> None:
    cases = [night.new() for _ in range(2)]
    night.specialist.run("sync", "--json")
    night.server.kill()
    commands = [
        night.specialist.start("note", case_id, f"note {number}", "--json")
        for number in range(2)
        for case_id in cases
    ]
    keys = [Hand.ended(command)["entry"] for command in commands]
    assert len(set(keys)) == 4
    night.server = night.server.restart()
    syncs = [night.specialist.start("sync", "--json") for _ in range(2)]
    late = night.specialist.start("note", cases[0], "while they deliver", "--json")
    reports = [Hand.ended(sync) for sync in syncs]
    keys.append(Hand.ended(late)["entry"])
    night.specialist.run("sync", "--json")
    assert all(report["online"] for report in reports)
    assert night.specialist.outbox() == []
    there = [record["id"] for case_id in cases for record in night.there(case_id)]
    assert sorted(there) == sorted(keys)
    assert night.specialist.run("audit", "verify").status == 0


def test_what_came_back_is_told_and_settled_from_the_shell(night: Night) -> None:
    first, second = night.new(), night.new()
    hand = night.specialist
    hand.run("sync", "--json")
    night.server.kill()
    stale = hand.act(first, "decide", **REDIRECT).json["entry"]
    behind = hand.act(first, "note", body="stands on it").json["entry"]
    taken = hand.act(second, "note", body="never mind").json["entry"]
    assert [line["state"] for line in hand.run("outbox", "undo", taken, "--json").lines] == [
        "withdrawn"
    ]
    night.server = night.server.restart()
    night.server.control(f"message/{first}", body="Please wait.")
    report = hand.run("sync", "--json").json
    assert (report["changed"], report["sent"], report["pending"]) == (1, 0, 1)
    assert [(line["key"], line["state"]) for line in hand.outbox()] == [
        (stale, "changed"),
        (behind, "pending"),
    ]
    assert hand.outbox()[0]["error"]["status"] == 412
    hand.run("outbox", "retry", stale, status=5)
    given_up = hand.run("outbox", "discard", stale, "--json").lines
    assert [line["key"] for line in given_up] == [stale, behind]
    assert hand.outbox() == []
    again = hand.act(first, "decide", **REDIRECT).json
    assert again["delivered"]
    assert [record["id"] for record in night.there(first)] == [again["entry"]]
    assert night.there(second) == []
