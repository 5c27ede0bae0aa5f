"""Exchanging the key of a cache: everything is written anew under a new key, in a second file.

The steps, each of which may be the last one before the power fails: the new key is kept beside the
old one; the copy is written, opened with the new key and compared; it takes the name of the cache;
the old key is forgotten. Until then whoever opens the profile takes whichever key fits the file
that has the name. Nobody else may have the cache open meanwhile.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

from local_cache import keys, places, sqlcipher
from local_cache.errors import Busy, CacheError, Damaged, DiskTrouble, translate
from local_cache.keyrings import Backend, KeyTrouble
from local_cache.lock import UseLock

_FRESH: Final = f"{keys.CACHE_FILE}.fresh"
_CACHE_KIB: Final = 16_384
_COMPARED: Final = ("meta", "outbox", "drafts", "audit", "audit_receipts")
"""Tables whose every row is compared: what a person did, and what cannot be fetched again."""


def rotate(
    profile_dir: Path, *, passphrase: Callable[[], str] | None, backend: Backend | None = None
) -> bytes:
    """Give the cache of a profile a new key and return it.

    The new key is opened as the old one was: by the keyring or the same passphrase, and by the
    recovery code, where there is one.

    Args:
        profile_dir: the profile's.
        passphrase: asked once, where the key is wrapped by one.
        backend: a keyring to use instead of the system's.

    Raises:
        Busy: another process has the cache open.
        KeyTrouble, CacheError: the cache opens as it did before.
    """
    given: list[str] = []

    def once() -> str:
        if not given and passphrase is not None:
            given.append(passphrase())
        return given[0]

    alone = UseLock(profile_dir, alone=True)
    try:
        old = keys.unlock(
            profile_dir, passphrase=None if passphrase is None else once, backend=backend
        )
        _clear_up(profile_dir, old, backend)
        fresh = profile_dir / _FRESH
        try:
            new = keys.begin_rotation(
                profile_dir, passphrase=given[0] if given else None, backend=backend
            )
            _copy(profile_dir / keys.CACHE_FILE, fresh, old, new)
            fresh.replace(profile_dir / keys.CACHE_FILE)
            places.sync_folder(profile_dir)
        except (dbapi2.Error, OSError, CacheError, KeyTrouble) as error:
            _give_up(profile_dir, old, backend)
            raise _told(error) from None
        keys.end_rotation(profile_dir, new, backend=backend)
    finally:
        alone.release()
    return new


def settle(profile_dir: Path, key: bytes, *, backend: Backend | None = None) -> None:
    """Clear up after an exchange that was cut off; `key` is the one that opens the cache.

    Where another process has the cache open, that is left to a later time.
    """
    if not keys.unsettled(profile_dir) and not (profile_dir / _FRESH).exists():
        return
    try:
        alone = UseLock(profile_dir, alone=True)
    except Busy:
        return
    try:
        _clear_up(profile_dir, key, backend)
    finally:
        alone.release()


def _clear_up(profile_dir: Path, key: bytes, backend: Backend | None) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        (profile_dir / f"{_FRESH}{suffix}").unlink(missing_ok=True)
    places.unfinished(profile_dir / keys.KEY_FILE).unlink(missing_ok=True)
    keys.end_rotation(profile_dir, key, backend=backend)


def _give_up(profile_dir: Path, old: bytes, backend: Backend | None) -> None:
    path = profile_dir / keys.CACHE_FILE
    if sqlcipher.key_fits(path, old):  # else the copy has the name already: its key is kept, too
        _clear_up(profile_dir, old, backend)


def _told(error: Exception) -> Exception:
    if isinstance(error, dbapi2.Error):
        return translate(error) or error
    if isinstance(error, OSError):
        return DiskTrouble(
            f"The disk refused ({error.strerror}). The cache opens as before: make room or check "
            "the disk, then try again."
        )
    return error


# --- The copy -----------------------------------------------------------------------------------


def _copy(path: Path, fresh: Path, old: bytes, new: bytes) -> None:
    """Write a copy of the cache under the new key, and prove that it is one."""
    source = sqlcipher.connect(path, old, cache_kib=_CACHE_KIB)
    try:
        _export(source, fresh, new)
        copy = sqlcipher.connect(fresh, new, cache_kib=_CACHE_KIB)
        try:
            _compare(source, copy)
            _empty_log(copy)
        finally:
            copy.close()
        _empty_log(source)
    finally:
        source.close()
    for each in (path, fresh):
        log = each.with_name(f"{each.name}-wal")
        if log.exists() and log.stat().st_size:
            # What is in it belongs to the file of that name: under another key it would be lost.
            raise CacheError("The cache is in use. Its key was not changed: try again.")
    places.sync_file(fresh)


def _export(source: dbapi2.Connection, fresh: Path, new: bytes) -> None:
    version = source.execute("PRAGMA user_version").fetchone()[0]
    source.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(fresh), f"x'{new.hex()}'"))
    try:
        source.execute("PRAGMA fresh.synchronous = FULL")
        source.execute("BEGIN IMMEDIATE")
        try:
            source.execute("SELECT sqlcipher_export('fresh')").fetchone()
            source.execute(f"PRAGMA fresh.user_version = {int(version)}")
            source.execute("COMMIT")
        except BaseException:
            if source.in_transaction:
                source.execute("ROLLBACK")
            raise
    finally:
        source.execute("DETACH DATABASE fresh")
    fresh.chmod(0o600)


def _compare(source: dbapi2.Connection, copy: dbapi2.Connection) -> None:
    """See that the copy is whole and holds what its source holds.

    Raises:
        Damaged: it does not; the source was not changed.
    """
    whole = copy.execute("PRAGMA integrity_check(1)").fetchone()
    pages = copy.execute("PRAGMA cipher_integrity_check").fetchall()
    same = _contents(source) == _contents(copy)
    if whole != ("ok",) or pages or not same:
        raise Damaged("The copy under the new key is not whole. The cache opens as before.")


def _contents(connection: dbapi2.Connection) -> dict[str, object]:
    """Return what there is in a cache: its tables, how many rows each has, hashes of some."""
    found: dict[str, object] = {}
    schema = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for kind, name, sql in schema:
        found[f"{kind} {name}"] = sql
        if kind == "table":
            counted = connection.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - our own
            found[f"rows of {name}"] = counted.fetchone()[0]
    for name in _COMPARED:
        digest = hashlib.sha256()
        for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2"):  # noqa: S608
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        found[f"hash of {name}"] = digest.digest()
    return found


def _empty_log(connection: dbapi2.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
