"""The endpoints of section 2 of the contract, on Litestar."""

import asyncio
import re
import sqlite3
from base64 import b64encode
from collections.abc import AsyncGenerator
from typing import Final

import msgspec
from litestar import Litestar, Response, Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ASGIApp

from console.practice import judge
from console.practice.around import DeskView, Session, SpecialistView
from console.practice.controls import CONTROLS, Outage
from console.practice.problems import Problem, plain
from console.practice.reference import DESK_NAME, FEATURES
from console.practice.schema import document
from console.practice.service import Outcome, PracticeDesk
from console.practice.web import (
    Call,
    answer,
    body_of,
    broken_response,
    caller,
    desk_of,
    disk_response,
    http_response,
    limit_of,
    listing,
    problem_response,
    require_token,
    tagged,
)

MOST_UPLOAD: Final = 25 << 20
HEARTBEAT: Final = 10.0
"""Seconds of silence on the event stream before a comment line."""


@get("/session")
async def session(request: Call) -> Response[bytes]:
    """Tell the caller who they are, and the time."""
    who = caller(request)
    view = Session(
        specialist=SpecialistView(id=who.id, name=who.name, roles=list(who.roles)),
        server_time=desk_of(request).now(),
        desk=DeskView(name=DESK_NAME),
        features=FEATURES,
    )
    return answer(request, msgspec.json.encode(view))


@get("/policy")
async def policy(request: Call) -> Response[bytes]:
    """Return the present policy."""
    present = desk_of(request).policy
    return tagged(request, msgspec.json.encode(present), present.version)


@get("/templates")
async def templates(request: Call) -> Response[bytes]:
    """Return the templates, withdrawn ones too."""
    held = desk_of(request).store.documents["template"]
    newest = max((one.seq for one in held.values()), default=0)
    content = listing(request, (one.doc for one in held.values() if one.doc))
    return tagged(request, content, f"t{newest}")


@get("/queues")
async def queues(request: Call) -> Response[bytes]:
    """Return the queues with their counts as of now."""
    items = (msgspec.json.encode(queue) for queue in desk_of(request).count_queues())
    return answer(request, listing(request, items))


@get("/requesters")
async def requesters(request: Call) -> Response[bytes]:
    """Return the agency register."""
    held = desk_of(request).store.documents["requester"]
    return answer(request, listing(request, (one.doc for one in held.values() if one.doc)))


@get("/changes")
async def changes(request: Call) -> Response[bytes]:
    """Return a page of the change feed."""
    after = request.query_params.get("after")
    page = desk_of(request).changes(caller(request), after, limit_of(request))
    return answer(request, page)


