"""The outbox from the shell: what is recorded and not yet accepted, and what to do about it."""

from typing import Annotated

import msgspec
import typer

from console.cli.acting import delivered, refuse
from console.cli.given import credentials
from console.cli.output import entry_json, moment, say, say_json
from console.desk import RefusedByPolicy
from console.errors import Exit
from console.profiles.opening import open_desk
from console.words.case import entry_line
from console.words.comparison import decided_words
from console.words.outbox import placed
from console.words.settling import read_comparison
from local_cache.entries import Entry

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
    group.command()(compare)
    group.command()(keep)
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


def compare(context: typer.Context, entry: EntryName, json: Json = False) -> None:
    """Show what was seen, what is now and what was decided, and the version to keep it on."""
    with open_desk(credentials(context)) as desk:
        key = desk.entry(entry).key
        place = next(place for place in placed(desk) if place.entry.key == key)
        read = read_comparison(desk, place)
    if json:
        differences = [msgspec.structs.asdict(one) for one in read.differences or ()]
        say_json(
            entry_json(place.entry)
            | {"seen": place.entry.version, "now": read.present, "missing": read.missing}
            | {"differences": differences, "decided": decided_words(read.chain, read.policy)}
        )
        return
    _say(place.entry)
    if read.missing:
        say(read.missing)
    for one in read.differences or ():
        say(f"{one.label}{' (both changed it)' if one.conflicting else ''}")
        for title, text in (("seen", one.seen), ("now", one.now), ("decided", one.decided)):
            say(f"  {title:<9}{text.replace(chr(10), chr(10) + ' ' * 11)}")
    for text in decided_words(read.chain, read.policy):
        say(f"  {text}")
    if place.entry.state == "changed" and read.present is not None:
        say(f"Stand by it: nightdesk outbox keep {key} --seen {read.present}")
        say(f"Drop it:     nightdesk outbox discard {key}")


def keep(
    context: typer.Context,
    entry: EntryName,
    seen: Annotated[
        str, typer.Option(help="The version of the case that `outbox compare` showed.")
    ],
    json: Json = False,
) -> int:
    """Stand by what came back because the case changed: record it anew on the present case."""
    with open_desk(credentials(context)) as desk:
        try:
            kept = desk.keep(desk.entry(entry).key, seen=seen)
        except RefusedByPolicy as refusal:
            return refuse(refusal.findings, json, refusal.exit)
        delivered(desk, kept[-1])
        _tell([desk.entry(one.key) for one in kept], json)
    return Exit.DONE


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
