"""Linear mode on a terminal: hostile text, pastes, and however it ends."""

import signal
from collections.abc import Callable, Generator
from itertools import cycle
from pathlib import Path

import pytest

from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile import CORPUS
from tests.hostile_server import (
    TOKEN,
    HostileServer,
    full_case,
    full_policy,
    full_template,
    serving,
)
from tests.pty.terminal import Lines, Terminal, environment, nightdesk, oracle

SHORT = tuple(text[:300] for text in CORPUS)


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", **full_case(cycle(SHORT)))
        other.policy = full_policy(cycle(SHORT))
        other.templates = [full_template(f"TPL-{n}", cycle(SHORT[n * 9 :])) for n in range(3)]
        yield other


@pytest.fixture(scope="module")
def home(server: HostileServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    shell = Shell(tmp_path_factory.mktemp("linear") / "home")
    assert shell.connect(server.url, TOKEN).json()["online"]
    return shell.home


@pytest.fixture
def start(home: Path) -> Generator[Callable[..., Lines]]:
    started: list[Terminal] = []

    def begin(*arguments: str, **more: str) -> Lines:
        screen = Terminal(
            *nightdesk(*(arguments or ("--linear",))),
            environment=environment(home, PASSPHRASE, **more),
        )
        started.append(screen)
        return Lines(screen)

    yield begin
    for screen in started:
        screen.close()


def test_hostile_text_does_nothing_to_a_dumb_terminal(
    start: Callable[..., Lines], server: HostileServer
) -> None:
    lines = start(TERM="dumb")
    lines.type("list", "list: 1 case")
    lines.type("1", "sections: ")
    said = lines.type("read all")
    while "There is more" in said:
        said = lines.type("more")
    lines.type("reveal")
    lines.type("help")
    lines.type("decide", "question 1")
    assert "1:" in lines.type("?")
    lines.type("cancel", "Nothing was recorded")
    lines.type("respond", "response: to")
    if "question" in lines.type("about"):
        lines.type("cancel")
    lines.type("template", "No template")
    lines.type("")
    lines.type("preview")
    lines.type("desk", "Back in")
    lines.type("outbox", "outbox: 0")
    screen = lines.screen
    screen.type("quit\n")
    assert screen.end() == 0
    assert oracle(bytes(screen.sent)) == []
    assert b"\x1b" not in screen.sent  # no cursor moved, no colour: not even our own
    assert server.applied == []


def test_a_bare_nightdesk_offers_it_where_the_terminal_is_dumb(
    start: Callable[..., Lines], home: Path
) -> None:
    screen = Terminal(*nightdesk(), environment=environment(home, PASSPHRASE, TERM="dumb"))
    try:
        lines = Lines(screen)
        assert b"hint: this terminal moves no cursor" in screen.sent
        lines.type("where", "connection: ")
    finally:
        screen.close()


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_a_paste_records_nothing(
    start: Callable[..., Lines], server: HostileServer, term: str
) -> None:
    lines = start(TERM=term)
    lines.type("1", "sections: ")
    lines._from = len(lines.screen.sent)
    lines.screen.type("claim\nnote\nIt was.\n.\nrecord\nwhere\n")
    lines.hear("where: ")
    assert lines.type("where", "where: ")
    assert server.applied == []
    assert b"NOT done" in lines.screen.sent


def test_a_paste_in_brackets_waits_for_a_hand_and_records_nothing(
    start: Callable[..., Lines], server: HostileServer
) -> None:
    lines = start()
    lines.type("1", "sections: ")
    lines._from = len(lines.screen.sent)
    lines.screen.type("\x1b[200~claim\nwhere\n\x1b[201~")
    lines.screen.until_quiet()
    lines.type("", "")
    assert server.applied == []
    lines.type("where", "connection: ")


def test_a_note_by_hand_is_recorded_once(
    start: Callable[..., Lines], server: HostileServer
) -> None:
    lines = start()
    lines.type("1", "sections: ")
    lines.type("i", "question 1 of 1")
    lines.type("It was called in.", "line>")
    lines.type(".", "review:")
    lines.type("record", "note: recorded")
    screen = lines.screen
    screen.type("quit\n")
    assert screen.end() == 0
    assert len(server.applied) == 1
    assert screen.left_whole() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(start: Callable[..., Lines], number: int) -> None:
    screen = start().screen
    screen.signal(number)
    assert screen.end() == 0
    assert screen.left_whole() == []
    assert b"Traceback" not in screen.sent


def test_a_key_that_ends_other_programs_leaves_only_the_question(
    start: Callable[..., Lines],
) -> None:
    lines = start()
    lines.type("1", "sections: ")
    lines.type("w", "question 1")
    lines._from = len(lines.screen.sent)
    lines.screen.type("\x03")
    lines.hear("nothing was recorded by it")
    lines.type("where", "unsent: ")


def test_a_terminal_that_goes_away_ends_it(start: Callable[..., Lines]) -> None:
    screen = start().screen
    screen.hang_up()
    screen.process.wait(30)
