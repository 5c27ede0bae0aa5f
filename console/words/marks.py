"""Marks in words: how many there are, what became of them."""

from console.desk.marks import Marks
from console.words.row import Piece


def marked(marks: Marks) -> str:
    """Count marks, and those that the list does not show."""
    outside = marks.outside
    return f"{len(marks):,} marked" + (f", {outside:,} not in this list" if outside else "")


def lost(count: int) -> Piece:
    """Say that cases lost their marks because they left."""
    gone = "1 marked case is" if count == 1 else f"{count:,} marked cases are"
    return f"{gone} gone or no longer ours to see: not marked any more.", "warning"


def unmarked(count: int, again: str) -> str:
    """Say that all marks are off, and what brings them back."""
    word = "1 mark is" if count == 1 else f"{count:,} marks are"
    return f"{word} off. {again} brings them back."
