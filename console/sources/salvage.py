"""Finds the parts of JSON that no parser takes: for telling where a broken document belongs.

Only brackets, strings and commas are looked at, without recursion, so that text which is not
UTF-8, lone surrogates, NaN or ten thousand nested lists do not hide what stands around them.
Nothing found this way is believed but ids, numbers and where a value begins and ends.
"""

import json
import re
from typing import Final

_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_MEMBER: Final = re.compile(rb'\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*', re.DOTALL)
_INTEGER: Final = re.compile(rb"-?[0-9]{1,19}")


def members(text: bytes) -> dict[str, bytes]:
    """Return the members of an object, each value as it stands; empty where it is none."""
    found: dict[str, bytes] = {}
    for part in _parts(text, b"{"):
        name = _MEMBER.match(part)
        if name is not None:
            found[string(name[1]) or ""] = part[name.end() :].strip()
    return found


def elements(text: bytes) -> list[bytes] | None:
    """Return the elements of a list, each as it stands; None where it is no list."""
    whole = text.strip()
    if not whole.startswith(b"[") or not whole.endswith(b"]"):
        return None
    return [part.strip() for part in _parts(whole, b"[")]


def string(text: bytes | None) -> str | None:
    """Read a string, with a mark in place of what is not UTF-8; None where it is none."""
    if text is None or not text.startswith(b'"'):
        return None
    try:
        return str(json.loads(text.decode("utf-8", errors="replace"), strict=False))
    except ValueError:
        return None


def integer(text: bytes | None) -> int | None:
    """Read a whole number of at most 19 digits; None where it is none."""
    return int(text) if text is not None and _INTEGER.fullmatch(text) else None


def _parts(text: bytes, opening: bytes) -> list[bytes]:
    """Split what an outermost bracket holds at its own commas."""
    found: list[bytes] = []
    depth, start = 0, 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"[", b"{"):
            if depth == 0:
                if mark != opening:
                    return []
                start = token.end()
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
        if depth == 0 or (depth == 1 and mark == b","):
            found.append(text[start : token.start()])
            start = token.end()
        if depth == 0:
            break
    return found if depth == 0 and any(part.strip() for part in found) else []
