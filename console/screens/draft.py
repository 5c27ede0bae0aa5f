"""Drafting a response: what a specialist can do to the letter, up to sending it."""

from pathlib import Path

import msgspec
from textual import on

from console.casework.findings import Finding
from console.commands import keys_for
from console.composing.responding import (
    Composed,
    Ground,
    on_template,
    written_freely,
)
from console.composing.response_drafts import attach, record
from console.screens import draft_fields as parts
from console.screens.confirm import ConfirmScreen, confirmation
from console.screens.drafting import Drafting
from console.screens.pick import PickScreen
from console.words.response import confirm_facts, place_of, template_name
from console.words.row import name_of, requester_of
from local_cache.hostile import visible
from widgets.choice import Option

_FREE = "-"
"""Stands for no template in the list of templates."""


class DraftScreen(Drafting):
    """Writes a response and records it. Its result is the entry, None where it was left.

    What is typed is kept as a draft, and dropped in the step that records the response. One that
    discloses before its decision is approved is kept ready instead.
    """

    _sending = False

    # --- Leaving ----------------------------------------------------------------------------

    async def goes_back(self) -> bool:
        """Leave the preview for the letter, the letter for the desk."""
        self.do_form_cancel(None)
        return False

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave the preview for the letter, the letter for the desk; the draft is kept."""
        if self.previewing:
            self.do_draft_preview(None)
        else:
            self.later(self._keep_and_leave())

    do_draft_leave = do_form_cancel

    async def _keep_and_leave(self) -> None:
        await self.keep()
        self.dismiss(None)

    def do_form_submit(self, _count: int | None) -> None:
        """Say that a draft is kept by itself, and how it is sent."""
        self.later(self.keep())
        self.tell(f"The draft is kept as you type. {keys_for('draft.send')} sends it.", "muted")

    def do_draft_discard(self, _count: int | None) -> None:
        """Throw the draft away."""
        self.later(self._discard())

    async def _discard(self) -> None:
        options = [Option("keep", "Keep it"), Option("discard", "Throw it away")]
        if await self.ask_screen(PickScreen("Throw this draft away?", options)) != "discard":
            return
        async with self.saving:
            self.used_up = True
            await self.host.off_loop(lambda: self.desk.drop_draft(self.draft_id))
        self.dismiss(None)

    # --- The template -----------------------------------------------------------------------

    def do_draft_template(self, _count: int | None) -> None:
        """Choose another template."""
        if self.composed is not None:
            self.later(self._choose())

    async def _choose(self) -> None:
        ground, composed = self.ground, self.composed
        assert ground is not None
        assert composed is not None
        before = self.form.template or _FREE
        picked = await self.ask_screen(
            PickScreen("Which template?", _templates(ground), picked=before)
        )
        if picked is None or picked == before:
            return
        letter = self.form.letter()
        if picked == _FREE:
            letter = written_freely(letter, composed)
        elif self.form.by_hand and not await self._may_fill():
            self.tell("The template stays, and so does your text.", "muted")
            return
        else:
            letter = on_template(ground, letter, picked)
        await self.lay_out(ground, letter)
        self.to_first_gap()
        self.revise()

    async def _may_fill(self) -> bool:
        options = [
            Option("keep", "Keep my text"),
            Option("fill", "Fill it anew: what I wrote by hand is lost"),
        ]
        about = "Subject or text were edited by hand."
        picked = await self.ask_screen(PickScreen("Fill the text anew?", options, about=about))
        return picked == "fill"

    def do_draft_refill(self, _count: int | None) -> None:
        """Fill subject and text from the template again."""
        if self.form.template is None or not self.form.by_hand:
            self.tell("The text is as the template fills it.", "muted")
            return
        self.later(self._refill())

    async def _refill(self) -> None:
        if await self._may_fill() and self.composed is not None:
            self.form.change(version=None)
            self.form.load(self.composed)
            self.revise()

    # --- Files ------------------------------------------------------------------------------

    @on(parts.AttachField.Chosen)
    def _file_chosen(self, event: parts.AttachField.Chosen) -> None:
        event.stop()
        self.later(self._take_file(Path(event.path)))

    async def _take_file(self, path: Path) -> None:
        file = await self.host.off_loop(lambda: attach(self.desk, path))
        letter, ground = self.form.letter(), self.ground
        assert ground is not None
        attachments = (*letter.attachments, file)
        await self.lay_out(ground, msgspec.structs.replace(letter, attachments=attachments))
        self.form.go_to_place([parts.ATTACH])
        self.tell(f"Attached, and encrypted here: {visible(file.name)}", "ok")
        self.revise()

    # --- Overriding -------------------------------------------------------------------------

    def do_draft_override(self, _count: int | None) -> None:
        """Override a finding that may be, with a reason; one after the other."""
        composed = self.composed
        if composed is None:
            return
        able = [one for one in composed.findings if one.overridable]
        if not able:
            self.tell("Nothing here may be overridden: mend what blocks it.", "warning")
            return
        one = next((one for one in able if composed.overridden(one) is None), able[0])
        reason = self.form.overrides.get(one.code, "")
        back = " An empty answer takes the override back." if reason else ""
        self.tell(f"Why may it go although {_said(composed, one)}?{back}")
        self.ask(f"override:{one.code}", f"{one.code}, because: ", value=reason)

    def answered(self, purpose: str, value: str) -> None:
        """Take the reason of an override."""
        kind, _, code = purpose.partition(":")
        if kind != "override":
            return
        overrides = {name: why for name, why in self.form.overrides.items() if name != code}
        if value.strip():
            overrides[code] = value.strip()
        self.form.change(overrides=overrides)
        self.tell("")
        self.revise()

    # --- Sending ----------------------------------------------------------------------------

    def do_draft_send(self, _count: int | None) -> None:
        """Send: what stands against it first, then the digits."""
        if not self._sending and self.composed is not None:
            self._sending = True
            self.opening(self._send())

    async def _send(self) -> None:
        try:
            await self.look_again()
            composed = await self.weigh()
            if composed is None:
                self.tell("Something was typed meanwhile: look, and send again.", "warning")
            elif composed.in_the_way:
                self._refuse(composed)
            elif composed.waits:
                await self._keep_ready()
            else:
                await self._confirm(composed)
        finally:
            self._sending = False

    def _refuse(self, composed: Composed) -> None:
        left = composed.in_the_way
        more = f", and {len(left) - 1} more" if len(left) > 1 else ""
        said = next((_said(composed, one) for one in left), "")
        self.tell(f"NOT SENT: {said}{more}. See what stands against it.", "error")

    async def _keep_ready(self) -> None:
        async with self.saving:
            await self.put(self.form.letter(), ready=True)
        self.tell(
            "Kept ready. NOTHING WAS SENT: the decision waits for its approval. Open this again "
            "once that is there.",
            "unsent",
        )

    async def _confirm(self, composed: Composed) -> None:
        await self.keep()
        told = confirmation(
            name_of(self.view.row), requester_of(self.view.row), confirm_facts(composed)
        )
        if not await self.ask_screen(ConfirmScreen("Send this response", told)):
            self.tell("Not confirmed, not sent. The draft is kept.", "warning")
            return
        async with self.saving:
            entry = await self.host.off_loop(
                lambda: record(self.desk, self.view.id, composed, self.draft_id, undo_window=True)
            )
            self.used_up = True
        self.dismiss(entry)


def _templates(ground: Ground) -> list[Option]:
    suggested = ground.suggested()
    others = [one for one in ground.templates if not one.disabled and one not in suggested]
    options = [Option(one.id, template_name(one), note=f"{one.id}, fits") for one in suggested]
    options += [Option(one.id, template_name(one), note=one.id) for one in others]
    return [*options, Option(_FREE, "No template: written freely")]


def _said(composed: Composed, finding: Finding) -> str:
    return f"{place_of(composed, finding.pointer)} {visible(finding.detail)}".strip()
