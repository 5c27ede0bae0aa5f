"""What can go wrong with the cache, in words for the person who works with it.

Every message says what happened, what was kept and what to do. None carries content of a case.
"""

from typing import Final

from sqlcipher3 import dbapi2


class CacheError(Exception):
    """The ground of all errors of the cache; `str()` is fit for the screen."""


class Damaged(CacheError):
    """The file is not a whole, encrypted cache. It was not changed, renamed or deleted."""


class WrongKey(CacheError):
    """The file is in order as far as it can be seen, but the key does not fit it."""


class TooNew(CacheError):
    """The cache was written by a newer nightdesk than this one."""


class DiskTrouble(CacheError):
    """The disk did not take or give what was asked. Nothing of the transaction was kept."""


class Busy(CacheError):
    """Another process held the cache for longer than we wait. Nothing was written."""


class CacheClosed(CacheError):
    """The cache was closed before this could be done. Nothing was written."""


_DISK: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
_DAMAGE: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")


def translate(error: dbapi2.Error) -> CacheError | None:
    """Return the error to raise instead of the database's own, None where that is a defect of ours.

    Only the name of SQLite's result code is looked at: its message may quote what was searched for.
    """
    code: str = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(_DISK):
        return DiskTrouble(
            f"The disk refused ({code}). Nothing of this was kept, what was saved before is safe. "
            "Make room or check the disk, then try again."
        )
    if code.startswith(_DAMAGE):
        return Damaged(
            f"The cache is damaged ({code}). Nothing was overwritten. Close nightdesk, put a copy "
            "of its folder aside (it may hold entries that were not delivered), and ask for help."
        )
    if code.startswith(_BUSY):
        return Busy(
            "Another nightdesk process is writing to this profile. Nothing of this was kept: "
            "try again."
        )
    if code == "SQLITE_INTERRUPT":
        return CacheClosed("The cache was closed while this was read.")
    return None
