"""Keys that edit, in every kind of text, in the order in which they come."""

from collections.abc import Generator
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from console.commands import keys
from console.screens.desk import DeskScreen
from tests.pilot.ground import Ground, at_the_desk
from widgets.editing import Cut, Edit
from widgets.text_box import TextEntry
from widgets.text_entry import LineEntry


class EditApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LineEntry()
        yield TextEntry()


MOVES: list[tuple[str, int, list[Edit], str, int]] = [
    ("one two", 7, ["word_left"], "one two", 4),
    ("one two", 4, ["word_left"], "one two", 0),
    ("one  two", 0, ["word_right", "word_right"], "one  two", 8),
    ("one two", 3, ["line_start"], "one two", 0),
    ("one two", 3, ["line_end", "left"], "one two", 6),
    ("one two", 7, ["delete_word_left"], "one ", 4),
    ("one two", 0, ["delete_word_right"], " two", 0),
    ("one two", 4, ["delete_to_start"], "two", 0),
    ("one two", 3, ["delete_to_end"], "one", 3),
    ("one two", 1, ["delete_right", "delete_left"], "e two", 0),
    ("one two three", 13, ["delete_word_left", "delete_word_left", "paste"], "one two three", 13),
    ("one two", 0, ["delete_word_right", "line_end", "paste"], " twoone", 7),
    ("one two", 0, ["delete_word_right", "right", "delete_to_end", "paste"], " two", 4),
    ("one two", 7, ["delete_word_left", "undo"], "one two", 7),
    ("one two", 7, ["delete_word_left", "undo", "redo"], "one ", 4),
    ("one two", 0, ["mark", "word_right", "cut"], " two", 0),
    ("one two", 7, ["mark", "word_left", "left", "cut", "line_start", "paste"], " twoone", 4),
    ("one two", 0, ["mark", "word_right", "copy", "line_end", "paste"], "one twoone", 10),
    ("one two", 3, ["mark", "line_start", "delete_left"], " two", 0),
    ("one two", 3, ["mark", "line_start", "delete_to_end"], "", 0),
    ("one two", 3, ["mark", "cut"], "one two", 3),
    ("one two", 7, ["mark", "mark", "cut"], "one ", 4),
    ("one two", 0, ["mark", "word_right", "mark", "word_right", "cut"], "one", 3),
    ("one two", 0, ["delete_word_right", "mark", "line_end", "paste"], " twoone", 7),
    ("日本 語", 4, ["word_left", "delete_word_left"], "語", 0),
]


@pytest.mark.parametrize("case", MOVES, ids=lambda case: " ".join(case[2]))
async def test_one_key_does_the_same_in_a_line_and_in_a_text(
    case: tuple[str, int, list[Edit], str, int],
) -> None:
    start, cursor, edits, text, left_at = case
    app = EditApp()
    async with app.run_test():
        line, box = app.query_one(LineEntry), app.query_one(TextEntry)
        line.start_anew(start)
        line.cursor_position = cursor
        box.load_text(start)
        box.move_cursor((0, cursor))
        for entry in (line, box):
            cut = Cut()
            for what in edits:
                entry.edit_text(what, cut)
        assert (line.value, line.cursor_position) == (text, left_at)
        assert (box.text, box.cursor_location) == (text, (0, left_at))


async def test_lines_are_chosen_from_a_mark_and_what_is_typed_takes_the_place_of_nothing() -> None:
    app = EditApp()
    async with app.run_test() as pilot:
        box = app.query_one(TextEntry)
        box.focus()
        box.load_text("one\ntwo\nthree")
        box.move_cursor((0, 1))
        cut = Cut()
        for what in ("mark", "down", "line_end"):
            box.edit_text(what, cut)
        assert box.selected_text == "ne\ntwo"
        box.edit_text("cut", cut)
        assert (box.text, cut.text) == ("o\nthree", "ne\ntwo")
        for what in ("mark", "text_end"):
            box.edit_text(what, cut)
        await pilot.press("x")
        assert (box.text, box.selected_text) == ("o\nthreex", "")
        line = app.query_one(LineEntry)
        line.focus()
        line.start_anew("secret")
        line.password = True
        for what in ("mark", "line_start", "copy", "mark", "line_end", "cut"):
            line.edit_text(what, cut)
        assert (line.value, cut.text) == ("", "ne\ntwo")


async def test_typing_is_taken_back_a_word_at_a_time_and_nothing_of_a_password_is_cut() -> None:
    app = EditApp()
    async with app.run_test() as pilot:
        line = app.query_one(LineEntry)
        line.focus()
        await pilot.press(*"ab", "space", *"cd")
        cut = Cut()
        line.edit_text("undo", cut)
        assert line.value == "ab"
        line.edit_text("undo", cut)
        assert line.value == ""
        line.edit_text("redo", cut)
        assert line.value == "ab"
        line.password = True
        line.edit_text("delete_to_start", cut)
        assert (line.value, cut.text) == ("", "")


async def test_a_line_end_is_cut_and_put_in_again_as_a_space_in_a_line() -> None:
    app = EditApp()
    async with app.run_test():
        line, box = app.query_one(LineEntry), app.query_one(TextEntry)
        cut = Cut()
        box.load_text("one\ntwo")
        box.move_cursor((0, 0))
        for _ in range(3):
            box.edit_text("delete_to_end", cut)
        assert (box.text, cut.text) == ("", "one\ntwo")
        line.edit_text("paste", cut)
        assert line.value == "one two"
        cut.forget()
        line.edit_text("paste", cut)
        assert line.value == "one two"


@pytest.fixture
def emacs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setenv("NIGHTDESK_HOME", str(tmp_path / "home"))
    keys.use("emacs")
    yield
    monkeypatch.undo()
    keys.look_again()


async def test_the_line_at_the_bottom_follows_the_keymap_in_the_order_of_one_read(
    tmp_path: Path, emacs: None
) -> None:
    ground = Ground(tmp_path)
    ground.seed()
    async with at_the_desk(ground) as hand:
        await hand.press("colon")
        entry = hand.app.screen.focused
        assert isinstance(entry, LineEntry)
        await hand.type("ab cd\x17")  # ctrl+w in the same read as what it deletes
        assert entry.value == "ab "
        await hand.type("\x01\x1bd\x05\x19")  # ctrl+a, alt+d, ctrl+e, ctrl+y
        assert entry.value == " ab"
        await hand.press("escape")
        await hand.see("A word left")  # what may follow is shown
        await hand.press("b")
        assert (entry.value, entry.cursor_position) == (" ab", 1)
        await hand.press("escape", "ctrl+g")  # the prefix first, and then the line
        assert hand.app.screen.focused is entry
        await hand.type("\x00\x06\x1bw\x19")  # the mark, ctrl+f, alt+w, ctrl+y
        assert entry.value == " aab"
        await hand.type("\x00\x01\x17")  # the mark, ctrl+a, ctrl+w
        assert entry.value == "b"
        await hand.press("ctrl+at", "ctrl+e", "ctrl+g")
        assert entry.selected_text == ""
        assert hand.app.screen.focused is entry
        await hand.press("ctrl+g")
        screen = hand.app.screen
        assert isinstance(screen, DeskScreen)
        assert screen.focused is not entry
        await hand.press("n", "p", "escape", "x")
        assert hand.app.screen.focused is entry
        await hand.press("escape", "escape")
        assert hand.app.screen.focused is not entry
    ground.desk.close()
