"""The outbox in lines: what is recorded here and not delivered, and what to do about it."""

from collections.abc import Iterator
from typing import Final

from console.commands import Situation
from console.desk import RefusedByPolicy
from console.errors import UsageError
from console.linear.names import numbered
from console.linear.session import Place, Session
from console.words import settling
from console.words.comparison import NOTHING, Difference, decided_words
from console.words.outbox import CAME_BACK, entry_lines, placed, says, state_words, why
from console.words.outbox import Place as InLine
from local_cache.cases import CaseRow
from local_cache.records import Policy

DELIVERED: Final = 10
"""Accepted entries that `delivered` says."""


class Outbox(Place):
    """The list of entries, and the one at hand."""

    contexts = ("outbox", "move", "global")
    name = "outbox"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._waiting: list[InLine] = []
        self._key = ""
        """The key of the entry at hand."""

    @property
    def prompt(self) -> str:
        """The number of the entry at hand."""
        place = self._at_hand()
        return self.name if place is None else f"outbox {self._waiting.index(place) + 1}"

    def _at_hand(self) -> InLine | None:
        return next((one for one in self._waiting if one.entry.key == self._key), None)

    def enter(self) -> None:
        """Say what waits."""
        self.word_list("")

    def _read(self) -> None:
        self._waiting = placed(self.desk)

    def _policy(self) -> Policy | None:
        with self.desk.cache.read() as tables:
            return tables.policies.current()

    def touched(self, case_id: str) -> None:  # noqa: ARG002 - any case may be here
        """Read the entries anew."""
        self._read()

    # --- Reading ----------------------------------------------------------------------------

    def word_list(self, _rest: str) -> None:
        """what waits here; a number says that entry whole"""
        self._read()
        back = sum(one.entry.state in CAME_BACK for one in self._waiting)
        came = f", {back} came back to you" if back else ""
        self.say(f"outbox: {len(self._waiting)} recorded here, not yet delivered{came}")
        if self._waiting and not self.session.online:
            self.say("Nothing goes while there is no connection.", "warning")
        if self._waiting:
            self.session.say_long(self._lines())

    def _lines(self) -> Iterator[str]:
        for number, place in enumerate(self._waiting, 1):
            entry = place.entry
            told, _ = state_words(place, self.desk.now_ms())
            parts = (told, why(entry), says(entry))
            yield f"{number}: {place.name}, {entry.type}, {' · '.join(filter(None, parts))}"

    def word_delivered(self, _rest: str) -> None:
        """what the server accepted last"""
        entries = self.desk.delivered(DELIVERED)
        if not entries:
            self.say("The server accepted nothing yet.")
        with self.desk.cache.read() as tables:
            rows = {one.case_id: tables.cases.row_of(one.case_id) for one in entries}
        for entry in entries:
            place = InLine(entry, rows[entry.case_id], None, 0)
            self.say(f"accepted: {', '.join(filter(None, (place.name, entry.type, says(entry))))}")

    def number(self, number: int) -> None:
        """Take an entry at hand and say it whole."""
        self._read()
        if not 0 < number <= len(self._waiting):
            raise UsageError(f"There is no entry {number}: {len(self._waiting)} wait.")
        place = self._waiting[number - 1]
        self._key = place.entry.key
        told = entry_lines(place, self._policy(), self.desk.now_ms())
        lines = [" ".join(one.text.split()) for one in told]
        if self.session.news.standing.online is False:
            now_ms = round(self.session.server_now().timestamp() * 1000)
            said = settling.not_reached(place.row, self._policy(), now_ms)
            lines[1:1] = [f"error: {said}"] if said else []
        self.session.say_long(line for line in lines if line)

    def do_nav_down(self, _rest: str) -> None:
        """To the next entry."""
        self._step(1)

    def do_nav_up(self, _rest: str) -> None:
        """To the previous entry."""
        self._step(-1)

    word_next = do_nav_down
    word_previous = do_nav_up

    def _step(self, step: int) -> None:
        place = self._at_hand()
        self.number((0 if place is None else self._waiting.index(place) + 1) + step)

    # --- What can be done about an entry ----------------------------------------------------

    def _chosen(self, rest: str) -> InLine:
        """Return the entry meant: the one of a number, the one at hand, the only one."""
        self._read()
        number = numbered(rest, len(self._waiting))
        if number is not None:
            place = self._waiting[number - 1]
            self._key = place.entry.key
            return place
        place = self._at_hand()
        if place is None and len(self._waiting) == 1 and not rest:
            place = self._waiting[0]
        if place is None:
            raise UsageError("Which entry? list says them; a number takes one at hand.")
        return place

    def do_undo(self, rest: str) -> None:
        """Take back an entry, and those behind it on its case."""
        self._take_back(self._chosen(rest), "undo")

    def do_outbox_discard(self, rest: str) -> None:
        """Discard an entry, and those behind it on its case."""
        self._take_back(self._chosen(rest), "discard")

    def _take_back(self, place: InLine, word: str) -> None:
        entry = place.entry
        title = f"{word} {entry.type}"
        if settling.asks_first(word, place) and not self._confirmed(
            title, place, settling.taken_facts(place)
        ):
            return
        work = self.desk.undo if word == "undo" else self.desk.discard
        words, role = settling.taken_back(word, entry, work(entry.key))
        self.say(words, role)
        self.session.touched(entry.case_id)

    def _confirmed(self, title: str, place: InLine, facts: list[str]) -> bool:
        if self.session.confirm(title, place.name, place.requester, facts):
            return True
        self.say("Not confirmed: it stays as it was.", "warning")
        return False

    def do_outbox_retry(self, rest: str) -> None:
        """Send an entry now, or confirm what waited long."""
        place = self._chosen(rest)
        entry = place.entry
        if entry.state == "changed":
            raise UsageError("The case changed: compare says how, and settles it.")
        if place.head is not None:
            raise UsageError(f"It goes behind entry {place.head.seq}: that one comes first.")
        now_ms = self.desk.now_ms()
        if settling.waited_long(entry, self._policy(), now_ms):
            facts = settling.retry_facts(place, now_ms)
            if not self._confirmed(f"send {entry.type}", place, facts):
                return
        self.desk.retry(entry.key)
        when = "now" if self.session.online else "when the connection is back"
        self.say(f"{entry.type}: goes {when}.")
        self.session.touched(entry.case_id)

    def do_outbox_open(self, rest: str) -> None:
        """Compare what came back as changed; for all others go to the case."""
        place = self._chosen(rest)
        if place.entry.state == "changed":
            self.session.go_to(Comparing(self.session, place))
        else:
            to_case(self.session, place.entry.case_id)

    def do_outbox_compare(self, rest: str) -> None:
        """Compare what was seen, what is now and what was decided."""
        self.session.go_to(Comparing(self.session, self._chosen(rest)))


