"""Question after question: what is asked, what may be answered, what stands against it.

The questions are those of `console.composing`; which are asked follows from the answers so far.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from console.composing.forms import Field, Option
from console.errors import NightdeskError
from console.linear.editor import edit
from console.linear.idle import Idle
from console.linear.names import numbered
from console.linear.session import Session
from console.linear.talk import Cancelled
from console.linear.terminal import Ended

Answer = str | tuple[str, ...]
FEW: Final = 12
"""So many answers are said with the question; of more, `?` says all."""
_END: Final = "."
_HELP: Final = (
    "empty keeps what is there, - leaves it empty, back goes to the question before, "
    "cancel leaves without recording; a backslash in front takes any word as it is."
)


class Back(Exception):
    """To the question before."""


class Standing(NamedTuple):
    """What stands against the answers so far, and what they would do."""

    beside: Mapping[str, str]
    """By question."""
    whole: Sequence[str]
    told: Sequence[str] = ()


class Questions:
    """Asks fields one after the other, and lets one go back, change and look before recording."""

    def __init__(
        self,
        session: Session,
        fields: Sequence[Field],
        judge: Callable[[Mapping[str, Answer]], Standing],
        *,
        values: Mapping[str, Answer] | None = None,
        keep: Callable[[Mapping[str, Answer]], None] = lambda _values: None,
        extra: Mapping[str, Callable[[], None]] | None = None,
        done: str = "record",
    ) -> None:
        self.session = session
        self.fields = fields
        self.values: dict[str, Answer] = {each.name: each.initial for each in fields}
        self.values.update(values or {})
        self._judge = judge
        self._keep = keep
        self._extra = extra or {}
        self._done = done
        self._told: set[str] = set()
        self._touched: set[str] = set()

    # --- Asking -----------------------------------------------------------------------------

    def asked(self) -> list[Field]:
        """Return the questions that are asked as the answers stand."""
        return [each for each in self.fields if each.shown(self.values)]

    def ask_from(self, name: str | None = None) -> None:
        """Ask from a question on, the first unless told, to the last.

        Raises:
            Cancelled: where it was left.
        """
        at = name
        while (field := self._field_at(at)) is not None:
            try:
                self.ask_one(field)
            except Back:
                at = self._before(field).name
                continue
            at = self._after(field)
            if at is None:
                return

    def _field_at(self, name: str | None) -> Field | None:
        asked = self.asked()
        if name is None:
            return asked[0] if asked else None
        return next((each for each in asked if each.name == name), None)

    def _before(self, field: Field) -> Field:
        asked = self.asked()
        at = _place_of(field, asked)
        if at == 0:
            self.session.say("This is the first question.")
        return asked[max(0, at - 1)]

    def _after(self, field: Field) -> str | None:
        known = [each.name for each in self.fields]
        later = known[known.index(field.name) + 1 :]
        return next((each.name for each in self.asked() if each.name in later), None)

    def ask_one(self, field: Field) -> None:
        """Ask one question, until it is answered with something that can be taken."""
        asked = self.asked()
        number = _place_of(field, asked) + 1
        self.session.say(f"question {number} of {len(asked)}: {field.label}")
        if field.help:
            self.session.say(f"help: {field.help}")
        if field.options and len(field.options) <= FEW:
            self._say_options(field)
        elif field.options:
            self.session.say(f"{len(field.options)} answers: ? says them; or type a part of one.")
        if field.kind == "text":
            self.session.say("Type lines; one with only a dot ends. edit opens your editor.")
        now = shown_answer(field, self.values.get(field.name, ""))
        if now:
            self.session.say(f"now: {now}")
        while not self._take(field):
            pass
        self._touched.add(field.name)
        self._keep(self.values)
        self._say_standing(field)

    def _take(self, field: Field) -> bool:
        typed = self.session.ask("answer")
        text = typed.text.strip()
        if not typed.by_hand:
            if field.kind == "text":
                return self._take_text(field, typed.text, by_hand=False)
            self.session.say(
                "Several lines came at once, as a paste does; none is an answer. Answer again.",
                "warning",
            )
            return False
        match text.casefold():
            case "?":
                self._explain(field)
                return False
            case "back" | "<":
                raise Back
            case "cancel":
                raise Cancelled
            case "-":
                self.values[field.name] = () if field.kind == "many" else ""
                return True
            case "":
                return True
            case _:
                pass
        if field.kind == "text":
            return self._take_text(field, typed.text, by_hand=True)
        try:
            self.values[field.name] = taken(field, text.removeprefix("\\"))
        except NotAnAnswer as wrong:
            self.session.say(str(wrong), "error")
            return False
        return True

    def _take_text(self, field: Field, first: str, *, by_hand: bool) -> bool:
        if by_hand and first.strip().casefold() == "edit":
            return self._edit(field)
        if by_hand and first.strip() == _END:
            return True
        lines = [first.removeprefix("\\")]
        try:
            while True:
                typed = self.session.more_of_it("line")
                # A dot that came with a paste is part of the text: a hand ends it.
                if typed.by_hand and typed.text.strip() == _END:
                    break
                lines.append(typed.text)
        except (Idle, Ended, KeyboardInterrupt):
            self._keep({**self.values, field.name: "\n".join(lines)})
            raise
        self.values[field.name] = "\n".join(lines)
        self.session.say(f"taken: {len(lines)} {'line' if len(lines) == 1 else 'lines'}")
        return True

    def _edit(self, field: Field) -> bool:
        before = self.values.get(field.name, "")
        try:
            text = edit(self.session.desk, None, before if isinstance(before, str) else "")
        except NightdeskError as error:
            self.session.say(str(error), "error")
            return False
        if text is not None:
            self.values[field.name] = text
            self.session.say(f"taken: {len(text.splitlines())} lines")
        return True

    # --- Saying -----------------------------------------------------------------------------

    def _explain(self, field: Field) -> None:
        if field.options:
            self._say_options(field)
        if field.kind == "many":
            self.session.say("Several may be named, with commas between; they replace those there.")
        if field.kind == "when":
            self.session.say("A time: +2h, +90d, 14:30 or 2026-11-24 09:00 (UTC).")
        self.session.say(f"help: {_HELP}")

    def _say_options(self, field: Field) -> None:
        for mark, option in marked(field.options):
            note = f", {option.note}" if option.note else ""
            cannot = f" NOT POSSIBLE: {option.unavailable}" if option.unavailable else ""
            label = " ".join(option.label.split())
            self.session.say(f"{mark}: {label}{note}{cannot}")

    def _say_standing(self, field: Field) -> None:
        standing = self._judge(self.values)
        names = [each.name for each in self.asked()]
        found = standing.beside.get(field.name)
        if found:
            self.session.say(f"finding: {found}")
        for name, detail in standing.beside.items():
            if name in self._touched and name != field.name and detail not in self._told:
                label = next((each.label for each in self.fields if each.name == name), name)
                self.session.say(f"finding on {label}: {detail}" if name in names else detail)
                self._told.add(detail)
        for line in standing.told:
            if line not in self._told:
                self.session.say(line)
                self._told.add(line)

    # --- Looking at the whole ---------------------------------------------------------------

    def review(self) -> None:
        """Say all answers and what stands against them; return once it is to be recorded.

        Raises:
            Cancelled: where it was left.
        """
        self._say_whole()
        while True:
            typed = self.session.ask(f"{self._done}, number, back or cancel")
            word = typed.text.strip().casefold()
            asked = self.asked()
            if not word:
                continue
            if not typed.by_hand:
                self.session.say("This came in a burst, as a paste does; NOT done.", "warning")
            elif word in (self._done, "record it", "form.submit", "ctrl+s"):
                if not self._in_the_way():
                    return
            elif word in ("cancel", "form.cancel", "escape", "q"):
                raise Cancelled
            elif word in self._extra:
                self._extra[word]()
            elif word in ("back", "<") and asked:
                self._again(asked[-1])
            elif (number := numbered(word, len(asked))) is not None:
                self._again(asked[number - 1])
            elif word in ("?", "help"):
                words = ", ".join((self._done, "a number", "back", "cancel", *self._extra))
                self.session.say(f"help: {words}; a number asks that question again.")
            else:
                self.session.say(f"{self._done}, a number, back or cancel.", "error")

    def _again(self, field: Field) -> None:
        answered = {each.name for each in self.asked()}
        try:
            self.ask_one(field)
        except Back:
            self._again(self._before(field))
            return
        with contextlib.suppress(Back):
            # An answer may bring questions that nobody answered yet, and so may theirs.
            while fresh := [each for each in self.asked() if each.name not in answered]:
                answered.add(fresh[0].name)
                self.ask_one(fresh[0])
        self._say_whole()

    def _say_whole(self) -> None:
        self.session.say("review: what is filled in")
        for number, field in enumerate(self.asked(), 1):
            value = shown_answer(field, self.values.get(field.name, "")) or "empty"
            self.session.say(f"{number}: {field.label}: {value}")
        standing = self._judge(self.values)
        for line in standing.told:
            self.session.say(line)
        self._say_findings(standing)

    def _say_findings(self, standing: Standing) -> bool:
        labels = {each.name: each.label for each in self.fields}
        for name, detail in standing.beside.items():
            self.session.say(f"finding on {labels.get(name, name)}: {detail}")
        for detail in standing.whole:
            self.session.say(f"finding: {detail}")
        return bool(standing.beside or standing.whole)

    def _in_the_way(self) -> bool:
        if not self._say_findings(self._judge(self.values)):
            return False
        self.session.say("Not recorded yet: see the findings.", "error")
        return True


def _place_of(field: Field, asked: Sequence[Field]) -> int:
    """Return where a question stands; by its name, since questions may be made anew meanwhile."""
    return [each.name for each in asked].index(field.name)


# --- Answers ------------------------------------------------------------------------------------


class NotAnAnswer(ValueError):
    """What was typed is none of the answers."""


def marked(options: Sequence[Option]) -> list[tuple[str, Option]]:
    """Return options with what is typed for each: its key, or its number where it has none."""
    digits = any(option.key.isdigit() for option in options)
    return [
        (option.key or (option.value if digits else str(number)), option)
        for number, option in enumerate(options, 1)
    ]


def taken(field: Field, text: str) -> Answer:
    """Return what was typed as an answer.

    Raises:
        NotAnAnswer: with what is wrong.
    """
    if field.kind == "many":
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return tuple(dict.fromkeys(_picked(field, part).value for part in parts))
    return _picked(field, text).value if field.kind == "choice" else text


def _picked(field: Field, text: str) -> Option:
    found = _fitting(field.options, text)
    if not found:
        raise NotAnAnswer(f"{text} is none of the answers; ? says them.")
    if len(found) > 1:
        few = ", ".join(" ".join(option.label.split()) for option in found[:4])
        raise NotAnAnswer(f"{len(found)} answers have that: {few}. Type more of one.")
    if found[0].unavailable:
        raise NotAnAnswer(f"{found[0].label.strip()}: not possible: {found[0].unavailable}")
    return found[0]


def _fitting(options: Sequence[Option], text: str) -> list[Option]:
    by_mark = [option for mark, option in marked(options) if mark == text]
    if by_mark:
        return by_mark
    wanted = " ".join(text.casefold().split())
    exact = [one for one in options if wanted in (one.value.casefold(), _plain(one))]
    if exact:
        return exact[:1]
    first = [one for one in options if _plain(one).startswith(wanted)]
    if len(first) == 1:
        return first
    return [one for one in options if wanted in _plain(one) or wanted in one.value.casefold()]


def _plain(option: Option) -> str:
    return " ".join(option.label.casefold().split())


def shown_answer(field: Field, value: Answer) -> str:
    """Tell an answer in words; a long text by its lines."""
    if isinstance(value, tuple):
        return ", ".join(_label(field, one) for one in value)
    if not value:
        return ""
    if field.kind == "text":
        lines = value.splitlines()
        return lines[0] if len(lines) == 1 else f"{lines[0]} (and {len(lines) - 1} more lines)"
    return _label(field, value)


def _label(field: Field, value: str) -> str:
    option = next((one for one in field.options if one.value == value), None)
    return value if option is None else " ".join(option.label.split())
