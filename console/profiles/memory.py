"""A private folder on a file system that is memory (tmpfs), for what belongs on no disk.

`--memory-only` keeps cache, key file and token in one, the last choice where neither a keyring nor
a passphrase is to be had; a text lies in one while an editor has it. A folder that a killed process
left is removed when the next one begins.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

from console.errors import UsageError
from local_cache import places

_LOCK: Final = "alive.lock"
_MOUNTS: Final = Path("/proc/self/mountinfo")


_NO_PLACE: Final = (
    "There is no file system in memory (tmpfs) here, neither $XDG_RUNTIME_DIR nor /dev/shm, "
    "so --memory-only cannot keep its word. Nothing was made: connect with a passphrase."
)


@contextlib.contextmanager
def folder_in_memory(
    candidates: Sequence[Path] | None = None, *, refusal: str = _NO_PLACE
) -> Generator[Path]:
    """Make a folder that is memory, and remove it afterwards; those of dead processes go first.

    Args:
        candidates: where to look for a tmpfs; by default where the system has one for a person.
        refusal: what is said where there is none.

    Raises:
        UsageError: there is no such place; nothing was made.
    """
    place = _place(_usual() if candidates is None else candidates)
    if place is None:
        raise UsageError(refusal)
    try:
        places.own_folder(place)
        with _locked(place / _LOCK):
            _remove_dead(place)
            folder = place / secrets.token_hex(8)
            folder.mkdir(mode=0o700)
            alive = _take(folder / _LOCK)
    except OSError as error:
        raise UsageError(
            f"The memory cannot be used as a folder ({error.strerror}). Nothing was made."
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(alive)


def _usual() -> list[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    shared = Path("/dev/shm")  # noqa: S108 - used only where it is tmpfs, in a folder of our own
    return [Path(runtime), shared] if runtime else [shared]


def remove_left() -> None:
    """Remove what killed processes left in memory, where there is anything."""
    place = _place(_usual())
    if place is not None and place.is_dir():
        with contextlib.suppress(OSError), _locked(place / _LOCK):
            _remove_dead(place)


def _place(candidates: Sequence[Path]) -> Path | None:
    for candidate in candidates:
        if _is_memory(candidate) and os.access(candidate, os.W_OK | os.X_OK):
            return candidate / f"nightdesk-{os.geteuid()}"
    return None


def _is_memory(folder: Path) -> bool:
    """Tell whether the file system of a folder is tmpfs, by the kernel's own list."""
    try:
        device = folder.stat().st_dev
        mounts = _MOUNTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    number = f"{os.major(device)}:{os.minor(device)}"
    return any(
        line.split()[2] == number and line.partition(" - ")[2].startswith("tmpfs ")
        for line in mounts
    )


def _remove_dead(place: Path) -> None:
    """Remove the folders that no process holds."""
    for folder in place.iterdir():
        if folder.is_symlink() or not folder.is_dir():
            continue
        try:
            held = _take(folder / _LOCK)
        except BlockingIOError:
            continue  # its process lives
        shutil.rmtree(folder)
        os.close(held)


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    """Keep two that begin at once from taking each other's new folder for a dead one."""
    held = _take(path, wait=True)
    try:
        yield
    finally:
        os.close(held)


def _take(path: Path, *, wait: bool = False) -> int:
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BaseException:
        os.close(held)
        raise
    return held
