"""What a typed line means: a command by its id, its title, a word of it, or its key.

A place's own words come first (`list`, `more`, `read`), then what the registry knows. Where a word
fits several commands, the one of the most specific context is meant.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from console.casework.findings import nearest
from console.commands import COMMANDS, Command, keymap

_DIGITS: Final = 9
"""Digits of the longest number that can be meant."""
_TAKES_REST: Final = "/:"
"""Signs that stand before what belongs to them, without a space between."""


class Meant(NamedTuple):
    """What a line means: a word of the place, or a command; and what stands after it."""

    word: str = ""
    command: Command | None = None
    rest: str = ""


class NotMeant(Exception):
    """A line that means nothing here; its text says what may have been meant."""


def meaning(line: str, words: Iterable[str], contexts: Sequence[str]) -> Meant:
    """Say what a line means where these words and contexts apply.

    Raises:
        NotMeant: with what may have been meant.
    """
    own = set(words)
    text = line.strip()
    if text.startswith(":") and len(text) > 1:
        text = text[1:].strip()
    by_key = _by_key(text, contexts)
    if by_key is not None:
        return Meant(command=by_key)
    if text[0] in _TAKES_REST and (command := _by_key(text[0], contexts)) is not None:
        return Meant(command=command, rest=text[1:].strip())
    whole = _by_name(text, contexts)
    if whole is not None and text not in own:
        return Meant(command=whole)
    name, _, rest = text.partition(" ")
    name, rest = name.casefold(), rest.strip()
    if name in own:
        return Meant(word=name, rest=rest)
    command = _by_name(name, contexts)
    if command is not None:
        return Meant(command=command, rest=rest)
    if name in COMMANDS:  # of another place: whoever does it says where
        return Meant(command=COMMANDS[name], rest=rest)
    guess = nearest(name, [*own, *_names(contexts)])
    more = f" Did you mean {guess}?" if guess else ""
    raise NotMeant(f"There is no command {name} here.{more} help lists them.")


def numbered(text: str, most: int | None = None) -> int | None:
    """Return the number that a text is, None where it is none, or not from 1 to `most`."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    number = int(text)
    return number if most is None or 0 < number <= most else None


def names_of(command: Command) -> list[str]:
    """Return the names of a command besides its keys: id, title, its last part, a word of it."""
    last = command.id.rpartition(".")[2].replace("_", " ")
    names = (command.id, command.title, last, command.footer)
    return [name.casefold() for name in dict.fromkeys(names) if name]


def keys_of(command: Command, contexts: Sequence[str]) -> list[str]:
    """Return the keys of a command where these contexts apply."""
    return [key for context in contexts for key in keymap().keys_of(command.id, context)]


def reachable(contexts: Sequence[str]) -> list[Command]:
    """Return the commands of these contexts, those of the most specific context first."""
    ranked = {name: number for number, name in enumerate(contexts)}

    def rank(command: Command) -> int:
        return min((ranked[one] for one in command.contexts if one in ranked), default=99)

    return sorted((one for one in COMMANDS.values() if rank(one) < 99), key=rank)


def _by_key(text: str, contexts: Sequence[str]) -> Command | None:
    for context in contexts:  # a key of the more specific context hides one of the other
        for keys, name in keymap().in_context(context):
            if text in (keys, keys.replace(" ", "")) and name in COMMANDS:
                return COMMANDS[name]
    return None


def _by_name(text: str, contexts: Sequence[str]) -> Command | None:
    wanted = text.casefold()
    for place in range(4):  # an id before a title, a title before a mere word
        for command in reachable(contexts):
            names = (command.id, command.title, command.id.rpartition(".")[2], command.footer)
            if wanted and names[place].casefold() == wanted:
                return command
    return None


def _names(contexts: Sequence[str]) -> list[str]:
    return [name for command in reachable(contexts) for name in names_of(command)]
