"""Strict reading of JSON that a person or a program hands in: every fault named by its place.

The server's documents are read leniently (`local_cache.records`), because a client ignores what
it does not know. What goes to the server is read strictly: a misspelt member would otherwise be
left out in silence, and a doubled one could turn an approval into its opposite.
"""

import json
import re
from typing import Any, Final, NoReturn, cast

import msgspec

from console.casework.findings import Finding, nearest
from local_cache.hostile import visible

LARGEST_DOCUMENT: Final = 2 * 1024 * 1024
"""Bytes; the contract, section 1."""


class BadDocument(ValueError):
    """A document that cannot be taken as it is; `findings` name every place and what is wrong."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{found.pointer or '/'}: {found.detail}" for found in findings))


def read_object(data: bytes) -> dict[str, Any]:
    """Read `data` as one JSON object without doubled members or numbers JSON does not have.

    Raises:
        BadDocument: where it is no such object.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise BadDocument([Finding("", "is larger than 2 MiB", code="malformed")])
    try:
        value = json.loads(data, object_pairs_hook=_members, parse_constant=_no_constant)
    except BadDocument:
        raise
    except (ValueError, RecursionError) as problem:
        where = ""
        if isinstance(problem, json.JSONDecodeError):
            where = f" (line {problem.lineno}, column {problem.colno})"
        raise BadDocument([Finding("", f"is not valid JSON{where}", code="malformed")]) from None
    if not isinstance(value, dict):
        raise BadDocument([Finding("", "must be a JSON object", code="malformed")])
    return cast("dict[str, Any]", value)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            detail = f"the member {visible(name)} stands there twice"
            raise BadDocument([Finding("/" + token(name), detail, code="malformed")])
        members[name] = value
    return members


def _no_constant(_name: str) -> NoReturn:
    raise BadDocument([Finding("", "holds a number that JSON does not have", code="malformed")])


def token(name: str) -> str:
    """Escape a member's name for a JSON pointer (RFC 6901, section 3)."""
    return visible(name).replace("~", "~0").replace("/", "~1")


def unknown_members(kind: type[msgspec.Struct], value: dict[str, Any]) -> list[Finding]:
    """Find every member of `value`, at any depth, that `kind` has no place for."""
    return _unknown(msgspec.inspect.type_info(kind), value, "")


def _unknown(info: msgspec.inspect.Type, value: object, pointer: str) -> list[Finding]:
    if isinstance(info, msgspec.inspect.UnionType):
        return [found for kind in info.types for found in _unknown(kind, value, pointer)]
    if isinstance(info, msgspec.inspect.StructType) and isinstance(value, dict):
        return _unknown_in(info, cast("dict[str, Any]", value), pointer)
    if isinstance(info, msgspec.inspect.VarTupleType) and isinstance(value, list):
        items = enumerate(cast("list[Any]", value))
        return [
            found
            for number, item in items
            for found in _unknown(info.item_type, item, f"{pointer}/{number}")
        ]
    return []


def _unknown_in(
    info: msgspec.inspect.StructType, members: dict[str, Any], pointer: str
) -> list[Finding]:
    known = {member.encode_name: member.type for member in info.fields}
    if info.tag_field is not None:
        known[info.tag_field] = msgspec.inspect.StrType()
    findings: list[Finding] = []
    for name, item in members.items():
        place = f"{pointer}/{token(name)}"
        if name in known:
            findings += _unknown(known[name], item, place)
            continue
        guess = nearest(name, known)
        hint = f"; did you mean {guess}?" if guess else ""
        findings.append(Finding(place, f"is not a known member{hint}", code="unknown-member"))
    return findings


_PLACE: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?P<place>[^`]*)`)?$", re.DOTALL)
_MISSING: Final = re.compile(r"^Object missing required field `(?P<name>[^`]+)`$")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def finding_of(problem: msgspec.ValidationError, pointer: str = "") -> Finding:
    """Put a validation error of msgspec as a finding below `pointer`."""
    parts = _PLACE.match(str(problem))
    assert parts is not None
    what = parts["what"]
    steps = _STEP.findall((parts["place"] or "").removeprefix("$"))
    place = pointer + "".join(f"/{name or number}" for name, number in steps)
    missing = _MISSING.match(what)
    if missing is not None:
        return Finding(f"{place}/{missing['name']}", "is missing", code="missing")
    return Finding(place, _plain(what), code="malformed")


def _plain(what: str) -> str:
    """Say msgspec's sentence in the reader's words, without what stood there."""
    if "matching regex" in what:
        return "must be an id or a code: letters, digits and . _ : - only"
    if "timezone" in what or "RFC3339" in what:
        return "must be a time with its zone, such as 2026-11-23T09:15:00Z"
    if "duration" in what:
        return "must be a duration, such as PT15M"
    expected = re.match(r"Expected `([^`]+)`", what)
    if expected is not None:
        words = {"str": "text", "array": "a list", "object": "an object", "bool": "true or false"}
        kinds = [kind.strip() for kind in expected[1].split("|")]
        return "must be " + " or ".join(words.get(kind, kind) for kind in kinds)
    return "does not have the shape that the contract gives"
