"""A keymap: which command a sequence of keys runs in which context."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from keymaps import chord

if TYPE_CHECKING:
    from keymaps.loader import Layer

TYPING: Final = ("help", "prompt", "text")
"""Contexts where text is entered: there a key that types is not taken from those behind them."""


class Binding(Struct, frozen=True):
    """One sequence for one command, with where it was written, for messages and checks."""

    context: str
    keys: chord.Sequence
    command: str
    written: str
    """The keys as they stand in the file."""
    file: str


class Node:
    """A place in a trie of sequences: what is run here, and where each next chord leads."""

    __slots__ = ("command", "next")

    def __init__(self) -> None:
        self.command: str | None = None
        self.next: dict[str, Node] = {}


class Keymap:
    """All bindings of one keymap, by context. Made by `load`; never changed afterwards."""

    def __init__(
        self,
        bindings: Iterable[Binding],
        contexts: Collection[str] = (),
        *,
        disabled: Collection[tuple[str, str]] = (),
        files: Sequence[Path] = (),
        layout: Mapping[str, str] | None = None,
        count_key: str = "",
    ) -> None:
        self.bindings = tuple(bindings)
        self.disabled = frozenset(disabled)
        """(context, command) where a person took the keys away on purpose."""
        self.files = tuple(files)
        """The files that it was read from."""
        self.count_key = count_key
        """The chord that begins a count of four, where no context has it; empty where none does."""
        self._layout = layout or {}
        tries: dict[str, Node] = {context: Node() for context in contexts}
        keys: dict[str, list[Binding]] = {}
        for binding in self.bindings:
            node = tries.setdefault(binding.context, Node())
            for each in binding.keys:
                node = node.next.setdefault(each, Node())
            if node.command is None:  # a duplicate within one file is for `checks` to report
                node.command = binding.command
                keys.setdefault(binding.command, []).append(binding)
        self._tries = tries
        self._keys = keys

    @classmethod
    def load(
        cls,
        paths: Sequence[Path],
        *,
        commands: Collection[str] | None = None,
        under: str | None = None,
        over: "Layer | None" = None,
    ) -> "Keymap":
        """Read keymap files, later ones over earlier ones; see `keymaps.loader.load`."""
        from keymaps.loader import NOTHING, load

        return load(paths, commands=commands, under=under, over=over or NOTHING)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts that this keymap has a table for."""
        return tuple(self._tries)

    def trie(self, context: str) -> Node | None:
        """Return the trie of a context, None where the keymap has no table for it."""
        return self._tries.get(context)

    def meant(self, chord: str) -> str:
        """Return the Latin key for one of the person's own keyboard layout; others as they are."""
        *modifiers, key = chord.split("+")
        return "+".join((*modifiers, self._layout.get(key, key)))

    def keys_of(self, command: str, context: str | None = None) -> list[str]:
        """Return the keys of a command as people write them, as footers and help show them."""
        bindings = (
            chord.show_sequence(binding.keys)
            for binding in self._keys.get(command, ())
            if context is None or binding.context == context
        )
        return list(dict.fromkeys(bindings))

    def begun_by(self, keys: str) -> list[Binding]:
        """Return every binding that these keys are, or begin: what they do, and where.

        Raises `keymaps.chord.BadKey` for keys that are not written as keys are.
        """
        typed = chord.parse_sequence(keys)
        return [each for each in self.bindings if each.keys[: len(typed)] == typed]

    def in_context(self, context: str) -> list[tuple[str, str]]:
        """Return (keys as people write them, command) of a context, in the order of the file."""
        return [
            (chord.show_sequence(binding.keys), binding.command)
            for binding in self.bindings
            if binding.context == context
        ]
