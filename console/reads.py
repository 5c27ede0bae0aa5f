"""What a terminal sends, read by read: each key knows in what company it came.

Textual hands on keys one by one and forgets which of them came at once, and from which bytes. Its
parser is the one place that every driver sends what it reads through, so it is wrapped there.
"""

import re
from collections.abc import Iterable
from typing import Any, Final
from weakref import WeakKeyDictionary

from msgspec import Struct
from textual import events
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.message import Message

from console.hands import Burst, Stream, Typed

_MARKS: Final = re.compile("\x1b\\[20[01]~|[\x80-\x9f]")
"""What only a paste brings: its brackets, and controls that no key sends."""
_LONGEST_MARK: Final = 5
"""Characters of a read that may be the start of a mark which the next one ends."""


class Read(Struct, eq=False):
    """What one read of the terminal brought."""

    sent: str
    keys: int = 0
    types: bool = True
    """Whether any of its keys types a character; a read of those that do not edits a text."""
    landed: bool = False
    """Whether it was put into a text as a whole already."""


class Came(Struct, frozen=True):
    """How a key came: in which burst, as which key of it, in which read."""

    burst: Burst
    index: int
    read: Read
    last: bool
    """Whether it is the last key of its read."""


_came: "WeakKeyDictionary[Message, Came]" = WeakKeyDictionary()
_streams: "WeakKeyDictionary[XTermParser, _Ends]" = WeakKeyDictionary()


class _Ends(Stream):
    """A stream that also remembers how the read before ended, and when it came."""

    tail = ""
    fed = done = 0.0


def install() -> None:
    """Let every parser say what came together; once a process."""
    patched: Any = XTermParser
    if "told_by_nightdesk" in vars(XTermParser):
        return
    feed, tick = XTermParser.feed, XTermParser.tick

    def feed_and_tell(self: XTermParser, data: str) -> Iterable[Message]:
        at = get_time()
        return _told(self, data, at, list(feed(self, data)))

    def tick_and_tell(self: XTermParser) -> Iterable[Message]:
        return _told(self, "", get_time(), list(tick(self)))

    patched.feed = feed_and_tell
    patched.tick = tick_and_tell
    patched.told_by_nightdesk = True


def _told(parser: XTermParser, raw: str, at: float, messages: list[Message]) -> list[Message]:
    stream = _streams.setdefault(parser, _Ends())
    keys = [message for message in messages if isinstance(message, events.Key)]
    pasted = any(isinstance(message, events.Paste) for message in messages)
    marked = pasted or _marked(stream.tail, raw)
    if raw:  # what a tick brings came with the read before it
        stream.tail = (stream.tail + raw)[-_LONGEST_MARK:]
        stream.fed, stream.done = at, get_time()
    if keys or marked:
        typed = [_typed(key) for key in keys]
        read = Read(raw, len(keys), any(each.types for each in typed))
        burst = stream.take(typed, stream.fed, stream.done, foreign=marked)
        _remember(burst, keys, read)
    return messages


def _marked(tail: str, raw: str) -> bool:
    """Tell whether a read ends a mark that it, or the one before it, began."""
    return any(found.end() > len(tail) for found in _MARKS.finditer(tail + raw))


def _remember(burst: Burst, keys: list[events.Key], read: Read) -> None:
    start = len(burst.keys) - len(keys)
    for number, key in enumerate(keys):
        _came[key] = Came(burst, start + number, read, last=number == len(keys) - 1)


def came(event: events.Key, stream: Stream) -> Came:
    """Return how a key came; one that no parser made came by itself, into `stream`."""
    known = _came.get(event)
    if known is None:
        read = Read(event.character or "", 1)
        burst = stream.take([_typed(event)], event.time)
        _remember(burst, [event], read)
        known = _came[event]
    return known


def _typed(event: events.Key) -> Typed:
    return Typed(event.key, event.is_printable)
