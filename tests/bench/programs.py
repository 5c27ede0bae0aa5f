"""The programs that are compared, each started on its data in a terminal of its own."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.terminal import WHOLE, Area, Terminal

HERE: Final = Path(__file__).resolve().parent
REPOSITORY: Final = HERE.parent.parent
LIST: Final[Area] = (range(3, 41), range(96))
"""Where the desk's rows are at 200x50: without alarm, heading, titles, case, offers and status."""
CASE: Final[Area] = (range(3, 47), range(97, 200))

_NEOMUTT_SETTINGS: Final = """
set folder = "{folder}"
set mbox_type = Maildir
set header_cache = "{folder}-headers"
set sort = reverse-date
set menu_scroll = yes
set sleep_time = 0
set mark_old = no
set quit = yes
set mail_check = 3600
"""


@dataclass(frozen=True)
class Program:
    """How a program is started, and how one sees that it can be used."""

    name: str
    argv: Sequence[str]
    ready: bytes
    """What it writes when it begins to be usable."""
    area: Area = WHOLE
    """Where the list is that keys move in."""
    env: Mapping[str, str] = field(default_factory=dict[str, str])

    def start(self) -> Terminal:
        """Start it; whether it is ready is the caller's to wait for."""
        return Terminal(self.argv, env=environment() | dict(self.env), cwd=REPOSITORY)


def environment() -> dict[str, str]:
    """Return the surroundings that all programs share; compiled Python is kept, as installed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {
        "TERM": "screen-256color",  # a terminal whose every sequence the emulator knows
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(REPOSITORY),
    }


def nightdesk(home: Path) -> Program:
    """Return the console on a home made by `data.make_home`."""
    return Program(
        "nightdesk",
        [sys.executable, str(HERE / "console_at_hand.py")],
        b" cases ",
        area=LIST,
        env={"NIGHTDESK_HOME": str(home)},
    )


def minimal() -> Program:
    """Return the least that Textual can do."""
    return Program("minimal Textual", [sys.executable, str(HERE / "minimal_console.py")], b"ready")


def neomutt(maildir: Path) -> Program | None:
    """Return neomutt on a maildir, with its header cache beside it; None where it is missing."""
    found = shutil.which("neomutt")
    if found is None:
        return None
    settings = maildir.parent / "neomuttrc"
    settings.write_text(_NEOMUTT_SETTINGS.format(folder=maildir), "utf-8")
    return Program(
        "neomutt",
        [found, "-n", "-F", str(settings), "-f", str(maildir)],
        b"Msgs:",
        env={"HOME": str(maildir.parent)},
    )


def vim(text: Path) -> Program | None:
    """Return vim on a text of as many lines; None where it is missing."""
    found = shutil.which("vim")
    if found is None:
        return None
    plain = ["-u", "NONE", "-i", "NONE", "-n", "-R"]
    settings = ["-c", "set nowrap cursorline"]
    return Program("vim", [found, *plain, *settings, str(text)], b"Request 000000")
