"""What was recorded last, to do it again with the same answers."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from console.composing.by_form import Prepared
    from console.composing.forms import Values

NOTHING: Final = "Nothing was recorded yet that could be repeated."


class Last(Struct, frozen=True):
    """What was recorded last, to do again: a command, and what was answered to its form."""

    command: str
    form: str = ""
    """The type of the form; empty where there was none."""
    answers: "Values | None" = None

    def body(self, prepared: "Prepared", now: datetime) -> dict[str, Any] | None:
        """Return what the same answers make here; None where it would be something else here.

        A time such as `+2h` is counted from `now`. To close a closed case would be to reopen it.
        """
        from console.composing.forms import body  # not needed for the first paint

        if self.form != prepared.form.type:
            return None
        return body(prepared.form, self.answers or {}, now)
