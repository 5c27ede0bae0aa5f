"""Keeps every widget in its place, whatever a terminal takes a text to be wide.

Where terminals disagree on the width of a text (`widgets.wrapping`), all that stands to the right
of it would move: the border between two panes, and the pane behind. So a strip that holds such
text is painted in steps: its ground; from its start again the text, without the spaces that only
fill it up, and cut where some terminal would leave the strip; what follows goes to its own column.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.strip import Strip

from widgets.wrapping import cells, crop, sure


def place(strip: Strip, x: int, y: int, console: Console) -> str:
    """Render a strip that begins at column `x` of line `y`; the cursor is there already."""
    rendered = strip.render(console)
    if sure(rendered):  # what colours it is ASCII
        return rendered
    segments = list(strip)
    width = strip.cell_length
    ground = Strip([Segment(" " * width, segments[-1].style)], width)
    back = Control.move_to(x, y).segment.text
    return ground.render(console) + back + Strip(within(segments, width)).render(console)


def within(segments: Sequence[Segment], width: int) -> list[Segment]:
    """Take the filling off the end, and what stands out of `width` cells at the most."""
    kept: list[Segment] = []
    for text, style, control in segments:
        shown = crop(text, width)
        kept.append(Segment(shown, style, control))
        width -= cells(shown)
        if shown != text:
            break
    while kept and kept[-1].text.isspace():
        kept.pop()
    if kept:
        text, style, control = kept[-1]
        kept[-1] = Segment(text.rstrip(" "), style, control)
    return kept


def line_placed(strips: Iterable[Strip], x: int, y: int, console: Console) -> str:
    """Render the strips of a line, the first of which begins at column `x`."""
    parts: list[str] = []
    lost = False
    for strip in strips:
        if lost:
            parts.append(Control.move_to(x, y).segment.text)
        parts.append(place(strip, x, y, console))
        lost = not sure(strip.text)
        x += strip.cell_length
    return "".join(parts)


def install() -> None:
    """Let Textual's two kinds of update go through here; see `widgets.armor.install`."""
    layout: Any = LayoutUpdate
    layout.render_segments = _whole_screen
    chops: Any = ChopsUpdate
    chops.render_segments = _parts_of_it


def _whole_screen(self: LayoutUpdate, console: Console) -> str:
    left, top = self.region.x, self.region.y
    return "\n".join(
        Control.move_to(left, y).segment.text + line_placed(strips, left, y, console)
        for y, strips in enumerate(self.strips, top)
    )


def _parts_of_it(self: ChopsUpdate, console: Console) -> str:
    parts: list[str] = []
    for y, first, last in self.spans:
        chops: Mapping[int, Strip | None] = self.chops[y]
        for end, (x, strip) in zip(self.chop_ends[y], chops.items(), strict=False):
            if strip is None or x > last or end <= first:
                continue
            whole = first <= x < last and end <= last
            shown = strip if whole else strip.crop(0, min(end, last) - x)
            parts += (Control.move_to(x, y).segment.text, place(shown, x, y, console))
    return "".join(parts)
