"""Changing what opens a cache: passphrase or keyring, recovery code, the key itself."""

from pathlib import Path

from console.errors import NightdeskError, NotFound, Sealed
from console.profiles.credentials import Credentials
from console.profiles.home import Home, Profile
from console.profiles.opening import CacheTrouble, keep_token, kept_token
from local_cache import keyrings, keys, rotation
from local_cache.cache import Cache, CacheError
from local_cache.keys import KeyTrouble


class KeyRefused(NightdeskError):
    """What opens the cache was not changed, and why."""

    exit = Sealed.exit


def change_passphrase(home: Home, credentials: Credentials, *, keyring: bool) -> None:
    """Open the profile in use by a new passphrase from now on, or by the keyring."""
    profile = home.current()
    folder = home.folder(profile.name)
    try:
        key = keys.unlock(folder, passphrase=credentials.passphrase)
        _rewrap(profile, folder, key, None if keyring else credentials.other_passphrase())
    except KeyTrouble as trouble:
        raise KeyRefused(str(trouble)) from None
    except CacheError as trouble:
        raise CacheTrouble(str(trouble)) from None


def make_recovery(home: Home, credentials: Credentials) -> str:
    """Make a recovery code for the profile in use, in place of the one it may have, and return it.

    It is kept nowhere.
    """
    return recovery_for(home.folder(home.current().name), credentials)


def recovery_for(folder: Path, credentials: Credentials) -> str:
    """Make a recovery code for the profile in a folder; see `make_recovery`."""
    try:
        key = keys.unlock(folder, passphrase=credentials.passphrase)
        rotation.settle(folder, key)
        return keys.add_recovery(folder, key)
    except KeyTrouble as trouble:
        raise KeyRefused(str(trouble)) from None


def use_recovery(home: Home, credentials: Credentials, *, keyring: bool) -> None:
    """Open the profile in use by its recovery code, and give it a new passphrase or the keyring."""
    profile = home.current()
    folder = home.folder(profile.name)
    if not keys.has_recovery(folder):
        raise NotFound("No recovery code was ever made for this profile. Nothing was changed.")
    try:
        key = keys.unlock_by_code(folder, credentials.recovery_code())
        _rewrap(profile, folder, key, None if keyring else credentials.other_passphrase())
    except KeyTrouble as trouble:
        raise KeyRefused(str(trouble)) from None
    except CacheError as trouble:
        raise CacheTrouble(str(trouble)) from None


def rotate_key(home: Home, credentials: Credentials) -> None:
    """Write the cache of the profile in use anew under a new key."""
    folder = home.folder(home.current().name)
    try:
        rotation.rotate(folder, passphrase=credentials.passphrase)
    except KeyTrouble as trouble:
        raise KeyRefused(str(trouble)) from None
    except CacheError as trouble:
        raise CacheTrouble(str(trouble)) from None


def _rewrap(profile: Profile, folder: Path, key: bytes, passphrase: str | None) -> None:
    cache = Cache.open(folder / keys.CACHE_FILE, key)
    try:
        token = kept_token(profile, cache)
        before = keys.how(folder)
        keys.rewrap(folder, key, passphrase=passphrase)
        if token is not None:
            keep_token(profile, cache, token)
        if before == "keyring" and passphrase is not None:
            keyrings.forget_token(profile.name)
    finally:
        cache.close()
    rotation.settle(folder, key)
