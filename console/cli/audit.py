"""What was done here: the audit chain, read and verified, and responses taken out as files."""

from pathlib import Path
from typing import Annotated

import typer

from console.cli.given import credentials
from console.cli.output import moment, say, say_json
from console.errors import Exit
from console.profiles.opening import open_desk
from local_cache.hostile import visible

Json = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    audit = typer.Typer(help="The audit chain.", no_args_is_help=True)
    audit.command("verify")(verify_audit)
    audit.command("list")(list_entries)
    app.add_typer(audit, name="audit")
    app.command()(export)


def verify_audit(context: typer.Context, json: Json = False) -> int:
    """Check the audit chain for edits, holes and swaps."""
    with open_desk(credentials(context)) as desk:
        report = desk.verify_audit()
    if json:
        say_json(
            {
                "ok": report.ok,
                "entries": report.entries,
                "problem": report.problem,
                "acknowledged": report.acknowledged_seq,
            }
        )
    elif report.ok:
        say(
            f"{report.entries} entries, whole. The server acknowledged the chain up to "
            f"{report.acknowledged_seq or 'nothing yet'}."
        )
    else:
        say(f"NOT WHOLE: {report.problem}")
    return Exit.DONE if report.ok else Exit.REFUSED


def list_entries(
    context: typer.Context,
    case: Annotated[str | None, typer.Option(help="Only on this case: id or reference.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List what was recorded, seen, revealed and exported here, the newest first."""
    with open_desk(credentials(context)) as desk:
        entries = desk.audit_entries(limit, None if case is None else desk.find(case))
    for entry in entries:
        if json:
            say_json(
                {
                    "seq": entry.seq,
                    "at": moment(entry.at_ms),
                    "kind": entry.kind,
                    "case": entry.case_id,
                    "detail": entry.detail,
                    "hash": entry.hash,
                }
            )
        else:
            told = "  ".join(f"{name}={value}" for name, value in entry.detail.items())
            on = entry.case_id or ""
            say(visible(f"{entry.seq:>7}  {moment(entry.at_ms)}  {entry.kind:<18} {on}  {told}"))


def export(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="ID", help="The id, or our reference.")],
    to: Annotated[
        Path, typer.Option(file_okay=False, exists=True, help="The folder for the file.")
    ] = Path(),
) -> None:
    """Write the newest response that the server has on a case to a file; the audit chain has it."""
    with open_desk(credentials(context)) as desk:
        say(visible(str(desk.export_response(desk.find(case), to))))
