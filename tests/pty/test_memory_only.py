"""`connect --memory-only`: nothing on a disk, nothing readable left, no loss unsaid."""

import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from console.errors import UsageError
from console.profiles.memory import folder_in_memory
from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile_server import TOKEN, HostileServer, problem, serving
from tests.pty import in_memory
from tests.pty.terminal import Terminal, environment, nightdesk

CANARY, NOTE = "canary-in-memory", "canaryofanote"
QUIT = "\x11"


@pytest.fixture
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title=CANARY, request={"narrative": f"{CANARY} narrative"})
        yield other


@pytest.fixture
def memory() -> Generator[Path]:
    with in_memory.place() as made:
        yield made


def begin(server: HostileServer, tmp_path: Path, memory: Path, *options: str) -> Terminal:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    surroundings = environment(
        home, PASSPHRASE, NIGHTDESK_TOKEN=TOKEN, TMPDIR=str(tmp_path), XDG_RUNTIME_DIR=str(memory)
    )
    return Terminal(
        *nightdesk("connect", server.url, "--memory-only", *options),
        columns=120, lines=30, environment=surroundings, folder=tmp_path,
    )  # fmt: skip


def on_disk(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.rglob("*") if path.is_file()]


def readable(folder: Path) -> list[tuple[str, str]]:
    return [
        (path.name, secret)
        for path in folder.rglob("*")
        for secret in (CANARY, NOTE, TOKEN, PASSPHRASE)
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


def test_it_works_and_is_gone_afterwards(
    server: HostileServer, tmp_path: Path, memory: Path
) -> None:
    screen = begin(server, tmp_path, memory)
    try:
        screen.until_shown(f"{CANARY} narrative")
        (mine,) = in_memory.folders(memory)
        assert (mine / "profiles/memory/cache.db").stat().st_size
        assert mine.stat().st_mode & 0o777 == 0o700
        assert readable(mine) == []
        assert on_disk(tmp_path) == []
        screen.type(QUIT)
        assert screen.end() == 0
    finally:
        screen.close()
    assert not mine.exists()
    assert on_disk(tmp_path) == []
    assert b"is LOST" in screen.sent, "what it means was not said"


def test_what_a_kill_leaves_is_unreadable_and_goes_next_time(
    server: HostileServer, tmp_path: Path, memory: Path
) -> None:
    screen = begin(server, tmp_path, memory)
    try:
        screen.until_shown(f"{CANARY} narrative")
        (mine,) = in_memory.folders(memory)
        with folder_in_memory([memory]):
            assert mine.exists(), "the folder of a living console was taken"
        screen.signal(signal.SIGKILL)
        screen.process.wait(20)
    finally:
        screen.close()
    assert mine.exists()
    assert readable(mine) == []
    assert on_disk(tmp_path) == []
    with folder_in_memory([memory]) as other:
        assert not mine.exists()
    assert not other.exists()


def test_leaving_with_undelivered_work_takes_a_second_key(
    server: HostileServer, tmp_path: Path, memory: Path
) -> None:
    screen = begin(server, tmp_path, memory)
    try:
        screen.until_shown(f"{CANARY} narrative")
        server.fault = lambda asked: problem(503, "unavailable") if asked.method == "POST" else None
        screen.press("i")
        screen.until_shown("Write a note")
        screen.press(*NOTE)
        screen.until_shown(NOTE)
        screen.until_quiet()
        screen.press("\x13")
        screen.until_shown("unsent")
        screen.type(QUIT)
        screen.until_shown("LOST on leaving")
        screen.press("q")
        screen.until_shown(f"{CANARY} narrative")
        screen.type(QUIT)
        screen.until_shown("LOST on leaving")
        screen.until_quiet()  # the same key within a tenth of a second is one that is held
        screen.type(QUIT)
        assert screen.end() == 0
    finally:
        screen.close()
    assert b"LOST, not delivered: " in screen.sent
    assert on_disk(tmp_path) == []


def test_in_linear_mode_it_takes_a_second_word(
    server: HostileServer, tmp_path: Path, memory: Path
) -> None:
    screen = begin(server, tmp_path, memory, "--linear")
    try:
        screen.until_shown("desk> ")
        (mine,) = in_memory.folders(memory)
        server.fault = lambda asked: problem(503, "unavailable") if asked.method == "POST" else None
        screen.press("1\n")
        screen.until_shown("c_1> ")
        screen.press("note\n")
        screen.until_shown("answer> ")
        screen.press(f"{NOTE}\n", ".\n")
        screen.until_shown("review:")
        screen.press("record\n")
        screen.until_shown("note: recorded")
        screen.press("lock\n")
        screen.until_shown("unsent: 1 recorded here, not delivered, and LOST when it is left")
        assert not screen.shows(CANARY)
        screen.until_shown("enter opens it, ctrl+d leaves> ")
        screen.press("\n")
        screen.until_shown("c_1> ")
        screen.press("quit\n")
        screen.until_shown("quit again leaves")
        assert readable(mine) == []
        screen.type("quit\n")
        assert screen.end() == 0
    finally:
        screen.close()
    assert b"LOST, not delivered: " in screen.sent
    assert on_disk(tmp_path) == []
    assert not mine.exists()


def test_without_memory_it_refuses(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="no file system in memory"),
        folder_in_memory([Path("/proc"), tmp_path / "not there"]),
    ):
        pass


def test_it_takes_no_name(tmp_path: Path) -> None:
    outcome = Shell(tmp_path)("connect", "http://127.0.0.1:1", "--memory-only", "--name", "x")
    assert outcome.status == 2
    assert "--name" in outcome.err
