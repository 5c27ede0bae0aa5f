"""The key of a profile's cache: random, kept by the system's keyring or wrapped by a passphrase.

Beside the cache lies `key.json`, which says which of the two, and carries a check value that tells
a wrong key from a damaged cache. The key itself is never written in plain text: where there is no
keyring that we trust and no passphrase, there is no cache. Keyrings are trusted by name, because
the library's fall-backs either forget what they are given or write it down unencrypted.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal, Protocol, cast

import msgspec

KEY_FILE: Final = "key.json"
TRUSTED_BACKENDS: Final = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
_CHAIN: Final = "keyring.backends.chainer.ChainerBackend"
_KEY_SERVICE: Final = "nightdesk cache key"
_TOKEN_SERVICE: Final = "nightdesk token"  # noqa: S105 - a label in the keyring
_KEY_BYTES: Final = 32
_CHECK: Final = b"nightdesk: this is the key of the cache"
_BOUND: Final = b"nightdesk key file 1"

# OWASP's first choice for scrypt: 128 MiB and about half a second for each guess.
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1
_SCRYPT_MEMORY: Final = 256 * 2**20


class KeyTrouble(Exception):
    """The ground of what can go wrong with a key; `str()` is fit for the screen."""


class NoKeyring(KeyTrouble):
    """There is no keyring that we trust, or it is locked."""


class PassphraseNeeded(KeyTrouble):
    """The key is wrapped by a passphrase and there is nobody to ask for it."""


class WrongPassphrase(KeyTrouble):
    """The passphrase does not open the key. Nothing was changed."""


class KeyLost(KeyTrouble):
    """The key is not where the profile says it is. The cache was not touched."""


class Backend(Protocol):
    """What a keyring offers; the shape of `keyring.backend.KeyringBackend`."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a text."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        ...


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    how: Literal["keyring", "passphrase"]
    name: str
    check: bytes
    salt: bytes = b""
    nonce: bytes = b""
    wrapped: bytes = b""
    n: int = 0  # the cost of scrypt, always written: a later default must not shut this file
    r: int = 0
    p: int = 0


def how(profile_dir: Path) -> Literal["keyring", "passphrase"] | None:
    """Say what keeps the key of a profile; None where it has none yet."""
    found = _read(profile_dir)
    return None if found is None else found.how


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
    key = secrets.token_bytes(_KEY_BYTES)
    name = secrets.token_hex(16)
    if passphrase is None:
        _keep(backend or trusted_keyring(), _KEY_SERVICE, name, _written(key))
        file = _KeyFile(how="keyring", name=name, check=_check(key))
    else:
        file = _wrap(key, name, passphrase)
    _write(profile_dir, file)
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
        passphrase: asked only where the key is wrapped by one.
        backend: a keyring to use instead of the system's.

    Raises:
        KeyLost, NoKeyring, PassphraseNeeded, WrongPassphrase.
    """
    file = _read(profile_dir)
    if file is None:
        raise KeyLost(
            f"{KEY_FILE} is missing, so the cache cannot be opened. Nothing was changed: restore "
            "it from a backup, or wipe the profile and sync again."
        )
    if file.how == "passphrase":
        if passphrase is None:
            raise PassphraseNeeded("This profile is opened by a passphrase.")
        return _unwrap(file, passphrase())
    text = _ask(backend or trusted_keyring(), _KEY_SERVICE, file.name)
    key = _parsed(text)
    if key is None or not hmac.compare_digest(_check(key), file.check):
        raise KeyLost(
            "The keyring does not hold the key of this profile (it may be another keyring than "
            "the one it was made with). The cache was not touched: bring the keyring back, or "
            "wipe the profile and sync again."
        )
    return key


def destroy(profile_dir: Path, *, backend: Backend | None = None) -> None:
    """Destroy the key for good: what it encrypted cannot be read again by anybody.

    Raises:
        KeyTrouble: the keyring did not give it up; the key file is left.
    """
    try:
        file = _read(profile_dir)
    except KeyLost:
        file = None  # a damaged key file opens nothing and goes all the same
    if file is not None and file.how == "keyring":
        _forget(backend or trusted_keyring(), _KEY_SERVICE, file.name)
    try:
        (profile_dir / KEY_FILE).unlink(missing_ok=True)
        if profile_dir.is_dir():
            _sync_folder(profile_dir)
    except OSError as error:
        raise KeyTrouble(f"{KEY_FILE} could not be removed ({error.strerror}).") from None


def save_token(profile_id: str, token: str, *, backend: Backend | None = None) -> bool:
    """Keep a profile's token in the keyring; False where there is none that we trust."""
    try:
        _keep(backend or trusted_keyring(), _TOKEN_SERVICE, profile_id, token)
    except NoKeyring:
        return False
    return True


def load_token(profile_id: str, *, backend: Backend | None = None) -> str | None:
    """Return a profile's token from the keyring, None where it is not there."""
    try:
        return _ask(backend or trusted_keyring(), _TOKEN_SERVICE, profile_id)
    except NoKeyring:
        return None