@get("/cases/{case_id:str}")
async def one_case(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Return a case."""
    held = desk_of(request).held(caller(request), case_id)
    assert held.doc is not None
    # The claim is part of the document but not of the version: a cached copy may be out of date.
    return answer(request, held.doc, headers={"ETag": f'"{held.version}"'})


@get("/cases/{case_id:str}/actions")
async def case_actions(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Return the action records of a case, oldest first."""
    return answer(request, listing(request, desk_of(request).records(caller(request), case_id)))


def _created(request: Call, outcome: Outcome) -> Response[bytes]:
    headers = {"ETag": f'"{outcome.etag}"'}
    if outcome.replayed:
        headers["Idempotency-Replayed"] = "true"
    if outcome.location is not None:
        headers["Location"] = outcome.location
    return answer(request, outcome.body, status=201, headers=headers)


async def _call(request: Call) -> judge.Call:
    return judge.Call(
        method=request.method,
        path=request.url.path,
        body=await body_of(request, judge.MOST_BYTES),
        key=request.headers.get("idempotency-key"),
        if_match=request.headers.get("if-match"),
        audit_head=request.headers.get("audit-head"),
    )


@post("/cases/{case_id:str}/actions")
async def act(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Do something on a case."""
    outcome = desk_of(request).perform(caller(request), case_id, await _call(request))
    return _created(request, outcome)


@post("/cases")
async def open_case(request: Call) -> Response[bytes]:
    """Open a case by hand."""
    outcome = desk_of(request).open_case(caller(request), await _call(request))
    return _created(request, outcome)


@get("/attachments/{file_id:str}")
async def attachment(request: Call, file_id: FromPath[str]) -> Response[bytes]:
    """Return the bytes of an attachment, or a range of them."""
    file, content = desk_of(request).file(caller(request), file_id)
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    tag = f'"{file.sha256[:32]}"'
    headers = {
        "Repr-Digest": f"sha-256=:{digest}:",
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    wanted = _range(request.headers.get("range"), len(content))
    if request.headers.get("if-range", tag) != tag or wanted is None:
        return Response(content, headers=headers, media_type=file.media_type)
    first, last = wanted
    if first > last or first >= len(content):
        return Response(
            plain(416, "The range is outside of the file"),
            status_code=416,
            headers={"Content-Range": f"bytes */{len(content)}"},
            media_type="application/problem+json",
        )
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(
        content[first : last + 1], status_code=206, headers=headers, media_type=file.media_type
    )


def _range(header: str | None, size: int) -> tuple[int, int] | None:
    """Read a single byte range; None for none, for several, and for what is no range."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header or "")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1 if int(found[2]) else -1
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < int(found[1]):
        return None
    return int(found[1]), last if int(found[1]) < size else -1


@put("/uploads/{sha256:str}")
async def upload(request: Call, sha256: FromPath[str]) -> Response[bytes]:
    """Take the bytes of a file that a response will refer to."""
    content = await body_of(request, MOST_UPLOAD)
    fresh = desk_of(request).upload(caller(request), sha256, content)
    stored = msgspec.json.encode({"sha256": sha256, "size": len(content)})
    return answer(request, stored, status=201 if fresh else 200)


@get("/events")
async def events(request: Call) -> Stream:
    """Say that the feed has news, as it has."""
    closing = request.app.state["closing"]
    assert isinstance(closing, asyncio.Event)
    return Stream(
        _news(desk_of(request), closing),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def _news(desk: PracticeDesk, closing: asyncio.Event) -> AsyncGenerator[bytes, None]:
    rang = asyncio.Event()
    stop = desk.listen(lambda _: rang.set())
    ending = asyncio.ensure_future(closing.wait())
    try:
        yield b": the feed's news\n\n"
        while not closing.is_set():
            ringing = asyncio.ensure_future(rang.wait())
            await asyncio.wait(
                (ringing, ending), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
            )
            ringing.cancel()
            if rang.is_set():
                rang.clear()
                yield b'event: change\ndata: {"seq": %d}\n\n' % desk.store.last_seq
            elif not closing.is_set():
                yield b": still here\n\n"
    finally:
        ending.cancel()
        stop()


@get("/openapi.json")
async def openapi() -> Response[bytes]:
    """Return the description of this API, OpenAPI 3.1."""
    return Response(document(), media_type="application/json")


def build(desk: PracticeDesk, closing: asyncio.Event, outage: Outage) -> Litestar:
    """Return the application over a desk. `closing` ends the event streams."""

    def with_outages(app: ASGIApp) -> ASGIApp:  # a function, for the framework copies objects
        return outage.middleware(app)

    contract = Router(
        "/v1",
        route_handlers=[
            session,
            policy,
            templates,
            queues,
            requesters,
            changes,
            one_case,
            case_actions,
            act,
            open_case,
            attachment,
            upload,
            events,
        ],
        guards=[require_token],
        middleware=[with_outages],
    )
    controls = Router("/practice", route_handlers=list(CONTROLS), guards=[require_token])
    return Litestar(
        route_handlers=[contract, controls, openapi],
        state=State({"desk": desk, "closing": closing, "outage": outage}, deep_copy=False),
        exception_handlers={
            Problem: problem_response,
            HTTPException: http_response,
            sqlite3.Error: disk_response,
            Exception: broken_response,
        },
        openapi_config=None,
        request_max_body_size=None,
        logging_config=None,
    )
