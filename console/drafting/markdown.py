"""Putting outside text into Markdown as mere text: no link, heading, list, code or HTML of its own.

Every character stays readable and in place; only backslashes are added (CommonMark 2.4), and what
hides is shown by name.
"""

import re
from typing import Final

from local_cache.hostile import visible

_INLINE: Final = re.compile(r"([\\`*\[\]<>|~])")
_ENTITY: Final = re.compile(r"&(?=#?\w{1,32};)")
_AUTOLINK: Final = re.compile(r"\b((?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.))", re.IGNORECASE)
_LINE_START: Final = re.compile(r"^([ ]*)([#+=_-]|\d{1,9}(?=[.)]))", re.MULTILINE)
_INDENT: Final = re.compile(r"^[ ]{4,}", re.MULTILINE)


def literal(text: str) -> str:
    """Write outside text so that Markdown shows it as it is, on as many lines as it has."""
    shown = visible(text, multiline=True)
    shown = _INLINE.sub(r"\\\1", shown)
    shown = _ENTITY.sub(r"\\&", shown)
    shown = _AUTOLINK.sub(lambda found: f"{found[0]}\\", shown)
    shown = _LINE_START.sub(_at_line_start, shown)
    return _INDENT.sub("   ", shown)


def _at_line_start(found: "re.Match[str]") -> str:
    mark = found[2]
    return f"{found[1]}{mark}\\" if mark[0].isdigit() else f"{found[1]}\\{mark}"


def one_line(text: str) -> str:
    """Write outside text for a place that has one line and no Markdown: a subject."""
    return visible(" ".join(text.split()))
