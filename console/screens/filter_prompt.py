"""Typing a filter: what may be meant is offered, and what is wrong stands above its place."""

from collections.abc import Callable, Sequence

from console.casework.filters import FilterError, complete, hint, last_word, without_begun
from console.commands.lines import Argument
from console.desk.remembering import View
from console.screens.base import NightScreen
from local_cache.listing import VALUES
from local_cache.query import CaseQuery
from widgets.prompt_line import Offer

SIGN = "/"


class FilterPrompt(NightScreen, part=True):
    """A screen with a prompt for filters."""

    def __init__(self) -> None:
        super().__init__()
        self.views: list[View] = []
        """The saved views, by their numbers."""
        self._values: dict[str, list[str]] = {}
        """What stands in the fields of the cache, once it was asked for."""

    def prompt_for_filter(self, purpose: str, value: str) -> None:
        """Open the prompt with something typed already."""
        self.ask(
            purpose,
            SIGN,
            value=value,
            history=self.host.history("filter"),
            complete=self._offers,
        )

    async def read_views(self) -> None:
        """Read the saved views; they may have changed."""
        self.views = await self.host.off_loop(self.desk.views)
        self._values.pop("view", None)

    # --- What may be meant ------------------------------------------------------------------

    def _offers(self, typed: str) -> Sequence[Offer]:
        return [
            Offer(each.text, label=each.label, title=each.title)
            for each in self.offer_filter(typed)
        ]

    def offer_filter(self, typed: str) -> list[Argument]:
        """Return what the last word of a filter may become; more once its values are read."""
        self._values.setdefault("view", [view.name for view in self.views])
        asked = last_word(typed).lstrip("-").removeprefix("not:")
        if not asked:
            return []  # the word is to come; anything may be meant
        self._learn(asked.partition(":")[0].casefold() if ":" in asked else "")
        words = complete(typed, len(typed), known=self._values)
        kept = typed.removesuffix(last_word(typed))
        return [Argument(kept + word, hint(word), word) for word in words if kept + word != typed]

    def _learn(self, name: str) -> None:
        """Have the values of a field read, the first time that they may be typed."""
        field = "language" if name == "lang" else name
        if field not in self._values and (field in VALUES or field == "queue"):
            self._values[field] = []
            self.later(self._read_values(field))

    async def _read_values(self, field: str) -> None:
        def read() -> list[str]:
            if field == "queue":
                return [queue.id for queue in self.desk.queues()]
            with self.desk.cache.read() as tables:
                return tables.cases.values(field)

        self._values[field] = await self.host.off_loop(read)
        self.host.offer_anew()

    # --- What is wrong ----------------------------------------------------------------------

    def read_typed(
        self, value: str, read: Callable[[str], CaseQuery]
    ) -> tuple[str, CaseQuery] | None:
        """Read what is typed so far, without a word that is begun; None where it cannot be read.

        Then it is said above the place, unless it is only not finished.
        """
        typing = last_word(value)
        value = without_begun(value)
        try:
            query = read(value)
        except FilterError as error:
            unfinished = error.column >= len(value) - len(typing)
            if unfinished and value.endswith((":", ",", "<", ">", "=")):
                self.prompt.hint()
            else:
                self.show_wrong(error, "muted" if unfinished else "error")
            return None
        self.prompt.hint()
        return value.strip(), query

    def show_wrong(self, error: FilterError, role: str = "error") -> None:
        """Show what is wrong with a filter above the place where it stands."""
        text = f"▾ {error}"
        room = max(0, self.size.width - len(text) - 1)
        place = error.column + len(SIGN) + 1
        self.prompt.hint((" " * min(place, room), role), (text, role))
