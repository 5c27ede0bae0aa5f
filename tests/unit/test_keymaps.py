"""The keys that a person presses run the commands that their keymap says."""

from pathlib import Path

import pytest

from keymaps.checks import check
from keymaps.chord import BadKey, from_event, name_of_character, parse_sequence, show_sequence
from keymaps.editing import inheriting
from keymaps.engine import Engine, Match, Miss, Pending
from keymaps.keymap import Keymap
from keymaps.loader import KeymapError, builtin

DESK = ("desk", "move", "global")


def keymap(tmp_path: Path, text: str) -> Keymap:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return Keymap.load([path])


@pytest.fixture
def desk() -> Engine:
    return Engine(Keymap.load([builtin("desk")]))


@pytest.mark.parametrize(
    ("written", "sequence", "shown"),
    [
        ("j", ("j",), "j"),
        ("G", ("G",), "G"),
        ("?", ("question_mark",), "?"),
        ("question_mark", ("question_mark",), "?"),
        ("space", ("space",), "space"),
        ("g o", ("g", "o"), "g o"),
        ("ctrl+x ctrl+s", ("ctrl+x", "ctrl+s"), "ctrl+x ctrl+s"),
        ("Ctrl+PgDn", ("ctrl+pagedown",), "ctrl+pagedown"),
        ("shift+ctrl+left", ("ctrl+shift+left",), "ctrl+shift+left"),
        ("alt+x", ("escape", "x"), "alt+x"),
        ("escape x", ("escape", "x"), "alt+x"),
        ("alt+<", ("escape", "less_than_sign"), "alt+<"),
        ("alt+up", ("alt+up",), "alt+up"),
        ("+", ("plus",), "+"),
        ("ctrl++", ("ctrl+plus",), "ctrl++"),
        ("-", ("minus",), "-"),
        ("é", ("é",), "é"),
        ("esc", ("escape",), "escape"),
    ],
)
def test_keys_are_read_as_people_write_them(
    written: str, sequence: tuple[str, ...], shown: str
) -> None:
    assert parse_sequence(written) == sequence
    assert show_sequence(sequence) == shown


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("shift+g", "write `G`"),
        ("shift+1", "the character it types"),
        ("ctrl+G", "knows no capitals"),
        ("hyper+x", "no modifier"),
        ("pagedwn", "did you mean `pagedown`"),
        ("go", "spaces"),
        ("ctrl+", "empty|no key|not a key"),
        ("", "<disabled>"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_what_to_write(written: str, advice: str) -> None:
    with pytest.raises(BadKey, match=advice):
        parse_sequence(written)


def test_characters_are_named_as_textual_names_them() -> None:
    from textual.keys import _character_to_key

    for character in (chr(code) for code in range(0x20, 0x3000) if chr(code).isprintable()):
        assert name_of_character(character) == _character_to_key(character)


def test_presses_of_other_names_are_the_same_chord() -> None:
    assert from_event("ctrl+@") == "ctrl+space"
    assert from_event("shift+g") == "G"
    assert from_event("ctrl+i") == "tab"
    assert from_event("ctrl+h") == "backspace"
    assert from_event("shift+tab") == "shift+tab"


def test_a_single_key_runs_its_command(desk: Engine) -> None:
    assert desk.press("c", DESK, typing=False) == Match("case.claim", None, "c")
    assert desk.press("question_mark", DESK, typing=False) == Match("help", None, "?")


def test_a_prefix_waits_and_offers_what_may_follow_from_all_contexts(tmp_path: Path) -> None:
    text = (
        '[desk]\n"case.close" = ["g x"]\n"case.note" = ["g a b"]\n[move]\n"nav.top" = ["g g"]\n'
        '[global]\n"go.outbox" = ["g o"]\n"go.desk" = ["g x"]\n"help" = ["?"]'
    )
    engine = Engine(keymap(tmp_path, text))
    pressed = engine.press("g", DESK, typing=False)
    assert isinstance(pressed, Pending)
    assert pressed.prefix == "g"
    assert dict(pressed.continuations) == {
        "x": "case.close",
        "a": "…",
        "g": "nav.top",
        "o": "go.outbox",
    }
    assert engine.pending == "g"
    assert engine.press("o", DESK, typing=False) == Match("go.outbox", None, "g o")
    assert engine.pending == ""


def test_a_prefix_offers_only_what_the_contexts_know(desk: Engine) -> None:
    pressed = desk.press("g", ("outbox", "global"), typing=False)
    assert isinstance(pressed, Pending)
    assert "x" not in dict(pressed.continuations)


@pytest.mark.parametrize("key", ["escape", "ctrl+g"])
def test_a_prefix_is_left_by_escape_and_the_key_goes_nowhere_else(desk: Engine, key: str) -> None:
    outbox = ("outbox", "move", "global")
    desk.press("g", outbox, typing=False)
    assert desk.press(key, outbox, typing=False) == Miss("g", consumed=True, cancelled=True)
    assert desk.pending == ""
    missed = desk.press(key, outbox, typing=False)
    assert isinstance(missed, Miss)
    assert not missed.consumed


def test_a_wrong_key_after_a_prefix_is_named_and_runs_nothing(desk: Engine) -> None:
    desk.press("g", DESK, typing=False)
    assert desk.press("c", DESK, typing=False) == Miss("g c", consumed=True)
    assert desk.press("c", DESK, typing=False) == Match("case.claim", None, "c")


def test_counts(desk: Engine) -> None:
    assert desk.press("1", DESK, typing=False) == Pending("1", ())
    assert desk.press("0", DESK, typing=False) == Pending("10", ())
    assert desk.press("j", DESK, typing=False) == Match("nav.down", 10, "10 j")
    assert desk.press("j", DESK, typing=False) == Match("nav.down", None, "j")
    assert desk.press("0", DESK, typing=False) == Miss("0", consumed=False)
    desk.press("3", DESK, typing=False)
    desk.press("g", DESK, typing=False)
    assert desk.pending == "3 g"
    assert desk.press("g", DESK, typing=False) == Match("nav.top", 3, "3 g g")


def test_a_key_of_the_keymap_begins_a_count_where_no_text_is_typed() -> None:
    emacs = Engine(Keymap.load([builtin("emacs")]))
    assert emacs.press("ctrl+u", DESK, typing=False) == Pending("4", ())
    assert emacs.press("n", DESK, typing=False) == Match("nav.down", 4, "4 n")
    emacs.press("ctrl+u", DESK, typing=False)
    assert emacs.press("ctrl+u", DESK, typing=False) == Pending("16", ())
    assert emacs.press("1", DESK, typing=False) == Pending("1", ())
    assert emacs.press("2", DESK, typing=False) == Pending("12", ())
    assert emacs.press("n", DESK, typing=False) == Match("nav.down", 12, "12 n")
    assert emacs.press("n", DESK, typing=False) == Match("nav.down", None, "n")
    for _ in range(20):
        emacs.press("ctrl+u", DESK, typing=False)
    assert emacs.pending == "9999"
    left = Miss("9999", consumed=True, cancelled=True)
    assert emacs.press("ctrl+g", DESK, typing=False) == left
    assert emacs.press("ctrl+g", DESK, typing=False) == Match("back", None, "ctrl+g")
    text = ("text", "form", "global")
    assert emacs.press("ctrl+u", text, typing=True) == Match("edit.delete_to_start", None, "ctrl+u")


@pytest.mark.parametrize("written", ["5", '"g g"', '"nonsense"', "[]"])
def test_a_key_for_counts_that_is_none_is_named(tmp_path: Path, written: str) -> None:
    with pytest.raises(KeymapError, match=r"count: must be one key in quotes"):
        keymap(tmp_path, f"count = {written}")


def test_a_stuck_digit_makes_no_endless_count(desk: Engine) -> None:
    for _ in range(50):
        desk.press("9", DESK, typing=False)
    assert desk.press("j", DESK, typing=False) == Match("nav.down", 9999, "9999 j")


def test_counts_can_be_left_to_the_widget(desk: Engine) -> None:
    assert desk.press("3", DESK, typing=False, counts=False) == Miss("3", consumed=False)


@pytest.mark.parametrize("key", ["j", "space", "1", "g", "x", "?", "enter", "alt+shift+left"])
def test_typing_goes_to_the_text(desk: Engine, key: str) -> None:
    missed = desk.press(key, ("text", "form", "move", "desk", "global"), typing=True)
    assert isinstance(missed, Miss)
    assert not missed.consumed


@pytest.mark.parametrize(
    ("key", "command"),
    [("left", "edit.left"), ("backspace", "edit.delete_left"), ("ctrl+w", "edit.cut")],
)
def test_what_edits_is_a_command_of_the_text(desk: Engine, key: str, command: str) -> None:
    contexts = ("text", "form", "move", "global")
    assert desk.press(key, contexts, typing=True) == Match(command, None, key)
    assert desk.press(key, contexts[1:], typing=True).__class__ is Miss


def test_every_context_of_text_has_its_keys(desk: Engine) -> None:
    contexts = ("prompt", "text")
    assert desk.press("enter", contexts, typing=True) == Match("prompt.accept", None, "enter")
    assert desk.press("left", contexts, typing=True) == Match("edit.left", None, "left")
    assert desk.press("up", contexts, typing=True) == Match("prompt.older", None, "up")


def test_escape_leaves_at_once_where_it_does_and_alt_is_still_alt(desk: Engine) -> None:
    contexts = ("text", "form", "global")
    assert desk.press("escape", contexts, typing=True) == Match("form.cancel", None, "escape")
    assert desk.press("alt+d", contexts, typing=True) == Match(
        "edit.delete_word_right", None, "alt+d"
    )
    assert desk.pending == ""


def test_keys_that_type_nothing_still_work_where_text_is_entered(desk: Engine) -> None:
    contexts = ("text", "form", "global")
    assert desk.press("ctrl+s", contexts, typing=True) == Match("form.submit", None, "ctrl+s")
    assert desk.press("escape", contexts, typing=True) == Match("form.cancel", None, "escape")
    assert desk.press("tab", contexts, typing=True) == Match("form.next", None, "tab")


def test_a_printable_key_bound_in_the_text_context_works_there(tmp_path: Path) -> None:
    engine = Engine(keymap(tmp_path, '[text]\n"form.next" = ["§"]\n[global]\n"help" = ["?"]'))
    assert engine.press("section_sign", ("text", "global"), typing=True) == Match(
        "form.next", None, "§"
    )


def test_the_most_specific_context_decides(tmp_path: Path) -> None:
    engine = Engine(keymap(tmp_path, '[case]\n"case.search" = ["g"]\n[global]\n"help" = ["g o"]'))
    assert engine.press("g", ("case", "global"), typing=False) == Match("case.search", None, "g")
    assert isinstance(engine.press("g", ("global",), typing=False), Pending)


class TestEscapeAsAPrefix:
    """As the emacs keymap has it: a plain terminal sends escape for alt."""

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        text = '[global]\n"help" = ["alt+x"]\n"undo" = ["ctrl+x u"]\n"back" = ["escape X"]'
        return Engine(keymap(tmp_path, text))

    def test_both_ways_to_press_it(self, engine: Engine) -> None:
        assert engine.press("alt+x", ("global",), typing=False) == Match("help", None, "alt+x")
        assert isinstance(engine.press("escape", ("global",), typing=True), Pending)
        assert engine.press("x", ("global",), typing=True) == Match("help", None, "alt+x")

    def test_alt_and_a_capital(self, engine: Engine) -> None:
        pressed = engine.press("alt+shift+x", ("global",), typing=False)
        assert pressed == Match("back", None, "alt+X")

    def test_a_wrong_alt_key_leaves_nothing_pending(self, engine: Engine) -> None:
        assert engine.press("alt+q", ("global",), typing=False) == Miss("alt+q", consumed=True)
        assert engine.pending == ""

    def test_ctrl_g_leaves_escape(self, engine: Engine) -> None:
        engine.press("escape", ("global",), typing=False)
        pressed = engine.press("ctrl+g", ("global",), typing=False)
        assert pressed == Miss("escape", consumed=True, cancelled=True)

    def test_a_prefix_that_types_nothing_takes_its_next_key_from_the_text(
        self, engine: Engine
    ) -> None:
        engine.press("ctrl+x", ("text", "global"), typing=True)
        pressed = engine.press("u", ("text", "global"), typing=True)
        assert pressed == Match("undo", None, "ctrl+x u")


def test_alt_is_no_verb_where_escape_is_no_prefix(desk: Engine) -> None:
    missed = desk.press("alt+c", DESK, typing=False)
    assert isinstance(missed, Miss)
    assert missed.keys == "alt+c"
    assert desk.pending == ""


class TestLayouts:
    """A key of a keyboard that is not Latin is the Latin one in its place, but where one types."""

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        text = (
            'layout = "ru"\n[move]\n"nav.down" = ["j"]\n"nav.bottom" = ["G"]\n[desk]\n'
            '"case.next" = ["]"]\n"case.close" = ["g x"]\n"form.submit" = ["ctrl+x s"]'
        )
        return Engine(keymap(tmp_path, text))

    @pytest.mark.parametrize(
        ("keys", "command"),
        [("о", "nav.down"), ("П", "nav.bottom"), ("ъ", "case.next"), ("пч", "case.close")],
    )
    def test_the_key_is_meant(self, engine: Engine, keys: str, command: str) -> None:
        *before, last = keys
        for key in before:
            assert isinstance(engine.press(key, DESK, typing=False), Pending)
        pressed = engine.press(last, DESK, typing=False)
        assert isinstance(pressed, Match)
        assert pressed.command == command

    def test_what_is_typed_stays_what_it_is(self, engine: Engine) -> None:
        assert engine.press("о", ("text", *DESK), typing=True) == Miss("о", consumed=False)
        engine.press("ctrl+ч", ("text", *DESK), typing=True)
        pressed = engine.press("ы", ("text", *DESK), typing=True)
        assert pressed == Match("form.submit", None, "ctrl+x s")

    def test_a_layout_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(KeymapError, match=r"layout: .*there are: el, he, ru, uk"):
            keymap(tmp_path, 'layout = "rus"')


class TestFiles:
    def test_a_persons_file_over_the_default(self, tmp_path: Path) -> None:
        mine = tmp_path / "keys.toml"
        mine.write_text('[desk]\n"case.note" = ["c", "o"]\n"case.move" = "<disabled>"')
        both = Keymap.load([builtin("desk"), mine])
        assert both.keys_of("case.note") == ["c", "o"]
        assert both.keys_of("case.claim") == []
        assert both.keys_of("case.move") == []
        assert both.keys_of("case.verify") == ["v"]

    def test_inherits(self, tmp_path: Path) -> None:
        (tmp_path / "team.toml").write_text('inherits = "desk"\n[desk]\n"case.claim" = ["Y"]')
        mine = tmp_path / "mine.toml"
        mine.write_text('inherits = "team"\n[desk]\n"case.release" = ["ctrl+y"]')
        loaded = Keymap.load([mine])
        assert loaded.keys_of("case.claim") == ["Y"]
        assert loaded.keys_of("case.release") == ["ctrl+y"]
        assert loaded.keys_of("help") == ["?", "f1"]

    def test_inheriting_in_a_circle(self, tmp_path: Path) -> None:
        (tmp_path / "a.toml").write_text('inherits = "b"')
        (tmp_path / "b.toml").write_text('inherits = "a"')
        with pytest.raises(KeymapError, match=r"a.toml -> b.toml -> a.toml"):
            Keymap.load([tmp_path / "a.toml"])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('[dsk]\n"help" = ["x"]', r"mine.toml: \[dsk\]: .* did you mean `desk`"),
            ('[desk]\n"case.clam" = ["x"]', r"\[desk\] case.clam: .* did you mean `case.claim`"),
            ('[desk]\n"case.claim" = ["shift+c"]', r"\[desk\] case.claim: .*write `C`"),
            ('[desk]\n"case.claim" = [3]', r"\[desk\] case.claim: keys are text in quotes"),
            ("[desk]\ncase.claim = ['c']", r"\[desk\] case: write the command in quotes"),
            ('inherits = "dsk"', r"inherits: there is no keymap `dsk`; did you mean `desk`"),
            ("inherits = 3", "inherits: must be the name"),
            ("help = 3", "help: unknown setting"),
            ("[desk", "mine.toml: is not TOML: "),
        ],
    )
    def test_mistakes_are_named_with_file_and_key(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        mine = tmp_path / "mine.toml"
        mine.write_text(text)
        with pytest.raises(KeymapError, match=message):
            Keymap.load([mine], commands={"case.claim", "help", "case"})

    def test_all_mistakes_at_once(self, tmp_path: Path) -> None:
        mine = tmp_path / "mine.toml"
        mine.write_text('[nowhere]\n[desk]\n"case.claim" = ["shift+c", "go"]')
        with pytest.raises(KeymapError) as raised:
            Keymap.load([mine, tmp_path / "missing.toml"])
        assert len(raised.value.problems) == 4

    def test_keys_for_a_footer(self) -> None:
        loaded = Keymap.load([builtin("desk")])
        assert loaded.keys_of("form.next", "form") == ["tab", "enter"]
        assert loaded.keys_of("form.next", "desk") == []
        assert ("g x", "case.close") in loaded.in_context("desk")

    def test_what_keys_do_and_where(self) -> None:
        loaded = Keymap.load([builtin("desk")])
        found = {(each.context, each.command) for each in loaded.begun_by("/")}
        assert found >= {("desk", "queue.filter"), ("case", "case.search")}
        assert "text.reveal" in {each.command for each in loaded.begun_by("x")}
        with pytest.raises(BadKey):
            loaded.begun_by("shift+g")


class TestChecks:
    def found(self, tmp_path: Path, text: str, *commands: str) -> dict[str, str]:
        needed = dict.fromkeys(commands, ("desk",))
        return {each.kind: each.text for each in check(keymap(tmp_path, text), needed)}

    def test_duplicate(self, tmp_path: Path) -> None:
        text = '[desk]\n"case.claim" = ["c"]\n"case.note" = ["c"]'
        assert "case.claim already has" in self.found(tmp_path, text)["duplicate"]

    def test_shadowed_prefix(self, tmp_path: Path) -> None:
        text = '[desk]\n"case.claim" = ["g"]\n"case.note" = ["g x"]'
        assert "case.note: can never be reached" in self.found(tmp_path, text)["shadowed"]

    def test_shadowed_from_a_context_in_front(self, tmp_path: Path) -> None:
        text = '[desk]\n"case.claim" = ["g"]\n[global]\n"go.outbox" = ["g o"]'
        assert "cannot be reached in [desk]" in self.found(tmp_path, text)["shadowed"]

    @pytest.mark.parametrize(
        ("written", "advice"),
        [
            ("ctrl+h", "`backspace`"),
            ("ctrl+i", "`tab`"),
            ("ctrl+1", "no ctrl with it"),
            ("ctrl+;", "no ctrl with it"),
            ("ctrl+shift+up", ""),
            ("ctrl+space", ""),
            ("alt+f", ""),
            ("alt+<", ""),
            ("ctrl+alt+x", ""),
            ("alt+[", "begins other keys"),
            ("alt+O", "begins other keys"),
            ("escape f", ""),
            ("f13", "f12"),
            ("shift+enter", "`enter`"),
        ],
    )
    def test_what_a_plain_terminal_cannot_send(
        self, tmp_path: Path, written: str, advice: str
    ) -> None:
        found = self.found(tmp_path, f'[desk]\n"case.claim" = ["{written}"]')
        assert ("unreachable" in found) == bool(advice)
        assert advice in found.get("unreachable", "")

    def test_hidden_behind_a_prefix_of_a_context_in_front(self, tmp_path: Path) -> None:
        text = '[desk]\n"case.claim" = ["g c"]\n[global]\n"back" = ["g"]'
        assert "in [desk], where more keys may follow" in self.found(tmp_path, text)["shadowed"]
        assert self.found(tmp_path, text + '\n"help" = ["?"]\n[move]\n"back" = ["x"]') == {}

    def test_keyless(self, tmp_path: Path) -> None:
        assert self.found(tmp_path, "[desk]", "case.claim")["keyless"] == "case.claim has no key"

    def test_keyless_in_one_of_its_contexts(self, tmp_path: Path) -> None:
        loaded = keymap(tmp_path, '[desk]\n"queue.filter" = ["/"]\n[case]\n"case.search" = ["/"]')
        stacks = [("desk", "global"), ("case", "desk", "global")]
        (finding,) = check(loaded, {"queue.filter": ("desk", "case")}, stacks)
        assert finding.text == "queue.filter has no key in [case]"
        assert finding.error

    def test_a_key_that_was_taken_away_on_purpose_is_no_fault(self, tmp_path: Path) -> None:
        loaded = keymap(tmp_path, '[desk]\n"case.move" = "<disabled>"')
        (finding,) = check(loaded, {"case.move": ("desk",)})
        assert (finding.kind, finding.error) == ("keyless", False)

    def test_what_is_pressed_where_text_is_typed_runs_nothing_behind_it(
        self, tmp_path: Path
    ) -> None:
        loaded = keymap(tmp_path, '[form]\n"form.submit" = ["w", "enter"]')
        (finding,) = check(loaded, {"form.submit": ("form",)}, [("text", "form", "global")])
        assert finding.text == "form.submit has no key"

    def test_typing(self, tmp_path: Path) -> None:
        found = self.found(tmp_path, '[text]\n"form.next" = ["n"]')
        assert "fires while text is typed" in found["typing"]
        assert "begins a count" in self.found(tmp_path, '[desk]\n"case.note" = ["5"]')["typing"]

    def test_taken_by_others(self, tmp_path: Path) -> None:
        loaded = keymap(tmp_path, '[desk]\n"case.note" = ["ctrl+b"]')
        (finding,) = check(loaded)
        assert not finding.error
        assert "tmux" in finding.text
        beside = keymap(tmp_path, '[desk]\n"case.note" = ["ctrl+b", "b"]')
        assert check(beside) == []


class TestChoosing:
    """The one line of a person's file that names the keymap below it."""

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", 'inherits = "vim"\n'),
            ('inherits = "desk"\n', 'inherits = "vim"\n'),
            ("# mine\ninherits='emacs' # so far\n", '# mine\ninherits = "vim" # so far\n'),
            (
                '# mine\n\n[desk]  # here\n"case.claim" = ["Y"]',
                '# mine\ninherits = "vim"\n\n[desk]  # here\n"case.claim" = ["Y"]\n',
            ),
            (
                '[desk]\n"a.b" = ["inherits"]\n',
                'inherits = "vim"\n\n[desk]\n"a.b" = ["inherits"]\n',
            ),
            ("# no line end", '# no line end\ninherits = "vim"\n'),
        ],
    )
    def test_everything_else_in_the_file_stays(self, before: str, after: str) -> None:
        assert inheriting(before, "vim") == after
        assert inheriting(after, "vim") == after

    @pytest.mark.parametrize("text", ["[desk", 'inherits = """\ndesk"""\n', "inherits = 3 # [\n"])
    def test_what_cannot_be_changed_line_by_line_is_left_alone(self, text: str) -> None:
        with pytest.raises(KeymapError, match=r"not TOML|by hand"):
            inheriting(text, "vim")

    def test_a_file_that_inherits_nothing_lies_over_the_default(self, tmp_path: Path) -> None:
        mine = tmp_path / "keys.toml"
        mine.write_text('[desk]\n"case.claim" = ["Y"]')
        assert Keymap.load([mine], under="desk").keys_of("nav.down") == ["j", "down"]

    def test_what_is_inherited_takes_the_place_of_the_default(self, tmp_path: Path) -> None:
        mine = tmp_path / "keys.toml"
        mine.write_text('inherits = "emacs"\n[desk]\n"case.claim" = ["Y"]')
        mine_over_emacs = Keymap.load([mine], under="desk")
        assert mine_over_emacs.keys_of("case.claim") == ["Y"]
        assert mine_over_emacs.begun_by("k") == []
