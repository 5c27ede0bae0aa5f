"""The console on a cache that is in memory only, and gone with the process."""

import os
import sys
from collections.abc import Callable
from typing import Final

from console.profiles.connecting import connect_profile
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from console.profiles.memory import folder_in_memory

WHAT_IT_MEANS: Final = (
    "Memory only: cases, key and token are kept on no disk, and are gone when this console ends.\n"
    "What is recorded and not delivered by then is LOST, drafts too.\n"
    "The lock opens with enter.\n"
)


def run_in_memory(
    credentials: Credentials, *, url: str, source: str, token: Callable[[], str], linear: bool
) -> int:
    """Connect, and run the console or linear mode at once; no profile of a person is made.

    Raises:
        UsageError: there is no memory to keep it in, or the address cannot be.
        NothingToWorkOn: the server cannot be reached or refuses the token.
    """
    real = Home()
    with folder_in_memory() as folder:
        home = Home(folder, configuration=real.configuration)
        credentials.use_passphrase(os.urandom(32).hex())  # never written, known to nobody
        sys.stderr.write(WHAT_IT_MEANS)
        sys.stderr.flush()
        connect_profile(
            home,
            credentials,
            url=url,
            name="memory",
            source=source,
            token=token,
            memory_only=True,
        )
        if linear:
            from console.linear.run import run_linear

            return run_linear(credentials, home)
        from console.app import run_console

        return run_console(credentials, home)
