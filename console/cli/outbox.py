"""The outbox from the shell: what is recorded and not yet accepted, and what to do about it."""

from typing import Annotated

import typer

from console.cli.given import credentials
from console.cli.output import entry_json, moment, say, say_json
from console.profiles.opening import open_desk
from console.words.case import entry_line
from local_cache.outbox import Entry

EntryName = Annotated[
    str, typer.Argument(metavar="ENTRY", help="Its key, the key's beginning, or its number.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        help="What is recorded here and not yet accepted by the server.",
        invoke_without_command=True,
        no_args_is_help=False,
    )
    group.callback()(list_entries)
    group.command()(undo)
    group.command()(retry)
    group.command()(discard)
    app.add_typer(group, name="outbox")


def list_entries(context: typer.Context, json: Json = False) -> None:
    """List the entries, in the order they were recorded."""
    if context.invoked_subcommand is not None:
        return
    with open_desk(credentials(context)) as desk:
        entries = desk.outbox()
        for entry in entries:
            if json:
                say_json(entry_json(entry))
            else:
                _say(entry)
        if not entries and not json:
            say("Nothing waits: everything recorded was accepted by the server.")


def undo(context: typer.Context, entry: EntryName, json: Json = False) -> None:
    """Take an entry back that was not sent, and the later ones of its case with it."""
    with open_desk(credentials(context)) as desk:
        _tell(desk.undo(desk.entry(entry).key), json)


def discard(context: typer.Context, entry: EntryName, json: Json = False) -> None:
    """Drop an entry that came back or waits, and the later ones of its case with it."""
    with open_desk(credentials(context)) as desk:
        _tell(desk.discard(desk.entry(entry).key), json)


def retry(context: typer.Context, entry: EntryName, json: Json = False) -> None:
    """Send an entry again now, the same key and bytes; confirms one that waited long."""
    with open_desk(credentials(context)) as desk:
        key = desk.retry(desk.entry(entry).key).key
        _tell([desk.deliver(key)], json)


def _tell(entries: list[Entry], json: bool) -> None:
    for entry in entries:
        if json:
            say_json(entry_json(entry))
        else:
            _say(entry)


def _say(entry: Entry) -> None:
    say(f"{entry.seq:>5}  {moment(entry.recorded_ms)}  {entry.case_id}  {entry_line(entry)}")
    say(f"       key {entry.key} · {entry.attempts} attempts")
    if entry.error is not None:
        say(f"       {entry.error.detail.visible()}")
