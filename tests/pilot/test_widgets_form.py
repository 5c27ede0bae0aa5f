"""Forms that are filled in from the keyboard alone."""

import pytest
from textual import events
from textual.app import App, ComposeResult

from widgets.choice import Choice, Option
from widgets.form import ChoiceField, Field, Form, LineField, MultiChoiceField, TextField
from widgets.themes import register

HOSTILE = "[/foo] [@click=app.quit]x[/]"
OPTIONS = [
    Option("grant", "Disclose in full", key="g"),
    Option("part", "Disclose in part", note="the scope is picked next"),
    Option("deny", HOSTILE),
    Option("refer", "Refer elsewhere", unavailable="the policy names nobody to refer to"),
]


class FormApp(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.form = Form(
            [
                ChoiceField("outcome", "Outcome", OPTIONS, required=True, help="what is decided"),
                MultiChoiceField("scope", "Scope", OPTIONS[:3]),
                LineField("number", "Number", required=True),
                TextField("reason", "Reason"),
            ]
        )
        self.changed: list[str] = []
        self.finished = 0

    def compose(self) -> ComposeResult:
        yield self.form

    def on_mount(self) -> None:
        register(self)
        self.form.go_to_first()

    def on_field_changed(self, message: Field.Changed) -> None:
        self.changed.append(message.field.key)

    def on_form_finished(self) -> None:
        self.finished += 1

    def field(self, key: str) -> Field:
        return self.form.field(key)

    def choice(self, key: str) -> Choice:
        field = self.form.field(key)
        assert isinstance(field, ChoiceField)
        return field.choice

    def shown(self) -> str:
        lines: list[str] = []
        for field in self.form.fields:
            for child in field.children:
                if child.display:
                    lines += [child.render_line(y).text for y in range(child.size.height)]
        return "\n".join(lines)


@pytest.mark.parametrize(
    ("keys", "picked"),
    [
        (["g"], "grant"),
        (["2"], "part"),
        (["down", "space"], "part"),
        (["end", "up", "space"], "deny"),
        (["i", "n", "space", "p", "enter"], "part"),
        (["d", "i", "s", "enter"], "grant"),
        (["d", "i", "s", "down", "enter"], "part"),
        (["d", "e", "n", "y", "enter"], "deny"),
        (["z", "z"], None),
        (["z", "d", "e", "n", "z", "enter"], "deny"),
        (["d", "e", "n", "backspace", "backspace", "backspace", "enter"], "deny"),
    ],
)
async def test_one_option_is_picked(keys: list[str], picked: str | None) -> None:
    app = FormApp()
    async with app.run_test(size=(80, 40), notifications=True) as pilot:
        await pilot.press(*keys)
        assert app.field("outcome").value == picked


async def test_several_are_picked_and_given_back_in_order() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 40)) as pilot:
        app.form.next()
        await pilot.press("3", "g", "2", "2")
        assert app.field("scope").value == ("grant", "deny")
        await pilot.press("enter")
        assert app.focused is app.field("number").editor


async def test_what_cannot_be_picked_says_why() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("4")
        assert app.field("outcome").value is None
        assert app.field("outcome").problem.startswith("not possible: the policy names nobody")
        await pilot.pause()
        assert "! not possible" in app.shown()
        await pilot.press("end", "enter")
        assert app.field("outcome").value is None
        await pilot.press("1")
        assert app.field("outcome").problem == ""


async def test_the_whole_form_by_keys() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50)) as pilot:
        await pilot.press("g", "enter", "enter", "4", "2", "enter")
        assert getattr(app.focused, "takes_text", False)
        await pilot.press("w", "h", "y", "enter", "x")
        assert app.form.values() == {
            "outcome": "grant",
            "scope": (),
            "number": "42",
            "reason": "why\nx",
        }
        assert {"outcome", "number", "reason"} <= set(app.changed)
        assert app.finished == 0
        assert not app.form.next()
        assert app.form.next(-1)
        await pilot.pause()
        assert app.focused is app.field("number").editor


