"""However the console ends, the terminal is whole, and nothing of a case is left on it."""

import os
import signal
import sys
import textwrap
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.desk.shell import PASSPHRASE, Shell
from tests.hostile import CANARY
from tests.hostile_server import TOKEN, HostileServer, serving
from tests.pty.terminal import Terminal, environment, nightdesk, terminal

QUIT, INTERRUPT, SUSPEND, BACKSLASH = "\x11", "\x03", "\x1a", "\x1c"

# The real console; only its screen breaks, in a place where a case is in the locals.
BREAKS = """
    import sys
    from console import app
    from console.profiles.credentials import Credentials
    from console.screens.desk import DeskScreen

    def breaks(self, count):
        told = self.view.case.title.raw + self.view.case.request.narrative.raw
        token = "CANARY-7f3a token"
        raise RuntimeError(f"a message with {told} and {token}")

    async def in_a_worker(self):
        breaks(self, None)

    def in_painting(self, count):
        self._pane.render_line = lambda y: breaks(self, y)
        self._pane.refresh()

    DeskScreen.do_nav_bottom = breaks
    DeskScreen.do_nav_top = lambda self, count: self.later(in_a_worker(self))
    DeskScreen.do_nav_half_down = in_painting
    sys.exit(app.run_console(Credentials()))
"""


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title=f"{CANARY} title", request={"narrative": f"{CANARY} narrative"})
        yield other


