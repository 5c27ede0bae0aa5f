"""Reading keymaps from TOML.

```toml
inherits = "vim"              # a keymap that comes with the program, or a file beside this one
layout = "ru"                 # the letters of a keyboard that is not Latin
count = "ctrl+u"              # a key that begins a count: of four, or of the digits after it

[desk]                        # a context
"case.claim" = ["c"]          # replaces the keys that the command had in this context
"case.move" = "<disabled>"    # takes them away
```
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, cast

from msgspec import Struct, field

from keymaps.chord import BadKey, parse_sequence
from keymaps.keymap import Binding, Keymap

DISABLED: Final = "<disabled>"
_HERE: Final = Path(__file__).parent


class KeymapError(Exception):
    """A keymap that cannot be used. `problems` has one line for each thing that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Layer(NamedTuple):
    """Keys that come from elsewhere, right over those that come with the program."""

    file: Path
    """What is named as their origin."""
    tables: Mapping[str, Mapping[str, object]]
    """As in a keymap file: context -> command -> keys."""


NOTHING: Final = Layer(Path(), {})


class _Reading(Struct):
    """What the files said so far: context -> command -> bindings, later files over earlier."""

    desk: Mapping[str, object]
    """The built-in `desk` keymap, which says what contexts there are and is often read itself."""
    contexts: tuple[str, ...]
    commands: Collection[str] | None
    under: str | None = None
    """The keymap below a file that inherits none."""
    over: Layer = NOTHING
    tables: dict[str, dict[str, list[Binding]]] = field(
        default_factory=dict[str, dict[str, list[Binding]]]
    )
    disabled: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    files: list[Path] = field(default_factory=list[Path])
    layout: str | None = None
    count_key: str = ""
    problems: list[str] = field(default_factory=list[str])


def builtin(name: str) -> Path:
    """Return the file of a keymap that comes with the program; it need not exist."""
    return _HERE / f"{name}.toml"


