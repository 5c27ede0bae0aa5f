"""What changed meanwhile, beside what was seen and what was decided: member by member, in words.

Three states of one case: as it was seen when an action was recorded, as the server has it now, and
as it would stand by what was decided. Only members that are not the same in all three are told.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from console.wording import MASKED_FROM, data_line, shown, when
from console.words.outbox import body_lines, members_of
from local_cache.entries import Entry
from local_cache.hostile import Hostile, visible
from local_cache.records import ActionRecord, Case, Check, Clock, Message, Policy

_LONGEST: Final = 2000
"""Characters of one text that are shown in a column."""
COVERED: Final = "(text of a case with graphic content: it is shown in the case)"
NOTHING: Final = "–"
_BEFORE: Final = 200
"""Characters of what is the same that stay before the first difference of long texts."""
_COVERED: Final = ("request", "message", "note")
"""Members whose words are covered in a case with graphic content."""

Words = Mapping[str, str]
"""What a member says, by what names its parts: ids in a list; the empty name where it is one."""


class Difference(Struct, frozen=True):
    """One member, or one part of it, that is not the same in all three."""

    label: str
    seen: str
    now: str
    decided: str
    changed: bool
    """Whether the server's case changed here, as against what was decided here."""
    conflicting: bool
    """Whether both moved it, and not to the same."""


def compare(seen: Case, now: Case, decided: Case, policy: Policy | None = None) -> list[Difference]:
    """Tell what differs: first what both sides changed, then what changed, then what was decided.

    Args:
        seen: the case that the action stood on.
        now: the newest that the server gave.
        decided: `seen` with the action, and those behind it, applied.
        policy: for the words of codes.
    """
    covered = any((case.graphic_level or 0) >= MASKED_FROM for case in (seen, now))
    tell = _Teller(policy)
    found: list[Difference] = []
    for label, words in tell.members():
        three = [words(case) for case in (seen, now, decided)]
        for part in dict.fromkeys(name for one in three for name in one):
            before, present, after = (one.get(part) or NOTHING for one in three)
            if before == present == after:
                continue
            changed = before != present
            conflicting = changed and after not in (before, present)
            if covered and label in _COVERED:
                before, present, after = (_cover(text, label) for text in (before, present, after))
            before, present, after = _in_short(before, present, after)
            name = f"{label} {visible(part)}".strip()
            found.append(Difference(name, before, present, after, changed, conflicting))
    return sorted(found, key=_weight)


def _cover(text: str, label: str) -> str:
    """Leave of a text that is covered who wrote it and when, where its first line says so."""
    if text == NOTHING:
        return text
    return COVERED if label == "request" else f"{text.partition(chr(10))[0]}\n{COVERED}"


def _in_short(*texts: str) -> Iterator[str]:
    """Cut texts that are too long for a column, to where they begin to differ."""
    start = max(0, _same(texts) - _BEFORE)
    for text in texts:
        if len(text) <= _LONGEST:
            yield text
            continue
        begin = min(start, len(text) - _BEFORE)
        part = text[begin : begin + _LONGEST]
        more = len(text) - begin - len(part)
        lead = f"({begin:,} characters, the same) …" if begin else ""
        yield f"{lead}{part}" + (f"\n({more:,} more characters)" if more else "")


def _same(texts: Iterable[str]) -> int:
    """Return how many characters all of the texts begin with alike; of a single one none."""
    different = sorted(set(texts) - {NOTHING})
    if len(different) < 2:
        return 0
    first, last = different[0], different[-1]  # the least alike, as they are sorted
    pairs = zip(first, last, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), len(first))


def _weight(difference: Difference) -> int:
    if difference.conflicting:
        return 0
    return 1 if difference.changed else 2


def decided_words(entries: Iterable[Entry], policy: Policy | None) -> list[str]:
    """Tell whole what was decided: each entry's body in words, below its type."""
    lines: list[str] = []
    for entry in entries:
        lines.append(entry.type.capitalize())
        lines += [line.text for line in body_lines(entry, policy)]
    return lines


