"""The desk's memory of cases over time: what is put, what ends by itself, who hears of it.

Everything runs on one thread. A change is worked out on a copy and committed as one unit.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from console.practice import clocks
from console.practice.around import Agency, Policy, Queue, Template
from console.practice.bodies import Enforce
from console.practice.problems import Problem, malformed
from console.practice.reference import RESTRICTED, Specialist, people
from console.practice.store import Held, Store, StoredFile, Unit
from console.practice.wire import Attachment, Case, Effect, Message

MOST_DOCUMENT: Final = 2 << 20
_EFFECT_AFTER: Final = timedelta(seconds=2)
_ENCODER: Final = msgspec.json.Encoder()
_CASE: Final = msgspec.json.Decoder(Case)


class Keeper:
    """Keeps the cases of a desk and lets time pass over them."""

    def __init__(self, store: Store, *, seed: int, clock: Callable[[], datetime]) -> None:
        self.store = store
        self._clock = clock
        self._ahead = timedelta(seconds=float(store.meta.get("ahead", "0")))
        self.people: dict[str, Specialist] = {person.id: person for person in people(seed)}
        self._listeners: list[Callable[[int], None]] = []
        self._claims: dict[str, datetime] = {}
        self._effects: dict[tuple[str, str], datetime] = {}
        self.policy = self.one_of("policy", Policy)
        self.templates = self.all_of("template", Template)
        self.register = self.all_of("requester", Agency)
        self._recall()

    def now(self) -> datetime:
        """Return the server's time, to the millisecond."""
        time = self._clock() + self._ahead
        return time.replace(microsecond=time.microsecond // 1000 * 1000)

    def case(self, held: Held) -> Case:
        """Return a copy of a case to work on."""
        assert held.doc is not None
        return _CASE.decode(held.doc)

    def one_of(self, kind: str, as_type: type[Any]) -> Any:
        """Return the only document of a kind."""
        (held,) = self.store.documents[kind].values()
        assert held.doc is not None
        return msgspec.json.decode(held.doc, type=as_type)

    def all_of(self, kind: str, as_type: type[Any]) -> dict[str, Any]:
        """Return all documents of a kind, decoded."""
        return {
            document_id: msgspec.json.decode(held.doc, type=as_type)
            for document_id, held in self.store.documents[kind].items()
            if held.doc is not None
        }

    def _recall(self) -> None:
        """Find the live claims and unfinished effects of a desk that was kept."""
        for held in self.store.cases.values():
            if held.doc is not None and (b'"claim":{' in held.doc or b'"pending"' in held.doc):
                self.watch(self.case(held))

    def put(self, unit: Unit, case: Case, before: Held | None) -> bytes:
        """Add a case to a unit under a new `seq`; the answer is its document.

        Raises:
            Problem: 413 for a document that nobody could read any more.
        """
        case.seq = self.store.next_seq()
        document = _ENCODER.encode(case)
        if len(document) > MOST_DOCUMENT:
            raise Problem("too-large", "The case would become too large.", limit=MOST_DOCUMENT)
        unit.documents.append(("case", case.id, hold(case, document, before)))
        return document

    def commit(self, unit: Unit) -> None:
        """Make a unit true and tell the listeners."""
        self.store.commit(unit)
        for listener in self._listeners:
            listener(self.store.last_seq)

    def watch(self, case: Case) -> None:
        """Remember when the case's claim and effects are due."""
        if case.claim is None:
            self._claims.pop(case.id, None)
        else:
            self._claims[case.id] = case.claim.until
        for record in case.enforcements:
            if record.effect is not None and record.effect.state == "pending":
                self._effects.setdefault((case.id, record.id), record.received_at + _EFFECT_AFTER)

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
        self.put(unit, case, held)
        self.commit(unit)
        self.watch(case)

    def arrive(self, case: Case, files: Iterable[tuple[Attachment, bytes]] = ()) -> None:
        """Take in a new case from outside, with the bytes of its files."""
        unit = Unit()
        for file, content in files:
            add_file(unit, case.id, file, content)
        clocks.start(case, self.policy)
        self.put(unit, case, None)
        self.commit(unit)
        self.watch(case)

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
        self.commit(Unit(documents=[("case", case_id, gone)]))
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
        for queue_id, queue in self.all_of("queue", Queue).items():
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
            self.commit(unit)

    def put_template(self, template: Template) -> None:
        """Publish a template, or withdraw it."""
        seq = self.store.next_seq()
        put = Held(seq=seq, version=template.version, doc=_ENCODER.encode(template))
        self.commit(Unit(documents=[("template", template.id, put)]))
        self.templates[template.id] = template

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
