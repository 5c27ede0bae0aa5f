"""What holds of outside text, whatever it is, once it was made visible or written as JSON."""

import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cache.hostile import Hostile, escaped, hidden_count, visible
from tests.hostile import CORPUS, LONE_SURROGATES, NAMED, TEXTS, hidden

LINES = st.booleans()


@given(TEXTS, LINES)
def test_what_is_visible_stays_as_it_is(text: str, multiline: bool) -> None:
    shown = visible(text, multiline=multiline)
    assert visible(shown, multiline=multiline) == shown


@given(TEXTS, LINES)
def test_nothing_that_acts_or_hides_is_left(text: str, multiline: bool) -> None:
    assert list(hidden(visible(text, multiline=multiline), multiline=multiline)) == []


@pytest.mark.parametrize("name", NAMED)
def test_nothing_of_the_corpus_acts_or_hides(name: str) -> None:
    assert list(hidden(visible(NAMED[name]))) == []
    assert list(hidden(visible(NAMED[name], multiline=True), multiline=True)) == []


@given(TEXTS, LINES)
def test_it_can_always_be_written(text: str, multiline: bool) -> None:
    visible(text, multiline=multiline).encode("utf-8")


@given(TEXTS)
def test_nothing_is_dropped_in_silence(text: str) -> None:
    """Every character stays, or something longer stands for it: no text gets shorter."""
    shown = visible(text)
    assert len(shown) >= min(len(text), 4)
    for character in set(text):
        if character.isalnum() and not any(hidden(character)):
            assert character in shown


@given(TEXTS)
def test_a_joiner_stays_only_between_what_it_joins(text: str) -> None:
    shown = visible(text)
    for at, character in enumerate(shown):
        if character in "\u200c\u200d":
            around = shown[at - 1 : at] + shown[at + 1 : at + 2]
            assert len(around) == 2
            assert not around.isascii()


@given(TEXTS)
def test_no_letter_carries_marks_without_end(text: str) -> None:
    run = 0
    for character in visible(text):
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        assert run < 40


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 👨🏽‍🚒 ☺️ 1️⃣ 🇩🇪",
        "می‌خواهم",
        "क्‍ष नमस्ते",
        "שָׁלוֹם",
        "مُحَمَّدٌ",
        "น้ำ",
        "家 緊急",
        "Ångström é e\u0301",
        "ﷺ",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\u202egpj.exe", "⟦RLO⟧gpj.exe"),
        ("\U000e0068", "⟦TAG h⟧"),
        ("\x9b", "⟦U+009B⟧"),
        ("\ue000", "⟦U+E000⟧"),
        ("\ufdd0\U0001fffe", "⟦U+FDD0⟧⟦U+1FFFE⟧"),
        ("\U0001bca0\u180b", "⟦U+1BCA0⟧⟦U+180B⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("a\r\nb\rc", "a␍␊b␍c"),
        ("\u0301x", "◌\u0301x"),
        ("pol\u200dice", "pol⟦ZWJ⟧ice"),
    ],
)
def test_what_is_hidden_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_where_there_is_room_for_them() -> None:
    assert visible("a\r\nb\rc\td", multiline=True) == "a\nb␍c    d"
    assert visible("a\n\u0301b", multiline=True) == "a\n◌\u0301b"


@given(TEXTS)
def test_hidden_characters_are_counted(text: str) -> None:
    plain = text.replace("\n", "").replace("\t", "").replace("\r", "")
    assert bool(hidden_count(plain)) >= bool(list(hidden(plain)))


# --- JSON ---------------------------------------------------------------------------------------

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
def test_escaped_json_is_the_same_json_and_acts_on_nothing(value: Any) -> None:
    text = escaped(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert list(hidden(text)) == []
    assert not set("\u200c\u200d") & set(text)
    text.encode("utf-8")


def test_lone_surrogates_come_back() -> None:
    for text in LONE_SURROGATES:
        assert json.loads(escaped(json.dumps(text, ensure_ascii=False))) == text


# --- The type -----------------------------------------------------------------------------------

WAYS: dict[str, Callable[[Hostile], object]] = {
    "str": str,
    "format": lambda text: f"{text}",
    "format with a width": lambda text: f"{text:>10}",
    "str.format": lambda text: "{}".format(text),  # noqa: UP032 - the old way is a way too
    "percent": lambda text: "%s" % text,  # noqa: UP031 - the old way is a way too
    "plus": lambda text: text + "x",  # type: ignore[operator] - refused by types too
    "plus from the right": lambda text: "x" + text,  # type: ignore[operator] - refused by types too
    "join": lambda text: "".join([text]),  # type: ignore[list-item] - refused by types too
    "iterate": lambda text: list(text),  # type: ignore[call-overload] - refused by types too
    "index": lambda text: text[0],  # type: ignore[index] - refused by types too
    "print": lambda text: print(text),
    "bytes": lambda text: bytes(text),  # type: ignore[call-overload] - refused by types too
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ["plain", "\x1b]0;x\x07", ""])
def test_hostile_text_becomes_no_string_by_accident(way: str, text: str) -> None:
    with pytest.raises(TypeError):
        WAYS[way](Hostile(text))


@pytest.mark.parametrize("text", CORPUS)
def test_its_repr_says_nothing_of_it(text: str) -> None:
    assert repr(Hostile(text)) == f"<Hostile, {len(text)} characters>"


@given(TEXTS)
def test_it_keeps_what_came(text: str) -> None:
    hostile = Hostile(text)
    assert hostile.raw == text
    assert len(hostile) == len(text)
    assert bool(hostile) == bool(text)
    assert hostile == Hostile(text)
    assert hash(hostile) == hash(Hostile(text))
    assert hostile != text
