"""The filter language: what each word asks for, and where a bad one is pointed at."""

from datetime import timedelta

import pytest

from console.casework.filter_values import milliseconds
from console.casework.filters import FIELDS, SIGNS, FilterError, complete, parse_filter
from local_cache.query import CaseQuery, Condition, where_of
from tests.casework_ground import NOW


def parse(text: str | list[str]) -> CaseQuery:
    return parse_filter(text, now=NOW, me="sp_1")


def one(text: str) -> Condition:
    (condition,) = parse(text).conditions
    return condition


HOUR = milliseconds(NOW + timedelta(hours=1))
TWO_DAYS_AGO = milliseconds(NOW - timedelta(days=2))


def test_the_design_s_own_example() -> None:
    query = parse(
        "priority:P0,P1 due:<1h queue:emergency is:unclaimed -lang:en"
        ' agency:"city police" verification:UNVERIFIED self-harm'
    )
    assert query.conditions == (
        Condition("priority", "in", ("P0", "P1")),
        Condition("due", "<", (HOUR,)),
        Condition("queue", "in", ("emergency",)),
        Condition("claim", "set", (), negated=True),
        Condition("language", "in", ("en",), negated=True),
        Condition("agency", "in", ("city police",)),
        Condition("verification", "in", ("UNVERIFIED",)),
    )
    assert query.words == ("self-harm",)
    assert (query.sort, query.descending, query.now_ms) == ("urgency", False, milliseconds(NOW))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("due:1h", Condition("due", "<", (HOUR,))),
        ("due:>1h", Condition("due", ">", (HOUR,))),
        ("received:>2d", Condition("received", "<", (TWO_DAYS_AGO,))),
        ("received:2d", Condition("received", ">", (TWO_DAYS_AGO,))),
        ("due:none", Condition("due", "set", (), negated=True)),
        ("priority:<=P1", Condition("priority", "in", ("P0", "P1"))),
        ("priority:>p2", Condition("priority", "in", ("P3", "P4"))),
        ("graphic:>=2", Condition("graphic", ">=", (2,))),
        ("state:OPEN", Condition("state", "in", ("open",))),
        ("assignee:me", Condition("assignee", "in", ("sp_1",))),
        ("claim:none", Condition("claim", "set", (), negated=True)),
        ("is:mine", Condition("claim", "in", ("sp_1",))),
        ("not:is:open", Condition("state", "in", ("closed",))),
        ("--lang:en", Condition("language", "in", ("en",))),
        ("not:-lang:en", Condition("language", "in", ("en",))),
        ('tag:"a, b",c', Condition("tag", "in", ("a, b", "c"))),
        (r'agency:"the \"real\" one"', Condition("agency", "in", ('the "real" one',))),
        ("ref:ED-2026", Condition("reference", "in", ("ED-2026",))),
    ],
)
def test_what_a_word_asks_for(text: str, condition: Condition) -> None:
    assert one(text) == condition


def test_a_day_is_that_day() -> None:
    first, last = parse("received:2026-11-23").conditions
    day = timedelta(hours=9, minutes=15)
    assert first == Condition("received", ">=", (milliseconds(NOW - day),))
    assert last == Condition("received", "<", (milliseconds(NOW - day + timedelta(days=1)),))


def test_a_moment_may_name_its_zone() -> None:
    assert one("due:<2026-11-23T12:15+02:00") == Condition("due", "<", (HOUR,))


def test_order_and_free_words() -> None:
    query = parse('sort:-due bridge "two words" -"not this" 10:30 https://x.test/a')
    assert (query.sort, query.descending) == ("due", True)
    assert query.words == ("bridge", "two words", "10:30", "https://x.test/a")
    assert query.without_words == ("not this",)


def test_shell_words_mean_what_typed_words_mean() -> None:
    typed = parse('agency:"city police" due:<1h -lang:en bridge')
    assert parse(["agency:city police", "due:1h", "not:lang:en", "bridge"]) == typed
    assert parse(['agency:"city police" due:<1h -lang:en bridge']) == typed
    assert parse(["priority:P0 is:open", "bridge"]) == parse("priority:P0 is:open bridge")


@pytest.mark.parametrize(
    ("text", "column", "suggestion"),
    [
        ("is:open priorty:P0", 8, "priority:"),
        ("is:opn", 3, "open"),
        ("state:open,closd", 11, "closed"),
        ("priority:P9", 9, None),
        ("priority:<P0", 9, None),
        ('due:<1h agency:"x', 15, None),
        ("due:soon", 4, "due:<1h"),
        ("due:", 0, "due:<1h"),
        ("lang:,en", 5, None),
        ("sort:du", 5, "due"),
        ("graphic:>x", 9, None),
        ("-received:2026-11-23", 0, None),
        ("due:99999999w", 4, None),
        ("x \ud800", 2, None),
    ],
)
def test_a_bad_word_is_named_with_its_column(
    text: str, column: int, suggestion: str | None
) -> None:
    with pytest.raises(FilterError) as refused:
        parse(text)
    found = refused.value
    if suggestion is None:
        assert found.column == column
    else:
        assert (found.column, found.suggestion) == (column, suggestion)
    assert str(found).startswith(f"column {column + 1}: ")


def test_the_column_of_a_shell_word_counts_through_the_words_before() -> None:
    with pytest.raises(FilterError) as refused:
        parse(["is:open", "priorty:P0"])
    assert refused.value.column == len("is:open ")


def test_mine_needs_to_know_who_i_am() -> None:
    with pytest.raises(FilterError):
        parse_filter("is:mine", now=NOW, me=None)


def test_every_field_and_sign_is_one_that_the_cache_has() -> None:
    values = {"priority": "P0", "kind": "other", "state": "open", "imminence": "none"}
    values |= {"signal": "red", "due": "1h", "received": "1h", "updated": "1h", "graphic": "1"}
    words = [f"{name}:{values.get(field, 'x')}" for name, field in FIELDS.items()]
    for word in (*words, *(f"is:{sign}" for sign in SIGNS)):
        for condition in parse(word).conditions:
            assert where_of(condition, 0).text


@pytest.mark.parametrize(
    ("text", "completions"),
    [
        ("pri", ["priority:"]),
        ("is:open -sta", ["-state:"]),
        ("is:unc", ["is:unclaimed"]),
        ("not:is:unc", ["not:is:unclaimed"]),
        ("state:open,awaiting_a", ["state:open,awaiting_approval"]),
        ("sort:-d", ["sort:-due"]),
        ('agency:"ci', ['agency:"City Police"']),
        ("assignee:m", ["assignee:me"]),
        ("nothing:x", []),
    ],
)
def test_completions_take_the_word_s_place(text: str, completions: list[str]) -> None:
    known = {"agency": ["City Police", "Harbour"]}
    assert complete(text, len(text), known=known) == completions
    for completion in completions:
        if not completion.endswith(":"):
            parse(completion)
