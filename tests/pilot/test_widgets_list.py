"""The list of cases: long, with rows that come late, and with text that attackers wrote."""

import asyncio
from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult

from widgets.case_list import Column, RowView, VirtualList
from widgets.line_widget import Piece, fit
from widgets.themes import register

COLUMNS = (Column("ref", 8, keep=2), Column("clock", 9, keep=1), Column("title", 0))


class Rows:
    """Rows by number, of which only those in `here` have come."""

    def __init__(self, title: str = "a title", here: range | None = None) -> None:
        self.title = title
        self.here = here
        self.marked: set[int] = set()
        self.asked: list[tuple[int, int]] = []

    def cells(self, index: int) -> RowView | None:
        if self.here is not None and index not in self.here:
            return None
        cells: Sequence[Sequence[Piece]] = (
            [(f"E-{index}", "text")],
            [("2h 05m", "statutory")],
            [(self.title, "text"), (" end", "muted")],
        )
        return RowView(cells, marked=index in self.marked)

    def want(self, start: int, stop: int) -> None:
        self.asked.append((start, stop))


class ListApp(App[None]):
    def __init__(self, rows: Rows, count: int) -> None:
        super().__init__()
        self.list = VirtualList(rows, COLUMNS, count=count, empty="No cases match the filter.")
        self.seen: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        register(self)
        self.list.focus()

    def on_virtual_list_highlighted(self, message: VirtualList.Highlighted) -> None:
        self.seen.append(message.index)

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        self.seen.append(f"chosen {message.index}")

    def lines(self) -> list[str]:
        return [self.list.render_line(y).text for y in range(self.list.size.height)]


async def test_a_million_rows_open_and_move() -> None:
    app = ListApp(Rows(), 1_000_000)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        assert "E-0 " in app.lines()[0]
        app.list.bottom()
        await pilot.pause()
        assert "E-999999" in app.lines()[-1]
        assert ">" in app.lines()[-1][:3]
        app.list.page(-1)
        assert app.list.cursor == 999_976
        app.list.half_page(-1)
        assert app.list.cursor == 999_964
        app.list.top()
        app.list.move(-5)
        await pilot.pause()
        assert app.list.cursor == 0
        assert app.seen[-1] == 0


async def test_only_the_last_of_many_moves_is_told() -> None:
    app = ListApp(Rows(), 1000)
    async with app.run_test() as pilot:
        for _ in range(50):
            app.list.move(1)
        await pilot.pause()
        assert app.seen[-1] == 50
        assert len(app.seen) < 50


async def test_what_is_worked_out_ahead_lets_keys_in_between() -> None:
    rows = Rows()
    app = ListApp(rows, 100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        row = rows.cells(1)
        assert row is not None
        may_come = ((number % 20, row) for number in range(10_000))
        app.list.work_out(may_come)
        for _ in range(20):  # turns of the loop that reads the terminal
            await asyncio.sleep(0)
        assert next(may_come, None) is not None


async def test_missing_rows_are_asked_for_once_and_painted_when_they_come() -> None:
    rows = Rows(here=range(0))
    app = ListApp(rows, 500)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert rows.asked == [(0, 10)]
        app.list.refresh()
        await pilot.pause()
        assert rows.asked == [(0, 10)]
        assert "·" in app.lines()[3]
        rows.here = range(60)
        app.list.rows_arrived(0, 60)
        await pilot.pause()
        assert "E-3 " in app.lines()[3]
        app.list.to(200)
        await pilot.pause()
        assert rows.asked[-1] == (191, 201)


async def test_rows_that_changed_are_painted_anew() -> None:
    rows = Rows()
    app = ListApp(rows, 20)
    async with app.run_test():
        assert "▌" not in app.lines()[2]
        rows.marked.add(2)
        app.list.rows_arrived(2, 3)
        assert "▌" in app.lines()[2]


async def test_a_new_list_keeps_the_cursor_on_its_line() -> None:
    app = ListApp(Rows(), 500)
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.to(100)
        app.list.move(-4)
        await pilot.pause()
        line = app.list.cursor - app.list.visible_rows.start
        app.list.reset(400, keep=90)
        await pilot.pause()
        assert app.list.cursor == 90
        assert app.list.cursor - app.list.visible_rows.start == line
        app.list.reset(3)
        assert app.list.cursor == 2
        app.list.reset(0)
        await pilot.pause()
        assert "No cases match the filter." in app.lines()[0]
        app.list.choose()
        app.list.page(1)
        await pilot.pause()
        assert not any(str(each).startswith("chosen") for each in app.seen)


async def test_choosing() -> None:
    app = ListApp(Rows(), 5)
    async with app.run_test() as pilot:
        app.list.to(3)
        app.list.choose()
        await pilot.pause()
        assert app.seen[-1] == "chosen 3"


async def test_jump_labels_stand_for_the_rows_in_sight() -> None:
    app = ListApp(Rows(), 1000)
    async with app.run_test(size=(80, 30)) as pilot:
        app.list.to(500)
        await pilot.pause()
        jumps = app.list.start_jump("asdf")
        assert list(jumps.values()) == list(app.list.visible_rows)[:16]
        assert "aa" in app.lines()[0]
        app.list.end_jump()
        assert "aa" not in app.lines()[0]


@pytest.mark.parametrize(("width", "shown"), [(80, "2h 05m"), (42, "E-0"), (32, "a title")])
async def test_where_there_is_little_room_the_least_columns_go(width: int, shown: str) -> None:
    app = ListApp(Rows(), 5)
    async with app.run_test(size=(width, 10)):
        assert shown in app.lines()[0]
        assert ("2h 05m" in app.lines()[0]) == (width == 80)
        assert ("E-0" in app.lines()[0]) == (width >= 42)
        header = "".join(text for text, _ in app.list.header())
        assert header.index("title") == app.lines()[0].index("a title")


@pytest.mark.parametrize(
    "title", ["[/foo] [b]bold[/b] [@click=app.quit]x[/]", "家" * 200, "é" * 90]
)
async def test_titles_are_literal_and_every_line_is_exactly_as_wide_as_the_list(title: str) -> None:
    app = ListApp(Rows(title), 40)
    async with app.run_test(size=(71, 12), notifications=True):
        for y in range(12):
            strip = app.list.render_line(y)
            assert sum(segment.cell_length for segment in strip) == strip.cell_length == 71
        assert title[:10] in app.lines()[0]
        assert app.lines()[0].rstrip().endswith("…" if len(title) > 80 else " end")


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 22, 23, 24])
async def test_a_list_may_be_narrow(width: int) -> None:
    app = ListApp(Rows(), 40)
    async with app.run_test(size=(width, 5)):
        for y in range(5):
            strip = app.list.render_line(y)
            assert sum(segment.cell_length for segment in strip) == width


async def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ListApp(Rows(), 5)
    async with app.run_test(size=(60, 5)) as pilot:
        app.list.to(1)
        await pilot.pause()
        strip = app.list.render_line(1)
        assert strip.text[1] == ">"
        styles = [segment.style for segment in strip if segment.style is not None]
        assert all(style.color is None and style.bgcolor is None for style in styles)
        assert any(style.reverse for style in styles)


@pytest.mark.parametrize("width", range(8))
def test_pieces_fit_exactly(width: int) -> None:
    from rich.cells import cell_len

    for text in ("", "abc", "家家家", "a家b", "abcdefghij"):
        fitted = fit([(text, "text"), ("", "muted"), ("xy", "muted")], width)
        assert sum(cell_len(part) for part, _ in fitted) == width
