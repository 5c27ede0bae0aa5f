"""The first reading of a type by several threads at once.

msgspec lets other threads see what it knows of a struct while it still works it out, and a process
that began to sync ended with SIGSEGV now and then: one of eight at these intervals.
"""

import subprocess
import sys

from tests.servers import REPOSITORY

PROCESSES = 24
AT_ONCE = 6
_RACE = """
import sys, threading
from console.casework.actions import read_action
from console.sources import wire
from local_cache.records import Case, read

CASE = (b'{"id":"c","seq":1,"version":"1","queue":"q","kind":"k","state":"open","tags":null,'
        b'"received_at":"2026-11-24T09:00:00Z","requester":{"name":"x"},"clocks":[{"id":"k"}]}')
ANSWER = b'{"action":{"id":"k","type":"note","body":{}},"case":%s,"receipt":{"seq":1}}' % CASE
PAGE = b'{"changes":[{"seq":1,"kind":"case","op":"delete","id":"c"}],"next":"1"}'
DECIDE = (b'{"type":"decide","disposition":"X","scope_granted":[{"tier":"T1"}],'
          b'"user_notice":{"decision":"notify_after"},"tool":{"name":"n","version":"1"}}')
READINGS = (
    lambda: wire.accepted(ANSWER, key="k", case_id="c", replayed=False),
    lambda: read_action(DECIDE),
    lambda: wire.page(PAGE),
    lambda: read(Case, CASE),
)

def race():
    for reading in READINGS:
        gate.wait()
        reading()

sys.setswitchinterval(1e-5)
gate = threading.Barrier(8)
threads = [threading.Thread(target=race) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_read_a_type_first_at_once_all_come_through() -> None:
    ended: list[tuple[int, str]] = []
    for _ in range(PROCESSES // AT_ONCE):
        races = [
            subprocess.Popen(
                [sys.executable, "-c", _RACE], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
            )
            for _ in range(AT_ONCE)
        ]
        said = [race.communicate(timeout=60)[1] for race in races]
        ended += [(race.returncode, text) for race, text in zip(races, said, strict=True)]
    assert ended == [(0, "")] * PROCESSES
