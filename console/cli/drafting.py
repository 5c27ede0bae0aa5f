"""Drafting a response from the command line: filled, guarded, kept or sent."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.casework import actions
from console.casework.disclosure import remaining
from console.cli.acting import CaseId, Json, delivered, refuse, tell_entry
from console.cli.given import credentials, read_file
from console.cli.output import complain, say, say_json
from console.composing.responding import (
    Composed,
    Ground,
    Letter,
    addressed,
    begin,
    compose,
    item_of,
)
from console.composing.response_drafts import attach as attach_file
from console.composing.response_drafts import ground_of, keep, kept, new_id, record
from console.desk import Desk, RefusedByPolicy
from console.errors import Exit, NotFound, UsageError
from console.profiles.opening import open_desk
from console.words.response import decision_line, finding_lines, preview_lines, source_of


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the options ask for."""

    template: str | None
    sets: list[str]
    to: str | None
    channel: str | None
    key_channel: str | None
    subject: str | None
    body: str | None
    disclose: list[str] | None
    overrides: list[str]
    files: list[Path]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(draft)


def draft(
    context: typer.Context,
    case: CaseId,
    template: Annotated[
        str | None, typer.Option(help="A template; else the kept draft, or what fits best.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Fill a variable.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="The recipient.")] = None,
    channel: Annotated[
        str | None, typer.Option(help="portal, secure_transfer, email or phone_readback.")
    ] = None,
    key_channel: Annotated[str | None, typer.Option(help="How the key to files goes.")] = None,
    subject: Annotated[str | None, typer.Option(help="In place of the template's.")] = None,
    body: Annotated[
        str | None, typer.Option(help="A file in place of the template's text; - for input.")
    ] = None,
    disclose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIER[:CATEGORY[:SUBJECT]][=SOURCE]",
            help="Disclose this much of the grant, or none; else all of it.",
        ),
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option(metavar="FINDING=REASON", help="Override a finding.")
    ] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file to go with it.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Only show it; the default.")] = False,
    ready: Annotated[
        bool, typer.Option("--ready", help="Keep it as a draft that is ready to go.")
    ] = False,
    send: Annotated[bool, typer.Option("--send", help="Record it, and send it.")] = False,
    json: Json = False,
) -> int:
    """Draft the response to a case: fill a template, hear what stands against it, send it."""
    if sum((show, ready, send)) > 1:
        raise UsageError("Choose one of --show, --ready and --send.")
    asked = Asked(
        template=template,
        sets=set_ or [],
        to=to,
        channel=channel,
        key_channel=key_channel,
        subject=subject,
        body=body,
        disclose=disclose,
        overrides=override or [],
        files=attach or [],
    )
    with open_desk(credentials(context)) as desk:
        case_id = desk.find(case)
        if send:
            desk.reach()
        ground = ground_of(desk, case_id)
        draft_id, letter = _letter(desk, case_id, ground, asked)
        composed = compose(ground, letter, desk.server_now())
        if send:
            return _send(desk, case_id, ground, composed, draft_id, letter, json)
        if ready:
            return _ready(desk, case_id, composed, draft_id, letter, json)
        _show(ground, composed, json)
    return Exit.DONE


# --- The letter ---------------------------------------------------------------------------------


def _letter(desk: Desk, case_id: str, ground: Ground, asked: Asked) -> tuple[str, Letter]:
    """Return the letter and the id of the draft that it comes from, or will be."""
    found = kept(desk, case_id) if asked.template is None else None
    if found is not None:
        draft_id, letter = found.id, found.letter
    else:
        draft_id, letter = new_id(), begin(ground, _template(ground, asked.template))
    return draft_id, _changed(desk, ground, letter, asked)


def _template(ground: Ground, template_id: str | None) -> Any:
    if template_id is None:
        return None
    found = ground.template(template_id)
    if found is None:
        names = ", ".join(one.id for one in ground.templates if not one.disabled)
        raise NotFound(f"There is no such template. There are: {names or 'none'}")
    return found


def _changed(desk: Desk, ground: Ground, letter: Letter, asked: Asked) -> Letter:
    changes: dict[str, Any] = {}
    if asked.disclose is not None:
        letter = msgspec.structs.replace(letter, discloses=_items(ground, asked.disclose))
        letter = addressed(ground, letter)
    for name in ("to", "channel", "key_channel", "subject"):
        if getattr(asked, name) is not None:
            changes[name] = getattr(asked, name)
    if asked.body is not None:
        changes["body"] = read_file(asked.body).decode("utf-8", "replace")
    filled = _pairs("--set", asked.sets)
    _check_names(ground, letter, filled)
    changes["given"] = letter.given | filled
    changes["overrides"] = letter.overrides | _pairs("--override", asked.overrides)
    if asked.files:
        added = (attach_file(desk, path) for path in asked.files)
        changes["attachments"] = (*letter.attachments, *added)
    return msgspec.structs.replace(letter, **changes)


