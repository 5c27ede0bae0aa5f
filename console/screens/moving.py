"""Keys that move: the commands of the context `move`, for the list or text that has the focus."""

from console.commands import keys_for
from console.screens.base import NightScreen
from widgets.case_list import VirtualList
from widgets.text_view import TextView


class Moving(NightScreen, part=True):
    """The commands of the context `move`, for what the screen names."""

    @property
    def mover(self) -> VirtualList | TextView:
        """The list or text that keys move."""
        raise NotImplementedError

    def do_nav_down(self, count: int | None) -> None:
        """Down."""
        self.mover.move(count or 1)

    def do_nav_up(self, count: int | None) -> None:
        """Up."""
        self.mover.move(-(count or 1))

    async def read_whole(self) -> None:
        """Read the list to its end, where only its first rows are here."""

    async def do_nav_top(self, count: int | None) -> None:
        """To the top, or to the row of that number."""
        if count is not None:
            await self.read_whole()
        if count is None or not self._to_row(count):
            self.mover.top()

    async def do_nav_bottom(self, count: int | None) -> None:
        """To the bottom, or to the row of that number."""
        await self.read_whole()
        if count is None or not self._to_row(count):
            self.mover.bottom()

    def _to_row(self, number: int) -> bool:
        mover = self.mover
        if isinstance(mover, VirtualList):
            mover.to(number - 1)
            return True
        return False

    do_nav_home = do_nav_top
    do_nav_end = do_nav_bottom

    def do_nav_half_down(self, count: int | None) -> None:
        """Half a page down."""
        self.mover.half_page(count or 1)

    def do_nav_half_up(self, count: int | None) -> None:
        """Half a page up."""
        self.mover.half_page(-(count or 1))

    def do_nav_page_down(self, count: int | None) -> None:
        """A page down."""
        self.mover.page(count or 1)

    def do_nav_page_up(self, count: int | None) -> None:
        """A page up."""
        self.mover.page(-(count or 1))


def found_words(found: int) -> str:
    """Tell how many places a search found, and how to go through them."""
    if not found:
        return "not found"
    onward, back = keys_for("case.search_next"), keys_for("case.search_previous")
    return f"{found} found; {onward} and {back} go through them"


class Reading(Moving, part=True):
    """A screen with a text to read."""

    @property
    def reader(self) -> TextView:
        """The text that keys move."""
        raise NotImplementedError

    @property
    def mover(self) -> TextView:
        """The text."""
        return self.reader