def forget_token(profile_id: str, *, backend: Backend | None = None) -> bool:
    """Remove a profile's token from the keyring; False where there is no keyring to ask."""
    try:
        _forget(backend or trusted_keyring(), _TOKEN_SERVICE, profile_id)
    except NoKeyring:
        return False
    return True


# --- The keyring --------------------------------------------------------------------------------


def trusted_keyring() -> Backend:
    """Return the system's keyring, if it is one of those that keep a secret.

    Raises:
        NoKeyring.
    """
    import keyring

    chosen = keyring.get_keyring()
    candidates: Iterable[object] = (chosen,)
    if _name(chosen) == _CHAIN:
        candidates = cast("Iterable[object]", getattr(chosen, "backends", ()))
    for candidate in candidates:
        if _name(candidate) in TRUSTED_BACKENDS:
            return cast("Backend", candidate)
    raise NoKeyring(
        "There is no keyring here that keeps a secret (Secret Service, KWallet, Keychain, "
        "Credential Manager). Nothing was written: use a passphrase."
    )


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _keep(backend: Backend, service: str, name: str, text: str) -> None:
    from keyring.errors import KeyringError

    try:
        backend.set_password(service, name, text)
        kept = backend.get_password(service, name)
    except KeyringError:
        raise _unusable() from None
    if kept != text:  # one that accepts and forgets would lose the cache for good
        raise NoKeyring(
            "The keyring did not give back what it was given, so nothing was entrusted to it: "
            "use a passphrase."
        )


def _ask(backend: Backend, service: str, name: str) -> str | None:
    from keyring.errors import KeyringError

    try:
        return backend.get_password(service, name)
    except KeyringError:
        raise _unusable() from None


def _forget(backend: Backend, service: str, name: str) -> None:
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        backend.delete_password(service, name)
    except PasswordDeleteError:
        if _ask(backend, service, name) is not None:
            raise KeyTrouble("The keyring did not remove what it was asked to.") from None
    except KeyringError:
        raise _unusable() from None


def _unusable() -> NoKeyring:
    return NoKeyring("The keyring is locked or did not answer. Unlock it and try again.")


# --- The passphrase -----------------------------------------------------------------------------


def _wrap(key: bytes, name: str, passphrase: str) -> _KeyFile:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not passphrase:
        raise KeyTrouble("An empty passphrase protects nothing; no key was made.")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    wrapping = _stretch(passphrase, salt, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)
    return _KeyFile(
        how="passphrase",
        name=name,
        check=_check(key),
        salt=salt,
        nonce=nonce,
        wrapped=AESGCM(wrapping).encrypt(nonce, key, _BOUND),
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=_SCRYPT_P,
    )


def _unwrap(file: _KeyFile, passphrase: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    wrapping = _stretch(passphrase, file.salt, file.n, file.r, file.p)
    try:
        key = AESGCM(wrapping).decrypt(file.nonce, file.wrapped, _BOUND)
    except InvalidTag:
        raise WrongPassphrase("This is not the passphrase of this profile.") from None
    if not hmac.compare_digest(_check(key), file.check):
        raise _unreadable()
    return key


def _stretch(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    try:
        return hashlib.scrypt(
            passphrase.encode("utf-8", "surrogateescape"),
            salt=salt,
            n=n,
            r=r,
            p=p,
            maxmem=_SCRYPT_MEMORY,
            dklen=32,
        )
    except ValueError:
        raise _unreadable() from None


# --- The key file -------------------------------------------------------------------------------


def _check(key: bytes) -> bytes:
    return hmac.digest(key, _CHECK, "sha256")


def _written(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _parsed(text: str | None) -> bytes | None:
    try:
        key = base64.b64decode(text or "", validate=True)
    except binascii.Error:
        return None
    return key if len(key) == _KEY_BYTES else None


def _read(profile_dir: Path) -> _KeyFile | None:
    try:
        document = (profile_dir / KEY_FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyTrouble(f"{KEY_FILE} cannot be read ({error.strerror}).") from None
    try:
        return msgspec.json.decode(document, type=_KeyFile)
    except msgspec.MsgspecError:
        raise _unreadable() from None


def _unreadable() -> KeyLost:
    return KeyLost(
        f"{KEY_FILE} is damaged, so the cache cannot be opened. Nothing was changed: restore it "
        "from a backup, or wipe the profile and sync again."
    )


def _write(profile_dir: Path, file: _KeyFile) -> None:
    """Write the key file so that it is there whole or not at all, also when power fails."""
    temporary = profile_dir / f".{KEY_FILE}.{secrets.token_hex(4)}"
    try:
        profile_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        profile_dir.chmod(0o700)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as output:
            output.write(msgspec.json.encode(file))
            output.flush()
            os.fsync(output.fileno())
        temporary.replace(profile_dir / KEY_FILE)
        _sync_folder(profile_dir)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise KeyTrouble(f"The key could not be kept ({error.strerror}).") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
