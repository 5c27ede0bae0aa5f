"""What terminals send for a key is read as that key, whichever way they write it."""

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from console.keyboard import READS
from keymaps.chord import from_event
from widgets import key_bytes

key_bytes.install(READS)


def keys(data: str) -> list[tuple[str, str | None]]:
    parser = XTermParser()
    sent = [*parser.feed(data), *parser.feed("")]
    return [(each.key, each.character) for each in sent if isinstance(each, events.Key)]


@pytest.mark.parametrize(
    ("data", "key", "character"),
    [
        ("\x1bf", "alt+f", None),
        ("\x1bF", "alt+shift+f", None),
        ("\x1b<", "alt+less_than_sign", None),
        ("\x1b1", "alt+1", None),
        ("\x1b\x7f", "alt+backspace", None),
        ("\x1b\x18", "alt+ctrl+x", None),
        ("\x1b\x1f", "alt+ctrl+underscore", None),
        ("\x1b[1;3A", "alt+up", None),
        ("\x1b[1;5D", "ctrl+left", None),
        ("\x1b[3;5~", "ctrl+delete", None),
        ("\x1b[102;5u", "ctrl+f", None),
        ("\x1b[102;3u", "alt+f", None),
        ("\x1b[102;7u", "alt+ctrl+f", None),
        ("\x1b[97;6u", "ctrl+shift+a", None),
        ("\x1b[97;2u", "A", "A"),
        ("\x1b[97:65;2u", "A", "A"),
        ("\x1b[47;2u", "question_mark", "?"),
        ("\x1b[228;1;228u", "ä", "ä"),
        ("\x1b[44;4u", "alt+less_than_sign", None),
        ("\x1b[45;6u", "ctrl+underscore", None),
        ("\x1b[1094::119;5u", "ctrl+w", None),
        ("\x1b[27u", "escape", None),
        ("\x1b[13;5u", "ctrl+enter", None),
        ("\x1b[9;2u", "shift+tab", None),
        ("\x1b[32u", "space", " "),
        ("\x1b[97;65u", "a", "a"),
        ("\x1b[57401u", "2", "2"),
        ("\x1b[57420u", "down", None),
        ("\x1b[27;5;102~", "ctrl+f", None),
        ("\x1b[27;3;120~", "alt+x", None),
        ("\x1b[27;4;60~", "alt+less_than_sign", None),
        ("\x1b[97;5:2u", "ctrl+a", None),
    ],
)
def test_a_key_is_read(data: str, key: str, character: str | None) -> None:
    assert keys(data) == [(key, character)]


@pytest.mark.parametrize(
    "data",
    [
        "\x1b[97;5:3u",  # let go
        "\x1b[57441;2u",  # a shift key by itself
        "\x1b[99~",  # a function key that nobody names
        "\x1b[?62;22c",  # what the terminal is
        "\x1b[?1u",
        "\x1bO5k",
        "\x1b[99999999;5u",
    ],
)
def test_what_is_no_key_types_nothing(data: str) -> None:
    assert keys(data + "j") == [("j", "j")]


@pytest.mark.parametrize(
    ("data", "key"),
    [("j", "j"), ("\x01", "ctrl+a"), ("\x1b[A", "up"), ("\x1bOP", "f1"), ("\x1b[Z", "shift+tab")],
)
def test_what_textual_reads_rightly_stays(data: str, key: str) -> None:
    assert keys(data)[0][0] == key


def test_both_writings_are_one_chord() -> None:
    for plain, kitty in (("\x08", "\x1b[104;5u"), ("\t", "\x1b[105;5u"), ("\x1f", "\x1b[47;5u")):
        assert from_event(keys(plain)[0][0]) == from_event(keys(kitty)[0][0])
