"""What changed meanwhile, beside what was decided: three columns, and three ways to settle it."""

from collections.abc import Iterable
from enum import Enum

from textual import events
from textual.widget import Widget

from console.casework.findings import Finding
from console.commands import COMMANDS, Situation, keys_for
from console.desk import RefusedByPolicy
from console.screens.base import NightScreen
from console.screens.confirm import ConfirmScreen, confirmation
from console.screens.moving import Reading
from console.sync.events import CasesChanged, SyncEvent
from console.words.comparison import NOTHING, Difference, decided_words
from console.words.outbox import Place, says
from console.words.settling import read_comparison
from local_cache.entries import Entry
from local_cache.records import Policy
from widgets.line_widget import Piece, fit
from widgets.text_lines import Line, heading
from widgets.text_view import TextView
from widgets.wrapping import wrap

WIDE = 90
"""Cells from which the three stand side by side."""
_TITLES = ("what was seen", "what is now", "what was decided")
_GAP = 2


class Settled(Enum):
    """How the specialist settled it."""

    KEPT = "kept"
    REDO = "redo"
    DROPPED = "dropped"


class CompareScreen(Reading, NightScreen):
    """The three-way view of an entry. Its result is a `Settled`, None where nothing was done."""

    CONTEXTS = ("compare", "move", "global")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._chain: list[Entry] = []
        self._policy: Policy | None = None
        self._differences: list[Difference] | None = None
        self._missing = ""
        self._present: str | None = None
        self._refused: tuple[Finding, ...] = ()
        self._view = TextView(empty="Reading…", id="text")

    def body(self) -> Iterable[Widget]:
        """Show the comparison."""
        yield self._view

    @property
    def reader(self) -> TextView:
        """The text that keys move."""
        return self._view

    def on_mount(self) -> None:
        """Read the three states of the case."""
        self.set_focus(self._view)
        self.later(self._read())

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the columns out at the new width."""
        self._lay_out()

    def situation(self) -> Situation:
        """Return what commands can know here."""
        return Situation(me=self.desk.profile.specialist_id, online=bool(self.host.standing.online))

    def heard(self, event: SyncEvent) -> None:
        """Read again where the case changed once more."""
        if isinstance(event, CasesChanged) and (
            event.ids is None or self._place.entry.case_id in event.ids
        ):
            self.later(self._read())

    async def _read(self) -> None:
        read = await self.host.off_loop(lambda: read_comparison(self.desk, self._place))
        self._chain, self._policy = read.chain, read.policy
        self._differences, self._missing = read.differences, read.missing
        self._present = read.present
        self._lay_out()

    # --- Showing ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        width = self._view.size.width - 1
        if width > 0 and (self._differences is not None or self._missing):
            self._view.set_lines(list(self._lines(width)), keep=True)

    def _lines(self, width: int) -> Iterable[Line]:
        entry = self._place.entry
        yield heading(f"{entry.type.capitalize()} on {self._place.name} · {self._place.requester}")
        yield from self._against()
        yield from self._settling()
        yield Line()
        differences = self._differences or []
        changed = [one for one in differences if one.changed]
        if differences:
            yield from _titles(width)
        for difference in differences:
            yield from _difference(difference, width)
        if differences and not changed:
            yield Line((("Nothing that a decision stands on changed.", "muted"),))
        yield Line()
        yield heading("What was decided, whole")
        for text in decided_words(self._chain, self._policy):
            yield Line(((f"  {text}", "text"),), hang=4)

    def _against(self) -> Iterable[Line]:
        if self._missing:
            yield Line(((self._missing, "warning"),))
        if self._refused:
            yield Line(
                (("Not recorded anew, and nothing was lost. What stands against it:", "error"),)
            )
            for found in self._refused:
                yield Line(((f"  {found.pointer or '/'}: {found.detail}", "error"),), hang=4)

    def _settling(self) -> Iterable[Line]:
        if self._place.entry.state != "changed":
            yield Line((("It did not come back; this only shows how it stands.", "muted"),))
            return
        for command, words in (
            ("compare.keep", "stand by it: record the same anew on the present case"),
            ("compare.redo", "do it again: drop this, and begin afresh on the present case"),
            ("compare.drop", "drop it"),
        ):
            yield Line(((f"  {keys_for(command):<3}", "key"), (words, "text")), hang=5)
        behind = len(self._chain) - 1
        if behind:
            yield Line(
                ((f"  {behind} recorded after it on this case go the same way.", "warning"),)
            )

    # --- Settling ---------------------------------------------------------------------------

    def do_compare_keep(self, _count: int | None) -> None:
        """Stand by it: record the same anew on the present case."""
        if self._can_settle():
            self.later(self._keep())

    async def _keep(self) -> None:
        entry, seen = self._place.entry, self._present
        what = [f"{one.type:<11}{says(one)}" for one in self._chain]
        what.append("you        have seen what changed, and stand by this")
        lines = confirmation(self._place.name, self._place.requester, what)
        if not await self.ask_screen(ConfirmScreen(f"Stand by {entry.type}", lines)):
            self.tell("Not confirmed: it stays as it was.", "warning")
            return
        try:
            await self.host.off_loop(lambda: self.desk.keep(entry.key, seen=seen))
        except RefusedByPolicy as refusal:
            self._refused = refusal.findings
            await self._read()
            self._view.top()
            self.tell("Not recorded anew: see what stands against it.", "error")
            return
        self.dismiss(Settled.KEPT)

    def do_compare_redo(self, _count: int | None) -> None:
        """Drop it and do it afresh on the present case."""
        if self._can_settle():
            self.later(self._drop(Settled.REDO, "Drop it and begin afresh"))

    def do_compare_drop(self, _count: int | None) -> None:
        """Drop it."""
        if self._can_settle():
            self.later(self._drop(Settled.DROPPED, "Drop it"))

    async def _drop(self, settled: Settled, title: str) -> None:
        entry = self._place.entry
        if len(self._chain) > 1:
            what = [f"{one.type}  {says(one)}" for one in self._chain]
            lines = confirmation(self._place.name, self._place.requester, what)
            if not await self.ask_screen(ConfirmScreen(title, lines)):
                self.tell("Not confirmed: it stays as it was.", "warning")
                return
        afresh = settled is Settled.REDO
        await self.host.off_loop(lambda: self.desk.discard(entry.key, afresh=afresh))
        self.dismiss(settled)

    def do_undo(self, _count: int | None) -> None:
        """Take nothing back here: there are three ways to settle it."""
        self.tell(
            " · ".join(
                f"{keys_for(name)} {COMMANDS[name].footer}"
                for name in ("compare.keep", "compare.redo", "compare.drop")
            ),
            "muted",
        )

    def _can_settle(self) -> bool:
        if self._place.entry.state == "changed":
            return True
        self.tell("It did not come back: there is nothing to settle.", "muted")
        return False


# --- Columns ------------------------------------------------------------------------------------


def _titles(width: int) -> Iterable[Line]:
    if width >= WIDE:
        room = _room(width)
        yield Line(tuple(piece for title in _TITLES for piece in _cell(title, "heading", room)))


def _difference(difference: Difference, width: int) -> Iterable[Line]:
    mark = " (both changed it)" if difference.conflicting else ""
    yield Line(((f"{difference.label}{mark}", "key"),), key=difference.label)
    texts = (difference.seen, difference.now, difference.decided)
    roles = (
        "muted",
        "warning" if difference.changed else "muted",
        "unsent" if difference.decided != difference.seen else "muted",
    )
    if width < WIDE:
        for title, text, role in zip(_TITLES, texts, roles, strict=True):
            if text == NOTHING:
                continue
            for number, part in enumerate(text.split("\n")):
                lead = f"  {title:<17}" if not number else " " * 19
                yield Line(((lead, "muted"), (part, role)), hang=19)
        return
    room = _room(width)
    columns = [_broken(text, room) for text in texts]
    for row in range(max(map(len, columns))):
        pieces: list[Piece] = []
        for column, role in zip(columns, roles, strict=True):
            pieces += _cell(column[row] if row < len(column) else "", role, room)
        yield Line(tuple(pieces))


def _room(width: int) -> int:
    return (width - 2 * _GAP) // 3 - 1


def _broken(text: str, room: int) -> list[str]:
    return [
        line[start:end].rstrip() for line in text.split("\n") for start, end in wrap(line, room)
    ]


def _cell(text: str, role: str, room: int) -> list[Piece]:
    return [*fit([(text, role)], room), (" " * _GAP, "text")]
