"""How things stand, for the status line of every screen: connection, unsent, the next clock."""

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct, field

from console.commands import keys_for
from console.desk import Desk
from console.sync.events import (
    CasesChanged,
    ConnectionChanged,
    EntryMoved,
    LoadProgressed,
    StorageFailed,
    SyncEvent,
    TokenWasRefused,
)
from console.words.row import Piece, due_text
from local_cache.cases import CaseRow
from local_cache.entries import Entry

_SKEW_SHOWN = timedelta(seconds=30)
"""The contract, section 1: a client shows a skew over 30 s."""


ONLINE: Final[Piece] = ("● online", "ok")


class Standing(Struct):
    """What the app knows of the world at the moment; told by the sync, counted from the cache."""

    online: bool | None = None
    """None until the server was first tried."""
    since: datetime | None = None
    why: str = ""
    refused: bool = False
    trouble: str = ""
    """Why the cache did not take what came last; empty once it takes it again."""
    loaded: tuple[int, int | None] | None = None
    counts: dict[str, int] = field(default_factory=dict[str, int])
    next_due: CaseRow | None = None
    skew: timedelta = timedelta(0)
    undoable: Entry | None = None
    """What was recorded last and is held back for a moment, so that it can be taken back."""
    practice: bool = False

    def hear(self, event: SyncEvent) -> None:
        """Take in what the sync told."""
        match event:
            case ConnectionChanged(online=online, since=since, why=why):
                self.online, self.since, self.why = online, since, why or ""
                self.refused = self.refused and not online
            case TokenWasRefused():
                self.refused = True
            case StorageFailed(why=why):
                self.trouble = why
            case CasesChanged() | EntryMoved():
                self.trouble = ""  # it was stored before it was told
            case LoadProgressed(done=done, total=total):
                finished = total is not None and done >= total
                self.loaded = None if finished else (done, total)
            case _:
                pass

    def count(self, desk: Desk) -> None:
        """Count the outbox and look for the next clock; reads the disk."""
        if self.online is None and desk.online:
            self.online = True  # it was reached before anybody listened
        self.counts = desk.counts()
        self.next_due = desk.next_due()
        self.skew = desk.skew()
        held = desk.outbox() if self.counts.get("undoable") else []
        self.undoable = next((each for each in reversed(held) if each.state == "undoable"), None)

    def undo_left(self, now_ms: int) -> int:
        """Return for how many seconds what was recorded last can be taken back for certain."""
        until = self.undoable.undo_until_ms if self.undoable is not None else None
        return max(0, -(-(until - now_ms) // 1000)) if until is not None else 0

    def undo(self, now_ms: int) -> list[Piece]:
        """Tell what can be taken back, by which key and for how long; nothing where nothing can."""
        left = self.undo_left(now_ms)
        if self.undoable is None or not left:
            return []
        return [(f"{self.undoable.type}: {keys_for('undo')} undoes it, {left} s  ", "unsent")]

    @property
    def waiting(self) -> int:
        """How many entries are recorded and not accepted, those that came back included."""
        return sum(n for state, n in self.counts.items() if state not in ("accepted", "withdrawn"))

    @property
    def came_back(self) -> int:
        """How many entries wait for the specialist."""
        return sum(self.counts.get(state, 0) for state in ("returned", "changed", "to_confirm"))

    def connection(self) -> list[Piece]:
        """Tell the connection, since when where it is down."""
        place: list[Piece] = [("practice ", "muted")] if self.practice else []
        if self.refused:
            return [*place, ("TOKEN REFUSED: nightdesk connect", "error")]
        if self.online is None:
            return [*place, ("connecting", "muted")]
        if self.online:
            return [*place, ("● online, no news comes", "warning") if self.why else ONLINE]
        return [*place, (f"○ OFFLINE since {_time(self.since)}", "error")]

    def right(self, now: datetime, now_ms: int = 0, *, narrow: bool = False) -> list[Piece]:
        """Tell what can be undone, what is unsent and which clock runs out next.

        `now`: by the server's clock; `now_ms`: by ours, which entries are recorded by. On a
        `narrow` screen the next clock makes room for the moment that an undo is left.
        """
        pieces = self.undo(now_ms) if now_ms else []
        if self.trouble:
            pieces.append(("NOT STORED: see nightdesk doctor  ", "error"))
        if abs(self.skew) > _SKEW_SHOWN:
            pieces.append((f"clock {self.skew.total_seconds():+.0f} s  ", "warning"))
        if self.came_back:
            pieces.append((f"{self.came_back} came back  ", "error"))
        if self.waiting:
            pieces.append((f"→{self.waiting} unsent  ", "unsent"))
        if self.next_due is not None and not (narrow and now_ms and self.undo_left(now_ms)):
            text, role = due_text(self.next_due, round(now.timestamp() * 1000))
            name = self.next_due.reference.visible() or self.next_due.id
            pieces += [("next ", "muted"), (f"{text.strip()} ", role), (name, "muted")]
        return pieces


def _time(moment: datetime | None) -> str:
    """Write a time of today as a clock shows it, an earlier one with its day; UTC."""
    if moment is None:
        return "the start"
    utc = moment.astimezone(UTC)
    today = utc.date() == datetime.now(UTC).date()
    return utc.strftime("%H:%MZ" if today else "%d %b %H:%MZ")
