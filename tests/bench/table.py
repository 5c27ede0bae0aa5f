"""The one table that a run of the benchmark prints."""

from dataclasses import dataclass
from typing import Final

_TITLES: Final = ("figure", "ours", "reference", "ratio", "aim", "")


@dataclass(frozen=True)
class Row:
    """A figure: ours, what it is compared with, and what DESIGN-time aims ask of it."""

    figure: str
    ours: str
    reference: str = "-"
    ratio: str = "-"
    aim: str = "-"
    met: bool | None = None
    """None where there is no aim, or nothing to compare with on this machine."""

    @property
    def verdict(self) -> str:
        """Return a word for the last column."""
        return {True: "met", False: "NOT MET", None: ""}[self.met]


def compared(figure: str, ours: float, name: str, theirs: float, most: float | None) -> Row:
    """Compare two times in ms; `most` is the ratio that is aimed at."""
    ratio = ours / theirs
    return Row(
        figure,
        f"{ours:.1f} ms",
        f"{name} {theirs:.1f} ms",
        f"{ratio:.2f}",
        "-" if most is None else f"<= {most:g}",
        None if most is None else ratio <= most,
    )


def table(rows: list[Row]) -> str:
    """Return the rows as text, in columns."""
    cells = [_TITLES, *((r.figure, r.ours, r.reference, r.ratio, r.aim, r.verdict) for r in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_TITLES))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
