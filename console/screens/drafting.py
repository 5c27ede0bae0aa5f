"""A letter on the screen: laid out, weighed as it is typed, kept as it is typed, previewed."""

import asyncio
from collections.abc import Callable, Iterable

import msgspec
from textual import events, on
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget

from console.commands import keys_for
from console.composing.responding import Composed, Ground, Letter, begin, compose, within_grant
from console.composing.response_drafts import Kept, ground_of, keep, kept, new_id
from console.desk import CaseView
from console.screens import draft_fields as parts
from console.screens.asking import height_of
from console.screens.keeping import KEEP_AFTER, TRY_AGAIN
from console.screens.letter_form import LetterForm
from console.screens.moving import Reading
from console.sync.events import CasesChanged, EntryMoved, PolicyChanged, SyncEvent
from console.wording import Line as CaseLine
from console.words.response import (
    decision_line,
    finding_lines,
    left_out,
    preview_lines,
    template_name,
)
from console.words.row import name_of, requester_of
from local_cache.errors import CacheError
from widgets import form as fields
from widgets.text_lines import Line
from widgets.text_view import TextView

WEIGH_AFTER = 0.15
"""Seconds without a key after which the letter is filled and judged anew."""
WIDE = 110
"""Columns from which the findings stand beside the letter."""


