"""What the practice server can be told, as it is typed: `outage 60s`, `claim c_1`.

The command line offers from this table, and what is typed is read by it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from console.commands.lines import Argument
from console.errors import UsageError
from local_cache.hostile import visible

_SPAN: Final = re.compile(r"([0-9]{1,6})([smh]?)")
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}
_MODES: Final = {
    "drop": "connections are cut before anything is done",
    "slow-down": "it answers that it is busy",
    "lose-answers": "it does what was asked, and no answer comes back",
}


class Asked(NamedTuple):
    """A request to the controls of the practice server: the path behind `/practice/`, the body."""

    path: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Control:
    """A word that the practice server understands."""

    title: str
    read: Callable[[str], Asked | None]
    """Reads what follows the word; None where it cannot be read."""
    examples: Sequence[tuple[str, str]] = ()
    """What may follow, with what it means; nothing where nothing does."""
    on_case: bool = False
    """Whether a case follows."""


def _outage(rest: str) -> Asked | None:
    span, _, mode = rest.partition(" ")
    mode = mode.strip() or "drop"
    seconds = _seconds(span)
    if seconds is None or mode not in _MODES:
        return None
    return Asked("outage", {"seconds": seconds, "mode": mode})


def _advance(rest: str) -> Asked | None:
    seconds = _seconds(rest)
    return None if seconds is None else Asked("advance", {"seconds": seconds})


def _busy(rest: str) -> Asked | None:
    if not (rest.isascii() and rest.isdigit() and len(rest) < 5):
        return None
    return Asked("busy", {"count": int(rest)})


def _alone(path: str) -> Callable[[str], Asked | None]:
    return lambda rest: None if rest else Asked(path, {})


def _on_case(word: str) -> Callable[[str], Asked | None]:
    return lambda rest: Asked(f"{word}/{quote(rest, safe='')}", {}) if rest else None


def _seconds(span: str) -> int | None:
    found = _SPAN.fullmatch(span)
    return None if found is None else int(found[1]) * _UNITS[found[2]]


CONTROLS: Final = {
    "outage": Control(
        "Take the server away for so long",
        _outage,
        (
            ("60s", f"gone for a minute: {_MODES['drop']}"),
            *((f"60s {mode}", means) for mode, means in _MODES.items() if mode != "drop"),
            ("0s", "it is back at once"),
        ),
    ),
    "arrive": Control("A new case comes in", _alone("arrive")),
    "advance": Control(
        "Its clock goes forward: claims expire, clocks run out",
        _advance,
        (("10m", "ten minutes"), ("2h", "two hours")),
    ),
    "claim": Control("A colleague claims a case", _on_case("claim"), on_case=True),
    "touch": Control("A colleague writes a note on a case", _on_case("touch"), on_case=True),
    "message": Control("The requester of a case writes", _on_case("message"), on_case=True),
    "remove": Control("A case goes to where we do not see it", _on_case("remove"), on_case=True),
    "busy": Control(
        "The next actions are answered with: in progress", _busy, (("3", "the next three"),)
    ),
    "expire-cursors": Control("All is pulled anew", _alone("expire-cursors")),
}
"""Every word that it understands."""


def asked_for(line: str) -> Asked:
    """Read what the practice server is told.

    Raises:
        UsageError: it understands nothing of the kind; the error says what it does.
    """
    word, _, rest = line.strip().partition(" ")
    control = CONTROLS.get(word)
    if control is None:
        raise UsageError(f"The practice server understands: {', '.join(CONTROLS)}")
    asked = control.read(rest.strip())
    if asked is None:
        raise UsageError(f"practice {word} cannot be read so. As in: {_as_in(word, control)}")
    return asked


def _as_in(word: str, control: Control) -> str:
    follows = [example for example, _ in control.examples] or ["c_1"] * control.on_case or [""]
    return ", ".join(f"practice {word} {each}".strip() for each in follows)


def arguments(typed: str, case_id: str | None) -> list[Argument]:
    """Return what may be told, the words first; behind a word what may follow it.

    Args:
        typed: What is typed so far behind `practice`.
        case_id: The case under the cursor, where there is one.
    """
    word, space, _ = typed.partition(" ")
    control = CONTROLS.get(word)
    if not space or control is None:
        return [
            Argument(f"{word} " if each.examples or each.on_case else word, each.title, word)
            for word, each in CONTROLS.items()
        ]
    follows = control.examples
    if control.on_case and case_id:
        follows = ((visible(case_id), "the case under the cursor"),)
    return [Argument(f"{word} {example}", means) for example, means in follows]
