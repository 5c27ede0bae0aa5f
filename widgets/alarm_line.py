"""The line that stays on every screen until somebody says that they saw it."""

from msgspec import Struct

from widgets.line_widget import OneLine, Piece


class Alarm(Struct, frozen=True):
    """Something that must not be missed."""

    key: str
    """Names it: an alarm raised again under its key replaces the first, and is still one."""
    text: str
    role: str = "error"
    urgency: int = 0
    """The most urgent is shown first; of the same urgency the newest."""


class AlarmLine(OneLine):
    """Shows the foremost alarm and how many there are. It never takes the focus or a key."""

    DEFAULT_CSS = """
    AlarmLine {
        display: none;
    }
    """
    GROUND = "bar"

    def __init__(
        self,
        *,
        hint: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.hint = hint
        """Says which key acknowledges."""
        self._alarms: dict[str, Alarm] = {}

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What is not acknowledged, foremost first."""
        newest_first = reversed(self._alarms.values())
        return tuple(sorted(newest_first, key=lambda alarm: -alarm.urgency))

    def raise_alarm(self, alarm: Alarm) -> None:
        """Show an alarm, in the place of one with the same key."""
        self._alarms.pop(alarm.key, None)
        self._alarms[alarm.key] = alarm
        self._show()

    def withdraw(self, key: str) -> None:
        """Take an alarm back, because its reason is gone."""
        self._alarms.pop(key, None)
        self._show()

    def acknowledge(self) -> Alarm | None:
        """Take the foremost alarm as seen and return it; the next one comes forward."""
        if not self._alarms:
            return None
        seen = self.alarms[0]
        self.withdraw(seen.key)
        return seen

    def acknowledge_all(self) -> tuple[Alarm, ...]:
        """Take all alarms as seen and return them."""
        seen = self.alarms
        self._alarms = {}
        self._show()
        return seen

    def content(self) -> list[Piece]:
        """Return the foremost alarm, how many more there are, and how to acknowledge."""
        alarms = self.alarms
        if not alarms:
            return []
        first = alarms[0]
        count = f"ALARM 1 of {len(alarms)} " if len(alarms) > 1 else "ALARM "
        pieces: list[Piece] = [(count, first.role)]
        # The hint stands before the text, which may be long and from outside.
        if self.hint:
            pieces.append((f"({self.hint}) ", "muted"))
        return [*pieces, (first.text, first.role)]

    def _show(self) -> None:
        self.display = bool(self._alarms)
        self.refresh()
