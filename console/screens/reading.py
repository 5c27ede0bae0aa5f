"""Keys that move a text, for screens that have one to read."""

from console.screens.base import NightScreen
from widgets.text_view import TextView


class Reading(NightScreen):
    """The commands of the context `move`, for the text that the screen names."""

    @property
    def reader(self) -> TextView:
        """The text that keys move."""
        raise NotImplementedError

    def do_nav_down(self, count: int | None) -> None:
        """Down."""
        self.reader.move(count or 1)

    def do_nav_up(self, count: int | None) -> None:
        """Up."""
        self.reader.move(-(count or 1))

    def do_nav_top(self, _count: int | None) -> None:
        """To the top."""
        self.reader.top()

    def do_nav_bottom(self, _count: int | None) -> None:
        """To the bottom."""
        self.reader.bottom()

    do_nav_home = do_nav_top
    do_nav_end = do_nav_bottom

    def do_nav_half_down(self, count: int | None) -> None:
        """Half a page down."""
        self.reader.half_page(count or 1)

    def do_nav_half_up(self, count: int | None) -> None:
        """Half a page up."""
        self.reader.half_page(-(count or 1))

    def do_nav_page_down(self, count: int | None) -> None:
        """A page down."""
        self.reader.page(count or 1)

    def do_nav_page_up(self, count: int | None) -> None:
        """A page up."""
        self.reader.page(-(count or 1))
