"""The system's keyring, where it is one that keeps a secret; the profile's token lies there too.

Keyrings are trusted by name, because the library's fall-backs either forget what they are given or
write it down unencrypted. What is given to one is read back before anything depends on it.
"""

from collections.abc import Iterable
from typing import Final, Protocol, cast

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


class KeyTrouble(Exception):
    """The ground of what can go wrong with a key; `str()` is fit for the screen."""


class NoKeyring(KeyTrouble):
    """There is no keyring that we trust, or it is locked."""


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


def keep_key(backend: Backend | None, name: str, text: str) -> None:
    """Keep a key under a name.

    Raises:
        NoKeyring: nothing was entrusted to it.
    """
    _keep(backend or trusted_keyring(), _KEY_SERVICE, name, text)


def key_kept(backend: Backend | None, name: str) -> str | None:
    """Return the key under a name, None where there is none."""
    return _ask(backend or trusted_keyring(), _KEY_SERVICE, name)


def forget_key(backend: Backend | None, name: str) -> None:
    """Remove the key under a name; one that is not there is gone already.

    Raises:
        KeyTrouble: the keyring did not give it up.
    """
    _forget(backend or trusted_keyring(), _KEY_SERVICE, name)


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
