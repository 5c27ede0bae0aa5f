"""The key of a profile's cache: random, kept by the system's keyring or wrapped by a passphrase.

Beside the cache lies `key.json`, which says which of the two, and carries a check value that tells
a wrong key from a damaged cache. The key itself is never written in plain text: where there is no
keyring that we trust and no passphrase, there is no cache. A recovery code may open it besides.

While the key is exchanged (`rotation`) the file holds two, the old one and the new one; the one
that opens the cache is the one that counts. Names that the keyring is yet to forget are written
down first, so that no step of any change, cut off, leaves a key there that nobody knows of.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from local_cache import keyrings, places, sqlcipher, wraps
from local_cache.keyrings import Backend, KeyTrouble, NoKeyring
from local_cache.wraps import InKeyring, UnderPassphrase, UnderRecovery

__all__ = [
    "CACHE_FILE",
    "KEY_FILE",
    "KeyLost",
    "KeyTrouble",
    "NoKeyring",
    "PassphraseNeeded",
    "WrongCode",
    "WrongPassphrase",
]

KEY_FILE: Final = "key.json"
CACHE_FILE: Final = "cache.db"
_FORMAT: Final = 2

How: TypeAlias = Literal["keyring", "passphrase"]
_Wrap: TypeAlias = InKeyring | UnderPassphrase | UnderRecovery


class PassphraseNeeded(KeyTrouble):
    """The key is wrapped by a passphrase and there is nobody to ask for it."""


class WrongPassphrase(KeyTrouble):
    """The passphrase does not open the key. Nothing was changed."""


class WrongCode(KeyTrouble):
    """The recovery code does not open the key. Nothing was changed."""


class KeyLost(KeyTrouble):
    """The key is not where the profile says it is. The cache was not touched."""


class _Key(msgspec.Struct, frozen=True):
    check: bytes
    wraps: tuple[_Wrap, ...]

    def main(self) -> InKeyring | UnderPassphrase:
        """Return what opens it every day."""
        return next(wrap for wrap in self.wraps if not isinstance(wrap, UnderRecovery))

    def recovery(self) -> UnderRecovery | None:
        return next((wrap for wrap in self.wraps if isinstance(wrap, UnderRecovery)), None)


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    keys: tuple[_Key, ...]
    """One; two while the key is exchanged, the old one first."""
    forget: tuple[str, ...] = ()
    """Names that the keyring has no more need to keep."""


class _FirstFile(msgspec.Struct, frozen=True, kw_only=True):
    """A key file as the first Nightdesk wrote it."""

    how: How
    name: str
    check: bytes
    salt: bytes = b""
    nonce: bytes = b""
    wrapped: bytes = b""
    n: int = 0
    r: int = 0
    p: int = 0

    def renewed(self) -> _KeyFile:
        wrap: _Wrap = InKeyring(self.name)
        if self.how == "passphrase":
            wrap = UnderPassphrase(self.salt, self.nonce, self.wrapped, self.n, self.r, self.p)
        return _KeyFile(format=_FORMAT, keys=(_Key(self.check, (wrap,)),))


# --- Looking ------------------------------------------------------------------------------------


def how(profile_dir: Path) -> How | None:
    """Say what keeps the key of a profile; None where it has none yet."""
    found = _read(profile_dir)
    if found is None:
        return None
    return "keyring" if isinstance(found.keys[0].main(), InKeyring) else "passphrase"


def has_recovery(profile_dir: Path) -> bool:
    """Say whether a recovery code opens the key of a profile."""
    found = _read(profile_dir)
    return found is not None and found.keys[0].recovery() is not None


def unsettled(profile_dir: Path) -> bool:
    """Say whether a change of the key was cut off before its end."""
    found = _read(profile_dir)
    if found is None:
        return False
    cut_off = places.unfinished(profile_dir / KEY_FILE).exists()
    return len(found.keys) > 1 or bool(found.forget) or cut_off


# --- Making and opening -------------------------------------------------------------------------


def create_key(
    profile_dir: Path, *, passphrase: str | None, backend: Backend | None = None
) -> bytes:
    """Make the key of a new profile and keep it: wrapped by `passphrase`, else in the keyring.

    Args:
        profile_dir: made where need be, readable by its owner alone.
        passphrase: None for the keyring.
        backend: a keyring to use instead of the system's.

    Raises:
        NoKeyring: nothing was made; ask for a passphrase.
        KeyTrouble: the profile has a key already, or it could not be written.
    """
    if _read(profile_dir) is not None:
        raise KeyTrouble("This profile has a key already; it was left as it is.")
    key = wraps.fresh_key()
    wrap = _wrap(key, passphrase)
    if isinstance(wrap, InKeyring):
        keyrings.keep_key(backend, wrap.name, wraps.written(key))
    _write(profile_dir, _KeyFile(format=_FORMAT, keys=(_Key(wraps.check_of(key), (wrap,)),)))
    return key


def unlock(
    profile_dir: Path,
    *,
    passphrase: Callable[[], str] | None,
    backend: Backend | None = None,
) -> bytes:
    """Return the key of a profile.

    Args:
        profile_dir: where `create_key` put it.
        passphrase: asked, once, only where the key is wrapped by one.
        backend: a keyring to use instead of the system's.

    Raises:
        KeyLost, NoKeyring, PassphraseNeeded, WrongPassphrase.
    """
    file = _need(profile_dir)
    if isinstance(file.keys[0].main(), UnderPassphrase):
        if passphrase is None:
            raise PassphraseNeeded("This profile is opened by a passphrase.")
        given = passphrase()
        return _the_one(profile_dir, [_by_passphrase(key, given) for key in file.keys])
    return _the_one(profile_dir, [_from_keyring(key, backend) for key in file.keys])


def unlock_by_code(profile_dir: Path, code: str) -> bytes:
    """Return the key of a profile by its recovery code.

    Raises:
        WrongCode, KeyLost.
    """
    found: list[bytes | None] = []
    for key in _need(profile_dir).keys:
        wrap = key.recovery()
        found.append(None if wrap is None else _checked(key, _opened_by_code(wrap, code)))
    if not any(found):
        raise WrongCode("This is not the recovery code of this profile. Nothing was changed.")
    return _the_one(profile_dir, found)


def _opened_by_code(wrap: UnderRecovery, code: str) -> bytes | None:
    try:
        return wraps.open_by_code(wrap, code)
    except wraps.Unusable:
        raise _unreadable() from None


def _by_passphrase(key: _Key, passphrase: str) -> bytes:
    wrap = key.main()
    assert isinstance(wrap, UnderPassphrase)
    try:
        found = wraps.open_by_passphrase(wrap, passphrase)
    except wraps.Unusable:
        raise _unreadable() from None
    if found is None:
        raise WrongPassphrase("This is not the passphrase of this profile.")
    return _checked(key, found) or b""


def _checked(key: _Key, found: bytes | None) -> bytes | None:
    if found is not None and not wraps.is_key(found, key.check):
        raise _unreadable()
    return found


def _from_keyring(key: _Key, backend: Backend | None) -> bytes | None:
    wrap = key.main()
    assert isinstance(wrap, InKeyring)
    found = wraps.parsed(keyrings.key_kept(backend, wrap.name))
    return found if found is not None and wraps.is_key(found, key.check) else None


def _the_one(profile_dir: Path, found: list[bytes | None]) -> bytes:
    """Return the key that opens the cache; the keyring may lack the other one."""
    if len(found) == 1 and found[0] is not None:
        return found[0]
    path = profile_dir / CACHE_FILE
    for key in found:
        if key is not None and path.exists() and sqlcipher.key_fits(path, key):
            return key
    raise KeyLost(
        "The keyring does not hold the key of this profile (it may be another keyring than the "
        "one it was made with). The cache was not touched: bring the keyring back, use the "
        "recovery code (nightdesk recovery --use), or wipe the profile and sync again."
    )


# --- Changing what opens it ---------------------------------------------------------------------


def rewrap(
    profile_dir: Path, key: bytes, *, passphrase: str | None, backend: Backend | None = None
) -> None:
    """Let a passphrase, or where it is None the keyring, open the key from now on.

    The cache is not touched, and a recovery code goes on opening it.

    Raises:
        KeyTrouble: everything is as it was.
    """
    file = _need(profile_dir)
    entry = next((one for one in file.keys if wraps.is_key(key, one.check)), None)
    if entry is None:
        raise KeyTrouble("This is not the key of this profile. Nothing was changed.")
    wrap = _wrap(key, passphrase)
    if isinstance(wrap, InKeyring):
        _write(profile_dir, _change(file, forget=(*file.forget, wrap.name)))
        keyrings.keep_key(backend, wrap.name, wraps.written(key))
    kept = tuple(one for one in entry.wraps if isinstance(one, UnderRecovery))
    before = _names(file.keys)
    _write(
        profile_dir,
        _KeyFile(
            format=_FORMAT, keys=(_Key(entry.check, (wrap, *kept)),), forget=(*file.forget, *before)
        ),
    )
    forget_what_is_left(profile_dir, backend=backend)


def add_recovery(profile_dir: Path, key: bytes) -> str:
    """Make a recovery code for a profile and return it; one that it had opens nothing any more.

    Raises:
        KeyTrouble: everything is as it was.
    """
    file = _need(profile_dir)
    code = wraps.fresh_code()
    public = wraps.public_of(code)
    assert public is not None
    entry, *others = file.keys
    if others or not wraps.is_key(key, entry.check):
        raise KeyTrouble("The key of this profile is being changed. Try again in a moment.")
    wrapped = wraps.wrap_for_recovery(key, public)
    _write(profile_dir, _change(file, keys=(_Key(entry.check, (entry.main(), wrapped)),)))
    return code


def begin_rotation(
    profile_dir: Path, *, passphrase: str | None, backend: Backend | None = None
) -> bytes:
    """Make a second key, opened by all that opens the first one, and return it.

    From here on until `end_rotation` either opens the profile, whichever the cache has.
    """
    file = _need(profile_dir)
    old, key = file.keys[0], wraps.fresh_key()
    wrap = _wrap(key, passphrase)
    if isinstance(wrap, InKeyring):
        _write(profile_dir, _change(file, forget=(*file.forget, wrap.name)))
        keyrings.keep_key(backend, wrap.name, wraps.written(key))
    recovery = old.recovery()
    also = () if recovery is None else (wraps.wrap_for_recovery(key, recovery.public),)
    _write(profile_dir, _change(file, keys=(old, _Key(wraps.check_of(key), (wrap, *also)))))
    return key


def end_rotation(profile_dir: Path, key: bytes, *, backend: Backend | None = None) -> None:
    """Keep only this one of the keys: the one that the cache has."""
    file = _need(profile_dir)
    kept = tuple(one for one in file.keys if wraps.is_key(key, one.check))
    if not kept:
        raise KeyTrouble("This is not a key of this profile. Nothing was changed.")
    dropped = tuple(one for one in file.keys if one not in kept)
    if dropped:
        _write(profile_dir, _change(file, keys=kept, forget=(*file.forget, *_names(dropped))))
    forget_what_is_left(profile_dir, backend=backend)


def forget_what_is_left(profile_dir: Path, *, backend: Backend | None = None) -> None:
    """Have the keyring forget the keys that were dropped; one that is locked does so later."""
    file = _need(profile_dir)
    in_use = set(_names(file.keys))
    left: list[str] = []
    for name in file.forget:
        if name in in_use:
            continue
        try:
            keyrings.forget_key(backend, name)
        except KeyTrouble:
            left.append(name)
    if tuple(left) != file.forget:
        _write(profile_dir, _change(file, forget=tuple(left)))


def destroy(profile_dir: Path, *, backend: Backend | None = None) -> None:
    """Destroy the key for good: what it encrypted cannot be read again by anybody.

    Every key that there is goes with everything that opens it: those in the keyring, also such as
    an exchange left there, and the file with what passphrase and recovery code open.

    Raises:
        KeyTrouble: the keyring did not give one up; the key file is left.
    """
    try:
        file = _read(profile_dir)
    except KeyLost:
        file = None  # a damaged key file opens nothing and goes all the same
    if file is not None:
        for name in (*_names(file.keys), *file.forget):
            keyrings.forget_key(backend, name)
    try:
        (profile_dir / KEY_FILE).unlink(missing_ok=True)
        places.unfinished(profile_dir / KEY_FILE).unlink(missing_ok=True)
        if profile_dir.is_dir():
            places.sync_folder(profile_dir)
    except OSError as error:
        raise KeyTrouble(f"{KEY_FILE} could not be removed ({error.strerror}).") from None


# --- The key file -------------------------------------------------------------------------------


def _wrap(key: bytes, passphrase: str | None) -> InKeyring | UnderPassphrase:
    if passphrase is None:
        return InKeyring(secrets.token_hex(16))
    if not passphrase:
        raise KeyTrouble("An empty passphrase protects nothing; nothing was changed.")
    return wraps.wrap_by_passphrase(key, passphrase)


def _names(kept: tuple[_Key, ...]) -> tuple[str, ...]:
    return tuple(wrap.name for key in kept for wrap in key.wraps if isinstance(wrap, InKeyring))


def _change(
    file: _KeyFile, *, keys: tuple[_Key, ...] | None = None, forget: tuple[str, ...] | None = None
) -> _KeyFile:
    return _KeyFile(
        format=_FORMAT,
        keys=file.keys if keys is None else keys,
        forget=file.forget if forget is None else forget,
    )


def _need(profile_dir: Path) -> _KeyFile:
    file = _read(profile_dir)
    if file is None:
        raise KeyLost(
            f"{KEY_FILE} is missing, so the cache cannot be opened. Nothing was changed: restore "
            "it from a backup, or wipe the profile and sync again."
        )
    return file


def _read(profile_dir: Path) -> _KeyFile | None:
    try:
        document = (profile_dir / KEY_FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyTrouble(f"{KEY_FILE} cannot be read ({error.strerror}).") from None
    try:
        file = msgspec.json.decode(document, type=_KeyFile)
    except msgspec.MsgspecError:
        try:
            return msgspec.json.decode(document, type=_FirstFile).renewed()
        except msgspec.MsgspecError:
            raise _unreadable() from None
    if file.format > _FORMAT:
        raise KeyTrouble(
            f"{KEY_FILE} was written by a newer nightdesk. Nothing was changed: update nightdesk."
        )
    if not file.keys or any(_opens_by(key) != 1 for key in file.keys):
        raise _unreadable()
    return file


def _opens_by(key: _Key) -> int:
    return sum(not isinstance(wrap, UnderRecovery) for wrap in key.wraps)


def _unreadable() -> KeyLost:
    return KeyLost(
        f"{KEY_FILE} is damaged, so the cache cannot be opened. Nothing was changed: restore it "
        "from a backup, or wipe the profile and sync again."
    )


def _write(profile_dir: Path, file: _KeyFile) -> None:
    try:
        places.own_folder(profile_dir)
        places.write_whole(profile_dir / KEY_FILE, msgspec.json.encode(file))
    except OSError as error:
        raise KeyTrouble(f"The key could not be kept ({error.strerror}).") from None
