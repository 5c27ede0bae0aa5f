"""What an action on many cases will do, to look over before it is recorded."""

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from console.commands import keys_for
from console.composing import bulk
from console.composing.bulk import Plan
from console.screens.confirm import ConfirmScreen
from console.screens.moving import Reading
from console.words import many as words
from widgets.line_widget import Piece
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

AT_ONCE = 25
"""Cases that are looked at in one go; between two, keys are taken and the progress is shown."""


class ManyScreen(Reading):
    """Shows how many cases, the oldest, the tightest clock, and those left out with the reason.

    Its result is True where it is to be recorded. The keys are those of a form.
    """

    CSS_PATH = "form.tcss"
    CONTEXTS = ("form", "move", "global")
    FOOTER = ("many",)  # what there is to press stands in the text

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self._looked_at = 0
        self._total = len(plan.go)

    def body(self) -> Iterable[Widget]:
        """Show what will be done."""
        yield TextView(self._lines(), id="text")

    def on_mount(self) -> None:
        """Look at the cases, one stretch after the other."""
        self.reader.focus()
        self.later(self._look())

    @property
    def reader(self) -> TextView:
        """The text that keys move."""
        return self.query_one("#text", TextView)

    async def _look(self) -> None:
        rows = list(self.plan.go)
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            await self.host.off_loop(lambda some=some: bulk.judge(self.desk, self.plan, some))
            self._looked_at += len(some)
            self.reader.set_lines(self._lines(), keep=True)

    @property
    def _ready(self) -> bool:
        return self._looked_at == self._total

    def _lines(self) -> list[Line]:
        now_ms = round(self.host.server_now().timestamp() * 1000)
        lines = [heading(self.plan.title), Line(), *fact_lines(words.facts(self.plan, now_ms))]
        return [*lines, Line(), Line(((f"  {self._how()}", "muted"),), hang=2)]

    def _how(self) -> str:
        leaves = f"{keys_for('form.cancel')} leaves without doing it"
        if not self._ready:
            return f"Looking at the cases: {self._looked_at:,} of {self._total:,} · {leaves}"
        if not self.plan.go:
            return f"Nothing can be recorded · {leaves}"
        then = "asks for digits, then records" if self.plan.confirmed else "records"
        return f"{keys_for('form.submit')} {then} on {words.cases(len(self.plan.go))} · {leaves}"

    def do_form_submit(self, _count: int | None) -> None:
        """Record it, once all cases were looked at."""
        if not self._ready:
            self.tell("Not yet: the cases are still being looked at.", "warning")
        elif not self.plan.go:
            self.tell("None of these cases can take it.", "warning")
        elif self.plan.confirmed:
            self.opening(self._confirm())
        else:
            self.dismiss(True)

    async def _confirm(self) -> None:
        now_ms = round(self.host.server_now().timestamp() * 1000)
        told = fact_lines(words.facts(self.plan, now_ms))
        title = f"{self.plan.title}: {words.cases(len(self.plan.go))}"
        if await self.ask_screen(ConfirmScreen(title, told)):
            self.dismiss(True)
        else:
            self.tell("Not confirmed, nothing recorded.", "warning")

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave without recording."""
        self.dismiss(False)

    async def goes_back(self) -> bool:
        """Leave without recording."""
        self.dismiss(False)
        return False


def fact_lines(facts: Sequence[str | Piece]) -> list[Line]:
    """Return facts as lines, their later rows hanging beside the first word."""
    pieces = [(each, "text") if isinstance(each, str) else each for each in facts]
    return [Line((("  ", "text"), piece), hang=13) for piece in pieces]
