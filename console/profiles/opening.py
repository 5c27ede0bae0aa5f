"""Opening a desk: which profile, its key, its cache, and how to reach its server."""

import contextlib
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Final

from console.desk import Desk
from console.errors import NightdeskError, NothingToWorkOn, Sealed
from console.profiles.credentials import Credentials
from console.profiles.home import Home, Profile
from console.sources.base import Source
from console.sync.ground import LAST_SPOKEN
from local_cache import keyrings, keys, rotation
from local_cache.cache import Cache, CacheError
from local_cache.keys import CACHE_FILE, KeyTrouble


class CacheTrouble(NightdeskError):
    """The cache cannot be opened as it is; it was left untouched."""

    exit = NothingToWorkOn.exit


@contextlib.contextmanager
def open_desk(credentials: Credentials, home: Home | None = None) -> Generator[Desk]:
    """Open the desk of the profile in use, and close it afterwards.

    Raises:
        NothingToWorkOn: where there is no profile.
        Sealed: where the key cannot be had.
        CacheTrouble: where the cache is damaged or was written by a newer Nightdesk.
    """
    house = home or Home()
    profile = house.current()
    folder = house.folder(profile.name)
    house.check(profile.name)
    desk = desk_of(profile, open_cache(folder, credentials), credentials)
    try:
        seal_where_silent(desk)
        yield desk
    finally:
        desk.close()


def silent_for(desk: Desk) -> timedelta | None:
    """Return how long the server was not heard of, where that is longer than the policy allows."""
    with desk.cache.read() as tables:
        policy, spoken = tables.policies.current(), tables.meta.get(LAST_SPOKEN)
    if policy is None or spoken is None:
        return None
    silent = timedelta(milliseconds=desk.now_ms() - int(spoken))
    return silent if silent > policy.offline_max else None


def seal_where_silent(desk: Desk) -> None:
    """See that the server was heard of within the policy's `offline_max`, or is heard of now.

    Raises:
        Sealed: it was not, and is not.
    """
    silent = silent_for(desk)
    if silent is not None and not desk.reach():
        raise Sealed(
            f"This cache has not heard of its server for {silent // timedelta(hours=1)} hours, "
            "longer than the policy allows, and sealed itself. What is recorded is kept. It opens "
            "again once the server can be reached."
        )


def desk_of(profile: Profile, cache: Cache, credentials: Credentials) -> Desk:
    """Build the desk over an open cache; the server is not contacted yet."""
    return Desk(profile, cache, lambda: connect(profile, token_of(profile, cache, credentials)))


def open_cache(folder: Path, credentials: Credentials) -> Cache:
    """Open the cache of a profile with its key."""
    try:
        key = keys.unlock(folder, passphrase=credentials.passphrase)
        rotation.settle(folder, key)
    except KeyTrouble as trouble:
        raise Sealed(str(trouble)) from None
    try:
        return Cache.open(folder / CACHE_FILE, key)
    except CacheError as trouble:
        raise CacheTrouble(str(trouble)) from None


def make_cache(folder: Path, credentials: Credentials) -> Cache:
    """Make the key and the empty cache of a new profile.

    The keyring keeps the key where there is one to trust and no passphrase was given.
    """
    try:
        if credentials.passphrase_given:
            key = keys.create_key(folder, passphrase=credentials.passphrase())
        else:
            try:
                key = keys.create_key(folder, passphrase=None)
            except keys.NoKeyring:
                key = keys.create_key(folder, passphrase=credentials.new_passphrase())
        return Cache.open(folder / CACHE_FILE, key)
    except KeyTrouble as trouble:
        raise Sealed(str(trouble)) from None
    except CacheError as trouble:
        raise CacheTrouble(str(trouble)) from None


def keep_token(profile: Profile, cache: Cache, token: str) -> None:
    """Keep the token where the key is: in the keyring, else in the encrypted store."""
    by_keyring = keys.how(cache.path.parent) == "keyring"
    if by_keyring and keyrings.save_token(profile.name, token):
        cache.write(lambda tables: tables.meta.delete("token"))
    else:
        cache.write(lambda tables: tables.meta.set("token", token))


def kept_token(profile: Profile, cache: Cache) -> str | None:
    """Return the token that is kept for a profile."""
    with cache.read() as tables:
        kept = tables.meta.get("token")
    return kept or keyrings.load_token(profile.name)


def token_of(profile: Profile, cache: Cache, credentials: Credentials) -> str:
    """Return the token: the one given with the command, else the one kept."""
    token = credentials.token_given or kept_token(profile, cache)
    if not token:
        raise NothingToWorkOn(
            "There is no token for this desk. Everything recorded is kept. "
            f"Give a new one with: nightdesk connect {profile.origin}"
        )
    return token


def connect(profile: Profile, token: str) -> Source:
    """Make the source that a profile names."""
    return SOURCES[profile.source](profile.origin, token)


def _escalations(origin: str, token: str) -> Source:
    from console.sources.escalations import EscalationsSource  # the HTTP client comes with it

    return EscalationsSource(origin, token)


SOURCES: Final[dict[str, Callable[[str, str], Source]]] = {"escalations": _escalations}
