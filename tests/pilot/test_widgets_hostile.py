"""Text that attackers wrote, forgotten by all who should have made it visible, in every widget."""

import re

import pytest
from rich.console import Console
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widgets import Static

from widgets import armor
from widgets.alarm_line import Alarm, AlarmLine
from widgets.case_list import Column, RowView, VirtualList
from widgets.choice import Option
from widgets.form import ChoiceField, Form, LineField, TextField
from widgets.progress_line import ProgressLine
from widgets.prompt_line import PromptLine
from widgets.status_line import StatusLine
from widgets.text_lines import Line, heading
from widgets.text_view import TextView
from widgets.themes import register
from widgets.which_key import WhichKey

RAW = [
    "\x1b]52;c;QUFB\x07\x1b]0;owned\x07\x1b[2J",
    "\x9b2J\x9d0;owned\x9c",
    "\u202egpj.exe\u2066\u200f",
    "[/foo] [b]x[/b] [@click=app.quit]y[/] [link=https://planted.example]z[/link]",
    "\r\x08\x7f\x00\ud800",
    "\U000e0041\U000e0042",
]
ALLOWED = re.compile(r"\x1b\[[0-9;]*[mH]|\n")


@pytest.fixture(autouse=True)
def armored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the armor on for one test, whatever others did."""
    for name in ("render", "render_style"):
        monkeypatch.setattr(Strip, name, vars(Strip)[name])
    monkeypatch.setattr(Strip, "armored_by_nightdesk", True, raising=False)
    monkeypatch.delattr(Strip, "armored_by_nightdesk")
    armor.install()


class Rows:
    def __init__(self, text: str) -> None:
        self.text = text

    def cells(self, index: int) -> RowView:
        return RowView([[(self.text, "P0")], [(self.text, "text")]])

    def want(self, start: int, stop: int) -> None:
        raise AssertionError("every row is here")


class EverythingApp(App[None]):
    CSS = "VirtualList, TextView, Form { height: 6; } Form { height: 14; }"

    def __init__(self, raw: str) -> None:
        super().__init__()
        self.raw = raw

    def compose(self) -> ComposeResult:
        raw = self.raw
        yield AlarmLine(hint=raw)
        yield Static(raw, markup=False)
        yield VirtualList(Rows(raw), [Column(raw, 12), Column(raw, 0)], count=3)
        yield TextView([heading(raw), Line(((raw, "masked"),))])
        yield Form(
            [
                ChoiceField("a", raw, [Option(raw, raw, note=raw)], help=raw),
                LineField("b", raw, value=raw),
                TextField("c", raw, value=raw),
            ]
        )
        yield StatusLine()
        yield ProgressLine()
        yield PromptLine()
        yield WhichKey(delay=0)

    def on_mount(self) -> None:
        register(self)
        raw = self.raw
        self.query_one(AlarmLine).raise_alarm(Alarm("a", raw))
        self.query_one(StatusLine).set([(raw, "text")])
        self.query_one(ProgressLine).show(raw, 1, 2, hint=raw)
        self.query_one(PromptLine).open("filter", sign=raw, value=raw)
        self.query_one(PromptLine).hint((raw, "error"))
        self.query_one(WhichKey).expect(raw, [(raw, raw)])
        self.query_one(TextView).search(raw[:3])
        self.query_one(Form).show_problems({"a": raw, "b": raw, "c": raw})
        self.notify(raw, title=raw, markup=False)


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize("no_colour", [False, True])
async def test_nothing_acts_whatever_was_forgotten(
    raw: str, no_colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    app = EverythingApp(raw)
    console = Console(force_terminal=True, color_system="truecolor")
    async with app.run_test(size=(100, 50), notifications=True) as pilot:
        await pilot.pause()
        update = app.screen._compositor.render_full_update()
        sent = ALLOWED.sub("", update.render_segments(console))
        assert armor.harmless(sent) == sent
        if raw.startswith("["):
            assert sent.count("[/foo]") > 10
        else:
            assert "�" in sent
