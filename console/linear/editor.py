"""A text in the editor of one's choice: a file that only its owner reads, gone afterwards."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from console.errors import UsageError

_LARGEST: Final = 1024 * 1024
"""Bytes that are taken back."""


def edit(text: str) -> str | None:
    """Have a text edited; None where it was left as it is.

    Raises:
        UsageError: where there is no terminal or no editor, or the editor failed; the text is as
            it was.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("An editor needs a terminal. Type the lines here instead.")
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not command:
        raise UsageError("EDITOR names no editor. Type the lines here instead.")
    folder = os.environ.get("XDG_RUNTIME_DIR")
    # In memory where the system has such a folder; mkstemp gives it to its owner alone.
    number, name = tempfile.mkstemp(suffix=".md", prefix="nightdesk-", dir=folder or None)
    path = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        return _edited(command, path, text)
    finally:
        path.unlink(missing_ok=True)


def _edited(command: list[str], path: Path, before: str) -> str | None:
    try:
        status = subprocess.run([*command, str(path)], check=False).returncode
        content = path.read_bytes()[:_LARGEST]
    except OSError as error:
        raise UsageError(f"{command[0]}: {error.strerror}. The text is as it was.") from None
    if status != 0:
        raise UsageError(f"{command[0]} ended with status {status}. The text is as it was.")
    text = content.decode("utf-8", "replace").removesuffix("\n")
    return None if text == before else text
