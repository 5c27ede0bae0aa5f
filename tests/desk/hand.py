"""A hand at the command line: what section 8 of the design promises, and nothing of the console."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import REPOSITORY

Json = dict[str, Any]
PATIENCE = 120.0


@dataclass
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Json]:
        return [json.loads(line) for line in self.out.splitlines()]


class Hand:
    """One person's `nightdesk`, in a home of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("NIGHTDESK")
        } | {
            "NIGHTDESK_HOME": str(home),
            "NIGHTDESK_PASSPHRASE": "a passphrase of the tests",
            "PYTHONFAULTHANDLER": "1",
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begin a command and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "console.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env=self._environment,
        )

    @staticmethod
    def ended(process: "subprocess.Popen[str]") -> Json:
        """Wait for a command that was started, and return the document that it printed."""
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, (process.args, process.returncode, out, err)
        return json.loads(out)

    def run(self, *arguments: str, given: str = "", status: int | None = 0) -> Done:
        """Run a command to its end; `status` is what it must end with, None for any."""
        ended = subprocess.run(
            [sys.executable, "-m", "console.cli", *arguments],
            input=given,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env=self._environment,
            timeout=PATIENCE,
            check=False,
        )
        done = Done(ended.returncode, ended.stdout, ended.stderr)
        assert "Traceback" not in done.err
        assert status in (None, done.status), (arguments, done)
        return done

    def connect(self, url: str, token: str) -> None:
        self.run("connect", url, "--token-stdin", given=token)
        self.run("sync", "--json")

    def act(self, case_id: str, name: str, *, status: int | None = 0, **members: Any) -> Done:
        """Do any action of the API, from a file."""
        body = json.dumps({"type": name} | members)
        return self.run("act", case_id, "--file", "-", "--json", given=body, status=status)

    def outbox(self) -> Sequence[Json]:
        return self.run("outbox", "--json").lines
