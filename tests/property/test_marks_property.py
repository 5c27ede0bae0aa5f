"""Marks against a model: no refresh, filter or sort puts one on another case, or takes one off."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.casework.filters import parse_filter
from console.desk.marks import Marks, look
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CASES = [f"c_{number}" for number in range(8)]
LISTS = st.sampled_from(
    ["", "priority:P0", "priority:P1,P2", "-priority:P0", "is:open", "id:c_1,c_3"]
)
SORTS = st.sampled_from(["urgency", "due", "received", "reference", "priority"])


class MarksMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ground = Ground(Path(self.folder.name))
        self.ground.seed()
        self.seq = 0
        self.here: set[str] = set()
        self.marks = Marks()
        self.model: list[str] = []
        self.shown: list[str] = []
        for each in CASES[:4]:
            self.arrives(each, "P1")
        self.reads("", "urgency")

    def teardown(self) -> None:
        self.ground.desk.close()
        self.folder.cleanup()

    @rule(case=st.sampled_from(CASES), priority=st.sampled_from(["P0", "P1", "P2"]))
    def arrives(self, case: str, priority: str) -> None:
        self.seq += 1
        self.ground.put(_case(case, self.seq, priority))
        self.here.add(case)

    @precondition(lambda self: self.here)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(sorted(self.here)))
        self.seq += 1
        self.ground.desk.cache.write(lambda tables: tables.cases.delete(case, self.seq))
        self.here.discard(case)

    @rule(text=LISTS, sort=SORTS)
    def reads(self, text: str, sort: str) -> None:
        """A refresh, another filter, another order: the list is read anew."""
        query = parse_filter(f"{text} sort:{sort}", now=NOW, me="sp_1")
        asked = self.marks.ids
        order = self.ground.desk.listing(query)
        left = self.marks.settle(asked, look(self.ground.desk, asked, order))
        assert left == len([each for each in self.model if each not in self.here])
        self.model = [each for each in self.model if each in self.here]
        self.shown = self.ground.desk.ids(order)
        assert self.marks.outside == len(set(self.model) - set(self.shown))

    @precondition(lambda self: self.shown)
    @rule(data=st.data())
    def toggles(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(self.shown))
        if case in self.model:
            self.marks.remove([case])
            self.model.remove(case)
        else:
            self.marks.add([case])
            self.model.append(case)

    @rule()
    def inverts(self) -> None:
        self.marks.invert(self.shown)
        outside = [each for each in self.model if each not in self.shown]
        self.model = outside + [each for each in self.shown if each not in self.model]

    @rule()
    def none_and_again(self) -> None:
        assert self.marks.clear() == len(self.model)
        assert len(self.marks) == 0
        if self.model:
            self.marks.again()

    @invariant()
    def the_marks_are_those_of_the_model(self) -> None:
        assert list(self.marks.ids) == self.model


def _case(case_id: str, seq: int, priority: str) -> dict[str, Any]:
    made = wire_case(id=case_id, seq=seq, version=f"v{seq}", priority=priority)
    return msgspec.json.decode(msgspec.json.encode(made))


TestMarks = MarksMachine.TestCase
TestMarks.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
