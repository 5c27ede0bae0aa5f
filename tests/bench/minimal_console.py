"""The least that Textual can do: a line that says how often `j` was pressed."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static


class Minimal(App[None]):
    """One widget, one key."""

    presses = 0

    def compose(self) -> ComposeResult:
        yield Static("ready", markup=False)

    def on_key(self, event: Key) -> None:
        if event.key == "j":
            self.presses += 1
            self.query_one(Static).update(f"pressed {self.presses}")


if __name__ == "__main__":
    Minimal().run(mouse=False)
