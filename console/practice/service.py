"""The desk itself: judges calls, keeps cases, tells its listeners that the feed has news.

Everything runs on one thread. A call is worked out on copies, committed as one unit, and only then
answered; so no two calls ever see each other half done.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from console.practice import clocks, judge
from console.practice.acting import Acting, Surroundings
from console.practice.bodies import Enforce
from console.practice.feed import page
from console.practice.judge import Call
from console.practice.problems import Faults, Problem, forbidden, malformed, not_found, unreadable
from console.practice.reference import RESTRICTED, Specialist, people
from console.practice.store import Answer, Held, Store, StoredFile, Unit
from console.practice.wire import (
    Agency,
    Attachment,
    Case,
    Effect,
    Fault,
    Message,
    NewCase,
    Policy,
    Queue,
    Template,
    Verification,
)

MOST_DOCUMENT: Final = 2 << 20
_EFFECT_AFTER: Final = timedelta(seconds=2)
_ENCODER: Final = msgspec.json.Encoder()
_CASE: Final = msgspec.json.Decoder(Case)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A 201: its body, the case's entity tag, and whether it was given before."""

    body: bytes
    etag: str
    replayed: bool
    location: str | None = None


class PracticeDesk:
    """An Escalations API without the HTTP."""

    def __init__(self, store: Store, *, seed: int, clock: Callable[[], datetime]) -> None:
        self.store = store
        self._clock = clock
        self._ahead = timedelta(seconds=float(store.meta.get("ahead", "0")))
        self.people: dict[str, Specialist] = {person.id: person for person in people(seed)}
        self._by_token = {person.token: person for person in self.people.values()}
        self._listeners: list[Callable[[int], None]] = []
        self._claims: dict[str, datetime] = {}
        self._effects: dict[tuple[str, str], datetime] = {}
        self.busy = 0
        """How many of the next actions are answered with 409 in-progress (a practice control)."""
        self.policy = self._one("policy", Policy)
        self.templates = self._all("template", Template)
        self.register = self._all("requester", Agency)
        self._recall()

    # --- reading -------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the server's time, to the millisecond."""
        time = self._clock() + self._ahead
        return time.replace(microsecond=time.microsecond // 1000 * 1000)

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

    def case(self, held: Held) -> Case:
        """Return a copy of a case to work on."""
        assert held.doc is not None
        return _CASE.decode(held.doc)

    def _one(self, kind: str, as_type: type[Any]) -> Any:
        (held,) = self.store.documents[kind].values()
        assert held.doc is not None
        return msgspec.json.decode(held.doc, type=as_type)

    def _all(self, kind: str, as_type: type[Any]) -> dict[str, Any]:
        return {
            document_id: msgspec.json.decode(held.doc, type=as_type)
            for document_id, held in self.store.documents[kind].items()
            if held.doc is not None
        }

    def _recall(self) -> None:
        """Find the live claims and unfinished effects of a desk that was kept."""
        for held in self.store.cases.values():
            if held.doc is not None and (b'"claim":{' in held.doc or b'"pending"' in held.doc):
                self._watch(self.case(held))

    # --- changing ------------------------------------------------------------------------------

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
        now = self.now()
        case = self.case(held)
        judge.check_role(who, rule)
        judge.check_claim(who, rule, case, now)
        assert held.doc is not None
        judge.check_version(rule, call, held.version, held.doc)
        acting = Acting(key, who, now, call.body, case, self._around(), Faults(self.policy.version))
        judge.check_state(name, rule, acting)
        action = self._read(call.body, rule.kind)
        received = judge.receipt(call, now)
        awaited = case.state == "awaiting_requester"
        rule.work(acting, action)
        acting.faults.check()
        if awaited and case.state != "awaiting_requester":
            clocks.resume(case, now)
        clocks.meet(case, self.policy, name, now)
        after = str(int(held.version) + 1) if rule.changes_matter else held.version
        record = acting.record(action, held.version, after)
        if name == "respond":
            record.delivery = Effect(state="sent", at=now)
        if name == "enforce":
            record.effect = Effect(state="pending", at=now)
        if rule.kept_as is not None:
            getattr(case, rule.kept_as).append(record)
        case.version = after
        if rule.changes_matter:
            case.updated_at = now
        unit = Unit()
        document = self._put(unit, case, held)
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
        self._commit(unit)
        self._watch(case)
        return Outcome(body, after, replayed=False)

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
        now = self.now()
        number = 900_000 + len(self.store.cases)
        if draft.requester is not None:
            draft.requester.verification = Verification()  # the desk's own word, not the caller's
        given_members = {
            name: getattr(draft, name)
            for name in draft.__struct_fields__
            if name not in ("id", "received_at", "queue", "kind")
        }
        case = Case(
            id=draft.id or f"c_{hashlib.sha256(f'{who.id} {key}'.encode()).hexdigest()[:12]}",
            seq=0,
            version="1",
            queue=draft.queue,
            kind=draft.kind,
            state="open",
            reference=f"ED-{now.year}-{number:06}",
            received_at=draft.received_at or now,
            updated_at=now,
            **given_members,
        )
        clocks.start(case, self.policy)
        unit = Unit()
        document = self._put(unit, case, None)
        location = f"/v1/cases/{case.id}"
        answer = Answer(call.fingerprint, document, case.version, location)
        unit.answers.append((who.id, key, answer))
        self._commit(unit)
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

    def _put(self, unit: Unit, case: Case, before: Held | None) -> bytes:
        case.seq = self.store.next_seq()
        document = _ENCODER.encode(case)
        if len(document) > MOST_DOCUMENT:
            raise Problem("too-large", "The case would become too large.", limit=MOST_DOCUMENT)
        unit.documents.append(("case", case.id, hold(case, document, before)))
        return document

    def _commit(self, unit: Unit) -> None:
        self.store.commit(unit)
        for listener in self._listeners:
            listener(self.store.last_seq)

    def _watch(self, case: Case) -> None:
        if case.claim is None:
            self._claims.pop(case.id, None)
        else:
            self._claims[case.id] = case.claim.until
        for record in case.enforcements:
            if record.effect is not None and record.effect.state == "pending":
                self._effects.setdefault((case.id, record.id), record.received_at + _EFFECT_AFTER)

    # --- what happens by itself ----------------------------------------------------------------

    def listen(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """Hear of every commit; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def expire_claims(self) -> None:
        """End the claims whose time is over: each is news in the feed."""
        now = self.now()
        for case_id in [case for case, until in self._claims.items() if until <= now]:
            held = self.store.cases[case_id]
            if held.doc is None:
                del self._claims[case_id]
                continue
            case = self.case(held)
            case.claim = None
            if case.state == "in_review":
                case.state = "open"
            self.rewrite(case, held)

    def finish_effects(self) -> None:
        """Report what was enforced as done; the matter of the case stays, its `seq` rises."""
        now = self.now()
        for case_id, key in [effect for effect, at in self._effects.items() if at <= now]:
            held = self.store.cases[case_id]
            if held.doc is None:
                del self._effects[case_id, key]
                continue
            case = self.case(held)
            for record in case.enforcements:
                if record.id == key:
                    record.effect = Effect(state="done", at=now)
                    measure = msgspec.json.decode(record.body, type=Enforce).measure
                    if measure == "CUT_STREAM" and case.stream is not None:
                        case.stream.live = False
                        case.stream.viewers = 0
            self.rewrite(case, held)
            del self._effects[case_id, key]

    def rewrite(self, case: Case, held: Held | None, *, matter: bool = False) -> None:
        """Put a changed case; with `matter` it gets a new version."""
        if matter and held is not None:
            case.version = str(int(held.version) + 1)
            case.updated_at = self.now()
        unit = Unit()
        self._put(unit, case, held)
        self._commit(unit)
        self._watch(case)

    def arrive(self, case: Case, files: Iterable[tuple[Attachment, bytes]] = ()) -> None:
        """Take in a new case from outside, with the bytes of its files."""
        unit = Unit()
        for file, content in files:
            add_file(unit, case.id, file, content)
        clocks.start(case, self.policy)
        self._put(unit, case, None)
        self._commit(unit)
        self._watch(case)

    def incoming(self, case_id: str, message: Message) -> None:
        """Take in a message from the requester: it ends the wait for it."""
        held = self.store.cases[case_id]
        case = self.case(held)
        case.messages.append(message)
        if case.state == "awaiting_requester":
            case.state = "in_review" if case.claim else "open"
            clocks.resume(case, self.now())
        self.rewrite(case, held, matter=True)

    def remove(self, case_id: str) -> None:
        """Let a case disappear for everybody (a practice control)."""
        held = self.store.cases[case_id]
        gone = Held(
            seq=self.store.next_seq(), version=held.version, doc=None, was_public=held.was_public
        )
        self._commit(Unit(documents=[("case", case_id, gone)]))
        self._claims.pop(case_id, None)

    def count_queues(self) -> list[Queue]:
        """Return the queues as they are now."""
        now = self.now().timestamp()
        counted = {queue_id: [0, 0, float("inf")] for queue_id in self.store.documents["queue"]}
        for held in self.store.cases.values():
            if held.open and held.doc is not None:
                count = counted[held.queue]
                count[0] += 1
                count[1] += held.due is not None and held.due < now
                count[2] = min(count[2], held.received)
        result: list[Queue] = []
        for queue_id, queue in self._all("queue", Queue).items():
            opened, overdue, oldest = counted[queue_id]
            queue.open, queue.overdue = int(opened), int(overdue)
            known = datetime.fromtimestamp(oldest, UTC) if opened else None
            queue.oldest_received_at = known
            result.append(queue)
        return result

    def tell_queues(self) -> None:
        """Put the queues whose counts have changed into the feed."""
        unit = Unit()
        for queue in self.count_queues():
            document = _ENCODER.encode(queue)
            held = self.store.documents["queue"][queue.id]
            if held.doc != document:
                seq = self.store.next_seq()
                put = Held(seq=seq, version=str(seq), doc=document, was_public=True)
                unit.documents.append(("queue", queue.id, put))
        if unit.documents:
            self._commit(unit)

    def put_template(self, template: Template) -> None:
        """Publish a template, or withdraw it."""
        seq = self.store.next_seq()
        put = Held(seq=seq, version=template.version, doc=_ENCODER.encode(template))
        self._commit(Unit(documents=[("template", template.id, put)]))
        self.templates[template.id] = template

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
        self._commit(Unit(blobs={sha256: content}))
        return True

    def file(self, who: Specialist, file_id: str) -> tuple[StoredFile, bytes]:
        """Return an attachment's bytes, but never those of a category under `never_fetch`."""
        file = self.store.files.get(file_id)
        if file is None or not self.sees(who, file.case_id):
            raise not_found("attachment")
        if file.category in self.policy.never_fetch:
            raise Problem("forbidden", "The policy forbids to fetch this category.")
        return file, self.store.blobs[file.sha256]

    def records(self, who: Specialist, case_id: str) -> list[bytes]:
        """Return the action records of a case, oldest first."""
        self.held(who, case_id)
        return self.store.records.get(case_id, [])

    def shift(self, seconds: float) -> None:
        """Move the server's clock forward (a practice control), for good."""
        if seconds < 0:
            raise malformed("/seconds", "A clock goes forward only.")
        self._ahead += timedelta(seconds=seconds)
        self.store.commit(Unit(meta={"ahead": str(self._ahead.total_seconds())}))

    def expire_cursors(self) -> None:
        """Make every cursor given out so far expire (a practice control)."""
        epoch = str(int(self.store.meta.get("epoch", "0")) + 1)
        self.store.commit(Unit(meta={"epoch": epoch}))


def hold(case: Case, document: bytes, before: Held | None = None) -> Held:
    """Return what the store holds of a case."""
    return Held(
        seq=case.seq,
        version=case.version,
        doc=document,
        queue=case.queue,
        open=case.state != "closed",
        due=clocks.earliest_due(case),
        received=case.received_at.timestamp(),
        was_public=case.queue != RESTRICTED or (before is not None and before.was_public),
    )


def add_file(unit: Unit, case_id: str, file: Attachment, content: bytes) -> None:
    """Add an attachment's bytes to a unit."""
    unit.blobs[file.sha256] = content
    stored = StoredFile(case_id, file.sha256, file.media_type, file.graphic.category)
    unit.files.append((file.id, stored))
