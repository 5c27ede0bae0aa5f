"""The third wall: no text that leaves a widget may act on the terminal.

Textual passes ESC, C1 and bidi controls of any text on to the terminal, and makes links of
link styles. Text from outside is shown harmless long before (`local_cache.hostile`); should one
way to the screen have been forgotten, this stops it: the character shows as `�`, links are
dropped. All text of widgets goes through `Strip.render`, which is no public interface: `install`
refuses where it is not as it was when this was written. `widgets.placing` goes up with it.
"""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import textual
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets import placing, terse

TEXTUAL: Final = "8.2.8"
"""The version whose inner ways were read."""

_NO_CHARACTERS: Final = "".join(chr(plane + end) for plane in range(0x10000, 0xF0000, 0x10000)
                               for end in (0xFFFE, 0xFFFF))  # fmt: skip
_ACTS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0e\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e0fff\U000f0000-\U0010ffff{_NO_CHARACTERS}]"
)
"""Controls, what turns the order of a text, what hides, and what no font knows; joiners and U+FE0F,
which emoji and some scripts need, pass: `visible` has looked at what stands around them."""
_RENDER: Final = ["self", "console"]
_RENDER_STYLE: Final = ["style", "text", "color_system"]
_PLANTED: Final = "\x1b]0;planted\x07\x9b2J\u202e"

_RenderStyle = Callable[[Style, str, ColorSystem], str]


class ArmorBroken(RuntimeError):
    """Textual is not as the armor knows it: nothing from outside may be shown."""


def harmless(text: str) -> str:
    """Return the text with each character that acts, turns the order or hides shown as `�`."""
    if text.isascii() and text.isprintable():
        return text
    return _ACTS.sub("\N{REPLACEMENT CHARACTER}", text)


def install() -> None:
    """Put the wall up, once for the process, and prove that it holds.

    Raises ArmorBroken where Textual's inner ways changed; then nothing was changed, or the proof
    failed, and the program must not show anything.
    """
    if installed():
        return
    _check_surface()
    original_style = cast("_RenderStyle", Strip.render_style)

    def render_style(style: Style, text: str, color_system: ColorSystem) -> str:
        plain = style.update_link(None) if style.link else style
        return original_style(plain, harmless(text), color_system)

    def render(self: Any, console: Any) -> str:
        rendered: str | None = self._render_cache
        if rendered is None:
            parts = ((harmless(text), style) for text, style, _ in self)
            rendered = self._render_cache = terse.written(parts, color_system(console))
        return rendered

    patched: Any = Strip
    patched.render_style = staticmethod(render_style)
    patched.render = render
    patched.armored_by_nightdesk = True
    _prove()
    placing.install()


def installed() -> bool:
    """Tell whether the wall is up."""
    return "armored_by_nightdesk" in vars(Strip)


def color_system(console: Any) -> ColorSystem:
    """Return which colours the terminal of a console has."""
    system: ColorSystem | None = console._color_system  # noqa: SLF001 - `_check_surface` holds it
    return system or ColorSystem.TRUECOLOR


def _check_surface() -> None:
    version = _version()
    if version != TEXTUAL:
        raise ArmorBroken(
            f"Textual is {version}, and what keeps text from outside off the terminal"
            f" was made for {TEXTUAL}. Install the locked requirements."
        )
    for name, parameters in (("render", _RENDER), ("render_style", _RENDER_STYLE)):
        method: Any = getattr(Strip, name, None)
        if method is None or list(inspect.signature(method).parameters) != parameters:
            raise ArmorBroken(f"Textual's Strip.{name} changed: nothing can be shown safely.")
    if "_render_cache" not in Strip.__slots__ or not hasattr(Console(), "_color_system"):
        raise ArmorBroken("Textual's Strip changed: nothing can be shown safely.")


def _version() -> str:
    """Return Textual's version, if possible without importlib.metadata, which takes 15 ms."""
    installed_as = Path(textual.__file__).parents[1] / f"textual-{TEXTUAL}.dist-info"
    return TEXTUAL if installed_as.is_dir() else textual.__version__


def _prove() -> None:
    console = Console(force_terminal=True, color_system="truecolor")
    link = Style(bold=True, link="https://planted.example")
    for style in (None, Style(bold=True), link):
        rendered = Strip([Segment(_PLANTED, style)]).render(console)
        inner = rendered.replace("\x1b[1m", "").replace("\x1b[0m", "")
        if _ACTS.search(inner):
            raise ArmorBroken("A planted escape sequence got through: nothing can be shown safely.")
