"""Folders and small files that belong to one person: checked before use, written whole or not."""

import os
import stat
from pathlib import Path


class NotOurs(OSError):
    """A folder is a link, or belongs to somebody else; nothing was written there."""


def own_folder(folder: Path) -> None:
    """Make a folder that its owner alone can look into, or see that it is one.

    Raises:
        NotOurs: whoever owns it, or the link to it, could read and replace what is put there.
        OSError: it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise NotOurs(0, "it is a link or belongs to somebody else")
    if stat.S_IMODE(state.st_mode) != 0o700:
        folder.chmod(0o700)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or not at all, also when power fails."""
    temporary = unfinished(path)
    temporary.unlink(missing_ok=True)  # one that was cut off
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(handle, "wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def unfinished(path: Path) -> Path:
    """Return where `write_whole` writes, and leaves a part where it is cut off."""
    return path.with_name(f".{path.name}.new")


def sync_file(path: Path) -> None:
    """Have the disk keep what was written to a file that nobody has open."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Have the disk keep which names a folder holds."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
