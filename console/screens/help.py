"""Help: all there is, found by a word, a key or a name, with its keys; `enter` runs what is chosen.

What works on the screen that it was called from comes first, then what works elsewhere, the words
of the command line, the tokens of filters, and what is good to know.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from console.commands import Situation, keys_for, lookup
from console.commands.lookup import Entry
from console.screens.moving import Moving
from widgets.case_list import Column, RowView, VirtualList
from widgets.ground import Beside
from widgets.line_widget import LineWidget, OneLine, Piece
from widgets.text_entry import LineEntry
from widgets.wrapping import wrap

_COLUMNS: Final = (Column("where", 21, keep=1), Column("keys", 15, keep=2), Column("what", 0))
_SHORT: Final = 60
"""Characters of a reason that stand in the list; below it stands whole."""


class Chosen(NamedTuple):
    """What is to be done on the screen that help was called from."""

    kind: Literal["command", "line", "filter"]
    name: str


class _Rows:
    """The entries as rows of a list."""

    def __init__(self) -> None:
        self.shown: Sequence[Entry] = ()

    def cells(self, index: int) -> RowView | None:
        """Return an entry; of several with one place, only the first names it."""
        entry = self.shown[index]
        again = index > 0 and self.shown[index - 1].where == entry.where
        keys = " · ".join(entry.keys) if entry.kind == "command" else entry.name
        what: list[Piece] = [(entry.title, "muted" if entry.reason else "text")]
        if entry.reason:
            reason = entry.reason.partition(":")[0][:_SHORT]
            what.append((f"  ({reason})", "warning" if entry.here else "muted"))
        return RowView(((("" if again else entry.where, "heading"),), ((keys, "key"),), what))

    def want(self, start: int, stop: int) -> None:
        """All rows are here."""


class _About(LineWidget):
    """What is chosen, whole: its name and keys, what is in its way, what `enter` does."""

    GROUND = "bar"

    def __init__(self) -> None:
        super().__init__(id="about")
        self._entry: Entry | None = None

    def show(self, entry: Entry | None) -> None:
        """Show another one."""
        self._entry = entry
        self.refresh()

    def line(self, y: int) -> Sequence[Piece]:
        """Return its name and keys, and below what there is to say, over two lines at most."""
        entry = self._entry
        if entry is None:
            clears = f" Nothing is called so. {keys_for('help.leave')} clears what is typed."
            return [(clears, "muted")] if y == 0 else []
        if y == 0:
            name = f":{entry.name}" if entry.kind == "command" else entry.name
            keys = "  or  ".join(entry.keys)
            return [(f" {entry.title} ", "heading"), (f" {keys} ", "key"), (f" {name}", "muted")]
        text, role = _what_enter_does(entry)
        spans = wrap(text, max(20, self.size.width - 2))
        start, end = spans[y - 1] if y <= len(spans) else (0, 0)
        return [(f" {text[start:end]}", role)]


def _what_enter_does(entry: Entry) -> tuple[str, str]:
    if entry.kind == "fact":
        return ("good to know; there is nothing to run", "muted")
    run = keys_for("help.run")
    if entry.kind == "line":
        return (f"{run} opens the command line with it", "text")
    if entry.kind == "filter":
        return (f"{run} opens the filter of the desk with it", "text")
    if entry.reason:
        return (f"cannot run just now: {entry.reason}", "warning")
    return (f"{entry.where.casefold()}; {run} runs it", "text")


class _Sign(OneLine):
    """What stands before the entry."""

    def content(self) -> Sequence[Piece]:
        """Say what can be typed."""
        return ((" find a word, a key, a task: ", "heading"),)


class HelpScreen(Moving):
    """The cheat-sheet; its result is what was chosen, None where it was left."""

    CSS_PATH = "help.tcss"
    reopened_by = "help"
    CONTEXTS = ("help", "text", "move", "global")
    FOOTER = ("help",)

    def __init__(
        self,
        contexts: Sequence[str],
        situation: Situation,
        views: Mapping[int, str],
        *,
        practice: bool,
    ) -> None:
        super().__init__()
        self._asked_from = (tuple(contexts), situation, dict(views))
        self._practice = practice
        self._known = self._entries()
        self._rows = _Rows()
        self._rows.shown = self._known
        self._list = VirtualList(
            self._rows, _COLUMNS, count=len(self._known), empty="Nothing is called so.", id="found"
        )
        self._about = _About()

    def _entries(self) -> list[Entry]:
        known = lookup.entries(*self._asked_from)
        return [each for each in known if self._practice or each.name != ":practice"]

    def body(self) -> Iterable[Widget]:
        """Lay out what is typed, what is found, and the one at the cursor whole."""
        with Beside(id="typed"):
            yield _Sign(id="sign")
            yield LineEntry(id="words")
        yield self._list
        yield self._about

    def on_mount(self) -> None:
        """Keys that type go to what is looked for."""
        self.query_one("#words").focus()
        self._show_chosen()

    def keys_changed(self) -> None:
        """Show the keys of the keymap that is in use now."""
        super().keys_changed()
        self._known = self._entries()
        self._find(self.query_one("#words", LineEntry).value)

    def contexts(self) -> tuple[str, ...]:
        """Help's own keys go before those that edit what is typed."""
        return self.CONTEXTS

    @property
    def mover(self) -> VirtualList:
        """The list of what is found."""
        return self._list

    @property
    def chosen(self) -> Entry | None:
        """What the cursor is at."""
        shown = self._rows.shown
        return shown[self._list.cursor] if shown else None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self.query_one("#words", LineEntry).value:  # else a later one comes
            self._find(event.value)

    def _find(self, words: str) -> None:
        self._rows.shown = lookup.find(self._known, words)
        self._list.reset(len(self._rows.shown), keep=0)
        self._show_chosen()

    @on(VirtualList.Highlighted)
    def _highlighted(self, event: VirtualList.Highlighted) -> None:
        event.stop()
        self._show_chosen()

    def _show_chosen(self) -> None:
        self._about.show(self.chosen)

    def do_help_run(self, _count: int | None) -> None:
        """Run what is chosen on the screen that help was called from, or say why not."""
        # What was typed may be in the same read as `enter`, and not looked for yet.
        self._find_now()
        entry = self.chosen
        if entry is None:
            self.tell("Nothing is called so.", "muted")
        elif entry.kind == "fact":
            self.tell("There is nothing to run: it is good to know.", "muted")
        elif entry.reason:
            self.tell(f"{entry.title}: {entry.reason}.", "warning")
        else:
            self.dismiss(Chosen(entry.kind, entry.name))

    def _find_now(self) -> None:
        found = lookup.find(self._known, self.query_one("#words", LineEntry).value)
        if found != list(self._rows.shown):
            self._rows.shown = found
            self._list.reset(len(found), keep=0)

    def do_help_leave(self, _count: int | None) -> None:
        """Clear what is typed; where nothing is, leave."""
        words = self.query_one("#words", LineEntry)
        if words.value:
            words.value = ""
        else:
            self.dismiss(None)

    do_help_next = Moving.do_nav_down
    do_help_previous = Moving.do_nav_up
    do_help_page_down = Moving.do_nav_page_down
    do_help_page_up = Moving.do_nav_page_up

    def do_help(self, _count: int | None) -> None:
        """Say how this help is used."""
        self.tell(f"This is it: type what you look for; {keys_for('help.leave')} leaves.", "muted")
