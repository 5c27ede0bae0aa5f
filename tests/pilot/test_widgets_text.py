"""The view of a long text, and the masks that stand in it."""

import pytest
from textual.app import App, ComposeResult

from widgets.masked_text import COVER, MaskedSection
from widgets.text_lines import PART, Line, heading, lines_of
from widgets.text_view import TextView
from widgets.themes import register


class ViewApp(App[None]):
    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.view = TextView(lines, empty="No case is open.")

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        register(self)
        self.view.focus()

    def lines(self) -> list[str]:
        return [strip.text for strip in self.view.render_lines(self.view.size.region)]

    def shown(self) -> str:
        return "\n".join(line[1:].rstrip() for line in self.lines())


def numbered(count: int, start: int = 0) -> list[Line]:
    return [Line(((f"line {number}", "text"),), key=f"k{number}") for number in range(start, count)]


async def test_scrolling() -> None:
    app = ViewApp(numbered(100))
    async with app.run_test(size=(40, 10)) as pilot:
        assert app.view.position[:3] == (1, 10, 100)
        app.view.move(3)
        assert app.lines()[0][1:].startswith("line 3 ")
        app.view.page(1)
        app.view.half_page(1)
        assert app.view.position.first == 18
        app.view.bottom()
        await pilot.pause()
        assert app.lines()[-1][1:].startswith("line 99")
        app.view.move(5)
        assert app.lines()[-1][1:].startswith("line 99")
        app.view.top()
        app.view.move(-1)
        assert app.view.position.first == 1


async def test_lines_are_broken_between_words_and_at_any_width() -> None:
    app = ViewApp([Line((("Subject: ", "muted"), ("one two three four", "text")), hang=9)])
    async with app.run_test(size=(20, 5)) as pilot:
        assert app.shown().startswith("Subject: one two\n         three four")
        await pilot.resize_terminal(60, 5)
        await pilot.pause()
        assert app.shown().startswith("Subject: one two three four")


async def test_search_goes_from_hit_to_hit_round_the_end() -> None:
    lines = numbered(50)
    lines[5] = Line((("a Nee", "text"), ("dle and a needle", "muted")))
    lines[40] = Line((("needle", "text"),))
    app = ViewApp(lines)
    async with app.run_test(size=(40, 10)) as pilot:
        assert app.view.search("NEEDLE") == 3
        assert app.view.hits == (1, 3)
        roles = [segment.style for segment in app.view.render_line(5)]
        assert app.view.looks.style("found here") in roles
        assert app.view.looks.style("found") in roles
        app.view.search_next(2)
        await pilot.pause()
        assert "needle" in app.shown()
        assert app.view.position.first > 30
        app.view.search_next()
        assert app.view.hits == (1, 3)
        app.view.search_next(-1)
        assert app.view.hits == (3, 3)
        assert app.view.search("nowhere") == 0
        assert not app.view.search_next()
        assert app.view.search("") == 0


async def test_a_hit_across_a_row_break_is_marked_on_both_rows() -> None:
    app = ViewApp([Line((("aaaa bbbb cccc", "text"),))])
    async with app.run_test(size=(11, 4)):
        app.view.search("bbbb cccc")
        mark = app.view.looks.style("found here")
        for y in (0, 1):
            assert mark in [segment.style for segment in app.view.render_line(y)]


async def test_headings() -> None:
    lines = [heading("One"), *numbered(20), heading("Two"), *numbered(20), heading("Three")]
    app = ViewApp([*lines, *numbered(20)])
    async with app.run_test(size=(40, 8)):
        assert app.view.next_heading()
        assert app.lines()[0][1:4] == "Two"
        assert app.view.next_heading()
        assert not app.view.next_heading()
        app.view.move(2)
        assert app.view.next_heading(-1)
        assert app.lines()[0][1:6] == "Three"
        assert app.view.next_heading(-2)
        assert app.lines()[0][1:4] == "One"
        assert not app.view.next_heading(-1)


async def test_a_renewed_text_stays_where_it_was() -> None:
    app = ViewApp(numbered(100))
    async with app.run_test(size=(40, 10)):
        app.view.move(50)
        app.view.set_lines([*lines_of("new\nlines\nabove"), *numbered(100)])
        assert app.lines()[0][1:].startswith("line 50")
        app.view.set_lines(numbered(100), keep=False)
        assert app.lines()[0][1:].startswith("line 0")
        app.view.move(50)
        app.view.set_lines(numbered(5))
        assert app.lines()[0][1:].startswith("line 0")
        app.view.set_lines([])
        assert "No case is open." in app.lines()[0]


async def test_a_text_of_a_megabyte_is_shown_in_parts() -> None:
    app = ViewApp(lines_of("word " * 200_000) + numbered(3))
    async with app.run_test(size=(80, 24)) as pilot:
        parts = app.view.position.parts
        assert parts == -(-1_000_000 // PART)
        assert sum(len(row.text) for row in map(app.view.render_line, range(24))) == 24 * 80
        app.view.move(10**9)
        assert f"part 1 of {parts}" in app.lines()[-1]
        app.view.move(1)
        assert app.view.position.part == 2
        assert app.view.position.first == 1
        app.view.move(-1)
        assert app.view.position.part == 1
        assert f"part 1 of {parts}" in app.lines()[-1]
        app.view.search("line 2")
        await pilot.pause()
        assert app.view.position.part == parts
        assert "line 2" in app.shown()


@pytest.mark.parametrize(
    "text",
    ["[/foo] [b]x[/b] [@click=app.quit]y[/]", "家" * 500, "e\u0301" * 300, "🇩🇪👩‍👩‍👧" * 50, ""],
)
async def test_text_is_literal_and_every_row_exactly_as_wide(text: str) -> None:
    app = ViewApp([Line(((text, "text"),)), Line(((" " * 300, "text"),))])
    async with app.run_test(size=(37, 20), notifications=True):
        for y in range(20):
            assert app.view.render_line(y).cell_length == 37
        assert text[:10] in app.shown()


async def test_what_is_masked_is_nowhere_to_be_found_until_revealed() -> None:
    section = MaskedSection("m1", "message text", lines_of("secret words"))
    app = ViewApp(section.shown(revealed=False, hint="x t reveals it"))
    async with app.run_test(size=(60, 5)):
        assert COVER in app.shown()
        assert "message text is hidden · x t reveals it" in app.shown()
        assert app.view.search("secret") == 0
        app.view.set_lines(section.shown(revealed=True, hint=""))
        assert "secret words" in app.shown()
        assert app.view.hits == (0, 1)
