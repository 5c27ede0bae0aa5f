"""The other people of the desk and the world outside: they claim, note, decide, write, arrive.

They act through the same judgement as everybody, so nothing they do can break the contract.
"""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

import msgspec

from console.practice.judge import Call
from console.practice.kinds import emergency, live, report
from console.practice.maker import Maker
from console.practice.problems import Problem
from console.practice.reference import COLLEAGUES, RESTRICTED
from console.practice.service import PracticeDesk
from console.practice.wire import Message

NOTES: Sequence[str] = (
    "Tried the switchboard, no answer yet.",
    "Compared the times given with the log-ins: they fit.",
    "Asked the language team for a second reading.",
)


class Colleagues:
    """Those who act by themselves, by chance but by the seed's."""

    def __init__(self, desk: PracticeDesk, seed: int, arrivals: float) -> None:
        self._desk = desk
        self._chance = Random(f"colleagues {seed} {desk.store.last_seq}")  # noqa: S311
        self._maker = Maker(seed, desk.now(), desk.policy, stream=f"arrivals {desk.store.last_seq}")
        self._per_second = arrivals / 3600

    def tick(self, seconds: float) -> None:
        """Let as much happen as `seconds` bring."""
        if self._chance.random() < self._per_second * seconds:
            self.arrive()
        if self._chance.random() < self._per_second * seconds:
            self._something()

    def arrive(self) -> str:
        """Let a case come in now; the answer is its id."""
        self._maker.start = self._desk.now()
        make = self._chance.choice((emergency, live, report))
        self._maker.number = 200_000 + len(self._desk.store.cases)
        made = make(self._maker, self._maker.start)
        self._desk.arrive(made.case, made.files)
        return made.case.id

    def touch(self, case_id: str) -> None:
        """Let a colleague write a note: the case gets a new version."""
        self._act(case_id, COLLEAGUES[1], {"type": "note", "body": self._chance.choice(NOTES)})

    def claim(self, case_id: str) -> str:
        """Let a colleague take a case; the answer says who."""
        self._act(case_id, COLLEAGUES[1], {"type": "claim"})
        return COLLEAGUES[1]

    def message(self, case_id: str, body: str | None) -> None:
        """Let the requester write."""
        held = self._desk.store.cases[case_id]
        case = self._desk.case(held)
        sender = case.requester.email if case.requester else None
        self._desk.incoming(
            case_id,
            Message(
                id=f"m{len(case.messages) + 1}",
                at=self._desk.now(),
                direction="in",
                from_=sender,
                to=["emergency@desk.nightdesk.example"],
                subject=f"Re: {case.reference}",
                body=body or "Here is what you asked for.",
                language=case.language,
            ),
        )

    def _something(self) -> None:
        """Let a colleague do one thing to a case that nobody else holds."""
        free = [
            case_id
            for case_id, held in self._desk.store.cases.items()
            if held.open and held.doc is not None and held.queue != RESTRICTED
        ]
        if not free:
            return
        case_id = self._chance.choice(free)
        what = self._chance.random()
        if what < 0.2 and self._desk.case(self._desk.store.cases[case_id]).state == (
            "awaiting_requester"
        ):
            self.message(case_id, None)
            return
        body: dict[str, object] = (
            {"type": "claim", "ttl": "PT5M"}
            if what < 0.5
            else {"type": "note", "body": self._chance.choice(NOTES)}
            if what < 0.9
            else {
                "type": "decide",
                "disposition": "ESCALATED_LEGAL",
                "rationale": "Handed to legal after a first look.",
            }
        )
        try:
            self._act(case_id, self._chance.choice(COLLEAGUES), body)
        except Problem:
            return  # somebody else holds it, or its state does not allow it: they leave it alone

    def _act(self, case_id: str, by: str, body: dict[str, object]) -> None:
        desk = self._desk
        sent = msgspec.json.encode(body | {"at": desk.now() - timedelta(seconds=2)})
        held = desk.store.cases[case_id]
        call = Call(
            method="POST",
            path=f"/v1/cases/{case_id}/actions",
            body=sent,
            key=str(UUID(int=self._chance.getrandbits(128), version=4)),
            if_match=f'"{held.version}"',
        )
        desk.perform(desk.people[by], case_id, call)
