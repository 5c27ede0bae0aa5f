"""Locks that the operating system drops when their holder ends, however it ends.

One lets one process of a profile drain the outbox while others only record. The other tells who has
the cache open, so that its key is not exchanged under anybody's feet.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from local_cache.errors import Busy

USE_LOCK: Final = "use.lock"


class DrainLock:
    """Held by the one process that delivers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def try_acquire(self) -> bool:
        """Take the lock if nobody else has it; True where this object holds it now."""
        if self._file is None:
            self._file = _lock(self._path, fcntl.LOCK_EX)
        return self._file is not None

    def release(self) -> None:
        """Let go of the lock; nothing happens where it is not held."""
        if self._file is not None:
            os.close(self._file)  # closing drops the flock; the file stays for the next holder
            self._file = None


class UseLock:
    """Held by everybody who has the cache of a folder open, or by one alone."""

    def __init__(self, folder: Path, *, alone: bool = False) -> None:
        """Take it.

        Raises:
            Busy: somebody else has the cache open, or is exchanging its key.
        """
        mode = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        self._file = _lock(folder / USE_LOCK, mode)
        if self._file is None:
            raise Busy(
                "Another nightdesk has this cache open. Nothing was changed: close it first."
                if alone
                else "The key of this cache is being exchanged by another nightdesk. Nothing was "
                "changed: try again in a moment."
            )

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _lock(path: Path, mode: int) -> int | None:
    """Take a lock without waiting; None where somebody else has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError:
        os.close(file)
        raise
    return file
