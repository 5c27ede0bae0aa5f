"""How a clock reads in a few cells: always in words or signs, a colour only besides.

`§` is a clock that the law sets; one without a sign is the organisation's own.
"""

from dataclasses import dataclass
from typing import Final, Literal

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SOON: Final = HOUR
"""A clock with less than this left carries a `!`."""

ClockState = Literal["running", "paused", "met"]


@dataclass(frozen=True)
class ClockReading:
    """What a clock shows: its text, and the role that says how it looks."""

    text: str
    role: str


def duration(milliseconds: int) -> str:
    """Write a length of time in at most seven cells: `<1m`, `45m`, `2h 05m`, `3d 04h`, `21d`."""
    whole = abs(milliseconds)
    if whole < MINUTE:
        return "<1m"
    if whole < HOUR:
        return f"{whole // MINUTE}m"
    if whole < DAY:
        return f"{whole // HOUR}h {whole % HOUR // MINUTE:02}m"
    if whole < 14 * DAY:
        return f"{whole // DAY}d {whole % DAY // HOUR:02}h"
    return f"{whole // DAY}d"


def read_clock(
    *,
    left_ms: int | None,
    statutory: bool,
    state: ClockState = "running",
    word: str = "",
) -> ClockReading:
    """Return how a clock shows.

    `left_ms`: until it is due, negative once it is over; for a paused clock what was left when it
    paused, for a met one what was left when it was met. None for a clock without a time, which
    shows its `word`, such as `promptly`.
    """
    sign = "§" if statutory else ""
    kind = "statutory" if statutory else "policy"
    if left_ms is None:
        return ClockReading(f"{sign}{word}", kind)
    if state == "met":
        late = f" {duration(left_ms)} late" if left_ms < 0 else ""
        return ClockReading(f"{sign}met{late}", "warning" if late else "ok")
    if state == "paused":
        left = f"{duration(left_ms)} left" if left_ms >= 0 else f"{duration(left_ms)} over"
        return ClockReading(f"{sign}paused, {left}", "muted")
    if left_ms < 0:
        return ClockReading(f"{sign}-{duration(left_ms).removeprefix('<')} OVERDUE", "overdue")
    if left_ms < SOON:
        return ClockReading(f"{sign}{duration(left_ms)}!", "warning")
    return ClockReading(f"{sign}{duration(left_ms)}", kind)
