"""A lock in linear mode: the terminal is cleared, the key gone; then one goes on where one was."""

import signal
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile_server import TOKEN, HostileServer, serving
from tests.pty.terminal import Lines, Terminal, environment, nightdesk

CANARY = "canary-of-the-case"
CLEARED = b"\x1b[2J\x1b[3J"
ASKED = "passphrase, or ctrl+d to leave> "


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        for number in range(1, 4):
            other.case(
                f"c_{number}",
                title=f"{CANARY} {number}",
                reference=f"E-{number}",
                tags=["wave"] if number > 1 else [],
            )
        yield other


@pytest.fixture
def shell(server: HostileServer, tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "home")
    assert made.connect(server.url, TOKEN).json()["online"]
    return made


@pytest.fixture
def start(shell: Shell) -> Generator[Callable[..., Lines]]:
    started: list[Terminal] = []

    def begin(**more: str) -> Lines:
        screen = Terminal(
            *nightdesk("--linear"), environment=environment(shell.home, PASSPHRASE, **more)
        )
        started.append(screen)
        return Lines(screen)

    yield begin
    for screen in started:
        screen.close()


def after_the_lock(lines: Lines) -> str:
    return bytes(lines.screen.sent).rpartition(CLEARED)[2].decode()


@pytest.mark.parametrize("word", ["lock", "seal"])
def test_a_lock_says_no_more_and_opens_where_one_was(
    start: Callable[..., Lines], word: str
) -> None:
    lines = start()
    lines.type("filter tag:wave", "list: 2 cases, filter tag:wave")
    lines.type("sort reference", "sorted by reference")
    lines.type("mark all", "marks: 2 marked")
    assert CANARY in lines.type("open E-3", "case: E-3")
    said = lines.type(word, ASKED)
    assert CLEARED in said.encode()
    assert "Nightdesk is sealed." in said
    assert "Nothing is fetched or delivered until it is opened." in said
    assert CANARY not in after_the_lock(lines)
    assert CANARY not in "\n".join(lines.screen.shown)
    said = lines.type("another passphrase", ASKED)
    assert "error: " in said
    assert "The next try in 1 s." in said
    assert CANARY not in after_the_lock(lines)
    said = lines.type(PASSPHRASE, "case: E-3")
    assert "Open again." in said
    assert "list: 2 cases, filter tag:wave, sorted by reference" in said
    assert said.endswith("E-3, 2 marked> ")
    assert PASSPHRASE.encode() not in lines.screen.sent
    assert "2 marks are off" in lines.type("unmark all", "E-3> ")
    lines.type("note", "question 1 of 1")
    lines.type("It goes on.", "line>")
    lines.type(".", "review:")
    lines.type("record", "note: recorded")
    lines.screen.type("quit\n")
    assert lines.screen.end() == 0
    assert lines.screen.left_whole() == []


def test_what_is_being_written_is_kept(start: Callable[..., Lines]) -> None:
    lines = start()
    lines.type("open E-2", "case: E-2")
    lines.type("note", "question 1 of 1")
    lines.type("Half a note", "line>")
    lines.type(".", "review:")
    lines.type("cancel", "what you wrote is kept")
    lines.type("lock", ASKED)
    lines.type(PASSPHRASE, "case: E-2")
    assert "now: Half a note" in lines.type("note", "question 1 of 1")
    lines.type("")


def test_where_nobody_types_it_locks(start: Callable[..., Lines]) -> None:
    """As the timer does it, which need not be waited for: it ends in this signal."""
    lines = start()
    lines.type("filter tag:wave", "list: 2 cases")
    lines.type("open E-2", "case: E-2")
    lines.screen.type("a line half ty")
    lines.screen.until_shown("half ty")
    lines.screen.signal(signal.SIGALRM)
    lines.screen.type("ped")  # somebody is there
    lines.screen.until_shown("half typed")
    lines.screen.signal(signal.SIGALRM)
    lines.screen.until_quiet()
    assert CANARY in "\n".join(lines.screen.shown)
    said = lines.after(lambda: lines.screen.signal(signal.SIGALRM), ASKED)
    assert "No key was pressed for 5 min." in said
    assert CANARY not in after_the_lock(lines)
    lines.screen.signal(signal.SIGALRM)  # while it is locked nobody is waited for
    assert "half typed" not in lines.type(PASSPHRASE, "case: E-2")


def test_a_text_in_the_middle_of_which_it_locks_is_kept(start: Callable[..., Lines]) -> None:
    lines = start()
    lines.type("open E-2", "case: E-2")
    lines.type("note", "question 1 of 1")
    lines.type("The first line", "line>")
    lines.type("The second one", "line>")
    lines.after(lambda: lines.screen.signal(signal.SIGALRM), ASKED)
    lines.type(PASSPHRASE, "case: E-2")
    assert "now: The first line (and 1 more lines)" in lines.type("note", "question 1 of 1")
    lines.type("")


def test_it_locks_after_the_time_of_the_settings(shell: Shell, start: Callable[..., Lines]) -> None:
    (shell.home / "settings.toml").write_text('[lock]\nafter = "10s"\n', "utf-8")
    lines = start()
    said = lines.after(lambda: None, ASKED)
    assert "No key was pressed for 10 s." in said


def test_a_terminal_that_knows_only_lines_is_told_so(start: Callable[..., Lines]) -> None:
    lines = start(TERM="dumb")
    said = lines.type("lock", ASKED)
    assert "warning: what was said still stands above" in said
    lines.type(PASSPHRASE, "list: 3 cases")
    assert b"\x1b" not in lines.screen.sent


@pytest.mark.parametrize("how", ["a signal", "the end of input"])
def test_a_locked_one_is_left_without_a_word(start: Callable[..., Lines], how: str) -> None:
    lines = start()
    lines.type("lock", ASKED)
    if how == "a signal":
        lines.screen.signal(signal.SIGTERM)
    else:
        lines.screen.type("\x04")
    assert lines.screen.end() == 0
    assert lines.screen.left_whole() == []
    assert CANARY not in after_the_lock(lines)


def test_where_nobody_could_unlock_it_is_not_locked(shell: Shell) -> None:
    outcome = shell("--linear", stdin="lock\nwhere\n")
    assert outcome.status == 0
    assert "error: Not locked: no passphrase can be typed here." in outcome.out
    assert "connection: " in outcome.out.partition("Not locked")[2]
