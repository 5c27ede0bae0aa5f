"""A list, a text, and what may come over them, for `test_at_once`; a script, run on a terminal.

Keys move and cover things. `ctrl+y` paints all anew by Textual's compositor. After each key comes
a mark (the title of the window), once the screen is painted.
"""

import random
import sys
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from widgets import armor, at_once
from widgets.case_list import Column, RowView, VirtualList
from widgets.direct_driver import DirectApp
from widgets.text_lines import Line
from widgets.text_view import TextView
from widgets.which_key import WhichKey

# Nothing that joins: what that does to the emulator depends on where a read ends.
WORDS = ("late", "home", "家に帰る", "🇩🇪", "👍🏽", "a⟦RLO⟧b", "שלום", "wait")
ROWS = 400


def words(seed: int, count: int) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(count))


class Rows:
    """Some rows come late."""

    def __init__(self) -> None:
        self.late = {number for number in range(ROWS) if number % 7 == 0}
        self.wanted: list[tuple[int, int]] = []

    def cells(self, index: int) -> RowView | None:
        if index in self.late:
            return None
        return RowView(
            [[(f"P{index % 5}", f"P{index % 5}")], [(words(index, 9), "text")]], index % 3 == 0
        )

    def want(self, start: int, stop: int) -> None:
        self.wanted.append((start, stop))


class Over(ModalScreen[None]):
    """Covers all, and lets it shine through."""

    def compose(self) -> ComposeResult:
        yield Static("in front")


class Painting(DirectApp):
    """What is painted at once, and what may come over it."""

    CSS = """
    Screen { layers: base above; }
    #list { width: 55%; }
    #over { layer: above; width: 20; height: 3; offset: 4 5; background: red; display: none; }
    Over Static { width: 10; height: 2; }
    """
    keys = 0

    def compose(self) -> ComposeResult:
        self.rows = Rows()
        columns = [Column("", 4), Column("words", 20)]
        self.list = VirtualList(self.rows, columns, count=ROWS, id="list")
        self.text = TextView(self.lines(1), id="text")
        self.strip = WhichKey(delay=0)
        with Horizontal():
            yield self.list
            yield self.text
        yield Static("over all", id="over")
        yield self.strip

    @staticmethod
    def lines(seed: int) -> list[Line]:
        return [Line(((words(seed * 100 + number, 12), "text"),)) for number in range(60)]

    def on_mount(self) -> None:
        self.list.focus()

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self.press(event.key)
        self.keys += 1
        self.mark(self.keys)

    def mark(self, number: int, rounds: int = 5) -> None:
        """A layout resizes widgets, which then paint anew: after some rounds all is there."""
        if rounds:
            self.call_after_refresh(self.mark, number, rounds - 1)
            return
        assert self._driver is not None
        self._driver.write(f"\x1b]2;{number} {at_once.painted}\x07")

    def press(self, key: str) -> None:
        mover: VirtualList | TextView = self.list if self.list.has_focus else self.text
        screen: Screen[Any] = self.screen
        if isinstance(screen, Over) and key not in ("M", "ctrl+y"):
            return
        match key:
            case "j" | "k":
                mover.move(1 if key == "j" else -1)
            case "d" | "u":
                mover.page(1 if key == "d" else -1)
            case "g" | "G":
                (mover.top if key == "g" else mover.bottom)()
            case "n":
                self.text.set_lines(self.lines(self.list.cursor), keep=False)
            case "s":
                self.text.search("late")
            case "tab":
                (self.text if self.list.has_focus else self.list).focus()
            case "r":
                self.rows.late.clear()
                for wanted in self.rows.wanted:
                    self.list.rows_arrived(*wanted)
            case "f":
                self.list.reset(self.keys * 7 % ROWS, keep=self.keys % 50)
            case "l":
                self.list.start_jump()
            case "L":
                self.list.end_jump()
            case "o":
                over = self.query_one("#over")
                over.display = not over.display
            case "w":
                self.strip.expect("g", [("g", "top"), ("o", "outbox")])
            case "W":
                self.strip.clear()
            case "m":
                self.push_screen(Over())
            case "M" if isinstance(screen, Over):
                screen.dismiss(None)
            case "ctrl+y":
                screen.refresh(layout=True)
            case "ctrl+q":
                self.exit(0)
            case _:
                pass


if __name__ == "__main__":
    armor.install()
    sys.exit(Painting().run(mouse=False))
