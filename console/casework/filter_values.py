"""The values that a filter's fields take: words, priorities, times, numbers."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from console.casework.filter_words import FilterError, Word
from console.casework.findings import nearest
from console.casework.new_case import PRIORITIES
from local_cache.query import Condition, Op

_SPAN: Final = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})?[smhdw])+", re.IGNORECASE)
_SPAN_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([smhdw])", re.IGNORECASE)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TURNED: Final[dict[Op, Op]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return a moment as the cache counts time."""
    return (moment - _EPOCH) // _MILLISECOND


def comparison(value: Word) -> tuple[Op | None, Word]:
    """Take a leading `<`, `<=`, `>` or `>=` off a value."""
    for sign in ("<=", ">=", "<", ">"):
        if value.text.startswith(sign) and not value.quoted[0]:
            return sign, value.part(len(sign))
    return None, value


def closed_word(value: Word, known: tuple[str, ...], what: str) -> str:
    """Read a word of a list that the contract closes, in whatever case."""
    found = next((one for one in known if one.casefold() == value.text.casefold()), None)
    if found is None:
        message = f"{quoted(value.text)} is no {what}"
        raise FilterError(value.column, message, nearest(value.text, known))
    return found


def quoted(text: str) -> str:
    """Put what a person typed into a message: short, and with nothing hidden."""
    shown = ascii(text)[1:-1] if not text.isprintable() else text
    return f"“{shown if len(shown) <= 40 else shown[:39] + '…'}”"


def priorities(value: Word) -> tuple[str, ...]:
    """Read `P1`, or `<=P1`: P0 and P1, by number, P0 being the most urgent."""
    sign, rest = comparison(value)
    limit = PRIORITIES.index(closed_word(rest, PRIORITIES, "priority"))
    if sign is None:
        return (PRIORITIES[limit],)
    chosen = {
        "<": PRIORITIES[:limit],
        "<=": PRIORITIES[: limit + 1],
        ">": PRIORITIES[limit + 1 :],
        ">=": PRIORITIES[limit:],
    }[sign]
    if not chosen:
        raise FilterError(value.column, f"there is no priority {value.text}")
    return chosen


def number_conditions(field: str, value: Word) -> tuple[Condition, ...]:
    """Read `2` or `>=2`."""
    sign, rest = comparison(value)
    if not (rest.text.isascii() and rest.text.isdigit() and len(rest.text) <= 6):
        raise FilterError(rest.column, f"{field} takes a number, such as {field}:>=2")
    return (Condition(field, sign or "in", (int(rest.text),)),)


def time_conditions(field: str, value: Word, now: datetime) -> tuple[Condition, ...]:
    """Read a time: a span (`<1h`, `>2d`), a day, or a moment.

    A span reaches forward for `due` (`due:<1h`: due within the hour, or overdue) and back for the
    others (`received:>2d`: more than two days ago). Without a sign it means "less than". A day or
    a moment without a sign means that day, that minute; times are UTC unless they say otherwise.
    """
    sign, rest = comparison(value)
    span = _span(rest)
    try:
        if span is not None:
            sign = sign or "<"
            if field == "due":
                return (Condition(field, sign, (milliseconds(now + span),)),)
            return (Condition(field, _TURNED[sign], (milliseconds(now - span),)),)
        start, length = _moment(field, rest)
        first, after = milliseconds(start), milliseconds(start + length)
    except OverflowError:
        raise FilterError(rest.column, "this time is out of all bounds") from None
    if sign is None:
        return (Condition(field, ">=", (first,)), Condition(field, "<", (after,)))
    return (Condition(field, sign, (after - 1 if sign in ("<=", ">") else first,)),)


def _span(value: Word) -> timedelta | None:
    if not (value.text.isascii() and _SPAN.fullmatch(value.text)):
        return None
    parts: list[tuple[str, str]] = _SPAN_PART.findall(value.text)
    try:
        seconds = sum(float(count) * _UNITS[unit.lower()] for count, unit in parts)
        return timedelta(seconds=seconds)
    except OverflowError:
        raise FilterError(value.column, "this span is out of all bounds") from None


def _moment(field: str, value: Word) -> tuple[datetime, timedelta]:
    text = value.text
    try:
        if len(text) == len("2026-11-23"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC), timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{quoted(text)} is no time; {field} takes a span, a day or a moment"
        raise FilterError(value.column, message, _like_a_time(field)) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC), timedelta(minutes=1)


def _like_a_time(field: str) -> str:
    return "due:<1h" if field == "due" else f"{field}:<2d"
