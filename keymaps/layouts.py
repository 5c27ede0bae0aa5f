"""Keyboards whose letters are not Latin: the key is meant, not the letter that it types."""

from collections.abc import Mapping
from typing import Final

from keymaps.chord import name_of_character

_KEYS: Final = {
    "ru": ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    "uk": ("йцукенгшщзхїфівапролджєячсмитьбюґ", "qwertyuiop[]asdfghjkl;'zxcvbnm,.\\"),
    "el": ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    "he": ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
}
_SHIFTED: Final = dict(zip("[];',.`\\", '{}:"<>~|', strict=True))

LAYOUTS: Final = tuple(sorted(_KEYS))
"""What `layout` in a keymap file may name."""


def translation(layout: str) -> Mapping[str, str]:
    """Return the Latin key for each letter of a layout, both by their canonical names.

    Marks that a Latin keyboard types too stay what they are, wherever they stand.
    """
    typed, meant = _KEYS[layout]
    found: dict[str, str] = {}
    for letter, key in zip(typed, meant, strict=True):
        found[letter] = name_of_character(key)
        if letter.upper() != letter and letter != "ς":
            found[letter.upper()] = name_of_character(_SHIFTED.get(key, key.upper()))
    return found
