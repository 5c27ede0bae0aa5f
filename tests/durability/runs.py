"""The harnesses of this folder, each in a process of its own: for CI and `make torture` alike."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.durability.disk import HOUSE, on_disk
from tests.servers import running

Told = dict[str, Any]


def _told(module: str, *arguments: str) -> Told:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.durability.{module}", *arguments],
        capture_output=True,
        text=True,
        cwd=HOUSE,
        check=False,
    )
    if done.returncode or done.stderr:
        raise AssertionError(f"{module}: {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def kills(folder: Path, count: int, seed: int) -> Told:
    """Kill a writing process so often."""
    return _told("killing", str(folder / "kills"), str(count), str(seed))


def cuts(
    folder: Path,
    library: Path,
    count: int,
    seed: int,
    *,
    transactions: int = 60,
    synchronous: str = "FULL",
    checkpoint: int = 20,
) -> Told:
    """Cut the power so often, over one recorded run."""
    place = folder / f"cuts-{synchronous}-{checkpoint}"
    place.mkdir()
    log = folder / f"{place.name}.log"
    on_disk(
        library, "tests.durability.powercut", "record", str(place), str(transactions), synchronous,
        str(checkpoint), DISK_MATCH=str(place), DISK_LOG=str(log),
    )  # fmt: skip
    told = _told("powercut", str(place), str(count), str(seed), str(log))
    log.unlink()
    return told


def failures(folder: Path, library: Path, stride: int, start: str = "cache") -> Told:
    """Let every `stride`-th write and every sync fail."""
    place = folder / f"failing-{start}"
    place.mkdir()
    said = on_disk(
        library, "tests.durability.failing", str(place), str(stride), start, DISK_MATCH=str(place)
    )
    return json.loads(said)


def deliveries(
    folder: Path, actions: int, kills: int, seed: int, *, share: float = 0.5, keys: bool = True
) -> tuple[Told, Told]:
    """Deliver so many actions through a broken network; return what came of it and the faults."""
    place = folder / ("with-keys" if keys else "without-keys")
    more = () if keys else ("--without-keys",)
    with running(cases=30, seed=3) as server:
        command = [
            sys.executable,
            "-m",
            "tests.durability.proxy",
            server.url,
            str(seed),
            str(share),
        ]
        with subprocess.Popen(
            [*command, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HOUSE,
        ) as proxy:
            assert proxy.stdout is not None
            address = proxy.stdout.readline().strip()
            try:
                told = _told(
                    "delivering", str(place), server.url, address, server.token_of("sp_1"),
                    str(actions), str(kills), str(seed), "night" if keys else "notes",
                )  # fmt: skip
            finally:
                said, _ = proxy.communicate()
    return told, json.loads(said)
