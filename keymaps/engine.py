"""From presses to commands: sequences, counts and contexts, one press at a time, without timers."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from keymaps import chord as chords
from keymaps.keymap import TYPING, Keymap, Node

LARGEST_COUNT: Final = 9999
"""A count grows no larger: more is a key that got stuck."""

# Where text is entered these move in it or change it, unless the text's own context binds them.
_EDITING: Final = frozenset(
    {
        "enter",
        "backspace",
        "delete",
        "insert",
        "home",
        "end",
        "pageup",
        "pagedown",
        "up",
        "down",
        "left",
        "right",
    }
)
_DIGITS: Final = frozenset("0123456789")
_ESCAPE: Final = ("escape",)
_LEAVES: Final = frozenset({"escape", "ctrl+g"})


class Match(Struct, frozen=True):
    """A whole sequence: run the command. `count` is None where none was typed."""

    command: str
    count: int | None
    keys: str
    """What was pressed, as people write it."""


class Pending(Struct, frozen=True):
    """The start of a sequence or a count. Each continuation: the next key, and what it runs.

    What a continuation runs is a command's id, or `…` where further keys follow.
    """

    prefix: str
    continuations: tuple[tuple[str, str], ...]


class Miss(Struct, frozen=True):
    """No command. Where `consumed`, the press ended a prefix and belongs to nobody else."""

    keys: str
    consumed: bool
    cancelled: bool = False
    """The prefix was left on purpose, with `escape` or `ctrl+g`."""


Pressed = Match | Pending | Miss


class Engine:
    """Holds the keys pressed so far and tells what each further press makes of them.

    Of the contexts, given most specific first, the first that knows the keys pressed so far
    decides. There is no time limit on a prefix.
    """

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self._keys: tuple[str, ...] = ()
        self._digits = ""
        self._argument = 0
        """The count that the keymap's key for it began; digits take its place."""

    @property
    def pending(self) -> str:
        """The count and the prefix typed so far, as people write them; empty where none is."""
        return self._shown(self._keys)

    def _shown(self, keys: tuple[str, ...]) -> str:
        return " ".join(filter(None, (self._count, chords.show_sequence(keys))))

    @property
    def _count(self) -> str:
        return self._digits or (str(self._argument) if self._argument else "")

    def cancel(self) -> None:
        """Forget the count and the prefix: the screen changed, or text was pasted."""
        self._keys, self._digits, self._argument = (), "", 0

    def press(
        self, chord: str, contexts: Sequence[str], typing: bool, *, counts: bool = True
    ) -> Pressed:
        """Take a press: the `key` of a Textual key event, where the focus is, and whether it types.

        While `typing`, a first key that types or edits is only taken from the contexts of text, or
        else the first one; a digit is then no count. `counts=False` leaves digits to the widget
        also otherwise.
        """
        pressed = chords.from_event(chord)
        if self._keys or not (typing and chords.is_printable(pressed)):
            pressed = self.keymap.meant(pressed)
        if not self._keys and typing and self._belongs_to_text(pressed):
            contexts = [each for each in contexts if each in TYPING] or contexts[:1]
        *before, last = chords.expand_alt(pressed)
        if before and self._decide((*self._keys, *before), contexts) is None:
            before, last = [], pressed
        self._keys = (*self._keys, *before)
        return self._step(last, contexts, counts=counts and not typing)

    def _step(self, pressed: str, contexts: Sequence[str], *, counts: bool) -> Pressed:
        if pressed == "ctrl+g" and self._count and not self._keys:
            return self._unknown(pressed, contexts, counts=counts)  # it ends the count, no more
        keys = (*self._keys, pressed)
        node = self._decide(keys, contexts)
        if keys == _ESCAPE and node is not None and node.command is None:
            node = self._escape(contexts) or node
        if node is None:
            return self._unknown(pressed, contexts, counts=counts)
        shown = self._shown(keys)
        if node.command is not None:
            count = int(self._count) if self._count else None
            self.cancel()
            return Match(node.command, count, shown)
        self._keys = keys
        return Pending(shown, self._continuations(contexts))

    def _unknown(self, pressed: str, contexts: Sequence[str], *, counts: bool) -> Pressed:
        if counts and not self._keys and self._counted(pressed):
            return Pending(self._count, self._continuations(contexts))
        was_pending = bool(self.pending)
        left = was_pending and pressed in _LEAVES
        shown = self.pending if left else self._shown((*self._keys, pressed))
        self.cancel()
        return Miss(shown, was_pending, left)

    def _counted(self, pressed: str) -> bool:
        """Take a press that counts; return whether it does."""
        if pressed in _DIGITS and (pressed != "0" or self._digits):
            self._digits = str(min(int(self._digits + pressed), LARGEST_COUNT))
            return True
        if pressed != self.keymap.count_key:
            return False
        if not self._digits:
            self._argument = min(4 * self._argument or 4, LARGEST_COUNT)
        return True

    def _belongs_to_text(self, pressed: str) -> bool:
        return chords.is_printable(pressed) or pressed in _EDITING

    def _decide(self, keys: tuple[str, ...], contexts: Sequence[str]) -> Node | None:
        return next(self._nodes(keys, contexts), None)

    def _escape(self, contexts: Sequence[str]) -> Node | None:
        """Return what `escape` alone does.

        Where it does something it does so at once, and `alt+d` counts only when it comes as one.
        """
        return next((node for node in self._nodes(_ESCAPE, contexts) if node.command), None)

    def _nodes(self, keys: tuple[str, ...], contexts: Sequence[str]) -> Iterator[Node]:
        for context in contexts:
            node = self.keymap.trie(context)
            for each in keys:
                node = node.next.get(each) if node is not None else None
            if node is not None:
                yield node

    def _continuations(self, contexts: Sequence[str]) -> tuple[tuple[str, str], ...]:
        if not self._keys:  # a count: any command may follow, there is nothing to choose from
            return ()
        found: dict[str, str] = {}
        for node in self._nodes(self._keys, contexts):
            for key, after in node.next.items():
                found.setdefault(key, after.command if after.command is not None else "…")
        return tuple((chords.show_chord(key), runs) for key, runs in found.items())
