"""What is typed goes to the place in front, which says what it did."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from console.commands import COMMANDS, By, Command, Danger, Situation
from console.commands.lines import LINES
from console.commands.repeating import Last
from console.desk import Desk, RefusedByPolicy
from console.desk.place import Whereabouts, keep
from console.desk.together import Together
from console.errors import NightdeskError, UsageError
from console.linear.idle import Idle
from console.linear.names import Meant, NotMeant, keys_of, meaning, numbered, reachable
from console.linear.news import News, standing_lines
from console.linear.talk import Cancelled, Talk
from console.linear.terminal import Ended, Terminal, Typed
from console.profiles.opening import silent_for
from console.profiles.unlocking import Opener
from console.words import many, settling
from console.words.locked import idle_for
from console.words.outbox import placed, undelivered
from local_cache.cases import CaseRow
from local_cache.entries import Entry
from local_cache.errors import CacheError

Practice = Callable[[str], None]
"""Tells the practice server what to do; there is none on a real desk."""
Doer = Callable[[str], None]
"""Does a command; it gets what was typed behind its name."""

SECONDS_TO_DELIVER: Final = 5.0
_GOES: Final = ("pending", "sending")
_BURST: Final = (
    "this line came together with others, as a paste or a script does; it was NOT done. "
    "Type it by itself, at its prompt."
)
_REVEALS: Final = ("text.reveal",)
_SILENT: Final = "The server was not heard of for longer than the policy allows."
_NOT_DELIVERED: Final = "There is no connection: it is kept here, NOT delivered."


class Place:
    """Where one is: the desk, the outbox, a letter. It has words of its own, and commands.

    A word is a method `word_<word>(rest)`, a command `do_<id>(rest)`; the first line of the
    docstring of a word is its help.
    """

    contexts: tuple[str, ...] = ("global",)
    """The contexts of the keymap that apply here, the most specific first."""
    name = "desk"

    def __init__(self, session: "Session") -> None:
        self.session = session
        self.say = session.say
        self.desk = session.desk

    @property
    def prompt(self) -> str:
        """What stands before what is typed."""
        return self.name

    def in_reach(self) -> tuple[str, ...]:
        """Return the contexts that apply just now."""
        return self.contexts

    def enter(self) -> None:
        """Say where one is now; called when the place comes to the front."""

    def situation(self) -> Situation:
        """Return what commands can know here."""
        return Situation(me=self.session.me, online=self.session.online)

    def words(self) -> dict[str, str]:
        """Return the words of this place, each with its help."""
        kinds = reversed(type(self).__mro__)
        names = dict.fromkeys(name for kind in kinds for name in vars(kind))
        own = [name for name in names if name.startswith("word_")]
        return {
            name.removeprefix("word_"): (getattr(self, name).__doc__ or "").partition("\n")[0]
            for name in own
        }

    def doer(self, command: Command) -> Doer | None:
        """Return what does a command here, None where nothing does."""
        return getattr(self, command.method, None)

    def number(self, number: int) -> None:  # noqa: ARG002 - a number means something in lists
        """Take a number that was typed alone."""
        raise UsageError("There is no numbered list here.")

    def goes_back(self) -> bool:
        """Do what `back` does here; return whether the place itself is to be left."""
        return True

    def whereabouts(self) -> Whereabouts | None:
        """Return where one comes back to once it was locked."""
        return None

    def left(self) -> None:
        """Keep what is being written; called when the place is left, however that comes."""

    def touched(self, case_id: str) -> None:
        """Something was recorded or taken back on a case."""


class Session(Talk):
    """One specialist at one terminal: places, one on top of the other, and what all of them use."""

    def __init__(
        self,
        desk: Desk,
        terminal: Terminal,
        news: News,
        *,
        practice: Practice | None,
        opener: Opener,
    ) -> None:
        super().__init__(terminal, news)
        self.desk = desk
        self.me = desk.profile.specialist_id
        self._practice = practice
        self._opener = opener
        self._places: list[Place] = []
        self._by_hand = False
        """Whether the line that is being run was typed by a hand."""
        self.leaving = False
        self.locked = False
        """Whether it is left to be opened again."""
        self.why_locked = ""
        """Why, where nobody asked for it."""
        self.last: Last | None = None
        """What was recorded last, for `repeat`."""
        self._recordings = 0
        """How often something was recorded; a macro goes on where its step did."""
        self._together: Together | None = None
        """What was recorded on many cases last: it is taken back as one."""
        self._told_lost: tuple[str, ...] = ()
        """What was named as lost when somebody wanted to quit."""

    # --- Places -----------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """The place in front."""
        return self._places[-1]

    def go_to(self, place: Place) -> None:
        """Put a place in front."""
        self._places.append(place)
        place.enter()

    def leave_place(self) -> None:
        """Leave the place in front for the one behind it."""
        if len(self._places) > 1:
            self._places.pop().left()
            self.say(f"Back in: {self.place.name}.")

    def to_desk(self) -> Place:
        """Leave every place but the first."""
        while len(self._places) > 1:
            self.leave_place()
        return self.place

    # --- What was recorded ------------------------------------------------------------------

    def recorded(self, entry: Entry, row: CaseRow | None, last: Last) -> None:
        """Say that something is recorded, honestly where it cannot go; `last` may be repeated."""
        self.last = last
        self._recordings += entry.state not in ("returned", "changed")
        words, role = settling.recorded(entry, "undo", self.desk.now_ms())
        self.say(words, role)
        if entry.state == "accepted":
            self.news.told(entry.key)
        if entry.state not in ("accepted", "returned") and self.news.standing.online is False:
            self.say(_NOT_DELIVERED, "warning")
            with self.desk.cache.read() as tables:
                policy = tables.policies.current()
            said = settling.not_reached(row, policy, self.now_ms())
            if said:
                self.say(said, "error")
        self.touched(entry.case_id)

    def recorded_together(self, work: Together, case_ids: Iterable[str]) -> None:
        """Say on how many cases something was recorded; `undo` takes it back as one."""
        self._together = work
        self._recordings += bool(work.recorded)
        self.say(*many.outcome(work, "undo"))
        if work.sent:
            for key in work.recorded:
                self.news.told(key)
        elif work.recorded and self.news.standing.online is False:
            self.say(_NOT_DELIVERED, "warning")
        for case_id in case_ids:
            self.touched(case_id)

    def touched(self, case_id: str) -> None:
        """Have every place know that something was recorded or taken back."""
        for place in self._places:
            place.touched(case_id)

    # --- The loop ---------------------------------------------------------------------------

    def run(self) -> None:
        """Take lines until it is left."""
        while not self.leaving:
            try:
                if self._silent():
                    self._lock_or_leave()
                    continue
                typed = self.ask(self.place.prompt, remember=True)
                self.run_line(typed)
            except KeyboardInterrupt:
                self.terminal.say("")
                self.say("Stopped; nothing was recorded by it. To leave: quit")
            except Idle as idle:
                self.terminal.say("")
                self.why_locked = idle_for(idle.span)
                self.attempt(lambda: self.do_lock(""))
            except Ended:
                self.leave()

    def _silent(self) -> bool:
        """Tell whether the server was not heard of for longer than the policy allows."""
        try:
            return silent_for(self.desk) is not None
        except CacheError:
            return False  # what keeps it from being read is told with the news

    def _lock_or_leave(self) -> None:
        self.why_locked = _SILENT
        if self.attempt(lambda: self.do_lock("")):
            return
        self.say(_SILENT, "error")
        self.leave()

    def run_line(self, typed: Typed) -> None:
        """Do what a line means; what goes wrong is told."""
        if typed.text.strip():
            self.attempt(lambda: self._run(typed))

    def attempt(self, work: Callable[[], None]) -> bool:
        """Do something; say what went wrong. Return whether nothing did."""
        try:
            work()
        except NotMeant as unknown:
            self.say(str(unknown), "error")
        except Cancelled:
            self.say("Left. Nothing was recorded.")
        except RefusedByPolicy as refusal:
            self.refuse(refusal)
        except (NightdeskError, CacheError) as error:
            for line in str(error).splitlines():
                self.say(line, "error")
        else:
            return True
        return False

    def _run(self, typed: Typed) -> None:
        place, text = self.place, typed.text.strip()
        self._by_hand = typed.by_hand
        number = numbered(text)
        if number is not None:
            place.number(number)
            return
        meant = meaning(text, [*place.words(), *self._own()], place.in_reach())
        if meant.word:
            self._word(meant)
        elif meant.command is not None:
            self.run_command(meant.command, meant.rest)

    def _own(self) -> dict[str, str]:
        own = {"where": "how things stand", "more": "reads on", "alarms": "what rings"}
        own["macro"] = "runs a macro of your own; alone it says which there are"
        return own | ({"practice": LINES["practice"].takes} if self._practice else {})

    def _word(self, meant: Meant) -> None:
        doer = getattr(self.place, f"word_{meant.word}", None)
        if doer is not None:
            doer(meant.rest)
            return
        match meant.word:
            case "where":
                self.where()
            case "alarms":
                self.tell_alarms()
            case "macro":
                self._macro_named(meant.rest)
            case "practice" if self._practice is not None:
                self.only_by_hand()
                self._practice(meant.rest)
                self.say(f"practice: {meant.rest}")
            case _:
                self.more()

    def run_named(self, name: str, *, by: By = By.HAND) -> None:
        """Run a command by its id."""
        self.run_command(COMMANDS[name], by=by)

    def run_command(self, command: Command, rest: str = "", *, by: By = By.HAND) -> None:
        """Run a command, or say why it cannot run now."""
        against = self._against(command, by)
        doer = self._doer(command)
        if against or doer is None:
            self.say(f"{command.title}{against}.", "error")
            return
        if command.danger is not Danger.MOVES or command.id in _REVEALS:
            self.only_by_hand()
        doer(rest)

    def _doer(self, command: Command) -> Doer | None:
        if command.macro:
            return lambda _rest: self._run_macro(command)
        return self.place.doer(command) or getattr(self, command.method, None)

    def _against(self, command: Command, by: By) -> str:
        """Say why a command cannot run now, in words that go on from its title; else nothing."""
        if self._doer(command) is None:
            moves = command.danger is Danger.MOVES
            why = "it only moves what a screen shows" if moves else "go to the desk, or the outbox"
            return f": not here: {why}"
        refused = command.refuses(by)
        if refused is not None:
            return f" {refused}"
        reason = command.blocked(self.place.situation())
        return "" if reason is None else f": {reason}"

    def only_by_hand(self) -> None:
        """Refuse a line that no hand typed.

        Raises:
            UsageError: where it came in a burst.
        """
        if not self._by_hand:
            raise UsageError(_BURST)

    # --- Macros -----------------------------------------------------------------------------

    def _macro_named(self, name: str) -> None:
        macros = {each.id.partition(".")[2]: each for each in COMMANDS.values() if each.macro}
        if name in macros:
            self.run_command(macros[name])
            return
        for each, macro in macros.items():
            self.say(f"macro {each}: {macro.title}: {', '.join(macro.runs) or 'cannot be run'}")
        if not macros:
            self.say("There is no macro yet: macros.toml")
        if name:
            raise UsageError(f"No macro {name}.")

    def _run_macro(self, macro: Command) -> None:
        """Run the commands of a macro, one after the other, until one cannot run."""
        for number, name in enumerate(macro.runs, 1):
            step = COMMANDS[name]
            stopped = self._run_step(step)
            if stopped:
                where = f"{number} of {len(macro.runs)}, {step.title}"
                self.say(f"{macro.title} stopped at {where}{stopped}.", "warning")
                return
            if self.leaving:
                return
        self.say(f"{macro.title}: all {len(macro.runs)} done.")

    def _run_step(self, step: Command) -> str:
        """Run a command of a macro; say why the macro stops there, nothing where it goes on."""
        against = self._against(step, By.MACRO)
        if against:
            return against
        before = self._recordings
        try:
            done = self.attempt(lambda: self.run_command(step, by=By.MACRO))
        except KeyboardInterrupt:  # what was recorded before it stays, which is to be said
            self.terminal.say("")
            return ": by ctrl+c"
        if step.danger is not Danger.MOVES and self._recordings == before:
            return ": nothing was recorded"
        return "" if done else ": it was not done"

    # --- What can be asked everywhere -------------------------------------------------------

    def where(self) -> None:
        """Say how things stand: the place, connection, what is unsent, the next clock."""
        self.news.look()
        self.say(f"where: {self.place.prompt}")
        self.terminal.say(*standing_lines(self.news.standing, self.server_now()))
        waiting = len(self.news.foremost())
        if waiting:
            self.say(f"alarms: {waiting} not acknowledged; alarms says them")

    def tell_alarms(self) -> None:
        """Say what rings and was not acknowledged."""
        alarms = self.news.foremost()
        if not alarms:
            self.say("There is no alarm.")
        for alarm in alarms:
            self.say(f"alarm: {alarm.text}")

    def do_alarm_acknowledge(self, _rest: str) -> None:
        """Take the foremost alarm as seen."""
        alarms = self.news.foremost()
        if not alarms:
            self.say("There is no alarm.")
            return
        self.news.acknowledge(alarms[0].key)
        self.say(f"acknowledged: {alarms[0].text}")

    def do_help(self, rest: str) -> None:
        """Say what can be typed here; with a word, only what has it."""
        wanted = rest.casefold()
        self.say_long(line for line in self._help() if wanted in line.casefold())

    def _help(self) -> Iterator[str]:
        yield "help: what can be typed here: a word, an id, a title, or a key as in the keymap."
        for word, words in {**self.place.words(), **self._own()}.items():
            yield f"{word}: {words}"
        situation = self.place.situation()
        for command in reachable(self.place.in_reach()):
            if self._doer(command) is None:
                continue
            keys = ", ".join(keys_of(command, self.place.in_reach()))
            reason = command.blocked(situation)
            cannot = f" Not now: {reason}." if reason else ""
            yield f"{command.id}: {command.title}{f' ({keys})' if keys else ''}.{cannot}"

    def do_command_line(self, _rest: str) -> None:
        """Say that every prompt is one."""
        self.say("Every prompt takes commands: type one. help lists them.")

    def do_back(self, _rest: str) -> None:
        """Leave the place in front; the desk stays."""
        if not self.place.goes_back():
            return
        if len(self._places) > 1:
            self.leave_place()
        else:
            self.say("This is the desk. To leave: quit")

    def do_go_desk(self, _rest: str) -> None:
        """Go back to the desk."""
        self.to_desk()

    def do_go_outbox(self, _rest: str) -> None:
        """Go to the outbox."""
        from console.linear.outbox import Outbox

        self.to_desk()
        self.go_to(Outbox(self))

    def do_undo(self, _rest: str) -> None:
        """Take back the last thing recorded that was not sent."""
        last = settling.last_open(self.desk.outbox())
        if last is None:
            self.say(settling.NOTHING_TO_UNDO)
            return
        work = self._together
        if work is not None and last.key in work.recorded:
            taken, sent = self.desk.undo_together(work.recorded)
            self.say(*many.taken_back(work.word, len({each.case_id for each in taken}), sent))
        else:
            taken = self.desk.undo(last.key)
            self.say(*settling.taken_back("undo", last, taken))
        for case_id in {each.case_id for each in taken}:
            self.touched(case_id)

    # --- Locking and leaving ----------------------------------------------------------------

    def do_lock(self, _rest: str) -> None:
        """Lock: let go of every case, of key and token; what opens it is asked for."""
        if self._opener.by == "passphrase" and not self.terminal.is_tty:
            raise UsageError("Not locked: no passphrase can be typed here. quit leaves.")
        try:
            where = self.to_desk().whereabouts()
            if where is not None:
                self.desk.cache.write(lambda tables: keep(tables, where))
        except (NightdeskError, CacheError) as trouble:
            # To lock would lose what is being written: the one thing that it must not do.
            kept = f"Not locked: what you are writing could not be kept. {trouble}"
            raise UsageError(kept) from None
        self.locked = self.leaving = True

    do_seal = do_lock

    def do_quit(self, _rest: str) -> None:
        """Quit: end undo windows, try to deliver, and name what is not delivered."""
        self._deliver()
        lost = tuple(not_delivered(self.desk)) if self.desk.profile.memory_only else ()
        if lost and lost != self._told_lost:
            self._told_lost = lost
            for each in lost:
                self.say(each, "error")
            self.say("Memory only: that would be lost on leaving. quit again leaves all the same.")
            return
        self.leaving = True

    def leave(self) -> None:
        """Leave at the end of the input: nobody is there who could be asked."""
        self.leaving = True
        self._deliver()

    def _deliver(self) -> None:
        """Give what is recorded five seconds to go; what does not go is kept."""
        with contextlib.suppress(Ended, KeyboardInterrupt):
            self.desk.close_windows()
            places = placed(self.desk)
            if self.desk.online and any(place.entry.state in _GOES for place in places):
                self.say(
                    f"Delivering {len(places)} before leaving, {SECONDS_TO_DELIVER:.0f} s at most."
                )
                self.desk.sync.finish(SECONDS_TO_DELIVER)


def not_delivered(desk: Desk) -> Iterator[str]:
    """Name what is recorded and was not delivered."""
    what = "LOST, not delivered" if desk.profile.memory_only else "not delivered"
    for place in placed(desk):
        yield f"{what}: {' '.join(undelivered(place, desk.now_ms()).split())}"
