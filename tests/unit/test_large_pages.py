"""What is in use is laid into large pages, and what is not is not made bigger for it."""

import ctypes
import mmap
import sys
from pathlib import Path

import pytest

from console.large_pages import LARGE, use_large_pages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a thing of Linux")
SIZE = 4 * LARGE


@pytest.fixture
def collapses() -> None:
    """Leave out what this machine's kernel cannot do."""
    memory = mapped()
    memory.write(b"\1" * SIZE)
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    if advise(-(-address(memory) // LARGE) * LARGE, LARGE, 25) != 0:
        pytest.skip("no large pages here")


def mapped() -> mmap.mmap:
    return mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def address(memory: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def large_kilobytes(memory: mmap.mmap) -> int:
    """Return how much of a mapping lies in large pages, see proc_pid_smaps(5)."""
    lines = Path("/proc/self/smaps").read_text("ascii", "replace").splitlines()
    at, inside = address(memory), False
    for line in lines:
        first = line.split()[0]
        if "-" in first and not first.endswith(":"):
            begin, end = (int(each, 16) for each in first.split("-"))
            inside = begin <= at < end
        elif inside and first == "AnonHugePages:":
            return int(line.split()[1])
    raise AssertionError("no such mapping")


@pytest.mark.usefixtures("collapses")
def test_what_is_full_is_laid_into_large_pages_and_keeps_its_content() -> None:
    full = mapped()
    content = bytes(range(256)) * (SIZE // 256)
    full.write(content)
    before = large_kilobytes(full)
    assert use_large_pages() > 0
    assert large_kilobytes(full) >= max(before, 3 * LARGE // 1024)
    assert full[:] == content


@pytest.mark.usefixtures("collapses")
def test_what_is_mostly_empty_stays_so() -> None:
    sparse = mapped()
    sparse.madvise(mmap.MADV_NOHUGEPAGE)
    for at in range(0, SIZE, LARGE // 2):
        sparse[at] = 1
    use_large_pages()
    assert large_kilobytes(sparse) == 0


def test_without_a_system_that_tells_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_path: Path, *_: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert use_large_pages() == 0
