"""The desk itself: judges calls and answers them.

A call is worked out on copies, committed as one unit, and only then answered; so no two calls ever
see each other half done.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from console.practice import clocks, judge
from console.practice.acting import Acting, Surroundings
from console.practice.around import Fault
from console.practice.bodies import Common
from console.practice.feed import page
from console.practice.judge import Call
from console.practice.keeping import Keeper
from console.practice.problems import Faults, Problem, forbidden, not_found, unreadable
from console.practice.reference import Specialist
from console.practice.store import Answer, Held, Store, StoredFile, Unit
from console.practice.wire import Case, Effect, NewCase, Record, Verification

_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A 201: its body, the case's entity tag, and whether it was given before."""

    body: bytes
    etag: str
    replayed: bool
    location: str | None = None


class PracticeDesk(Keeper):
    """An Escalations API without the HTTP."""

    def __init__(self, store: Store, *, seed: int, clock: Callable[[], datetime]) -> None:
        super().__init__(store, seed=seed, clock=clock)
        self._by_token = {person.token: person for person in self.people.values()}
        self.busy = 0
        """How many of the next actions are answered with 409 in-progress (a practice control)."""

    def who(self, token: str) -> Specialist | None:
        """Return whose token this is."""
        return self._by_token.get(token)

    def held(self, who: Specialist, case_id: str) -> Held:
        """Return a case that the specialist may see.

        Raises:
            Problem: 404, whether it is gone, hidden, or never was.
        """
        self.expire_claims()
        held = self.store.cases.get(case_id)
        if held is None or held.doc is None or not who.sees(held.queue):
            raise not_found("case")
        return held

    def sees(self, who: Specialist, case_id: str) -> bool:
        """Tell whether a case is there for this specialist."""
        held = self.store.cases.get(case_id)
        return held is not None and held.doc is not None and who.sees(held.queue)

    def changes(self, who: Specialist, after: str | None, limit: int) -> bytes:
        """Return a page of the change feed."""
        self.expire_claims()
        return page(self.store, who, after, limit)

    def records(self, who: Specialist, case_id: str) -> list[bytes]:
        """Return the action records of a case, oldest first."""
        self.held(who, case_id)
        return self.store.records.get(case_id, [])

    def file(self, who: Specialist, file_id: str) -> tuple[StoredFile, bytes]:
        """Return an attachment's bytes, but never those of a category under `never_fetch`."""
        file = self.store.files.get(file_id)
        if file is None or not self.sees(who, file.case_id):
            raise not_found("attachment")
        if file.category in self.policy.never_fetch:
            raise Problem("forbidden", "The policy forbids to fetch this category.")
        return file, self.store.blobs[file.sha256]

    def upload(self, who: Specialist, sha256: str, content: bytes) -> bool:
        """Keep the bytes of a response's file; False if they are here already.

        Raises:
            Problem: 403 for one who does not respond, 422 where the hash differs.
        """
        if "specialist" not in who.roles:
            raise forbidden("specialist", "Uploading needs the role specialist.")
        if not re.fullmatch(r"[0-9a-f]{64}", sha256) or (
            hashlib.sha256(content).hexdigest() != sha256
        ):
            fault = Fault(pointer="/sha256", detail="The bytes have another SHA-256.")
            raise Problem("invalid", "The bytes have another SHA-256.", errors=[fault])
        if sha256 in self.store.blobs:
            return False
        self.commit(Unit(blobs={sha256: content}))
        return True

    def perform(self, who: Specialist, case_id: str, call: Call) -> Outcome:
        """Judge an action in the contract's order and do it.

        Raises:
            Problem: whatever the judgement is; nothing was applied.
        """
        key = judge.check_key(call)
        if (given := self._given(who, key, call)) is not None:
            return given
        held = self.held(who, case_id)
        name, rule = judge.action_type(call.body)
        case, now = self.case(held), self.now()
        judge.check_role(who, rule)
        judge.check_claim(who, rule, case, now)
        assert held.doc is not None
        judge.check_version(rule, call, held.version, held.doc)
        acting = Acting(key, who, now, call.body, case, self._around(), Faults(self.policy.version))
        judge.check_state(name, rule, acting)
        action = self._read(call.body, rule.kind)
        received = judge.receipt(call, now)
        self._work(acting, name, rule, action)
        after = str(int(held.version) + 1) if rule.changes_matter else held.version
        record = _record(acting, name, rule, action, held.version, after)
        unit = Unit()
        document = self.put(unit, case, held)
        body = _ENCODER.encode(
            {
                "action": record,
                "case": msgspec.Raw(document),
                "before": held.version,
                "receipt": received,
            }
        )
        unit.records.append((case_id, _ENCODER.encode(record)))
        unit.answers.append((who.id, key, Answer(call.fingerprint, body, after)))
        self.commit(unit)
        self.watch(case)
        return Outcome(body, after, replayed=False)

    def _work(self, acting: Acting, name: str, rule: judge.Rule, action: Common) -> None:
        """Do an action on the copy; clocks follow."""
        case = acting.case
        awaited = case.state == "awaiting_requester"
        rule.work(acting, action)
        acting.faults.check()
        if awaited and case.state != "awaiting_requester":
            clocks.resume(case, acting.now)
        clocks.meet(case, self.policy, name, acting.now)

    def open_case(self, who: Specialist, call: Call) -> Outcome:
        """Open a case by hand."""
        key = judge.check_key(call)
        if (given := self._given(who, key, call)) is not None:
            return given
        if "specialist" not in who.roles:
            raise forbidden("specialist", "Opening a case needs the role specialist.")
        draft = self._read(call.body, NewCase)
        faults = Faults(self.policy.version)
        visible = draft.queue in self.store.documents["queue"] and who.sees(draft.queue)
        faults.require(visible, "/queue", "There is no such queue.")
        fresh = draft.id is None or draft.id not in self.store.cases
        faults.require(fresh, "/id", "There is a case with this id already.")
        faults.check()
        case = _opened(draft, who, key, self.now(), 900_000 + len(self.store.cases))
        clocks.start(case, self.policy)
        unit = Unit()
        document = self.put(unit, case, None)
        location = f"/v1/cases/{case.id}"
        answer = Answer(call.fingerprint, document, case.version, location)
        unit.answers.append((who.id, key, answer))
        self.commit(unit)
        return Outcome(document, case.version, replayed=False, location=location)

    def _given(self, who: Specialist, key: str, call: Call) -> Outcome | None:
        answer = self.store.answers.get((who.id, key))
        if answer is None:
            if self.busy > 0:
                self.busy -= 1
                raise Problem(
                    "in-progress", "This key is being worked on.", headers={"Retry-After": "1"}
                )
            return None
        if answer.fingerprint != call.fingerprint:
            raise Problem("idempotency-key-reused", "This key came with another request before.")
        return Outcome(answer.body, answer.etag, replayed=True, location=answer.location)

    def _read(self, body: bytes, kind: type[Any]) -> Any:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            raise unreadable(problem, self.policy.version) from None

    def _around(self) -> Surroundings:
        return Surroundings(
            policy=self.policy,
            people=self.people,
            queues=frozenset(self.store.documents["queue"]),
            templates=self.templates,
            register=self.register,
            sees_case=self.sees,
            has_upload=self.store.blobs.__contains__,
        )


