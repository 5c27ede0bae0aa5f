"""The small words that texts are made of: a line with its role, times, items of data, absence."""

from datetime import datetime
from typing import Final, NamedTuple

from local_cache.hostile import Hostile
from local_cache.records import DataItem

MASKED_FROM: Final = 2
"""The graphic level from which texts are covered until they are asked for."""


class Line(NamedTuple):
    """A line to show: its role in the theme, its text, whether it is covered at first."""

    role: str
    text: str
    masked: bool = False


def when(moment: datetime | None) -> str:
    """Write a moment as a specialist reads it: UTC, to the minute."""
    return moment.strftime("%Y-%m-%d %H:%MZ") if moment else "no time given"


def shown(text: Hostile | None, otherwise: str = "not given") -> str:
    """Return one line of outside text, or a word for its absence."""
    return text.visible() if text else otherwise


def data_line(item: DataItem) -> str:
    """Tell one item of data: tier, category, subject, range."""
    span = ""
    if item.from_ or item.to:
        span = f" from {when(item.from_)} to {when(item.to)}"
    return f"{item.tier} {(item.category or '').replace('_', ' ')} of {item.subject or '?'}{span}"
