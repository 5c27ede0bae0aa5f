"""A note in the editor of one's choice: what the editor sees, what comes back, what is left."""

import json
import os
import signal
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile import CORPUS, hidden
from tests.hostile_server import TOKEN, HostileServer, serving
from tests.pty import in_memory
from tests.pty.terminal import Terminal, environment, nightdesk

EDIT, RECORD, QUIT = ("\x18", "\x05"), "\x13", "\x11"
NOTE, MORE = "a note of mine", "written outside"

pytestmark = pytest.mark.skipif(not os.access(in_memory.SHARED, os.W_OK), reason="needs /dev/shm")

EDITOR = """#!/bin/sh
for last; do :; done
stat -c '%a' "$last" > {seen}/file
stat -c '%a' "$(dirname "$last")" > {seen}/folder
env > {seen}/environment
cat "$last" > {seen}/text
{does}
"""


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title="a case")
        yield other


@pytest.fixture
def shell(server: HostileServer, tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "home")
    assert made.connect(server.url, TOKEN).json()["online"]
    (tmp_path / "seen").mkdir()
    return made


def editor(shell: Shell, does: str) -> str:
    path = shell.home.parent / "editor"
    path.write_text(EDITOR.format(seen=shell.home.parent / "seen", does=does))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def seen(shell: Shell, what: str) -> str:
    return (shell.home.parent / "seen" / what).read_text().rstrip("\n")


@pytest.fixture
def memory() -> Generator[Path]:
    with in_memory.place() as made:
        yield made


def console(shell: Shell, memory: Path, editor: str, *arguments: str) -> Terminal:
    surroundings = environment(shell.home, PASSPHRASE, EDITOR=editor, XDG_RUNTIME_DIR=str(memory))
    return Terminal(*nightdesk(*arguments), columns=120, lines=30, environment=surroundings)


def to_the_note(screen: Terminal) -> None:
    screen.until_shown("● online")
    screen.until_shown("a case")
    screen.press("i")
    screen.until_shown("Write a note")
    screen.press(*NOTE)
    screen.until_shown(NOTE)
    screen.until_quiet()


def test_what_is_written_there_comes_back_and_nothing_stays(
    shell: Shell, server: HostileServer, memory: Path
) -> None:
    screen = console(shell, memory, editor(shell, f"printf '\\n{MORE}' >> \"$last\""))
    try:
        to_the_note(screen)
        screen.press(*EDIT)
        screen.until_shown("Taken from the editor")
        screen.until_shown(MORE)
        assert (seen(shell, "file"), seen(shell, "folder")) == ("600", "700")
        assert seen(shell, "text") == NOTE
        assert PASSPHRASE not in seen(shell, "environment")
        assert in_memory.folders(memory) == []
        screen.until_quiet()
        screen.press(RECORD)
        screen.until(lambda: bool(server.applied), "the note at the server")
        screen.type(QUIT)
        assert screen.end() == 0
        assert screen.left_whole() == []
    finally:
        screen.close()
    noted = [
        entry for entry in shell("audit", "list", "--json").lines() if entry["kind"] == "export"
    ]
    assert [(entry["case"], entry["detail"]) for entry in noted] == [("c_1", {"by": "editor"})]
    (case_id, asked) = server.applied[-1]
    assert case_id == "c_1"
    assert json.loads(asked.body)["body"] == f"{NOTE}\n{MORE}"


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("exit 3", "ended with status 3"),
        ('rm "$last"', "left no text"),
        ('head -c 1100000 /dev/zero > "$last"', "more than a response"),
        (":", "The text is as it was"),
    ],
)
def test_where_it_fails_the_text_is_as_it_was(
    shell: Shell, memory: Path, does: str, said: str
) -> None:
    screen = console(shell, memory, editor(shell, does))
    try:
        to_the_note(screen)
        screen.press(*EDIT)
        screen.until_shown(said)
        screen.until_shown(NOTE)
        screen.type(QUIT)
        assert screen.end() == 0
    finally:
        screen.close()


def test_an_editor_that_is_not_there_is_told(shell: Shell, memory: Path) -> None:
    screen = console(shell, memory, "/nowhere/editor")
    try:
        to_the_note(screen)
        screen.press(*EDIT)
        screen.until_shown("No such file")
        screen.until_shown(NOTE)
    finally:
        screen.close()


def test_what_acts_or_hides_comes_back_visible(shell: Shell, memory: Path) -> None:
    attack = shell.home.parent / "attack"
    attack.write_bytes("".join(CORPUS[:80]).encode("utf-8", "replace") + b"\xff\x9b")
    screen = console(shell, memory, editor(shell, f'cat {attack} > "$last"'))
    try:
        to_the_note(screen)
        screen.press(*EDIT)
        screen.until_shown("Taken from the editor")
        screen.press(*EDIT)
        screen.until_shown("as it was")
        assert list(hidden(seen(shell, "text"), multiline=True)) == []
        assert "\\xff" in seen(shell, "text")
    finally:
        screen.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_ends_the_console_meanwhile_loses_no_draft(
    shell: Shell, memory: Path, number: int
) -> None:
    waits = "trap 'exit 1' TERM; echo open; while :; do sleep 0.1; done"
    screen = console(shell, memory, editor(shell, waits))
    try:
        to_the_note(screen)
        screen.press(*EDIT)
        screen.until_shown("open")
        (mine,) = in_memory.folders(memory)
        screen.signal(number)
        screen.end()
        if number == signal.SIGTERM:
            assert not mine.exists()
            assert screen.left_whole() == []
        else:
            assert mine.exists()
    finally:
        screen.close()
    screen = console(shell, memory, "true")
    try:
        screen.until_shown("Begun here and not recorded")
        screen.until(lambda: not mine.exists(), "the end of what was left")
        screen.press("i")
        screen.until_shown(NOTE)
    finally:
        screen.close()


def test_in_linear_mode_it_is_the_same(shell: Shell, memory: Path) -> None:
    screen = console(
        shell, memory, editor(shell, f'printf {MORE.split()[0]} > "$last"'), "--linear"
    )
    try:
        screen.until_shown("desk> ")
        screen.press("1\n")
        screen.until_shown("c_1> ")
        screen.press("note\n")
        screen.until_shown("answer> ")
        screen.press("edit\n")
        screen.until_shown("taken: 1 lines")
        assert (seen(shell, "file"), seen(shell, "folder")) == ("600", "700")
        assert in_memory.folders(memory) == []
    finally:
        screen.close()