def _record(
    acting: Acting, name: str, rule: judge.Rule, action: Common, before: str, after: str
) -> Record:
    """Make the action's record and put it where the case keeps it."""
    case, now = acting.case, acting.now
    record = acting.record(action, before, after)
    if name == "respond":
        record.delivery = Effect(state="sent", at=now)
    if name == "enforce":
        record.effect = Effect(state="pending", at=now)
    if rule.kept_as is not None:
        getattr(case, rule.kept_as).append(record)
    case.version = after
    if rule.changes_matter:
        case.updated_at = now
    return record


def _opened(draft: NewCase, who: Specialist, key: str, now: datetime, number: int) -> Case:
    """Make a case of what somebody knows; what they say of verification does not count."""
    if draft.requester is not None:
        draft.requester.verification = Verification()
    given = {
        name: getattr(draft, name)
        for name in draft.__struct_fields__
        if name not in ("id", "received_at", "queue", "kind")
    }
    return Case(
        id=draft.id or f"c_{hashlib.sha256(f'{who.id} {key}'.encode()).hexdigest()[:12]}",
        seq=0,
        version="1",
        queue=draft.queue,
        kind=draft.kind,
        state="open",
        reference=f"ED-{now.year}-{number:06}",
        received_at=draft.received_at or now,
        updated_at=now,
        **given,
    )
