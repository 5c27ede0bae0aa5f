"""The command line as a script uses it: a home of its own, a process a command."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import REPOSITORY

PASSPHRASE = "correct horse battery staple"


@dataclass
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Return the one document that it printed."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """Return the documents that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Shell:
    """Runs `nightdesk` in a home; automation gives the passphrase in a file."""

    home: Path

    def __call__(self, *arguments: str, stdin: str = "", **environment: str | None) -> Outcome:
        """Run a command. A keyword puts a variable into its environment, None takes it out."""
        self.home.mkdir(exist_ok=True)
        secret = self.home / "passphrase.txt"
        secret.write_text(PASSPHRASE + "\n")
        given: dict[str, str | None] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NIGHT")},
            "NIGHTDESK_HOME": str(self.home),
            "NIGHTDESK_PASSPHRASE_FILE": str(secret),
            **environment,
        }
        ran = subprocess.run(
            [sys.executable, "-m", "console.cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env={name: value for name, value in given.items() if value is not None},
            timeout=120,
            check=False,
        )
        assert "Traceback" not in ran.stderr + ran.stdout, ran.stderr
        return Outcome(ran.returncode, ran.stdout, ran.stderr)

    def connect(self, url: str, token: str) -> Outcome:
        """Connect and pull once."""
        made = self("connect", url, "--token-stdin", stdin=token + "\n")
        assert made.status == 0, made.err
        return self("sync", "--json")

    def act(self, case_id: str, **action: Any) -> Outcome:
        """Do an action, given as its members."""
        return self("act", case_id, "--file", "-", "--json", stdin=json.dumps(action))

    def cases(self, *words: str) -> list[Any]:
        """Return the cases that a filter finds."""
        found = self("cases", *words, "--json")
        assert found.status == 0, found.err
        return found.lines()
