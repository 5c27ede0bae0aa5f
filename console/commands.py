"""The registry of commands: footer, which-key, help, command line and keymap checks come from it.

A command has an id, a title, the contexts it works in, how dangerous it is, and says why it cannot
run just now. What it does is a method of a screen or of the app, named after the id:
`case.claim` is `do_case_claim(count)`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

from console.casework import actions
from console.casework.findings import Finding
from console.desk import CaseView
from console.profiles.home import Home
from keymaps import loader
from keymaps.keymap import Keymap
from local_cache.cases import CaseRow


class Danger(Enum):
    """What a command does to the world, and so what it takes to run it."""

    MOVES = "moves"
    """Only what is on the screen changes."""
    RECORDS = "records"
    """Something is recorded that can be taken back in the undo window."""
    DANGEROUS = "dangerous"
    """It discloses, decides or cuts: confirmed by digits drawn for it."""


@dataclass(frozen=True)
class Situation:
    """What a command can know about where it is pressed."""

    row: CaseRow | None = None
    """The case under the cursor."""
    view: CaseView | None = None
    """The same case whole, once it was read."""
    me: str = ""
    online: bool = False
    has_policy: bool = False
    now_ms: int = 0
    findings: Callable[[actions.Action], list[Finding]] = field(default=lambda _action: [])


Blocked = Callable[[Situation], str | None]


def _never(_situation: Situation) -> str | None:
    return None


@dataclass(frozen=True)
class Command:
    """One thing that a key can do."""

    id: str
    title: str
    contexts: tuple[str, ...]
    danger: Danger = Danger.MOVES
    blocked: Blocked = _never
    footer: str = ""
    """A word for the footer, where the command belongs there."""

    @property
    def method(self) -> str:
        """The name of the method that does it."""
        return "do_" + self.id.replace(".", "_")


# --- Why not ------------------------------------------------------------------------------------


def _needs_case(situation: Situation) -> str | None:
    if situation.row is None:
        return "no case is under the cursor"
    if situation.row.gone:
        return "this case is gone or no longer ours to see"
    if situation.row.unreadable:
        return "this case cannot be read: nothing can be recorded on it"
    return None


def _needs_policy(situation: Situation) -> str | None:
    if not situation.has_policy:
        return "no policy was fetched yet: it comes with the first contact"
    return _needs_case(situation)


def _held_by_other(situation: Situation) -> str | None:
    row = situation.row
    if row is None or row.claim_by is None or row.claim_by == situation.me:
        return None
    live = row.claim_until_ms is None or row.claim_until_ms > situation.now_ms
    return f"{row.claim_by} holds this case" if live else None


def _needs_own_hands(situation: Situation) -> str | None:
    return _needs_policy(situation) or _held_by_other(situation)


def _needs_open(situation: Situation) -> str | None:
    reason = _needs_own_hands(situation)
    if reason is None and situation.row is not None and situation.row.state == "closed":
        return "this case is closed: reopen it first (g x)"
    return reason


def _needs_connection(situation: Situation) -> str | None:
    reason = _needs_own_hands(situation)
    if reason is None and not situation.online:
        return (
            "a claim needs the server, and there is no connection: work on without it, "
            "what you record goes when the connection is back"
        )
    return reason


def _needs_approval_due(situation: Situation) -> str | None:
    reason = _needs_policy(situation)
    if reason is None and situation.row is not None and situation.row.state != "awaiting_approval":
        return "no decision on this case waits for a second person"
    return reason


TITLES: Final = {
    "desk": "On the desk",
    "case": "In the case",
    "move": "Moving",
    "form": "In a form",
    "decide": "Deciding",
    "draft": "Drafting",
    "outbox": "In the outbox",
    "compare": "Settling what changed",
    "global": "Everywhere",
}
"""What each context of the keymap is called, for help and the page of keys."""


# --- The registry -------------------------------------------------------------------------------

_ALL: Final = ("global",)


def _registry() -> dict[str, Command]:
    move, rec, dang = Danger.MOVES, Danger.RECORDS, Danger.DANGEROUS
    desk = ("desk", "case")
    entries = (
        ("nav.down", "Down", ("move",), move, _never, ""),
        ("nav.up", "Up", ("move",), move, _never, ""),
        ("nav.top", "To the top", ("move",), move, _never, ""),
        ("nav.bottom", "To the bottom", ("move",), move, _never, ""),
        ("nav.home", "To the top", ("move",), move, _never, ""),
        ("nav.end", "To the bottom", ("move",), move, _never, ""),
        ("nav.half_down", "Half a page down", ("move",), move, _never, ""),
        ("nav.half_up", "Half a page up", ("move",), move, _never, ""),
        ("nav.page_down", "A page down", ("move",), move, _never, ""),
        ("nav.page_up", "A page up", ("move",), move, _never, ""),
        ("case.open", "Open the case", desk, move, _never, "open"),
        ("pane.next", "To the next pane", (*desk, "outbox"), move, _never, ""),
        ("pane.previous", "To the previous pane", (*desk, "outbox"), move, _never, ""),
        ("case.next", "To the next case", desk, move, _never, ""),
        ("case.previous", "To the previous case", desk, move, _never, ""),
        ("queue.filter", "Filter the list", desk, move, _never, "filter"),
        ("queue.sort", "Sort by the next key", desk, move, _never, ""),
        ("case.search", "Search in the text", ("case", "read"), move, _never, ""),
        ("case.search_next", "Next place found", (*desk, "read"), move, _never, ""),
        ("case.search_previous", "Previous place found", (*desk, "read"), move, _never, ""),
        ("text.reveal", "Reveal covered text, or cover it", desk, move, _needs_case, ""),
        ("case.claim", "Claim the case", desk, rec, _needs_connection, "claim"),
        ("case.release", "Release the claim", desk, rec, _needs_own_hands, ""),
        ("case.assess", "Assess the risk", desk, rec, _needs_open, "assess"),
        ("case.verify", "Record a verification check", desk, rec, _needs_open, "verify"),
        ("case.note", "Write a note", desk, rec, _needs_policy, "note"),
        ("decision.open", "Decide", desk, dang, _needs_open, "decide"),
        ("decision.approve", "Approve or reject", desk, dang, _needs_approval_due, ""),
        ("draft.open", "Draft the response", desk, dang, _needs_own_hands, "respond"),
        ("case.wait", "Wait for somebody", desk, rec, _needs_open, ""),
        ("case.enforce", "Enforce on the platform", desk, dang, _needs_open, ""),
        ("case.preserve", "Preserve data", desk, rec, _needs_open, ""),
        ("case.tag", "Tag", desk, rec, _needs_own_hands, ""),
        ("case.move", "Move to another queue", desk, rec, _needs_own_hands, ""),
        ("case.assign", "Assign", desk, rec, _needs_own_hands, ""),
        ("case.link", "Link to another case", desk, rec, _needs_own_hands, ""),
        ("case.snooze", "Snooze", desk, rec, _needs_own_hands, ""),
        ("case.close", "Close or reopen", desk, rec, _needs_own_hands, ""),
        ("case.new", "New case by hand", desk, rec, _never, ""),
        ("undo", "Undo the last thing recorded", _ALL, rec, _never, "undo"),
        ("go.desk", "To the desk", _ALL, move, _never, ""),
        ("go.queues", "Choose a queue", _ALL, move, _never, ""),
        ("go.outbox", "To the outbox", _ALL, move, _never, ""),
        ("alarm.acknowledge", "Acknowledge the alarm", _ALL, move, _never, ""),
        ("command.line", "Command line", _ALL, move, _never, ""),
        ("help", "Help", _ALL, move, _never, "help"),
        ("back", "Back", _ALL, move, _never, ""),
        ("quit", "Quit", _ALL, move, _never, ""),
        ("form.submit", "Record it", ("form",), move, _never, "record"),
        ("form.cancel", "Leave without recording", ("form",), move, _never, "leave"),
        ("form.next", "To the next field", ("form",), move, _never, "next field"),
        ("form.previous", "To the previous field", ("form",), move, _never, ""),
        (
            "decide.discard",
            "Discard the draft, or bring it back",
            ("decide",),
            move,
            _never,
            "discard draft",
        ),
        ("draft.template", "Choose another template", ("draft",), move, _never, "template"),
        ("draft.preview", "Preview", ("draft",), move, _never, "preview"),
        ("draft.send", "Send the response", ("draft",), dang, _never, "send"),
        ("draft.override", "Override a finding", ("draft",), move, _never, "override"),
        ("draft.refill", "Fill the text anew", ("draft",), move, _never, ""),
        ("draft.discard", "Throw the draft away", ("draft",), move, _never, ""),
        ("draft.leave", "Leave; the draft is kept", ("draft",), move, _never, "leave"),
        ("outbox.retry", "Send again, or confirm", ("outbox",), dang, _never, "retry"),
        ("outbox.discard", "Discard", ("outbox",), dang, _never, "discard"),
        ("outbox.compare", "Compare with the present case", ("outbox",), move, _never, "compare"),
        (
            "outbox.open",
            "Compare what changed, or go to the case",
            ("outbox",),
            move,
            _never,
            "open",
        ),
        ("compare.keep", "Stand by it, recorded anew", ("compare",), dang, _never, "stand by it"),
        ("compare.redo", "Drop it and do it again", ("compare",), dang, _never, "do it again"),
        ("compare.drop", "Drop it", ("compare",), dang, _never, "drop"),
    )
    return {entry[0]: Command(*entry) for entry in entries}


COMMANDS: Final = _registry()


@cache
def keymap() -> Keymap:
    """Return the keys: the default keymap, with a person's own `keys.toml` over it."""
    paths = [loader.builtin("desk")]
    own = Home().configuration / "keys.toml"
    if own.exists():
        paths.append(Path(own))
    return Keymap.load(paths, commands=frozenset(COMMANDS))


def keys_for(command: str, context: str | None = None) -> str:
    """Return the first key of a command as people write it; empty where it has none."""
    keys = keymap().keys_of(command, context)
    return keys[0] if keys else ""
