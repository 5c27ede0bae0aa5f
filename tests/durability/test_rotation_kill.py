"""The key is exchanged or it is not: whenever it is killed, one key opens all there was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("how", ["keyring", "passphrase"])
def test_an_exchange_of_the_key_survives_kill_9_at_any_step(tmp_path: Path, how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.durability.rotating", str(tmp_path), how, "61", "7"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=_HOUSE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["broken"] == []
    assert told["kills"] > 20
    assert told["exchanged"] > 1  # else it was always killed before anything was at stake
