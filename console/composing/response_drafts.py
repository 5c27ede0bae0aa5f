"""Drafts of responses on the desk: begun again where they were left, with files, until recorded."""

import hashlib
import mimetypes
import uuid
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from console.casework import actions
from console.casework.disclosure import Identifiers, identifiers_of
from console.casework.findings import Finding
from console.composing.responding import Composed, Ground, Letter, of_response
from console.desk import Desk, RefusedByPolicy
from console.errors import NotFound, UsageError
from local_cache.drafts import Draft
from local_cache.entries import Entry
from local_cache.query import CaseQuery
from local_cache.records import Case, Unreadable, read
from local_cache.shapes import ready
from local_cache.tables import Tables

KIND: Final = "response"
LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes; a file is held in memory when it is encrypted and when it is sent."""
WORKED_ON: Final = 200
"""Other cases, those changed last, that the guard looks for in a letter."""
_RECENT: Final = 300


class Kept(Struct, frozen=True, kw_only=True):
    """A letter to go on with."""

    id: str
    letter: Letter
    ready: bool = False
    taken_back: bool = False
    """From a response that was recorded and taken back, or came back."""


def new_id() -> str:
    """Return the id of a new draft."""
    return str(uuid.uuid4())


def ground_of(desk: Desk, case_id: str) -> Ground:
    """Read what a response on a case is composed on.

    Raises:
        NotFound: where the case cannot be answered: gone, unreadable, not here.
        NothingToWorkOn: where no policy was ever fetched.
    """
    view = desk.case(case_id)
    if view.case is None:
        raise NotFound("This case is gone or cannot be read: it cannot be answered from here.")
    policy = desk.policy()
    with desk.cache.read() as tables:
        others = _others(tables, case_id)
    return Ground(
        case=view.case,
        policy=policy,
        me=desk.me(),
        templates=tuple(desk.templates()),
        register=tuple(desk.register()),
        others=others,
    )


def _others(tables: Tables, case_id: str) -> tuple[Identifiers, ...]:
    """Gather what gives other cases away: those worked on last, and those like this one."""
    order = tables.cases.listing(CaseQuery(sort="updated", descending=True), limit=WORKED_ON)
    rows = [*tables.cases.rows(order), *tables.cases.related(case_id, 50)]
    found: list[Identifiers] = []
    for other in dict.fromkeys(row.id for row in rows if row.id != case_id):
        stored = tables.cases.get(other)
        if stored is None or stored.gone or stored.unreadable:
            continue
        try:
            found.append(identifiers_of(read(Case, stored.document)))
        except Unreadable:
            continue
    return tuple(found)


# --- Drafts -------------------------------------------------------------------------------------


def kept(desk: Desk, case_id: str) -> Kept | None:
    """Return the draft of a response on a case; else the response that was taken back last.

    A draft that this version of the program cannot read is left as it is.
    """
    for draft in desk.drafts(case_id):
        letter = _letter(draft) if draft.kind == KIND else None
        if letter is not None:
            return Kept(id=draft.id, letter=letter, ready=draft.ready)
    letter = _taken_back(desk, case_id)
    return None if letter is None else Kept(id=new_id(), letter=letter, taken_back=True)


def _letter(draft: Draft) -> Letter | None:
    try:
        return msgspec.convert(draft.content, ready(Letter))
    except msgspec.ValidationError:
        return None


def _taken_back(desk: Desk, case_id: str) -> Letter | None:
    """Return the newest response of a case where nothing of it will reach the requester."""
    with desk.cache.read() as tables:
        recent = [*tables.outbox.unsent(case_id), *tables.outbox.recent(_RECENT)]
    responses = [one for one in recent if one.case_id == case_id and one.type == "respond"]
    newest = max(responses, key=lambda one: one.seq, default=None)
    if newest is None or newest.state not in ("withdrawn", "returned"):
        return None
    try:
        action = actions.read_action(newest.body)
    except actions.BadAction:
        return None
    return of_response(action) if isinstance(action, actions.Respond) else None


def keep(desk: Desk, case_id: str, draft_id: str, letter: Letter, *, ready: bool = False) -> None:
    """Keep a letter as the case's draft; when this returns it is on the disk."""
    saved_ms = round(desk.server_now().timestamp() * 1000)
    content = msgspec.to_builtins(letter)
    desk.save_draft(Draft(draft_id, case_id, KIND, content, saved_ms, ready))


# --- Files --------------------------------------------------------------------------------------


def attach(desk: Desk, path: Path) -> actions.Enclosed:
    """Take a file's bytes as they are now into the encrypted store, to go with a response.

    Raises:
        UsageError: where it is no file that can be read, or too large.
    """
    whole = path.expanduser()
    try:
        if not whole.is_file():
            raise UsageError(f"{path} is no file. Nothing was attached.")
        size = whole.stat().st_size
        if size > LARGEST_FILE:
            most = LARGEST_FILE // 1024 // 1024
            raise UsageError(f"{path} is larger than {most} MiB. Nothing was attached.")
        content = whole.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}. Nothing was attached."
        ) from None
    desk.cache.write(lambda tables: tables.blobs.put(content))
    return actions.Enclosed(
        name=whole.name,
        media_type=mimetypes.guess_type(whole.name)[0] or "application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


# --- Recording ----------------------------------------------------------------------------------


def record(
    desk: Desk, case_id: str, composed: Composed, draft_id: str | None, *, undo_window: bool
) -> Entry:
    """Record a response: it is judged once more, and its draft is dropped in the same step.

    Raises:
        RefusedByPolicy: nothing was recorded; the draft is as it was.
    """
    action = composed.action
    standing = (*composed.in_the_way, *(composed.waiting if composed.waits else ()))
    if standing:
        raise RefusedByPolicy(standing)
    used = {one.code for one in composed.findings if one.overridable}
    overrides = tuple(one for one in action.overrides if one.finding in used)
    return desk.act(
        case_id,
        msgspec.structs.replace(action, overrides=overrides),
        undo_window=undo_window,
        draft=draft_id,
        files=_files(desk, action),
    )


def _files(desk: Desk, action: actions.Respond) -> list[bytes]:
    files: list[bytes] = []
    with desk.cache.read() as tables:
        for number, file in enumerate(action.attachments):
            content = tables.blobs.get(file.sha256)
            if content is None:
                detail = f"the bytes of {file.name!a} are no longer here: attach it again"
                raise RefusedByPolicy([Finding(f"/attachments/{number}", detail, code="file")])
            files.append(content)
    return files
