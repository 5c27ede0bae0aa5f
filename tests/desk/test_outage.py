"""An outage: work goes on, everything recorded is delivered once and in order, or comes back."""

import threading
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path

import pytest

from console.casework import actions
from console.desk import CaseChanged, NoConnection, NotPossible, RefusedByPolicy
from console.sync import CasesChanged, ConnectionChanged, SyncEvent
from console.sync.background import POLL_WITHOUT
from tests.desk.outage import Shift, answer, body_of, decision, shift


@pytest.fixture
def night(tmp_path: Path) -> Generator[Shift]:
    with shift(tmp_path) as made:
        yield made


def test_what_was_recorded_meanwhile_is_delivered_once_and_in_order(night: Shift) -> None:
    first, second = night.cases(2)
    before = {case: night.keys_there(case) for case in (first, second)}
    night.fails()
    recorded = night.record(
        first,
        actions.Assess(priority="P0", rationale="They wrote again."),
        actions.Note(body="Called the switchboard."),
        actions.Tag(add=("night",)),
        actions.Release(),
    )
    other = night.record(second, actions.Note(body="Nobody answers."))
    assert not night.desk.sync_once().online
    assert {night.state(key) for key in (*recorded, *other)} == {"pending"}
    projected = night.desk.case(first).case
    assert projected is not None
    assert projected.priority == "P0"
    night.returns()
    report = night.desk.sync_once()
    assert (report.sent, report.pending, report.online) == (5, 0, True)
    assert night.keys_there(first) == [*before[first], *recorded]
    assert night.keys_there(second) == [*before[second], *other]
    again = night.desk.sync_once()
    assert again.sent == 0
    assert night.keys_there(first) == [*before[first], *recorded]
    landed = night.desk.case(first)
    assert landed.newest is None
    assert landed.seen is not None
    assert landed.seen.priority == "P0"


