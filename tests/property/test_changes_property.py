"""Whatever stood there, writing what differs shows what writing all shows."""

from typing import Any

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate

from widgets import armor
from widgets.changes import Painted
from widgets.line_widget import fit
from widgets.shown import Shown

COLUMNS, LEFT, WIDTH = 30, 3, 24
CONSOLE = Console(force_terminal=True, color_system="truecolor")
STYLES = {
    "text": Style(color="#ddeeff", bgcolor="#101010"),
    "muted": Style(color="#808080", bgcolor="#101010"),
    "P0": Style(color="#ff8080", bgcolor="#101010", bold=True, underline=True),
    "cursor": Style(color="#ddeeff", bgcolor="#304050"),
    "found": Style(reverse=True),
}
# What terminals agree on, narrow and wide, and what they do not: marks, flags, Indic and Arabic.
WORDS = st.sampled_from(
    [" ", "   ", "          ", "a", "new", "review", "家", "家に帰る", "é", "e\u0301", "\u0301",
     "🇩🇪", "👍🏽", "סוד", "شرطة", "सूर्य", "§", "…"]
)  # fmt: skip
CELLS = st.sampled_from(["    ", "a   ", "b   ", "家  ", "里  ", "家里", "  b ", "नि  "])
ROLES = st.sampled_from(sorted(STYLES))
# Texts of any width, and columns, of which many cells are as in the line before.
PIECES = st.lists(st.tuples(WORDS, ROLES), max_size=8) | st.lists(
    st.tuples(CELLS, ROLES | st.just("text")), min_size=5, max_size=5
)


def line_of(pieces: list[tuple[str, str]]) -> Painted:
    fitted = fit([("┃", "muted"), *pieces], WIDTH)
    return Painted([Segment(text, STYLES[role]) for text, role in fitted], WIDTH)


LINES = PIECES.map(line_of)


def drawn(*written: str) -> list[Any]:
    """Return the cells of a line after all that was written to it, as they are seen."""
    screen = pyte.Screen(COLUMNS, 1)
    stream = pyte.Stream(screen)
    for each in written:
        stream.feed(each)
    return [seen(screen.buffer[0][x]) for x in range(COLUMNS)]


def seen(cell: Any) -> Any:
    if cell.data != " " or cell.underscore or cell.reverse:
        return cell
    return cell._replace(fg="", bold=False)


def put(shown: Shown, line: Painted, *, alike: bool) -> str:
    return "".join(shown.put([line], LEFT, 0, CONSOLE, alike=alike))


@given(st.lists(LINES, min_size=2, max_size=4), st.booleans())
def test_what_differs_makes_of_one_line_the_other(lines: list[Painted], alike: bool) -> None:
    armor.install()
    shown = Shown()
    written = [put(shown, line, alike=alike) for line in lines]
    assert drawn(*written) == drawn(put(Shown(), lines[-1], alike=alike))


def test_cells_that_are_passed_over_stay_where_they_are() -> None:
    """Of characters that take two cells the cursor goes two further, and colours are seen too."""
    armor.install()
    for before, after in (
        ([("家............里", "text")], [("日............本", "text")]),
        ([("same", "text")], [("same", "muted")]),
        ([("sa", "text"), ("me", "P0")], [("same", "text")]),
    ):
        shown = Shown()
        written = [put(shown, line_of(pieces), alike=True) for pieces in (before, after)]
        assert drawn(*written) == drawn(put(Shown(), line_of(after), alike=True))


@given(LINES)
def test_what_stands_there_is_not_written_again(line: Painted) -> None:
    armor.install()
    shown = Shown()
    assert put(shown, line, alike=True)
    assert not put(shown, line, alike=True)
    assert not put(shown, Painted(line, line.cell_length), alike=True)


@given(LINES, st.integers(0, COLUMNS - 1), st.integers(1, 12))
def test_what_was_painted_over_is_written_whole(line: Painted, start: int, cells: int) -> None:
    armor.install()
    shown = Shown()
    whole = put(shown, line, alike=True)
    shown.paint_over(ChopsUpdate([], [(0, start, start + cells)], []))
    covered = start < LEFT + WIDTH and start + cells >= LEFT
    assert put(shown, line, alike=True) == (whole if covered else "")


@given(LINES, LINES, st.integers(0, COLUMNS - WIDTH))
def test_a_line_over_another_is_all_that_is_known_of_it(
    line: Painted, over: Painted, left: int
) -> None:
    armor.install()
    shown = Shown()
    whole = put(shown, line, alike=True)
    "".join(shown.put([over], left, 0, CONSOLE, alike=True))
    if left != LEFT:
        assert put(shown, line, alike=True) == whole
