"""A case as lines of text: what the case pane shows and what `nightdesk case` prints.

Every text from outside passes `visible()` here. What the case's graphic level makes hard to read
is marked `masked`: the pane covers it until it is asked for.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, cast

from console.casework import clocks
from console.commands import keys_for
from console.desk import CaseView
from console.wording import MASKED_FROM, Line, data_line, shown, when
from local_cache.cases import CaseRow
from local_cache.drafts import Draft
from local_cache.entries import Entry
from local_cache.hostile import Hostile, hidden_count
from local_cache.records import (
    ActionRecord,
    Attachment,
    Case,
    Check,
    Message,
    Policy,
    Request,
    Requester,
)

LONGEST_TEXT: Final = 64 * 1024
"""Characters of one body that are shown; the rest is counted (TextArea and Static need seconds)."""


def case_lines(
    view: CaseView, now: datetime, policy: Policy | None, related: Iterable[CaseRow] = ()
) -> Iterator[Line]:
    """Tell a whole case, the most pressing first."""
    yield from _recorded_here(view)
    case = view.case
    if case is None:
        yield from _no_content(view)
        return
    yield from _drafted(view, case)
    masked = (case.graphic_level or 0) >= MASKED_FROM
    yield from _heading(case)
    yield from _clocks(case, now)
    yield from _requester(case.requester, policy)
    yield from _request(case.request, masked)
    yield from _data(case)
    yield from _subjects(case)
    yield from _stream(case)
    yield from _messages(case, masked)
    yield from _attachments(case.attachments)
    yield from _assessment(case)
    yield from _decisions(case, policy)
    yield from _deeds(case)
    yield from _notes(case, masked)
    yield from _related(case, related)


def _recorded_here(view: CaseView) -> Iterator[Line]:
    if not view.entries:
        return
    yield Line("heading", "Recorded here, not yet accepted by the server")
    for entry in view.entries:
        yield Line("unsent", f"  {entry_line(entry)}")
        if entry.error is not None:
            yield Line("error", f"      {entry.error.detail.visible()}")
            for pointer, detail in entry.error.faults:
                yield Line("error", f"      {pointer}: {detail.visible()}")
    if view.newest is not None:
        where = keys_for("go.outbox")
        yield Line("warning", f"  The case changed on the server meanwhile: {where} compares them.")
    yield Line("text", "")


def _drafted(view: CaseView, case: Case) -> Iterator[Line]:
    """Tell what is being written: forms that were left, and the newest draft of a response."""
    begun = [
        f"{one.id.partition(':')[0]} (kept {_when_saved(one)})"
        for one in view.drafts
        if one.kind != "response"
    ]
    if begun:
        yield Line("unsent", f"Begun here and not recorded: {', '.join(begun)}.")
    draft = next((one for one in view.drafts if one.kind == "response"), None)
    if draft is None:
        if begun:
            yield Line("text", "")
        return
    saved, key = _when_saved(draft), keys_for("draft.open")
    if not draft.ready:
        yield Line(
            "unsent", f"A response is drafted, kept {saved}; nothing was sent. {key} goes on."
        )
    elif case.state == "awaiting_approval":
        told = "A response is READY and waits for the approval; nothing was sent."
        yield Line("unsent", told)
    else:
        yield Line("warning", f"A response is READY and was not sent. {key} opens it, to be sent.")
    yield Line("text", "")


def _when_saved(draft: Draft) -> str:
    return when(datetime.fromtimestamp(draft.saved_ms / 1000, UTC))


def entry_line(entry: Entry) -> str:
    """Tell an outbox entry in one line: what, in which state."""
    return f"{entry.type:<9} {STATES[entry.state]}"


STATES: Final = {
    "undoable": "recorded, can be undone (u)",
    "pending": "recorded, waits to be sent",
    "sending": "being sent",
    "accepted": "accepted",
    "returned": "RETURNED by the server",
    "changed": "NOT SENT: the case changed meanwhile",
    "to_confirm": "waited long: confirm before it goes",
    "withdrawn": "taken back",
}


def _no_content(view: CaseView) -> Iterator[Line]:
    if view.stored.gone:
        yield Line("warning", "This case is gone or no longer ours to see; its content is masked.")
        yield Line(
            "text", f"What was recorded on it is kept in the outbox ({keys_for('go.outbox')})."
        )
    else:
        yield Line("error", "This case cannot be read: its document breaks the contract.")
        yield Line("text", f"id {view.id}. The document is kept as it came. Tell whoever runs the")
        yield Line("text", "server, and handle the case by the fallback meanwhile.")


def _heading(case: Case) -> Iterator[Line]:
    yield Line("heading", shown(case.title, "untitled"))
    yield Line(
        "text",
        f"our ref {shown(case.reference, case.id)}   their ref {shown(case.their_reference)}",
    )
    facts = [
        case.priority or "P?",
        (case.imminence or "unassessed").replace("_", " "),
        case.kind.replace("_", " "),
        case.state.replace("_", " "),
        f"queue {case.queue}",
        case.language or "",
        case.jurisdiction or "",
    ]
    yield Line("text", " · ".join(fact for fact in facts if fact))
    if case.claim is not None:
        yield Line("text", f"claimed by {case.claim.by} until {when(case.claim.until)}")
    if case.assignee is not None:
        yield Line("text", f"assigned to {case.assignee}")
    if case.snoozed_until is not None:
        yield Line("muted", f"snoozed until {when(case.snoozed_until)}")
    flags = [*case.sensitivities, *(f"#{tag.visible()}" for tag in case.tags)]
    if case.graphic_level:
        flags.append(f"graphic level {case.graphic_level}")
    if flags:
        yield Line("warning", "! " + ", ".join(flags))
    if case.harms:
        yield Line(
            "text", "harm: " + ", ".join(harm.replace("_", " ").lower() for harm in case.harms)
        )
    yield Line("text", f"received {when(case.received_at)} by {case.channel or 'unknown channel'}")


def _clocks(case: Case, now: datetime) -> Iterator[Line]:
    if not case.clocks:
        return
    yield from _section("Clocks")
    for reading in clocks.readings(case, now):
        word = "statutory" if reading.statutory else "internal"
        unreviewed = " · unreviewed" if reading.status == "unreviewed" else ""
        label = shown(reading.label, reading.rule or reading.clock)
        text, role = clock_text(reading)
        yield Line(role, f"  {text:<22} {label} ({word}, {reading.rule or 'no rule'}{unreviewed})")


def clock_text(reading: clocks.Reading) -> tuple[str, str]:
    """Tell a clock in words, with its role in the theme; never by colour alone."""
    left = clocks.short(abs(reading.remaining)) if reading.remaining is not None else ""
    law = "statutory" if reading.statutory else "policy"
    match reading.state:
        case "met":
            return ("met late" if reading.late else "met"), "muted"
        case "word":
            return "no number in the law", law
        case "paused":
            why = f" ({reading.why_paused.replace('_', ' ')})" if reading.why_paused else ""
            return f"{left} left, paused{why}", "muted"
        case "overdue":
            return f"{left} OVERDUE", "overdue"
        case "running":
            urgent = f" ! {reading.warning} % gone" if reading.warning >= 80 else ""
            return f"{left} left{urgent}", "warning" if reading.warning >= 80 else law


def _requester(requester: Requester | None, policy: Policy | None) -> Iterator[Line]:
    if requester is None:
        return
    yield from _section("Requester")
    sworn = {True: ", sworn", False: ", not sworn", None: ""}[requester.sworn]
    yield Line("text", f"  {shown(requester.name)}, {shown(requester.title)}{sworn}")
    yield Line(
        "text",
        f"  {shown(requester.agency)} ({requester.country or 'country not given'})"
        + (
            f" · register {requester.agency_id}"
            if requester.agency_id
            else " · NOT IN THE REGISTER"
        ),
    )
    yield Line(
        "text", f"  mail {shown(requester.email)} · phone {shown(requester.phone)} (claimed)"
    )
    if requester.supervisor is not None:
        boss = requester.supervisor
        yield Line(
            "text",
            f"  supervisor {shown(boss.name)} · {shown(boss.phone)}"
            f" · {shown(boss.email)} (claimed)",
        )
    mail = requester.mail_authentication
    if mail is not None:
        yield Line(
            "text",
            f"  spf {mail.spf or '?'} · dkim {mail.dkim or '?'} · dmarc {mail.dmarc or '?'}"
            f" · from {shown(mail.from_)} · reply to {shown(mail.reply_to)}",
        )
    for signal in requester.signals:
        role = {"red": "error", "amber": "warning"}.get(signal.level, "ok")
        yield Line(role, f"  [{signal.level.upper()}] {signal.id}: {shown(signal.why, '')}")
    yield Line("text", "")
    yield Line(_verified_role(requester), f"  Verification: {requester.verification.state}")
    labels = {check.id: check for check in policy.verification.checks} if policy else {}
    for check in requester.verification.checks:
        rule = labels.get(check.id)
        yield from _check(check, shown(rule.label, "") if rule else "")


def _verified_role(requester: Requester) -> str:
    state = requester.verification.state
    if state.startswith("VERIFIED"):
        return "ok"
    return "error" if state in ("FAILED", "SUSPECTED_FRAUD") else "warning"


def _check(check: Check, label: str) -> Iterator[Line]:
    mark = {"PASS": "✓", "FAIL": "✗", "NA": "–", "UNABLE": "?"}.get(check.result, "·")
    role = {"PASS": "ok", "FAIL": "error"}.get(check.result, "text")
    by = f" · {check.by} {when(check.at)}" if check.by else ""
    yield Line(role, f"  {mark} {check.id} {check.result:<7} {label}{by}")
    if check.note:
        yield from _long("text", check.note, indent=8)
    if check.evidence is not None:
        told = check.evidence
        yield Line(
            "muted",
            f"        called {shown(told.number)} from {shown(told.source)},"
            f" spoke to {shown(told.spoke_to)}",
        )


def _request(request: Request | None, masked: bool) -> Iterator[Line]:
    if request is None:
        return
    yield from _section("Request")
    yield from _long("text", request.narrative, masked=masked)
    for label, text in (
        ("harm expected", request.harm_expected),
        ("why now", request.why_now),
        ("how the data helps", request.necessity_link),
        ("why not ordinary process", request.why_not_ordinary_process),
        ("other steps taken", request.other_steps_taken),
        ("legal basis claimed", request.legal_basis_claimed),
        ("process reference", request.process_reference),
    ):
        if text:
            yield Line("key", f"  {label}")
            yield from _long("text", text, masked=masked, indent=4)
    if request.deadline_at is not None:
        yield Line("warning", f"  deadline in the request: {when(request.deadline_at)}")
    if request.persons_at_risk:
        yield from _section("Persons at risk")
        for person in request.persons_at_risk:
            minor = " · MINOR" if person.is_minor else ""
            yield Line(
                "text",
                f"  {shown(person.label)}{minor} · at {shown(person.location, 'unknown place')}",
            )


def _data(case: Case) -> Iterator[Line]:
    if case.request is None or not case.request.data_sought:
        return
    yield from _section("Data sought")
    for item in case.request.data_sought:
        yield Line("text", f"  {data_line(item)}")


def _subjects(case: Case) -> Iterator[Line]:
    if not case.subjects:
        return
    yield from _section("Subjects")
    for subject in case.subjects:
        yield Line(
            "text",
            f"  {subject.id}: {subject.role or 'role unknown'} · {subject.kind or 'account'} "
            f"{shown(subject.display)} (id {shown(subject.value)})",
        )


def _stream(case: Case) -> Iterator[Line]:
    stream = case.stream
    if stream is None:
        return
    yield from _section("Live stream")
    state = {True: "LIVE", False: "ended", None: "unknown"}[stream.live]
    yield Line("warning" if stream.live else "text", f"  {state} · room {shown(stream.room_id)}")
    yield Line(
        "text",
        f"  started {when(stream.started_at)} · viewers {stream.viewers or 0}"
        f" (peak {stream.peak_viewers or 0}) · last signal {when(stream.last_signal_at)}",
    )
    for signal in stream.signals[-20:]:
        yield Line("muted", f"  {when(signal.at)} {signal.name or '?'} {signal.value}")


def _messages(case: Case, masked: bool) -> Iterator[Line]:
    if not case.messages:
        return
    yield from _section(f"Messages ({len(case.messages)})")
    for message in case.messages:
        yield from _message(message, masked)


def _message(message: Message, masked: bool) -> Iterator[Line]:
    arrow = "←" if message.direction == "in" else "→"
    yield Line(
        "label",
        f"  {arrow} {message.id} {when(message.at)} {shown(message.from_)}: "
        f"{shown(message.subject, 'no subject')}",
    )
    yield from _long("text", message.body, masked=masked, indent=4)
    if message.attachments:
        yield Line("muted", "    attached: " + ", ".join(message.attachments))


def _attachments(attachments: tuple[Attachment, ...]) -> Iterator[Line]:
    if not attachments:
        return
    yield from _section("Attachments (never opened by themselves)")
    for file in attachments:
        yield Line(
            "text",
            f"  {file.id}: {shown(file.name)} · {shown(file.media_type)}"
            f" · {file.size or 0:,} bytes",
        )
        graphic = f"graphic level {file.graphic.level}"
        category = f" ({file.graphic.category})" if file.graphic.category else ""
        yield Line("muted", f"      {graphic}{category} · {shown(file.description, '')}")
        yield Line("muted", f"      sha256 {file.sha256 or 'not given'}")


def _assessment(case: Case) -> Iterator[Line]:
    assessment = case.assessment
    if assessment is None:
        return
    yield from _section("Assessment")
    scores = ", ".join(f"{axis.visible()} {score}" for axis, score in assessment.axes.items())
    yield Line("text", f"  {assessment.by or '?'} {when(assessment.at)}   {scores}")
    yield from _long("text", assessment.rationale)
    if assessment.counter_evidence:
        yield Line("key", "  what speaks against it")
        yield from _long("text", assessment.counter_evidence, indent=4)


def _decisions(case: Case, policy: Policy | None) -> Iterator[Line]:
    if not case.decisions:
        return
    yield from _section("Decisions")
    labels = {d.code: shown(d.label, "") for d in policy.dispositions} if policy else {}
    for record in case.decisions:
        body = record.fields()
        code = _word(body.get("disposition"))
        yield Line("key", f"  {code} {labels.get(code, '')} · {_by(record)}")
        reasons = ", ".join(_word(reason) for reason in _list(body.get("reasons")))
        if reasons:
            yield Line("text", f"    reasons {reasons}")
        yield from _long("text", _text(body.get("rationale")), indent=4)
        for item in map(_members, _list(body.get("scope_granted"))):
            yield Line(
                "text",
                f"    granted {_word(item.get('tier'))} {_word(item.get('category'))}"
                f" of {_word(item.get('subject'))}",
            )
    approval = case.approval
    if approval is not None and approval.needed:
        if approval.given_by:
            yield Line("ok", f"  approved by {approval.given_by} {when(approval.given_at)}")
        else:
            yield Line("warning", f"  waits for a second person since {when(approval.asked_at)}")


def _deeds(case: Case) -> Iterator[Line]:
    for title, records in (
        ("Responses", case.responses),
        ("Preservations", case.preservations),
        ("Enforcements", case.enforcements),
    ):
        if not records:
            continue
        yield from _section(title)
        for record in records:
            body = record.fields()
            effect = record.effect or record.delivery
            state = f" · {effect.state}" if effect else ""
            what = _word(body.get("subject") or body.get("measure") or body.get("scope"))
            to = f" to {_word(body['to'])}" if "to" in body else ""
            yield Line("text", f"  {what}{to}{state} · {_by(record)}")


def _notes(case: Case, masked: bool) -> Iterator[Line]:
    if not case.notes:
        return
    yield from _section("Notes")
    for record in case.notes:
        yield Line("key", f"  {_by(record)}")
        yield from _long("text", _text(record.fields().get("body")), masked=masked, indent=4)


def _related(case: Case, related: Iterable[CaseRow]) -> Iterator[Line]:
    rows = [row for row in related if row.id != case.id]
    if not rows and not case.links:
        return
    yield from _section("Related cases")
    for link in case.links:
        yield Line("text", f"  {link.rel.replace('_', ' ')} {link.case}")
    for row in rows:
        yield Line(
            "muted",
            f"  {row.reference.visible()} {(row.state or '').replace('_', ' ')}"
            f" {row.title.visible()}",
        )


def _section(title: str) -> Iterator[Line]:
    yield Line("text", "")
    yield Line("heading", title)


def _long(
    role: str, text: Hostile | None, *, masked: bool = False, indent: int = 2
) -> Iterator[Line]:
    if not text:
        return
    raw = text.raw[:LONGEST_TEXT]
    for line in Hostile(raw).visible(multiline=True).split("\n"):
        yield Line(role, " " * indent + line, masked)
    hidden = hidden_count(raw)
    if hidden:
        yield Line("warning", " " * indent + f"({hidden} hidden characters are shown by name)")
    if len(text) > LONGEST_TEXT:
        yield Line("warning", " " * indent + f"({len(text) - LONGEST_TEXT:,} more characters)")


def _by(record: ActionRecord) -> str:
    late = " (recorded offline)" if record.offline else ""
    return f"{record.by or '?'} {when(record.at)}{late}"


def _word(value: Any) -> str:
    if isinstance(value, Hostile):
        return value.visible()
    if isinstance(value, list | dict):
        return f"{len(cast('list[Any]', value))} items"
    return "" if value is None else str(value)


def _text(value: Any) -> Hostile | None:
    return value if isinstance(value, Hostile) else None


def _members(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
