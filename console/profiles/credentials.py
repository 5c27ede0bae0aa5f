"""Passphrase and token as automation and people give them: files, the environment, a terminal.

What the environment holds is taken out of it at once, so that no child process inherits it.
"""

import os
import sys
from getpass import getpass
from pathlib import Path
from typing import Final

from console.errors import Sealed, UsageError

LEAST_CHARACTERS: Final = 8


class Credentials:
    """What was given along with the command. Make one at the start of a process, and only one."""

    def __init__(self) -> None:
        self._passphrase = _take("NIGHTDESK_PASSPHRASE")
        self._nobody_knows = False
        self._other = _take("NIGHTDESK_NEW_PASSPHRASE")
        self._recovery = _take("NIGHTDESK_RECOVERY_CODE")
        self._token = _take("NIGHTDESK_TOKEN")

    @property
    def passphrase_given(self) -> bool:
        """Whether a passphrase can be had without asking anybody."""
        return self._passphrase is not None

    def use_passphrase(self, passphrase: str) -> None:
        """Use this passphrase as if it had been given; for a practice profile that is not kept."""
        self._passphrase = passphrase
        self._nobody_knows = True

    @property
    def nobody_knows(self) -> bool:
        """Whether the passphrase was made up by the program."""
        return self._nobody_knows

    def with_passphrase(self, passphrase: str) -> "Credentials":
        """Return credentials with a passphrase that somebody typed."""
        given = Credentials()
        given._passphrase = passphrase
        return given

    def passphrase(self, prompt: str = "Passphrase: ") -> str:
        """Return the passphrase, asking on the terminal where none was given.

        Raises:
            Sealed: where there is nobody to ask.
        """
        if self._passphrase is not None:
            return self._passphrase
        return _ask(
            prompt,
            "This cache opens with a passphrase, and there is no terminal to ask for it.\n"
            "Give it in a file named by NIGHTDESK_PASSPHRASE_FILE.",
        )

    def new_passphrase(self) -> str:
        """Return the passphrase for a new cache, asking twice where none was given."""
        if self._passphrase is not None:
            return self._passphrase
        missing = (
            "There is no keyring to keep the key of the cache, and no terminal to ask for a "
            "passphrase.\nGive one in a file named by NIGHTDESK_PASSPHRASE_FILE, or keep "
            "nothing on disk: nightdesk connect URL --memory-only"
        )
        print(  # noqa: T201
            "No keyring that can be trusted was found: the cache needs a passphrase.\n"
            "(To keep nothing on this machine: ctrl+c, and nightdesk connect URL --memory-only)",
            file=sys.stderr,
        )
        return _ask_twice(missing)

    def other_passphrase(self) -> str:
        """Return the passphrase that is to open the cache from now on, asking twice for it.

        Raises:
            Sealed: where there is nobody to ask.
        """
        if self._other is not None:
            return _long_enough(self._other)
        return _ask_twice(
            "There is no terminal to ask for the new passphrase.\n"
            "Give it in a file named by NIGHTDESK_NEW_PASSPHRASE_FILE."
        )

    def recovery_code(self) -> str:
        """Return the recovery code, asking for it where none was given.

        Raises:
            Sealed: where there is nobody to ask.
        """
        if self._recovery is not None:
            return self._recovery
        return _ask(
            "Recovery code: ",
            "There is no terminal to ask for the recovery code.\n"
            "Give it in a file named by NIGHTDESK_RECOVERY_CODE_FILE.",
        )

    def forget(self) -> None:
        """Let go of what opens the cache: from now on it is asked for."""
        self._passphrase = self._other = self._recovery = None

    def token(self, *, stdin: bool) -> str:
        """Return the token for the server, from standard input, a file, or by asking."""
        if stdin:
            token = sys.stdin.readline().strip()
        elif self._token is not None:
            token = self._token
        else:
            token = _ask(
                "Token: ",
                "There is no terminal to ask for the token: use --token-stdin or "
                "NIGHTDESK_TOKEN_FILE.",
            ).strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError("This is not a token: it must be one word of plain characters.")
        return token

    @property
    def token_given(self) -> str | None:
        """The token that came with this command, which is used instead of the one kept."""
        return self._token


def _take(name: str) -> str | None:
    given = os.environ.pop(name, None)
    path = os.environ.pop(f"{name}_FILE", None)
    if path:
        try:
            return Path(path).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"The file named by {name}_FILE cannot be read.") from None
    return given


def _ask_twice(otherwise: str) -> str:
    first = _ask("New passphrase: ", otherwise)
    if first != _ask("Once more: ", otherwise):
        raise UsageError("The two passphrases differ; nothing was changed.")
    return _long_enough(first)


def _long_enough(passphrase: str) -> str:
    if len(passphrase) < LEAST_CHARACTERS:
        raise UsageError(
            f"A passphrase needs at least {LEAST_CHARACTERS} characters; nothing was changed."
        )
    return passphrase


def _ask(prompt: str, otherwise: str) -> str:
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise Sealed(otherwise)
    try:
        return getpass(prompt)
    except EOFError:
        raise Sealed(otherwise) from None
