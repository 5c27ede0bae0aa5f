"""Connections to an encrypted SQLite file: how they are opened, and what is asserted of them.

The key is always raw (32 random bytes, see `keys`), never a passphrase. Facts relied on, measured
with sqlcipher3 0.6: without a key the library writes plaintext in silence; a wrong key and a
damaged file give the same error; errors are logged to standard error unless that is switched off.
"""

import hashlib
import hmac
import sys
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlcipher3
from sqlcipher3 import dbapi2

from local_cache.errors import Busy, CacheError, Damaged, WrongKey, translate

KEY_BYTES: Final = 32
_PLAINTEXT_HEADER: Final = b"SQLite format 3\x00"
_BUSY_MS: Final = 5000
_BUSY_AGAIN_S: Final = 0.02
_WAL_LIMIT_BYTES: Final = 64 * 2**20
# Fuller than the default 1000: pages that a load writes again and again are copied back once.
_CHECKPOINT_PAGES: Final = 4000

# The page format of SQLCipher 4 (its design document): what `key_fits` checks.
_PAGE: Final = 4096
_SALT: Final = 16
_DIGEST: Final = 64
_PAGES_TRIED: Final = 64


def connect(
    path: Path, key: bytes, *, cache_kib: int, read_only: bool = False
) -> dbapi2.Connection:
    """Open `path` with `key`, every safeguard set; the caller begins and ends transactions.

    The file must exist. A connection may move between threads, used by one at a time.

    Raises:
        Damaged, WrongKey: the file is left as it is.
        DiskTrouble, Busy: it cannot be reached now.
    """
    if len(key) != KEY_BYTES:
        raise WrongKey("The key of a cache has 32 bytes; this one does not fit.")
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            return _connect(path, key, cache_kib=cache_kib, read_only=read_only)
        except Busy:
            # SQLite does not wait where two processes make a new file's log at the same time.
            if time.monotonic() >= until:
                raise
            time.sleep(_BUSY_AGAIN_S)


def _connect(path: Path, key: bytes, *, cache_kib: int, read_only: bool) -> dbapi2.Connection:
    connection = dbapi2.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
    )
    try:
        _prepare(connection, key, cache_kib=cache_kib, read_only=read_only)
        _assert_encrypts(connection)
    except dbapi2.Error as error:
        connection.close()
        raise _explain(path, key, error) from None
    except CacheError:
        connection.close()
        raise
    return connection


def _prepare(connection: dbapi2.Connection, key: bytes, *, cache_kib: int, read_only: bool) -> None:
    # Before the key: a wrong one would be logged to standard error, over the screen.
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # WAL with NORMAL loses acknowledged decisions when power fails
        "fullfsync = ON",
        "checkpoint_fullfsync = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        f"cache_size = -{cache_kib}",
        f"journal_size_limit = {_WAL_LIMIT_BYTES}",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        f"query_only = {'ON' if read_only else 'OFF'}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchone()


def _assert_encrypts(connection: dbapi2.Connection) -> None:
    version = connection.execute("PRAGMA cipher_version").fetchone()
    if version is None or not version[0]:
        raise CacheError(
            "This build of sqlcipher3 does not encrypt. Nothing was written; install sqlcipher3 "
            "as the lock file names it."
        )


def assert_encrypted(path: Path) -> None:
    """Raise Damaged where the file at `path` can be read without a key.

    Through SQLite, not by looking at the header: to open and close the file of a living connection
    would drop its locks (POSIX advisory locks belong to the process).
    """
    connection = dbapi2.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except dbapi2.Error as error:
        if isinstance(translate(error), Damaged):
            return
        raise
    finally:
        connection.close()
    raise _not_encrypted(path)


def _not_encrypted(path: Path) -> Damaged:
    return Damaged(
        f"{path.name} is not encrypted, so it is not a cache of nightdesk, or somebody replaced "
        "it. It was left as it is: move it away, then sync again."
    )


def _explain(path: Path, key: bytes, error: dbapi2.Error) -> Exception:
    known = translate(error)
    if not isinstance(known, Damaged):
        return known or error
    with path.open("rb") as file:
        if file.read(len(_PLAINTEXT_HEADER)) == _PLAINTEXT_HEADER:
            return _not_encrypted(path)
    if path.stat().st_size >= _PAGE and not key_fits(path, key):
        return WrongKey(
            f"The key does not open {path.name}. The file was left as it is. Most likely the "
            "keyring or the key file belongs to another profile or was replaced: restore it."
        )
    return known


def key_fits(path: Path, key: bytes) -> bool:
    """Say whether any of the first pages was written with `key`.

    SQLCipher gives one error for a wrong key and for a damaged first page. Each page carries an
    HMAC of its own, so one page that verifies proves the key.
    """
    with path.open("rb") as file:
        salt = file.read(_SALT)
        mac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)
        file.seek(0)
        for number in range(1, _PAGES_TRIED + 1):
            page = file.read(_PAGE)
            if len(page) < _PAGE:
                return False
            signed = page[_SALT if number == 1 else 0 : -_DIGEST] + number.to_bytes(4, "little")
            if hmac.compare_digest(hmac.digest(mac_key, signed, "sha512"), page[-_DIGEST:]):
                return True
    return False


def lend_to_sqlite_utils() -> None:
    """Make sqlite_utils, not yet imported, catch sqlcipher3's exceptions instead of sqlite3's.

    It looks for a module named pysqlite3 first; sqlcipher3 has the same shape. Without this its
    `except OperationalError` would catch nothing that an encrypted connection raises.
    """
    sys.modules["pysqlite3"] = sqlcipher3
    sys.modules["pysqlite3.dbapi2"] = dbapi2
