"""Linear mode knows the registry: what records can be done there, by id, by title and by key."""

import pytest

from console.commands import COMMANDS, Command, Danger
from console.linear.desk import DeskPlace
from console.linear.letter import LetterPlace
from console.linear.names import NotMeant, keys_of, meaning
from console.linear.outbox import Comparing, Outbox
from console.linear.session import Place, Session

PLACES: tuple[type[Place], ...] = (DeskPlace, Outbox, Comparing, LetterPlace)
NOT_THERE = {
    "help.run": "help there lists, and every prompt runs",
    "views.save": "view save 3 NAME",
    "views.rename": "view rename 3 NAME",
    "views.filter": "view filter 3 FILTER",
    "views.drop": "view drop 3",
}


def place_of(command: Command) -> type[Place] | None:
    """Return the place that does a command, None where none does."""
    for kind in PLACES:
        made = kind.__new__(kind)
        if kind.doer(made, command) is not None and set(command.contexts) & set(kind.contexts):
            return kind
    return DeskPlace if hasattr(Session, command.method) else None


THERE = [command for command in COMMANDS.values() if place_of(command) is not None]


def test_whatever_records_can_be_done() -> None:
    records = {one.id for one in COMMANDS.values() if one.danger is not Danger.MOVES}
    assert records - {one.id for one in THERE} == set(NOT_THERE)


@pytest.mark.parametrize("command", THERE, ids=lambda one: one.id)
def test_it_is_meant_by_its_id_and_by_its_key(command: Command) -> None:
    kind = place_of(command)
    assert kind is not None
    assert meaning(command.id, (), kind.contexts).command is command
    own = tuple(one for one in kind.contexts if one in command.contexts)
    for context in own:  # within one of them: between two the more specific one hides a key
        for key in keys_of(command, (context,)):
            assert meaning(key, (), (context,)).command is command
            assert meaning(key.replace(" ", ""), (), (context,)).command is command
    by_title = meaning(command.title.upper(), (), kind.contexts).command
    assert by_title is not None
    assert by_title.title == command.title  # two ways to the top have one title


def test_what_stands_behind_a_word_comes_along() -> None:
    contexts = DeskPlace.contexts
    assert meaning("open 3", (), contexts).rest == "3"
    assert meaning("/knife", (), contexts).command is COMMANDS["case.search"]
    assert meaning("/knife", (), contexts[1:]).command is COMMANDS["queue.filter"]
    assert meaning("/is:open", (), contexts[1:]).rest == "is:open"
    assert meaning(":filter lang:de", (), contexts).rest == "lang:de"
    assert meaning("list 11", ("list",), contexts).word == "list"
    with pytest.raises(NotMeant, match="Did you mean claim"):
        meaning("clain", (), contexts)
