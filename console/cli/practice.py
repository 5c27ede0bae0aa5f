"""`nightdesk practice`: a desk with made-up cases, to learn on and to test against."""

from pathlib import Path
from typing import Annotated, Any

import typer

from console.cli.given import credentials
from console.cli.output import say_json
from console.errors import UsageError
from console.linear.dumb import sits_at_a_dumb_one


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(practice)


def practice(
    context: typer.Context,
    cases: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many cases.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed makes the same cases.")] = 1,
    arrivals: Annotated[float, typer.Option(min=0, help="New cases per hour.")] = 12,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    serve: Annotated[bool, typer.Option("--serve", help="Only the server.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep the server's data in DIR.")] = None,
    linear: Annotated[
        bool, typer.Option("--linear", help="The desk in plain lines, without a screen.")
    ] = False,
) -> int:
    """Open the practice desk: a server of its own with made-up cases, and the console on it."""
    if not serve:
        from console.practice_run import run_practice

        return run_practice(
            credentials(context), cases=cases, seed=seed, arrivals=arrivals, port=port, keep=keep,
            linear=linear or sits_at_a_dumb_one(),
        )  # fmt: skip
    try:
        from console.practice.server import serve as run_server
    except ModuleNotFoundError:
        raise UsageError(
            "The practice desk is not installed. It comes with: pipx install 'nightdesk[practice]'"
        ) from None
    try:
        run_server(
            cases=cases, seed=seed, arrivals=arrivals, port=port, keep=keep, announce=_announce
        )
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"The practice desk cannot start: {why}. Nothing was changed.") from None
    return 0


def _announce(listening: dict[str, Any]) -> None:
    import sys

    say_json(listening)
    sys.stdout.flush()
