"""What holds for all keys and keymaps."""

from hypothesis import example, given
from hypothesis import strategies as st

from keymaps.chord import parse_sequence, show_sequence
from keymaps.engine import Engine, Match, Miss, Pending
from keymaps.keymap import Binding, Keymap

KEYS = st.sampled_from(["a", "g", "G", "question_mark", "ctrl+x", "f1", "tab", "escape"])
SEQUENCES = st.lists(KEYS, min_size=1, max_size=3).map(tuple)
TABLES = st.dictionaries(
    st.sampled_from(["pane", "screen", "global"]),
    st.dictionaries(SEQUENCES, st.sampled_from(["one", "two", "three"]), max_size=6),
)
STACK = ("pane", "screen", "global")
WRITTEN = st.one_of(
    st.characters(min_codepoint=0x21, max_codepoint=0x2FF, categories=("L", "N", "P", "S")),
    st.sampled_from(["space", "pageup", "ctrl+d", "alt+up", "ctrl+shift+left", "alt+x", "f12"]),
)


@given(st.lists(WRITTEN, min_size=1, max_size=4).map(" ".join))
def test_what_is_shown_reads_back_as_the_same_keys(written: str) -> None:
    sequence = parse_sequence(written)
    assert parse_sequence(show_sequence(sequence)) == sequence


def naive(
    tables: dict[str, dict[tuple[str, ...], str]], typed: tuple[str, ...]
) -> str | bool | None:
    """The command, True for a prefix, None for nothing: by looking through all bindings.

    `escape` alone does what it does anywhere at once, also where it begins something nearer.
    """
    if typed == ("escape",):
        for context in STACK:
            if typed in tables.get(context, {}):
                return tables[context][typed]
    for context in STACK:
        table = tables.get(context, {})
        if typed in table:
            return table[typed]
        if any(keys[: len(typed)] == typed for keys in table):
            return True
    return None


@given(TABLES, st.lists(KEYS, max_size=12))
@example({"pane": {("escape", "a"): "one"}, "screen": {("escape",): "two"}}, ["escape", "a"])
def test_the_trie_does_as_looking_through_all_bindings(
    tables: dict[str, dict[tuple[str, ...], str]], presses: list[str]
) -> None:
    keymap = Keymap(
        Binding(context, keys, command, show_sequence(keys), "test")
        for context, table in tables.items()
        for keys, command in table.items()
    )
    engine = Engine(keymap)
    typed: tuple[str, ...] = ()
    for press in presses:
        typed = (*typed, press)
        expected = naive(tables, typed)
        pressed = engine.press(press, STACK, typing=False)
        if expected is True:
            assert isinstance(pressed, Pending)
            assert pressed.continuations
            continue
        if expected is None:
            assert isinstance(pressed, Miss)
            assert pressed.consumed == (len(typed) > 1)
        else:
            assert pressed == Match(str(expected), None, show_sequence(typed))
        assert engine.pending == ""
        typed = ()


@given(st.lists(st.text(max_size=6), max_size=8), st.booleans())
def test_no_press_whatever_breaks_the_engine(presses: list[str], typing: bool) -> None:
    engine = Engine(Keymap([Binding("global", ("g", "o"), "go", "g o", "test")]))
    for press in presses:
        engine.press(press, ("global",), typing=typing)
