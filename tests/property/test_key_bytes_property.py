"""A letter that goes past Textual's parser is what the parser would have made of it."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from keymaps import encodings
from widgets import key_bytes

READS = key_bytes.Reads(encodings.sent, encodings.with_alt, encodings.no_key)
LETTERS = st.characters(codec="ascii", categories=("Lu", "Ll", "Nd")).map(str)
# Sequences, whole and in parts; pastes that begin in one read and end in another.
OTHERS = st.sampled_from(
    ["\x1b", "\x1b[", "[", "200~", "201~", "\x1b[200~", "\x1b[201~", "\x1b[A", "\x1bO", "\x1b[27;5",
     ";102~", "\x1b[102;5u", "ab", "é", "家", " ", "\r", "\x7f", "\x03", ":", "j\x1b", "\x1b\x1b"]
)  # fmt: skip


def told(messages: Iterable[Message]) -> list[tuple[object, ...]]:
    return [
        (each.key, each.character)
        if isinstance(each, events.Key)
        else (type(each), getattr(each, "text", None))
        for each in messages
    ]


@given(st.lists(LETTERS | OTHERS, min_size=1, max_size=12))
def test_what_is_read_is_what_the_parser_reads(reads: list[str]) -> None:
    key_bytes.install(READS)
    quick, slow = key_bytes.QuickParser(), XTermParser()
    for data in reads:
        assert told(quick.feed(data)) == told(slow.feed(data))


def test_letters_do_go_past_it() -> None:
    key_bytes.install(READS)
    parser = key_bytes.QuickParser()
    assert told(parser.feed("j")) == [("j", "j")]
    parser._gen.close()  # pyright: ignore[reportPrivateUsage]
    assert told(parser.feed("k")) == [("k", "k")]
