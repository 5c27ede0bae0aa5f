"""Cut the power at a random moment, and build the disk as it may look afterwards.

usage: python -m tests.durability.powercut FOLDER CUTS SEED LOG

From the log of a real run (disk.c). Up to a file's last sync before the cut all of it is there; of
what was written later any part may be: none, all, or a random subset, which is also how writes look
that a disk reordered, each possibly torn at a sector. Prints one line of JSON: {"cuts",
"acknowledged", "lost", "broken": [...]}.
"""

import json
import os
import random
import shutil
import struct
import sys
from pathlib import Path
from typing import NamedTuple

from local_cache.cache import Cache
from tests.caches import KEY
from tests.durability.promises import act, broken_promises, pragma

_SECTOR = 512


class Event(NamedTuple):
    op: str
    file: int
    offset: int
    data: bytes


class Disk:
    """The files as a cut leaves them."""

    def __init__(self, events: list[Event]) -> None:
        self.acknowledged = 0
        names: dict[int, str] = {}
        self._written: dict[str, list[Event]] = {}
        self._synced: dict[str, int] = {}
        for event in events:
            if event.op == "A":
                self.acknowledged = int(event.data)
            elif event.op == "O":
                names[event.file] = Path(event.data.decode()).name
                self._written.setdefault(names[event.file], [])
            elif event.op == "U":  # names are taken as the file system journals them: at once
                self._written.pop(Path(event.data.decode()).name, None)
                self._synced.pop(Path(event.data.decode()).name, None)
            elif event.op == "S":
                self._synced[names[event.file]] = len(self._written[names[event.file]])
            else:
                self._written[names[event.file]].append(event)

    def write(self, folder: Path, chance: random.Random) -> None:
        """Write one of the states that may be left."""
        for name, events in self._written.items():
            if name.endswith("-shm"):  # no promise rests on it: it is made anew
                continue
            content = bytearray()
            synced = self._synced.get(name, 0)
            for event in events[:synced]:
                _apply(content, event.op, event.offset, event.data)
            left = chance.choice(("nothing", "all", "some", "some"))
            for event in events[synced:]:
                if left == "nothing" or (left == "some" and chance.random() < 0.5):
                    continue
                data = event.data
                if left == "some" and len(data) > _SECTOR and chance.random() < 0.3:
                    data = data[: chance.randrange(1, len(data) // _SECTOR + 1) * _SECTOR]
                _apply(content, event.op, event.offset, data)
            (folder / name).write_bytes(content)


def _apply(content: bytearray, op: str, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if op == "T":
        del content[offset:]
    else:
        content[offset : offset + len(data)] = data


def read_log(path: Path) -> list[Event]:
    log, at, events = path.read_bytes(), 0, list[Event]()
    while at < len(log):
        op, file, offset, length = struct.unpack_from("<cIQI", log, at)
        at += 17
        events.append(Event(op.decode(), file, offset, log[at : at + length]))
        at += length
    return events


def record(folder: str, transactions: str, synchronous: str, checkpoint: str) -> None:
    """Do the work that is cut, on the disk that remembers; tell of each after it was committed."""
    path = Path(folder) / "profile" / "cache.db"
    acks = os.open(Path(folder) / "acks", os.O_WRONLY | os.O_CREAT, 0o600)
    cache = Cache.open(path, KEY)
    if synchronous != "FULL":  # which the cache sets itself: that it does is tested, too
        pragma(cache, f"synchronous = {synchronous}")
    pragma(cache, f"wal_autocheckpoint = {checkpoint}")
    for number in range(1, int(transactions) + 1):
        cache.write(act(number))
        os.write(acks, str(number).encode())
    os._exit(0)  # no flush at the end: that would be a promise of its own


def main(folder: str, cuts: str, seed: str, log: str) -> None:
    chance = random.Random(int(seed))
    events = read_log(Path(log))
    cut_profile = Path(folder) / "cut"
    acknowledged, lost, broken = 0, 0, list[str]()
    for cut in range(int(cuts)):
        cut_profile.mkdir(mode=0o700)
        disk = Disk(events[: chance.randrange(1, len(events) + 1)])
        disk.write(cut_profile, chance)
        found = broken_promises(cut_profile / "cache.db", disk.acknowledged)
        acknowledged += disk.acknowledged
        lost += any(promise.startswith("lost") for promise in found)
        broken += [f"cut {cut}: {promise}" for promise in found]
        shutil.rmtree(cut_profile)
    told = {"cuts": int(cuts), "acknowledged": acknowledged, "lost": lost, "broken": broken[:20]}
    print(json.dumps(told))


if __name__ == "__main__":
    record(*sys.argv[2:]) if sys.argv[1] == "record" else main(*sys.argv[1:])
