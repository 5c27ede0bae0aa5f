"""A hand at the practice desk: plain HTTP, as the contract says, and nothing of the console."""

import hashlib
import json
from typing import Any
from uuid import uuid4

import httpx

from tests.servers import PracticeServer

Json = dict[str, Any]
AT = "2026-11-23T09:15:00.000Z"


class Hand:
    """One specialist's hand. Answers are raw, so that tests see status, headers and body."""

    def __init__(self, server: PracticeServer, who: str = "sp_1") -> None:
        self.server = server
        self.who = who
        self.http = server.client(server.token_of(who))

    def case(self, case_id: str) -> Json:
        """Return a case that must be there."""
        answer = self.http.get(f"/v1/cases/{case_id}")
        answer.raise_for_status()
        return answer.json()

    def act(
        self,
        case_id: str,
        name: str,
        *,
        version: str | None = "present",
        key: str | None = "fresh",
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        **members: Any,
    ) -> httpx.Response:
        """Do something; with the case's present version and a fresh key unless told."""
        sent = dict(headers or {})
        if version == "present":
            seen = self.http.get(f"/v1/cases/{case_id}")
            version = seen.json()["version"] if seen.status_code == 200 else "1"
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        if key is not None:
            sent["Idempotency-Key"] = str(uuid4()) if key == "fresh" else key
        body = raw if raw is not None else json.dumps({"type": name, "at": AT} | members).encode()
        return self.http.post(f"/v1/cases/{case_id}/actions", content=body, headers=sent)

    def cases(self) -> list[Json]:
        """Return all cases by the feed."""
        return [
            change["doc"]
            for change in self.feed()
            if change["kind"] == "case" and change["op"] == "put"
        ]

    def feed(self, after: str | None = None) -> list[Json]:
        """Return all changes after a cursor."""
        changes: list[Json] = []
        cursor, more = after, True
        while more:
            asked = {"limit": "1000"} | ({"after": cursor} if cursor else {})
            page = self.http.get("/v1/changes", params=asked).json()
            changes += page["changes"]
            cursor, more = page["next"], page["more"]
        return changes

    def cursor(self) -> str:
        """Return a cursor at the end of the feed."""
        cursor, more = None, True
        while more:
            asked = {"limit": "1000"} | ({"after": cursor} if cursor else {})
            page = self.http.get("/v1/changes", params=asked).json()
            cursor, more = page["next"], page["more"]
        assert cursor is not None
        return cursor

    def open(self, **members: Any) -> Json:
        """Open a plain case by hand."""
        body = {
            "queue": "emergency",
            "kind": "emergency_disclosure",
            "priority": "P2",
            "requester": {
                "name": "Dana Whitlow",
                "agency": "Northfield City Police",
                "agency_id": "a_northfield-police",
                "email": "officer@northfield-police.example",
            },
            "subjects": [{"id": "s1", "kind": "account", "value": "7000001"}],
            "messages": [{"id": "m1", "at": AT, "direction": "in", "body": "Please help."}],
            "request": {"data_sought": [{"tier": "T1", "category": "basic", "subject": "s1"}]},
        } | members
        answer = self.http.post("/v1/cases", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def verify_standard(self, case_id: str) -> None:
        """Make the checks of the standard level, and judge the whole."""
        version = self.case(case_id)["version"]
        for check in ("V01", "V02", "V05", "V06", "V07", "V10", "V12", "V15", "V16"):
            done = self.act(case_id, "verify", version=version, check=check, result="PASS")
            version = done.json()["action"]["after"]
        done = self.act(case_id, "verify", version=version, state="VERIFIED_STANDARD")
        assert done.status_code == 201, done.text

    def close(self) -> None:
        """Let go of the connection."""
        self.http.close()


def disclosure(**members: Any) -> Json:
    """Return the members of a complete decision to disclose T1."""
    return {
        "disposition": "DISCLOSE_FULL",
        "reasons": ["SUICIDE_SELF_HARM"],
        "rationale": "The facts fit.",
        "legal_basis": "18 USC 2702(c)(4)",
        "scope_granted": [{"tier": "T1", "category": "basic", "subject": "s1"}],
        "user_notice": {"decision": "notify_after"},
        "statutory_test_met": "yes",
        "policy_test_met": "yes",
        "good_faith": "A person is in danger.",
        "seen": ["m1"],
    } | members


def response(decision: str | None, **members: Any) -> Json:
    """Return the members of a response that discloses T1."""
    body = members.get("body", "Please find it enclosed.")
    return {
        "decision": decision,
        "to": "officer@northfield-police.example",
        "channel": "portal",
        "body": body,
        "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
        "language": "en",
        "discloses": [{"tier": "T1", "category": "basic", "subject": "s1", "source": "registry"}],
    } | members


def pointers(answer: httpx.Response) -> list[str]:
    """Return the places that a problem names."""
    return [fault["pointer"] for fault in answer.json()["errors"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return status and type of a problem, which must be one."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    return answer.status_code, document["type"].removeprefix("/problems/")