class _Teller:
    """Tells each member of a case in words."""

    def __init__(self, policy: Policy | None) -> None:
        self._policy = policy

    def members(self) -> Iterator[tuple[str, Callable[[Case], Words]]]:
        """Yield every member that a specialist decides by, with its label."""
        yield from _ONE
        yield "clock", lambda case: {clock.id: _clock(clock) for clock in case.clocks}
        yield "requester", _requester
        yield "check", _checks
        yield "request", _request
        yield "data sought", _data
        yield "person at risk", _persons
        yield "subject", _subjects
        yield "stream", _stream
        yield "message", lambda case: {m.id: _message(m) for m in case.messages}
        yield "attachment", _attachments
        yield "assessment", _assessment
        for name in ("decisions", "responses", "preservations", "enforcements", "notes"):
            yield name.removesuffix("s"), self._records(name)
        yield "approval", _approval
        yield "link", lambda case: {link.case: _words(link.rel) for link in case.links}

    def _records(self, name: str) -> Callable[[Case], Words]:
        def told(case: Case) -> Words:
            records: tuple[ActionRecord, ...] = getattr(case, name)
            return {record.id[:8]: self._record(record) for record in records}

        return told

    def _record(self, record: ActionRecord) -> str:
        head = f"{record.by or '?'} {when(record.at)}"
        body = [
            f"{label}: {'; '.join(lines)}" if len(lines) < 4 else "\n".join([label, *lines])
            for label, lines in members_of(bytes(record.body), self._policy)
        ]
        state = record.effect or record.delivery
        return "\n".join([head, *body, *([state.state] if state is not None else [])])


def _message(message: Message) -> str:
    arrow = "from" if message.direction == "in" else "answered by"
    head = f"{arrow} {shown(message.from_)} {when(message.at)}"
    return f"{head}\n{shown(message.subject, 'no subject')}\n{_whole(message.body)}"


def _request(case: Case) -> Words:
    request = case.request
    if request is None:
        return {}
    told = {
        "narrative": request.narrative,
        "harm expected": request.harm_expected,
        "why now": request.why_now,
        "how the data helps": request.necessity_link,
        "why not ordinary process": request.why_not_ordinary_process,
        "other steps taken": request.other_steps_taken,
        "legal basis claimed": request.legal_basis_claimed,
        "process reference": request.process_reference,
    }
    words = {name: _whole(text) for name, text in told.items() if text}
    if request.deadline_at is not None:
        words["deadline"] = when(request.deadline_at)
    return words


def _assessment(case: Case) -> Words:
    made = case.assessment
    if made is None:
        return {}
    scores = ", ".join(f"{axis.visible()} {score}" for axis, score in made.axes.items())
    return {
        "by": f"{made.by or '?'} {when(made.at)}",
        "axes": scores,
        "rationale": _whole(made.rationale),
        "what speaks against it": _whole(made.counter_evidence),
    }


def _whole(text: Hostile | None) -> str:
    return text.visible(multiline=True) if text else ""


def _one(read: Callable[[Case], Any]) -> Callable[[Case], Words]:
    def told(case: Case) -> Words:
        value = read(case)
        return {} if value is None else {"": _words(value)}

    return told


def _words(value: Any) -> str:
    if isinstance(value, Hostile):
        return value.visible()
    if isinstance(value, tuple):
        return ", ".join(_words(each) for each in value)  # pyright: ignore[reportUnknownVariableType]
    return visible(str(value)).replace("_", " ")


