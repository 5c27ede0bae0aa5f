"""What opens the cache: keyring or passphrase, the recovery code, the key itself."""

from typing import Annotated

import typer

from console.cli.given import credentials
from console.cli.output import say
from console.profiles.home import Home
from console.profiles.rekeying import change_passphrase, make_recovery, rotate_key, use_recovery

Keyring = Annotated[
    bool, typer.Option("--keyring", help="The keyring opens it, no passphrase any more.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(passphrase)
    app.command()(recovery)
    app.command()(rotate)


def passphrase(context: typer.Context, keyring: Keyring = False) -> None:
    """Change the passphrase, or move the key between passphrase and keyring."""
    change_passphrase(Home(), credentials(context), keyring=keyring)
    say(_opens_by(keyring=keyring))


def recovery(
    context: typer.Context,
    use: Annotated[
        bool, typer.Option("--use", help="Open the cache by the code, keyring or passphrase lost.")
    ] = False,
    keyring: Keyring = False,
) -> None:
    """Make a recovery code, shown once; one made before opens nothing any more."""
    if use:
        use_recovery(Home(), credentials(context), keyring=keyring)
        say(_opens_by(keyring=keyring))
        return
    tell_code(make_recovery(Home(), credentials(context)))


def tell_code(code: str) -> None:
    """Show a recovery code, once."""
    say("The recovery code of this profile, shown this once and kept nowhere:")
    say()
    say(f"    {code}")
    say()
    say("Write it down and lay it where nobody else comes. With it, what is recorded here can be")
    say("opened where the keyring or the passphrase is lost: nightdesk recovery --use")


def rotate(context: typer.Context) -> None:
    """Write the cache anew under a new key; what opens it stays the same."""
    rotate_key(Home(), credentials(context))
    say("The cache has a new key; every row was compared. What opened it before opens it now.")


def _opens_by(*, keyring: bool) -> str:
    opener = "The keyring" if keyring else "The new passphrase"
    return f"{opener} opens this profile from now on; a recovery code goes on doing so, too."
