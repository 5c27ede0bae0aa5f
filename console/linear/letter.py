"""A response in lines: filled from a template, edited by lines, guarded, previewed, sent."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from console.casework.findings import Finding
from console.commands import Situation
from console.commands.repeating import Last
from console.composing import letter_fields as asks
from console.composing.forms import Field, Option
from console.composing.responding import (
    Composed,
    Ground,
    Letter,
    begin,
    compose,
    on_template,
    within_grant,
    written_freely,
)
from console.composing.response_drafts import attach, ground_of, keep, kept, new_id, record
from console.desk import CaseView
from console.errors import UsageError
from console.linear.editor import edit
from console.linear.names import numbered
from console.linear.questions import Answer, NotAnAnswer, Questions, Standing, marked, taken
from console.linear.session import Place, Session
from console.linear.talk import Cancelled
from console.words.response import (
    confirm_facts,
    decision_line,
    finding_lines,
    left_out,
    place_of,
    preview_lines,
    source_of,
    template_name,
)
from console.words.row import name_of, requester_of
from local_cache.hostile import visible

_FREE = "-"
"""Stands for no template in the list of templates."""


class LetterPlace(Place):
    """One response. What is changed is kept as a draft at once, until it is recorded."""

    contexts = ("draft", "form", "global")
    name = "response"

    def __init__(self, session: Session, view: CaseView) -> None:
        super().__init__(session)
        self.view = view
        self.ground: Ground = ground_of(self.desk, view.id)
        found = kept(self.desk, view.id)
        self._draft = new_id() if found is None else found.id
        self._ready = found is not None and found.ready
        self._begun = found is None
        self._taken_back = found is not None and found.taken_back
        letter = begin(self.ground) if found is None else found.letter
        self.letter, self._beyond = within_grant(self.ground, letter)
        self.composed: Composed = self._compose()
        self._on_disk: Letter | None = None if self._taken_back else self.letter
        """What is on the disk, or was begun with."""
        self._used_up = False
        """Whether the draft was recorded or thrown away: it is not to be kept any more."""

    @property
    def prompt(self) -> str:
        """The case that is answered."""
        return f"response to {name_of(self.view.row)}"

    def situation(self) -> Situation:
        """Return what commands can know here."""
        return Situation(
            row=self.view.row, me=self.session.me, online=self.session.online, has_policy=True
        )

    def enter(self) -> None:
        """Say what it is; where it was just begun, ask what the template needs."""
        self.say(f"response: to {name_of(self.view.row)}, {requester_of(self.view.row)}")
        self.word_about("")
        if self._beyond:
            self.say(left_out(self.ground, self._beyond), "warning")
        if self._taken_back:
            self.say("Begun with the response that was taken back or came back.")
        if self._begun and self.composed.unfilled:
            self.word_fill("")

    # --- The letter -------------------------------------------------------------------------

    def _compose(self) -> Composed:
        return compose(self.ground, self.letter, self.session.server_now())

    def _change(self, letter: Letter) -> None:
        """Take another letter, keep it, and say what stands against it now."""
        self.letter = letter
        self.composed = self._compose()
        self._keep()
        self.word_findings("")

    def _keep(self) -> None:
        if self.letter != self._on_disk:
            self._begun = False
            keep(self.desk, self.view.id, self._draft, self.letter)
            self._on_disk, self._ready = self.letter, False

    def _look_again(self) -> None:
        """Read case and policy anew; what is no longer granted leaves the letter."""
        self.ground = ground_of(self.desk, self.view.id)
        self.letter, beyond = within_grant(self.ground, self.letter)
        self.composed = self._compose()
        if beyond:
            self.say(left_out(self.ground, beyond), "warning")

    def touched(self, case_id: str) -> None:
        """Read again what the letter answers."""
        if case_id == self.view.id:
            self._look_again()

    def word_about(self, _rest: str) -> None:
        """template, decision, where it goes, what stands against it"""
        composed = self.composed
        template = composed.template
        self.say(f"template: {template_name(template) if template else 'none, written freely'}")
        self.say(f"decision: {decision_line(self.ground).text}")
        if self._ready:
            waits = "it waits for the approval, nothing was sent" if composed.waits else "send it"
            self.say(f"READY: {waits}.")
        if template is not None and self.letter.body is not None:
            self.say("Edited by hand: variables no longer change the text; refill fills it anew.")
        self.word_findings("")
        self.say("preview says it whole; fill, address, disclose, text, send; help says all.")

    # --- Filling ----------------------------------------------------------------------------

    def _ask(self, fields: Sequence[Field]) -> dict[str, Answer] | None:
        """Ask these; None where it was left, and nothing is changed."""
        questions = Questions(self.session, fields, self._standing)
        try:
            questions.ask_from()
        except Cancelled:
            self.say("Left as it was.")
            return None
        return questions.values

    def _standing(self, _values: Mapping[str, Answer]) -> Standing:
        return Standing({}, [])  # the guard reads the whole letter, once it is filled

    def word_fill(self, rest: str) -> None:
        """answer the template's variables: those that are needed, one by its name, or all"""
        fields = asks.variables(self.ground, self.letter, self.composed)
        if not fields:
            self.say("This template asks for nothing.")
            return
        name = rest.strip()
        unfilled = self.composed.unfilled
        if name and name != "all":
            chosen = [one for one in fields if one.label == name]
        elif name == "all" or not unfilled:
            chosen = fields
        else:
            chosen = [one for one in fields if one.label in unfilled]
        if not chosen:
            there = ", ".join(one.label for one in fields)
            raise UsageError(f"There is no variable {name}. There are: {there}")
        values = self._ask(chosen)
        if values is not None:
            self._change(asks.with_variables(self.letter, chosen, values))

    def word_variables(self, _rest: str) -> None:
        """each variable, its value and where that came from"""
        for value in self.composed.values:
            shown = " · ".join(visible(value.value, multiline=True).splitlines())
            source, _ = source_of(value, self.composed.unfilled)
            self.say(f"{value.name}: {shown or 'empty'} ({source})")

    def word_address(self, _rest: str) -> None:
        """where it goes: recipient, channel, the way of the key"""
        self._ask_letter(asks.addressing(self.ground, self.letter))

    def word_disclose(self, _rest: str) -> None:
        """what of the grant it discloses, and where that came from"""
        fields = asks.disclosing(self.ground, self.letter)
        if not fields:
            self.say("The decision grants nothing: it discloses nothing.")
            return
        self._ask_letter(fields)

    def word_attach(self, rest: str) -> None:
        """attach a file by its path"""
        if not rest:
            raise UsageError("attach takes the path of a file.")
        self.session.only_by_hand()
        file = attach(self.desk, Path(rest))
        self.say(f"attached, and encrypted here: {asks.file_name(file)}")
        files = (*self.letter.attachments, file)
        self._change(msgspec.structs.replace(self.letter, attachments=files))

    def word_files(self, _rest: str) -> None:
        """which of the attached files go"""
        if not self.letter.attachments:
            self.say("No file is attached: attach and a path.")
            return
        self._ask_letter([asks.files(self.letter)])

    def _ask_letter(self, fields: list[Field]) -> None:
        values = self._ask(fields)
        if values is not None:
            self._change(asks.with_answers(self.ground, self.letter, values))

    def do_draft_template(self, rest: str) -> None:
        """Choose another template."""
        picked = self._pick(
            "Which template?", self._templates(), rest, self.letter.template or _FREE
        )
        if picked is None:
            return
        if picked == _FREE:
            self._change(written_freely(self.letter, self.composed))
        elif self._may_fill():
            self._change(on_template(self.ground, self.letter, picked))
            if self.composed.unfilled:
                self.word_fill("")

    def _templates(self) -> list[Option]:
        ground = self.ground
        fits = ground.suggested()
        others = [one for one in ground.templates if not one.disabled and one not in fits]
        options = [Option(one.id, template_name(one), f"{one.id}, fits") for one in fits]
        options += [Option(one.id, template_name(one), one.id) for one in others]
        return [*options, Option(_FREE, "No template: written freely")]

    def _pick(self, question: str, options: Sequence[Option], rest: str, now: str) -> str | None:
        """Have one of several picked; None where it stays as it is."""
        text = rest
        if not text:
            self.say(question)
            for mark, option in marked(options):
                at_hand = "now, " if option.value == now else ""
                self.say(
                    f"{mark}: {at_hand}{option.label}{f', {option.note}' if option.note else ''}"
                )
            typed = self.session.ask("number, or empty to leave it")
            text = typed.text.strip() if typed.by_hand else ""
        if not text:
            return None
        try:
            value = taken(Field("/pick", question, "choice", tuple(options)), text)
        except NotAnAnswer as wrong:
            raise UsageError(str(wrong)) from None
        return value if isinstance(value, str) and value != now else None

    def _may_fill(self) -> bool:
        if self.letter.subject is None and self.letter.body is None:
            return True
        self.say("Subject or text were edited by hand; filling anew loses that.", "warning")
        typed = self.session.ask("fill anew? yes or no")
        if typed.by_hand and typed.text.strip().casefold() == "yes":
            return True
        self.say("The text stays as it is.")
        return False

    def do_draft_refill(self, _rest: str) -> None:
        """Fill subject and text from the template again."""
        if self.letter.template is None or (self.letter.subject, self.letter.body) == (None, None):
            self.say("The text is as the template fills it.")
        elif self._may_fill():
            self._change(
                msgspec.structs.replace(self.letter, subject=None, body=None, version=None)
            )

    # --- Writing ----------------------------------------------------------------------------

    def word_text(self, _rest: str) -> None:
        """the text with the numbers of its lines"""
        self.say(f"subject: {visible(self.composed.action.subject or '')}")
        lines = self._body()
        self.session.say_long(f"{number}: {line}" for number, line in enumerate(lines, 1))

    def _body(self) -> list[str]:
        return visible(self.composed.action.body, multiline=True).split("\n")

    def _write(self, lines: Sequence[str]) -> None:
        template = self.ground.template(self.letter.template)
        version = self.letter.version or (template.version if template else None)
        body = "\n".join(lines)
        self._change(msgspec.structs.replace(self.letter, body=body, version=version))

    def word_subject(self, rest: str) -> None:
        """another subject, typed behind the word"""
        if not rest:
            raise UsageError("subject takes the words of the subject.")
        self._change(msgspec.structs.replace(self.letter, subject=rest))

    def word_line(self, rest: str) -> None:
        """line 3 WORDS: other words in place of line 3"""
        number, words, lines = self._at(rest)
        self._write([*lines[: number - 1], words, *lines[number:]])

    def word_insert(self, rest: str) -> None:
        """insert 3 WORDS: a line before line 3"""
        number, words, lines = self._at(rest, beyond=1)
        self._write([*lines[: number - 1], words, *lines[number - 1 :]])

    def word_delete(self, rest: str) -> None:
        """delete 3: take line 3 away"""
        number, _, lines = self._at(rest)
        self._write([*lines[: number - 1], *lines[number:]])

    def _at(self, rest: str, beyond: int = 0) -> tuple[int, str, list[str]]:
        first, _, words = rest.partition(" ")
        lines = self._body()
        number = numbered(first, len(lines) + beyond)
        if number is None:
            raise UsageError(f"Which line? text says them; there are {len(lines)}.")
        return number, words, lines

    def word_write(self, _rest: str) -> None:
        """type the whole text anew"""
        field = Field("/body", "Text", "text", help="Markdown; it goes as it stands here.")
        values = self._ask([field])
        if values is not None and values["/body"]:
            self._write(str(values["/body"]).split("\n"))

    def word_edit(self, _rest: str) -> None:
        """the text in your editor"""
        self.session.only_by_hand()
        text = edit(self.desk, self.view.id, "\n".join(self._body()))
        if text is None:
            self.say("The text is as it was.")
        else:
            self._write(text.split("\n"))

    # --- Looking ----------------------------------------------------------------------------

    def word_findings(self, _rest: str) -> None:
        """what stands against it"""
        self.session.terminal.say(
            *(line.text.strip() for line in finding_lines(self.composed, "override"))
        )

    def do_draft_preview(self, _rest: str) -> None:
        """Say the response whole, as it would go."""
        self._look_again()
        self.session.say_long(
            [*(line.text for line in preview_lines(self.ground, self.composed)),
             *(line.text for line in finding_lines(self.composed, "override"))]
        )  # fmt: skip

    def do_draft_override(self, rest: str) -> None:
        """Override a finding that may be, with a reason."""
        able = [one for one in self.composed.findings if one.overridable]
        if not able:
            raise UsageError("Nothing here may be overridden: mend what blocks it.")
        for number, one in enumerate(able, 1):
            done = self.composed.overridden(one)
            self.say(
                f"{number}: {self._said(one)}{f' (overridden: {visible(done)})' if done else ''}"
            )
        open_ = [one for one in able if self.composed.overridden(one) is None]
        number = numbered(rest.strip(), len(able))
        one = able[number - 1] if number is not None else (open_ or able)[0]
        self.say(f"Why may it go although {self._said(one)}? - takes an override back.")
        typed = self.session.ask(f"{one.code}, because")
        reason = typed.text.strip()
        if not reason or not typed.by_hand:
            self.say("Left as it was.")
            return
        overrides = {code: why for code, why in self.letter.overrides.items() if code != one.code}
        if reason != "-":
            overrides[one.code] = reason
        self._change(msgspec.structs.replace(self.letter, overrides=overrides))

    def _said(self, one: Finding) -> str:
        return f"{place_of(self.composed, one.pointer)} {visible(one.detail)}".strip()

    # --- Sending and leaving ----------------------------------------------------------------

    def do_draft_send(self, _rest: str) -> None:
        """Send: what stands against it first, then the digits."""
        self._look_again()
        composed = self.composed
        if composed.in_the_way:
            self.word_findings("")
            self.say("NOT SENT: see what stands against it.", "error")
        elif composed.waits:
            keep(self.desk, self.view.id, self._draft, self.letter, ready=True)
            self._on_disk, self._ready = self.letter, True
            self.say("Kept ready. NOTHING WAS SENT: the decision waits for its approval.")
        else:
            self._confirm()

    def _confirm(self) -> None:
        self._keep()
        row, composed = self.view.row, self.composed
        facts = confirm_facts(composed)
        if not self.session.confirm("send this response", name_of(row), requester_of(row), facts):
            self.say("Not confirmed, not sent. The draft is kept.", "warning")
            return
        entry = record(self.desk, self.view.id, composed, self._draft, undo_window=True)
        self._used_up = True
        self.session.leave_place()
        self.session.recorded(entry, row, Last("draft.open"))

    def do_draft_discard(self, _rest: str) -> None:
        """Throw the draft away."""
        self.session.only_by_hand()
        typed = self.session.ask("throw this draft away? yes or no")
        if not typed.by_hand or typed.text.strip().casefold() != "yes":
            self.say("The draft is kept.")
            return
        self.desk.drop_draft(self._draft)
        self._used_up = True
        self.session.leave_place()

    def do_draft_leave(self, _rest: str) -> None:
        """Leave; the draft is kept."""
        self.session.leave_place()

    do_form_cancel = do_draft_leave

    def left(self) -> None:
        """Keep the letter where anything was written, and say that nothing went."""
        if self._used_up:
            return
        began_with = self._begun and self.letter == self._on_disk
        self._keep()
        if not began_with:
            self.say("The draft is kept. NOTHING WAS SENT.")