def builtin_names() -> tuple[str, ...]:
    """Return the names of the keymaps that come with the program."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.toml")))


def inherited(path: Path) -> str | None:
    """Return the name of the keymap that a file inherits; None where it names none."""
    name = _document(path, []).get("inherits")
    return name if isinstance(name, str) else None


def load(
    paths: Sequence[Path],
    *,
    commands: Collection[str] | None = None,
    under: str | None = None,
    over: Layer = NOTHING,
) -> Keymap:
    """Read keymap files, each with what it inherits, later ones over earlier ones.

    A key that a later file gives to another command of the same context leaves its first owner.
    Contexts are those of the built-in `desk` keymap; commands are checked where `commands` names
    them. `under` is what a file inherits that names nothing; `over` lies between what comes with
    the program and every other file. Raises KeymapError with every problem found.
    """
    problems: list[str] = []
    document = _document(builtin("desk"), problems)
    contexts = tuple(name for name, table in document.items() if isinstance(table, dict))
    reading = _Reading(document, contexts, commands, under, over, problems=problems)
    for path in paths:
        _read(path, reading, ())
    if reading.problems:
        raise KeymapError(reading.problems)
    bindings = (
        binding
        for table in reading.tables.values()
        for of_command in table.values()
        for binding in of_command
    )
    return Keymap(
        bindings,
        contexts,
        disabled=reading.disabled,
        files=reading.files,
        layout=_translation(reading.layout),
        count_key=reading.count_key,
    )


def _document(path: Path, problems: list[str]) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror or type(error).__name__}")
    except UnicodeDecodeError:
        problems.append(f"{path}: is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path}: is not TOML: {error}")
    return {}


def _read(path: Path, reading: _Reading, above: tuple[Path, ...]) -> None:
    if path in above:
        chain = " -> ".join(each.name for each in (*above, path))
        reading.problems.append(f"{path}: inherits itself: {chain}")
        return
    reading.files.append(path)
    document = reading.desk if path == builtin("desk") else _document(path, reading.problems)
    own = builtin(path.stem) == path  # those that come with the program stand alone
    parent = document.get("inherits", None if own else reading.under)
    if parent is not None:
        found = _parent(path, parent, reading.problems)
        if found is not None:
            _read(found, reading, (*above, path))
    for name, value in document.items():
        if name == "layout":
            _read_layout(path, value, reading)
        elif name == "count":
            _read_count_key(path, value, reading)
        elif name != "inherits":
            _read_table(path, name, value, reading)
    if own:
        for name, table in reading.over.tables.items():
            _read_table(reading.over.file, name, table, reading)


def _read_layout(path: Path, name: object, reading: _Reading) -> None:
    from keymaps.layouts import LAYOUTS  # few need it, and start-up counts

    if name in LAYOUTS:
        reading.layout = str(name)
    else:
        there = ", ".join(LAYOUTS)
        reading.problems.append(f"{path}: layout: there is no such layout; there are: {there}")


def _read_count_key(path: Path, key: object, reading: _Reading) -> None:
    try:
        keys = parse_sequence(key) if isinstance(key, str) else ()
    except BadKey:
        keys = ()
    if len(keys) == 1:
        reading.count_key = keys[0]
    else:
        reading.problems.append(f'{path}: count: must be one key in quotes, such as "ctrl+u"')


def _translation(layout: str | None) -> Mapping[str, str]:
    if layout is None:
        return {}
    from keymaps.layouts import translation

    return translation(layout)


def _parent(path: Path, name: object, problems: list[str]) -> Path | None:
    if not isinstance(name, str):
        problems.append(f"{path}: inherits: must be the name of a keymap, in quotes")
        return None
    candidates = (builtin(name), path.parent / f"{name}.toml")
    for candidate in candidates:
        if candidate.exists() and candidate != path:
            return candidate
    near = _nearest(name, builtin_names())
    problems.append(f"{path}: inherits: there is no keymap `{name}`{near}")
    return None


def _read_table(path: Path, context: str, table: object, reading: _Reading) -> None:
    if not isinstance(table, dict):
        reading.problems.append(
            f"{path}: {context}: unknown setting; keys belong in a table such as [global]"
        )
        return
    if context not in reading.contexts:
        near = _nearest(context, reading.contexts)
        reading.problems.append(f"{path}: [{context}]: there is no such context{near}")
        return
    entries = cast("dict[str, object]", table)
    for command, keys in entries.items():
        if reading.commands is not None and command not in reading.commands:
            near = _nearest(command, reading.commands)
            reading.problems.append(f"{path}: [{context}] {command}: no such command{near}")
            continue
        bindings = _bindings(path, context, command, keys, reading.problems)
        if bindings is not None:
            _lay_over(reading.tables.setdefault(context, {}), command, bindings, str(path))
            (reading.disabled.discard if bindings else reading.disabled.add)((context, command))


def _bindings(
    path: Path, context: str, command: str, keys: object, problems: list[str]
) -> list[Binding] | None:
    where = f"{path}: [{context}] {command}"
    if isinstance(keys, dict):
        problems.append(f'{where}: write the command in quotes: "{command}.…" = ["key"]')
        return None
    listed: list[object] = cast("list[object]", keys) if isinstance(keys, list) else [keys]
    found: list[Binding] = []
    for each in listed:
        if not isinstance(each, str):
            problems.append(f'{where}: keys are text in quotes, such as "g o"')
        elif each != DISABLED:
            try:
                found.append(Binding(context, parse_sequence(each), command, each, str(path)))
            except BadKey as error:
                problems.append(f"{where}: {error}")
    return found


def _lay_over(
    table: dict[str, list[Binding]], command: str, bindings: list[Binding], file: str
) -> None:
    taken = {binding.keys for binding in bindings}
    for other, theirs in table.items():
        if other != command:
            theirs[:] = [each for each in theirs if each.file == file or each.keys not in taken]
    table[command] = bindings


def _nearest(word: str, words: Collection[str]) -> str:
    from difflib import get_close_matches  # only mistakes need it, and start-up counts

    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else f"; there are: {', '.join(sorted(words))}"
