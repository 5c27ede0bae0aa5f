"""Jump labels: a letter before each row on the screen, and the next key goes to its row."""

from textual import events

from console.commands import keys_for
from console.screens.moving import Moving
from widgets.case_list import VirtualList


class Jumping(Moving, part=True):
    """A screen with a list whose rows can be jumped to."""

    _jumps: dict[str, int] | None = None
    """While labels are shown: the row that each stands for."""
    _label = ""
    """What of a label was typed so far."""

    def do_list_jump(self, _count: int | None) -> None:
        """Show the labels; the next key, or two, goes to a row."""
        rows = self.mover
        if not isinstance(rows, VirtualList) or not rows.count:
            self.tell(
                f"Labels are for the rows of a list: {keys_for('pane.next')} goes there.", "muted"
            )
            return
        self._jumps, self._label = rows.start_jump(), ""
        self.tell("Type the label of a row to go there; escape leaves.", "muted")

    def takes_key(self, event: events.Key) -> bool:
        """While labels are shown, a key is a label's and no command."""
        return self._labelled() is not None or super().takes_key(event)

    def _labelled(self) -> VirtualList | None:
        """Return the list whose rows have labels; news that changes its rows takes them away."""
        rows = self.mover
        if self._jumps is not None and isinstance(rows, VirtualList) and rows.jumping:
            return rows
        self._jumps = None
        return None

    def on_key(self, event: events.Key) -> None:
        """Go to the row of a label, or leave."""
        rows, jumps = self._labelled(), self._jumps
        if rows is None or jumps is None:
            return
        event.stop()
        event.prevent_default()
        self._label += event.character or ""
        index = jumps.get(self._label)
        if event.is_printable and index is None and any(x.startswith(self._label) for x in jumps):
            return
        self._jumps = None
        rows.end_jump()
        self.tell("")
        if index is not None:
            rows.to(index)
        elif event.key not in ("escape", "ctrl+g"):
            self.tell("No row has this label.", "muted")
