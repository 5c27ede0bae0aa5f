"""What a specialist's own habits are: lines typed into prompts, and saved views of the list.

Both may name people and agencies, so they are kept in the encrypted cache and nowhere else.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from console.casework.filter_words import words_of
from console.desk.reading import Reading
from console.errors import UsageError
from local_cache.hostile import visible
from local_cache.tables import Tables

MOST_LINES: Final = 200
"""Lines kept of each prompt."""
LONGEST_LINE: Final = 500
"""Characters of a line that is kept; a longer one is a paste that nobody wants back."""
VIEW_NUMBERS: Final = range(1, 10)
_VIEWS: Final = "views"


class View(Struct, frozen=True):
    """A filter that was given a number and a name. Its order is part of the filter: `sort:due`."""

    number: int
    name: str
    filter: str


def view_filters(views: Iterable[View]) -> dict[str, str]:
    """Return the filter of each view, by its number and by its name."""
    return {
        name.casefold(): view.filter for view in views for name in (str(view.number), view.name)
    }


def spelled_out(text: str, views: Mapping[str, str]) -> str:
    """Return a filter in which what the views say stands in place of their names."""
    words = words_of(text)
    ends = [*(word.column for word in words[1:]), len(text)]
    said = ""
    for word, end in zip(words, ends, strict=True):
        named = word.text.casefold().startswith("view:")
        view = views.get(word.text[5:].casefold()) if named else None
        said += text[word.column : end] if view is None else f"{view} "
    return said.strip()


def with_order(text: str, key: str, *, descending: bool) -> str:
    """Return a filter that says its order: this one, unless it said one already."""
    if any(word.text.removeprefix("-").startswith("sort:") for word in words_of(text)):
        return text.strip()
    return f"{text.strip()} sort:{'-' if descending else ''}{key}".strip()


def without_order(text: str) -> str:
    """Return a filter without the order that it says."""
    return " ".join(word for word in text.split(" ") if not word.startswith(("sort:", "-sort:")))


class Remembering(Reading):
    """Lines and views, kept from one night to the next."""

    def remembered(self, prompt: str) -> list[str]:
        """Return the lines that were typed into a prompt, oldest first."""
        with self.cache.read() as tables:
            return _lines(tables, prompt)

    def remember(self, prompt: str, line: str) -> None:
        """Keep a line behind those of before; one that was typed before moves to the end."""
        if len(line) > LONGEST_LINE:
            return

        def keep(tables: Tables) -> None:
            lines = [each for each in _lines(tables, prompt) if each != line]
            kept = [*lines, line][-MOST_LINES:]
            tables.meta.set(f"prompt.{prompt}", msgspec.json.encode(kept).decode())

        self.cache.write(keep, urgent=False)

    def views(self) -> list[View]:
        """Return the saved views by their numbers."""
        with self.cache.read() as tables:
            return _views(tables)

    def save_view(self, view: View) -> None:
        """Keep a view in place of what had its number.

        Raises:
            UsageError: its name is none, or that of another view.
        """
        if not view.name.strip() or view.name.isdigit():
            raise UsageError("A view is called by a word, not by a number.")

        def keep(tables: Tables) -> None:
            others = [each for each in _views(tables) if each.number != view.number]
            for each in others:
                if each.name.casefold() == view.name.casefold():
                    raise UsageError(f"View {each.number} is called so already.")
            _put_views(tables, [*others, view])

        self.cache.write(keep)

    def drop_view(self, number: int) -> None:
        """Forget a view."""
        self.cache.write(
            lambda tables: _put_views(
                tables, [each for each in _views(tables) if each.number != number]
            )
        )


def _lines(tables: Tables, prompt: str) -> list[str]:
    kept = tables.meta.get(f"prompt.{prompt}")
    return [] if kept is None else msgspec.json.decode(kept, type=list[str])


def _views(tables: Tables) -> list[View]:
    kept = tables.meta.get(_VIEWS)
    views = [] if kept is None else msgspec.json.decode(kept, type=list[View])
    # Typed or pasted at a line, they may hold what acts on a terminal; every screen shows them.
    return [View(view.number, visible(view.name), visible(view.filter)) for view in views]


def _put_views(tables: Tables, views: list[View]) -> None:
    ordered = sorted(views, key=lambda view: view.number)
    tables.meta.set(_VIEWS, msgspec.json.encode(ordered).decode())
