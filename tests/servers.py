"""A practice desk in a process of its own, for any test that needs a real server."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

REPOSITORY = Path(__file__).resolve().parent.parent
STARTS_WITHIN = 60.0
"""Seconds: a machine full of tests is slow, and a hundred thousand cases take a while."""
ENDS_WITHIN = 10.0


@dataclass
class PracticeServer:
    """A running desk. `token` is the default specialist's."""

    process: "subprocess.Popen[bytes]"
    url: str
    token: str
    specialists: list[dict[str, Any]]
    arguments: list[str]

    def token_of(self, specialist_id: str) -> str:
        """Return a specialist's token."""
        return next(one["token"] for one in self.specialists if one["id"] == specialist_id)

    def with_roles(self, *roles: str) -> dict[str, Any]:
        """Return the first specialist with exactly these roles: id, name, roles, token."""
        return next(one for one in self.specialists if one["roles"] == list(roles))

    def client(self, token: str | None = None) -> httpx.Client:
        """Return an HTTP client with a token, the default specialist's unless told."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token or self.token}"},
            timeout=30,
            trust_env=False,
            verify=False,  # plain HTTP on loopback: loading certificates would only take time
        )

    def control(self, name: str, **members: Any) -> dict[str, Any]:
        """Use a practice control: `outage`, `advance`, `arrive`, `touch/<case id>` ..."""
        with self.client() as client:
            answer = client.post(f"/practice/{name}", json=members)
            answer.raise_for_status()
            return answer.json()

    def kill(self) -> None:
        """End it as a crash does: `kill -9`."""
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        """End it by SIGTERM; the answer is its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def restart(self) -> "PracticeServer":
        """Start it again on the same port, after `kill` or `stop`."""
        port = self.url.rpartition(":")[2]
        arguments = [*self.arguments]
        arguments[arguments.index("--port") + 1] = port
        return _start(arguments)

    def _reap(self) -> int:
        status = self.process.wait(ENDS_WITHIN)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def start(
    *, cases: int = 40, seed: int = 1, arrivals: float = 0, port: int = 0, keep: Path | None = None
) -> PracticeServer:
    """Start a practice desk and wait until it listens. The caller ends it."""
    arguments = ["--cases", str(cases), "--seed", str(seed)]
    arguments += ["--arrivals", str(arrivals), "--port", str(port)]
    if keep is not None:
        arguments += ["--keep", str(keep)]
    return _start(arguments)


@contextmanager
def running(**arguments: Any) -> Generator[PracticeServer]:
    """Run a practice desk for a block; see `start`."""
    server = start(**arguments)
    try:
        yield server
    finally:
        server.stop()


def _start(arguments: list[str]) -> PracticeServer:
    process = subprocess.Popen(
        [sys.executable, "-m", "console.practice.server", *arguments],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], STARTS_WITHIN)
    line = process.stdout.readline() if ready else b""
    if not line:
        process.kill()
        process.wait()
        process.stdout.close()
        raise AssertionError(f"the practice desk did not start: {arguments}")
    told = json.loads(line)
    return PracticeServer(process, told["url"], told["token"], told["specialists"], arguments)
