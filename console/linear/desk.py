"""The desk in lines: the list, a case by sections, and what can be done to it."""

from collections.abc import Iterator

from console.casework import actions
from console.commands import Command, Situation
from console.composing.claims import wants_renewal
from console.desk.place import Whereabouts
from console.errors import UsageError
from console.linear.deeds import Deeds
from console.linear.listing import ORDERS
from console.linear.names import numbered
from console.linear.reading import ABOUT, Section, named, plain, sections_of
from console.linear.session import Doer, Session
from console.wording import MASKED_FROM
from console.words.case import case_lines
from console.words.row import name_of, requester_of, spoken_due
from local_cache.cases import CaseRow


class DeskPlace(Deeds):
    """The list and the case at hand. What is done is done to the case that the prompt names."""

    contexts = ("case", "desk", "move", "global")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._sections: list[Section] = []
        self._read = 0
        """The section that `read` reads next."""
        self._revealed = ""
        """The case whose covered text was asked for; on the next one it is covered again."""
        self._found: list[str] = []

    @property
    def prompt(self) -> str:
        """Our reference of the case at hand; how many are marked: those are acted on instead."""
        name = self.name if self.view is None else name_of(self.view.row)
        return f"{name}, {len(self.marks):,} marked" if self.marks else name

    def whereabouts(self) -> Whereabouts:
        """Return the list and the case at hand."""
        at_hand = "" if self.view is None else self.view.id
        return Whereabouts(
            self.filter, self.sort, self.descending, case_id=at_hand, marked=self.marks.ids
        )

    def come_back(self, where: Whereabouts | None) -> None:
        """Say the list as it was, and take the same case at hand."""
        if where is not None:
            self.filter, self.sort, self.descending = where.filter, where.sort, where.descending
            self.marks.add(where.marked)
        self.word_list("")
        if where is not None and where.case_id:
            self.do_case_open(where.case_id)

    def in_reach(self) -> tuple[str, ...]:
        """Return the contexts: a case's own keys come first while one is at hand."""
        return self.contexts if self.view is not None else self.contexts[1:]

    def situation(self) -> Situation:
        """Return what commands can know: the case at hand, and whether we are online."""
        with self.desk.cache.read() as tables:
            row = None if self.view is None else tables.cases.row_of(self.view.id)
            has_policy = tables.policies.current() is not None
        return Situation(
            row=row,
            view=self.view,
            me=self.session.me,
            online=self.session.online,
            has_policy=has_policy,
            now_ms=self.session.now_ms(),
            marked=len(self.marks),
        )

    def touched(self, case_id: str) -> None:
        """Read the case at hand anew where something was recorded on it."""
        if self.view is not None and self.view.id == case_id:
            self._look(case_id)

    # --- The case ---------------------------------------------------------------------------

    def do_case_open(self, rest: str) -> None:
        """Open a case by its number in the list, its reference or its id."""
        number = numbered(rest)
        if number is not None:
            self.number(number)
        elif rest:
            self.open(self.desk.find(rest))
            self.at = self.place_of(self._row())
        elif self.view is not None:
            self.open(self.view.id)
        else:
            self.number(1)

    def open(self, case_id: str, *, then: str = "") -> None:
        """Take a case at hand and say what is most pressing; then run a command on it."""
        if self._revealed != case_id:
            self._revealed = ""
        self._look(case_id)
        self._read = 1
        self._found = []
        self.desk.viewed(case_id, by="lines")
        row = self._row()
        self.say(
            f"case: {name_of(row)}, {requester_of(row)}, {spoken_due(row, self.session.now_ms())}"
        )
        self.session.terminal.say(*self._lines(self._sections[:1]))
        self._say_clocks()
        names = ", ".join(plain(one.name) for one in self._sections[1:])
        if names:
            self.say(f"sections: {names}")
            self.say("read reads the next section; read and a name that one; read all everything.")
        if then:
            self.session.run_named(then)

    def _say_clocks(self) -> None:
        for number, section in enumerate(self._sections):
            if plain(section.name) == "clocks":
                self.session.terminal.say(*self._lines([section]))
                self._read = number + 1

    def _row(self) -> CaseRow:
        assert self.view is not None
        return self.view.row

    def _look(self, case_id: str) -> None:
        self.view = self.desk.case(case_id)
        with self.desk.cache.read() as tables:
            policy = tables.policies.current()
        related = self.desk.related(case_id)
        told = case_lines(self.view, self.session.server_now(), policy, related)
        self._sections = sections_of(told)

    def _lines(self, sections: list[Section]) -> Iterator[str]:
        revealed = self.view is not None and self._revealed == self.view.id
        for section in sections:
            if section.name != ABOUT:
                yield f"section: {section.name}"
            yield from section.spoken(revealed=revealed)

    def word_read(self, rest: str) -> None:
        """the next section of the case; with a name that section; all: everything"""
        if self.view is None:
            raise UsageError("No case is at hand: list, then a number.")
        self._look(self.view.id)
        if rest:
            wanted = named(self._sections, rest)
        elif self._read < len(self._sections):
            wanted = [self._sections[self._read]]
        else:
            self.say("That was the last section.")
            self._read = 1
            return
        self._read = self._sections.index(wanted[-1]) + 1
        self.session.say_long(self._lines(wanted))

    def word_sections(self, _rest: str) -> None:
        """the sections of the case, and how many lines each has"""
        if self.view is None:
            raise UsageError("No case is at hand: list, then a number.")
        for section in self._sections:
            count = len(list(section.spoken(revealed=self._revealed == self.view.id)))
            self.say(f"{plain(section.name)}: {count} {'line' if count == 1 else 'lines'}")

    def do_text_reveal(self, _rest: str) -> None:
        """Uncover what is covered, or cover it again; the audit chain has it."""
        view = self.view
        if view is None or view.case is None or (view.case.graphic_level or 0) < MASKED_FROM:
            self.say("Nothing is covered in this case.")
        elif self._revealed == view.id:
            self._revealed = ""
            self.say("covered: it is covered again; what was read stays above.")
        else:
            self.desk.note_in_audit("reveal", view.id, {})
            self._revealed = view.id
            self.say("revealed: read says it now; the audit chain has that you asked.")

    def do_case_search(self, rest: str) -> None:
        """Search in the case; in the list, filter it."""
        if self.view is None:
            self.do_queue_filter(rest)
            return
        words = rest or self.session.ask("search").text.strip()
        if not words:
            return
        found = [
            line for line in self._lines(self._sections) if words.casefold() in line.casefold()
        ]
        self.say(f"found: {len(found)} {'line' if len(found) == 1 else 'lines'}")
        self.session.say_long(found)

    def goes_back(self) -> bool:
        """Leave the case for the list; leave the list nowhere."""
        if self.view is None:
            return True
        self.view, self._sections = None, []
        self._revealed = ""
        self.say("Back in: the list. list says it.")
        return False

    # --- What is done to it -----------------------------------------------------------------

    def doer(self, command: Command) -> Doer | None:
        """Return what does a command; those with a form are filled in."""
        group, _, name = command.id.partition(".")
        if group == "view":
            return lambda _rest: self.word_view(name)
        if group == "sort" and name in ORDERS:
            return lambda _rest: self.do_queue_sort(name)
        return super().doer(command)

    def renew_claim(self) -> None:
        """Renew our own claim on the case at hand, when half of it is over; from any thread."""
        view, now = self.view, self.session.server_now()
        if view is None or not self.session.online:
            return
        with self.desk.cache.read() as tables:
            policy = tables.policies.current()
        if policy is not None and wants_renewal(view.case, self.session.me, now, policy):
            self.desk.act(view.id, actions.Claim())
            if self.view is view:
                self.view = self.desk.case(view.id)
