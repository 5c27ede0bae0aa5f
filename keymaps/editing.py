"""Changing what a keymap file inherits, everything else in it staying as it is."""

import re
import tomllib
from typing import Final

from keymaps.loader import KeymapError

_INHERITS: Final = re.compile(
    r"""^[ \t]*inherits[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')""", re.MULTILINE
)
_TABLE: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)
_REMARKS: Final = re.compile(r"\A(?:[ \t]*#[^\n]*\n)*")


def inheriting(text: str, name: str) -> str:
    """Return the text of a keymap file with `inherits` set to `name`.

    Raises KeymapError where the file cannot be understood; then it is to be changed by hand.
    """
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KeymapError([f"is not TOML: {error}"]) from None
    text = text if not text or text.endswith("\n") else f"{text}\n"
    table = _TABLE.search(text)
    head = text[: table.start()] if table else text
    line = f'inherits = "{name}"'
    if "inherits" in before:
        changed = _INHERITS.sub(lambda _found: line, head, count=1)
    else:
        remarks = _REMARKS.match(head)
        above = remarks.group() if remarks else ""
        below = head[len(above) :] or ("\n" if table else "")
        changed = f"{above}{line}\n{below}"
    whole = changed + text[len(head) :]
    # It was done by lines, not by a parser: what came out is compared before anybody relies on it.
    if _read(whole) != before | {"inherits": name}:
        raise KeymapError([f"write `{line}` above the first table by hand"])
    return whole


def _read(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