async def test_problems_stand_beside_their_fields_and_the_first_gets_the_focus() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50), notifications=True) as pilot:
        assert app.form.missing() == {"outcome": "needed", "number": "needed"}
        assert app.form.show_problems({"number": f"not a number {HOSTILE}", "reason": "too short"})
        await pilot.pause()
        assert app.focused is app.field("number").editor
        assert f"! not a number {HOSTILE}" in app.shown()
        await pilot.press("5")
        assert app.field("number").problem == ""
        assert not app.form.show_problems({})


async def test_everything_is_shown_literally_with_help() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50), notifications=True):
        shown = app.shown()
        assert HOSTILE in shown
        assert "Outcome (needed)  what is decided" in shown
        assert "the scope is picked next" in shown


async def test_filling_in_and_other_fields() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50)) as pilot:
        app.form.fill({"outcome": "deny", "scope": ("grant",), "number": "7", "reason": "text"})
        await pilot.pause()
        assert app.form.values()["reason"] == "text"
        assert app.field("outcome").value == "deny"
        app.field("scope").display = False
        assert "scope" not in app.form.values()
        await app.form.set_fields([LineField("only", "Only")])
        await pilot.press("a", "enter")
        assert app.form.values() == {"only": "a"}
        assert app.finished == 1
        with pytest.raises(KeyError):
            app.field("outcome")


async def test_other_options_keep_what_is_still_offered() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50)) as pilot:
        await pilot.press("g")
        app.choice("outcome").set_options(OPTIONS[:2])
        assert app.field("outcome").value == "grant"
        app.choice("outcome").set_options(OPTIONS[1:2])
        await pilot.pause()
        assert app.field("outcome").value is None
        assert app.choice("outcome").size.height == 1
        app.choice("outcome").set_options([])
        await pilot.press("enter", "space", "1")
        assert app.field("outcome").value is None


async def test_a_long_list_scrolls() -> None:
    options = [Option(str(number), f"option {number}") for number in range(50)]

    class LongApp(App[None]):
        def compose(self) -> ComposeResult:
            yield Choice(options, rows=5)

    app = LongApp()
    async with app.run_test(size=(60, 20)) as pilot:
        choice = app.query_one(Choice)
        choice.focus()
        await pilot.press("end")
        assert choice.size.height == 5
        assert "option 49" in choice.render_line(4).text
        await pilot.press("2")
        assert choice.picked == ("46",)


async def test_a_paste_into_a_text_keeps_its_lines_and_shows_what_hides() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50)) as pilot:
        entry = app.field("reason").editor
        entry.focus()
        await pilot.press("a")
        entry.post_message(events.Paste("one\r\ntwo\x9b2J\u200b"))
        await pilot.pause()
        assert app.field("reason").value == "aone\ntwo⟦U+009B⟧2J⟦ZWSP⟧"


async def test_going_through_a_form_with_enter_alone_picks_nothing() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50), notifications=True) as pilot:
        await pilot.press("enter")
        assert app.field("outcome").value is None
        assert app.focused is app.field("scope").editor


async def test_what_is_wrong_is_told_in_full() -> None:
    app = FormApp()
    async with app.run_test(size=(40, 50), notifications=True) as pilot:
        why = "needs a level that is not reached yet: " + ", ".join(f"V{n:02}" for n in range(20))
        app.field("outcome").show_problem(why)
        await pilot.pause()
        shown = " ".join(app.shown().split())
        assert "V19" in shown
        assert "V01" in shown


async def test_what_was_typed_is_taken_by_enter_and_the_next_can_be_typed() -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50), notifications=True) as pilot:
        app.form.next()
        await pilot.press("f", "u", "l", "l", "enter", "p", "a", "r", "t", "enter")
        assert app.field("scope").value == ("grant", "part")
        assert app.focused is app.field("scope").editor
        await pilot.press("enter")
        assert app.focused is app.field("number").editor


@pytest.mark.parametrize("key", ["number", "reason"])
async def test_keys_of_one_read_edit_in_their_order(key: str) -> None:
    app = FormApp()
    async with app.run_test(size=(80, 50), notifications=True) as pilot:
        app.form.go_to(app.field(key))
        for each in ("a", "b", "backspace", "c", "left", "d", "home", "e"):
            app.post_message(events.Key(each, each if len(each) == 1 else None))
        await pilot.pause()
        await pilot.press("end")
        assert app.field(key).value == "eadc"