class Comparing(Place):
    """What changed meanwhile, beside what was decided, and three ways to settle it."""

    contexts = ("compare", "global")
    name = "compare"

    def __init__(self, session: Session, place: InLine) -> None:
        super().__init__(session)
        self._place = place
        self._read = settling.read_comparison(self.desk, place)

    def enter(self) -> None:
        """Say what differs, what was decided, and how it is settled."""
        self.word_list("")

    def word_list(self, _rest: str) -> None:
        """what differs, once more"""
        self._read = settling.read_comparison(self.desk, self._place)
        self.session.say_long(self._lines())

    def _lines(self) -> Iterator[str]:
        entry, read = self._place.entry, self._read
        yield f"compare: {entry.type} on {self._place.name}, {self._place.requester}"
        if read.missing:
            yield f"warning: {read.missing}"
        differences = read.differences or []
        for difference in differences:
            yield from _difference(difference)
        if differences and not any(one.changed for one in differences):
            yield "Nothing that a decision stands on changed."
        yield "decided, whole:"
        yield from (line.strip() for line in decided_words(read.chain, read.policy))
        if entry.state != "changed":
            yield "It did not come back; this only shows how it stands."
            return
        yield "keep: stand by it, recorded anew on the present case"
        yield "redo: drop it, and begin afresh on the present case"
        yield "drop: drop it"
        behind = len(read.chain) - 1
        if behind:
            yield f"warning: {behind} recorded after it on this case go the same way."

    def situation(self) -> Situation:
        """Return what commands can know here."""
        return Situation(
            row=self._row(), me=self.session.me, online=self.session.online, has_policy=True
        )

    def _row(self) -> CaseRow | None:
        return self._place.row

    def _check(self) -> None:
        if self._place.entry.state != "changed":
            raise UsageError("It did not come back: there is nothing to settle.")

    def do_compare_keep(self, _rest: str) -> None:
        """Stand by it: record the same anew on the present case."""
        self._check()
        place = self._place
        facts = [f"{one.type:<11}{says(one)}" for one in self._read.chain]
        facts.append("you        have seen what changed, and stand by this")
        title = f"stand by {place.entry.type}"
        if not self.session.confirm(title, place.name, place.requester, facts):
            self.say("Not confirmed: it stays as it was.", "warning")
            return
        try:
            self.desk.keep(place.entry.key)
        except RefusedByPolicy as refusal:
            self.session.refuse(refusal)
            self.say("Nothing was lost: it stays as it was.")
            return
        self.say("Recorded anew on the present case.")
        self._done()

    def do_compare_redo(self, _rest: str) -> None:
        """Drop it and do it afresh on the present case."""
        if self._dropped("drop it and begin afresh"):
            entry = self._place.entry
            to_case(self.session, entry.case_id, then=settling.command_for(entry.type))

    def do_compare_drop(self, _rest: str) -> None:
        """Drop it."""
        if self._dropped("drop it"):
            self._done()

    def _dropped(self, title: str) -> bool:
        self._check()
        place, chain = self._place, self._read.chain
        if len(chain) > 1:
            facts = [f"{one.type}  {says(one)}" for one in chain]
            if not self.session.confirm(title, place.name, place.requester, facts):
                self.say("Not confirmed: it stays as it was.", "warning")
                return False
        self.desk.discard(place.entry.key)
        self.say("Dropped. Nothing of it was applied.")
        return True

    def do_undo(self, _rest: str) -> None:
        """Take nothing back here: there are three ways to settle it."""
        self.say("Here it is settled: keep, redo or drop.")

    def _done(self) -> None:
        self.session.touched(self._place.entry.case_id)
        self.session.leave_place()


def to_case(session: Session, case_id: str, *, then: str = "") -> None:
    """Leave for the desk with this case at hand; there, run a command on it."""
    from console.linear.desk import DeskPlace

    desk = session.to_desk()
    assert isinstance(desk, DeskPlace)
    desk.open(case_id, then=then)


def _difference(difference: Difference) -> Iterator[str]:
    mark = " (both changed it)" if difference.conflicting else ""
    yield f"differs: {difference.label}{mark}"
    for title, text in (
        ("seen", difference.seen),
        ("now", difference.now),
        ("decided", difference.decided),
    ):
        if text != NOTHING:
            first, *others = text.split("\n")
            yield f"{title}: {first}"
            yield from others
