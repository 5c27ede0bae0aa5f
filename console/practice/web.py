"""What every handler of the practice desk shares: the token, limits, answers, problems.

A handler gets raw bytes and gives raw bytes, because idempotency and four eyes are bound to the
exact bytes of a body, and a feed page is a concatenation of documents.
"""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from console.practice.problems import Problem, malformed, plain
from console.practice.reference import Specialist
from console.practice.service import PracticeDesk

Call = Request[Any, Any, Any]
Connection = ASGIConnection[Any, Any, Any, Any]

_PROBLEM_TYPE: Final = "application/problem+json"
_WORTH_SQUEEZING: Final = 1024
_MOST_ITEMS: Final = 1000
_USUAL_ITEMS: Final = 200


def desk_of(connection: Connection) -> PracticeDesk:
    """Return the desk that the application serves."""
    desk = connection.app.state["desk"]
    assert isinstance(desk, PracticeDesk)
    return desk


def caller(connection: Connection) -> Specialist:
    """Return whose token the call carries.

    Raises:
        Problem: 401, saying nothing more.
    """
    header = connection.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    who = desk_of(connection).who(token.strip()) if scheme.lower() == "bearer" else None
    if who is None:
        raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
    return who


def require_token(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: no call without a token, before anything else is looked at."""
    caller(connection)


async def body_of(call: Call, limit: int) -> bytes:
    """Return the body, or raise a 413 before more than `limit` bytes are held."""
    announced = call.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise Problem("too-large", "The body is too large.", limit=limit)
    parts: list[bytes] = []
    size = 0
    async for part in call.stream():
        size += len(part)
        if size > limit:
            raise Problem("too-large", "The body is too large.", limit=limit)
        parts.append(part)
    return b"".join(parts)


def limit_of(call: Call) -> int:
    """Return the `limit` of a list, 200 unless told."""
    given = call.query_params.get("limit")
    if given is None:
        return _USUAL_ITEMS
    if not re.fullmatch(r"[0-9]{1,9}", given) or not 1 <= int(given) <= _MOST_ITEMS:
        raise malformed("/limit", f"limit is a number from 1 to {_MOST_ITEMS}.")
    return int(given)


def listing(call: Call, items: Iterable[bytes]) -> bytes:
    """Return a page of a list as the contract frames it. The cursor is a place in it."""
    everything = list(items)
    cursor = call.query_params.get("cursor")
    if cursor is not None and not re.fullmatch(r"p[0-9]{1,9}", cursor):
        raise malformed("/cursor", "This is not a cursor of this list.")
    start = 0 if cursor is None else int(cursor[1:])
    end = start + limit_of(call)
    following = f'"p{end}"' if end < len(everything) else "null"
    return b'{"items":[%s],"next":%s}' % (b",".join(everything[start:end]), following.encode())


def answer(
    call: Call,
    content: bytes,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    media_type: str = "application/json",
) -> Response[bytes]:
    """Return a response, with gzip where it was asked for and is worth it."""
    sent = {"Vary": "Accept-Encoding", "Cache-Control": "no-store"} | (headers or {})
    if len(content) >= _WORTH_SQUEEZING and _takes_gzip(call.headers.get("accept-encoding", "")):
        content = gzip.compress(content, compresslevel=1, mtime=0)
        sent["Content-Encoding"] = "gzip"
    return Response(content, status_code=status, headers=sent, media_type=media_type)


def _takes_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False


def tagged(call: Call, content: bytes, tag: str) -> Response[bytes]:
    """Return a response with an `ETag`, or 304 where the caller has it already."""
    wanted = call.headers.get("if-none-match", "")
    if wanted.strip() == "*" or f'"{tag}"' in wanted:
        return Response(b"", status_code=304, headers={"ETag": f'"{tag}"'})
    return answer(call, content, headers={"ETag": f'"{tag}"'})


def members(body: bytes) -> dict[str, Any]:
    """Return the members of a practice control's body; none where there is no body."""
    if not body.strip():
        return {}
    try:
        document: Any = json.loads(body)
    except ValueError:
        raise malformed("", "The body is not JSON.") from None
    if not isinstance(document, dict):
        raise malformed("", "The body is not an object.")
    return msgspec.convert(document, dict[str, Any])


def problem_response(_: Call, problem: Problem) -> Response[bytes]:
    """Turn a problem into its answer."""
    return Response(
        problem.encode(),
        status_code=problem.status,
        headers=problem.headers,
        media_type=_PROBLEM_TYPE,
    )


def http_response(_: Call, problem: HTTPException) -> Response[bytes]:
    """Turn the framework's own refusals (no such path, no such method) into problems."""
    if problem.status_code == 404:
        content = Problem("not-found").encode()
    else:
        content = plain(problem.status_code, "The request cannot be served")
    return Response(
        content,
        status_code=problem.status_code,
        headers=problem.headers,
        media_type=_PROBLEM_TYPE,
    )


def disk_response(call: Call, _: sqlite3.Error) -> Response[bytes]:
    """Answer that a kept desk cannot write just now: nothing was applied."""
    return problem_response(
        call, Problem("slow-down", "The desk cannot write.", headers={"Retry-After": "5"})
    )


def broken_response(_: Call, __: Exception) -> Response[bytes]:
    """Answer a defect of the desk itself, saying nothing of what it worked on."""
    content = plain(500, "The practice desk has a defect")
    return Response(content, status_code=500, media_type=_PROBLEM_TYPE)
