"""What the decision itself says of a template's gaps: nobody types a granted range a second time.

Names are those of the field's response templates (DOMAIN 10.4). The specialist sees each value with
its source and may write another. Reasons are never taken over: internal codes help a fraudster.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from console.casework.scope import Item
from console.drafting.markdown import literal
from local_cache.records import ActionRecord, Case, Template


def values_of(
    template: Template,
    case: Case,
    decision: ActionRecord | None,
    granted: Sequence[Item],
    withheld: Sequence[Item],
    key_channel: str | None,
) -> dict[str, str]:
    """Return values for the variables of `template` that the case does not fill; lists by lines."""
    basis = decision.fields().get("legal_basis") if decision is not None else None
    known = {
        "legal_basis": basis.raw if basis else "",
        "accounts": _lines(_account(case, item.subject) for item in granted),
        "identifiers_searched": _lines(_account(case, one.id) for one in case.subjects),
        "categories": _lines(_category(item) for item in granted),
        "withheld_categories": _lines(_category(item) for item in withheld),
        "range": _lines(_range(item) for item in granted),
        "tz": "UTC" if granted else "",
        "key_channel": (key_channel or "").replace("_", " "),
    }
    asked = [one.name for one in template.variables if one.from_ is None]
    return {name: known[name] for name in asked if known.get(name)}


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(text for text in texts if text))


def _account(case: Case, subject_id: str | None) -> str:
    for subject in case.subjects:
        if subject.id == subject_id:
            named = [text.raw for text in (subject.display, subject.value) if text]
            return literal(" ".join(dict.fromkeys(named)))
    return ""


def _category(item: Item) -> str:
    return f"{item.tier} {(item.category or '').replace('_', ' ')}".strip()


def _range(item: Item) -> str:
    start, end = getattr(item, "from_", None), getattr(item, "to", None)
    if start is None and end is None:
        return ""
    return f"{_time(start)} to {_time(end)}"


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "open"
