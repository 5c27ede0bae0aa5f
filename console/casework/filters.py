"""The filter language: one parser for the list, the command line and saved views.

    priority:P0,P1 due:<1h queue:emergency is:unclaimed -lang:en agency:"city police" self-harm

A field and its values (a comma means "or"), comparisons on times, priorities and numbers, `-` or
`not:` in front for not, `sort:` for the order, and free words that are searched in full text.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from console.casework.filter_values import (
    closed_word,
    milliseconds,
    number_conditions,
    priorities,
    quoted,
    time_conditions,
)
from console.casework.filter_words import FilterError, Word, shell_words, words_of
from console.casework.findings import nearest
from console.casework.new_case import IMMINENCES, KINDS, PRIORITIES
from local_cache.query import SORTS, CaseQuery, Condition

__all__ = ["FIELDS", "FIELD_HINTS", "SIGNS", "FilterError", "complete", "hint", "last_word",
    "parse_filter",
]  # fmt: skip

STATES: Final = (
    "open", "in_review", "awaiting_requester", "awaiting_approval", "decided", "closed",
)  # fmt: skip
LEVELS: Final = ("green", "amber", "red")

FIELDS: Final[dict[str, str]] = {
    "priority": "priority", "queue": "queue", "kind": "kind", "state": "state",
    "imminence": "imminence", "lang": "language", "language": "language",
    "jurisdiction": "jurisdiction", "country": "country", "agency": "agency",
    "requester": "requester", "from": "requester", "title": "title", "id": "id",
    "ref": "reference", "reference": "reference", "their": "their_reference",
    "their_reference": "their_reference", "verification": "verification", "harm": "harm",
    "sensitivity": "sensitivity", "signal": "signal", "channel": "channel", "tag": "tag",
    "assignee": "assignee", "claim": "claim", "due": "due", "received": "received",
    "updated": "updated", "graphic": "graphic",
}  # fmt: skip
"""What may stand before a colon, and the field of the cache that it asks for."""

FIELD_HINTS: Final[dict[str, str]] = {
    "priority": "P0 to P3; <=P1 is P0 and P1", "is": "a sign of the case: unclaimed, overdue …",
    "due": "when its next clock runs out: <1h, >2d, a day",
    "received": "when it came: <1h is within the hour, >2d longer ago",
    "updated": "when it changed last: <1h, >2d, a day", "queue": "the queue it is in",
    "kind": "what kind of case", "state": "how far it is: open, in_review, decided …",
    "imminence": "how near the danger is", "lang": "the language it came in: en takes in en-GB",
    "jurisdiction": "whose law: US takes in US-CA", "country": "the requester's country",
    "agency": "who asks: a part of the agency's name", "requester": "who asks: a part of the name",
    "title": "words of the title", "id": "the id of the case", "ref": "a part of our reference",
    "their": "a part of their reference", "verification": "how far the requester is verified",
    "harm": "what is feared", "sensitivity": "what is sensitive in it",
    "signal": "green, amber or red: what speaks for or against the requester",
    "channel": "the way it came", "tag": "a tag it has", "assignee": "who is responsible: me, none",
    "claim": "who holds it: me, none", "graphic": "how graphic it is: >=2",
    "sort": "the order: due, or -due for the other way round",
    "view": "a saved view, by its number or name",
}  # fmt: skip
"""What each token asks for, in the words of completion and help."""

SIGNS: Final[dict[str, str]] = {
    "open": "not closed", "closed": "closed", "mine": "I hold it", "claimed": "somebody holds it",
    "unclaimed": "nobody holds it", "assigned": "somebody is responsible",
    "unassigned": "nobody is responsible", "overdue": "a clock has run out",
    "snoozed": "put aside", "unsent": "something of mine is not delivered",
    "changed": "changed while something was unsent", "waiting": "waits for the requester",
    "approval": "waits for a second person", "unverified": "the requester is not verified",
    "unreadable": "came broken", "gone": "no longer ours to see",
}  # fmt: skip
"""What may follow `is:`, and what it means."""

_CLOSED: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "kind": (KINDS, "kind of case"),
    "state": (STATES, "state"),
    "imminence": (IMMINENCES, "imminence"),
    "signal": (LEVELS, "level of a signal"),
}
_TIMES: Final = ("due", "received", "updated")
_PEOPLE: Final = ("assignee", "claim")
_SORT: Final = "sort"
_VIEW: Final = "view"
_NAMES: Final = frozenset((*FIELDS, "is", "not", _SORT, _VIEW))
_ALIASES: Final = ("reference", "their_reference", "language", "from")


class _Query(Struct):
    """A query in the making."""

    now: datetime
    me: str | None
    views: Mapping[str, str] | None = None
    """None within a view: one cannot name another."""
    conditions: list[Condition] = field(default_factory=list[Condition])
    words: list[str] = field(default_factory=list[str])
    without: list[str] = field(default_factory=list[str])
    sort: str = "urgency"
    descending: bool = False


def parse_filter(
    text: str | Sequence[str],
    *,
    now: datetime,
    me: str | None,
    sort: str = "urgency",
    descending: bool = False,
    views: Mapping[str, str] | None = None,
) -> CaseQuery:
    """Read a filter as typed, or as the words that a shell passed.

    Args:
        text: the filter.
        now: the server's time, which spans count from.
        me: the specialist's id, for `is:mine` and `assignee:me`; None where it is not known yet.
        sort: the order, unless the filter says another.
        descending: whether that order is turned around.
        views: the filters of saved views, by number and name, for `view:`.

    Raises:
        FilterError: names the first word that cannot be read, its column, and a suggestion.
    """
    words = words_of(text) if isinstance(text, str) else shell_words(text, _NAMES)
    query = _Query(now, me, views, sort=sort, descending=descending)
    for word in words:
        _read(query, word)
    return CaseQuery(
        conditions=tuple(query.conditions),
        words=tuple(query.words),
        without_words=tuple(query.without),
        sort=query.sort,
        descending=query.descending,
        now_ms=milliseconds(now),
    )


def _read(query: _Query, word: Word) -> None:
    negated, rest = _negation(word)
    if not rest.text.strip():
        raise FilterError(word.column, "there is nothing to look for here")
    broken = next((n for n, one in enumerate(rest.text) if "\ud800" <= one <= "\udfff"), None)
    if broken is not None:
        raise FilterError(rest.columns[broken], "this is not text that can be looked for")
    name, value = _field(rest)
    if name is None:
        (query.without if negated else query.words).append(rest.text)
        return
    if not value.text:
        raise FilterError(rest.column, f"{name}: needs a value", f"{name}:{_example(name)}")
    if name == _SORT:
        _order(query, value, negated=negated)
        return
    if name == _VIEW:
        _view(query, value, negated=negated)
        return
    made = _signs(query, value) if name == "is" else _conditions(query, FIELDS[name], value)
    _add(query, made, word, negated=negated)


def _add(query: _Query, made: tuple[Condition, ...], word: Word, *, negated: bool) -> None:
    if not negated:
        query.conditions += made
    elif len(made) == 1:
        one = made[0]
        query.conditions.append(Condition(one.field, one.op, one.values, negated=not one.negated))
    else:
        raise FilterError(word.column, "“not” needs a sign here, such as < or >=")


def _negation(word: Word) -> tuple[bool, Word]:
    negated = False
    while True:
        if word.text.startswith("-") and len(word.text) > 1 and not word.quoted[0]:
            negated, word = not negated, word.part(1)
        elif word.text[:4].casefold() == "not:" and not any(word.quoted[:4]):
            negated, word = not negated, word.part(4)
        else:
            return negated, word


def _field(word: Word) -> tuple[str | None, Word]:
    """Tell a field and its value from a free word; `10:30` and `https://…` are free words."""
    colon = word.find(":")
    name = word.text[:colon].casefold() if colon > 0 else ""
    if not name.replace("_", "").isalpha() or any(word.quoted[:colon]):
        return None, word
    value = word.part(colon + 1)
    if name in _NAMES:
        return name, value
    if value.text.startswith("//"):
        return None, word
    guess = nearest(name, _NAMES)
    message = f"there is no field {quoted(name)}; put quotes around the word to search for it"
    raise FilterError(word.column, message, f"{guess}:" if guess else None)


def _conditions(query: _Query, field: str, value: Word) -> tuple[Condition, ...]:
    if value.text.casefold() in ("none", "any") and field not in ("priority", "imminence", "id"):
        return (Condition(field, "set", (), negated=value.text.casefold() == "none"),)
    if field in _TIMES:
        return time_conditions(field, value, query.now)
    if field == "graphic":
        return number_conditions(field, value)
    values: list[str] = []
    for one in value.split(","):
        if not one.text.strip():
            raise FilterError(one.column, "a value is missing beside this comma")
        values += _values(query, field, one)
    return (Condition(field, "in", tuple(dict.fromkeys(values))),)


def _values(query: _Query, field: str, value: Word) -> tuple[str, ...]:
    if field == "priority":
        return priorities(value)
    if field in _CLOSED:
        known, what = _CLOSED[field]
        return (closed_word(value, known, what),)
    if field in _PEOPLE and value.text.casefold() == "me":
        return (_me(query, value),)
    return (value.text,)


def _me(query: _Query, value: Word) -> str:
    if query.me is None:
        raise FilterError(value.column, "who you are is not known before the first connection")
    return query.me


def _signs(query: _Query, value: Word) -> tuple[Condition, ...]:
    sign = closed_word(value, tuple(SIGNS), "sign that a case has")
    match sign:
        case "open":
            return (Condition("state", "in", ("closed",), negated=True),)
        case "closed":
            return (Condition("state", "in", ("closed",)),)
        case "mine":
            return (Condition("claim", "in", (_me(query, value),)),)
        case "claimed" | "unclaimed":
            return (Condition("claim", "set", negated=sign == "unclaimed"),)
        case "assigned" | "unassigned":
            return (Condition("assignee", "set", negated=sign == "unassigned"),)
        case "waiting":
            return (Condition("state", "in", ("awaiting_requester",)),)
        case "approval":
            return (Condition("state", "in", ("awaiting_approval",)),)
        case "unverified":
            return (Condition("verification", "in", ("UNVERIFIED", "IN_PROGRESS")),)
        case _:
            return (Condition(sign, "set"),)


def _order(query: _Query, value: Word, *, negated: bool) -> None:
    descending = value.text.startswith("-")
    key = value.part(1) if descending else value
    query.sort = closed_word(key, tuple(SORTS), "order")
    query.descending = descending != negated


def _view(query: _Query, value: Word, *, negated: bool) -> None:
    if negated:
        raise FilterError(value.column, "“not” cannot turn a view around")
    if query.views is None:
        raise FilterError(value.column, "a view cannot name another one")
    by_name = {name.casefold(): text for name, text in query.views.items()}
    found = by_name.get(value.text.casefold())
    if found is None:
        message = f"there is no view {quoted(value.text)}"
        raise FilterError(value.column, message, nearest(value.text, query.views))
    inner = _Query(query.now, query.me, sort=query.sort, descending=query.descending)
    try:
        for word in words_of(found):
            _read(inner, word)
    except FilterError as error:
        message = f"the view {quoted(value.text)} cannot be read: {error.message}"
        raise FilterError(value.column, message) from None
    query.conditions += inner.conditions
    query.words += inner.words
    query.without += inner.without
    query.sort, query.descending = inner.sort, inner.descending


def _example(name: str) -> str:
    if name in ("is", _SORT, _VIEW):
        return {"is": "open", _SORT: "due", _VIEW: "1"}[name]
    asked = FIELDS.get(name, name)
    if asked in _CLOSED:
        return _CLOSED[asked][0][0]
    examples = {"priority": "P0", "due": "<1h", "received": ">2d", "updated": "<1h"}
    return examples.get(asked, "none" if asked in _PEOPLE else "…")


# --- Completion ---------------------------------------------------------------------------------


def complete(
    text: str, column: int, *, known: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """Return what the word at `column` may become: whole words, to take its place.

    `known` adds values by field: queues, tags, agencies as the cache has them.
    """
    before = text[: max(0, min(column, len(text)))]
    typed = before[_word_start(before) :]
    start = len(typed) - len(typed.lstrip("-"))
    if typed[start : start + 4].casefold() == "not:":
        start += 4
    lead, rest = typed[:start], typed[start:]
    name, colon, value = rest.partition(":")
    if not colon:
        names = (one for one in FIELD_HINTS if one not in _ALIASES)
        return [f"{lead}{one}:" for one in names if one.startswith(name.casefold())]
    head, comma, last = value.rpartition(",")
    wanted = last.lstrip('"').casefold()
    found = [one for one in _choices(name.casefold(), known or {}) if _starts(one, wanted)]
    return [f"{lead}{name}:{head}{comma}{_as_typed(one)}" for one in found]


def hint(word: str) -> str:
    """Return what a word that `complete` offers asks for, as far as it can be told."""
    name, _, value = word.lstrip("-").removeprefix("not:").partition(":")
    if name == "is" and value:
        return SIGNS.get(value, "")
    return "" if value else FIELD_HINTS.get(name, "")


def last_word(text: str) -> str:
    """Return the word that is being typed, quotes holding spaces together; empty after a space."""
    return text[_word_start(text) :]


def without_begun(value: str) -> str:
    """Return a filter without the token that is begun at its end: the value of that will follow."""
    typing = last_word(value)
    begun = typing and any(name.startswith(typing) for name in FIELD_HINTS)
    return value.removesuffix(typing) if begun else value


def _word_start(text: str) -> int:
    start, inside = 0, False
    for place, one in enumerate(text):
        if one == '"':
            inside = not inside
        elif one.isspace() and not inside:
            start = place + 1
    return start


def _choices(name: str, known: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name == "is":
        return tuple(SIGNS)
    if name == _SORT:
        return (*SORTS, *(f"-{key}" for key in SORTS))
    asked = FIELDS.get(name, name)
    if asked == "priority":
        return PRIORITIES
    if asked in _CLOSED:
        return _CLOSED[asked][0]
    extra = known.get(asked, known.get(name, ()))
    if asked in _PEOPLE:
        return ("me", "none", *extra)
    if asked in _TIMES:
        return ("<1h", "<8h", "<1d", "<7d", *extra)
    return extra


def _starts(choice: str, wanted: str) -> bool:
    return choice.casefold().startswith(wanted)


def _as_typed(value: str) -> str:
    if value and not any(one.isspace() or one in '",\\' for one in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
