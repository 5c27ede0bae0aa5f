"""A short night: what the console holds stays flat. `make soak` lives through a long one."""

import subprocess
import sys

from tests.servers import REPOSITORY

SHORT = ("--changes", "3200", "--opens", "80", "--locks", "16")


def test_a_night_leaves_nothing_behind() -> None:
    night = subprocess.run(
        [sys.executable, "-m", "tests.durability.soak", *SHORT],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=REPOSITORY,
    )
    assert night.returncode == 0, night.stdout + night.stderr
    assert night.stdout.endswith("flat\n")
