"""What holds for any text that is broken at any width, and for any text at the last wall."""

from typing import Any

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from local_cache.hostile import visible
from widgets import terse
from widgets.armor import harmless
from widgets.line_widget import fit
from widgets.text_lines import Line, cut, find
from widgets.wrapping import wrap

TEXTS = st.text(st.characters(categories=("L", "N", "P", "S", "M", "Zs"))).map(visible)


@given(TEXTS, st.integers(2, 30), st.integers(0, 5))
def test_rows_have_all_of_the_text_and_none_is_too_wide(text: str, width: int, hang: int) -> None:
    rows = wrap(text, width, hang=min(hang, width - 2))
    assert "".join(text[start:end] for start, end in rows) == text
    for number, (start, end) in enumerate(rows):
        room = width if number == 0 else width - min(hang, width - 2)
        assert cell_len(text[start:end].rstrip()) <= room


@given(st.lists(st.sampled_from(["a", "bb", "long-word-of-many-letters", "家家"]), max_size=30))
def test_words_that_fit_are_not_broken(words: list[str]) -> None:
    text = " ".join(words)
    rows = [text[start:end] for start, end in wrap(text, 26)]
    assert [word for row in rows for word in row.split()] == words
    assert all(cell_len(row.rstrip()) <= 26 for row in rows)


@given(st.lists(TEXTS, max_size=4), st.integers(0, 40))
def test_fitted_pieces_are_exactly_as_wide_as_asked(texts: list[str], width: int) -> None:
    fitted = fit([(text, "text") for text in texts], width)
    assert cell_len("".join(text for text, _ in fitted)) == width


@given(st.lists(st.text(max_size=9), max_size=5), st.integers(0, 30), st.integers(0, 30))
def test_cutting_pieces_is_cutting_their_text(texts: list[str], start: int, length: int) -> None:
    pieces = [(text, str(number)) for number, text in enumerate(texts)]
    parts = "".join(text for text, _ in cut(pieces, start, start + length))
    assert parts == "".join(texts)[start : start + length]


@given(st.text(max_size=80), st.text(min_size=1, max_size=3))
def test_every_hit_is_what_was_searched(text: str, words: str) -> None:
    line = Line(((text[:5], "text"), (text[5:], "muted")))
    for hit in find([line], words):
        assert len(text[hit.start : hit.end]) == len(words)
    assert bool(find([line], words)) >= (words in text)


@given(st.text())
def test_what_was_made_visible_passes_the_last_wall_as_it_is(text: str) -> None:
    assert harmless(visible(text)) == visible(text)
    assert not any(ord(character) < 0x20 for character in harmless(text))


STYLES = st.builds(
    Style,
    color=st.sampled_from([None, "#ff8800", "red", "default"]),
    bgcolor=st.sampled_from([None, "#101418", "blue"]),
    bold=st.sampled_from([None, True, False]),
    underline=st.sampled_from([None, True]),
    italic=st.sampled_from([None, True]),
    reverse=st.sampled_from([None, True]),
    strike=st.sampled_from([None, True]),
)


@given(st.lists(st.tuples(st.sampled_from(["a", "bc", " "]), st.none() | STYLES), max_size=12))
def test_few_bytes_show_what_many_do(parts: list[tuple[str, Style | None]]) -> None:
    system = ColorSystem.TRUECOLOR
    whole = "".join(style.render(text) if style else text for text, style in parts)
    assert looks_of(terse.written(parts, system)) == looks_of(whole)


def looks_of(sent: str) -> list[object]:
    screen: Any = pyte.Screen(40, 1)
    pyte.Stream(screen).feed(f"{sent}.")
    return [screen.buffer[0][x] for x in range(40)]
