"""Server-sent events, as little of them as the change feed needs: when it has news."""

from collections.abc import Iterator
from typing import Final

from console.sources.base import Unreachable

_LONGEST_LINE: Final = 64 * 1024


def news(parts: Iterator[bytes], *, host: str) -> Iterator[None]:
    """Yield for every `change` event in a stream; comments and other events pass unseen.

    Raises:
        Unreachable: on a line longer than any that this stream has.
    """
    kind, has_data = "", False
    for line in _lines(parts, host):
        if not line:
            if kind == "change" and has_data:
                yield
            kind, has_data = "", False
            continue
        name, _, value = line.partition(b":")
        if name == b"event":
            kind = value.removeprefix(b" ").decode("utf-8", errors="replace")
        elif name == b"data":
            has_data = True


def _lines(parts: Iterator[bytes], host: str) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        # A CR at the very end may be half of a CRLF: it waits for its other half.
        *lines, rest = _split(rest + part)
        yield from lines
        if len(rest) > _LONGEST_LINE:
            raise Unreachable(f"{host} sent an event stream without an end of line.")


def _split(text: bytes) -> list[bytes]:
    held = b"\r" if text.endswith(b"\r") else b""
    whole = text[: len(text) - len(held)]
    lines = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    lines[-1] += held
    return lines
