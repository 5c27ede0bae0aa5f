"""A list above and what is under its cursor below, whole; one of the two has the focus."""

from console.screens.jumping import Jumping
from widgets.case_list import VirtualList
from widgets.text_view import TextView


class TwoPanes(Jumping):
    """How keys go from the list to the details, and back."""

    _list: VirtualList
    _details: TextView

    @property
    def mover(self) -> VirtualList | TextView:
        """The details while they have the focus, else the list."""
        return self._details if self.focused is self._details else self._list

    def do_pane_next(self, _count: int | None) -> None:
        """To the details, or back to the list."""
        self.set_focus(self._list if self.focused is self._details else self._details)

    do_pane_previous = do_pane_next

    async def goes_back(self) -> bool:
        """Leave the details for the list, the list for the desk."""
        if self.focused is self._details:
            self.set_focus(self._list)
            return False
        return True
