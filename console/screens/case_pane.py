"""A case as the lines of the case pane, with what is covered until it is asked for."""

from collections.abc import Iterable
from itertools import groupby

from console.commands import keys_for
from console.wording import Line as CaseLine
from widgets.masked_text import MaskedSection
from widgets.text_lines import Line

COVERED = "text of a case with graphic content"


def pane_lines(told: Iterable[CaseLine], *, revealed: bool) -> list[Line]:
    """Turn the lines of a case into those of the pane; runs of covered lines become one."""
    lines: list[Line] = []
    hint = f"{keys_for('text.reveal')} reveals it"
    for masked, group in groupby(told, key=lambda line: line.masked):
        made = [_line(line) for line in group]
        if masked:
            section = MaskedSection(f"masked:{len(lines)}", COVERED, made)
            made = section.shown(revealed=revealed, hint=hint)
        lines += made
    return lines


def _line(line: CaseLine) -> Line:
    indent = len(line.text) - len(line.text.lstrip(" "))
    heading = line.role == "heading"
    return Line(((line.text, line.role),), key=line.text if heading else None, heading=heading,
                hang=min(indent, 12))  # fmt: skip
