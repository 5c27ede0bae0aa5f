"""A form in words: what it is about, what is to be read first, what the digits will confirm.

Every text from outside passes `visible()` here.
"""

from typing import Any

from console.composing.by_form import Prepared
from console.words import decision as decision_text
from console.words.decision import Told
from console.words.row import name_of, requester_of
from local_cache.hostile import visible


def about(prepared: Prepared) -> str:
    """Tell in one line what a form is about."""
    view = prepared.view
    if prepared.about:
        return prepared.about
    if view is None:
        return "It is worked on here at once, and goes when it can."
    return f"{name_of(view.row)} · {requester_of(view.row)}"


def first_read(prepared: Prepared) -> list[Told]:
    """Tell what is to be read before anything is filled in: the decision to approve, whole."""
    given = prepared.to_approve
    if given is None:
        return []
    against = [(f"! {found.detail}", "error") for found in given.against]
    return [*against, *decision_text.to_approve(given.case, given.record, given.policy)]


def body_facts(body: dict[str, Any]) -> list[str]:
    """Tell the members of a body, each beginning with its name."""
    return [
        f"{name.replace('_', ' '):<10} {visible(str(value))}"
        for name, value in body.items()
        if name != "type"
    ]


def not_repeated(title: str, here: str) -> str:
    """Say that the same command would be something else here."""
    return f"{title}: not repeated, here it would be to {here}."


def again(prepared: Prepared, body: dict[str, Any], undo_key: str) -> str:
    """Say what was recorded again, and where."""
    view = prepared.view
    where = name_of(view.row) if view is not None else ""
    what = ", ".join(" ".join(fact.split()) for fact in body_facts(body))
    return (
        f"Again on {where}: {prepared.form.type}, {what}. "
        f"{undo_key} takes it back until it is sent."
    )
