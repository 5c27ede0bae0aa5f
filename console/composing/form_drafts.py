"""What is filled in on a form, kept until it is recorded: a note outlives a lost connection."""

from collections.abc import Mapping
from typing import Final

from console.composing.forms import Form, Values
from local_cache.drafts import Draft

KIND: Final = "form"
_WRITTEN: Final = ("text", "line")
NEW: Final = "new"
"""Where a draft of a case by hand is kept, instead of on a case: there is none yet."""
MANY: Final = "many"
"""Where a draft for the marked cases is kept."""


def draft_id(form: str, place: str) -> str:
    """Return the id of the draft of a form, by its type, on a case, `NEW` or `MANY`."""
    return f"{form}:{place}"


def as_draft(form: Form, place: str, values: Values, now_ms: int) -> Draft:
    """Return what is filled in as a draft to keep: on the case of this id, `NEW` or `MANY`.

    Of what is dangerous only the words are kept: which way it goes is chosen anew each time.
    """
    kinds = {field.name: field.kind for field in form.fields}
    kept = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value and (not form.dangerous or kinds.get(name) in _WRITTEN)
    }
    return Draft(draft_id(form.type, place), place, KIND, {"values": kept}, now_ms)


def from_draft(form: Form, draft: Draft) -> Values:
    """Return the answers that a draft kept, as far as the form still asks for them."""
    options = {field.name: {one.value for one in field.options} for field in form.fields}
    kept: Mapping[str, str | list[str]] = draft.content.get("values") or {}
    values: dict[str, str | tuple[str, ...]] = {}
    for field in form.fields:
        value = kept.get(field.name)
        if isinstance(value, list):
            values[field.name] = tuple(one for one in value if one in options[field.name])
        elif value and (field.kind != "choice" or value in options[field.name]):
            values[field.name] = value
    return values
