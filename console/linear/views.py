"""Saved views in lines: what there is, showing one, keeping, naming, changing and dropping them."""

from msgspec.structs import replace

from console.desk.remembering import VIEW_NUMBERS, View, spelled_out, view_filters, with_order
from console.errors import UsageError
from console.linear.listing import ListPlace
from console.linear.names import numbered


class ViewedList(ListPlace):
    """The list, and the views of it that are kept under a number and a name."""

    def word_views(self, _rest: str) -> None:
        """the saved views; what view takes shows and changes them"""
        views = self.desk.views()
        if not views:
            self.say("No view is saved: view save 3 NAME keeps what the list shows.")
        for view in views:
            self.say(f"view {view.number}: {view.name}: {view.filter}")

    def do_go_views(self, _rest: str) -> None:
        """Say the saved views."""
        self.word_views("")

    def word_view(self, rest: str) -> None:
        """show a saved view: 3, NAME; or save 3 NAME, rename 3 NAME, filter 3 FILTER, drop 3"""
        word, _, more = rest.partition(" ")
        first, _, given = more.strip().partition(" ")
        number = numbered(first, VIEW_NUMBERS[-1])
        changes = {
            "save": self._save,
            "rename": self._rename,
            "filter": self._filter,
            "drop": self._drop,
        }
        if word in changes and number is not None:
            self.session.only_by_hand()
            changes[word](number, given.strip())
        elif word in changes:
            raise UsageError(f"view {word} takes a number from 1 to {VIEW_NUMBERS[-1]} behind it.")
        elif rest:
            self.show(self._view(rest).filter)
        else:
            self.word_views("")

    def _view(self, wanted: str) -> View:
        """Return the view of this number or name.

        Raises:
            UsageError: there is none.
        """
        for view in self.desk.views():
            if wanted.casefold() in (str(view.number), view.name.casefold()):
                return view
        raise UsageError(f"There is no view {wanted}; views says them.")

    def _save(self, number: int, name: str) -> None:
        kept = spelled_out(self.filter, view_filters(self.desk.views()))
        self._keep(View(number, name, with_order(kept, self.sort, descending=self.descending)))

    def _rename(self, number: int, name: str) -> None:
        self._keep(replace(self._view(str(number)), name=name))

    def _filter(self, number: int, text: str) -> None:
        view = self._view(str(number))
        order = self.query(view.filter)
        self.query(text)  # what cannot be read is not kept
        self._keep(replace(view, filter=with_order(text, order.sort, descending=order.descending)))

    def _keep(self, view: View) -> None:
        self.desk.save_view(view)
        self.say(f"saved: view {view.number}: {view.name}: {view.filter}")

    def _drop(self, number: int, _nothing: str) -> None:
        self.desk.drop_view(number)
        self.say(f"dropped: view {number}")
