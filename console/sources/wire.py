"""Wire documents into records: feed pages, lists, cases, what comes with a 201.

Strict where a record is made, lenient around it: one broken document must never hide the others,
nor stop the feed.
"""

import re
from typing import Any, Final, TypeGuard, TypeVar, cast

import msgspec
from msgspec import Raw, Struct

from console.sources import salvage
from console.sources.ambiguity import means_one_thing
from console.sources.base import Accepted, Change, Document, Page, Receipt
from local_cache.records import (
    ActionRecord,
    Case,
    Policy,
    Queue,
    Record,
    RegisteredAgency,
    Template,
    Unreadable,
    read,
)
from local_cache.shapes import ready

# "." and ".." would lead elsewhere in a path.
_ID: Final = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._:\-]{1,128}")
_HEAD: Final = re.compile(r"[\x21-\x7e]{1,256}")
_VERSION: Final = re.compile(r"[\x21\x23-\x7e]{1,256}")
_UNKNOWN_VERSION: Final = "unknown"
_MOST_SEQ: Final = 2**63 - 1  # what SQLite keeps as an integer

T = TypeVar("T", bound=Record)


class Undecodable(ValueError):
    """A body in which not even the outer shape can be read."""


class _PageShape(Struct):
    changes: list[Raw]
    next: str
    more: bool = False


class _ListShape(Struct):
    items: list[Raw]
    next: str | None = None


class _AcceptedShape(Struct):
    action: Raw = Raw(b"null")
    case: Raw = Raw(b"null")
    before: Any = None
    receipt: Any = None


class _ChangeShape(Struct):
    seq: int
    kind: str
    op: str
    id: str
    version: Any = None
    doc: Raw = Raw(b"null")


