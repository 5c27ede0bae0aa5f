"""What a hand types, told from what a paste types: over every way in which keys can come."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from console.hands import APART, FEW, REST, Act, Burst, Stream, Typed, Verdict, judge

NAMES = "jkcdi/:x"
ACTS = {"j": Act.MOVES, "k": Act.MOVES, "c": Act.ACTS, "x": Act.ACTS}
NOT_TEXT = st.sampled_from(["enter", "escape", "tab", "ctrl+s"])
keys = st.lists(st.one_of(st.sampled_from(NAMES), NOT_TEXT), min_size=1, max_size=12)
Taken = list[tuple[str, Verdict]]


def typed(key: str) -> Typed:
    return Typed(key, types=len(key) == 1)


def act_of(key: str) -> Act:
    return ACTS.get(key, Act.OPENS)


def taken(burst: Burst) -> Taken:
    """Judge each key of a burst as the keyboard does once no more of them comes."""
    said: Taken = []
    for index, each in enumerate(burst.keys):
        act = act_of(each.key)
        verdict = judge(burst, index, act, burst.last + 2 * APART)
        burst.refused = burst.refused or verdict is not Verdict.TAKE
        if act is not Act.MOVES or verdict is not Verdict.TAKE:
            burst.moved_only = False
        said.append((each.key, verdict))
    return said


def came(names: list[str], *, foreign: bool = False) -> Burst:
    return Stream().take([typed(name) for name in names], 10.0, foreign=foreign)


def runs(names: list[str]) -> int:
    return 1 + sum(a != b for a, b in pairwise(names))


@given(keys)
def test_what_acts_is_the_last_of_a_few_that_moved(names: list[str]) -> None:
    said = taken(came(names))
    for index, (key, verdict) in enumerate(said):
        if act_of(key) is Act.ACTS and verdict is Verdict.TAKE:
            assert index == len(names) - 1
            assert all(act_of(each) is Act.MOVES for each in names[:index])
            assert runs(names) <= FEW


@given(keys)
def test_at_most_one_command_comes_out_of_a_burst(names: list[str]) -> None:
    done = [key for key, verdict in taken(came(names)) if verdict is Verdict.TAKE]
    opened = [key for key in done if act_of(key) is not Act.MOVES]
    assert len(set(opened)) <= 1, "one that is held may come again"
    if opened and runs(names) > FEW:
        raise AssertionError("a large burst opened something")


@given(keys)
def test_nothing_of_a_paste_is_taken(names: list[str]) -> None:
    assert not [key for key, verdict in taken(came(names, foreign=True)) if verdict is Verdict.TAKE]


@given(st.lists(st.sampled_from("jk"), min_size=1, max_size=200))
def test_what_only_moves_is_never_lost(names: list[str]) -> None:
    assert all(verdict is Verdict.TAKE for _, verdict in taken(came(names)))


@given(
    st.lists(st.sampled_from("jk"), max_size=200),
    st.sampled_from("cdi/:x"),
    st.text("abc", max_size=3),
)
def test_a_hand_that_types_ahead_is_understood(moves: list[str], verb: str, text: str) -> None:
    names = [*moves, verb]
    if act_of(verb) is Act.OPENS:
        names += [letter for letter in text if letter != verb]
    if runs(names) <= FEW:
        assert all(verdict is Verdict.TAKE for _, verdict in taken(came(names))[: len(moves) + 1])


@given(keys, st.lists(st.floats(0, APART * 0.9), min_size=12, max_size=12))
def test_reads_close_to_each_other_are_one(names: list[str], gaps: list[float]) -> None:
    stream, at = Stream(), 10.0
    burst = stream.take([typed(names[0])], at)
    for name, gap in zip(names[1:], gaps, strict=False):
        at += gap
        assert stream.take([typed(name)], at) is burst
    assert taken(burst) == taken(came(names))


@given(keys)
def test_nothing_acts_before_it_is_known_what_follows(names: list[str]) -> None:
    burst = came(names)
    for index, each in enumerate(burst.keys):
        if act_of(each.key) is Act.ACTS:
            assert judge(burst, index, Act.ACTS, burst.last) is not Verdict.TAKE


@given(st.floats(0.03, 2.0), st.sampled_from("cxdi:"))
def test_after_a_refused_burst_the_keyboard_rests(gap: float, verb: str) -> None:
    stream = Stream()
    taken(stream.take([typed(letter) for letter in "hello, world"], 10.0))
    after = stream.take([typed(verb)], 10.0 + gap)
    allowed = (10.0 + gap) - 10.0 >= REST
    assert (taken(after)[0][1] is Verdict.TAKE) is allowed


@given(st.integers(1, 40), st.floats(0.03, 0.08))
def test_a_key_that_is_held_acts_once(times: int, apart: float) -> None:
    stream, done = Stream(), 0
    for number in range(times):
        burst = stream.take([typed("c")], 10.0 + number * apart)
        done += taken(burst)[0][1] is Verdict.TAKE
    assert done == 1
