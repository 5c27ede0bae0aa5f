"""The form of a letter: what a hand wrote, what the template filled, where the cursor is."""

from collections.abc import Sequence

import msgspec
from textual.widgets import TextArea

from console.composing.responding import Composed, Ground, Letter
from console.screens import draft_fields as parts
from local_cache.hostile import visible
from widgets import form as fields


class LetterForm(fields.Form):
    """The fields of one letter. What a hand wrote is told apart from what the template filled."""

    def __init__(self) -> None:
        super().__init__(id="form")
        self._ground: Ground | None = None
        self._letter = Letter()
        """The letter, but for what stands in the fields."""
        self._loaded = ("", "")
        """Subject and text as the template filled them."""
        self._shown: dict[str, str] = {}
        """Values of variables that were filled in, not given."""

    # --- The letter -------------------------------------------------------------------------

    async def lay_out(self, ground: Ground, letter: Letter, composed: Composed) -> None:
        """Make the fields anew, and fill them from a letter."""
        self._ground, self._letter, self._shown = ground, letter, {}
        await self.set_fields(parts.make_fields(ground, letter))
        self.body_field.add_class("letter")
        parts.give(self, letter.given)
        self.load(composed)
        if letter.subject is not None:
            self.field(parts.SUBJECT).value = visible(letter.subject)
        if letter.body is not None:
            self.body_field.value = visible(letter.body, multiline=True)
        self.body.move_cursor(letter.cursor)
        self.show_values(composed)

    def letter(self) -> Letter:
        """Return the letter as it stands in the fields."""
        ground, letter = self._ground, self._letter
        assert ground is not None
        subject, text = self.written()
        template = ground.template(letter.template)
        version = letter.version or (template.version if template else None)
        return msgspec.structs.replace(
            parts.read_letter(self, ground, letter),
            subject=subject,
            body=text,
            version=version if self.by_hand else None,
            cursor=self.body.cursor_location,
            place=next((each.key for each in self.fields if each.editor.has_focus), letter.place),
        )

    def change(self, **members: object) -> None:
        """Change members of the letter that stand in no field."""
        self._letter = msgspec.structs.replace(self._letter, **members)

    @property
    def template(self) -> str | None:
        """The id of the template, None for a letter that is written freely."""
        return self._letter.template

    @property
    def overrides(self) -> dict[str, str]:
        """Reasons, by the code of the finding."""
        return self._letter.overrides

    # --- The text ---------------------------------------------------------------------------

    @property
    def body_field(self) -> fields.TextField:
        """The field of the text."""
        field = self.field(parts.BODY)
        assert isinstance(field, fields.TextField)
        return field

    @property
    def body(self) -> TextArea:
        """The editor of the text."""
        return self.body_field.entry

    def written(self) -> tuple[str | None, str | None]:
        """Return subject and text where a hand wrote them, None where the template fills them."""
        subject, text = str(self.field(parts.SUBJECT).value or ""), self.body.text
        free = self._letter.template is None
        return (
            subject if free or subject != self._loaded[0] else None,
            text if free or text != self._loaded[1] else None,
        )

    @property
    def by_hand(self) -> bool:
        """Whether subject or text were written by hand."""
        return self.written() != (None, None)

    def load(self, composed: Composed) -> None:
        """Put what the template makes into subject and text, the cursor staying."""
        at = self.body.cursor_location
        self.field(parts.SUBJECT).value = composed.filled_subject
        if self.body.text != composed.filled_body:
            self.body.load_text(composed.filled_body)
            self.body.move_cursor(at)
        self._loaded = (composed.filled_subject, self.body.text)

    # --- Variables --------------------------------------------------------------------------

    def changed(self, field: fields.Field) -> bool:
        """Take in that a field changed; return whether it is one of this letter."""
        if self._ground is None or field not in self.fields:
            return False
        if field.key.startswith(parts.GIVEN):
            self._give(field.key.removeprefix(parts.GIVEN), str(field.value or ""))
        elif field.key == parts.DISCLOSES:
            parts.show_sources(self, self._ground)
        return True

    def _give(self, name: str, text: str) -> None:
        given = dict(self._letter.given)
        if not text.strip() or text == self._shown.get(name):
            given.pop(name, None)
        else:
            given[name] = text
        self.change(given=given)

    def show_values(self, composed: Composed) -> None:
        """Fill in what the case fills, and say where each value came from."""
        self._shown |= parts.show_values(self, composed, self._letter.given)

    # --- The focus --------------------------------------------------------------------------

    def go_to_place(self, places: Sequence[str]) -> None:
        """Go to the first of these fields that is there, else to the text."""
        known = {field.key: field for field in self.fields}
        wanted = next((known[place] for place in places if place in known), self.body_field)
        self.go_to(wanted)
