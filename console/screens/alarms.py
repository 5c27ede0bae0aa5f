"""What must not be missed: new P0 and P1, clocks close to their end, entries that came back.

An alarm rings once and stays on every screen until it is acknowledged. It never takes the focus.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from console.desk import Desk
from console.list_text import due_text
from local_cache.cases import CaseRow
from local_cache.outbox import Entry
from local_cache.query import CaseQuery, Condition
from local_cache.records import Fallback
from widgets.alarm_line import Alarm

MOST = 50
"""Cases looked at for alarms, the most pressing first; more cannot be worked on at once."""
CLOSE = timedelta(minutes=10)
"""A clock with less than this left rings, and again when it has run out."""
PRESSING = timedelta(hours=1)
"""Unsent work on a case with less left than this is told with the fallback while offline."""


class Alarms:
    """Which alarms there are, and which were acknowledged and stay silent."""

    def __init__(self) -> None:
        self.ringing: dict[str, Alarm] = {}
        self._seen: set[str] = set()

    def consider(self, alarms: Iterable[Alarm]) -> bool:
        """Take the alarms that hold now; return whether one of them is new and has to ring."""
        holding = {alarm.key: alarm for alarm in alarms}
        self._seen &= holding.keys()
        unseen = {key: alarm for key, alarm in holding.items() if key not in self._seen}
        rings = bool(unseen.keys() - self.ringing.keys())
        self.ringing = unseen
        return rings

    def acknowledge(self, key: str) -> None:
        """Keep an alarm silent for as long as it holds."""
        self._seen.add(key)
        self.ringing.pop(key, None)


def pressing(rows: Iterable[CaseRow], now_ms: int, me: str) -> Iterator[Alarm]:
    """Yield the alarms of open cases: unclaimed P0 and P1, and clocks close to their end."""
    for row in rows:
        name = row.reference.visible() or row.id
        free = row.claim_by is None or (row.claim_until_ms or 0) <= now_ms
        if row.priority in ("P0", "P1") and free and row.state == "open":
            urgency = 20 if row.priority == "P0" else 10
            title = row.title.visible()
            yield Alarm(
                f"new:{row.id}", f"{row.priority} unclaimed {name} {title}", urgency=urgency
            )
        if row.due_ms is None or row.state == "closed":
            continue
        left = row.due_ms - now_ms
        if left <= CLOSE.total_seconds() * 1000 and row.claim_by in (None, me):
            over = "over" if left <= 0 else "close"
            text, _ = due_text(row, now_ms)
            label = row.due_label.visible()
            yield Alarm(f"{over}:{row.id}", f"clock {text.strip()} {label} {name}", urgency=15)


def came_back(entries: Iterable[Entry]) -> Iterator[Alarm]:
    """Yield an alarm for each entry that came back to the specialist."""
    words = {
        "returned": "was RETURNED by the server",
        "changed": "was NOT SENT: the case changed",
        "to_confirm": "waited long and must be confirmed",
    }
    for entry in entries:
        if entry.state in words:
            yield Alarm(
                f"{entry.state}:{entry.key}",
                f"{entry.type} on {entry.case_id} {words[entry.state]} (g o)",
                urgency=30,
            )


def nothing_reached(
    entries: Iterable[Entry], rows: dict[str, CaseRow], now_ms: int, fallback: Fallback
) -> Iterator[Alarm]:
    """While offline: say where nothing has reached the requester, and whom to ask instead."""
    told: set[str] = set()
    for entry in entries:
        row = rows.get(entry.case_id)
        if row is None or row.id in told:
            continue
        soon = row.due_ms is not None and row.due_ms - now_ms < PRESSING.total_seconds() * 1000
        if row.priority in ("P0", "P1") or soon:
            told.add(row.id)
            ways = (("lead", fallback.lead), ("phone", fallback.phone), ("portal", fallback.portal))
            instead = " · ".join(f"{word} {text.visible()}" for word, text in ways if text)
            name = row.reference.visible() or row.id
            yield Alarm(
                f"nothing:{row.id}",
                f"{name}: NOTHING HAS REACHED THE REQUESTER. {instead}",
                urgency=40,
            )


def alarms_of(desk: Desk, now: datetime, *, online: bool) -> list[Alarm]:
    """Return every alarm that holds now; reads the disk."""
    now_ms = round(now.timestamp() * 1000)
    urgent = CaseQuery(
        conditions=(
            Condition(field="state", op="in", values=("closed",), negated=True),
            Condition(field="priority", op="in", values=("P0", "P1")),
        ),
        now_ms=now_ms,
    )
    close = CaseQuery(
        conditions=(
            Condition(field="state", op="in", values=("closed",), negated=True),
            Condition(field="due", op="<", values=(now_ms + round(CLOSE.total_seconds() * 1000),)),
        ),
        sort="due",
        now_ms=now_ms,
    )
    me = desk.profile.specialist_id
    with desk.cache.read() as tables:
        rowids = dict.fromkeys(
            [*tables.cases.listing(urgent, limit=MOST), *tables.cases.listing(close, limit=MOST)]
        )
        rows = tables.cases.rows(list(rowids))
        entries = tables.outbox.unsent()
        waiting = {entry.case_id: tables.cases.row_of(entry.case_id) for entry in entries}
        policy = tables.policies.current()
    alarms = [*pressing(rows, now_ms, me), *came_back(entries)]
    if not online and policy is not None:
        known = {case_id: row for case_id, row in waiting.items() if row is not None}
        alarms += nothing_reached(entries, known, now_ms, policy.fallback)
    return alarms
