"""Picking one or several of a list: by key, by number, by typing a part of it, or by moving."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.message import Message

from local_cache.hostile import visible
from widgets.editing import Cut, Edit
from widgets.line_widget import LineWidget, Piece

_NUMBERED = 9
_MOVES: Final[dict[Edit, Callable[[int, int], int]]] = {
    "up": lambda cursor, _count: cursor - 1,
    "down": lambda cursor, _count: cursor + 1,
    "page_up": lambda cursor, _count: cursor - _NUMBERED,
    "page_down": lambda cursor, _count: cursor + _NUMBERED,
    "line_start": lambda _cursor, _count: 0,
    "text_start": lambda _cursor, _count: 0,
    "line_end": lambda _cursor, count: count - 1,
    "text_end": lambda _cursor, count: count - 1,
}
_KEYS: Final[dict[str, Edit]] = {
    "up": "up",
    "ctrl+p": "up",
    "down": "down",
    "ctrl+n": "down",
    "pageup": "page_up",
    "pagedown": "page_down",
    "home": "line_start",
    "end": "line_end",
    "backspace": "delete_left",
}
"""What keys do where no keymap says otherwise."""


@dataclass(frozen=True)
class Option:
    """Something to pick."""

    value: str
    label: str
    key: str = ""
    """A single character that picks it."""
    note: str = ""
    """Shown behind the label."""
    unavailable: str = ""
    """Why it cannot be picked; empty where it can."""


class Choice(LineWidget, can_focus=True):
    """A list to pick from. Keys that type belong to it while it has the focus."""

    takes_text: ClassVar[bool] = True

    class Picked(Message):
        """What is picked changed."""

        def __init__(self, choice: "Choice") -> None:
            super().__init__()
            self.choice = choice

    class Narrowed(Message):
        """What is typed to narrow the list changed."""

        def __init__(self, choice: "Choice") -> None:
            super().__init__()
            self.choice = choice

    class Refused(Message):
        """An option was to be picked that cannot be; `reason` says why."""

        def __init__(self, choice: "Choice", reason: str) -> None:
            super().__init__()
            self.choice = choice
            self.reason = reason

    class Finished(Message):
        """`enter`: go on to what comes next."""

        def __init__(self, choice: "Choice") -> None:
            super().__init__()
            self.choice = choice

    def __init__(
        self,
        options: Sequence[Option],
        *,
        many: bool = False,
        rows: int = 9,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.options = tuple(options)
        self.many = many
        self.narrowed: str = ""
        """What is typed to narrow the list."""
        self._most_rows = rows
        self._picked: list[str] = []
        self._matching = self.options
        self._cursor = 0
        self._first = 0
        self._pointed = False
        """Whether somebody moved to the option at the cursor, or typed a part of it."""
        self._take_height()

    @property
    def picked(self) -> tuple[str, ...]:
        """The values picked, in the order of the options."""
        return tuple(each.value for each in self.options if each.value in self._picked)

    def pick(self, values: Sequence[str]) -> None:
        """Pick these values and no others; those that are no option are left out."""
        known = {each.value for each in self.options}
        self._picked = [value for value in values if value in known]
        if self._picked and not self.many:
            del self._picked[1:]
            self._move_to(self._matching_index(self._picked[0]))
        self.refresh()

    def set_options(self, options: Sequence[Option]) -> None:
        """Offer other options; what is picked stays where it is still offered."""
        self.options = self._matching = tuple(options)
        self.narrowed = ""
        self._move_to(0)
        self.pick(self._picked)
        self._take_height()

    def line(self, y: int) -> list[Piece]:
        """Return one option: cursor, mark, number and key, label, note."""
        index = self._first + y
        if index >= len(self._matching):
            nothing = (
                "nothing matches what is typed" if self.options else "there is nothing to pick"
            )
            return [(f"  {nothing}", "muted")] if index == 0 else []
        option = self._matching[index]
        at_cursor = index == self._cursor and self.has_focus
        sign = ("[x]", "[ ]") if self.many else ("(x)", "( )")
        picked = option.value in self._picked
        by = option.key or (str(y + 1) if y < _NUMBERED else " ")
        role = "muted" if option.unavailable else "text"
        pieces: list[Piece] = [
            ("> " if at_cursor else "  ", "key"),
            (f"{sign[0] if picked else sign[1]} ", "key" if picked else "muted"),
            (f"{by} ", "key"),
            (option.label, "heading" if at_cursor and not option.unavailable else role),
        ]
        behind = f"not possible: {option.unavailable}" if option.unavailable else option.note
        if behind:
            pieces.append((f"  {behind}", "muted"))
        return pieces

    def on_focus(self) -> None:
        """Show the cursor; nobody has pointed at anything yet."""
        self._pointed = False
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor, and show all options again."""
        self._narrow("")

    def on_key(self, event: events.Key) -> None:
        """Take the keys that move, pick and narrow."""
        if event.key in _KEYS:
            self.edit_text(_KEYS[event.key], Cut())
        elif event.key == "enter":
            self._enter()
        elif event.is_printable and event.character is not None:
            self._type(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def edit_text(self, what: Edit, _cut: Cut) -> None:
        """Move to another option, or take back what is typed to narrow the list."""
        match what:
            case "delete_left":
                self._narrow(self.narrowed[:-1])
            case "delete_word_left" | "delete_to_start":
                self._narrow("")
            case _ if what in _MOVES:
                self._pointed = True
                self._move_to(_MOVES[what](self._cursor, len(self._matching)))
            case _:
                pass

    def on_paste(self, event: events.Paste) -> None:
        """Narrow the list by what is pasted; a paste picks nothing."""
        event.stop()
        event.prevent_default()
        self._narrow(self.narrowed + visible(" ".join(event.text.split())))

    def _take_height(self) -> None:
        self.styles.height = max(1, min(len(self.options), self._most_rows))

    def _enter(self) -> None:
        # Going through a form with `enter` alone picks nothing: only what was pointed at counts.
        if not self.many and self._matching and self._pointed:
            option = self._matching[self._cursor]
            if option.unavailable:
                self.post_message(self.Refused(self, option.unavailable))
                return
            if option.value not in self._picked:
                self._toggle(option)
        if self.many and self.narrowed:  # takes what was typed; the next one may be typed then
            self._toggle(self._matching[self._cursor])
            self._narrow("")
            return
        self._narrow("")
        self.post_message(self.Finished(self))

    def _type(self, character: str) -> None:
        option = self._by_key(character) if not self.narrowed else None
        if option is not None:
            self._move_to(self._matching.index(option))
            self._toggle(option)
        elif character == " " and not self.narrowed:
            if self._matching:
                self._toggle(self._matching[self._cursor])
        else:
            self._narrow(self.narrowed + character)

    def _by_key(self, character: str) -> Option | None:
        for option in self._matching:
            if option.key == character:
                return option
        rows = self._matching[self._first : self._first + self._most_rows]
        if character in "123456789" and int(character) <= len(rows):
            return rows[int(character) - 1]
        return None

    def _toggle(self, option: Option) -> None:
        if option.unavailable:
            self.post_message(self.Refused(self, option.unavailable))
            return
        if self.many and option.value in self._picked:
            self._picked.remove(option.value)
        elif self.many:
            self._picked.append(option.value)
        else:
            self._picked = [option.value]
        self.refresh()
        self.post_message(self.Picked(self))

    def _narrow(self, words: str) -> None:
        if words == self.narrowed and self._matching == self.options:
            self.refresh()
            return
        matching = self._with_words(words)
        if words and not matching:  # a character that leaves nothing to pick is not taken
            return
        self._pointed = self._pointed or bool(words)
        here = self._matching[self._cursor].value if self._matching else ""
        self.narrowed = words
        self._matching = matching
        self._first = 0
        self._move_to(self._matching_index(here))
        self.refresh()
        self.post_message(self.Narrowed(self))

    def _with_words(self, words: str) -> tuple[Option, ...]:
        wanted = words.casefold().split()
        return tuple(
            each
            for each in self.options
            if all(word in f"{each.value} {each.label}".casefold() for word in wanted)
        )

    def _matching_index(self, value: str) -> int:
        values = [each.value for each in self._matching]
        return values.index(value) if value in values else 0

    def _move_to(self, index: int) -> None:
        self._cursor = max(0, min(len(self._matching) - 1, index))
        if self._cursor < self._first:
            self._first = self._cursor
        elif self._cursor >= self._first + self._most_rows:
            self._first = self._cursor - self._most_rows + 1
        self.refresh()
