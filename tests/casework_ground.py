"""A case, a policy and people for the tests of the rules: synthetic, small, all in one place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from console.casework import actions as act
from console.casework.projection import Unsent
from local_cache import records as r
from local_cache.hostile import Hostile

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
ME = r.Specialist(id="sp_1", name=Hostile("Robin Vale"), roles=("specialist",))
LEAD = r.Specialist(id="sp_3", roles=("specialist", "approver", "lead"))
APPROVER = r.Specialist(id="sp_8", roles=("approver",))
TOOL = act.Tool(name="nightdesk", version="0.1.0")

POLICY = r.read(
    r.Policy,
    msgspec.json.encode(
        {
            "id": "default",
            "version": "2026.11",
            "dispositions": [
                {
                    "code": "DISCLOSE_PARTIAL",
                    "needs": ["reasons", "rationale", "scope_granted", "user_notice",
                              "statutory_test_met", "policy_test_met"],
                    "verification": "VERIFIED_STANDARD",
                    "four_eyes_when": ["tier>=T4", "signal:red"],
                    "response": "TPL-DISC-PART",
                },
                {"code": "DENY_NOT_EMERGENCY", "needs": ["reasons", "rationale"]},
                {"code": "DUPLICATE", "needs": ["rationale"], "closes": True},
                {"code": "DENY_FRAUD", "needs": ["rationale"], "four_eyes_when": ["always"]},
            ],
            "reasons": [
                {"code": "EM_IMMINENT", "internal": False},
                {"code": "ID_LOOKALIKE", "internal": True},
            ],
            "verification": {
                "checks": [{"id": f"V{n:02}", "label": f"Check number {n}"} for n in range(1, 21)],
                "levels": {
                    "VERIFIED_STANDARD": {"order": 1, "all": [["V01"], ["V04", "V05"], ["V07"]]},
                    "VERIFIED_STRONG": {"order": 2, "all": [["V08"]]},
                },
            },
            "tiers": [{"code": f"T{n}"} for n in range(6)],
        }
    ),
)  # fmt: skip

REGISTER = (
    r.RegisteredAgency(
        id="a_1",
        name=Hostile("Harbour City Police"),
        domains=(Hostile("city-police.test"),),
        callback_numbers=(Hostile("+1 202 555 0100"),),
        spoc={"email": "duty@city-police.test", "phone": "+1 202 555 0101"},
        status="active",
    ),
)

_CASE: dict[str, Any] = {
    "id": "c_1",
    "reference": "ED-2026-004512",
    "their_reference": "HCP/77/26",
    "seq": 7,
    "version": "17",
    "queue": "emergency",
    "kind": "emergency_disclosure",
    "state": "in_review",
    "received_at": "2026-11-23T09:00:00Z",
    "language": "en",
    "requester": {
        "name": "Pat Example",
        "agency_id": "a_1",
        "email": "pat@city-police.test",
        "phone": "+1 202 555 0177",
        "verification": {
            "state": "VERIFIED_STANDARD",
            "checks": [{"id": one, "result": "PASS"} for one in ("V01", "V04", "V07")],
        },
    },
    "request": {
        "narrative": "A person said that they are in danger.",
        "data_sought": [
            {"tier": "T1", "category": "basic_subscriber", "subject": "s1"},
            {"tier": "T2", "category": "logins", "subject": "s1",
             "from": "2026-11-20T00:00:00Z", "to": "2026-11-23T00:00:00Z"},
            {"tier": "T4", "category": "messages", "subject": "s1"},
        ],
    },
    "subjects": [
        {"id": "s1", "kind": "account", "value": "778899", "display": "@lantern_k"},
        {"id": "s2", "kind": "account", "value": "551122", "display": "@worried_friend",
         "role": "reporter"},
    ],
    "messages": [{"id": "m1", "body": "Please help."}],
    "attachments": [{"id": "f1", "name": "request.pdf"}],
}  # fmt: skip


def wire_case(**changes: Any) -> dict[str, Any]:
    """Return the case's document with other members; a dict changes only what it names."""
    plain = _CASE | changes
    for name in ("requester", "request"):
        changed = changes.get(name)
        if isinstance(changed, dict):
            plain[name] = _CASE[name] | changed
    return plain


def case(**changes: Any) -> r.Case:
    """Make the case with other members; a dict for `requester` changes only what it names."""
    return r.read(r.Case, msgspec.json.encode(wire_case(**changes)))


def item(
    tier: str = "T1", category: str = "basic_subscriber", subject: str = "s1"
) -> act.ScopeItem:
    return act.ScopeItem(tier=tier, category=category, subject=subject)


def disclosing(**changes: Any) -> act.Decide:
    """Make a decision that is in order, and then changed."""
    whole = act.Decide(
        disposition="DISCLOSE_PARTIAL",
        reasons=("EM_IMMINENT",),
        rationale="The account belongs to the person in danger.",
        statutory_test_met="yes",
        policy_test_met="yes",
        scope_granted=(item(),),
        user_notice=act.UserNotice(decision="notify_after"),
        seen=("m1", "f1"),
    )
    return msgspec.structs.replace(whole, **changes)


def recorded(action: act.Action, key: str = "k1", *, by: str = "sp_1", minutes: int = 0) -> Unsent:
    """Record an action as the outbox would."""
    at = NOW + timedelta(minutes=minutes)
    whole = act.stamped(action, at=at, offline=True, policy=POLICY, tool=TOOL)
    return Unsent(key=key, type=act.type_of(action), body=act.body_of(whole), at=at, by=by)
