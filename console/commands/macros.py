"""Macros: commands of one's own, each a list of the commands of the registry, from `macros.toml`.

They join the registry, so that keys, help, the command line and its completion know them as
`macro.NAME`. One that cannot be run stays in it and says why: its key in `keys.toml` stays, too.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from console.casework.findings import nearest
from console.commands.command import By, Command, Danger
from console.commands.registry import COMMANDS
from console.profiles.home import Home
from keymaps.chord import BadKey, parse_sequence
from keymaps.loader import Layer
from local_cache.hostile import visible

PREFIX: Final = "macro."
_MEMBERS: Final = frozenset({"title", "commands", "key"})


def file() -> Path:
    """Return where a person's macros are, whether there are any or not."""
    return Home().configuration / "macros.toml"


def join() -> tuple[str, ...]:
    """Read the macros into the registry, in place of those of before.

    Returns what is wrong with them, a line each.
    """
    found, problems = read(file())
    for name in [name for name in COMMANDS if name.startswith(PREFIX) and name not in found]:
        del COMMANDS[name]
    COMMANDS.update(found)
    return problems


def layer() -> Layer:
    """Return the keys that macros are given where they are written, for the desk."""
    keys: dict[str, object] = {each.id: each.key for each in COMMANDS.values() if each.key}
    return Layer(file(), {"desk": keys})


def read(path: Path) -> tuple[dict[str, Command], tuple[str, ...]]:
    """Read a file of macros; return them as commands, and what is wrong with them."""
    import tomllib  # only where somebody has macros

    try:
        tables: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, (f"{path.name} cannot be read: {visible(str(error))}",)
    found: dict[str, Command] = {}
    problems: list[str] = []
    for written, table in tables.items():
        name = visible(written)
        wrong = _wrong(written, table)
        problems += [f"{path.name}: [{name}] {reason}" for reason in wrong]
        macro = _macro(name, table, wrong)
        found[macro.id] = macro
    return found, tuple(problems)


def _macro(name: str, table: Any, wrong: Sequence[str]) -> Command:
    members = cast("dict[str, Any]", table) if isinstance(table, dict) else {}
    title = members.get("title")
    shown = visible(title) if isinstance(title, str) else f"Macro {name}"
    return Command(
        f"{PREFIX}{name}",
        shown,
        ("global",),
        Danger.RECORDS,
        blocked=lambda _situation: wrong[0] if wrong else None,
        runs=() if wrong else tuple(members["commands"]),
        macro=True,
        key="" if _bad_key(members) else members.get("key", ""),
    )


def _bad_key(members: Mapping[str, Any]) -> str:
    """Say what is wrong with the key of a macro; empty where nothing is, or where it has none."""
    if "key" not in members:
        return ""
    key = members["key"]
    if not isinstance(key, str):
        return 'has a key that is not one in quotes, such as "x m"'
    try:
        parse_sequence(key)
    except BadKey as error:
        return f"has a key that is none: {visible(str(error))}"
    return ""


def _wrong(name: str, table: Any) -> list[str]:
    """Say everything that keeps a macro from being run."""
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        return ["is no name: letters, digits, - and _"]
    if not isinstance(table, dict):
        return ["is a table: commands = [...]"]
    members = cast("dict[str, Any]", table)
    wrong = [f"has no member {visible(each)}" for each in members if each not in _MEMBERS]
    if bad := _bad_key(members):
        wrong.append(bad)
    steps = members.get("commands")
    if not isinstance(steps, list) or not steps:
        return [*wrong, "needs commands, a list of ids such as case.claim"]
    for step in cast("list[object]", steps):
        command = COMMANDS.get(step) if isinstance(step, str) else None
        if command is None:
            shown = visible(str(step))
            guess = nearest(shown, COMMANDS)
            hint = f", did you mean {guess}?" if guess else ""
            wrong.append(f"there is no command {shown}{hint}")
        elif (reason := command.refuses(By.MACRO)) is not None:
            wrong.append(f"{command.id} {reason}")
    return wrong
