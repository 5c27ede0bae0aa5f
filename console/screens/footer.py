"""The foot of a screen: the keys that matter most on it, or for a while what there is to say."""

from collections.abc import Sequence
from typing import Final

from console.commands import COMMANDS, Command, keys_for
from widgets.line_widget import LineWidget, Piece
from widgets.wrapping import cells, wrap

MESSAGE_LINES: Final = 3
_MORE: Final[Piece] = (" … ", "muted")
"""Says that there are more keys than there is room for."""


class Footer(LineWidget):
    """The keys that matter most on this screen, or for a while what there is to say."""

    def __init__(self, contexts: Sequence[str]) -> None:
        super().__init__(id="footer")
        self._contexts = contexts
        self._said: list[Piece] = []
        self._named = self._keys()

    def keys_changed(self) -> None:
        """Name the keys anew: the keymap is another one."""
        self._named = self._keys()
        self.refresh()

    def _keys(self) -> list[tuple[Piece, Piece]]:
        """Return each key with what it does: those of this place first, help last."""
        named = [one for one in COMMANDS.values() if one.footer and self._place(one) is not None]
        named.sort(key=lambda one: (one.id == "help", self._place(one)))
        return [((f" {keys_for(one.id)} ", "key"), (f"{one.footer} ", "muted")) for one in named]

    def _place(self, command: Command) -> int | None:
        """Return how near to this place a command is, 0 the nearest; None where it is not here."""
        return next(
            (at for at, context in enumerate(self._contexts) if context in command.contexts), None
        )

    def _fitting(self) -> Sequence[Piece]:
        """Return the keys that there is room for; where that is not all, a sign, and help."""
        room = self.size.width
        if sum(map(_wide, self._named)) <= room:
            return [piece for both in self._named for piece in both]
        last = self._named[-1:] if self._named[-1][1][0] == f"{COMMANDS['help'].footer} " else []
        room -= sum(map(_wide, last)) + len(_MORE[0])
        pieces: list[Piece] = []
        for both in self._named[: len(self._named) - len(last)]:
            room -= _wide(both)
            if room < 0:
                break
            pieces += both
        return [*pieces, _MORE, *(piece for both in last for piece in both)]

    def say(self, text: str, role: str) -> None:
        """Show a message in place of the keys, in as many lines as it needs, three at most."""
        width = max(20, self.size.width - 1)
        spans = wrap(text, width)[:MESSAGE_LINES]
        self._said = [(f" {text[start:end]}", role) for start, end in spans] if text else []
        self.styles.height = max(1, len(self._said))
        self.refresh()

    def line(self, y: int) -> Sequence[Piece]:
        """Return the keys and what they do, or a line of the message."""
        if self._said:
            return self._said[y : y + 1]
        return self._fitting() if y == 0 else ()


def _wide(both: tuple[Piece, Piece]) -> int:
    return sum(cells(text) for text, _ in both)
