"""Doing: any action from a file, and the common ones for hands. No undo window, tried at once."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.casework import actions
from console.casework.actions import AnyAction, BadAction
from console.casework.findings import Finding
from console.casework.new_case import read_new_case
from console.casework.wire import BadDocument
from console.cli.given import credentials, read_file
from console.cli.output import complain, errors_of, say, say_json
from console.desk import Desk, RefusedByPolicy
from console.errors import Exit, UsageError
from console.profiles.opening import open_desk
from local_cache.entries import Entry
from local_cache.errors import CacheError

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
CaseId = Annotated[str, typer.Argument(metavar="ID", help="The id, or our reference.")]
_EXITS = {"changed": Exit.CHANGED, "returned": Exit.REFUSED}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (act, new, claim, release, note, verify, assess, decide, approve):
        app.command()(command)


def act(
    context: typer.Context,
    case: CaseId,
    file: Annotated[str, typer.Option(help="The action as JSON; - for standard input.")],
    attach: Annotated[
        list[Path] | None, typer.Option(help="A file that goes with a response.")
    ] = None,
    json: Json = False,
) -> int:
    """Do any action of the API."""
    action = _read(read_file(file), json)
    if action is None:
        return Exit.USAGE
    return _act(context, case, action, json, attach or [])


def new(
    context: typer.Context,
    file: Annotated[str, typer.Option(help="The case as JSON; - for standard input.")],
    json: Json = False,
) -> int:
    """Open a case by hand: a phone call, a tip."""
    try:
        case = read_new_case(read_file(file))
    except BadDocument as problem:
        return refuse(problem.findings, json, Exit.USAGE)
    with open_desk(credentials(context)) as desk:
        try:
            entry = desk.open_case(case)
        except RefusedByPolicy as refusal:
            return refuse(refusal.findings, json, refusal.exit)
        return tell_entry(desk, delivered(desk, entry), json)


def claim(context: typer.Context, case: CaseId, json: Json = False) -> int:
    """Claim a case, or renew the claim; needs the server at once."""
    return _act(context, case, actions.Claim(), json)


def release(context: typer.Context, case: CaseId, json: Json = False) -> int:
    """Release a claim."""
    return _act(context, case, actions.Release(), json)


def note(
    context: typer.Context,
    case: CaseId,
    text: Annotated[str, typer.Argument(help="The note; - for standard input.")],
    json: Json = False,
) -> int:
    """Write a note on a case."""
    body = read_file("-").decode("utf-8", "replace") if text == "-" else text
    return _act(context, case, actions.Note(body=body), json)


def verify(
    context: typer.Context,
    case: CaseId,
    check: Annotated[str, typer.Argument(help="V01 to V20.")],
    result: Annotated[str, typer.Argument(help="PASS, FAIL, NA, PENDING or UNABLE.")],
    note: Annotated[str | None, typer.Option(help="What was found.")] = None,
    number: Annotated[str | None, typer.Option(help="The number called.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the number came from.")] = None,
    spoke_to: Annotated[str | None, typer.Option(help="Who answered.")] = None,
    state: Annotated[str | None, typer.Option(help="The judgement of the whole.")] = None,
    json: Json = False,
) -> int:
    """Record a verification check."""
    evidence = None
    if number or source or spoke_to:
        evidence = actions.Evidence(number=number, source=source, spoke_to=spoke_to)
    action = {"type": "verify", "check": check.upper(), "result": result.upper(), "note": note,
              "evidence": evidence, "state": state}  # fmt: skip
    return _act_on(context, case, action, json)


def assess(
    context: typer.Context,
    case: CaseId,
    priority: Annotated[str | None, typer.Option(help="P0 to P4.")] = None,
    imminence: Annotated[str | None, typer.Option()] = None,
    confidence: Annotated[str | None, typer.Option(help="low, medium or high.")] = None,
    harm: Annotated[list[str] | None, typer.Option()] = None,
    sensitivity: Annotated[list[str] | None, typer.Option()] = None,
    axis: Annotated[list[str] | None, typer.Option(help="severity=3, one for each axis.")] = None,
    rationale: Annotated[str | None, typer.Option()] = None,
    counter_evidence: Annotated[str | None, typer.Option()] = None,
    json: Json = False,
) -> int:
    """Assess the risk."""
    axes: dict[str, Any] = {}
    for given in axis or []:
        name, _, score = given.partition("=")
        axes[name] = int(score) if score.isdigit() else score
    action = {"type": "assess", "priority": priority, "imminence": imminence,
              "confidence": confidence, "harms": harm, "sensitivities": sensitivity,
              "axes": axes or None, "rationale": rationale,
              "counter_evidence": counter_evidence}  # fmt: skip
    return _act_on(context, case, action, json)


def decide(
    context: typer.Context,
    case: CaseId,
    disposition: Annotated[str, typer.Argument(help="As the policy names it.")],
    reason: Annotated[list[str] | None, typer.Option(help="A reason code.")] = None,
    rationale: Annotated[str | None, typer.Option()] = None,
    legal_basis: Annotated[str | None, typer.Option()] = None,
    statutory: Annotated[str | None, typer.Option(help="yes, no or unknown.")] = None,
    policy: Annotated[str | None, typer.Option(help="yes, no or unknown.")] = None,
    good_faith: Annotated[bool | None, typer.Option()] = None,
    grant: Annotated[list[str] | None, typer.Option(help="TIER:CATEGORY:SUBJECT")] = None,
    withhold: Annotated[list[str] | None, typer.Option(help="TIER:CATEGORY:SUBJECT:REASON")] = None,
    notice: Annotated[str | None, typer.Option(help="The user notice decision.")] = None,
    notice_reason: Annotated[str | None, typer.Option()] = None,
    seen: Annotated[list[str] | None, typer.Option(help="A message or attachment id.")] = None,
    break_glass: Annotated[bool, typer.Option("--break-glass")] = False,
    json: Json = False,
) -> int:
    """Decide a case."""
    action = {
        "type": "decide",
        "disposition": disposition.upper(),
        "reasons": reason,
        "rationale": rationale,
        "legal_basis": legal_basis,
        "statutory_test_met": statutory,
        "policy_test_met": policy,
        "good_faith": good_faith,
        "scope_granted": [_item(text, ("tier", "category", "subject")) for text in grant or []],
        "withheld": [
            _item(text, ("tier", "category", "subject", "reason")) for text in withhold or []
        ],
        "user_notice": {"decision": notice, "reason": notice_reason} if notice else None,
        "seen": seen,
        "break_glass": break_glass or None,
    }
    return _act_on(context, case, action, json)


def approve(
    context: typer.Context,
    case: CaseId,
    reject: Annotated[bool, typer.Option("--reject", help="Send the decision back.")] = False,
    reason: Annotated[str | None, typer.Option()] = None,
    json: Json = False,
) -> int:
    """Approve the decision that waits for a second person, or reject it."""
    with open_desk(credentials(context)) as desk:
        view = desk.case(desk.find(case))
        decision = desk.decision_to_approve(view)
        kind = actions.Reject if reject else actions.Approve
        action = kind(
            decision=decision.id, content_sha256=actions.content_sha256(decision), reason=reason
        )
        return _record(desk, view.id, action, json, [])


def _read(body: bytes, json: bool) -> AnyAction | None:
    try:
        return actions.read_action(body)
    except BadAction as problem:
        refuse(problem.findings, json, Exit.USAGE)
        return None


def _act_on(context: typer.Context, case: str, members: dict[str, Any], json: bool) -> int:
    body = msgspec.json.encode({n: v for n, v in members.items() if v not in (None, [])})
    action = _read(body, json)
    return Exit.USAGE if action is None else _act(context, case, action, json)


def _act(
    context: typer.Context,
    case: str,
    action: AnyAction,
    json: bool,
    attach: list[Path] | None = None,
) -> int:
    with open_desk(credentials(context)) as desk:
        return _record(desk, desk.find(case), action, json, attach or [])


def _record(desk: Desk, case_id: str, action: AnyAction, json: bool, attach: list[Path]) -> int:
    files = [read_file(str(path)) for path in attach]
    desk.reach()
    if files:
        action = _with_files(action, attach, files)
    try:
        entry = desk.act(case_id, action, files=files)
    except RefusedByPolicy as refusal:
        return refuse(refusal.findings, json, refusal.exit)
    return tell_entry(desk, delivered(desk, entry), json)


def _with_files(action: AnyAction, paths: list[Path], files: list[bytes]) -> AnyAction:
    if not isinstance(action, actions.Respond):
        raise UsageError("Only a response takes files. Nothing was recorded.")
    enclosed = tuple(
        actions.Enclosed(
            name=path.name,
            media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for path, content in zip(paths, files, strict=True)
    )
    return msgspec.structs.replace(action, attachments=(*action.attachments, *enclosed))


def _item(text: str, names: tuple[str, ...]) -> dict[str, str]:
    parts = text.split(":")
    if len(parts) > len(names) or not parts[0]:
        raise UsageError(f"A part of the scope is written {':'.join(names).upper()}.")
    return {name: part for name, part in zip(names, parts, strict=False) if part}


def delivered(desk: Desk, entry: Entry) -> Entry:
    """Try to deliver what was recorded just now; return it as it stands then.

    That the disk takes no note of the try takes nothing away from what it has taken already.
    """
    if entry.state != "pending":
        return entry
    try:
        return desk.deliver(entry.key)
    except CacheError:
        complain(
            "The disk took what was recorded, and then no more: it could not be delivered now.\n"
            "Make room or check the disk; do not do it again: nightdesk sync delivers it."
        )
        return entry


def tell_entry(desk: Desk, entry: Entry, json: bool) -> int:
    """Say what became of an entry; return the exit status."""
    status = _EXITS.get(entry.state, Exit.DONE)
    if entry.error is not None and entry.error.status == 404:
        status = Exit.NOT_FOUND
    if json:
        say_json(
            {
                "entry": entry.key,
                "state": entry.state,
                "delivered": entry.state == "accepted",
                "errors": errors_of(entry),
            }
        )
        return status
    if entry.state == "accepted":
        say(f"Accepted by the server. Entry {entry.key}")
    elif status is Exit.DONE:
        say(f"Recorded here, NOT yet delivered; it goes when it can. Entry {entry.key}")
    else:
        say(f"Not applied: {entry.state}. It is kept in the outbox. Entry {entry.key}")
    if entry.error is not None:
        complain(entry.error.detail.visible())
        for pointer, detail in entry.error.faults:
            complain(f"  {pointer}: {detail.visible()}")
    elif desk.why_offline:
        complain(desk.why_offline)
    return status


def refuse(findings: "tuple[Finding, ...] | list[Finding]", json: bool, status: int) -> int:
    """Say why nothing was recorded; return the exit status."""
    if json:
        errors = [{"pointer": found.pointer, "detail": found.detail} for found in findings]
        say_json({"entry": None, "state": "refused", "delivered": False, "errors": errors})
    else:
        complain("Not recorded:")
    for found in findings:
        complain(f"  {found.pointer or '/'}: {found.detail}")
    return status
