"""What a command does in the first moment, for keys that come in company: see `console.hands`.

What records, sends, cuts or reveals acts at once, unless it is one of those that ask first.
"""

from typing import Final

from console.commands.command import Command, Danger
from console.hands import Act

ASK_FIRST: Final = frozenset(
    {
        "case.assess",
        "case.assign",
        "case.close",
        "case.enforce",
        "case.link",
        "case.move",
        "case.new",
        "case.note",
        "case.preserve",
        "case.snooze",
        "case.tag",
        "case.verify",
        "case.wait",
        "decision.approve",
        "decision.open",
        "draft.open",
    }
)
"""They record something in the end; at first they open a form, in which nothing is done yet."""

AT_ONCE: Final = frozenset(
    {
        "alarm.acknowledge",
        "form.discard",
        "form.submit",
        "quit",
        "text.reveal",
    }
)
"""They only change what is on the screen by their class, and yet nobody could take them back."""

_ONLY_MOVE: Final = frozenset({"move", "text"})
"""Contexts whose commands only move, or edit a text: that is to be done at once."""

ALSO_MOVE: Final = frozenset(
    {
        "case.next",
        "case.previous",
        "prompt.cancel",
        "prompt.complete",
        "prompt.complete_back",
        "prompt.newer",
        "prompt.older",
    }
)
"""They move, too."""


def act_of(command: Command) -> Act:
    """Say what a command does in the first moment."""
    if command.id in AT_ONCE:
        return Act.ACTS
    if command.danger is not Danger.MOVES:
        return Act.OPENS if command.id in ASK_FIRST else Act.ACTS
    moves = command.contexts[0] in _ONLY_MOVE or command.id in ALSO_MOVE
    return Act.MOVES if moves else Act.OPENS
