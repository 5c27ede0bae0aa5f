"""A file system that is really full: a small one in memory, where we may mount one."""

import contextlib
import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.desk.shell import Shell
from tests.hostile_server import TOKEN, HostileServer, problem, serving

SIZE, LITTLE = "4m", 90_000
_DOWN = problem(503, "unavailable")


@pytest.fixture
def small(tmp_path: Path) -> Generator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a file system of our own cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title="a case")
        yield other


def fill(place: Path) -> Path:
    """Take what room is left, but for a little."""
    filler = place / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    os.truncate(filler, filler.stat().st_size - LITTLE)
    return filler


def bodies(server: HostileServer) -> list[str]:
    return [json.loads(asked.body)["body"] for _, asked in server.applied]


def test_what_does_not_fit_is_said_and_what_fitted_is_there(
    small: Path, server: HostileServer
) -> None:
    shell = Shell(small / "home")
    assert shell.connect(server.url, TOKEN).json()["online"]
    server.fault = lambda asked: None if asked.method == "GET" else _DOWN
    kept: list[str] = []
    filler = fill(small)
    for number in range(40):
        text = f"note {number} " + "x" * 2000
        told = shell("note", "c_1", "-", stdin=text)
        if told.status != 0:
            break
        kept.append(text)
    else:
        raise AssertionError("it never was full")
    assert kept
    assert told.status == 6
    assert "Make room" in told.err
    filler.unlink()
    entries = shell("outbox", "--json").lines()
    assert len(entries) == len(kept), "what was said to be recorded is not what is"
    server.fault = lambda asked: None
    assert shell("note", "c_1", "there is room again").status == 0  # those before it go first
    assert bodies(server) == [*kept, "there is room again"]
    assert shell("audit", "verify").status == 0
