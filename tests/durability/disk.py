"""The disk that remembers and fails (disk.c): compiled where there is a compiler, and preloaded."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[2]
_SOURCE = Path(__file__).with_name("disk.c")
WHY_NOT = "no power cut or failing disk was tested: that needs Linux and a C compiler (cc or gcc)"


def compiler() -> str | None:
    """Return the compiler, None where this machine cannot have such a disk."""
    return (shutil.which("cc") or shutil.which("gcc")) if sys.platform == "linux" else None


def compiled(folder: Path) -> Path:
    """Compile the disk into a folder and return what is to be preloaded."""
    library, command = folder / "disk.so", compiler()
    assert command is not None, WHY_NOT
    flags = ["-O1", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl", "-lpthread"]
    subprocess.run([command, *flags], check=True)
    return library


def on_disk(library: Path, module: str, *arguments: str, **variables: str) -> str:
    """Run a module of this house on such a disk; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | {"LD_PRELOAD": str(library)} | variables,
        capture_output=True,
        text=True,
        cwd=HOUSE,
        check=False,
    )
    if done.returncode or done.stderr:
        raise AssertionError(f"{module} {arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Faults:
    """The switch of the failing disk, inside a process that has it preloaded."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.disk_failed.restype = ctypes.c_long

    def fail(
        self, at: int, error: int, *, syncs: bool, sticky: bool = False, short: bool = False
    ) -> None:
        """Make the `at`-th write or sync from now fail, and those after it where `sticky`."""
        self._library.disk_fail(ctypes.c_long(at), error, int(syncs), int(sticky), int(short))

    def mend(self) -> None:
        self._library.disk_fail(ctypes.c_long(0), 0, 0, 0, 0)

    @property
    def failed(self) -> int:
        """How many calls failed since the last `fail`."""
        return self._library.disk_failed()
