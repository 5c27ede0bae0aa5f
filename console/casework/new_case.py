"""A case opened by hand: a phone call, a tip. `POST /v1/cases` of the contract, section 2."""

import re
from datetime import datetime

import msgspec

from console.casework import wire
from console.casework.findings import Finding, unknown
from local_cache import records
from local_cache.hostile import Hostile
from local_cache.records import Case, Code, Id, Moment, Record, Request, Requester, Subject

KINDS = (
    "emergency_disclosure",
    "preservation",
    "production_order",
    "emergency_production_order",
    "removal_order",
    "information_request",
    "threat_to_life_notice",
    "internal_escalation",
    "livestream_risk",
    "user_report",
    "other",
)
PRIORITIES = ("P0", "P1", "P2", "P3", "P4")
IMMINENCES = ("in_progress", "imminent", "credible", "concerning", "none", "unassessed")


class NewCase(Record, frozen=True, kw_only=True):
    """What a specialist writes down; the server adds the rest (seq, version, state, clocks)."""

    queue: Id
    kind: Code
    id: Id | None = None
    title: Hostile | None = None
    their_reference: Hostile | None = None
    priority: Code | None = None
    imminence: Code | None = None
    confidence: Code | None = None
    harms: tuple[Code, ...] = ()
    sensitivities: tuple[Code, ...] = ()
    jurisdiction: Code | None = None
    language: Code | None = None
    addressed_entity: Code | None = None
    received_at: Moment | None = None
    channel: Code | None = None
    requester: Requester | None = None
    request: Request | None = None
    subjects: tuple[Subject, ...] = ()
    tags: tuple[Hostile, ...] = ()


class BadCase(wire.BadDocument):
    """A new case that cannot be taken as it is: wrong, missing or unknown members."""


def read_new_case(data: bytes) -> NewCase:
    """Read a case that a person or a program wrote down.

    Raises:
        BadCase: with every unknown member and the first that has the wrong shape.
    """
    try:
        members = wire.read_object(data)
    except wire.BadDocument as problem:
        raise BadCase(problem.findings) from None
    findings = wire.unknown_members(NewCase, members)
    findings += [
        Finding(f"/{name}", "is missing", code="missing")
        for name in ("queue", "kind")
        if members.get(name) is None
    ]
    if findings:
        raise BadCase(findings)
    try:
        new = records.read(NewCase, msgspec.json.encode(members))
    except records.Unreadable as problem:
        pointer = "/" + re.sub(r"[.\[]+", "/", str(problem)).replace("]", "")
        detail = "does not have the shape that the contract gives"
        raise BadCase([Finding(pointer, detail, code="malformed")]) from None
    findings = judge_new_case(new)
    if findings:
        raise BadCase(findings)
    return new


def judge_new_case(new: NewCase) -> list[Finding]:
    """Find what the server would refuse: words that the contract does not know."""
    findings: list[Finding] = []
    for pointer, what, word, known in (
        ("/kind", "kind of case", new.kind, KINDS),
        ("/priority", "priority", new.priority, PRIORITIES),
        ("/imminence", "imminence", new.imminence, IMMINENCES),
    ):
        if word is not None and word not in known:
            findings.append(unknown(pointer, what, word, known))
    subjects = {subject.id for subject in new.subjects}
    for number, item in enumerate(new.request.data_sought if new.request else ()):
        if item.subject is not None and item.subject not in subjects:
            pointer = f"/request/data_sought/{number}/subject"
            findings.append(unknown(pointer, "subject of the case", item.subject, subjects))
    return findings


def provisional(new: NewCase, *, key: str, now: datetime) -> Case:
    """Show a new case as it stands here until the server has it: version `0`, state `open`.

    Its id is the one it brings, else the idempotency key.
    """
    given = {name: getattr(new, name) for name in NewCase.__struct_fields__}
    given["id"] = new.id or key
    given["received_at"] = new.received_at or now
    return Case(seq=0, version="0", state="open", updated_at=now, **given)
