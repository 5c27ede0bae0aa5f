"""Splitting a filter into words, each with the column where it stands; quotes hold spaces together.

A word typed in the console and one that came through a shell are read alike: the shell has taken
its own quotes away, so `agency:city police` as one argument means `agency:"city police"`.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct


class FilterError(ValueError):
    """A filter that cannot be read: what is wrong, where, and what was most likely meant.

    `column` counts characters from 0 within the text (for shell words: joined by one space).
    """

    def __init__(self, column: int, message: str, suggestion: str | None = None) -> None:
        self.column = column
        self.message = message
        self.suggestion = suggestion
        hint = f"; did you mean {suggestion}?" if suggestion else ""
        super().__init__(f"column {column + 1}: {message}{hint}")


class Word(Struct, frozen=True):
    """A word of the filter: its characters, each with its column and whether it was quoted."""

    column: int
    text: str
    columns: tuple[int, ...]
    quoted: tuple[bool, ...]

    def part(self, start: int, end: int | None = None) -> "Word":
        """Return a piece of the word that knows its place."""
        end = len(self.text) if end is None else end
        column = self.columns[start] if start < len(self.columns) else self.end
        return Word(column, self.text[start:end], self.columns[start:end], self.quoted[start:end])

    @property
    def end(self) -> int:
        """Return the column just after the last character."""
        return self.columns[-1] + 1 if self.columns else self.column

    def find(self, character: str) -> int:
        """Return where an unquoted `character` stands, -1 where none does."""
        places = (n for n, one in enumerate(self.text) if one == character and not self.quoted[n])
        return next(places, -1)

    def split(self, character: str) -> list["Word"]:
        """Split at unquoted occurrences of `character`."""
        parts: list[Word] = []
        start = 0
        for place, one in enumerate(self.text):
            if one == character and not self.quoted[place]:
                parts.append(self.part(start, place))
                start = place + 1
        parts.append(self.part(start))
        return parts


def words_of(text: str, offset: int = 0) -> list[Word]:
    """Split a typed filter.

    Raises:
        FilterError: where a quote is not closed.
    """
    return list(_scan(text, offset))


def _scan(text: str, offset: int) -> Iterator[Word]:
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        start, kept = place, list[tuple[int, str, bool]]()
        opened = -1
        while place < len(text) and (opened >= 0 or not text[place].isspace()):
            one = text[place]
            if one == "\\" and place + 1 < len(text) and text[place + 1] in '"\\':
                kept.append((place + offset, text[place + 1], True))
                place += 2
                continue
            if one == '"':
                opened = place if opened < 0 else -1
            else:
                kept.append((place + offset, one, opened >= 0))
            place += 1
        if opened >= 0:
            raise FilterError(opened + offset, "this quote is not closed")
        yield _word(start + offset, kept)


def _word(column: int, kept: list[tuple[int, str, bool]]) -> Word:
    return Word(
        column,
        "".join(one for _, one, _ in kept),
        tuple(place for place, _, _ in kept),
        tuple(quoted for _, _, quoted in kept),
    )


def shell_words(arguments: Sequence[str], fields: frozenset[str]) -> list[Word]:
    """Split the arguments of a command line; one that holds a whole filter is split as typed."""
    if len(arguments) == 1:
        return words_of(arguments[0])
    words: list[Word] = []
    offset = 0
    for argument in arguments:
        if '"' in argument or _is_filter(argument, fields):
            words += words_of(argument, offset)
        elif argument.strip():
            words.append(_whole(argument, offset))
        offset += len(argument) + 1
    return words


def _is_filter(argument: str, fields: frozenset[str]) -> bool:
    """Tell a whole filter in one argument from one value with spaces in it."""
    pieces = argument.split()
    heads = (piece.lstrip("-").removeprefix("not:").partition(":") for piece in pieces[1:])
    return any(colon and name.casefold() in fields for name, colon, _ in heads)


def _whole(argument: str, offset: int) -> Word:
    quoted = (one.isspace() for one in argument)
    columns = range(offset, offset + len(argument))
    return Word(offset, argument, tuple(columns), tuple(quoted))
