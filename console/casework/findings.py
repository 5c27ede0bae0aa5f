"""What a rule has to say about an action, a draft or a template: one kind of sentence for all."""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec import Struct

from local_cache.hostile import visible

if TYPE_CHECKING:
    from collections.abc import Iterable


class Finding(Struct, frozen=True):
    """Something that stands in the way, at one place of what was judged.

    `pointer` is a JSON pointer into the action's body (empty: the whole); `detail` is written for
    the specialist and is fit for a screen; `code` names the rule, and is what an override refers
    to. An `overridable` finding may be overridden with a reason, which is recorded; others block.
    """

    pointer: str
    detail: str
    overridable: bool = False
    code: str = "invalid"


def nearest(word: str, known: "Iterable[str]") -> str | None:
    """Return the known word that `word` was most likely meant to be, whatever its case."""
    choices = {choice.casefold(): choice for choice in known}
    found = get_close_matches(word.casefold(), choices, n=1, cutoff=0.6)
    return choices[found[0]] if found else None


def unknown(pointer: str, what: str, word: str, known: "Iterable[str]") -> Finding:
    """Say that `word` is no `what` that is known, and which one comes nearest."""
    choices = tuple(known)
    guess = nearest(word, choices)
    if guess is not None:
        hint = f"; did you mean {guess}?"
    elif choices and len(choices) <= 8:
        hint = f"; known are {', '.join(choices)}"
    else:
        hint = ""
    return Finding(pointer, f"{visible(word)} is not a known {what}{hint}", code="unknown-code")
