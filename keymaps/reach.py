"""What is reached: which commands the keys of a keymap run where, found by pressing them."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from keymaps import chord
from keymaps.engine import Engine, Match, Miss, Pending, Pressed
from keymaps.keymap import TYPING, Binding, Keymap

Stack = Sequence[str]
"""Contexts that apply together, the most specific first."""


class Outcome(Struct, frozen=True):
    """What became of the keys of one binding, pressed where its context applies."""

    stack: tuple[str, ...]
    binding: Binding
    pressed: Pressed
    whole: bool
    """Whether all its keys were pressed, or fewer ran something already."""

    @property
    def reached(self) -> bool:
        """Whether the binding's command ran."""
        return self.whole and self.runs == self.binding.command

    @property
    def runs(self) -> str | None:
        """The command that ran."""
        return self.pressed.command if isinstance(self.pressed, Match) else None


def outcomes(keymap: Keymap, stacks: Sequence[Stack]) -> Iterator[Outcome]:
    """Press every binding in every stack that its context stands in."""
    for stack in stacks:
        for binding in keymap.bindings:
            if binding.context in stack:
                yield press(keymap, binding, stack)


def press(keymap: Keymap, binding: Binding, stack: Stack) -> Outcome:
    """Press the keys of a binding, each as one event of a terminal."""
    engine = Engine(keymap)
    typing = any(context in TYPING for context in stack)
    words = binding.written.split()
    pressed: Pressed = Miss("", consumed=False)
    for number, word in enumerate(words, 1):
        pressed = engine.press(chord.parse_chord(word), stack, typing)
        if not isinstance(pressed, Pending):
            return Outcome(tuple(stack), binding, pressed, number == len(words))
    return Outcome(tuple(stack), binding, pressed, True)
