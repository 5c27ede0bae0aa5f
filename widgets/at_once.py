"""Paints lines of a widget at once: from the widget to the terminal, past Textual's pipeline.

A change usually comes to the screen by way of the widget's idle event, the screen's, a timer and
the compositor, which asks every widget near it for its lines and cuts them along each other: a
millisecond or two before the first byte. Where a widget lies in front of all others, its lines are
what the compositor would paint, and go out as they are, through the same `placing` and armor.

The compositor keeps no picture of the screen, so that nothing needs to be told to it; what else is
to be painted is painted by it, later, as always. `paint` refuses wherever that would not come to
the same, and its caller then takes the long way.
"""

# The compositor's map and the app's state are no public interface: `fits` and a contract test hold
# them as they were.
# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from textual.app import App, ScreenStackError
from textual.dom import NoScreen
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from widgets.direct_driver import DirectDriver
from widgets.shown import move_to

_FRAME_BEGINS: Final = "\x1b[?2026h"
_FRAME_ENDS: Final = "\x1b[?2026l"

_FOR_THE_TERMINAL: Final = 0.0003
"""Seconds for which we give way, once a frame is written, to who draws it. Where both share a
processor, it is otherwise drawn when we are through with all else that the key set off, or after
the system's next tick, which is up to 4 ms."""

painted = 0
"""How many frames went out this way; for tests."""


def paint(widget: Widget, lines: Iterable[int], *, alike: bool = False) -> bool:
    """Paint these lines of a widget now; return False where that cannot be done.

    Of lines that are `alike`, as the rows of a table are, only cells that change are written.
    """
    app = cast("App[Any]", widget.app)
    driver = app._driver
    if not isinstance(driver, DirectDriver) or driver.behind:
        return False
    try:
        if not _is_quiet(app):
            return False
        region = _in_front(widget, app.screen)
    except (NoScreen, ScreenStackError):  # the widget, or the app, is about to go
        return False
    if region is None:
        return False
    written: list[str] = []
    for run in _runs(lines, region.height):
        strips = widget.render_lines(Region(0, run.start, region.width, len(run)))
        top = region.y + run.start
        written += driver.shown.put(strips, region.x, top, app.console, alike=alike)
    column, row = app.screen.outer_size.clamp_offset(app.cursor_position)
    frame = (*written, move_to(column, row))
    driver.write("".join((_FRAME_BEGINS, *frame, _FRAME_ENDS) if app._sync_available else frame))
    driver.flush()
    if any(written):
        time.sleep(_FOR_THE_TERMINAL)
    global painted
    painted += 1
    return True


def _is_quiet(app: App[Any]) -> bool:
    """Tell whether the app paints at all, and its layout is what the terminal shows."""
    if not app._running or app._closed or app._exit or app._batch_count:
        return False
    screen = app.screen
    return not (screen._layout_required or screen._scroll_required or screen._recompose_required)


_Placed = Mapping[Widget, tuple[Region, Region]]
_regions: "WeakKeyDictionary[Widget, tuple[_Placed, Region | None]]" = WeakKeyDictionary()
"""Where widgets were found to be, and in which map of the compositor: a layout makes a new one."""


def _in_front(widget: Widget, screen: Screen[Any]) -> Region | None:
    """Return where a widget is, whole and with nothing over it on the screen in front."""
    if not widget.display or widget.screen is not screen:
        return None
    placed = screen._compositor.visible_widgets
    known = _regions.get(widget)
    if known is None or known[0] is not placed:
        known = _regions[widget] = (placed, _found(widget, placed))
    region = known[1]
    return region if region is not None and region.size == widget.size else None


def _found(widget: Widget, placed: _Placed) -> Region | None:
    if widget not in placed:
        return None
    region, clip = placed[widget]
    if not clip.contains_region(region):
        return None
    for other, (its_region, its_clip) in placed.items():  # those in front come first
        if other is widget:
            break
        if its_region.intersection(its_clip).overlaps(region):
            return None
    return region


def _runs(lines: Iterable[int], height: int) -> Iterator[range]:
    """Return the lines that there are as runs without a gap."""
    run = range(0)
    for line in sorted(set(lines)):
        if not 0 <= line < height:
            continue
        if line == run.stop and run:
            run = range(run.start, line + 1)
            continue
        if run:
            yield run
        run = range(line, line + 1)
    if run:
        yield run
