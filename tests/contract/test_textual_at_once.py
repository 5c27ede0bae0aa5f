"""Textual's inner ways that painting at once and the direct driver rely on are as they were."""

import inspect
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.widgets import Static


class Layers(App[None]):
    CSS = """
    Screen { layers: base above; }
    #over { layer: above; width: 3; height: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Static("below", id="below")
        yield Static("over", id="over")


async def test_the_compositor_names_what_is_in_front_first_and_forgets_it_with_a_layout() -> None:
    app = Layers()
    async with app.run_test(size=(20, 5)) as pilot:
        placed = app.screen._compositor.visible_widgets
        ids = [widget.id for widget in placed]
        assert ids.index("over") < ids.index("below")
        below = app.query_one("#below")
        region, clip = placed[below]
        assert region == Region(0, 0, 20, 1)
        assert clip.contains_region(region)
        assert app.screen._compositor.visible_widgets is placed
        app.query_one("#over").display = False
        await pilot.pause()
        now = app.screen._compositor.visible_widgets
        assert now is not placed
        assert "over" not in [widget.id for widget in now]


async def test_an_app_and_a_screen_tell_whether_they_are_about_to_change() -> None:
    app = Layers()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert (app._running, app._closed, app._exit, app._batch_count) == (True, False, False, 0)
        assert app._sync_available is False
        screen = app.screen
        assert isinstance(screen._compositor, Compositor)
        for name in ("_layout_required", "_scroll_required", "_recompose_required"):
            assert getattr(screen, name) is False
        with app.batch_update():
            assert app._batch_count == 1
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]


def test_the_parser_tells_until_when_it_waits_for_the_rest_of_a_sequence() -> None:
    parser = XTermParser()
    before = get_time()
    assert not list(parser.feed("\x1b"))
    until: Any = parser._timeout_time
    assert before < until < before + 5
    list(parser.feed("[A"))
    assert parser._timeout_time is None


@pytest.mark.parametrize(
    ("method", "uses"),
    [
        ("start_application_mode", ("self._run_input_thread", "self._writer_thread")),
        ("disable_input", ("self._key_thread.join", "self.exit_event")),
        ("close", ("self._writer_thread.stop",)),
        ("write", ("self._writer_thread.write",)),
    ],
)
def test_the_driver_starts_and_ends_its_threads_where_it_did(
    method: str, uses: tuple[str, ...]
) -> None:
    source = inspect.getsource(getattr(LinuxDriver, method))
    assert all(use in source for use in uses)
