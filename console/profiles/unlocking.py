"""What opens a locked or sealed console again: the same that opened it at first."""

from pathlib import Path
from typing import Literal, TypeAlias

from console.desk import Desk
from console.errors import Sealed
from console.profiles.credentials import Credentials
from console.profiles.home import Profile
from console.profiles.opening import desk_of, open_cache, seal_where_silent
from local_cache import keys
from local_cache.keys import KeyTrouble

By: TypeAlias = Literal["keyring", "passphrase", "enter"]


class Opener:
    """Asks for the key again. One for a profile that a console is open on.

    What came with the command (a passphrase in a file, in the environment) opened the console once
    and opens nothing again: whoever sits there has to give it. The made-up cases of a practice desk
    are the exception: their passphrase is known to nobody, and the enter key opens them.
    """

    def __init__(self, folder: Path, credentials: Credentials) -> None:
        self._folder = folder
        self._credentials = credentials

    @property
    def by(self) -> By:
        """What is asked for."""
        if self._credentials.nobody_knows:
            return "enter"
        return "keyring" if keys.how(self._folder) == "keyring" else "passphrase"

    def check(self, passphrase: str) -> None:
        """See that the key is given out; the cache is open already.

        Raises:
            Sealed: it is not; says why.
        """
        if self.by == "enter":
            return
        try:
            keys.unlock(self._folder, passphrase=lambda: passphrase)
        except KeyTrouble as trouble:
            raise Sealed(str(trouble)) from None

    def seal(self) -> None:
        """Let go of what could open the cache without being asked for."""
        if self.by != "enter":
            self._credentials.forget()

    def open(self, profile: Profile, passphrase: str) -> Desk:
        """Open the desk again.

        Raises:
            Sealed, CacheTrouble: it stays closed; says why.
        """
        given = (
            self._credentials
            if self.by == "enter"
            else self._credentials.with_passphrase(passphrase)
        )
        desk = desk_of(profile, open_cache(self._folder, given), self._credentials)
        try:
            seal_where_silent(desk)
        except BaseException:
            desk.close()
            raise
        return desk
