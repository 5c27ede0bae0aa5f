"""The outbox in words: what an entry says, how it stands, what holds it, why it came back.

What a screen and the command line show of it; every text passes `visible()` here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from console.casework.clocks import short
from console.commands import keys_for
from console.desk import Desk
from console.wording import Line, data_line
from console.words.row import name_of, requester_of
from local_cache.cases import CaseRow
from local_cache.entries import Entry
from local_cache.hostile import visible
from local_cache.records import ActionRecord, DataItem, Policy, read
from local_cache.shapes import ready

CAME_BACK: Final = ("returned", "changed", "to_confirm")
"""The states in which an entry waits for the specialist, and holds those behind it."""
_COMMON: Final = ("type", "at", "offline", "policy", "tool", "body_sha256", "content_sha256")
_LONGEST: Final = 4000
"""Characters of one member that are shown."""

_CODE: Final = re.compile("[a-z]+(?:_[a-z]+)+")

_SAYS: Final[dict[str, tuple[str, ...]]] = {
    "assess": ("priority", "imminence", "confidence", "rationale"),
    "verify": ("check", "result", "state", "note"),
    "decide": ("disposition", "reasons", "rationale"),
    "approve": ("reason",),
    "reject": ("reason",),
    "respond": ("channel", "to", "subject"),
    "preserve": ("scope", "expires_at"),
    "enforce": ("measure", "target", "reason"),
    "assign": ("to",),
    "move": ("queue", "reason"),
    "link": ("rel", "case"),
    "tag": ("add", "remove"),
    "snooze": ("until", "reason"),
    "wait": ("for", "questions"),
    "close": ("outcome", "reason"),
    "reopen": ("reason",),
    "note": ("body",),
    "new": ("kind", "title"),
}
_MEMBERS: Final = {
    "statutory_test_met": "statutory test met",
    "policy_test_met": "policy test met",
    "scope_granted": "granted",
    "user_notice": "user notice",
    "break_glass": "break-glass",
    "key_channel": "key by",
}


class Place(Struct, frozen=True):
    """An entry in its place: its case's row, where there is one, and what is in front of it."""

    entry: Entry
    row: CaseRow | None
    head: Entry | None
    """The entry at the head of the line on its case, None where this is the one."""
    behind: int
    """How many entries stand behind it on its case."""

    @property
    def name(self) -> str:
        """Our reference of the case, its id where it has none."""
        return self.entry.case_id if self.row is None else name_of(self.row)

    @property
    def requester(self) -> str:
        """Who asks, as they present themselves."""
        return "no requester" if self.row is None else requester_of(self.row)


def places(entries: Iterable[Entry], rows: Mapping[str, CaseRow]) -> list[Place]:
    """Put unsent entries in the order recorded, those of a case together at its first one."""
    by_case: dict[str, list[Entry]] = {}
    for entry in entries:
        by_case.setdefault(entry.case_id, []).append(entry)
    return [
        Place(
            entry,
            rows.get(case_id),
            line[0] if number else None,
            len(line) - number - 1,
        )
        for case_id, line in by_case.items()
        for number, entry in enumerate(line)
    ]


def placed(desk: Desk) -> list[Place]:
    """Read what is unsent, in its places."""
    entries = desk.outbox()
    with desk.cache.read() as tables:
        rows = {name: tables.cases.row_of(name) for name in {e.case_id for e in entries}}
    return places(entries, {name: row for name, row in rows.items() if row is not None})


def state_words(place: Place, now_ms: int) -> tuple[str, str]:
    """Tell in a few words how an entry stands, and the role of that. `now_ms`: our own clock."""
    entry = place.entry
    match entry.state:
        case "undoable":
            left = undo_seconds(entry, now_ms)
            if left:
                return (f"u undoes: {left} s", "unsent")
            return ("recorded", "unsent")
        case "pending":
            if place.head is not None:
                held = place.head.state in CAME_BACK
                return ("held" if held else "in line", "warning" if held else "unsent")
            return ("recorded" if not entry.attempts else "tries again", "unsent")
        case "sending":
            return ("being sent", "unsent")
        case "returned":
            return ("RETURNED", "error")
        case "changed":
            return ("CASE CHANGED", "error")
        case "to_confirm":
            return ("CONFIRM IT", "error")
        case "accepted":
            return ("accepted", "muted")
        case "withdrawn":
            return ("taken back", "muted")


