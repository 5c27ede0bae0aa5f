"""Three themes, and how each role of a text looks in them.

A role says what a text is (`overdue`, `masked`), a `Palette` how that looks. Colour never carries
the meaning alone: each text says it in words or a sign, and without colour (`NO_COLOR`) a role
still differs by weight, underline or reverse.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct
from rich.style import Style
from textual.app import App
from textual.theme import Theme

ROLES: Final = (
    "text",
    "muted",
    "heading",
    "key",
    "P0",
    "P1",
    "P2",
    "P3",
    "P4",
    "overdue",
    "statutory",
    "policy",
    "unsent",
    "ok",
    "warning",
    "error",
    "masked",
)
"""What a text can be. An unknown role looks like `text`.

Besides there are `found` and `found here`, for the hits of a search.
"""

_BOLD: Final = frozenset({"heading", "key", "P0", "P1", "overdue", "error"})
_UNDERLINED: Final = frozenset({"statutory", "P0", "overdue"})
_ITALIC: Final = frozenset({"unsent", "masked"})


class Palette(Struct, frozen=True):
    """The colours of a theme, as `#rrggbb`."""

    name: str
    dark: bool
    background: str
    bar: str
    """Behind status lines and other lines that stay."""
    cursor: str
    """Behind the row at the cursor."""
    found: str
    """Behind a search hit, with `background` as its text."""
    roles: dict[str, str]

    @property
    def text(self) -> str:
        """The colour of plain text."""
        return self.roles["text"]

    def theme(self) -> Theme:
        """Return the Textual theme, with each role as a variable: `$role-overdue`, `$role-p0`."""
        variables = {f"role-{role.lower()}": colour for role, colour in self.roles.items()}
        return Theme(
            name=self.name,
            dark=self.dark,
            primary=self.roles["heading"],
            secondary=self.roles["policy"],
            accent=self.roles["unsent"],
            warning=self.roles["warning"],
            error=self.roles["error"],
            success=self.roles["ok"],
            foreground=self.text,
            background=self.background,
            surface=self.background,
            panel=self.bar,
            variables={
                **variables,
                "cursor-row": self.cursor,
                "input-cursor-text-style": "reverse",
                "border": self.roles["muted"],
                "border-blurred": self.roles["muted"],
            },
        )


DARK: Final = Palette(
    name="nightdesk-dark",
    dark=True,
    background="#101418",
    bar="#1d242c",
    cursor="#27364d",
    found="#ffd060",
    roles={
        "text": "#dde3ea",
        "muted": "#a8b2bd",
        "heading": "#9fd0ff",
        "key": "#ffffff",
        "P0": "#ff9b9b",
        "P1": "#ffb878",
        "P2": "#f0d878",
        "P3": "#9fd0ff",
        "P4": "#b4bec8",
        "overdue": "#ff9b9b",
        "statutory": "#ffc680",
        "policy": "#9fc8f0",
        "unsent": "#e0b0ff",
        "ok": "#86dfa2",
        "warning": "#ffd060",
        "error": "#ff9b9b",
        "masked": "#bcbcbc",
    },
)
LIGHT: Final = Palette(
    name="nightdesk-light",
    dark=False,
    background="#fbfaf7",
    bar="#e8e6df",
    cursor="#d3e2f4",
    found="#5a4300",
    roles={
        "text": "#1b1f24",
        "muted": "#4c535a",
        "heading": "#003f6b",
        "key": "#000000",
        "P0": "#96000f",
        "P1": "#7f3700",
        "P2": "#5f4700",
        "P3": "#00497a",
        "P4": "#474e55",
        "overdue": "#96000f",
        "statutory": "#6f3d00",
        "policy": "#004a75",
        "unsent": "#65178f",
        "ok": "#0a5527",
        "warning": "#5f4700",
        "error": "#96000f",
        "masked": "#474747",
    },
)
CONTRAST: Final = Palette(
    name="nightdesk-contrast",
    dark=True,
    background="#000000",
    bar="#000000",
    cursor="#003060",
    found="#ffff00",
    roles={
        "text": "#ffffff",
        "muted": "#e4e4e4",
        "heading": "#ffffff",
        "key": "#ffff00",
        "P0": "#ffc0c0",
        "P1": "#ffd8a0",
        "P2": "#ffff80",
        "P3": "#c0e8ff",
        "P4": "#e4e4e4",
        "overdue": "#ffc0c0",
        "statutory": "#ffd8a0",
        "policy": "#c0e8ff",
        "unsent": "#f0d0ff",
        "ok": "#b0ffc8",
        "warning": "#ffff80",
        "error": "#ffc0c0",
        "masked": "#e4e4e4",
    },
)
PALETTES: Final = {palette.name: palette for palette in (DARK, LIGHT, CONTRAST)}


class Looks:
    """The Rich styles of a palette: on plain ground, on a bar, on the cursor's row, as a hit."""

    def __init__(self, palette: Palette, *, colour: bool) -> None:
        self.name = palette.name if colour else "no colour"
        grounds = {
            "plain": palette.background,
            "bar": palette.bar,
            "cursor": palette.cursor,
        }
        self._styles: dict[str, dict[str, Style]] = {
            ground: {
                role: _style(role, palette.roles[role] if colour else None, behind, ground, colour)
                for role in ROLES
            }
            for ground, behind in grounds.items()
        }
        found = (
            Style(color=palette.background, bgcolor=palette.found)
            if colour
            else Style(reverse=True)
        )
        here = found + Style(bold=True, underline=True)
        for styles in self._styles.values():
            styles |= {"found": found, "found here": here}

    def style(self, role: str, ground: str = "plain") -> Style:
        """Return the style of a role on `plain`, `bar` or `cursor` ground."""
        styles = self._styles[ground]
        return styles.get(role, styles["text"])

    def on(self, ground: str) -> Mapping[str, Style]:
        """Return the styles by role on a ground; a role that is not among them is `text`."""
        return self._styles[ground]


def _style(role: str, colour: str | None, behind: str, ground: str, coloured: bool) -> Style:
    return Style(
        color=colour,
        bgcolor=behind if coloured else None,
        bold=role in _BOLD or (ground == "cursor" and not coloured) or None,
        underline=role in _UNDERLINED or None,
        italic=role in _ITALIC or None,
        reverse=True if ground != "plain" and not coloured else None,
    )


@cache
def _looks(theme: str, colour: bool) -> Looks:
    return Looks(PALETTES.get(theme, DARK), colour=colour)


def looks_of(app: App[Any]) -> Looks:
    """Return how roles look in the app's theme of the moment, without colour where so asked."""
    return _looks(app.theme, not app.no_color)


def register(app: App[Any], theme: str = DARK.name) -> None:
    """Give the app the three themes and choose one; an unknown name is the dark theme."""
    for palette in PALETTES.values():
        app.register_theme(palette.theme())
    app.theme = theme if theme in PALETTES else DARK.name
