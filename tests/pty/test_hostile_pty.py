"""Every text of every document is an attack, and the real console shows it on a real terminal."""

import json
import random
import unicodedata
from collections.abc import Generator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

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

WIDE, NARROW, HUGE = (120, 40), (80, 24), (200, 50)
LONGEST = 300
SHORT = tuple(text[:LONGEST] for text in CORPUS)
"""The corpus with its long texts cut, so that all of a case can be scrolled through."""
ENTER, ESCAPE, PAGE_DOWN, HALF_UP, QUIT = "\r", "\x1b", "\x1b[6~", "\x15", "\x11"
FIRST_LINE, BORDER = 3, 58
"""Where, on a screen of 120 columns, the list begins and the case beside it."""
CASES = 3
MIXTURES = 1000
SPECIAL: Final = (
    (0x00, 0x20), (0x7F, 0xA0), (0x0300, 0x0370), (0x0590, 0x0600), (0x0600, 0x0700),
    (0x0E00, 0x0E80), (0x180B, 0x1810), (0x2000, 0x2070), (0x2500, 0x25A0), (0x3000, 0x3040),
    (0xE000, 0xE010), (0xFDD0, 0xFDF0), (0xFE00, 0xFE10), (0xFFF0, 0x10000),
    (0x1F1E6, 0x1F200), (0x1F3FB, 0x1F400), (0xE0000, 0xE0080), (0xE0100, 0xE01F0),
)  # fmt: skip
"""Where the characters stand that act, hide, join or change direction."""
STOPPED: Final = "\N{REPLACEMENT CHARACTER}"
"""What the wall in the widgets puts where a way to the screen forgot to make a text visible."""


def rotated(texts: Sequence[str], by: int) -> "cycle[str]":
    return cycle([*texts[by:], *texts[:by]])


def mixture(chance: random.Random) -> str:
    """Return pieces of the corpus among characters that act, hide, join or change direction."""
    parts: list[str] = []
    for _ in range(chance.randint(1, 6)):
        if chance.random() < 0.5:
            text = chance.choice(SHORT)
            start = chance.randrange(len(text) + 1)
            parts.append(text[start : start + 40])
        else:
            start, stop = chance.choice(SPECIAL)
            parts += [chr(chance.randrange(start, stop)) for _ in range(chance.randint(1, 5))]
    return "".join(parts).replace(STOPPED, "")


