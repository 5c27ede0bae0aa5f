"""What must not be missed: new P0 and P1, clocks close to their end, entries that came back.

An alarm rings once and stays on every screen until it is acknowledged. It never takes the focus.
What holds for many cases at once is one line with a number: twelve clocks that ran out overnight
are one thing to know, and must not hide the thirteenth.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from msgspec import Struct

from console.casework.clocks import short
from console.commands import keys_for
from console.desk import Desk
from console.words.outbox import Place
from console.words.row import name_of
from local_cache.cases import CaseRow
from local_cache.entries import Entry
from local_cache.records import Fallback

MOST: Final = 40
"""Cases looked at for each kind of alarm: of clocks those whose end is nearest to now."""
TOGETHER: Final = 3
"""From so many of a kind on they are one line."""
CLOSE: Final = timedelta(minutes=10)
"""A clock with less than this left rings, and again when it has run out."""
PRESSING: Final = timedelta(hours=1)
"""Unsent work on a case with less left than this is told with the fallback while offline."""


class Alarm(Struct, frozen=True):
    """One line that stays until it is acknowledged; it stands for one cause or for many."""

    key: str
    text: str
    urgency: int = 0
    """The most urgent comes first."""


class Cause(Struct, frozen=True):
    """One thing that rings: it is acknowledged by its key for as long as it holds."""

    key: str
    kind: str
    """What it is told together with."""
    text: str
    """The whole, where it is told alone."""
    brief: str
    """What is said of it where it stands for many."""
    urgency: int
    tail: str = ""
    """What follows, alone or together."""


_TOGETHER: Final = {
    "nothing": "NOTHING HAS REACHED THE REQUESTER on {n} cases: {brief} and others.",
    "returned": "{n} entries were RETURNED by the server, first {brief} ({key})",
    "changed": "{n} entries were NOT SENT: their cases changed, first {brief} ({key})",
    "to_confirm": "{n} entries waited long and must be confirmed, first {brief} ({key})",
    "P0": "{n} P0 unclaimed, newest {brief}",
    "P1": "{n} P1 unclaimed, newest {brief}",
    "close": f"{{n}} clocks end within {short(CLOSE)}, first {{brief}}",
    "over": "{n} clocks have run out, the worst {brief}",
}


class Alarms:
    """Which alarms there are, and which were acknowledged and stay silent."""

    def __init__(self) -> None:
        self.ringing: dict[str, Alarm] = {}
        """What is to be shown, by key."""
        self._causes: dict[str, list[str]] = {}
        """The keys of the causes that each of them stands for."""
        self._told: set[str] = set()
        self._seen: set[str] = set()
        self.fresh: list[Alarm] = []
        """Those that stand for something which was not told before."""

    def consider(self, causes: Iterable[Cause]) -> bool:
        """Take what holds now, the foremost of each kind first; return whether it has to ring."""
        holding = {cause.key: cause for cause in causes}
        self._seen &= holding.keys()
        unseen = [cause for key, cause in holding.items() if key not in self._seen]
        kinds: dict[str, list[Cause]] = {}
        for cause in unseen:
            kinds.setdefault(cause.kind, []).append(cause)
        self.ringing, self._causes = {}, {}
        for kind, those in kinds.items():
            for group in [those] if len(those) >= TOGETHER else [[one] for one in those]:
                alarm = _alarm(kind, group)
                self.ringing[alarm.key] = alarm
                self._causes[alarm.key] = [cause.key for cause in group]
        told = {cause.key for cause in unseen}
        news = told - self._told
        self.fresh = [
            alarm for key, alarm in self.ringing.items() if not news.isdisjoint(self._causes[key])
        ]
        self._told = told
        return bool(news)

    def forget_words(self) -> None:
        """Let go of what the alarms say; which of them were told and seen is kept."""
        self.ringing, self._causes, self.fresh = {}, {}, []

    def acknowledge(self, key: str) -> None:
        """Keep an alarm silent for as long as what it stands for holds."""
        self._seen.update(self._causes.pop(key, ()))
        self.ringing.pop(key, None)


def _alarm(kind: str, causes: list[Cause]) -> Alarm:
    first = causes[0]
    if len(causes) == 1:
        return Alarm(first.key, f"{first.text}{first.tail}", urgency=first.urgency)
    count = f"{len(causes)} and more" if len(causes) >= MOST else str(len(causes))
    text = _TOGETHER[kind].format(n=count, brief=first.brief, key=keys_for("go.outbox"))
    return Alarm(f"{kind}:*", f"{text}{first.tail}", urgency=max(one.urgency for one in causes))


def unclaimed(rows: Iterable[CaseRow], now_ms: int) -> Iterator[Cause]:
    """Yield P0 and P1 that nobody works on, the newest first."""
    newest_first = sorted(rows, key=lambda row: -(row.received_ms or 0))
    for row in newest_first:
        if row.priority not in ("P0", "P1") or row.state != "open" or _holder(row, now_ms):
            continue
        brief = f"{name_of(row)} {row.title.visible()}"
        yield Cause(
            f"new:{row.id}",
            row.priority,
            f"{row.priority} unclaimed {brief}",
            brief,
            20 if row.priority == "P0" else 10,
        )


def running_out(rows: Iterable[CaseRow], now_ms: int, me: str) -> Iterator[Cause]:
    """Yield clocks close to their end and beyond it, of cases that are ours or nobody's.

    Of those beyond it the law's come first, then those longest over; of those close the nearest.
    """
    due = sorted(
        (row for row in rows if row.due_ms is not None and row.state != "closed"),
        key=lambda row: (
            (row.due_ms or 0) <= now_ms and row.due_kind != "statutory",
            row.due_ms or 0,
        ),
    )
    for row in due:
        left = (row.due_ms or 0) - now_ms
        if left > CLOSE.total_seconds() * 1000 or _holder(row, now_ms) not in (None, me):
            continue
        kind = "over" if left <= 0 else "close"
        law = "§" if row.due_kind == "statutory" else ""
        span = short(timedelta(milliseconds=abs(left)))
        label = row.due_label.visible()
        brief = f"{law}{span} {'ago' if left <= 0 else 'left'}, {label} {name_of(row)}"
        words = f"clock ran out {law}{span} ago" if left <= 0 else f"clock ends in {law}{span}"
        text = f"{words}: {label} {name_of(row)}"
        yield Cause(f"{kind}:{row.id}:{row.due_ms}", kind, text, brief, 15)


def came_back(entries: Iterable[Entry], rows: Mapping[str, CaseRow]) -> Iterator[Cause]:
    """Yield an alarm for each entry that came back to the specialist."""
    words = {
        "returned": "was RETURNED by the server",
        "changed": "was NOT SENT: the case changed",
        "to_confirm": "waited long and must be confirmed",
    }
    for entry in entries:
        if entry.state in words:
            name = Place(entry, rows.get(entry.case_id), None, 0).name
            brief = f"{entry.type} on {name}"
            text = f"{brief} {words[entry.state]} ({keys_for('go.outbox')})"
            yield Cause(f"{entry.state}:{entry.key}", entry.state, text, brief, 30)


def nothing_reached(
    entries: Iterable[Entry], rows: Mapping[str, CaseRow], now_ms: int, fallback: Fallback
) -> Iterator[Cause]:
    """While offline: say where nothing has reached the requester, and whom to ask instead."""
    tail = f" {instead(fallback)}".rstrip()
    waiting = dict.fromkeys(entry.case_id for entry in entries)
    for row in filter(None, map(rows.get, waiting)):
        if is_pressing(row, now_ms):
            name = name_of(row)
            text = f"NOTHING HAS REACHED THE REQUESTER: {name}."
            yield Cause(f"nothing:{row.id}", "nothing", text, name, 40, tail)


def is_pressing(row: CaseRow, now_ms: int) -> bool:
    """Tell whether a case cannot wait for a connection: a P0, a P1, a clock under an hour."""
    soon = row.due_ms is not None and row.due_ms - now_ms < PRESSING.total_seconds() * 1000
    return row.priority in ("P0", "P1") or soon


def instead(fallback: Fallback) -> str:
    """Name the ways that the policy gives for an outage."""
    ways = (("phone", fallback.phone), ("lead", fallback.lead), ("portal", fallback.portal))
    return " · ".join(f"{word} {text.visible()}" for word, text in ways if text)


def _holder(row: CaseRow, now_ms: int) -> str | None:
    live = row.claim_until_ms is None or row.claim_until_ms > now_ms
    return row.claim_by if live else None


def alarms_of(desk: Desk, now_ms: int, *, offline: bool) -> list[Cause]:
    """Return everything that holds now, by the server's time; reads the disk."""
    soon = now_ms + round(CLOSE.total_seconds() * 1000)
    with desk.cache.read() as tables:
        fresh = tables.cases.newest_urgent(MOST)
        ending = tables.cases.ending(soon, MOST)
        entries = tables.outbox.unsent()
        found = {entry.case_id: tables.cases.row_of(entry.case_id) for entry in entries}
        policy = tables.policies.current()
    rows = {case_id: row for case_id, row in found.items() if row is not None}
    me = desk.profile.specialist_id
    causes = [*came_back(entries, rows), *unclaimed(fresh, now_ms)]
    causes += running_out(ending, now_ms, me)
    if offline and policy is not None:
        causes += nothing_reached(entries, rows, now_ms, policy.fallback)
    return causes


# --- A word to the terminal ---------------------------------------------------------------------

_PROGRAMS: Final = ("iTerm.app", "WezTerm", "ghostty")
_TERMS: Final = ("xterm-kitty", "xterm-ghostty", "foot", "foot-extra")


def notification(environment: Mapping[str, str]) -> str:
    """Return what makes the terminal itself notify (OSC 9), empty where it is not known to.

    Only for terminals that are known to take it: another might print it over the screen. It names
    no case: a notification stays on locked screens.
    """
    inside = environment.get("TMUX") or environment.get("STY")
    known = environment.get("TERM_PROGRAM") in _PROGRAMS or environment.get("TERM") in _TERMS
    return "\x1b]9;Nightdesk: an alarm waits\x07" if known and not inside else ""
