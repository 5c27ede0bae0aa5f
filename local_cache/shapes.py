"""Types that msgspec decodes into, made ready before threads use them.

msgspec works out a struct when it is first decoded, and lets other threads see it half done: two
threads that read a type for the first time at once end the process with SIGSEGV now and then (seen
with 0.22.0, in one of ten runs of `nightdesk sync` that delivered on two cases). Whoever decodes in
a thread therefore names the type through `ready`.
"""

import threading
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

_GATE: Final = threading.Lock()
_READY: Final[set[Any]] = set()


def ready(kind: T) -> T:
    """Return a type once msgspec knows the whole of it, what it is made of included."""
    if kind not in _READY:
        with _GATE:
            msgspec.json.Decoder(kind)
            _READY.add(kind)
    return kind
