"""Every theme can be read, with little sight and without colour."""

import pytest
from rich.color import Color

from widgets.themes import PALETTES, ROLES, Looks, Palette


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    channels = Color.parse(colour).get_truecolor()
    linear = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=list(PALETTES))
def test_every_role_can_be_read_on_every_ground(palette: Palette) -> None:
    least = 7.0 if palette.name.endswith("contrast") else 4.5
    assert set(palette.roles) == set(ROLES)
    for ground in (palette.background, palette.bar, palette.cursor):
        for role, colour in palette.roles.items():
            assert contrast(colour, ground) >= least, (role, ground)
    assert contrast(palette.found, palette.background) >= least


def test_without_colour_the_weight_of_things_is_still_seen() -> None:
    looks = Looks(PALETTES["nightdesk-dark"], colour=False)
    for role in ROLES:
        for ground in ("plain", "bar", "cursor"):
            style = looks.style(role, ground)
            assert style.color is None
            assert style.bgcolor is None
    assert looks.style("overdue").bold
    assert looks.style("overdue").underline
    assert looks.style("text", "cursor").reverse
    assert not looks.style("text").bold
    assert looks.style("found").reverse
    assert looks.style("found here").underline


def test_an_unknown_role_looks_like_text() -> None:
    looks = Looks(PALETTES["nightdesk-light"], colour=True)
    assert looks.style("no such role") == looks.style("text")
