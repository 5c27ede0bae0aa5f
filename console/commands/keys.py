"""The keys of the moment: the default keymap, with a person's own over it."""

from functools import cache
from pathlib import Path

from console.commands.registry import COMMANDS
from console.profiles.home import Home
from keymaps import loader
from keymaps.keymap import Keymap


@cache
def keymap() -> Keymap:
    """Return the keys: the default keymap, with a person's own `keys.toml` over it."""
    paths = [loader.builtin("desk")]
    own = Home().configuration / "keys.toml"
    if own.exists():
        paths.append(Path(own))
    return Keymap.load(paths, commands=frozenset(COMMANDS))


def keys_for(command: str, context: str | None = None) -> str:
    """Return the first key of a command as people write it; empty where it has none."""
    keys = keymap().keys_of(command, context)
    return keys[0] if keys else ""
