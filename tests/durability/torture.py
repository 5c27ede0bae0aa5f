"""The durability harnesses in full, with what came of each: `make torture`.

usage: python -m tests.durability.torture [SCALE [SEED]]

SCALE 1 is 10,000 kills, 10,000 power cuts, an error at every write and sync, 2,000 actions through
a broken network; 0.1 is a tenth of it. Ends with status 1 where a promise was broken, or where a
negative control did not break one.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.durability import disk, runs
from tests.durability.runs import Told


class Torture:
    """One run: says what came of each harness as it ends, and remembers whether all held."""

    def __init__(self, folder: Path, scale: float, seed: int) -> None:
        self._folder = folder
        self._scale = scale
        self._seed = seed
        self.held = True

    def kills(self) -> None:
        count = self._share(10_000)
        self._run(
            f"{count} kill -9", lambda: runs.kills(self._folder, count, self._seed), _unbroken
        )

    def disk(self, library: Path) -> None:
        for synchronous, checkpoint, whole in (
            ("FULL", 20, 6000), ("FULL", 1000, 4000), ("NORMAL", 1000, 500),
        ):  # fmt: skip
            count = self._share(whole)
            self._run(
                f"{count} power cuts, synchronous {synchronous}, "
                f"copied back every {checkpoint} pages",
                lambda s=synchronous, c=checkpoint, n=count: runs.cuts(
                    self._folder, library, n, self._seed, synchronous=s, checkpoint=c
                ),
                _unbroken if synchronous == "FULL" else lambda told: told["lost"] > 0,
            )
        stride = max(1, round(1 / self._scale))
        for start in ("cache", "nothing"):
            each = stride if start == "cache" else stride * 5
            self._run(
                f"a failing or full disk at every write (one in {each}) and sync, from {start}",
                lambda s=start, e=each: runs.failures(self._folder, library, e, s),
                _unbroken,
            )

    def network(self) -> None:
        count, kills = self._share(2000), self._share(100)
        self._run(
            f"{count} actions through a broken network",
            lambda: runs.deliveries(self._folder, count, kills, self._seed)[0],
            lambda told: (
                not (told["lost"] or told["twice"] or told["out_of_order"])
                and told["accepted"] == count
                and told["chain"]
            ),
        )
        self._run(
            "40 notes without keys through it",
            lambda: runs.deliveries(self._folder, 40, 0, self._seed, keys=False)[0],
            lambda told: bool(told["twice"]),
        )

    def _share(self, whole: int) -> int:
        return max(1, round(whole * self._scale))

    def _run(self, what: str, run: Callable[[], Told], held: Callable[[Told], bool]) -> None:
        began, used = time.monotonic(), _cpu()
        told = run()
        good = held(told)
        self.held = self.held and good
        figures = ", ".join(
            f"{name} {len(value) if isinstance(value, list) else value}"
            for name, value in told.items()
        )
        print(
            f"{'as promised' if good else 'BROKEN':<12} {what}: {figures} "
            f"({time.monotonic() - began:.0f} s, {_cpu() - used:.0f} s of processor)",
            flush=True,
        )
        if not good:
            print(told, flush=True)


def _unbroken(told: Told) -> bool:
    return told["broken"] == []


def _cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system


def main(scale: str = "1", seed: str = "1") -> int:
    with tempfile.TemporaryDirectory() as folder:
        torture = Torture(Path(folder), float(scale), int(seed))
        torture.kills()
        if disk.compiler() is None:
            print(f"not run      {disk.WHY_NOT}")
        else:
            torture.disk(disk.compiled(Path(folder)))
        torture.network()
    return 0 if torture.held else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