_ONE: Final[tuple[tuple[str, Callable[[Case], Words]], ...]] = (
    ("state", _one(lambda case: case.state)),
    ("priority", _one(lambda case: case.priority)),
    ("imminence", _one(lambda case: case.imminence)),
    ("confidence", _one(lambda case: case.confidence)),
    ("title", _one(lambda case: case.title)),
    ("kind", _one(lambda case: case.kind)),
    ("queue", _one(lambda case: case.queue)),
    ("harms", _one(lambda case: case.harms or None)),
    ("sensitivities", _one(lambda case: case.sensitivities or None)),
    ("graphic level", _one(lambda case: case.graphic_level)),
    ("jurisdiction", _one(lambda case: case.jurisdiction)),
    ("language", _one(lambda case: case.language)),
    ("our reference", _one(lambda case: case.reference)),
    ("their reference", _one(lambda case: case.their_reference)),
    ("claim", _one(lambda case: case.claim.by if case.claim else None)),
    ("assigned to", _one(lambda case: case.assignee)),
    ("tags", _one(lambda case: case.tags or None)),
    ("snoozed until", _one(lambda case: when(case.snoozed_until) if case.snoozed_until else None)),
)


def _clock(clock: Clock) -> str:
    name = shown(clock.label, clock.rule or "clock")
    if clock.met_at is not None:
        return f"{name}: met {when(clock.met_at)}"
    paused = bool(clock.paused) and clock.paused[-1].to is None
    due = "no time in numbers" if clock.due_at is None else f"due {when(clock.due_at)}"
    return f"{name}: {due}{', paused' if paused else ''}"


def _requester(case: Case) -> Words:
    who = case.requester
    if who is None:
        return {}
    told = {
        "name": who.name, "title": who.title, "badge": who.badge, "agency": who.agency,
        "mail": who.email, "phone": who.phone,
    }  # fmt: skip
    words = {name: text.visible() for name, text in told.items() if text}
    words["verification"] = _words(who.verification.state)
    if who.supervisor is not None:
        boss = who.supervisor
        words["supervisor"] = " · ".join(shown(x) for x in (boss.name, boss.phone, boss.email))
    mail = who.mail_authentication
    if mail is not None:
        words["mail checks"] = (
            f"spf {mail.spf or '?'}, dkim {mail.dkim or '?'}, dmarc {mail.dmarc or '?'}, "
            f"from {shown(mail.from_)}, reply to {shown(mail.reply_to)}"
        )
    for signal in who.signals:
        words[f"signal {signal.id}"] = f"{signal.level.upper()} {shown(signal.why, '')}"
    return words


def _checks(case: Case) -> Words:
    if case.requester is None:
        return {}
    return {check.id: _check(check) for check in case.requester.verification.checks}


def _check(check: Check) -> str:
    by = f" · {check.by} {when(check.at)}" if check.by else ""
    note = f"\n{check.note.visible()}" if check.note else ""
    return f"{check.result}{by}{note}"


def _data(case: Case) -> Words:
    items = case.request.data_sought if case.request is not None else ()
    return {str(number): visible(data_line(item)) for number, item in enumerate(items, 1)}


def _persons(case: Case) -> Words:
    persons = case.request.persons_at_risk if case.request is not None else ()
    return {
        str(number): f"{shown(person.label)}{', MINOR' if person.is_minor else ''}, "
        f"at {shown(person.location, 'unknown place')}"
        for number, person in enumerate(persons, 1)
    }


def _subjects(case: Case) -> Words:
    return {
        subject.id: f"{subject.role or 'role unknown'}, {subject.kind or 'account'} "
        f"{shown(subject.display)} (id {shown(subject.value)})"
        for subject in case.subjects
    }


def _stream(case: Case) -> Words:
    stream = case.stream
    if stream is None:
        return {}
    live = {True: "LIVE", False: "ended", None: "unknown"}[stream.live]
    return {"": live, "viewers": str(stream.viewers or 0), "room": shown(stream.room_id)}


def _attachments(case: Case) -> Words:
    return {
        file.id: f"{shown(file.name)}, {file.size or 0:,} bytes, graphic level {file.graphic.level}"
        for file in case.attachments
    }


def _approval(case: Case) -> Words:
    approval = case.approval
    if approval is None or not (approval.needed or approval.given_by):
        return {}
    if approval.given_by:
        return {"": f"given by {approval.given_by} {when(approval.given_at)}"}
    return {"": f"waits for a second person since {when(approval.asked_at)}"}
