"""The order of judgement, section 4: key, visibility, role, claim, `If-Match`, policy.

The token has been judged when a call comes here. `TABLE` is the contract's table of actions.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from console.practice import actions, bodies, deciding
from console.practice.acting import Acting
from console.practice.around import Fault, Receipt
from console.practice.problems import Problem, forbidden, malformed
from console.practice.reference import Specialist
from console.practice.wire import Case, Role

MOST_BYTES: Final = 1 << 20
"""The largest body of an action."""


_OPEN: Final = ("open", "in_review", "awaiting_requester", "awaiting_approval", "decided")
_ANY: Final = (*_OPEN, "closed")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that wants to change something, as it came."""

    method: str
    path: str
    body: bytes
    key: str | None
    if_match: str | None = None
    audit_head: str | None = None

    @property
    def fingerprint(self) -> str:
        """What a key is bound to: method, path and body."""
        return hashlib.sha256(
            b"%s\n%s\n%s" % (self.method.encode(), self.path.encode(), self.body)
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the contract's table."""

    kind: type[bodies.Common]
    work: Callable[[Acting, Any], None]
    role: Role = "specialist"
    if_match: bool = True
    changes_matter: bool = True
    past_claim: bool = False
    """Whether it is allowed while somebody else holds the claim."""
    states: tuple[str, ...] = _OPEN
    kept_as: str | None = None
    """The list of the case that holds its record."""


TABLE: Final[dict[str, Rule]] = {
    "claim": Rule(bodies.ClaimCase, actions.claim, if_match=False, changes_matter=False),
    "release": Rule(
        bodies.Release,
        actions.release,
        if_match=False,
        changes_matter=False,
        states=_ANY,
    ),
    "note": Rule(
        bodies.Note,
        actions.note,
        if_match=False,
        past_claim=True,
        states=_ANY,
        kept_as="notes",
    ),
    "assess": Rule(bodies.Assess, actions.assess),
    "verify": Rule(bodies.Verify, actions.verify),
    "decide": Rule(bodies.Decide, deciding.decide, kept_as="decisions"),
    "approve": Rule(
        bodies.Approve,
        deciding.approve,
        role="approver",
        past_claim=True,
        states=("awaiting_approval",),
    ),
    "reject": Rule(
        bodies.Reject,
        deciding.reject,
        role="approver",
        past_claim=True,
        states=("awaiting_approval",),
    ),
    "respond": Rule(bodies.Respond, deciding.respond, kept_as="responses"),
    "preserve": Rule(bodies.Preserve, actions.preserve, kept_as="preservations"),
    "enforce": Rule(bodies.Enforce, actions.enforce, kept_as="enforcements"),
    "assign": Rule(bodies.Assign, actions.assign),
    "move": Rule(bodies.Move, actions.move, role="lead"),
    "link": Rule(bodies.LinkCase, actions.link, states=_ANY),
    "tag": Rule(bodies.TagCase, actions.tag, states=_ANY),
    "snooze": Rule(bodies.Snooze, actions.snooze),
    "wait": Rule(bodies.Wait, actions.wait),
    "close": Rule(bodies.Close, actions.close),
    "reopen": Rule(bodies.Reopen, actions.reopen, states=("closed",)),
}


def action_type(body: bytes) -> tuple[str, Rule]:
    """Return the type of an action and its rule, without reading the rest.

    Raises:
        Problem: 400 if the body is no JSON object with a type, 422 for an unknown type.
    """
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise malformed("", f"The body is not JSON: {problem}") from None
    members = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    name = members.get("type")
    if not isinstance(name, str):
        raise malformed("/type", "An action is an object with a type.")
    if (rule := TABLE.get(name)) is None:
        fault = Fault(pointer="/type", detail="There is no such action.")
        raise Problem("invalid", "There is no such action.", errors=[fault])
    return name, rule


def check_role(who: Specialist, rule: Rule) -> None:
    """Raise a 403 unless the specialist has the role that the action needs."""
    if rule.role not in who.roles:
        raise forbidden(rule.role, f"This action needs the role {rule.role}.")


def check_claim(who: Specialist, rule: Rule, case: Case, now: datetime) -> None:
    """Raise a 409 while somebody else holds a live claim, but for what may be done past it."""
    held = case.claim
    if held is None or held.by == who.id or held.until <= now or rule.past_claim:
        return
    if rule.kind is bodies.ClaimCase and "lead" in who.roles:
        return
    raise Problem("claimed", "Somebody else holds the claim.", claim=held)


def check_version(rule: Rule, call: Call, version: str, document: bytes) -> None:
    """Raise a 428 without `If-Match` where it is needed, a 412 where it names another version."""
    if not rule.if_match:
        return
    if call.if_match is None:
        raise Problem("precondition-required", "This action needs If-Match.")
    tags = re.findall(r'(W/)?"([^"]*)"', call.if_match)
    if not tags:
        raise malformed("/If-Match", 'If-Match is a version in quotes, as "17".')
    if ("", version) not in tags:
        raise Problem(
            "stale",
            "The case has changed since.",
            version=version,
            case=document,
            headers={"ETag": f'"{version}"'},
        )


def check_state(name: str, rule: Rule, acting: Acting) -> None:
    """Raise a 422 at `/type` where the case's state does not allow the action."""
    allowed = acting.case.state in rule.states
    acting.faults.require(allowed, "/type", f"A case that is {acting.case.state} takes no {name}.")
    acting.faults.check()


def receipt(call: Call, now: datetime) -> Receipt:
    """Return the server's word on the client's audit chain, as `Audit-Head` gave it."""
    if call.audit_head is None:
        return Receipt(at=now)
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", call.audit_head)
    if found is None:
        raise malformed("/Audit-Head", "Audit-Head is <seq>:<sha256>.")
    return Receipt(seq=int(found[1]), head=found[2], at=now)


def check_key(call: Call) -> str:
    """Return the idempotency key, or raise a 400 that says what is wrong with it."""
    if call.key is None:
        raise malformed("/Idempotency-Key", "Idempotency-Key is needed.")
    key = call.key.strip().strip('"')
    if not re.fullmatch(r"[A-Za-z0-9._:\-]{1,128}", key):
        raise malformed("/Idempotency-Key", "An Idempotency-Key is a UUID.")
    return key
