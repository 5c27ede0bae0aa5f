"""The lines around the work: status, progress, alarms, keys that may follow, and the prompt."""

from collections.abc import Callable
from unittest.mock import Mock

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from widgets.alarm_line import Alarm, AlarmLine
from widgets.line_widget import LineWidget
from widgets.progress_line import ProgressLine
from widgets.prompt_line import Offer, PromptLine
from widgets.status_line import StatusLine
from widgets.themes import register
from widgets.which_key import WhichKey

HOSTILE = "[/foo] [@click=app.quit]x[/]"


class LinesApp(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__()
        self.status = StatusLine()
        self.progress = ProgressLine()
        self.alarm = AlarmLine(hint="! acknowledges")
        self.keys = WhichKey(delay=delay)
        self.prompt = PromptLine()
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.alarm
        yield self.status
        yield self.progress
        yield self.prompt
        yield self.keys

    def on_mount(self) -> None:
        register(self)

    def on_prompt_line_accepted(self, message: PromptLine.Accepted) -> None:
        self.told.append(message)

    def on_prompt_line_cancelled(self, message: PromptLine.Cancelled) -> None:
        self.told.append(message)


def text(widget: LineWidget, y: int = 0) -> str:
    strip = widget.render_line(y)
    assert strip.cell_length == widget.size.width
    return strip.text


async def test_status_has_three_parts_and_drops_what_has_no_room() -> None:
    app = LinesApp()
    async with app.run_test(size=(60, 10), notifications=True) as pilot:
        app.status.set([("left", "ok")], [(HOSTILE, "muted")], [("right", "warning")])
        await pilot.pause()
        shown = text(app.status)
        assert shown.startswith("left ")
        assert shown.endswith(" right")
        assert HOSTILE in shown
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert HOSTILE not in text(app.status)
        assert text(app.status).endswith("right")
        await pilot.resize_terminal(8, 10)
        await pilot.pause()
        assert text(app.status) == "left    "


async def test_status_paints_only_what_changed() -> None:
    app = LinesApp()
    async with app.run_test() as pilot:
        painted: list[int] = []
        content = app.status.content
        app.status.content = lambda: (painted.append(1), content())[1]  # pyright: ignore[reportAttributeAccessIssue]
        app.status.set([("a", "text")])
        await pilot.pause()
        times = len(painted)
        app.status.set([("a", "text")])
        await pilot.pause()
        assert len(painted) == times > 0


async def test_progress_says_how_far_and_never_all_before_it_is() -> None:
    app = LinesApp()
    async with app.run_test(size=(100, 10)) as pilot:
        assert not app.progress.display
        app.progress.show("Loading cases", 99_999, 100_000, hint="q leaves it running")
        await pilot.pause()
        assert "99,999 of 100,000" in text(app.progress)
        assert "99 %" in text(app.progress)
        assert "q leaves it running" in text(app.progress)
        app.progress.show("Loading cases", 12, None)
        assert "12 so far" in text(app.progress)
        app.progress.show("Loading cases", 5, 5)
        assert "100 %" in text(app.progress)
        app.progress.done()
        assert not app.progress.display


async def test_alarms_stay_until_acknowledged_most_urgent_first() -> None:
    app = LinesApp()
    async with app.run_test(size=(80, 10), notifications=True) as pilot:
        focused = app.focused
        app.alarm.raise_alarm(Alarm("a", "New P1 E-2", urgency=1))
        app.alarm.raise_alarm(Alarm("b", f"New P0 E-1 {HOSTILE}", urgency=2))
        app.alarm.raise_alarm(Alarm("a", "New P1 E-2 again", urgency=1))
        await pilot.pause()
        assert app.focused is focused
        assert "ALARM 1 of 2 (! acknowledges) New P0" in text(app.alarm)
        assert HOSTILE in text(app.alarm)
        seen = app.alarm.acknowledge()
        assert seen is not None
        assert seen.key == "b"
        assert "again" in text(app.alarm)
        app.alarm.withdraw("a")
        await pilot.pause()
        assert not app.alarm.display
        assert app.alarm.acknowledge() is None
        app.alarm.raise_alarm(Alarm("c", "one"))
        app.alarm.raise_alarm(Alarm("d", "newer"))
        assert [alarm.key for alarm in app.alarm.acknowledge_all()] == ["d", "c"]
        assert app.alarm.alarms == ()


async def test_keys_that_may_follow_are_shown_in_columns() -> None:
    app = LinesApp()
    async with app.run_test(size=(40, 10)) as pilot:
        entries = [("q", "queues"), ("d", "desk"), ("o", "outbox"), ("l", "lock"), ("x", HOSTILE)]
        app.keys.expect("g", entries)
        await pilot.pause()
        assert app.keys.display
        assert text(app.keys).startswith("g q queues")
        everything = "\n".join(text(app.keys, y) for y in range(app.keys.size.height))
        assert all(f"{key} {title}" in everything for key, title in entries)
        app.keys.clear()
        assert not app.keys.display


async def test_a_strip_with_more_than_there_is_room_for_says_so() -> None:
    app = LinesApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.keys.expect("g", [(str(number), f"Saved view {number}") for number in range(12)])
        await pilot.pause()
        rows = [text(app.keys, y) for y in range(app.keys.size.height)]
        assert len(rows) == 5
        assert "… 8 more" in rows[-1]


async def test_who_knows_the_keys_never_sees_the_strip(monkeypatch: pytest.MonkeyPatch) -> None:
    app = LinesApp(delay=60)
    async with app.run_test() as pilot:
        timers: list[Timer] = []
        set_timer = app.keys.set_timer

        def remember(delay: float, callback: Callable[[], None]) -> Timer:
            timers.append(set_timer(delay, callback))
            monkeypatch.setattr(timers[-1], "stop", Mock(wraps=timers[-1].stop))
            return timers[-1]

        monkeypatch.setattr(app.keys, "set_timer", remember)
        app.keys.expect("g", [("q", "queues")])
        app.keys.expect("g x", [("q", "queues")])
        await pilot.pause()
        assert not app.keys.display
        app.keys.clear()
        app.keys.clear()
        (timer,) = timers
        assert isinstance(timer.stop, Mock)
        timer.stop.assert_called_once()
        assert not app.keys.display


async def test_a_line_is_typed_and_accepted() -> None:
    app = LinesApp()
    async with app.run_test(size=(60, 10)) as pilot:
        followed: list[str] = []
        app.prompt.open("filter", sign="/", value="is:", follow=followed.append)
        await pilot.press("a", "b")
        assert app.prompt.value == "is:ab"
        assert getattr(app.focused, "takes_text", False)
        assert followed == ["is:a", "is:ab"]
        await pilot.press("enter")
        assert isinstance(app.told[-1], PromptLine.Accepted)
        assert app.told[-1].value == "is:ab"
        assert app.prompt.purpose == "filter"
        await pilot.press("escape")
        assert isinstance(app.told[-1], PromptLine.Cancelled)
        app.prompt.close()
        assert not app.prompt.display


async def test_history_goes_through_what_begins_as_typed_and_keeps_that() -> None:
    app = LinesApp()
    async with app.run_test() as pilot:
        app.prompt.open("command", sign=":", history=["first", "second", "sort", "first", "sort"])
        await pilot.press("s", "up")
        assert app.prompt.value == "sort"
        await pilot.press("ctrl+p")
        assert app.prompt.value == "second"
        await pilot.press("up", "up")
        assert app.prompt.value == "second"
        await pilot.press("down", "ctrl+n", "down", "down")
        assert app.prompt.value == "s"
        await pilot.press("backspace", "up", "up", "up", "up")
        assert app.prompt.value == "second"


async def test_completion_shows_what_each_offer_is_and_goes_through_them() -> None:
    app = LinesApp()
    async with app.run_test(size=(60, 16)) as pilot:

        def complete(typed: str) -> list[Offer]:
            known = [
                Offer("practice outage", title="no network", reason="offline already"),
                Offer("practice", title="the practice desk", keys="g p"),
                Offer(HOSTILE),
                *(Offer(f"row {number}") for number in range(20)),
            ]
            return [each for each in known if typed in each.line]

        def shown() -> str:
            return "\n".join(
                strip.text for strip in app.screen._compositor.render_strips() if strip
            )

        app.prompt.open("command", sign=":", complete=complete)
        await pilot.press("p", "r")
        await pilot.pause()
        assert "practice outage  no network  (offline already)" in shown()
        assert "practice         the practice desk  g p" in shown()
        await pilot.press("tab")
        assert app.prompt.value == "practice outage"
        await pilot.press("tab")
        assert app.prompt.value == "practice"
        await pilot.press("tab", "shift+tab")
        assert app.prompt.value == "practice"
        await pilot.press("x", "tab")
        assert app.prompt.value == "practicex"
        await pilot.pause()
        assert "no network" not in shown()
        app.prompt.hint(("▾ what is wrong", "error"))
        await pilot.pause()
        lines = [line.strip() for line in shown().split("\n")]
        assert lines[lines.index("▾ what is wrong") + 1] == ":practicex"
        app.prompt.hint()
        await pilot.press(*["backspace"] * len("practicex"), *"row", "shift+tab")
        assert app.prompt.value == "row 19"
        await pilot.pause()
        assert "> row 19" in shown()
        assert "row 3" not in shown()
        app.prompt.close()
        await pilot.pause()
        assert "row 19" not in shown()


async def test_a_paste_shows_what_hides_in_it_and_loses_nothing() -> None:
    app = LinesApp()
    async with app.run_test() as pilot:
        app.prompt.open("filter", sign="/", value="a")
        await pilot.pause()
        entry = app.focused
        assert isinstance(entry, Input)
        entry.post_message(events.Paste("one\ntwo\x1b]0;x\x07 \u202egpj"))
        await pilot.pause()
        assert app.prompt.value == "aone two␛]0;x␇ ⟦RLO⟧gpj"
