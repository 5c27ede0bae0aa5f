"""What a command is: an id, a title, where it works, how dangerous it is, and why it cannot run."""

from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from console.casework import actions
from console.casework.findings import Finding
from console.desk import CaseView
from local_cache.cases import CaseRow


class Danger(Enum):
    """What a command does to the world, and so what it takes to run it."""

    MOVES = "moves"
    """Only what is on the screen changes."""
    RECORDS = "records"
    """Something is recorded that can be taken back in the undo window."""
    DANGEROUS = "dangerous"
    """It discloses, decides or cuts: confirmed by digits drawn for it."""


class By(Enum):
    """What runs a command, where that is not a key pressed for it."""

    HAND = "hand"
    COUNT = "count"
    REPEAT = "repeat"
    MACRO = "macro"


class Situation(Struct, frozen=True):
    """What a command can know about where it is pressed."""

    row: CaseRow | None = None
    """The case under the cursor."""
    view: CaseView | None = None
    """The same case whole, once it was read."""
    me: str = ""
    online: bool = False
    has_policy: bool = False
    now_ms: int = 0
    marked: int = 0
    """How many cases are marked: what can work on many is done to them."""
    findings: Callable[[actions.Action], list[Finding]] = lambda _action: []


Blocked = Callable[[Situation], str | None]
"""Says why a command cannot run just now, None where it can."""


def never(_situation: Situation) -> str | None:
    """Nothing ever keeps the command from running."""
    return None


class Command(Struct, frozen=True):
    """One thing that a key can do."""

    id: str
    title: str
    contexts: tuple[str, ...]
    danger: Danger = Danger.MOVES
    blocked: Blocked = never
    footer: str = ""
    """A word for the footer, where the command belongs there."""

    many: bool = False
    """Whether it acts on the marked cases where there are any. Only these are repeated."""
    many_confirmed: bool = False
    """Whether it is confirmed by digits when it acts on many: it stops clocks."""

    macro: bool = False
    """Whether a person made it, of other commands."""
    runs: tuple[str, ...] = ()
    """The commands that a macro runs, one after the other."""
    key: str = ""
    """The key that a macro is given where it is written; empty where none is."""

    def refuses(self, by: By) -> str | None:
        """Say why it is not run by this, in words that finish `Decide: …`; None where it is.

        What is dangerous takes no counts, no repeats and no macros: here, and nowhere else.
        """
        if by is By.COUNT:
            return None if self.danger is Danger.MOVES else "takes no count"
        if self.danger is Danger.DANGEROUS and by is By.REPEAT:
            return "is done for one case at a time and by hand, so it is not repeated"
        if self.danger is Danger.DANGEROUS and by is By.MACRO:
            return "is done for one case at a time and by hand, so no macro runs it"
        if by is By.MACRO and (self.macro or self.id in ("undo", "repeat")):
            return "is no part of a macro"
        if by is By.REPEAT and not self.many:
            return "is about one case alone, so it is not repeated"
        return None

    @property
    def method(self) -> str:
        """The name of the method that does it."""
        return "do_" + self.id.replace(".", "_")
