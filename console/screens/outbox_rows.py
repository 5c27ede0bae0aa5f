"""The rows of the outbox: what waits, case by case, and what was accepted last."""

from console.words import outbox as told
from console.words.outbox import Place
from widgets.case_list import Column, RowView
from widgets.line_widget import Piece

COLUMNS = (
    Column("our ref", 15, keep=3),
    Column("action", 9, keep=4),
    Column("stands", 15, keep=5),
    Column("since", 6, keep=2),
    Column("tries", 5, keep=1),
    Column("what · why it came back", 40),
)


class Rows:
    """The rows of the list: what waits, case by case, and below it what was accepted last."""

    def __init__(self) -> None:
        self.waiting: list[Place] = []
        self.accepted: list[Place] = []
        self.now_ms = 0

    def __len__(self) -> int:
        return len(self.waiting) + len(self.accepted)

    def place(self, index: int) -> Place | None:
        """Return what stands at an index."""
        if index < len(self.waiting):
            return self.waiting[index] if index >= 0 else None
        index -= len(self.waiting)
        return self.accepted[index] if index < len(self.accepted) else None

    def index_of(self, key: str) -> int | None:
        """Return where an entry stands."""
        places = (*self.waiting, *self.accepted)
        return next((n for n, place in enumerate(places) if place.entry.key == key), None)

    def cells(self, index: int) -> RowView | None:
        """Return a row as it is shown."""
        place = self.place(index)
        if place is None:
            return None
        entry = place.entry
        if entry.state == "accepted":
            return RowView(_accepted_cells(place))
        state = told.state_words(place, self.now_ms)
        name: Piece = ("  └", "muted") if place.head is not None else (place.name, "text")
        why = told.why(entry)
        back = entry.state in told.CAME_BACK
        says: Piece = (told.says(entry), "text")
        reason: list[Piece] = [(why, "error" if back else "muted")] if why else []
        gap: list[Piece] = [("  ·  ", "muted")] if why and says[0] else []
        last = [*reason, *gap, says] if back else [says, *gap, *reason]
        return RowView(
            [
                [name],
                [(entry.type, "text")],
                [state],
                [(told.ago(entry.recorded_ms, self.now_ms), "muted")],
                [(str(entry.attempts) if entry.attempts else "", "muted")],
                last,
            ]
        )

    def want(self, start: int, stop: int) -> None:
        """Everything is here."""

    @property
    def counting_down(self) -> bool:
        """Whether an undo window is open."""
        return any(told.undo_seconds(place.entry, self.now_ms) for place in self.waiting)


def _accepted_cells(place: Place) -> list[list[Piece]]:
    at = told.received(place.entry)
    return [
        [(place.name, "muted")],
        [(place.entry.type, "muted")],
        [("accepted", "muted")],
        [(at[11:16] + "Z" if at else "", "muted")],
        [("", "muted")],
        [(f"{at or 'no time given'} · {told.says(place.entry)}", "muted")],
    ]
