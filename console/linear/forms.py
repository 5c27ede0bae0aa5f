"""Actions that are filled in: the form of `console.composing`, asked in lines, then recorded."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from console.casework.findings import Finding
from console.composing import by_form, form_drafts, forms
from console.composing.by_form import Prepared
from console.desk import RefusedByPolicy
from console.linear.questions import Answer, Questions, Standing
from console.linear.session import Session
from console.linear.talk import Cancelled
from console.wording import when
from console.words import by_form as words
from console.words.row import name_of, requester_of

DISCARD: Final = ("discard", "form.discard")
"""What drops a draft, where all answers are looked at."""


class Done(NamedTuple):
    """A form that was filled in to its end."""

    result: object
    """The entry that it made; for many cases what was filled in."""
    answers: forms.Values


def fill_in(session: Session, prepared: Prepared) -> Done | None:
    """Ask what a form asks, and record it; None where it was left or not confirmed.

    What is filled in is kept as a draft after each answer, until it is recorded.
    """
    form = prepared.form
    session.say(f"form: {form.title}")
    session.say(f"about: {words.about(prepared)}")
    for text, role in words.first_read(prepared):
        session.say(" ".join(text.split()), role)
    questions = Questions(
        session,
        form.fields,
        lambda values: _stands(session, prepared, values),
        values=_kept(session, prepared),
        keep=lambda values: _keep(session, prepared, values),
        extra=dict.fromkeys(DISCARD, lambda: _discard(session, prepared)),
    )
    try:
        questions.ask_from()
        while True:
            questions.review()
            try:
                result = _record(session, prepared, questions.values)
                return None if result is None else Done(result, dict(questions.values))
            except RefusedByPolicy as refusal:
                session.refuse(refusal)
    except Cancelled:
        kept = by_form.kept(session.desk, prepared) is not None
        session.say(f"Left. Nothing was recorded{'; what you wrote is kept' if kept else ''}.")
        return None


def _kept(session: Session, prepared: Prepared) -> forms.Values:
    draft = prepared.draft
    if draft is None:
        return {}
    at = when(datetime.fromtimestamp(draft.saved_ms / 1000, UTC))
    session.say(f"draft: what you wrote at {at} is back; discard, at the end, drops it.")
    return form_drafts.from_draft(prepared.form, draft)


def _keep(session: Session, prepared: Prepared, values: Mapping[str, Answer]) -> None:
    now_ms = round(session.server_now().timestamp() * 1000)
    draft = form_drafts.as_draft(prepared.form, prepared.draft_place, values, now_ms)
    if draft.content["values"]:
        session.desk.save_draft(draft)


def _discard(session: Session, prepared: Prepared) -> None:
    session.desk.drop_draft(prepared.draft_id)
    raise Cancelled


def _stands(session: Session, prepared: Prepared, values: Mapping[str, Answer]) -> Standing:
    form = prepared.form
    try:
        body = forms.body(form, values, session.server_now())
        findings = prepared.judge(body)
    except forms.BadAnswer as wrong:
        findings = [Finding(wrong.field, wrong.detail)]
    except RefusedByPolicy as refusal:
        findings = list(refusal.findings)
    asked = {field.name for field in form.fields if field.shown(values)}
    beside, whole = forms.beside(form, findings, asked)
    return Standing(beside, [about_whole(found) for found in whole])


def about_whole(found: Finding) -> str:
    """Tell a finding about the whole, with the member that it points to."""
    place = found.pointer.strip("/")
    return found.detail if place in ("", "type") else f"{place}: {found.detail}"


def _record(session: Session, prepared: Prepared, values: Mapping[str, Answer]) -> object:
    body = forms.body(prepared.form, values, session.server_now())
    view = prepared.view
    if prepared.form.dangerous and view is not None:
        facts = [*words.body_facts(body), *(text for text, _ in words.first_read(prepared))]
        if not session.confirm(
            prepared.form.title, name_of(view.row), requester_of(view.row), facts
        ):
            session.say("Not confirmed, not recorded. What you wrote is kept.", "warning")
            return None
    return prepared.record(body)