def _pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """Read NAME=VALUE pairs; one name given several times is a list, one item a line."""
    pairs: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"{option} takes NAME=VALUE.")
        pairs[name] = f"{pairs[name]}\n{value}" if name in pairs else value
    return pairs


def _check_names(ground: Ground, letter: Letter, given: dict[str, str]) -> None:
    template = ground.template(letter.template)
    known = [one.name for one in template.variables] if template else []
    if unknown := sorted(set(given).difference(known)):
        raise UsageError(
            f"The template has no variable {', '.join(unknown)}. It has: {', '.join(known)}"
        )


def _items(ground: Ground, wanted: list[str]) -> tuple[actions.Disclosed, ...]:
    """Read what is to be disclosed; what was granted, with its category and subject."""
    items: list[actions.Disclosed] = []
    for text in wanted:
        if text == "none":
            continue
        words, _, source = text.partition("=")
        parts = words.split(":")
        fits = [
            grant
            for grant in ground.granted
            if parts == [grant.tier, grant.category, grant.subject][: len(parts)]
        ]
        if fits:
            items += [item_of(grant, source or None) for grant in fits]
            continue
        try:  # not granted: the guard says so, with everything else that it finds
            named = dict(zip(("tier", "category", "subject"), parts, strict=False))
            items.append(msgspec.convert(named | {"source": source or None}, actions.Disclosed))
        except msgspec.ValidationError:
            raise UsageError("--disclose takes TIER:CATEGORY:SUBJECT, or none.") from None
    return tuple(items)


# --- What becomes of it -------------------------------------------------------------------------


def _send(
    desk: Desk,
    case_id: str,
    ground: Ground,
    composed: Composed,
    draft_id: str,
    letter: Letter,
    json: bool,
) -> int:
    if composed.waits and composed.action.discloses:
        keep(desk, case_id, draft_id, letter, ready=True)
        complain("It is kept as a draft that is ready: it waits for the approval of the decision.")
    try:
        entry = record(desk, case_id, composed, draft_id, undo_window=False)
    except RefusedByPolicy as refusal:
        if json:
            say_json(_document(ground, composed) | _REFUSED | {"errors": _errors(composed)})
            return refusal.exit
        return refuse(refusal.findings, json, refusal.exit)
    return tell_entry(desk, delivered(desk, entry), json)


_REFUSED = {"entry": None, "state": "refused", "delivered": False}


def _ready(
    desk: Desk, case_id: str, composed: Composed, draft_id: str, letter: Letter, json: bool
) -> int:
    if composed.in_the_way:
        return refuse(composed.in_the_way, json, Exit.REFUSED)
    keep(desk, case_id, draft_id, letter, ready=True)
    if json:
        say_json({"draft": draft_id, "case": case_id, "ready": True, "waits": composed.waits})
    else:
        for_what = "it waits for the approval of the decision" if composed.waits else "send it"
        say(f"Kept as a draft that is ready: {for_what}.")
    return Exit.DONE


def _show(ground: Ground, composed: Composed, json: bool) -> None:
    if json:
        say_json(_document(ground, composed))
        return
    say(decision_line(ground).text)
    for line in preview_lines(ground, composed):
        say(line.text)
    if composed.values:
        say("Variables")
    for value in composed.values:
        shown = " · ".join(value.value.splitlines())
        told = value.prompt if value.name in composed.unfilled else shown
        say(f"  {value.name:<20} {told}  [{source_of(value, composed.unfilled)[0]}]")
    say()
    for line in finding_lines(composed, "--override"):
        say(line.text)


def _document(ground: Ground, composed: Composed) -> dict[str, Any]:
    action = composed.action
    return {
        "case": ground.case.id,
        "decision": action.decision,
        "template": action.template,
        "language": action.language,
        "to": action.to,
        "channel": action.channel,
        "key_channel": action.key_channel,
        "subject": action.subject,
        "body": action.body,
        "variables": [
            {
                "name": one.name,
                "value": one.value,
                "source": one.source,
                "required": one.required,
                "missing": one.name in composed.unfilled,
                "prompt": one.prompt,
            }
            for one in composed.values
        ],
        "missing": composed.unfilled,
        "discloses": action.discloses,
        "attachments": action.attachments,
        "overrides": action.overrides,
        "findings": [
            {
                "finding": one.code,
                "pointer": one.pointer,
                "detail": one.detail,
                "blocks": not one.overridable,
                "overridden": composed.overridden(one) is not None,
                "waits": one in composed.waiting,
            }
            for one in composed.findings
        ],
        "waits": composed.waits,
    }


def _errors(composed: Composed) -> list[dict[str, str]]:
    left = remaining(composed.findings, composed.action.overrides)
    return [{"pointer": one.pointer, "detail": one.detail} for one in left]
