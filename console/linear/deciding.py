"""A decision in lines: asked as the policy needs it, kept as a draft after each answer."""

from collections.abc import Mapping
from datetime import UTC, datetime

from console.casework.actions import Decide
from console.composing import decided, deciding
from console.composing import decision_drafts as drafts
from console.composing.deciding import Ground
from console.composing.decision_drafts import Judged
from console.desk import CaseView, RefusedByPolicy
from console.linear.forms import DISCARD, about_whole
from console.linear.questions import Answer, Questions, Standing
from console.linear.session import Session
from console.linear.talk import Cancelled
from console.wording import when
from console.words import decision as words
from console.words.row import name_of, requester_of
from local_cache.entries import Entry
from local_cache.records import Case


def decide(session: Session, view: CaseView) -> Entry | None:
    """Ask for a decision and record it; None where it was left or not confirmed."""
    return _Deciding(session, view).run()


class _Deciding:
    """One decision. What is filled in is a draft until it is recorded."""

    def __init__(self, session: Session, view: CaseView) -> None:
        assert view.case is not None  # the desk opens no form for a case that cannot be read
        self.session = session
        self.desk = session.desk
        self.view = view
        self._begun: Case = view.case
        """The case that was looked at when the decision began; what differs from it is told."""
        self.ground = drafts.ground_of(self.desk, view.case)
        self.questions = Questions(
            session,
            deciding.questions(self.ground),
            self._standing,
            keep=self._keep,
            extra=dict.fromkeys(DISCARD, self._discard),
        )
        self._left = False
        """Whether it was not confirmed: it is left, and kept as a draft."""

    def run(self) -> Entry | None:
        session, row = self.session, self.view.row
        session.say(f"form: Decide {name_of(row)}")
        session.say(f"about: {requester_of(row)}")
        self._restore()
        try:
            self.questions.ask_from()
            while True:
                self.questions.review()
                entry = self._record()
                if entry is not None or self._left:
                    return entry
        except Cancelled:
            return None

    def _restore(self) -> None:
        draft = drafts.kept(self.desk, self.view.id)
        if draft is None:
            return
        values, whole = decided.from_draft(self.ground, draft.content)
        self.questions.values.update(values)
        at = when(datetime.fromtimestamp(draft.saved_ms / 1000, UTC))
        self.session.say(f"draft: your draft of {at} is back; discard, at the end, drops it.")
        if not whole:
            lost = "What is asked for changed: the scope is to be picked anew."
            self.session.say(lost, "warning")

    # --- Judging and keeping ----------------------------------------------------------------

    def _judge(self, values: Mapping[str, Answer]) -> Judged:
        now = self.session.server_now()
        return drafts.judge(self.desk, self.ground, self.questions.fields, values, now)

    def _standing(self, values: Mapping[str, Answer]) -> Standing:
        judged = self._judge(values)
        beside, whole = decided.beside(self.questions.fields, judged.made, judged.findings)
        said = [about_whole(found) for found in whole]
        if drafts.asked_anew(self.ground, self.view):
            said.append(drafts.ANEW)
        told = [text for text, _ in words.foretold(self.ground, judged.action)]
        return Standing(beside, said, [*self._meanwhile(), *told])

    def _meanwhile(self) -> list[str]:
        """Say what differs from the case as it was looked at."""
        view = self.view
        if view.case is None:
            return ["changed meanwhile: the case is no longer ours to see"]
        found = words.changes(self._begun, view.case)
        if view.newest is not None and view.seen is not None:
            beside = words.changes(view.seen, view.newest)
            found += [f"on the server: {what}" for what in beside]
        return [f"changed meanwhile: {'; '.join(found)}"] if found else []

    def _keep(self, values: Mapping[str, Answer]) -> None:
        self.desk.save_draft(drafts.as_draft(self.desk, self.ground, self.view.id, values))
        self._renew()

    def _renew(self) -> None:
        """Read the case and what it is judged by anew; the answers stay."""
        self.view = self.desk.case(self.view.id)
        if self.view.case is None:
            return
        ground: Ground = drafts.ground_of(self.desk, self.view.case)
        fields = deciding.questions(ground)
        same = [one.name for one in fields] == [one.name for one in self.questions.fields]
        if same and ground.asked == self.ground.asked:
            self.ground, self.questions.fields = ground, fields

    def _discard(self) -> None:
        self.desk.drop_draft(drafts.draft_id(self.view.id))
        self.session.say("Discarded: the draft is gone.")
        raise Cancelled

    # --- Recording --------------------------------------------------------------------------

    def _record(self) -> Entry | None:
        self._renew()
        judged = self._judge(self.questions.values)
        action = judged.action
        if action is None or judged.findings or judged.made.faults:
            return None  # something changed in this moment: the review says what
        if drafts.asked_anew(self.ground, self.view):
            return None
        if not self._confirmed(action):
            self.session.say("Not confirmed, not recorded. It is kept as a draft.", "warning")
            self._left = True
            return None
        try:
            return drafts.record(self.desk, self.view, action)
        except RefusedByPolicy as refusal:
            self.session.refuse(refusal)
            return None

    def _confirmed(self, action: Decide) -> bool:
        row = self.view.row
        facts = [*self._meanwhile(), *(text for text, _ in words.confirmed(self.ground, action))]
        return self.session.confirm("the decision", name_of(row), requester_of(row), facts)
