"""Exchange the key of a cache and be killed at every step of it; look after each what opens it.

usage: python -m tests.durability.rotating FOLDER keyring|passphrase STRIDE SEED

One cache lives through all kills. A child is killed at the STRIDE-th, twice STRIDE-th ... call that
the modules which exchange the key make, until one comes through; then as often again after a random
time, which also falls into the middle of a call. Prints one line of JSON: {"kills", "exchanged",
"broken": [...]}. A process of its own, because it forks.
"""

import json
import os
import random
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from local_cache import keys, rotation, sqlcipher, wraps
from local_cache.cache import Cache
from tests.caches import NOON, incoming, new_entry
from tests.durability.promises import damage

PASSPHRASE = "correct horse"
CASES = 40
_STEPS = ("keys.py", "rotation.py", "places.py", "keyrings.py", "rotating.py")


class FileKeyring:
    """A keyring that outlives a process: a file that is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def kept(self) -> dict[str, str]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def _put(self, kept: dict[str, str]) -> None:
        fresh = self._path.with_suffix(".fresh")
        fresh.write_text(json.dumps(kept))
        fresh.replace(self._path)

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._put(self.kept | {username: password})

    def delete_password(self, service: str, username: str) -> None:
        self._put({name: text for name, text in self.kept.items() if name != username})


class Run:
    def __init__(self, folder: Path, how: str) -> None:
        wraps._SCRYPT_N = 2**4  # what is looked at is the order of the steps, not the stretching
        self.folder = folder / "profile"
        self.ring = FileKeyring(folder / "ring.json")
        self.how = how
        passphrase = PASSPHRASE if how == "passphrase" else None
        key = keys.create_key(self.folder, passphrase=passphrase, backend=self.ring)
        self.code = keys.add_recovery(self.folder, key)
        cache = Cache.open(self.folder / keys.CACHE_FILE, key, now_ms=lambda: NOON)
        cache.write(
            lambda t: t.cases.put(incoming(f"c_{n}", n + 1, title="x" * 900) for n in range(CASES))
        )
        for number in range(CASES):
            entry = new_entry(f"k{number}", f"c_{number}")
            cache.write(lambda tables, entry=entry: tables.outbox.record(entry))
        cache.close()

    def unlock(self) -> bytes:
        return keys.unlock(self.folder, passphrase=lambda: PASSPHRASE, backend=self.ring)

    def rotate(self) -> None:
        rotation.rotate(self.folder, passphrase=lambda: PASSPHRASE, backend=self.ring)

    def child(self, at: int | None, after: float) -> bool:
        """Exchange the key in a child; return whether it came through."""
        pid = os.fork()
        if pid == 0:
            try:
                if at is not None:
                    sys.setprofile(killer(at))
                else:
                    signal.setitimer(signal.ITIMER_REAL, after)  # SIGALRM ends a process
                self.rotate()
                sys.setprofile(None)
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
            raise SystemExit("a child failed by itself")
        return not os.WIFSIGNALED(status)

    def broken(self, *, calm: bool) -> list[str]:
        """Open the profile as the next process would, and look at what is there."""
        path = self.folder / keys.CACHE_FILE
        named = keys._need(self.folder).keys
        key = self.unlock()
        by_code = keys.unlock_by_code(self.folder, self.code)
        rotation.settle(self.folder, key, backend=self.ring)
        cache = Cache.open(path, key)
        with cache.read() as tables:
            unsent, audit = tables.outbox.unsent(), tables.audit.verify()
            rows = [tables.cases.row_of(f"c_{number}") for number in range(CASES)]
        cache.close()
        files = {file.name for file in self.folder.iterdir()}
        checks = {
            "entries": [entry.key for entry in unsent] == [f"k{n}" for n in range(CASES)],
            "cases": all(row is not None and row.unsent == 1 for row in rows),
            f"audit: {audit.problem}": audit.ok and audit.entries == CASES,
            "the key opens": sqlcipher.key_fits(path, key),
            "so does the code": by_code == key,
            "one key at the end": len(keys._need(self.folder).keys) == 1,
            "one or two before": len(named) == 1 or not calm,
            f"left: {files}": files <= {keys.KEY_FILE, keys.CACHE_FILE, "use.lock"},
            f"keyring: {len(self.ring.kept)}": len(self.ring.kept) == int(self.how == "keyring"),
        }
        return [name for name, held in checks.items() if not held] + damage(path, key)


def killer(at: int) -> Any:
    left = at

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal left
        if event in ("c_call", "c_return") and frame.f_code.co_filename.endswith(_STEPS):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return count


def main(folder: str, how: str, stride: str, seed: str) -> None:
    run = Run(Path(folder), how)
    chance = random.Random(int(seed))
    broken, kills, seen = list[str](), 0, {run.unlock()}
    at = int(stride)
    while not run.child(at, 0):
        broken += [f"kill at {at}: {what}" for what in run.broken(calm=False)]
        seen.add(run.unlock())
        at += int(stride)
        kills += 1
    broken += [f"in the end: {what}" for what in run.broken(calm=True)]
    for _ in range(kills):
        if not run.child(None, chance.random() * 0.15 + 0.001):
            kills += 1
        broken += [f"kill by time: {what}" for what in run.broken(calm=False)]
        seen.add(run.unlock())
    print(json.dumps({"kills": kills, "exchanged": len(seen) - 1, "broken": broken}))


if __name__ == "__main__":
    main(*sys.argv[1:])
