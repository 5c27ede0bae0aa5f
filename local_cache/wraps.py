"""How a key lies in a file that says nothing of it: under a passphrase, or a recovery code.

A passphrase is stretched (scrypt) into the key that wraps. A recovery code is random enough to need
none of that: it is the private half of a pair (X25519), and only the public half is kept, so that a
new key can be wrapped for a code that nobody but its owner has.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

KEY_BYTES: Final = 32
_CHECK: Final = b"nightdesk: this is the key of the cache"
_BOUND: Final = b"nightdesk key file 1"
_RECOVERY: Final = b"nightdesk recovery code 1"

# OWASP's first choice for scrypt: 128 MiB and about half a second for each guess.
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1
_SCRYPT_MEMORY: Final = 256 * 2**20

_CODE_BYTES: Final = 20
_CODE_GROUP: Final = 4
# Letters and digits that are not taken for each other (Crockford's), and what people write instead.
_STANDARD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_CODE: Final = str.maketrans(_STANDARD, _CROCKFORD)
_FROM_CODE: Final = str.maketrans(_CROCKFORD, _STANDARD)
_MISREAD: Final = str.maketrans("OIL", "011", " -\t")


class InKeyring(msgspec.Struct, frozen=True, tag_field="how", tag="keyring"):
    """The keyring keeps it, under this name."""

    name: str


class UnderPassphrase(msgspec.Struct, frozen=True, tag_field="how", tag="passphrase"):
    """A passphrase opens it; the cost of scrypt is kept, so that a later one shuts no file."""

    salt: bytes
    nonce: bytes
    wrapped: bytes
    n: int
    r: int
    p: int


class UnderRecovery(msgspec.Struct, frozen=True, tag_field="how", tag="recovery"):
    """The recovery code whose public half this is opens it."""

    public: bytes
    sender: bytes
    nonce: bytes
    wrapped: bytes


class Unusable(Exception):
    """What is kept cannot be what was once written."""


def fresh_key() -> bytes:
    """Return a key of 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def check_of(key: bytes) -> bytes:
    """Return what tells a key from another without telling the key."""
    return hmac.digest(key, _CHECK, "sha256")


def is_key(key: bytes, check: bytes) -> bool:
    """Say whether a key is the one that `check` was made of."""
    return hmac.compare_digest(check_of(key), check)


def written(key: bytes) -> str:
    """Return a key as a keyring keeps it."""
    return base64.b64encode(key).decode("ascii")


def parsed(text: str | None) -> bytes | None:
    """Return the key that a keyring kept, None for anything else."""
    try:
        key = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


# --- The passphrase -----------------------------------------------------------------------------


def wrap_by_passphrase(key: bytes, passphrase: str) -> UnderPassphrase:
    """Wrap a key so that the passphrase opens it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    wrapping = _stretch(passphrase, salt, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)
    wrapped = AESGCM(wrapping).encrypt(nonce, key, _BOUND)
    return UnderPassphrase(salt, nonce, wrapped, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)


def open_by_passphrase(wrap: UnderPassphrase, passphrase: str) -> bytes | None:
    """Return the key, None where it is not the passphrase.

    Raises:
        Unusable: the cost that stands there cannot be.
    """
    return _open(
        _stretch(passphrase, wrap.salt, wrap.n, wrap.r, wrap.p), wrap.nonce, wrap.wrapped, _BOUND
    )


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
        raise Unusable from None


def _open(wrapping: bytes, nonce: bytes, wrapped: bytes, bound: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(wrapping).decrypt(nonce, wrapped, bound)
    except InvalidTag:
        return None
    except ValueError:
        raise Unusable from None


# --- The recovery code --------------------------------------------------------------------------


def fresh_code() -> str:
    """Return a new recovery code, as it is written down: 160 random bits in groups of four."""
    letters = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().translate(_TO_CODE)
    groups = range(0, len(letters), _CODE_GROUP)
    return "-".join(letters[start : start + _CODE_GROUP] for start in groups)


def public_of(code: str) -> bytes | None:
    """Return the public half of a code however it was typed, None where it cannot be a code."""
    private = _private(code)
    return None if private is None else private.public_key().public_bytes_raw()


def wrap_for_recovery(key: bytes, public: bytes) -> UnderRecovery:
    """Wrap a key for the code whose public half this is."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    once = X25519PrivateKey.generate()
    sender, nonce = once.public_key().public_bytes_raw(), secrets.token_bytes(12)
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    wrapped = AESGCM(_agreed(shared, sender, public)).encrypt(nonce, key, _RECOVERY)
    return UnderRecovery(public, sender, nonce, wrapped)


def open_by_code(wrap: UnderRecovery, code: str) -> bytes | None:
    """Return the key, None where it is not the code.

    Raises:
        Unusable: what stands there cannot have been wrapped.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    private = _private(code)
    if private is None or private.public_key().public_bytes_raw() != wrap.public:
        return None
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(wrap.sender))
    except ValueError:
        raise Unusable from None
    agreed = _agreed(shared, wrap.sender, wrap.public)
    return _open(agreed, wrap.nonce, wrap.wrapped, _RECOVERY)


def _private(code: str) -> "X25519PrivateKey | None":
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    letters = code.upper().translate(_MISREAD).strip()
    if set(letters) - set(_CROCKFORD):
        return None
    try:
        secret = base64.b32decode(letters.translate(_FROM_CODE))
    except binascii.Error:
        return None
    if len(secret) != _CODE_BYTES:
        return None
    return X25519PrivateKey.from_private_bytes(_derive(secret, b"", _RECOVERY))


def _agreed(shared: bytes, sender: bytes, public: bytes) -> bytes:
    return _derive(shared, sender + public, b"nightdesk recovery wrap 1")


def _derive(secret: bytes, salt: bytes, what_for: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=what_for).derive(secret)
