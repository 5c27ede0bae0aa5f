"""Lets Textual's parser read every key that a terminal sends, and type none that it does not know.

All that any driver reads goes through one parser of Textual's. What it makes of a sequence is no
public interface: `install` refuses where it is not as it was when this was written.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Protocol

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

_SURFACE: Final = ["self", "sequence", "alt"]


class Key(Protocol):
    """A key as Textual names it, empty for one to be left out, and the character that it types."""

    @property
    def key(self) -> str: ...  # noqa: D102 - said above

    @property
    def character(self) -> str | None: ...  # noqa: D102 - said above


class Reads(NamedTuple):
    """How a terminal's bytes become keys."""

    sent: Callable[[str], Key | None]
    """Returns the key that a whole escape sequence is, None where Textual is to say."""
    with_alt: Callable[[str], Key]
    """Returns the key that is an escape before this character."""
    no_key: Callable[[str], bool]
    """Tells whether a sequence that nobody knows is whole, and no report of a mouse or a mode."""


class QuickParser(XTermParser):
    """Textual's parser, past which goes a letter that is pressed between two other keys.

    The parser makes of it that letter, in ten times the time and more: a key wakes the console out
    of a pause, and all that it goes through is cold.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._between_keys = False
        """Whether of the character before a key was made: no sequence and no paste goes on."""

    def feed(self, data: str) -> Iterable[Message]:
        """Return what the parser makes of some characters."""
        if self._between_keys and len(data) == 1 and data.isascii() and data.isalnum():
            yield events.Key(data, data)
            return
        self._between_keys = False
        for message in super().feed(data):
            its = message.character if isinstance(message, events.Key) else None
            self._between_keys = its == data != "\x1b"
            yield message


class KeysUnread(RuntimeError):
    """Textual's parser is not as this knows it: keys might be taken for others."""


def install(reads: Reads) -> None:
    """Let every parser read keys so, once for the process.

    Raises:
        KeysUnread: where Textual's parser changed; then nothing was.
    """
    patched: Any = XTermParser
    if "read_by_nightdesk" in vars(XTermParser):
        return
    before = patched._sequence_to_key_events  # noqa: SLF001 - there is no public way
    if list(inspect.signature(before).parameters) != _SURFACE:
        raise KeysUnread("Textual reads keys in another way than this version of Nightdesk knows.")

    def read(self: XTermParser, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        known = reads.with_alt(sequence) if alt and len(sequence) == 1 else reads.sent(sequence)
        if known is not None:
            return [events.Key(known.key or Keys.Ignore.value, known.character)]
        made = list(before(self, sequence, alt))
        if not made and reads.no_key(sequence):
            return [events.Key(Keys.Ignore.value, sequence)]
        return made

    patched._sequence_to_key_events = read  # noqa: SLF001 - there is no public way
    patched.read_by_nightdesk = True
