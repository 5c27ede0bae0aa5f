"""Filling a response template: which variables it has, where each value came from, what is missing.

Values from the case are outside text: they go into the Markdown as mere text (`markdown.literal`).
What the specialist types is theirs, Markdown included. Neither is ever rendered again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from console.casework.four_eyes import disposition_of
from console.drafting import engine, paths
from console.drafting.engine import TemplateTrouble
from console.drafting.markdown import literal, one_line
from local_cache.hostile import visible
from local_cache.records import ActionRecord, Case, Policy, Specialist, Template, Variable

__all__ = ["Draft", "Filled", "TemplateTrouble", "disposition_code", "fill", "suggest"]

LONGEST_VALUE: Final = 32 * 1024
MOST_ITEMS: Final = 500


class Filled(Struct, frozen=True, kw_only=True):
    """A variable of a template and what fills it."""

    name: str
    kind: str
    required: bool
    value: str
    """As a screen may show it; empty where nothing fills it."""
    source: str
    """Where the value came from: `case: requester.name`, `given`, or empty."""
    missing: bool
    """Required, and nothing fills it."""
    prompt: str


class Draft(Struct, frozen=True, kw_only=True):
    """A template, filled as far as can be."""

    subject: str
    body: str
    values: tuple[Filled, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of required variables that nothing fills: what the guard blocks."""
        return tuple(one.name for one in self.values if one.missing)


def fill(
    template: Template,
    case: Case,
    decision: ActionRecord | None,
    given: Mapping[str, Any],
    *,
    now: datetime,
    me: Specialist | None = None,
) -> Draft:
    """Fill a template as far as can be; a required gap shows as `⟨name⟩` in subject and body.

    Args:
        template: what to fill.
        case: where variables with `from` take their values.
        decision: the decision that is answered by, for paths below `decision`.
        given: what the specialist entered, by variable. A list may be lines of text, a time a
            datetime or text, files dicts with name, size and sha256. It goes before `from`.
        now: the server's time.
        me: who drafts; the variable `me` where a template has it.

    Raises:
        TemplateTrouble: where the template cannot be read or rendered.
    """
    plain = paths.ground(case, decision, now)
    body: dict[str, object] = {}
    subject: dict[str, object] = {}
    values: list[Filled] = []
    for variable in template.variables:
        raw, source = _raw(variable, plain, given, me)
        outside = source != "given"
        typed = _typed(variable, raw)
        missing = variable.required and _empty(typed)
        shown = _in_gap(variable) if missing else typed
        body[variable.name] = _each(shown, literal) if outside and not missing else shown
        subject[variable.name] = _each(shown, one_line)
        values.append(
            Filled(
                name=variable.name,
                kind=variable.kind,
                required=variable.required,
                value="" if _empty(typed) else visible(_display(typed), multiline=True),
                source="" if _empty(typed) else source,
                missing=missing,
                prompt=variable.prompt.visible() if variable.prompt else variable.name,
            )
        )
    return Draft(
        subject=one_line(engine.render(template.subject.raw, subject)),
        body=engine.render(template.body.raw, body).strip() + "\n",
        values=tuple(values),
    )


def _raw(
    variable: Variable, plain: Mapping[str, Any], given: Mapping[str, Any], me: Specialist | None
) -> tuple[Any, str]:
    """Return a variable's value and where it came from."""
    own = given.get(variable.name)
    if not _empty(own):
        return own, "given"
    if variable.from_ is not None:
        path = variable.from_.raw
        root = "decision" if path.startswith("decision") else "case"
        return paths.look_up(path, plain), f"{root}: {visible(path)}"
    if variable.name == "me" and me is not None and me.name is not None:
        return me.name.raw, "specialist"
    return None, ""


def _empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, dict)) and not value)


