"""All commands in one application, and how their errors become messages and exit statuses."""

from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from console.cli import (
    acting,
    audit,
    cases,
    drafting,
    keeping,
    keys,
    outbox,
    practice,
    profile,
    upkeep,
)
from console.cli.output import complain
from console.errors import Exit, UsageError
from console.profiles.credentials import Credentials

app = typer.Typer(
    name="nightdesk",
    help="A console for the people who answer emergency escalations.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (profile, keeping, cases, acting, drafting, outbox, keys, audit, upkeep, practice):
    part.add_to(app)


@app.callback(invoke_without_command=True)
def desk(
    context: typer.Context,
    linear: Annotated[
        bool,
        typer.Option(
            "--linear", help="The desk in plain lines: for screen readers and dumb terminals."
        ),
    ] = False,
) -> None:
    """A console for the people who answer emergency escalations."""
    if linear or context.invoked_subcommand is None:
        raise UsageError("The desk opens with: nightdesk, or: nightdesk --linear")


def run_command(arguments: list[str]) -> int:
    """Run one command. Errors of use are told on standard error with exit status 2."""
    try:
        outcome = app(
            args=arguments, prog_name="nightdesk", standalone_mode=False, obj=Credentials()
        )
    except Abort:
        complain("Stopped.")
        return 130
    except TyperException as error:
        complain(f"{error.format_message()}\nSee: nightdesk --help")
        return Exit.USAGE
    return outcome if isinstance(outcome, int) else Exit.DONE
