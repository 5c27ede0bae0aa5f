"""The keys: listed, checked, explained, and another keymap chosen."""

from pathlib import Path
from typing import Annotated

import typer

from console.cli.keys_page import keys_page
from console.cli.output import complain, say, say_json
from console.commands import COMMANDS, keymap
from console.commands.keys import builtin, findings, own_file, problems, read_keymap, use
from console.errors import Exit, NotFound, UsageError
from keymaps.chord import BadKey
from keymaps.keymap import Keymap
from keymaps.loader import KeymapError, builtin_names
from local_cache.hostile import visible

Json = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]
Named = Annotated[
    str | None,
    typer.Option("--keymap", help="desk, vim or emacs, instead of the keys in use."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="The keys.", no_args_is_help=True)
    group.command("list")(list_keys)
    group.command("check")(check_keys)
    group.command("explain")(explain_key)
    group.command("use")(use_keymap)
    app.add_typer(group, name="keys")


def list_keys(
    where: Annotated[str | None, typer.Option("--context", help="Only this screen.")] = None,
    json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/keys.md is.")] = False,
    named: Named = None,
) -> None:
    """List every command and its keys."""
    if markdown:
        say(keys_page(named or "desk"))
        return
    bound = _keymap(named)
    for command in COMMANDS.values():
        if where is not None and where not in command.contexts:
            continue
        keys = bound.keys_of(command.id)
        if json:
            say_json({"command": command.id, "title": command.title, "keys": keys})
        else:
            say(f"{', '.join(keys):<22} {command.id:<20} {command.title}")


def check_keys(
    file: Annotated[
        str | None, typer.Argument(help="A keymap file, or desk, vim or emacs.", show_default=False)
    ] = None,
    json: Json = False,
) -> int:
    """Find keys that clash, that no plain terminal sends, and commands without a key.

    Exit status 4 where something has to be put right; a note alone is none.
    """
    try:
        found = findings(_named_or_file(file))
    except KeymapError as error:
        for problem in error.problems:
            _say_finding("unreadable", True, problem, json=json)
        return Exit.REFUSED
    unread = problems() if file is None else ()  # of the macros: the keys themselves can be read
    for problem in unread:
        _say_finding("macro", True, problem, json=json)
    for each in found:
        _say_finding(each.kind, each.error, each.text, json=json)
    if not found and not unread and not json:
        say("Every command has a key, and no key clashes.")
    return Exit.REFUSED if unread or any(each.error for each in found) else Exit.DONE


def explain_key(
    key: Annotated[str, typer.Argument(help="A key or a sequence, as in 'g o'.")],
    named: Named = None,
) -> int:
    """Say what a key does on every screen, and what may follow it."""
    try:
        found = _keymap(named).begun_by(key)
    except BadKey as error:
        raise UsageError(visible(str(error))) from None
    if not found:
        raise UsageError("No command has this key. See: nightdesk keys list")
    for each in found:
        title = COMMANDS[each.command].title
        say(f"{each.context:<10} {each.written:<14} {each.command:<20} {title}")
    return Exit.DONE


def use_keymap(
    name: Annotated[str, typer.Argument(help="desk, vim or emacs.")],
) -> int:
    """Choose a keymap; your own `keys.toml`, with all that is in it, stays over it."""
    path = use(name)
    say(f"The keys of {name}, by {visible(str(path))}. A console that runs takes them over.")
    return check_keys() if problems() or _own_bindings(path) else Exit.DONE


def _own_bindings(path: Path) -> bool:
    return any(each.file == str(path) for each in keymap().bindings)


def _keymap(named: str | None) -> Keymap:
    if named is not None:
        return builtin(named)
    for problem in problems():
        complain(problem)
    return keymap()


def _named_or_file(file: str | None) -> Keymap:
    if file in builtin_names():
        return builtin(file)
    path = Path(file) if file is not None else own_file()
    if file is not None and not path.exists():
        raise NotFound(f"There is no file {visible(file)}.")
    return read_keymap(path) if path.exists() else keymap()


def _say_finding(kind: str, error: bool, text: str, *, json: bool) -> None:
    if json:
        say_json({"kind": kind, "error": error, "text": text})
    else:
        say(f"{'fault' if error else 'note '}  {visible(text)}")
