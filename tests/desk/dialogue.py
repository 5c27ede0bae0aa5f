"""Linear mode as somebody who types lines: through pipes, one line after the prompt before it."""

import contextlib
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tests.desk.shell import PASSPHRASE
from tests.servers import REPOSITORY

PATIENCE: Final = 60.0
_PROMPT: Final = re.compile(r"(?:\A|\n)[^\n]*> \Z")


class Dialogue:
    """A `nightdesk --linear` that is being talked to. What it said is kept whole in `said`."""

    def __init__(self, home: Path, *arguments: str) -> None:
        environment = {n: v for n, v in os.environ.items() if not n.startswith("NIGHT")}
        environment |= {"NIGHTDESK_HOME": str(home), "NIGHTDESK_PASSPHRASE": PASSPHRASE}
        environment |= {"PYTHONPATH": str(_without_textual(home.parent))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "console.cli", *(arguments or ("--linear",))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            env=environment,
        )
        self.said = ""
        self._ended = False
        """Whether its end was heard: who goes on listening waits for what never comes."""

    def hear(self, after: str = "") -> str:
        """Return what is said up to a prompt behind `after`, or to the end."""
        assert self.process.stdout is not None
        heard, end = "", time.monotonic() + PATIENCE
        while after not in heard or not _PROMPT.search(heard):
            ready, _, _ = select.select([self.process.stdout], [], [], 1)
            part = os.read(self.process.stdout.fileno(), 65536) if ready else None
            if part == b"":
                assert not self._ended, f"it ended:\n{self.said}"
                self._ended = True
                break
            heard += (part or b"").decode()
            assert time.monotonic() < end, f"no prompt came:\n{self.said}{heard}"
        self.said += heard
        return heard

    def send(self, text: str) -> None:
        """Send text as it is, at once."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def type(self, *lines: str) -> str:
        """Type lines, each at its own prompt; return what the last one brought."""
        heard = ""
        for line in lines:
            self.send(f"{line}\n")
            heard = self.hear(f"{line}\n")  # what came through a pipe is said again
        return heard

    def until(self, text: str, line: str = "where") -> str:
        """Ask again until something is said: what the sync does takes its time."""
        end = time.monotonic() + PATIENCE
        heard = ""
        while text not in heard:
            assert time.monotonic() < end, f"never said {text}:\n{self.said}"
            heard = self.type(line)
        return heard

    def confirm(self) -> str:
        """Type the digits that were said last."""
        return self.type(self.digits)

    @property
    def digits(self) -> str:
        """The digits that were said last."""
        return re.findall(r"four digits: (\d \d \d \d)", self.said)[-1]

    def end(self, line: str = "quit") -> int:
        """Leave, and return the exit status."""
        if line:
            self.send(f"{line}\n")
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.hear()
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End it, however it stands."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def _without_textual(folder: Path) -> Path:
    """Return a folder that takes Textual away from whoever looks there first."""
    package = folder / "no-textual" / "textual"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("raise ImportError('linear mode needs no Textual')\n")
    return package.parent


@contextlib.contextmanager
def dialogue(home: Path, *arguments: str) -> Generator[Dialogue]:
    """Talk to linear mode for the length of a `with`; the first prompt was heard."""
    made = Dialogue(home, *arguments)
    try:
        made.hear()
        yield made
    finally:
        made.close()