def test_a_response_names_the_decision_that_is_still_here(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    night.desk.sync_once()
    (decided,) = night.record(case, decision())
    (answered,) = night.record(case, answer(decided))
    night.returns()
    assert night.desk.sync_once().sent == 2
    there = night.there(case)[-2:]
    assert [record["id"] for record in there] == [decided, answered]
    assert there[1]["body"]["decision"] == decided
    assert all(record["offline"] for record in there)


def test_an_outage_between_two_of_a_line_goes_on_where_it_stood(night: Shift) -> None:
    (case,) = night.cases(1)
    (before,) = night.record(case, actions.Note(body="one"))
    night.desk.sync_once()
    night.fails()
    line = night.record(case, actions.Tag(add=("a",)), decision(), actions.Note(body="two"))
    night.returns()
    night.server.control("outage", seconds=60, mode="lose-answers")
    night.desk.deliver(line[0])
    assert night.entry(line[0]).unknown
    night.fails()
    night.returns()
    night.desk.sync_once()
    assert night.keys_there(case)[-4:] == [before, *line]
    assert night.desk.outbox() == []


def test_what_never_waits_is_refused_on_the_spot_and_leaves_nothing_behind(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    night.desk.sync_once()
    with pytest.raises(NoConnection):
        night.desk.act(case, actions.Claim())
    assert night.desk.outbox() == []
    night.returns()
    night.desk.sync_once()
    assert night.keys_there(case) == []


# --- What the specialist settles ---


def test_a_stale_decision_comes_back_and_holds_what_stands_on_it(night: Shift) -> None:
    first, second = night.cases(2)
    night.fails()
    (decided,) = night.record(first, decision())
    (answered,) = night.record(first, answer(decided))
    (elsewhere,) = night.record(second, decision())
    night.returns()
    night.server.control(f"message/{first}", body="Please wait.")
    report = night.desk.sync_once()
    assert (report.sent, report.changed, report.pending) == (1, 1, 1)
    assert [night.state(key) for key in (decided, answered, elsewhere)] == [
        "changed",
        "pending",
        "accepted",
    ]
    assert night.keys_there(first) == []
    view = night.desk.case(first)
    assert view.seen is not None
    assert view.newest is not None
    assert len(view.newest.messages) == len(view.seen.messages) + 1
    with pytest.raises(CaseChanged):
        night.desk.retry(decided)


def test_kept_it_is_recorded_anew_with_all_behind_it(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    decided, taken, noted = night.record(
        case, decision(), actions.Preserve(scope="All of s1"), actions.Note(body="as agreed")
    )
    (extended,) = night.record(case, actions.Preserve(extends=taken))
    (answered,) = night.record(case, answer(decided))
    old = {key: body_of(night.entry(key)) for key in (decided, taken, noted, extended, answered)}
    night.returns()
    night.server.control(f"message/{case}", body="Please wait.")
    night.desk.sync_once()
    kept = night.desk.keep(decided)
    assert [entry.type for entry in kept] == ["decide", "preserve", "note", "preserve", "respond"]
    keys = [entry.key for entry in kept]
    assert not set(keys) & set(old)
    bodies = [body_of(entry) for entry in kept]
    assert bodies[3]["extends"] == keys[1]
    assert bodies[4]["decision"] == keys[0]
    for body, before in zip(bodies, old.values(), strict=True):
        assert body["at"] > before["at"]
        assert body["offline"] is False
        same = {"at", "offline", "decision", "extends"}
        assert {k: v for k, v in body.items() if k not in same} == {
            k: v for k, v in before.items() if k not in same
        }
    night.desk.sync_once()
    assert night.keys_there(case) == keys
    assert {night.state(key) for key in old} == {"withdrawn"}
    assert night.desk.verify_audit().ok


def test_kept_it_is_judged_by_the_policy_of_now_and_refused_loses_nothing(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    decided, noted = night.record(case, decision(), actions.Note(body="as agreed"))
    before = [night.entry(key) for key in (decided, noted)]
    night.returns()
    night.server.control(f"touch/{case}")
    night.desk.sync_once()
    assert night.state(decided) == "changed"
    night.server.control(f"claim/{case}")
    night.desk.sync_once()
    with pytest.raises(RefusedByPolicy) as refused:
        night.desk.keep(decided)
    assert [found.code for found in refused.value.findings] == ["claimed"]
    after = night.desk.outbox()
    assert [(e.key, e.body, e.type) for e in after] == [(e.key, e.body, e.type) for e in before]
    assert [entry.state for entry in after] == ["changed", "pending"]
    assert night.desk.verify_audit().ok


def test_only_what_came_back_and_is_first_is_kept(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    decided, noted = night.record(case, decision(), actions.Note(body="as agreed"))
    for key in (decided, noted):
        with pytest.raises(NotPossible):
            night.desk.keep(key)
    assert [entry.key for entry in night.desk.outbox()] == [decided, noted]


def test_what_a_change_in_between_left_behind_waits_for_what_is_in_front(night: Shift) -> None:
    """A note is taken whatever the version; the decision behind it stood on another one."""
    (case,) = night.cases(1)
    night.fails()
    noted, again, decided = night.record(
        case, actions.Note(body="one"), actions.Note(body="two"), decision()
    )
    night.returns()
    night.server.control(f"touch/{case}")
    night.desk.deliver(noted)
    assert [night.state(key) for key in (noted, again, decided)] == [
        "accepted",
        "pending",
        "changed",
    ]
    with pytest.raises(NotPossible, match="comes first"):
        night.desk.keep(decided)
    night.desk.deliver(again)
    (kept,) = night.desk.keep(decided)
    assert night.desk.deliver(kept.key).state == "accepted"
    ours = (noted, again, decided, kept.key)
    assert [key for key in night.keys_there(case) if key in ours] == [noted, again, kept.key]


def test_what_was_seen_counts_what_was_delivered_in_front(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    tagged, decided = night.record(case, actions.Tag(add=("night",)), decision())
    night.returns()
    night.desk.deliver(tagged)
    night.server.control(f"touch/{case}")
    night.desk.sync_once()
    assert night.state(decided) == "changed"
    seen = night.desk.stood_on(decided)
    assert seen is not None
    assert "night" in [tag.raw for tag in seen.tags]
    assert not seen.decisions


def test_what_waited_longer_than_the_policy_lets_it_asks_first(night: Shift) -> None:
    first, second = night.cases(2)
    night.fails()
    decided, noted = night.record(first, decision(), actions.Note(body="behind it"))
    (fresh,) = night.record(second, actions.Note(body="no policy holds a note"))
    night.later += timedelta(hours=1, minutes=1)
    (late,) = night.record(second, decision())
    night.returns()
    report = night.desk.sync_once()
    assert report.sent == 2
    assert [night.state(key) for key in (decided, noted, fresh, late)] == [
        "to_confirm",
        "pending",
        "accepted",
        "accepted",
    ]
    assert night.keys_there(first) == []
    body = night.entry(decided).body
    assert night.desk.retry(decided).state == "pending"
    night.desk.sync_once()
    assert night.keys_there(first) == [decided, noted]
    assert night.entry(decided).body == body


def test_within_the_time_that_the_policy_gives_nothing_asks(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    night.later += timedelta(minutes=59)
    night.returns()
    night.desk.sync_once()
    assert night.keys_there(case) == [decided]


def test_what_the_server_refuses_comes_back_with_its_words(night: Shift) -> None:
    first, second = night.cases(2)
    template = next(one for one in night.desk.templates() if one.id == "TPL-RFI")
    used = actions.TemplateUsed(id=template.id, version=template.version)
    night.fails()
    (answered,) = night.record(first, answer(None, template=used))
    (noted,) = night.record(first, actions.Note(body="behind it"))
    (elsewhere,) = night.record(second, actions.Note(body="on its way"))
    night.returns()
    night.server.control("withdraw/TPL-RFI")
    report = night.desk.sync_once()
    assert (report.returned, report.sent, report.pending) == (1, 1, 1)
    returned = night.entry(answered)
    assert returned.state == "returned"
    assert returned.error is not None
    assert [pointer for pointer, _ in returned.error.faults] == ["/template"]
    assert night.state(noted) == "pending"
    assert night.keys_there(second) == [elsewhere]
    assert [entry.key for entry in night.desk.discard(answered)] == [answered, noted]
    assert night.keys_there(first) == []


def test_a_case_that_left_meanwhile_keeps_what_was_recorded_on_it(night: Shift) -> None:
    (case,) = night.cases(1)
    night.fails()
    (decided,) = night.record(case, decision())
    body = night.entry(decided).body
    night.returns()
    night.server.control(f"remove/{case}")
    night.desk.sync_once()
    entry = night.entry(decided)
    assert (entry.state, entry.body) == ("returned", body)
    view = night.desk.case(case)
    assert view.stored.gone
    assert view.case is None


class Listening:
    """The background of a desk, on, with what it told."""

    def __init__(self, night: Shift) -> None:
        self._night = night
        self._stop = threading.Event()
        self._heard = threading.Condition()
        self.told: list[SyncEvent] = []
        self._thread = threading.Thread(target=night.desk.sync.run, args=(self._stop,))

    def __enter__(self) -> "Listening":
        self._night.desk.listener = self._hear
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _hear(self, event: SyncEvent) -> None:
        with self._heard:
            self.told.append(event)
            self._heard.notify_all()

    def until(self, holds: Callable[[], bool], seconds: float = 40) -> bool:
        with self._heard:
            return self._heard.wait_for(holds, timeout=seconds)

    def quiet(self) -> None:
        """Wait until the feed has been read to its end, and nothing more is told."""
        while self._more(len(self.told)):
            pass

    def _more(self, told: int) -> bool:
        return self.until(lambda: len(self.told) > told, seconds=1)


def test_with_the_background_on_an_outage_passes_by_itself(night: Shift) -> None:
    first, second = night.cases(2)
    with Listening(night) as background:
        night.fails()
        keys = night.record(first, decision(), actions.Note(body="one"))
        keys += night.record(second, actions.Note(body="two"))
        night.returns()
        assert background.until(lambda: not night.desk.outbox())
    assert night.keys_there(first) == keys[:2]
    assert night.keys_there(second) == keys[2:]


def test_that_the_server_is_gone_is_noticed_when_its_stream_breaks(night: Shift) -> None:
    """And not when the feed would be read next, which is a minute while there is a stream."""
    (case,) = night.cases(1)
    with Listening(night) as background:
        changed = CasesChanged(frozenset({case}))
        for _ in range(2):  # what comes by the stream proves that there is one
            before = len(background.told)
            night.server.control(f"touch/{case}")
            assert background.until(lambda before=before: changed in background.told[before:])
        background.quiet()
        night.fails()
        began = time.monotonic()
        assert background.until(
            lambda: any(isinstance(e, ConnectionChanged) and not e.online for e in background.told)
        )
        assert time.monotonic() - began < POLL_WITHOUT / 2
