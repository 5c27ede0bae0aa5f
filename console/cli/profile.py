"""Connecting to a desk, and pulling and delivering once."""

import sys
from typing import Annotated

import typer

from console.cli.given import credentials
from console.cli.keeping import tell_code
from console.cli.output import complain, say, say_json
from console.errors import Exit, UsageError
from console.linear.dumb import sits_at_a_dumb_one
from console.profiles.connecting import connect_profile
from console.profiles.credentials import Credentials
from console.profiles.home import Home, Profile
from console.profiles.opening import SOURCES, open_desk
from console.profiles.rekeying import recovery_for
from console.sync import SyncReport


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(connect)
    app.command()(sync)


def connect(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="https://desk.example")],
    name: Annotated[str | None, typer.Option(help="A name for the profile.")] = None,
    source: Annotated[
        str, typer.Option(help=f"The kind of system: {', '.join(SOURCES)}.")
    ] = "escalations",
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the token from standard input.")
    ] = False,
    memory_only: Annotated[
        bool,
        typer.Option(
            "--memory-only",
            help="Keep nothing on disk and open the console; undelivered work is lost at its end.",
        ),
    ] = False,
    linear: Annotated[
        bool, typer.Option("--linear", help="With --memory-only: the desk in plain lines.")
    ] = False,
) -> int:
    """Connect to a desk as yourself. Again for the same desk: gives it a new token."""
    given = credentials(context)
    if memory_only:
        if name is not None or token_stdin:
            raise UsageError(
                "--memory-only makes no profile to name, and its console needs the terminal: "
                "leave --name and --token-stdin out (NIGHTDESK_TOKEN_FILE gives a token)."
            )
        from console.memory_run import run_in_memory

        return run_in_memory(
            given,
            url=url,
            source=source,
            token=lambda: given.token(stdin=False),
            linear=linear or sits_at_a_dumb_one(),
        )
    if linear:
        raise UsageError("--linear goes with --memory-only; else the desk opens with: nightdesk")
    home = Home()
    before = {profile.name for profile in home.profiles()}
    made = connect_profile(
        home,
        given,
        url=url,
        name=name,
        source=source,
        token=lambda: given.token(stdin=token_stdin),
    )
    say(f"Connected to {made.origin} as {made.specialist_id}; profile {made.name}.")
    if made.name not in before:
        _offer_recovery(home, made, given)
    say("Fetch the cases with `nightdesk sync`, or open the console with `nightdesk`.")
    return Exit.DONE


def _offer_recovery(home: Home, made: Profile, given: Credentials) -> None:
    """Offer a recovery code once, where there is somebody to ask; else say how to make one."""
    asked = sys.stdin.isatty() and sys.stdout.isatty()
    if asked and typer.confirm(
        "Make a recovery code? It opens what is recorded here if keyring or passphrase are lost.",
        default=True,
    ):
        tell_code(recovery_for(home.folder(made.name), given))
    else:
        say("There is no recovery code for this profile: nightdesk recovery makes one.")


def sync(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Read the whole feed again.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Pull what is new and deliver what is recorded, once."""
    with open_desk(credentials(context)) as desk:
        report = desk.sync_once(full=full)
    if json:
        say_json(
            {
                "pulled": report.pulled,
                "sent": report.sent,
                "returned": report.returned,
                "changed": report.changed,
                "pending": report.pending,
                "online": report.online,
                "cursor": report.cursor,
            }
        )
    else:
        _say(report)
    if report.problem:
        complain(report.problem)
    return Exit.DONE if report.online else Exit.NOTHING_TO_WORK_ON


def _say(report: SyncReport) -> None:
    say(
        f"{report.pulled} pulled, {report.sent} delivered, {report.returned} returned, "
        f"{report.changed} changed meanwhile, {report.pending} waiting."
    )
    if report.returned or report.changed:
        say("Look at what came back with: nightdesk outbox")
