"""Destroying a profile: the key first, so that what is left cannot be read even if this stops."""

import sys

from console.errors import NightdeskError, Sealed, UsageError
from console.profiles.credentials import Credentials
from console.profiles.home import Home, Profile
from console.profiles.opening import open_cache
from local_cache import keyrings, keys
from local_cache.errors import Busy
from local_cache.lock import UseLock


def wipe_profile(
    home: Home, profile: Profile, credentials: Credentials, *, confirmed: str | None
) -> int:
    """Destroy key, token and cache of a profile after its name was typed in full.

    Returns how many entries were never delivered, or -1 where the cache could not be opened to
    count them.

    Raises:
        UsageError, Sealed: nothing was wiped: another name was typed, there is nobody to ask, or
            another process has the profile open.
    """
    folder = home.folder(profile.name)
    unsent = _undelivered(home, profile, credentials)
    if confirmed is None:
        if not sys.stdin.isatty():
            raise Sealed(f"Nothing was wiped. Without a terminal, say: --yes {profile.name}")
        if unsent < 0:
            print("The cache does not open; undelivered work in it cannot be counted.")  # noqa: T201
        else:
            print(f"{unsent} entries were recorded here and never delivered.")  # noqa: T201
        confirmed = input(f"Type {profile.name} to destroy this profile: ").strip()
    if confirmed != profile.name:
        raise UsageError("That is not the profile's name. Nothing was wiped.")
    try:
        alone = UseLock(folder, alone=True)
    except Busy:
        raise Sealed(
            f"Another nightdesk has {profile.name} open. Nothing was wiped: quit it, or seal it, "
            "first."
        ) from None
    try:
        keys.destroy(folder)
        keyrings.forget_token(profile.name)
        home.forget(profile)
    finally:
        alone.release()
    return max(unsent, 0)


def _undelivered(home: Home, profile: Profile, credentials: Credentials) -> int:
    try:
        cache = open_cache(home.folder(profile.name), credentials)
    except NightdeskError:
        return -1
    try:
        with cache.read() as tables:
            return len(tables.outbox.unsent())
    finally:
        cache.close()