_DECODE_TROUBLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def is_id(value: object) -> TypeGuard[str]:
    """Whether `value` may be an id: section 1 of the contract."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def page(body: bytes) -> Page:
    """Read a page of the feed, each document by itself.

    Raises:
        Undecodable: where the page as a whole cannot be decoded.
    """
    try:
        shape = msgspec.json.decode(body, type=ready(_PageShape))
    except _DECODE_TROUBLE:
        raise Undecodable from None
    return _page([_change(raw) for raw in shape.changes], shape.next, more=shape.more)


def lenient_page(body: bytes) -> Page:
    """Read a page that `page` cannot, believing nothing of its documents but where they belong.

    Raises:
        Undecodable: where even so it cannot be told where the feed goes on.
    """
    shape = salvage.members(body)
    changes = salvage.elements(shape.get("changes", b""))
    following = salvage.string(shape.get("next"))
    if changes is None or following is None:
        raise Undecodable
    found = [_salvaged(salvage.members(change)) for change in changes]
    return _page(found, following, more=shape.get("more") == b"true")


def _page(found: list[Change | int], following: str, *, more: bool) -> Page:
    if not following:
        raise Undecodable
    changes = tuple(change for change in found if isinstance(change, Change))
    skipped = sum(count for count in found if isinstance(count, int))
    return Page(changes, following, more=more, skipped=skipped)


def _change(raw: Raw) -> Change | int:
    """Read an entry of the feed; a number counts as so many defects (none for unknown kinds)."""
    try:
        shape = msgspec.json.decode(raw, type=ready(_ChangeShape))
    except _DECODE_TROUBLE:
        return 1
    if shape.kind not in _KINDS or shape.op not in ("put", "delete"):
        return 0
    if not is_id(shape.id) or not 0 <= shape.seq <= _MOST_SEQ:
        return 1
    if shape.op == "delete":
        return Change(shape.seq, cast("Any", shape.kind), "delete", shape.id)
    return _put(shape, bytes(shape.doc))


def _put(shape: _ChangeShape, raw: bytes) -> Change | int:
    if shape.kind == "case":
        case = _case(raw, shape.id)
        if case is None:
            return _unreadable_put(shape.seq, shape.id, shape.version, raw)
        kept = Document(shape.id, case.seq, case.version, raw, case)
        return Change(shape.seq, "case", "put", shape.id, document=kept)
    kind, member = _KINDS[shape.kind]
    try:
        record: Any = read(kind, raw) if means_one_thing(raw) else None
    except Unreadable:
        record = None
    if record is None or record.id != shape.id:
        return Change(shape.seq, cast("Any", shape.kind), "put", shape.id)
    found: dict[str, Any] = {member: record}
    return Change(shape.seq, cast("Any", shape.kind), "put", shape.id, **found)


def _unreadable_put(seq: int, case_id: str, version: object, raw: bytes) -> Change:
    document = Document(case_id, seq, _version(version), raw, None)
    return Change(seq, "case", "put", case_id, document=document)


_KINDS: Final[dict[str, tuple[type[Record], str]]] = {
    "case": (Case, "document"),
    "queue": (Queue, "queue"),
    "template": (Template, "template"),
    "policy": (Policy, "policy"),
    "requester": (RegisteredAgency, "requester"),
}


def _salvaged(change: dict[str, bytes]) -> Change | int:
    """Take what is plain of an entry whose document cannot be decoded."""
    kind, op = salvage.string(change.get("kind")), salvage.string(change.get("op"))
    if kind not in _KINDS or op not in ("put", "delete"):
        return 1 if kind is None else 0
    key, seq = salvage.string(change.get("id")), salvage.integer(change.get("seq"))
    if not is_id(key) or seq is None or not 0 <= seq <= _MOST_SEQ:
        return 1
    if op == "put" and kind == "case":
        version = salvage.string(change.get("version"))
        return _unreadable_put(seq, key, version, change.get("doc", b""))
    return Change(seq, cast("Any", kind), cast("Any", op), key)


def _version(value: object) -> str:
    usable = isinstance(value, str) and _VERSION.fullmatch(value)
    return cast("str", value) if usable else _UNKNOWN_VERSION


def _case(raw: bytes, case_id: str | None) -> Case | None:
    try:
        case = read(Case, raw)
    except Unreadable:
        return None
    sound = 0 <= case.seq <= _MOST_SEQ and (case_id is None or case.id == case_id)
    return case if sound and means_one_thing(raw) else None


def document(raw: bytes, *, case_id: str | None = None) -> Document | None:
    """Read a case as it came by itself; None where it cannot even be told which one it is."""
    case = _case(raw, case_id)
    if case is not None:
        return Document(case.id, case.seq, case.version, raw, case)
    members = salvage.members(raw)
    key, seq = salvage.string(members.get("id")), salvage.integer(members.get("seq"))
    if not is_id(key) or seq is None or not 0 <= seq <= _MOST_SEQ:
        return None
    if case_id is not None and key != case_id:
        return None
    return Document(key, seq, _version(salvage.string(members.get("version"))), raw, None)


def items(body: bytes, kind: type[T]) -> tuple[list[T], str | None]:
    """Read a page of a list and where it goes on; an item that cannot be read is left out.

    Raises:
        Undecodable: where it is no list.
    """
    try:
        shape = msgspec.json.decode(body, type=ready(_ListShape))
    except _DECODE_TROUBLE:
        raise Undecodable from None
    found: list[T] = []
    for raw in shape.items:
        try:
            record = read(kind, bytes(raw))
        except Unreadable:
            continue
        if means_one_thing(bytes(raw)):
            found.append(record)
    return found, shape.next


def accepted(body: bytes, *, key: str, case_id: str, replayed: bool) -> Accepted:
    """Read what a 201 for an action brings; what cannot be read of it is None.

    Raises:
        Undecodable: where it is not an answer to `key` on `case_id`.
    """
    try:
        shape = msgspec.json.decode(body, type=ready(_AcceptedShape))
    except _DECODE_TROUBLE:
        raise Undecodable from None
    action = _action(bytes(shape.action))
    present = document(bytes(shape.case))
    if action is None and present is None:
        raise Undecodable
    if (action and action.id != key) or (present and present.id != case_id):
        raise Undecodable
    if action and action.before is None and _version(shape.before) != _UNKNOWN_VERSION:
        action = msgspec.structs.replace(action, before=_version(shape.before))
    return Accepted(action, present, _receipt(shape.receipt), replayed=replayed)


def _action(raw: bytes) -> ActionRecord | None:
    try:
        action = read(ActionRecord, raw)
    except Unreadable:
        return None
    return action if means_one_thing(raw) else None


def _receipt(value: Any) -> Receipt:
    try:
        receipt = msgspec.convert(value, ready(Receipt))
    except msgspec.ValidationError:
        return Receipt()
    sound = _HEAD.fullmatch(receipt.head or "") and 0 <= (receipt.seq or 0) <= _MOST_SEQ
    return receipt if sound else Receipt(at=receipt.at)
