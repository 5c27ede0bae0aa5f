"""A case read in sections: what each is called, what it says, what stays covered."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from msgspec import Struct

from console.errors import UsageError
from console.wording import Line

COVERED: Final = "covered: text of a case with graphic content; reveal shows it"
ABOUT: Final = "about"
"""The section that a case begins with: title, references, state, what was recorded here."""
_IN_COLUMNS: Final = (ABOUT, "Clocks", "Requester")
_ALSO: Final = {
    "checks": ("requester",),
    "verification": ("requester",),
    "history": ("decisions", "responses", "preservations", "enforcements", "notes"),
    "persons": ("persons at risk",),
    "related": ("related cases",),
    "data": ("data sought",),
    "stream": ("live stream",),
}
"""Words that people ask for, and the sections that answer."""


class Section(Struct, frozen=True):
    """One part of a case."""

    name: str
    lines: tuple[Line, ...]

    def spoken(self, *, revealed: bool) -> Iterator[str]:
        """Yield its lines; a run of covered ones is one line until it is revealed."""
        for masked, group in groupby(self.lines, key=lambda line: line.masked):
            if masked and not revealed:
                yield COVERED
                continue
            for line in group:
                # Columns are for the eye; only what people wrote is left as it stands.
                words = line.text.split() if self.name in _IN_COLUMNS else [line.text.strip()]
                if words and words[0]:
                    yield " ".join(words)


def sections_of(lines: Iterable[Line]) -> list[Section]:
    """Cut the lines of a case at its headings; the first section has what stands before Clocks.

    The lines begin with what is recorded here, if anything is, and with the title: both belong to
    the first section. The next heading is that of a section of its own.
    """
    found: list[tuple[str, list[Line]]] = [(ABOUT, [])]
    gap = False
    for line in lines:
        if line.role == "heading" and gap and _told_title(found):
            found.append((line.text, []))
        else:
            found[-1][1].append(line)
        gap = not line.text
    return [Section(name, tuple(told)) for name, told in found if told]


def _told_title(found: Sequence[tuple[str, list[Line]]]) -> bool:
    """Tell whether the title of the case was told, which may stand behind what is recorded here."""
    return any(line.text.startswith("our ref ") for line in found[0][1])


def named(sections: Sequence[Section], wanted: str) -> list[Section]:
    """Return the sections that a word means.

    Raises:
        UsageError: where none is called so; it names what there is.
    """
    name = wanted.casefold().strip()
    if name == "all":
        return list(sections)
    titles = _ALSO.get(name, (name,))
    for fits in (
        [one for one in sections if plain(one.name) in titles],
        [one for one in sections if plain(one.name).startswith(titles)],
    ):
        if fits:
            return fits
    there = ", ".join(plain(one.name) for one in sections)
    raise UsageError(f"This case has no section {wanted}. It has: {there}")


def plain(name: str) -> str:
    """Return the name of a section as it is typed: without what stands in brackets."""
    return name.partition(" (")[0].casefold()
