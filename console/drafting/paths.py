"""Paths into a case, `requester.name`: where a template's variable fills itself from.

A path names members as the contract does, and items by number: `request.data_sought[0].category`.
Beside the case's own members there are `decision.…` (the body of the decision that is answered by)
and `now`. A path reads, and never calls anything.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from msgspec import inspect

from console.casework.actions import Decide
from local_cache import records
from local_cache.records import ActionRecord, Case

_PATH: Final = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*|\[\d{1,4}\])*")
_STEP: Final = re.compile(r"([a-z_][a-z0-9_]*)|\[(\d+)\]")
_DECISION: Final = "decision"
_NOW: Final = "now"


def ground(case: Case, decision: ActionRecord | None, now: datetime) -> dict[str, Any]:
    """Return what paths lead into: the case as plain data, the decision's body, the time."""
    plain: dict[str, Any] = msgspec.json.decode(records.write(case))
    plain[_NOW] = now.isoformat()
    if decision is not None:
        plain[_DECISION] = msgspec.json.decode(decision.body)
    return plain


def steps_of(path: str) -> tuple[str | int, ...] | None:
    """Split a path; None where it is none."""
    if not _PATH.fullmatch(path):
        return None
    found: list[tuple[str, str]] = _STEP.findall(path)
    return tuple(name or int(number) for name, number in found)


def look_up(path: str, plain: Mapping[str, Any]) -> Any:
    """Follow a path; None where there is nothing at its end."""
    steps = steps_of(path)
    value: Any = plain if steps else None
    for step in steps or ():
        if isinstance(step, str) and isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(step)
        elif isinstance(step, int) and isinstance(value, list):
            items = cast("list[Any]", value)
            value = items[step] if step < len(items) else None
        else:
            return None
    return value


def leads_somewhere(path: str) -> bool:
    """Tell whether a path names members that a case can have at all."""
    steps = steps_of(path)
    if not steps:
        return False
    if steps == (_NOW,):
        return True
    if steps[0] == _DECISION:
        return len(steps) == 1 or _exists(inspect.type_info(Decide), steps[1:])
    return _exists(inspect.type_info(Case), steps)


def _exists(info: inspect.Type, steps: tuple[str | int, ...]) -> bool:
    if isinstance(info, inspect.UnionType):
        return any(_exists(kind, steps) for kind in info.types)
    if not steps or isinstance(info, (inspect.AnyType, inspect.DictType, inspect.RawType)):
        return not isinstance(info, inspect.NoneType)
    step, rest = steps[0], steps[1:]
    if isinstance(info, inspect.VarTupleType):
        return isinstance(step, int) and _exists(info.item_type, rest)
    if isinstance(info, inspect.StructType):
        member = next((one for one in info.fields if one.encode_name == step), None)
        return member is not None and _exists(member.type, rest)
    return False
