"""The keys of the moment: the keymap that a person chose, with their own `keys.toml` over it.

The file is looked at again while the console runs. With mistakes in it, the keys of before stay.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.commands import macros
from console.commands.registry import COMMANDS
from console.errors import UsageError
from console.profiles.home import Home, replace_file
from keymaps import loader
from keymaps.keymap import Keymap
from local_cache.hostile import visible

if TYPE_CHECKING:
    from keymaps.checks import Finding

DEFAULT: Final = "desk"

STACKS: Final[tuple[tuple[str, ...], ...]] = (
    ("desk", "move", "global"),
    ("case", "desk", "move", "global"),
    ("text", "form", "global"),
    ("form", "global"),
    ("form", "move", "global"),
    ("text", "draft", "form", "global"),
    ("draft", "form", "global"),
    ("draft", "form", "move", "global"),
    ("outbox", "move", "global"),
    ("views", "move", "global"),
    ("compare", "move", "global"),
    ("prompt", "text"),
    ("help", "text", "move", "global"),
    ("move", "global"),
    ("global",),
)
"""The contexts that apply together on some screen, for the checks; a test compares the screens."""

_Stamp = tuple[tuple[str, int, int, int], ...]


class _Keys:
    """The keymap in use, and what is wrong with the file that it should have come from."""

    def __init__(self) -> None:
        self._keymap: Keymap | None = None
        self._files: tuple[Path, ...] = ()
        self._stamp: _Stamp = ()
        self.problems: tuple[str, ...] = ()

    @property
    def keymap(self) -> Keymap:
        return self._keymap or self._read()

    def look_again(self) -> bool:
        own = own_file()
        if self._files[:2] == (own, macros.file()) and _stamp(self._files) == self._stamp:
            return False
        self._read()
        return True

    def _read(self) -> Keymap:
        own = own_file()
        self._files = (own, macros.file())
        self._stamp = _stamp(self._files)
        self.problems = macros.join()  # before the keys, which may be those of macros
        try:
            found = _load(own if own.exists() else loader.builtin(DEFAULT))
        except loader.KeymapError as error:
            names = (problem.replace(str(own), own.name) for problem in error.problems)
            self.problems += tuple(visible(problem) for problem in names)
            found = self._keymap or _load(loader.builtin(_chosen(own)))
        else:
            others = tuple(file for file in found.files if file != own)
            self._files = (*self._files, *others)
            self._stamp = (*self._stamp, *_stamp(others))
        self._keymap = found
        return found


_keys: Final = _Keys()


def own_file() -> Path:
    """Return where a person's own keys are, whether there are any or not."""
    return Home().configuration / "keys.toml"


def keymap() -> Keymap:
    """Return the keymap in use."""
    return _keys.keymap


def keys_for(command: str, context: str | None = None) -> str:
    """Return the first key of a command as people write it; empty where it has none."""
    found = keymap().keys_of(command, context)
    return found[0] if found else ""


def problems() -> tuple[str, ...]:
    """Return what is wrong with `keys.toml`, a line each with file and place.

    Then the keys of before are in use, at the start those of the keymap that it inherits.
    """
    _ = _keys.keymap
    return _keys.problems


def findings(of: Keymap) -> "list[Finding]":
    """Return everything that is wrong with a keymap that can be read, errors first."""
    from keymaps.checks import check  # not on the way to the first paint

    named = {each.id: each.contexts for each in COMMANDS.values() if not each.macro}
    return check(of, named, STACKS)


def faults() -> tuple[str, ...]:
    """Return what is wrong with the keys of `keys.toml` though they are in use, a line each.

    Such as a key that is never reached behind another one. It takes a moment: not on the way of
    a key.
    """
    found = keymap()
    ours = {str(loader.builtin(name)) for name in loader.builtin_names()}
    if ours.issuperset(each.file for each in found.bindings):
        return ()
    return tuple(visible(each.text) for each in findings(found) if each.error)


def look_again() -> bool:
    """Read `keys.toml` again where it changed; return whether it did.

    It looks at the disk: not on the way of a key.
    """
    return _keys.look_again()


def builtin(name: str) -> Keymap:
    """Return a keymap as it comes with Nightdesk.

    Raises:
        UsageError: where there is none of this name.
    """
    if name not in loader.builtin_names():
        there = ", ".join(loader.builtin_names())
        raise UsageError(f"There is no keymap {visible(name)}. There are: {there}")
    return Keymap.load([loader.builtin(name)], commands=frozenset(COMMANDS))


def read_keymap(path: Path) -> Keymap:
    """Read a keymap file as if it were the person's own.

    Raises:
        KeymapError: with each thing that is wrong with it.
    """
    _ = _keys.keymap  # the macros join the commands with it
    return _load(path)


def _load(path: Path) -> Keymap:
    names = frozenset(COMMANDS)
    return Keymap.load([path], commands=names, under=DEFAULT, over=macros.layer())


def use(name: str) -> Path:
    """Let `keys.toml` inherit a keymap that comes with Nightdesk; the rest of it stays as it is.

    Raises:
        UsageError: where there is no such keymap, or the file has to be changed by hand.
    """
    from keymaps.editing import inheriting

    builtin(name)
    path = own_file().resolve()  # a link to where a person keeps their settings stays one
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        replace_file(path, inheriting(text, name).encode())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} was not changed: {visible(str(error))}") from None
    except loader.KeymapError as error:
        raise UsageError(f"{path.name} was not changed: {visible(str(error))}") from None
    look_again()
    return path


def _chosen(own: Path) -> str:
    """Return what a file with mistakes inherits, as far as that can be told."""
    name = loader.inherited(own)
    return name if name in loader.builtin_names() else DEFAULT


def _stamp(files: tuple[Path, ...]) -> _Stamp:
    found: list[tuple[str, int, int, int]] = []
    for file in files:
        try:
            seen = file.stat()
        except OSError:
            found.append((str(file), 0, 0, 0))
        else:
            found.append((str(file), seen.st_ino, seen.st_size, seen.st_mtime_ns))
    return tuple(found)