class Drafting(Reading):
    """The letter, what stands against it, and the draft that is kept of it."""

    CSS_PATH = "draft.tcss"
    CONTEXTS = ("draft", "form", "global")
    FOOTER = ("draft",)

    def __init__(self, view: CaseView) -> None:
        super().__init__()
        self.view = view
        self.reopened_by, self.about_case = "draft.open", view.id
        self.ground: Ground | None = None
        self.composed: Composed | None = None
        self.draft_id = new_id()
        self.is_ready = False
        """Whether the letter as it stands is kept as ready."""
        self.used_up = False
        """Whether the draft was recorded or thrown away: it is not to be kept any more."""
        self.saving = asyncio.Lock()
        self._kept: Letter | None = None
        """What is on the disk, or was begun with."""
        self._revision = 0
        self._soons: dict[str, Timer] = {}
        self.form = LetterForm()
        self._about = TextView(id="about")
        self._beside = TextView(id="against")
        self._preview = TextView(id="preview")

    def body(self) -> Iterable[Widget]:
        """Lay out what it is about, the letter, the findings; the preview is hidden."""
        yield self._about
        with Container(id="drafting"):
            yield self.form
            yield self._beside
        yield self._preview

    def on_mount(self) -> None:
        """Read what the letter is made of."""
        self._preview.display = False
        self.set_class(self.size.width >= WIDE, "wide")
        self.opening(self._begin())

    def on_resize(self, _event: events.Resize) -> None:
        """Put the findings where there is room."""
        self.set_class(self.size.width >= WIDE, "wide")
        if self.composed is not None:
            self._show_about()
            self._fit()

    # --- Beginning --------------------------------------------------------------------------

    async def _begin(self) -> None:
        case_id = self.view.id

        def read() -> tuple[Ground, Kept | None]:
            return ground_of(self.desk, case_id), kept(self.desk, case_id)

        ground, found = await self.host.off_loop(read)
        if found is None:
            await self.lay_out(ground, begin(ground))
            self._kept = self.form.letter()
            self.to_first_gap()
            return
        letter, beyond = within_grant(ground, found.letter)
        self.draft_id, self.is_ready = found.id, found.ready
        await self.lay_out(ground, letter)
        self._kept = None if found.taken_back else self.form.letter()
        self.form.go_to_place([letter.place])
        if beyond:
            self.tell(left_out(ground, beyond), "warning")
        elif found.taken_back:
            self.tell("Begun with the response that was taken back or came back.", "unsent")

    async def lay_out(self, ground: Ground, letter: Letter) -> None:
        """Show another letter, or the same on another ground."""
        now = self.host.server_now()
        composed = await self.host.off_loop(lambda: compose(ground, letter, now))
        if not self.is_attached:
            return  # it was left meanwhile
        self.ground = ground
        await self.form.lay_out(ground, letter, composed)
        self.show(composed)

    def to_first_gap(self) -> None:
        """Go to the first variable that is needed and empty, else to the text."""
        unfilled = self.composed.unfilled if self.composed else ()
        self.form.go_to_place([parts.GIVEN + name for name in unfilled])

    # --- Weighing ---------------------------------------------------------------------------

    @on(fields.Field.Changed)
    def _field_changed(self, event: fields.Field.Changed) -> None:
        event.stop()
        if self.form.changed(event.field):
            self.revise()

    def revise(self) -> None:
        """Something changed: weigh it and keep it, soon."""
        self._revision += 1
        self._soon("weigh", WEIGH_AFTER, lambda: self.later(self._weigh()))
        self._soon("keep", KEEP_AFTER, lambda: self.later(self.keep()))

    def _soon(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        if name in self._soons:
            self._soons[name].stop()
        self._soons[name] = self.set_timer(seconds, work)

    async def _weigh(self) -> None:
        await self.weigh()

    async def weigh(self) -> Composed | None:
        """Fill and judge what stands in the fields; None where something was typed meanwhile."""
        ground, revision, letter = self.ground, self._revision, self.form.letter()
        assert ground is not None
        now = self.host.server_now()
        composed = await self.host.off_loop(lambda: compose(ground, letter, now))
        if not self.is_attached or revision != self._revision or self.form.letter() != letter:
            return None
        if not self.form.by_hand:
            self.form.load(composed)
        self.form.show_values(composed)
        self.show(composed)
        return composed

    def show(self, composed: Composed) -> None:
        """Show what stands against the letter, and what it is."""
        self.composed = composed
        self._show_about()
        self._beside.set_lines(self._against())
        self._fit()
        if self.previewing:
            self._fill_preview()

    def _against(self) -> list[Line]:
        assert self.composed is not None
        return _lines(finding_lines(self.composed, keys_for("draft.override")), 2)

    def _fit(self) -> None:
        """Give the findings the rows they need where they stand below the letter."""
        against = self._beside
        if self.size.width >= WIDE:
            against.styles.height = "1fr"
        elif self.composed is not None:
            most = max(3, self.size.height // 4)
            against.styles.height = height_of(self._against(), self.size.width - 5, most)

    def _show_about(self) -> None:
        ground, composed = self.ground, self.composed
        assert ground is not None
        assert composed is not None
        title = f"Respond to {name_of(self.view.row)}"
        template = template_name(composed.template) if composed.template else "written freely"
        lines = [
            Line(((title, "heading"), (f"   {requester_of(self.view.row)}", "text"))),
            Line(((template, "key"), ("   ", "text"), _piece(decision_line(ground)))),
        ]
        if self.is_ready:
            go = f"the approval is there; {keys_for('draft.send')} sends it"
            what = "it waits for the approval, nothing was sent" if composed.waits else go
            lines.append(Line(((f"READY: {what}.", "unsent"),)))
        elif composed.template is not None and self.form.written()[1] is not None:
            key = keys_for("draft.refill")
            said = f"Edited by hand: variables no longer change the text. {key} fills it anew."
            lines.append(Line(((said, "muted"),)))
        self._about.set_lines(lines)
        self._about.styles.height = height_of(lines, self.size.width - 5, 4)

    # --- Keeping ----------------------------------------------------------------------------

    async def keep(self) -> None:
        """Keep the letter where it changed since it was."""
        async with self.saving:
            letter = self._to_keep()
            if letter is not None:
                await self.put(letter, ready=False)

    async def put(self, letter: Letter, *, ready: bool) -> None:
        """Put the letter on the disk, again and again until it takes it; with `saving` held."""
        try:
            await self.host.off_loop(
                lambda: keep(self.desk, self.view.id, self.draft_id, letter, ready=ready)
            )
        except CacheError:
            self._soon("keep", TRY_AGAIN, lambda: self.later(self.keep()))
            raise
        self._kept = letter
        if ready != self.is_ready and self.is_attached:
            self.is_ready = ready
            self._show_about()

    def _to_keep(self) -> Letter | None:
        """Return what is to be kept, None where nothing of matter changed since it was."""
        if self.used_up or self.composed is None:
            return None
        letter = self.form.letter()
        if self._kept is not None and _matter(letter) == _matter(self._kept):
            return None
        return letter

    def save(self) -> None:
        """Keep what is written; called before the screen or the program ends."""
        letter = self._to_keep()
        if letter is not None:
            keep(self.desk, self.view.id, self.draft_id, letter)
            self._kept = letter

    # --- The preview, and moving ------------------------------------------------------------

    @property
    def previewing(self) -> bool:
        """Whether the preview is shown in place of the letter."""
        return bool(self._preview.display)

    @property
    def reader(self) -> TextView:
        """The text that keys move: the preview, else the findings."""
        return self._preview if self.previewing else self._beside

    def contexts(self) -> tuple[str, ...]:
        """While a text to be read has the focus, keys move it."""
        reading = self.focused is self.reader
        return ("draft", "form", "move", "global") if reading else super().contexts()

    def do_draft_preview(self, _count: int | None) -> None:
        """Show the response whole, as it would go; or go on writing."""
        if self.composed is None:
            return
        shown = not self.previewing
        place = self.form.letter().place
        self._preview.display = shown
        self.query_one("#drafting").display = not shown
        if shown:
            self.form.change(place=place)
            self._fill_preview()
            self.reader.focus()
        else:
            self.form.go_to_place([place])

    def _fill_preview(self) -> None:
        assert self.ground is not None
        assert self.composed is not None
        told = list(preview_lines(self.ground, self.composed))
        head = next(number for number, line in enumerate(told) if not line.text)
        lines = [*_lines(told[:head], 12), *_lines(told[head:]), Line(), *self._against()]
        self._preview.set_lines(lines)

    def do_form_next(self, _count: int | None) -> None:
        """To the next field, from the last one to the findings."""
        if not self.previewing and not self.form.next():
            self.reader.focus()

    def do_form_previous(self, _count: int | None) -> None:
        """To the previous field; from the findings back to the last one."""
        if self.previewing:
            return
        if self.focused is self.reader:
            self.form.go_to(self.form.fields[-1])
        else:
            self.form.next(-1)

    @on(fields.Form.Finished)
    def _last_field(self, event: fields.Form.Finished) -> None:
        event.stop()
        self.tell(f"That was the last field. {keys_for('draft.send')} sends it.", "muted")

    def keys_changed(self) -> None:
        """Name the keys of the keymap that is in use now."""
        super().keys_changed()
        if self.composed is not None:
            self.show(self.composed)

    # --- News -------------------------------------------------------------------------------

    def heard(self, event: SyncEvent) -> None:
        """Judge anew where the case, the policy or an entry changed: an approval may have come."""
        match event:
            case CasesChanged(ids=ids) if ids is None or self.view.id in ids:
                self.later(self.look_again())
            case EntryMoved(case_id=self.view.id) | PolicyChanged():
                self.later(self.look_again())
            case _:
                pass

    def case_touched(self, case_id: str) -> None:
        """Something was recorded or taken back on the case."""
        if case_id == self.view.id:
            self.later(self.look_again())

    async def look_again(self) -> None:
        """Read case and policy anew; what is no longer granted leaves the letter."""
        before = self.ground
        if before is None or self.used_up:
            return
        ground = await self.host.off_loop(lambda: ground_of(self.desk, self.view.id))
        if ground.granted == before.granted:
            self.ground = ground
            await self.weigh()
            return
        letter, beyond = within_grant(ground, self.form.letter())
        await self.lay_out(ground, letter)
        self.form.go_to_place([letter.place])
        if beyond:
            self.tell(left_out(ground, beyond), "warning")


def _matter(letter: Letter) -> Letter:
    """Return what of a letter is worth keeping by itself: not where the cursor stands."""
    return msgspec.structs.replace(letter, cursor=(0, 0), place="")


def _piece(line: CaseLine) -> tuple[str, str]:
    return (line.text, line.role)


def _lines(told: Iterable[CaseLine], hang: int = 0) -> list[Line]:
    return [Line((_piece(line),), hang=hang) for line in told]
