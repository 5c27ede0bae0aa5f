"""The encrypted cache of one profile: one thread that writes, readers that never wait for it."""

import os
import stat
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from sqlcipher3 import dbapi2

from local_cache import places, schema, sqlcipher
from local_cache.errors import (
    Busy,
    CacheClosed,
    CacheError,
    Damaged,
    DiskTrouble,
    TooNew,
    WrongKey,
    translate,
)
from local_cache.lock import UseLock
from local_cache.tables import Tables
from local_cache.writer import Writer

__all__ = [
    "Busy",
    "Cache",
    "CacheClosed",
    "CacheError",
    "Damaged",
    "DiskTrouble",
    "Tables",
    "TooNew",
    "WrongKey",
]

T = TypeVar("T")

_WRITER_CACHE_KIB: Final = 16_384
_READER_CACHE_KIB: Final = 8_192
_CLOSING_S: Final = 5.0


class Cache:
    """What a specialist's machine keeps of one profile; opened once a process, closed at its end.

    `write` and `read` may be called from any thread but the writer's own.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        writer: Writer[Tables],
        now_ms: Callable[[], int],
        in_use: UseLock,
    ) -> None:
        self._path = path
        self._key = bytearray(key)  # so that it can be wiped
        self._writer = writer
        self._in_use = in_use
        self._now_ms = now_ms
        self._local = threading.local()
        self._gate = threading.Lock()
        self._idle: list[_Reader] = []
        self._busy: set[_Reader] = set()
        self._closed = False

    @classmethod
    def open(cls, path: Path, key: bytes, *, now_ms: Callable[[], int] | None = None) -> "Cache":
        """Open the cache at `path`, made and brought up to date where need be.

        A file that cannot be opened is never overwritten, renamed or deleted.

        Args:
            path: the file; its folder is made, and both are readable by their owner alone.
            key: 32 random bytes, see `keys`.
            now_ms: the clock of the audit chain, in milliseconds since the epoch.

        Raises:
            Damaged, WrongKey, TooNew, DiskTrouble, Busy.
        """
        clock = now_ms or _wall_clock_ms
        try:
            _prepare_place(path)
            in_use = UseLock(path.parent)
        except OSError as error:
            raise DiskTrouble(
                f"The folder of the cache cannot be used ({error.strerror}). Nothing was changed: "
                "check that it exists, is yours, and has room."
            ) from None
        try:
            connection = _open_tables(path, key)
        except BaseException:
            in_use.release()
            raise
        return cls(path, key, Writer(connection, Tables(connection, clock)), clock, in_use)

    @property
    def path(self) -> Path:
        """Where the cache is; what belongs to it stands in the same folder."""
        return self._path

    def write(self, work: Callable[[Tables], T], *, urgent: bool = True) -> T:
        """Run `work` in one transaction on the writer's thread; return its value after COMMIT.

        Whatever `work` raises takes everything back and is raised here.

        Args:
            work: called once with the tables; must be short and touch nothing but them.
            urgent: a person waits for it, so it goes before the sync's.

        Raises:
            DiskTrouble, Busy, Damaged, CacheClosed: nothing of it was kept.
        """
        return self._writer.write(work, urgent=urgent)

    @contextmanager
    def read(self) -> Generator[Tables]:
        """Give the tables as of one moment, read-only, to the thread that asks.

        Inside another `read` of the same thread it is the same moment.

        Raises:
            CacheClosed, Damaged, DiskTrouble.
        """
        present: Tables | None = getattr(self._local, "tables", None)
        if present is not None:
            yield present
            return
        reader = self._take_reader()
        try:
            reader.connection.execute("BEGIN")
            self._local.tables = reader.tables
            yield reader.tables
        except dbapi2.Error as error:
            raise (translate(error) or error) from None
        finally:
            self._local.tables = None
            self._give_back(reader)

    def check(self) -> None:
        """Read the whole cache and see that every page decrypts and every index agrees.

        Raises:
            Damaged: it does not; nothing was changed.
        """
        reader = self._take_reader()
        try:
            found = reader.connection.execute("PRAGMA integrity_check(1)").fetchone()
        except dbapi2.Error as error:
            raise (translate(error) or error) from None
        finally:
            self._give_back(reader)
        if found is None or found[0] != "ok":
            raise Damaged(
                "The cache is damaged. Nothing was changed: put a copy of the profile's folder "
                "aside, and ask for help before anything is wiped."
            )

    def close(self) -> None:
        """Finish the writes that were asked for, flush, let go of all files and wipe the key.

        Waits a few seconds at most. A reader at work is interrupted and ends with CacheClosed.
        """
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
            for reader in self._busy:
                reader.connection.interrupt()
        for reader in idle:
            reader.connection.close()
        self._writer.close(_CLOSING_S)
        self._key[:] = bytes(len(self._key))
        self._in_use.release()

    def _take_reader(self) -> "_Reader":
        with self._gate:
            if self._closed:
                raise CacheClosed("The cache is closed.")
            reader = self._idle.pop() if self._idle else None
            if reader is not None:
                self._busy.add(reader)
                return reader
            key = bytes(self._key)
        opened = _Reader(self._path, key, self._now_ms)
        del key
        with self._gate:
            if not self._closed:
                self._busy.add(opened)
                return opened
        opened.connection.close()
        raise CacheClosed("The cache is closed.")

    def _give_back(self, reader: "_Reader") -> None:
        try:
            if reader.connection.in_transaction:
                reader.connection.execute("ROLLBACK")
        finally:
            with self._gate:
                self._busy.discard(reader)
                closed = self._closed
                if not closed:
                    self._idle.append(reader)
            if closed:
                reader.connection.close()


class _Reader:
    """A read-only connection and its tables, used by one thread at a time."""

    def __init__(self, path: Path, key: bytes, now_ms: Callable[[], int]) -> None:
        self.connection = sqlcipher.connect(path, key, cache_kib=_READER_CACHE_KIB, read_only=True)
        self.tables = Tables(self.connection, now_ms)


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


def _open_tables(path: Path, key: bytes) -> dbapi2.Connection:
    connection = sqlcipher.connect(path, key, cache_kib=_WRITER_CACHE_KIB)
    try:
        if not schema.is_current(connection):
            schema.migrate(connection)
            sqlcipher.assert_encrypted(path)
    except dbapi2.Error as error:
        connection.close()
        raise (translate(error) or error) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare_place(path: Path) -> None:
    folder = path.parent
    try:
        places.own_folder(folder)
    except places.NotOurs:
        raise DiskTrouble(
            "The folder of the cache is a link or belongs to somebody else. Nothing was written "
            "there: choose a folder of your own."
        ) from None
    empty = True
    if os.path.lexists(path):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise DiskTrouble(f"{path.name} is not a plain file. Nothing was written to it.")
        if stat.S_IMODE(status.st_mode) != 0o600:
            path.chmod(0o600)
        empty = status.st_size == 0
    log = path.with_name(f"{path.name}-wal")
    if empty and log.exists() and log.stat().st_size:
        # SQLite would delete the log of a database that looks new, and what is in it.
        raise Damaged(
            f"{path.name} is missing or empty, but {log.name} beside it is not. Nothing was "
            "changed: put a copy of the folder aside and ask for help."
        )
    # Never opened where it exists: closing it would drop the locks of another connection to it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
