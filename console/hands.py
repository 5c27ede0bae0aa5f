"""What a hand types, told from what a paste types; pure, so that it can be proved.

A terminal that brackets pastes says what was pasted. Many things in between do not: `screen`, old
terminals, a text with the closing bracket in it. So keys are judged by the company in which they
come. Keys that come in one read, or less than `APART` after one another, are a *burst*:

- What only moves always passes, alone or in company: a key that is held, `jjjjj` after a stall of
  the line. Nothing is lost by a cursor in the wrong place, and a key that moves must not wait.
- What opens something (a form, a prompt, a screen) passes in a small burst, where all before it
  moved and all after it types: `jji` and the first letters of the note, `/cit` on a slow line.
  Small is up to `FEW` keys, one that repeats counted once: that is nearly a second of typing. Each
  line end in it speaks for a paste: hands wait for a screen before they press enter on it.
- What acts at once (records, reveals, sends, quits) passes alone, or as the last of a small burst
  in which all before it moved: `jjc`. So it waits until `APART` is over, which nobody feels.
  A key that is held acts once.
- Of a burst that bears a paste's marks, or that is larger, nothing passes but what it begins with
  and only moves. While text is typed it lands as the text that it is.
- After a burst that was refused the keyboard has to rest for a moment: somebody who goes on typing
  a text into the wrong place means none of it, and the tail of a long paste comes in pieces.

What is refused is said, never silently dropped. Typed ahead on a slow line, the worst that a hand
meets is to press one key again.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from msgspec import Struct, field

APART: Final = 0.02
"""Seconds between two presses of a hand at least."""
FEW: Final = 5
"""Presses that somebody types ahead while a line stalls; a repeated key counts once."""
REST: Final = 0.5
"""Seconds without a key after which commands are taken again once a burst was refused."""
REST_AFTER_PASTE: Final = 0.15
"""The same after a paste that said it was one: somebody pastes, and goes on."""
HELD: Final = 0.09
"""Seconds from one repeat of a key that is held to the next, at most."""


class Act(Enum):
    """What a key would do."""

    MOVES = "moves"
    OPENS = "opens"
    ACTS = "acts"


class Verdict(Enum):
    """What becomes of it."""

    TAKE = "take"
    WAIT = "wait"
    """Not known yet: ask again when `APART` is over."""
    ALONE = "alone"
    """Not done: it has to be pressed alone."""
    PASTE = "paste"
    """Not done: the burst is no hand's."""
    SOON = "soon"
    """Not done: too soon after a burst that was refused."""
    HELD = "held"
    """Not done again: its key is held down."""


class Typed(Struct, frozen=True):
    """A key of a burst: its name, and whether it types a character."""

    key: str
    types: bool


class Burst(Struct, eq=False):
    """Keys that came at once. It grows while more of them come."""

    first: float
    """When it began, in seconds of a monotonic clock."""
    last: float
    foreign: bool = False
    """Whether it bears the marks of a paste."""
    shadowed: "Burst | None" = None
    """The burst just before it."""
    held: bool = False
    """Whether it goes on with the key that the burst before it ended with."""
    keys: list[Typed] = field(default_factory=list[Typed])
    size: int = 0
    """How many keys, one that repeats counted once."""
    texts: int = 0
    """How many of those type a character."""
    moved_only: bool = True
    """Whether all of it that was taken so far only moved."""
    refused: bool = False

    @property
    def large(self) -> bool:
        """Whether no hand types so much at once."""
        return self.size > FEW

    @property
    def pasted(self) -> bool:
        """Whether, while text is typed, it is to land as a paste does."""
        return self.foreign or self.texts > FEW

    def add(self, typed: Typed) -> None:
        """Take a key in."""
        if not self.keys or self.keys[-1] != typed:
            self.size += 1
            self.texts += typed.types
        self.keys.append(typed)

    def too_soon(self) -> bool:
        """Tell whether it came too soon after a burst that was refused, or a paste."""
        before = self.shadowed
        if before is None:
            return False
        gap = self.first - before.last
        return (before.refused and gap < REST) or (before.pasted and gap < REST_AFTER_PASTE)


class Stream:
    """All that comes from one terminal, as bursts."""

    def __init__(self) -> None:
        self._burst: Burst | None = None

    def take(
        self,
        typed: Sequence[Typed],
        at: float,
        until: float | None = None,
        *,
        foreign: bool = False,
    ) -> Burst:
        """Take in what one read brought; return the burst that it belongs to.

        `until`: when the read was dealt with; a machine may be slow, and the next one waits then.
        """
        burst = self._burst
        if burst is None or at - burst.last >= APART:
            if burst is not None:
                burst.shadowed = None  # no longer a chain than two
            burst = self._burst = Burst(at, at, shadowed=burst, held=_held(burst, typed, at))
        burst.last = at if until is None else until
        burst.foreign = burst.foreign or foreign
        for each in typed:
            burst.add(each)
        return burst


def _held(before: Burst | None, typed: Sequence[Typed], at: float) -> bool:
    return (
        before is not None
        and bool(before.keys)
        and before.keys[-1:] == list(typed[:1])
        and at - before.last < HELD
    )


def judge(burst: Burst, index: int, act: Act, now: float, *, typing: bool = False) -> Verdict:
    """Say what becomes of a command whose last key is the one at `index` of a burst.

    `typing`: whether a text has the focus; what comes before a command is then a text.
    """
    if burst.foreign or (burst.refused and burst.large):
        return Verdict.PASTE
    if act is Act.MOVES:
        passes = typing or burst.moved_only or not burst.large
        return Verdict.TAKE if passes else Verdict.PASTE
    if burst.large:
        return Verdict.PASTE
    if burst.too_soon():
        return Verdict.SOON
    if now - burst.last < APART:
        return Verdict.WAIT
    return _of_few(burst, index, act, typing=typing)


def _of_few(burst: Burst, index: int, act: Act, *, typing: bool) -> Verdict:
    after = burst.keys[index + 1 :]
    if act is Act.OPENS:
        held = burst.size == 1
        fits = typing or held or (burst.moved_only and all(each.types for each in after))
        return Verdict.TAKE if fits else Verdict.ALONE
    if burst.held:
        return Verdict.HELD
    return Verdict.TAKE if burst.moved_only and not after else Verdict.ALONE
