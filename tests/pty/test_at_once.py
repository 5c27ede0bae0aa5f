"""What is painted past Textual's compositor is what the compositor would have painted."""

import random
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.pty.terminal import Terminal, environment, terminal

APP = Path(__file__).with_name("painting_app.py")
KEYS = "jjjjjjkkkkddduuugGnsrrflLowWmMMMM\t\t"
ALL_ANEW = "\x19"


@pytest.fixture(params=[(120, 30), (41, 9)], ids=str)
def painting(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Terminal]:
    columns, lines = request.param
    surroundings = environment(tmp_path, "", PYTHONPATH=str(APP.parents[2]))
    with terminal(
        sys.executable, str(APP), columns=columns, lines=lines, environment=surroundings
    ) as one:
        pressed(one, "j", 1)
        yield one


def pressed(one: Terminal, keys: str, count: int) -> int:
    """Type keys in one go, as a held key comes; return how many frames were painted at once."""
    one.type(keys)
    one.until(lambda: one.screen.title.startswith(f"{count} "), f"key {count}, {keys!r}")
    return int(one.screen.title.split()[1])


def cells(one: Terminal) -> dict[tuple[int, int], Any]:
    buffer = one.screen.buffer
    return {(y, x): seen(buffer[y][x]) for y in range(one.lines) for x in range(one.columns)}


def seen(cell: Any) -> Any:
    """Of a space only its ground is seen, but where a line is drawn, or the colours are turned."""
    if cell.data != " " or cell.underscore or cell.reverse or cell.strikethrough:
        return cell
    return cell._replace(fg="", bold=False, italics=False)


def difference(one: Terminal, shown: dict[tuple[int, int], Any]) -> list[Any]:
    """Return the cells that are not as they were: place, before and now."""
    return [(place, shown[place], now) for place, now in cells(one).items() if shown[place] != now]


def test_the_screen_is_as_the_compositor_paints_it(painting: Terminal) -> None:
    draw = random.Random(painting.columns + 1)
    count, at_once = 1, 0
    for _ in range(80):
        typed = "".join(draw.choice(KEYS) for _ in range(draw.choice((1, 1, 1, 2, 5))))
        count += len(typed)
        at_once = pressed(painting, typed, count)
        shown = cells(painting)
        count += 1
        pressed(painting, ALL_ANEW, count)
        assert not difference(painting, shown), f"after {typed!r}"
    assert at_once > 40  # it did go this way


@pytest.mark.parametrize("painting", [(120, 30)], indirect=True)
def test_over_a_line_that_takes_nothing_keys_go_on_and_the_end_is_right(painting: Terminal) -> None:
    for _ in range(100):
        painting.type("d" * 20 + "g")  # nobody reads what is painted
    painting.type("G")
    pressed(painting, "k", 1 + 2102)
    shown = cells(painting)
    sent = len(painting.sent)
    pressed(painting, ALL_ANEW, 1 + 2103)
    assert not difference(painting, shown)
    assert sent < 1_000_000  # frames were left out: all of them are some 5 MB
