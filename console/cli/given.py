"""What a command was given: credentials, files, parts of a scope."""

import sys
from pathlib import Path

import typer

from console.errors import UsageError
from console.profiles.credentials import Credentials


def credentials(context: typer.Context) -> Credentials:
    """Return the passphrase and token that came along with the command."""
    given = context.find_object(Credentials)
    assert given is not None
    return given


def read_file(path: str) -> bytes:
    """Read a file, or standard input where `path` is `-`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}. Nothing was recorded."
        ) from None
