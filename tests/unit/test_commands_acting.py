"""What each command does in the first moment; and no key is both a verb and its confirmation."""

import pytest

from console.commands import COMMANDS, act_of, keymap
from console.commands.acting import ALSO_MOVE, ASK_FIRST, AT_ONCE
from console.commands.command import Danger
from console.hands import Act
from console.screens.confirm import DIGITS


def test_only_commands_that_there_are_have_exceptions() -> None:
    assert set(COMMANDS) >= (ASK_FIRST | AT_ONCE | ALSO_MOVE)


def test_whatever_records_or_reveals_acts_unless_a_form_is_in_between() -> None:
    acting = {name for name, command in COMMANDS.items() if act_of(command) is Act.ACTS}
    dangerous = {name for name, each in COMMANDS.items() if each.danger is not Danger.MOVES}
    assert dangerous - ASK_FIRST <= acting
    assert {"text.reveal", "form.submit", "quit", "undo", "case.claim", "draft.send"} <= acting


PICKS = "help.run"
"""Picks, as `enter` does, what was found by its name; as it may act, no burst presses it."""
RECORDING = sorted(
    name for name, each in COMMANDS.items() if each.danger is not Danger.MOVES and name != PICKS
)


def test_what_picks_a_command_is_kept_from_bursts() -> None:
    assert act_of(COMMANDS[PICKS]) is Act.ACTS


@pytest.mark.parametrize("name", RECORDING)
def test_no_verb_is_on_a_key_that_confirms(name: str) -> None:
    """A confirmation takes digits; `enter` and `space` pick what is offered."""
    for sequence in keymap().keys_of(name):
        first = sequence.split()[0]
        assert first not in set(DIGITS), f"{name}: {sequence} could confirm what another key began"
        if act_of(COMMANDS[name]) is Act.ACTS:
            assert first not in ("enter", "space"), f"{name} on {sequence}"
