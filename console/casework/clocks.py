"""The clocks of a case, read at one moment of the server's time.

A due time is the server's own and already counts the pauses that have ended: a clock runs from
`started_at` to `due_at`, less what is in `paused` (contract, section 3). While a pause lasts,
what remains is what remained when it began. A duration that the law does not give as a number
("promptly") stays a word.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from local_cache.hostile import Hostile
from local_cache.records import Case, Clock

WARN_AT: Final = (95, 80, 50)
"""Shares of the time, in per cent, at which a clock draws attention (DOMAIN 2.1)."""

State = Literal["running", "paused", "overdue", "met", "word"]


class Reading(Struct, frozen=True, kw_only=True):
    """What a clock says at one moment."""

    clock: str
    """The clock's id."""
    rule: str | None
    label: Hostile | None
    kind: str
    """`statutory`, `policy` ...: what the law gives and what the house gives look different."""
    status: str | None
    """`unreviewed` where nobody has put their name under the rule yet."""
    state: State
    due_at: datetime | None = None
    met_at: datetime | None = None
    remaining: timedelta | None = None
    """Negative once it is overdue; for a met clock what was left; None for a word."""
    used: float | None = None
    """The share of the time that is gone, 0 and up; None where it cannot be told."""
    warning: Literal[0, 50, 80, 95] = 0
    """The highest mark that was passed; 0 for a met clock and a word."""
    late: bool = False
    """Overdue now, or met after it was due."""
    why_paused: str | None = None

    @property
    def statutory(self) -> bool:
        """Tell whether the law gives this clock, not the house."""
        return self.kind == "statutory"


def read_clock(clock: Clock, now: datetime) -> Reading:
    """Read one clock at `now`, the server's time."""
    if clock.due_at is None:
        return _reading(clock, "met" if clock.met_at else "word")
    if clock.met_at is not None:
        return _reading(clock, "met", remaining=clock.due_at - clock.met_at)
    pause = next((pause for pause in clock.paused if pause.to is None and pause.from_ <= now), None)
    if pause is not None and pause.from_ < clock.due_at:
        remaining = clock.due_at - pause.from_
        return _reading(clock, "paused", remaining=remaining, why_paused=pause.why)
    remaining = clock.due_at - now
    return _reading(
        clock, "overdue" if remaining <= timedelta(0) else "running", remaining=remaining
    )


def _reading(
    clock: Clock,
    state: State,
    *,
    remaining: timedelta | None = None,
    why_paused: str | None = None,
) -> Reading:
    used = None if remaining is None else _share_used(clock, remaining)
    counts = state in ("running", "paused", "overdue")
    return Reading(
        clock=clock.id,
        rule=clock.rule,
        label=clock.label,
        kind=clock.kind,
        status=clock.status,
        state=state,
        due_at=clock.due_at,
        met_at=clock.met_at,
        remaining=remaining,
        used=used,
        warning=_warning(used) if counts else 0,
        late=remaining is not None and remaining <= timedelta(0) and state != "paused",
        why_paused=why_paused,
    )


def _share_used(clock: Clock, remaining: timedelta) -> float | None:
    if clock.started_at is None or clock.due_at is None:
        return None
    ended = ((pause.from_, pause.to) for pause in clock.paused if pause.to is not None)
    stood_still = sum((to - from_ for from_, to in ended if to > from_), timedelta(0))
    whole = clock.due_at - clock.started_at - stood_still
    if whole <= timedelta(0):
        return None
    return max(0.0, 1.0 - remaining / whole)


def _warning(used: float | None) -> Literal[0, 50, 80, 95]:
    share = 0.0 if used is None else used * 100
    if share >= 95:
        return 95
    if share >= 80:
        return 80
    return 50 if share >= 50 else 0


_FIRST: Final[dict[State, int]] = {"overdue": 0, "running": 0, "paused": 1, "word": 2, "met": 3}


def readings(case: Case, now: datetime) -> list[Reading]:
    """Read all clocks of a case, the tightest first, words after numbers, met ones last."""
    return sorted((read_clock(clock, now) for clock in case.clocks), key=_tightness)


def tightest(case: Case, now: datetime) -> Reading | None:
    """Return the clock that presses most, or None where none is left to meet."""
    read = readings(case, now)
    return read[0] if read and read[0].state != "met" else None


def running_out(read: Iterable[Reading], within: timedelta) -> list[Reading]:
    """Keep the clocks that run and end within a span, overdue ones included."""
    return [
        one
        for one in read
        if one.state in ("running", "overdue")
        and one.remaining is not None
        and one.remaining <= within
    ]


def _tightness(reading: Reading) -> tuple[int, timedelta, bool, str]:
    remaining = timedelta.max if reading.remaining is None else reading.remaining
    return (_FIRST[reading.state], remaining, not reading.statutory, reading.clock)


def short(span: timedelta) -> str:
    """Write a span as people read it at a glance: `9s`, `47m`, `3h05m`, `2d04h`, `-12m`."""
    whole = int(span.total_seconds())
    seconds = abs(whole)
    sign = "-" if whole < 0 else ""
    if seconds < 60:
        return f"{sign}{seconds}s"
    if seconds < 3600:
        return f"{sign}{seconds // 60}m"
    if seconds < 86400:
        return f"{sign}{seconds // 3600}h{seconds // 60 % 60:02}m"
    return f"{sign}{seconds // 86400}d{seconds // 3600 % 24:02}h"