def undo_seconds(entry: Entry, now_ms: int) -> int:
    """Return how many seconds of its undo window are left, begun ones included."""
    if entry.state != "undoable" or entry.undo_until_ms is None:
        return 0
    return max(0, -(-(entry.undo_until_ms - now_ms) // 1000))


def why(entry: Entry) -> str:
    """Tell why an entry came back or waits; empty where nothing is wrong with it."""
    problem = entry.error
    match entry.state:
        case "changed":
            return "the case changed after it was seen"
        case "to_confirm":
            return "it waited longer than the policy allows"
        case "returned" | "pending" | "sending" if problem is not None:
            if problem.faults:
                pointer, detail = problem.faults[0]
                return f"{visible(pointer)} {detail.visible()}".strip()
            return problem.detail.visible()
        case _:
            return ""


def says(entry: Entry) -> str:
    """Tell in one line what an entry records."""
    members = _members(entry.body)
    parts = (_value(members.get(name)) for name in _SAYS.get(entry.type, ()))
    return " · ".join(part for part in parts if part)


def ago(then_ms: int, now_ms: int) -> str:
    """Tell how long ago something was."""
    return short(timedelta(milliseconds=max(0, now_ms - then_ms)))


def clock(ms: int) -> str:
    """Write a time of an entry: UTC, to the second."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def received(entry: Entry) -> str:
    """Return the server's time of an accepted entry, to the second; empty where it gave none."""
    if entry.record is None:
        return ""
    at = read(ActionRecord, entry.record).received_at
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


# --- One entry whole ----------------------------------------------------------------------------


def entry_lines(place: Place, policy: Policy | None, now_ms: int) -> Iterator[Line]:
    """Tell an entry whole: how it stands and what to do, why, what it says."""
    entry = place.entry
    yield Line("heading", f"{entry.type.capitalize()} · {place.name} · {place.requester}")
    yield from _standing(place, now_ms)
    yield from _findings(entry)
    yield Line("text", "")
    yield from body_lines(entry, policy)
    yield Line("text", "")
    version = f" · on version {visible(entry.version)}" if entry.version else ""
    yield Line("muted", f"  key {entry.key} · entry {entry.seq}{version}")


def _standing(place: Place, now_ms: int) -> Iterator[Line]:
    entry = place.entry
    yield Line(
        "text",
        f"  recorded {clock(entry.recorded_ms)}, {ago(entry.recorded_ms, now_ms)} ago · "
        + (f"{entry.attempts} tries" if entry.attempts != 1 else "1 try"),
    )
    again, open_ = keys_for("outbox.retry"), keys_for("outbox.open")
    discard = f"{keys_for('outbox.discard')} discards it"
    match entry.state:
        case "undoable":
            left = undo_seconds(entry, now_ms)
            until = f"for {left} s" if left else "until it is sent"
            key = keys_for("undo")
            yield Line("unsent", f"  {key} takes it back {until}; then it goes when it can.")
        case "pending":
            yield from _waiting(place, now_ms)
        case "sending":
            yield Line("unsent", "  It is being sent just now.")
        case "returned":
            yield Line("error", "  The server did not take it; nothing of it was applied."
                       if entry.error and entry.error.status else "  It came back.")  # fmt: skip
            yield Line(
                "key", f"  {again} sends the same again · {discard} · {open_} goes to the case"
            )
        case "changed":
            yield Line("error", "  It was NOT applied: the case changed after it was seen.")
            yield Line("key", f"  {open_} compares: stand by it, do it again, or drop it")
        case "to_confirm":
            waited = ago(entry.waiting_since_ms, now_ms)
            yield Line("error", f"  It waited {waited}, longer than the policy lets it go unasked.")
            yield Line("key", f"  {again} confirms it, it goes as it is · {discard}")
        case "accepted":
            at = received(entry)
            yield Line("ok", f"  The server has it{' since ' + at if at else ''}.")
        case "withdrawn":
            yield Line("muted", "  It was taken back here.")
    if entry.unknown and entry.state not in ("accepted", "sending"):
        yield Line(
            "warning",
            "  A try ended without an answer: the server may have it. Sent again it counts once; "
            "taken back here, look at the case before anything else is done on it.",
        )
    if place.behind and entry.state in CAME_BACK:
        yield Line("warning", f"  It holds {place.behind} recorded after it on this case.")


def _waiting(place: Place, now_ms: int) -> Iterator[Line]:
    entry, head = place.entry, place.head
    if head is not None:
        word = "Held" if head.state in CAME_BACK else "Goes"
        told, _ = state_words(Place(head, place.row, None, 0), now_ms)
        yield Line("warning", f"  {word} behind entry {head.seq}, {head.type}: {told}.")
    elif entry.next_try_ms > now_ms:
        seconds = -(-(entry.next_try_ms - now_ms) // 1000)
        now = keys_for("outbox.retry")
        yield Line("unsent", f"  It is tried again in {seconds} s; {now} tries it now.")
    else:
        yield Line("unsent", "  Recorded here, NOT yet delivered. It goes when the server answers.")


def _findings(entry: Entry) -> Iterator[Line]:
    problem = entry.error
    if problem is None or entry.state == "accepted":
        return
    role = "error" if entry.state in CAME_BACK else "muted"
    if problem.detail:
        yield Line(role, f"  {problem.detail.visible()}")
    for pointer, detail in problem.faults:
        yield Line(role, f"    {visible(pointer) or '/'}: {detail.visible()}")
    if problem.claim_by:
        until = "" if problem.claim_until_ms is None else f" until {clock(problem.claim_until_ms)}"
        yield Line(role, f"    {visible(problem.claim_by)} holds the case{until}")


def body_lines(entry: Entry, policy: Policy | None = None) -> Iterator[Line]:
    """Tell what an entry records, member by member, in the field's words."""
    for label, lines in members_of(entry.body, policy):
        if len(lines) == 1 and len(lines[0]) < 200:
            yield Line("text", f"  {label:<20} {lines[0]}")
        else:
            yield Line("key", f"  {label}")
            yield from (Line("text", f"    {line}") for line in lines)


def members_of(body: bytes, policy: Policy | None) -> Iterator[tuple[str, list[str]]]:
    """Yield the members of an action's body that say something: label and lines."""
    for name, value in _members(body).items():
        if name not in _COMMON and value not in (None, "", [], {}):
            yield (
                _MEMBERS.get(name, visible(name).replace("_", " ")),
                list(_told(name, value, policy)),
            )


def _told(name: str, value: Any, policy: Policy | None) -> Iterator[str]:
    if isinstance(value, str):
        text = _spoken(value[:_LONGEST])
        yield from visible(_labelled(name, text, policy), multiline=True).split("\n")
        if len(value) > _LONGEST:
            yield f"({len(value) - _LONGEST:,} more characters)"
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _item(name, item, policy)
    else:
        yield _value(value)


def _item(name: str, item: Any, policy: Policy | None) -> Iterator[str]:
    if name in ("scope_granted", "withheld", "discloses", "scope") and isinstance(item, dict):
        members = cast("dict[str, Any]", item)
        try:
            line = data_line(msgspec.convert(members, ready(DataItem)))
        except msgspec.ValidationError:
            line = _value(members)
        more = [str(members[each]) for each in ("reason", "source") if members.get(each)]
        yield visible(" · ".join([line, *more]))
    elif isinstance(item, str):
        yield visible(_labelled(name, item, policy))
    else:
        yield _value(item)


def _labelled(name: str, code: str, policy: Policy | None) -> str:
    """Add the policy's label to a code."""
    if policy is None:
        return code
    known: Sequence[Any] = ()
    if name == "disposition":
        known = policy.dispositions
    elif name == "reasons":
        known = policy.reasons
    label = next((each.label for each in known if each.code == code and each.label), None)
    return code if label is None else f"{code} · {label.visible()}"


def _value(value: Any) -> str:
    """Tell any value in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return visible(_spoken(value[:_LONGEST]).replace("\n", " "))
    if isinstance(value, list):
        return ", ".join(filter(None, (_value(each) for each in cast("list[Any]", value))))
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return ", ".join(
            f"{visible(name).replace('_', ' ')} {_value(each)}" for name, each in members.items()
        )
    return "" if value is None else str(value)


def _spoken(value: str) -> str:
    """Write a code of small letters as words."""
    return value.replace("_", " ") if _CODE.fullmatch(value) else value


def _members(body: bytes) -> dict[str, Any]:
    members = msgspec.json.decode(body)
    return cast("dict[str, Any]", members) if isinstance(members, dict) else {}


# --- Leaving ------------------------------------------------------------------------------------


def undelivered(place: Place, now_ms: int) -> str:
    """Tell in one line what is not delivered, as on leaving."""
    told, _ = state_words(place, now_ms)
    return f"{place.name:<16} {place.entry.type:<9} {told}"
