"""Textual's inner ways that the armor relies on are as they were, and nothing gets past it."""

import re
import subprocess
import sys
import textwrap

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from local_cache.hostile import visible
from tests.hostile import CORPUS, hidden
from widgets import armor

PLANTED = [
    "\x1b]52;c;AAAA\x07",
    "\x9b2J",
    "\x9d0;x\x9c",
    "\x1b[2J",
    "\u202egpj.exe",
    "\x7f",
    "\ud800",
]
ALLOWED = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def armored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the armor on for one test, whatever others did."""
    for name in ("render", "render_style"):
        monkeypatch.setattr(Strip, name, vars(Strip)[name])
    monkeypatch.setattr(Strip, "armored_by_nightdesk", True, raising=False)
    monkeypatch.delattr(Strip, "armored_by_nightdesk")
    armor.install()


def rendered(text: str, style: Style | None) -> str:
    console = Console(force_terminal=True, color_system="truecolor")
    return Strip([Segment("a", style), Segment(text, style)]).render(console)


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("style", [None, Style(), Style(bold=True, color="red")])
def test_a_planted_control_does_not_get_through(planted: str, style: Style | None) -> None:
    inner = ALLOWED.sub("", rendered(planted, style))
    assert "�" in inner
    assert armor.harmless(inner) == inner


def test_what_hides_does_not_get_through_either() -> None:
    every = map(chr, range(0x110000))
    assert [one for one in every if any(hidden(one)) and armor.harmless(one) == one] == []


def test_what_was_made_visible_passes() -> None:
    shown = visible("".join(CORPUS))
    assert armor.harmless(shown) == shown


def test_links_are_dropped_and_their_text_stays() -> None:
    shown = rendered("attachment", Style(link="https://planted.example/\x1b]0;x\x07", bold=True))
    assert "]8;" not in shown
    assert "planted" not in shown
    assert "attachment" in shown


@pytest.mark.parametrize("text", ["plain", "नमस्ते", "👩‍👩‍👧 ☺️", "می‌خواهم", "שלום", "家"])
def test_what_people_write_stays(text: str) -> None:
    assert text in rendered(text, Style(bold=True))


def test_it_refuses_another_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Strip, "armored_by_nightdesk")
    monkeypatch.setattr(armor, "TEXTUAL", "9.0.0")
    with pytest.raises(armor.ArmorBroken, match=r"Textual is 8\.2\.8, .* was made for 9\.0\.0"):
        armor.install()
    assert not armor.installed()


def test_it_refuses_a_changed_surface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Strip, "armored_by_nightdesk")
    monkeypatch.setattr(Strip, "render_style", lambda text: text)
    with pytest.raises(armor.ArmorBroken, match="render_style changed"):
        armor.install()


def test_it_refuses_where_the_proof_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(armor, "harmless", lambda text: text)
    with pytest.raises(armor.ArmorBroken, match="got through"):
        armor._prove()


APP = """
    import sys
    from textual.app import App
    from textual.widgets import Static
    from textual.content import Content
    from widgets import armor
    if "armored" in sys.argv:
        armor.install()
    class A(App):
        ENABLE_COMMAND_PALETTE = False
        def compose(self):
            yield Static(Content("start \\x1b]0;PLANTED\\x07 \\x9b2J \\u202ereversed end"))
        def on_mount(self):
            self.call_after_refresh(self.set_timer, 0.05, self.exit)
    A().run(mouse=False)
"""


@pytest.mark.parametrize("armored", [True, False])
def test_nothing_planted_reaches_a_terminal(armored: bool) -> None:
    """In a process of its own, on a pty; unarmored it does get through, or this proves nothing."""
    command = [sys.executable, "-c", textwrap.dedent(APP), *(["armored"] if armored else [])]
    output = on_a_pty(command)
    assert b"start" in output
    got_through = b"\x1b]0;PLANTED" in output or "\u202e".encode() in output
    assert got_through is not armored
    assert "�".encode() in output or not armored


def on_a_pty(command: list[str]) -> bytes:
    import os
    import pty

    main, other = pty.openpty()
    with subprocess.Popen(command, stdin=other, stdout=other, stderr=other) as process:
        os.close(other)
        output = bytearray()
        while True:
            try:
                read = os.read(main, 65536)
            except OSError:  # on Linux: the other side was closed
                break
            if not read:
                break
            output += read
        process.wait(timeout=20)
    os.close(main)
    return bytes(output)