def attack_by(other: HostileServer, texts: Sequence[str], cases: int) -> None:
    """Let a server have the texts wherever the contract lets one stand."""
    for number in range(cases):
        other.case(f"c_{number}", **full_case(rotated(texts, number * len(texts) // cases)))
    other.policy = full_policy(cycle(texts))
    other.session["specialist"]["name"] = texts[1]
    other.session["desk"]["name"] = texts[2]
    other.templates = [full_template(f"TPL-{n}", rotated(texts, n * 9)) for n in range(8)]
    other.queues = [full_queue(f"queue-{n}", rotated(texts, n * 2)) for n in range(20)]
    other.requesters = [full_requester(f"a_{n}", rotated(texts, n * 4)) for n in range(20)]


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        attack_by(other, SHORT, CASES)
        awkward = [text for text in SHORT if not text.isascii() and text.isprintable()]
        for number, text in enumerate(awkward):
            other.case(f"w_{number}", priority="P4", title=text, requester={"agency": text[:12]})
        yield other


@pytest.fixture(scope="module")
def home(server: HostileServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return attacked(server, SHORT, tmp_path_factory.mktemp("hostile") / "home")


def attacked(server: HostileServer, texts: Sequence[str], home: Path) -> Path:
    """Make a home that has pulled all of it; two entries met an attack in place of an answer."""
    shell = Shell(home)
    assert shell.connect(server.url, TOKEN).json()["online"]
    refusals = {
        "c_0": problem(
            422,
            "invalid",
            detail="".join(islice(cycle(texts), 60)),
            errors=[{"pointer": text, "detail": text} for text in texts[:40]],
        ),
        "c_1": problem(412, "stale", detail=texts[0], version="9"),
    }
    server.fault = lambda asked: (
        refusals[asked.path.split("/")[3]] if asked.method == "POST" else None
    )
    note = "".join(texts[:60]).encode("utf-8", "replace").decode()
    assert shell("note", "c_0", "-", stdin=note).status == 4
    tag = json.dumps({"type": "tag", "add": ["tag"]})
    assert shell("act", "c_1", "--file", "-", stdin=tag).status == 5
    server.case("c_1", version="9", **full_case(rotated(texts, 3)))
    server.fault = lambda asked: None
    return home


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
    look_at_cases(screen)
    look_at_the_rest(screen)


def look_at_cases(screen: Terminal) -> None:
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


def look_at_the_rest(screen: Terminal) -> None:
    screen.press("g", "o", "j", "=")  # the entry whose case changed meanwhile
    screen.until_shown("stand by it")
    scroll_through(screen)
    screen.press("K", ESCAPE, ESCAPE, "q", "g", "d")
    screen.press("M", "i", *"one note", ESCAPE, "t", "\t", ESCAPE, "U", "f", ESCAPE)
    screen.press("g", "g", "x", "t", "g", "w", *"note", ENTER, ESCAPE)
    screen.press("g", "?", "d", ESCAPE, ESCAPE)
    screen.press("g", "l")
    screen.until_shown("locked")
    screen.press(*PASSPHRASE, ENTER)
    screen.until_shown("cases")
    screen.press("g", "q")
    for _ in range(8):
        screen.press("\t")
    screen.press(ESCAPE)
    for words in ("filter is:red", "filter nonsense:\u202e", "no such command \u200b"):
        screen.press(":", *words, ENTER)
        screen.press(ESCAPE, ESCAPE)  # a filter that is none stays open, to be mended


def nothing_acts(server: HostileServer, home: Path, size: tuple[int, int]) -> None:
    applied = len(server.applied)
    for screen in console(home, size):
        look_at_everything(screen)
        assert screen.process.poll() is None, "it died"
        screen.type(QUIT)
        assert screen.end() == 0
        assert oracle(bytes(screen.sent)) == []
        assert STOPPED not in screen.sent.decode(), "only the last wall stopped it"
        assert screen.left_whole() == []
    assert len(server.applied) == applied, "something was done that nobody asked for"
    states = [entry["state"] for entry in Shell(home)("outbox", "--json").lines()]
    assert sorted(states) == ["changed", "returned"]
    assert not list(home.rglob("*.svg"))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_of_it_acts_on_the_terminal(
    server: HostileServer, home: Path, size: tuple[int, int]
) -> None:
    nothing_acts(server, home, size)


def test_nothing_of_what_is_mixed_at_random_acts_on_the_terminal(tmp_path: Path) -> None:
    chance = random.Random(1)
    texts = [mixture(chance) for _ in range(MIXTURES)]
    with serving() as other:
        attack_by(other, texts, 16)
        nothing_acts(other, attacked(other, texts, tmp_path / "home"), HUGE)


BOMB: Final = 1_800_000
"""Bytes of JSON of a text; a document may have 2 MiB."""
BOMBS: Final = (
    "x",
    "word ",
    "\n",
    "\u0301",
    "家",
    "\x1b[2J",
    "\u202e",
    "👩‍",
    "a\u202e\x1b[2J家👩‍👧 ",
)
MOST_MIB: Final = 900


def filled(unit: str) -> str:
    return unit * (BOMB // (len(json.dumps(unit)) - 2))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_documents_as_large_as_may_be_are_read_in_bounded_memory(tmp_path: Path) -> None:
    with serving() as other:
        for number, unit in enumerate(BOMBS):
            other.case(f"c_{number}", request={"narrative": filled(unit)}, title="a text")
        other.case("many_1", title=filled("T"), tags=["tag"])
        other.case("many_2", tags=[f"t{number}" for number in range(100_000)])
        other.case("many_3", messages=[{"id": f"m{n}", "body": "b"} for n in range(30_000)])
        shell = Shell(tmp_path / "home")
        assert shell.connect(other.url, TOKEN).json()["pulled"] == len(BOMBS) + 3
        for screen in console(shell.home, WIDE):
            for _ in range(len(BOMBS) + 3):
                screen.press(ENTER, PAGE_DOWN, "G", "/", "z", "z", ENTER, ESCAPE, "q", "j")
            assert most_memory(screen.process.pid) < MOST_MIB
            screen.type(QUIT)
            assert screen.end() == 0
            assert oracle(bytes(screen.sent)) == []


def most_memory(process: int) -> int:
    """Return the MiB that a process used at its worst."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    (worst,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(worst) // 1024


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
