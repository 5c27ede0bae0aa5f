"""Every text of every document is an attack, and the real console shows it on a real terminal."""

import unicodedata
from collections.abc import Generator, Sequence
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile import CORPUS
from tests.hostile_server import (
    TOKEN,
    HostileServer,
    full_case,
    full_policy,
    full_queue,
    full_requester,
    full_template,
    problem,
    serving,
)
from tests.pty.terminal import Terminal, environment, nightdesk, oracle, terminal

WIDE, NARROW = (120, 40), (80, 24)
LONGEST = 300
SHORT = tuple(text[:LONGEST] for text in CORPUS)
"""The corpus with its long texts cut, so that all of a case can be scrolled through."""
ENTER, ESCAPE, PAGE_DOWN, HALF_UP, QUIT = "\r", "\x1b", "\x1b[6~", "\x15", "\x11"
FIRST_LINE, BORDER = 3, 58
"""Where, on a screen of 120 columns, the list begins and the case beside it."""
CASES = 3


def rotated(texts: Sequence[str], by: int) -> "cycle[str]":
    return cycle([*texts[by:], *texts[:by]])


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        for number in range(CASES):
            texts = rotated(SHORT, number * len(SHORT) // CASES)
            other.case(f"c_{number}", **full_case(texts))
        awkward = [text for text in SHORT if not text.isascii() and text.isprintable()]
        for number, text in enumerate(awkward):
            other.case(f"w_{number}", priority="P4", title=text, requester={"agency": text[:12]})
        other.policy = full_policy(cycle(SHORT))
        other.session["specialist"]["name"] = SHORT[1]
        other.session["desk"]["name"] = SHORT[2]
        other.templates = [full_template(f"TPL-{n}", rotated(SHORT, n * 9)) for n in range(8)]
        other.queues = [full_queue(f"queue-{n}", rotated(SHORT, n * 2)) for n in range(20)]
        other.requesters = [full_requester(f"a_{n}", rotated(SHORT, n * 4)) for n in range(20)]
        yield other


@pytest.fixture(scope="module")
def home(server: HostileServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has pulled all of it, and has an entry that came back with an attack."""
    shell = Shell(tmp_path_factory.mktemp("hostile") / "home")
    assert shell.connect(server.url, TOKEN).json()["online"]
    server.fault = lambda asked: (
        problem(
            422,
            "invalid",
            detail="".join(islice(cycle(SHORT), 60)),
            errors=[{"pointer": text, "detail": text} for text in SHORT[:40]],
        )
        if asked.method == "POST"
        else None
    )
    note = "".join(SHORT[:60]).encode("utf-8", "replace").decode()
    assert shell("note", "c_0", "-", stdin=note).status == 4
    server.fault = lambda asked: None
    return shell.home


def console(home: Path, size: tuple[int, int]) -> "Generator[Terminal]":
    columns, lines = size
    command = nightdesk()
    surroundings = environment(home, PASSPHRASE)
    with terminal(*command, columns=columns, lines=lines, environment=surroundings) as screen:
        screen.until_shown("● online")
        screen.until_shown("cases")
        screen.until_quiet()
        yield screen


def scroll_through(screen: Terminal) -> None:
    before: list[str] = []
    for _ in range(60):
        if screen.shown == before:
            return
        before = screen.shown
        screen.press(PAGE_DOWN)
    raise AssertionError("the text never ends")


def look_at_everything(screen: Terminal) -> None:
    """Go through every screen that a key opens, and record nothing."""
    for _ in range(CASES):
        screen.press(ENTER)
        scroll_through(screen)
        screen.press("q", "J")
    screen.press("g")  # the strip of keys that may follow
    screen.press("o", ENTER)
    scroll_through(screen)
    screen.press(ESCAPE, "q", "q", "?")
    scroll_through(screen)
    screen.press("q", "g", "g")
    for keys in ("a", "v", "i", "d", "r", "w", "e", "p", "t", "m", "@", "L", "z", "gx", "A", "+"):
        screen.press(*keys)
        for _ in range(3):
            screen.press("\t")
        screen.press(" ", ESCAPE, ESCAPE, ESCAPE)
        screen.press("g", "d")
    screen.press("g", "q")
    for _ in range(8):
        screen.press("\t")
    screen.press(ESCAPE)
    for words in ("filter is:red", "filter nonsense:\u202e", "no such command \u200b"):
        screen.press(":", *words, ENTER)
        screen.press(ESCAPE, ESCAPE)  # a filter that is none stays open, to be mended


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_of_it_acts_on_the_terminal(
    server: HostileServer, home: Path, size: tuple[int, int]
) -> None:
    applied = len(server.applied)
    for screen in console(home, size):
        look_at_everything(screen)
        assert screen.process.poll() is None, "it died"
        screen.type(QUIT)
        assert screen.end() == 0
        assert oracle(bytes(screen.sent)) == []
        assert screen.left_whole() == []
    assert len(server.applied) == applied, "something was done that nobody asked for"
    assert [entry["state"] for entry in Shell(home)("outbox", "--json").lines()] == ["returned"]
    assert not list(home.rglob("*.svg"))


def test_the_oracle_sees_what_it_should() -> None:
    """A guard of the test above: each kind of thing that it must find, it finds."""
    for planted in (b"\x1b]0;x\x07", b"\x1b[2b", b"\x1bc", b"\x9b2J", b"\x00", b"\x08", b"\x7f"):
        assert oracle(b"plain \x1b[1;1Htext" + planted) != []
    for planted in ("\u202e", "\u200b", "\U000e0041", "\u2066", "\ue000", "\x85"):
        assert oracle(planted.encode()) != []
    assert oracle("\x1b[?1049h\x1b[1;31mété 家 👩‍👩‍👧\x1b[0m\r\n".encode()) == []


# --- Borders ------------------------------------------------------------------------------------


def agreed(character: str) -> int:
    """A terminal that knows Unicode as Textual does."""
    from wcwidth import wcwidth

    return wcwidth(character)


def old(character: str) -> int:
    """A terminal from before emoji were wide."""
    return 1 if ord(character) >= 0x1F000 and agreed(character) == 2 else agreed(character)


def generous(character: str) -> int:
    """A terminal that gives every spacing mark and every emoji cells of its own."""
    if unicodedata.category(character) == "Mc":
        return 1
    return 2 if ord(character) >= 0x1F000 else agreed(character)


def test_the_border_stays_where_it_is(home: Path) -> None:
    """Also where a terminal takes a text to be wider or narrower than the console does."""
    for screen in console(home, WIDE):
        screen.press("G")
        for widths in (agreed, old, generous, agreed):
            wrong = [
                "".join(line)
                for line in screen.grid(widths)[FIRST_LINE:-2]
                if line[BORDER] not in ("│", "┃")
            ]
            assert wrong == [], widths
            screen.press(HALF_UP, "j", "j", "k")
