"""Several processes write to one cache side by side."""

import subprocess
import sys
from pathlib import Path

from tests.caches import Desk

_HOUSE = Path(__file__).parents[2]


_RECORDING = """
import sys
from pathlib import Path
from tests.caches import Desk

name, folder = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
desk = Desk(Path(folder))
for number in range(60):
    desk.record(f"{name}-{number}", f"c_{number % 3}")
desk.cache.close()
"""


def test_two_processes_record_at_the_same_time(tmp_path: Path) -> None:
    """Both begin at once, so both also find no cache yet and make it."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _RECORDING, name, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=_HOUSE,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outcomes = [(*process.communicate(timeout=60), process.returncode) for process in processes]
    assert [outcome[1:] for outcome in outcomes] == [("", 0), ("", 0)]
    desk = Desk(tmp_path)
    unsent, report = desk.ask(lambda tables: (tables.outbox.unsent(), tables.audit.verify()))
    desk.cache.close()
    keys = [entry.key for entry in unsent]
    for name in ("one", "two"):
        assert [key for key in keys if key.startswith(name)] == [f"{name}-{n}" for n in range(60)]
    assert (report.ok, report.entries) == (True, 120)