def _typed(variable: Variable, value: Any) -> Any:
    """Give a value the form of the variable's kind, within what a template may hold."""
    if variable.kind in ("list", "files"):
        items = _items(value)
        if len(items) > MOST_ITEMS:
            raise TemplateTrouble(f"{variable.name} has more than {MOST_ITEMS} items")
        return [_bounded(variable, item) for item in items]
    if variable.kind == "time":
        return _bounded(variable, _time(value))
    return None if value is None else _bounded(variable, _display(value))


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    if isinstance(value, (list, tuple)):
        return [_item(one) for one in cast("Sequence[Any]", value) if not _empty(one)]
    return [_item(value)]


def _item(value: Any) -> Any:
    plain: Any = msgspec.to_builtins(value)
    if isinstance(plain, dict):
        members = cast("dict[str, Any]", plain)
        return {name: _display(one) for name, one in members.items()}
    return _display(plain)


def _time(value: Any) -> str:
    """Write a time as people in any country read it: date in full order, zone named."""
    moment: Any = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value  # a person's own words: the guard looks for a missing zone
    if not isinstance(moment, datetime):
        return "" if value is None else str(value)
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _display(value: Any) -> str:
    """Write plain data as text: items and members one after the other."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return ", ".join(_display(one) for one in members.values() if not _empty(one))
    if isinstance(value, (list, tuple)):
        return "\n".join(_display(one) for one in cast("Sequence[Any]", value))
    return "" if value is None else str(value)


def _bounded(variable: Variable, value: Any) -> Any:
    if len(_display(value)) > LONGEST_VALUE:
        raise TemplateTrouble(f"{variable.name} is longer than {LONGEST_VALUE // 1024} KiB")
    return value


def _in_gap(variable: Variable) -> Any:
    mark = engine.gap(variable.name)
    if variable.kind == "list":
        return [mark]
    if variable.kind == "files":
        return [{"name": mark, "size": mark, "sha256": mark}]
    return mark


def _each(value: Any, write: Callable[[str], str]) -> Any:
    """Apply `write` to every text of a value."""
    if isinstance(value, str):
        return write(value)
    if isinstance(value, list):
        return [_each(one, write) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _each(one, write) for name, one in cast("dict[str, Any]", value).items()}
    return value


# --- Which template -----------------------------------------------------------------------------


def disposition_code(decision: ActionRecord | None) -> str | None:
    """Return how a decision decided."""
    if decision is None:
        return None
    body: dict[str, Any] = msgspec.json.decode(decision.body)
    code = body.get("disposition")
    return code if isinstance(code, str) else None


def suggest(
    templates: Iterable[Template], case: Case, decision: ActionRecord | None, policy: Policy
) -> list[Template]:
    """Return the templates that fit, best first; withdrawn ones never.

    First the one that the disposition names, then those for the disposition, those for the kind of
    case, those for anything; within each the case's language first, then English. A name in `for`
    is a disposition or a kind of case; `*` and a trailing `*` stand for anything.
    """
    code = disposition_code(decision)
    disposition = disposition_of(policy, code) if code else None
    named = disposition.response if disposition else None
    ranked: list[tuple[int, int, str, Template]] = []
    for template in templates:
        fit = _fit(template, code, case.kind)
        if template.disabled or (fit is None and template.id != named):
            continue
        rank = 0 if template.id == named else fit or 3
        ranked.append((rank, _language_rank(template, case), template.id, template))
    return [template for *_, template in sorted(ranked, key=lambda one: one[:3])]


def _fit(template: Template, code: str | None, kind: str) -> int | None:
    patterns = [pattern.raw for pattern in template.for_]
    if code is not None and any(_matches(one, code) for one in patterns if one != "*"):
        return 1
    if any(_matches(one, kind) for one in patterns if one != "*"):
        return 2
    return 3 if "*" in patterns else None


def _matches(pattern: str, word: str) -> bool:
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    return pattern == word


def _language_rank(template: Template, case: Case) -> int:
    wanted = (case.language or "en").partition("-")[0].lower()
    language = (template.language or "en").partition("-")[0].lower()
    if language == wanted:
        return 0
    return 1 if language == "en" else 2
