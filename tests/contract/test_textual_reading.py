"""Textual's inner ways that reading keys and forgetting rely on are as they were."""

import gc
import inspect
import re
from typing import Any

import pytest
from textual import cache, events
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.cache import FIFOCache, LRUCache
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from keymaps import encodings
from widgets import forgetting, key_bytes

READS = key_bytes.Reads(encodings.sent, encodings.with_alt, encodings.no_key)
CANARY = "canary of what was shown"


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take off for one test whatever others put on the parser."""
    before = _as_textual_has_it()
    monkeypatch.setattr(XTermParser, "_sequence_to_key_events", before)
    monkeypatch.setattr(XTermParser, "read_by_nightdesk", True, raising=False)
    monkeypatch.delattr(XTermParser, "read_by_nightdesk")


def _as_textual_has_it() -> Any:
    now: Any = XTermParser._sequence_to_key_events
    cells = dict(zip(now.__code__.co_freevars, now.__closure__ or (), strict=True))
    return cells["before"].cell_contents if "before" in cells else now


def keys(text: str) -> list[tuple[str, str | None]]:
    parser = XTermParser()
    read = [*parser.feed(text), *parser.feed("")]
    return [(each.key, each.character) for each in read if isinstance(each, events.Key)]


@pytest.mark.usefixtures("unread")
def test_the_parser_makes_every_key_in_the_one_way_that_is_replaced() -> None:
    assert keys("\x1b<") == [("less_than_sign", "<")], "without us its alt is lost"
    assert ("q", "q") in keys("\x1b[>4q"), "without us it is typed"
    key_bytes.install(READS)
    assert [key for key, _ in keys("\x1b<")] == ["alt+less_than_sign"]
    assert keys("a") == [("a", "a")]
    assert keys("\x1b[A") == [("up", None)]
    assert keys("\x1b[>4q") == [], "nobody knows it, and nothing of it is typed"
    assert keys("\x1bx") == [("alt+x", None)]


@pytest.mark.usefixtures("unread")
def test_another_surface_is_refused_and_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def other(self: XTermParser, sequence: str) -> list[events.Key]:
        return []

    monkeypatch.setattr(XTermParser, "_sequence_to_key_events", other)
    with pytest.raises(key_bytes.KeysUnread):
        key_bytes.install(READS)
    assert XTermParser._sequence_to_key_events is other


@pytest.mark.usefixtures("unread")
def test_what_makes_keys_has_the_surface_that_is_known() -> None:
    made: Any = XTermParser._sequence_to_key_events
    assert list(inspect.signature(made).parameters) == key_bytes._SURFACE


class Shows(App[None]):
    def compose(self) -> ComposeResult:
        yield Static(CANARY, id="shown", markup=False)


async def test_a_widget_keeps_what_it_painted_where_it_is_forgotten() -> None:
    app = Shows()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        shown = app.query_one("#shown")
        for name in forgetting._PAINTED:
            assert name in vars(shown), name
            assert name in vars(Widget()), name
        assert CANARY in repr([shown._render_cache.lines, vars(shown)])
        await shown.remove()
        forgetting.emptied([shown])
        assert CANARY not in repr(vars(shown))
        assert vars(shown).keys() <= vars(Widget()).keys() | vars(Screen[Any]()).keys()


def test_the_caches_of_textual_are_of_the_kinds_that_are_emptied() -> None:
    kinds = {
        name
        for name in vars(cache)
        if re.search("Cache$", name) and inspect.isclass(vars(cache)[name])
    }
    assert kinds == {"LRUCache", "FIFOCache"}, "another kind of cache would not be found"
    caches: list[Any] = [LRUCache[str, str](9), FIFOCache[str, str](9)]
    for each in caches:
        each["a"] = CANARY
        assert gc.is_tracked(each), "else it is not found among what is alive"
    forgetting.forget()
    assert [list(each.keys()) for each in caches] == [[], []]
