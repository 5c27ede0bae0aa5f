"""A night's work with secrets planted in it: none of them is found anywhere afterwards.

Token, passphrase, narrative, draft and note hold a word each. The console is ended in every way
that there is, in the middle of a draft; then every file that it could have written is searched,
and what the terminal was sent outside of the console's own screen.
"""

import re
import signal
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile_server import TOKEN, HostileServer, serving
from tests.pty.terminal import Terminal, environment, nightdesk, oracle

IN_THE_CASE, IN_THE_NOTE = "canary-of-the-case", "canaryofthenote"
SECRETS = (IN_THE_CASE, IN_THE_NOTE, TOKEN, PASSPHRASE)
QUIT = "\x11"
# What a person's shell may have set for the developers of Textual.
TOOLS = {
    "TEXTUAL": "debug,devtools",
    "TEXTUAL_LOG": "textual.log",
    "TEXTUAL_PRESS": "c,G",
    "TEXTUAL_SCREENSHOT": "0",
    "TEXTUAL_SCREENSHOT_LOCATION": ".",
    "TEXTUAL_SCREENSHOT_FILENAME": "leak.svg",
}


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title=IN_THE_CASE, request={"narrative": f"{IN_THE_CASE} narrative"})
        yield other


def write_a_note(screen: Terminal) -> None:
    """Begin a note and leave it unfinished; a draft of it is kept."""
    screen.press("i")
    screen.until_shown("Write a note")
    screen.press(*IN_THE_NOTE)
    screen.until_shown(IN_THE_NOTE)


def until_kept(shell: Shell) -> None:
    """Wait until the draft is on the disk, half a second after the last key."""
    for _ in range(20):
        if "not recorded: note" in shell("case", "c_1").out:
            break
    (shell.home / "passphrase.txt").unlink()


def quits(screen: Terminal) -> None:
    screen.type(QUIT)
    screen.end()


def is_told_to_end(screen: Terminal) -> None:
    screen.signal(signal.SIGTERM)
    screen.end()


def loses_its_terminal(screen: Terminal) -> None:
    screen.hang_up()
    screen.process.wait(20)


def is_killed(screen: Terminal) -> None:
    screen.signal(signal.SIGKILL)
    screen.process.wait(20)


def dumps_core(screen: Terminal) -> None:
    screen.signal(signal.SIGABRT)
    screen.process.wait(20)


def outside_the_screen(sent: bytes) -> str:
    """Return what was written before, between and after the alternate screens."""
    text = sent.decode("utf-8", "replace")
    return re.sub(r"\x1b\[\?1049h.*?(?:\x1b\[\?1049l|\Z)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "end",
    [quits, is_told_to_end, loses_its_terminal, is_killed, dumps_core],
    ids=lambda e: e.__name__,
)
def test_no_secret_stays_behind(
    server: HostileServer, tmp_path: Path, end: Callable[[Terminal], None]
) -> None:
    shell = Shell(tmp_path / "home")
    assert shell.connect(server.url, TOKEN).json()["online"]
    (shell.home / "passphrase.txt").unlink()  # the test's own; a person types it
    working = tmp_path / "working folder"
    working.mkdir()
    surroundings = environment(
        shell.home, PASSPHRASE, TMPDIR=str(working), HOME=str(working), **TOOLS
    )
    screen = Terminal(*nightdesk(), columns=120, lines=30, environment=surroundings, folder=working)
    try:
        screen.until_shown(f"{IN_THE_CASE} narrative")
        write_a_note(screen)
        if end in (is_killed, dumps_core):  # these leave no time to write
            until_kept(shell)
        end(screen)
    finally:
        screen.close()
    found = [
        (path.name, secret)
        for path in tmp_path.rglob("*")
        for secret in SECRETS
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert found == []
    assert [path.name for path in working.rglob("*") if path.is_file()] == []
    begun = shell("case", "c_1").out
    assert "not recorded: note" in begun, "what was written was lost"
    outside = outside_the_screen(bytes(screen.sent))
    assert [secret for secret in SECRETS if secret in outside] == []
    assert oracle(bytes(screen.sent)) == [], "a title, a clipboard or the like"
    assert server.applied == [], "TEXTUAL_PRESS pressed keys"
