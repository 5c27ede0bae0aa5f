"""One line for long work: what is done, how far it is. It stands still unless the work moves."""

from widgets.line_widget import OneLine, Piece

_BAR = 20


class ProgressLine(OneLine):
    """Shows the progress of one thing at a time; not there at all while nothing is going on."""

    DEFAULT_CSS = """
    ProgressLine {
        display: none;
    }
    """
    GROUND = "bar"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._pieces: list[Piece] = []

    def show(self, text: str, done: int, total: int | None, *, hint: str = "") -> None:
        """Show that `done` of `total` is done, or so many where the total is unknown.

        `hint` says how the work can be left or stopped.
        """
        pieces = _progress(text, done, total)
        if hint:
            pieces.append((f"  {hint}", "muted"))
        if pieces != self._pieces or not self.display:
            self._pieces = pieces
            self.display = True
            self.refresh()

    def done(self) -> None:
        """Take the line away."""
        self._pieces = []
        if self.display:
            self.display = False

    def content(self) -> list[Piece]:
        """Return the line."""
        return self._pieces


def _progress(text: str, done: int, total: int | None) -> list[Piece]:
    if total is None or total <= 0:
        return [(f"{text}  ", "text"), (f"{done:,} so far", "muted")]
    part = max(0.0, min(1.0, done / total))
    filled = int(part * _BAR)
    bar = "#" * filled + "." * (_BAR - filled)
    # Never 100 % before it is all done: somebody may be waiting for exactly that.
    percent = 100 if done >= total else min(99, int(part * 100))
    numbers = f"{done:,} of {total:,}  [{bar}]  {percent} %"
    return [(f"{text}  ", "text"), (numbers, "muted")]
