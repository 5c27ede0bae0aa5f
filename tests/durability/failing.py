"""Let the disk fail at the n-th write or sync, for every n, and look what is left.

usage: python -m tests.durability.failing FOLDER STRIDE FROM    (the disk of disk.c preloaded)

Each point is a child that opens a cache (FROM `cache`), or makes one (FROM `nothing`), and commits
a few transactions while one call fails, or all from one on until somebody makes room; after the
second error the disk is mended and the same process goes on with what was not kept. Prints one line
of JSON: {"points", "told", "broken": [...]}, where `told` counts the points at which somebody was
told of an error. A process of its own, because it forks.
"""

import errno
import itertools
import json
import os
import shutil
import sys
from pathlib import Path

from local_cache.cache import Cache
from local_cache.errors import CacheError
from tests.caches import KEY
from tests.durability.disk import Faults
from tests.durability.promises import act, broken_promises, done_so_far, pragma

_TRANSACTIONS = 4
_KINDS: tuple[tuple[str, dict[str, int | bool]], ...] = (
    ("an error at a write", {"error": errno.EIO, "syncs": False}),
    ("no room for one write", {"error": errno.ENOSPC, "syncs": False}),
    ("a short write, then no room", {"error": errno.ENOSPC, "syncs": False, "short": True}),
    ("no room from there on", {"error": errno.ENOSPC, "syncs": False, "sticky": True}),
    ("an error at a sync", {"error": errno.EIO, "syncs": True}),
    ("errors at every sync from there on", {"error": errno.EIO, "syncs": True, "sticky": True}),
)


def child(path: Path, kind: dict[str, int | bool], at: int, pipe: int) -> None:
    """Work on a disk that fails once; tell what was acknowledged, that it failed, and how it went.

    Whoever works is told and tries again: once while the disk still fails, then mended.
    """
    faults = Faults()
    faults.fail(at, **kind)  # pyright: ignore[reportArgumentType] - the kinds above
    told = 0
    cache = None
    while cache is None:
        try:
            cache = Cache.open(path, KEY)
        except CacheError:
            told += 1
            if told > 1:
                failed = faults.failed
                faults.mend()
                os.write(pipe, f"failed {failed}\n".encode())
    pragma(cache, "wal_autocheckpoint = 20")
    number = done_so_far(cache)
    while number < _TRANSACTIONS:
        try:
            cache.write(act(number + 1))
        except CacheError:
            told += 1
            if told > 1:
                os.write(pipe, f"failed {faults.failed}\n".encode())
                faults.mend()
            if done_so_far(cache) != number:
                os.write(pipe, b"half there\n")
        else:
            number += 1
            os.write(pipe, f"{number}\n".encode())
    cache.close()
    os.write(pipe, f"failed {faults.failed}\ntold {told}\ndone\n".encode())


def point(path: Path, kind: dict[str, int | bool], at: int) -> tuple[bool, bool, list[str]]:
    """Return whether a call failed at all, whether it was told, and which promises were broken."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            child(path, kind, at, writing)
        except BaseException as error:
            os.write(writing, f"raised {type(error).__name__}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    said = b""
    while data := os.read(reading, 65536):
        said += data
    os.close(reading)
    os.waitpid(pid, 0)
    lines = said.decode().splitlines()
    broken = [line for line in lines if line.startswith(("raised", "half"))]
    if lines[-1:] != ["done"]:
        broken.append(f"it did not go on once the disk was mended: {lines[-3:]}")
    acknowledged = max((int(line) for line in lines if line.isdigit()), default=0)
    broken += broken_promises(path, acknowledged)
    failed = any(line.startswith("failed") and line != "failed 0" for line in lines)
    return failed, "told 0" not in lines, broken


def main(folder: str, stride: str, start: str) -> None:
    points, told, broken = 0, 0, list[str]()
    made = Path(folder) / "made" / "cache.db"
    Cache.open(made, KEY).close()
    for name, kind in _KINDS:
        for at in itertools.count(1, 1 if kind["syncs"] else int(stride)):
            path = Path(folder) / "failing" / "cache.db"
            if start == "cache":
                shutil.copytree(made.parent, path.parent)
            failed, was_told, found = point(path, kind, at)
            broken += [f"{name}, call {at}: {promise}" for promise in found]
            shutil.rmtree(path.parent)
            if not failed:
                break
            points, told = points + 1, told + was_told
    print(json.dumps({"points": points, "told": told, "broken": broken[:20]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