@pytest.fixture(scope="module")
def home(server: HostileServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    shell = Shell(tmp_path_factory.mktemp("terminal") / "home")
    assert shell.connect(server.url, TOKEN).json()["online"]
    return shell.home


@pytest.fixture
def start(home: Path) -> Generator[Callable[..., Terminal]]:
    started: list[Terminal] = []

    def begin(*command: str) -> Terminal:
        screen = Terminal(
            *(command or nightdesk()), columns=120, lines=30,
            environment=environment(home, PASSPHRASE),
        )  # fmt: skip
        started.append(screen)
        screen.until_shown("● online")
        screen.until_shown(f"{CANARY} narrative")
        return screen

    yield begin
    for screen in started:
        screen.close()


def files_of(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_leaving_by_hand(start: Callable[..., Terminal]) -> None:
    screen = start()
    screen.type(QUIT)
    assert screen.end() == 0
    assert screen.left_whole() == []
    assert CANARY not in screen.after_screen()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_in_order(start: Callable[..., Terminal], number: int) -> None:
    screen = start()
    screen.signal(number)
    assert screen.end() == 0
    assert screen.left_whole() == []
    assert "Traceback" not in screen.after_screen()
    assert CANARY not in screen.after_screen()


def test_a_terminal_that_goes_away_ends_it(start: Callable[..., Terminal]) -> None:
    screen = start()
    screen.hang_up()
    screen.process.wait(20)  # whatever it says: there is nobody to hear it


@pytest.mark.parametrize("key", ["G", "gg", "\x04"], ids=["in a key", "in a worker", "in painting"])
def test_a_crash_says_nothing_of_the_case(
    start: Callable[..., Terminal], home: Path, key: str
) -> None:
    screen = start(sys.executable, "-c", textwrap.dedent(BREAKS))
    screen.type(key)
    assert screen.end() == 1
    assert screen.left_whole() == []
    said = screen.after_screen()
    assert "A defect in Nightdesk: RuntimeError" in said
    assert "Everything that was shown as recorded is kept." in said
    for secret in (CANARY, "Traceback", "narrative", TOKEN, PASSPHRASE, "self.view"):
        assert secret not in said
    assert CANARY.encode() not in files_of(home)


@pytest.mark.parametrize("key", [INTERRUPT, SUSPEND, BACKSLASH])
def test_keys_that_end_other_programs_end_nothing(start: Callable[..., Terminal], key: str) -> None:
    screen = start()
    screen.type(key)
    screen.until_shown("To quit: ctrl+q")
    assert screen.process.poll() is None
    screen.press("j")
    screen.type(QUIT)
    assert screen.end() == 0
    assert screen.left_whole() == []


def test_it_comes_back_sealed_after_being_stopped(start: Callable[..., Terminal]) -> None:
    screen = start()
    screen.signal(signal.SIGTSTP)
    screen.until(lambda: b"\x1b[?1049l" in screen.sent, "the screen given back")
    _, status = os.waitpid(screen.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert screen.left_whole() == []
    before = len(screen.sent)
    screen.signal(signal.SIGCONT)
    screen.until(lambda: b"\x1b[?1049h" in screen.sent[before:], "the screen taken again")
    screen.until(lambda: screen.keys_go_through, "the keyboard taken again")
    screen.until_shown("Nightdesk is sealed")
    assert b"narrative" not in screen.sent[before:]
    screen.type(PASSPHRASE + "\r")
    screen.until_shown(f"{CANARY} narrative")
    screen.type(QUIT)
    assert screen.end() == 0
    assert screen.left_whole() == []


def test_what_others_wrote_to_the_terminal_goes_when_it_is_painted_anew(
    start: Callable[..., Terminal],
) -> None:
    screen = start()
    screen.press("j", "k", "\t", "j")
    screen.written_by_others("\x1b[H" + "a message to all. " * 200)
    assert screen.shows("to all")
    screen.type("\x0c")
    screen.until(lambda: not screen.shows("to all"), "all painted anew")
    screen.until_shown(f"{CANARY} narrative")


def test_a_paste_is_no_command(start: Callable[..., Terminal], server: HostileServer) -> None:
    screen = start()
    screen.type("\x1b[200~c\x1b[201~")
    screen.until_shown("A paste is no command")
    assert server.applied == []


def test_another_token_is_taken_while_the_console_runs(
    start: Callable[..., Terminal], server: HostileServer, home: Path
) -> None:
    screen = start()
    server.token = "another"
    server.case("c_2", title="news")  # the feed is asked again
    screen.until_shown("TOKEN REFUSED")
    assert Shell(home).connect(server.url, "another").status == 0
    screen.until_shown("● online")
    server.token = TOKEN
    assert Shell(home).connect(server.url, TOKEN).status == 0
    screen.type(QUIT)
    assert screen.end() == 0


def test_without_a_terminal_it_says_so(home: Path) -> None:
    outcome = Shell(home)()
    assert outcome.status == 2
    assert "needs a terminal" in outcome.err


def test_it_is_the_passphrase_that_is_asked_for_not_shown(home: Path) -> None:
    surroundings = environment(home, PASSPHRASE)
    del surroundings["NIGHTDESK_PASSPHRASE"]
    with terminal(*nightdesk("outbox"), environment=surroundings) as screen:
        screen.until_shown("Passphrase:")
        screen.type(PASSPHRASE + "\n")
        assert screen.end() == 0
        assert PASSPHRASE.encode() not in screen.sent
        assert screen.left_whole() == []


def test_a_recovery_code_is_offered_once_and_opens_what_is_there(
    server: HostileServer, tmp_path: Path
) -> None:
    surroundings = environment(tmp_path, PASSPHRASE, NIGHTDESK_TOKEN=TOKEN)
    with terminal(*nightdesk("connect", server.url), environment=surroundings) as screen:
        screen.until_shown("Make a recovery code?")
        screen.type("y\n")
        assert screen.end() == 0
        (code,) = (line.strip() for line in screen.shown if line[:4] == "    " and line.strip())
    with terminal(*nightdesk("connect", server.url), environment=surroundings) as screen:
        assert screen.end() == 0, "asked again"
    shell = Shell(tmp_path)
    opened = shell(
        "recovery",
        "--use",
        NIGHTDESK_PASSPHRASE_FILE=None,
        NIGHTDESK_NEW_PASSPHRASE="another passphrase",
        NIGHTDESK_RECOVERY_CODE=code,
    )
    assert opened.status == 0, opened.err
    other = "another passphrase"
    assert shell("outbox", NIGHTDESK_PASSPHRASE_FILE=None, NIGHTDESK_PASSPHRASE=other).status == 0
