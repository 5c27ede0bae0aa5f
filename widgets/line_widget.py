"""The base of widgets that paint their own lines: fast, literal, and always as wide as they are.

A line is a list of pieces, each a text and the role that says how it looks. Lines go to the
compositor as they are painted, past Textual's styles cache, which costs more than all the rest;
so these widgets have no border, padding or scrollbar of Textual's. The compositor asks a widget for
all its lines whenever something near it changes: a line is kept until it is refreshed.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self, cast

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets import at_once
from widgets.changes import Painted
from widgets.themes import Looks, looks_of
from widgets.wrapping import cells, crop

Piece = tuple[str, str]
"""A text, already fit to be shown, and its role (`widgets.themes.ROLES`)."""

ELLIPSIS = "…"


def fit(pieces: Iterable[Piece], width: int) -> list[Piece]:
    """Cut or fill the pieces to exactly `width` cells; what is cut ends with an ellipsis."""
    if width <= 0:
        return []
    fitted: list[Piece] = []
    left = width
    for text, role in pieces:
        wide = cells(text)
        if wide > left:
            _cut(fitted, text, role, left)
            break
        fitted.append((text, role))
        left -= wide
    # What takes at most so many cells may take less here: Textual counts on every one.
    missing = width - sum(len(t) if t.isascii() else cell_len(t) for t, _ in fitted)
    if missing:
        fitted.append((" " * missing, "text"))
    return fitted


def _cut(fitted: list[Piece], text: str, role: str, left: int) -> None:
    """Add what of `text` there is room for, and the ellipsis."""
    if left:
        fitted += [(crop(text, left - 1), role), (ELLIPSIS, role)]
        return
    last, its_role = fitted.pop()
    while not last or cells(last) < 1:  # pieces without any width do not hold the ellipsis
        last, its_role = fitted.pop()
    fitted += [(crop(last, cells(last) - 1), its_role), (ELLIPSIS, its_role)]


@lru_cache(maxsize=64)
def _without_line(style: Style) -> Style:
    return style + Style(underline=False)


class LineWidget(Widget, inherit_bindings=False):
    """A widget that paints `line(y)` for each of its rows."""

    DEFAULT_CSS = """
    LineWidget {
        height: 1;
    }
    """
    GROUND = "plain"
    """What it is painted on, for the styles: `plain` or `bar`."""
    ALIKE = False
    """Whether its lines have much in common, as the rows of a table have."""

    def line(self, y: int) -> Sequence[Piece]:
        """Return the pieces of row `y` of the widget; what is too long is cut."""
        raise NotImplementedError

    _painted: dict[int, Strip]
    _painted_for: tuple[int, Looks] | None = None

    @property
    def looks(self) -> Looks:
        """How roles look in the theme of the moment."""
        return looks_of(cast("App[Any]", self.app))

    def render_line(self, y: int) -> Painted:
        """Paint one row."""
        return self.paint(self.line(y), self.size.width, self.GROUND)

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Have lines painted anew: those of the regions, else all."""
        if self._painted_for is not None:
            if not regions:
                self._painted_for = None
            for region in regions:
                for y in region.line_range:
                    self._painted.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def repaint(self, lines: Iterable[int] | None = None) -> None:
        """Have lines, by default all, painted anew: at once where that is possible, else soon."""
        changed = range(self.size.height) if lines is None else tuple(lines)
        if self._painted_for is not None:
            for y in changed:
                self._painted.pop(y, None)
        if not at_once.paint(self, changed, alike=self.ALIKE):
            width = self.size.width
            self.refresh(*(Region(0, y, width, 1) for y in changed) if lines is not None else ())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows asked for, painted past Textual's styles cache where need be."""
        width = self.size.width
        if self._painted_for != (width, self.looks):
            self._painted_for = (width, self.looks)
            self._painted = {}
        painted = self._painted
        for y in range(crop.y, crop.bottom):
            if y not in painted:
                painted[y] = self.render_line(y)
        strips = [painted[y] for y in range(crop.y, crop.bottom)]
        if crop.x == 0 and crop.width >= width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def paint(self, pieces: Iterable[Piece], width: int, ground: str) -> Painted:
        """Return a line of exactly `width` cells of the pieces; of the same ones, the same line."""
        return _painted(tuple(pieces), width, ground, self.looks)

    def segments(self, pieces: Iterable[Piece], ground: str) -> list[Segment]:
        """Give pieces their styles, as `segments_of` does."""
        return segments_of(pieces, self.looks.on(ground))


@lru_cache(maxsize=512)
def _painted(pieces: tuple[Piece, ...], width: int, ground: str, looks: Looks) -> Painted:
    return Painted(segments_of(fit(pieces, width), looks.on(ground)), width)


def blank_line(width: int, looks: Looks) -> Painted:
    """Return a line of plain ground."""
    return _painted((), width, "plain", looks)


def segments_of(pieces: Iterable[Piece], styles: Mapping[str, Style]) -> list[Segment]:
    """Give pieces their styles. Spaces take that of the text before: fewer bytes to send.

    Of a text that is underlined they take all but the line, which would be seen.
    """
    segments: list[Segment] = []
    text, style = "", styles["text"]
    plain, underlined = style, False
    for more, role in pieces:
        its = styles.get(role, plain)
        if its is style or (not underlined and more.isspace()):
            text += more
            continue
        if underlined and more.isspace() and not its.underline:
            its = _without_line(style)
        if text:
            segments.append(Segment(text, style))
        text, style, underlined = more, its, bool(its.underline)
    segments.append(Segment(text, style))
    return segments


class OneLine(LineWidget):
    """A widget of a single line."""

    def content(self) -> Sequence[Piece]:
        """Return the pieces of the line; what is too long is cut."""
        raise NotImplementedError

    def line(self, y: int) -> Sequence[Piece]:
        """Return the line, and nothing below it."""
        return self.content() if y == 0 else ()
