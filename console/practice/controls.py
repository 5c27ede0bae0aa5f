"""Practice-only controls under `/practice/`: no part of the contract, for exercises and tests."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec
from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from console.practice.problems import Problem, malformed, not_found
from console.practice.web import Call, answer, body_of, desk_of, members

_MOST: Final = 64 << 10
Mode = Literal["slow-down", "drop", "lose-answers"]


class Outage:
    """An outage on demand. It spares the controls, so that it can be ended.

    `slow-down` answers 503 with `Retry-After`; `drop` cuts the connection before anything is done;
    `lose-answers` does what was asked and cuts the connection before the answer.
    """

    def __init__(self, cut: Callable[[Scope], None]) -> None:
        self._cut = cut
        self._until = 0.0
        self._mode: Mode = "slow-down"

    def begin(self, seconds: float, mode: Mode) -> None:
        """Begin an outage, or with 0 seconds end it."""
        self._until = asyncio.get_running_loop().time() + seconds
        self._mode = mode

    def left(self) -> float:
        """Return how many seconds the outage goes on."""
        return self._until - asyncio.get_running_loop().time()

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Return the application with outages."""

        async def through(scope: Scope, receive: Receive, send: Send) -> None:
            left = self.left()
            if left <= 0 or scope["type"] != "http":
                await app(scope, receive, send)
                return
            if self._mode == "slow-down":
                wait = str(max(1, round(left)))
                raise Problem("slow-down", "Practice outage.", headers={"Retry-After": wait})
            if self._mode == "lose-answers":
                await app(scope, receive, _nowhere)
            self._cut(scope)

        return through


async def _nowhere(_: Any) -> None:
    """Take an answer that nobody will get."""


def _number(given: dict[str, Any], name: str, usual: float) -> float:
    value = given.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e8:
        raise malformed(f"/{name}", f"{name} is a number from 0 on.")
    return float(value)


def _done(call: Call, **told: object) -> Response[bytes]:
    return answer(call, msgspec.json.encode(told))


@post("/outage")
async def outage(request: Call) -> Response[bytes]:
    """`{"seconds": N, "mode": "slow-down" | "drop" | "lose-answers"}`; 0 seconds ends it."""
    given = members(await body_of(request, _MOST))
    mode = given.get("mode", "slow-down")
    if mode not in ("slow-down", "drop", "lose-answers"):
        raise malformed("/mode", "mode is slow-down, drop or lose-answers.")
    seconds = _number(given, "seconds", 60)
    request.app.state["outage"].begin(seconds, mode)
    return _done(request, seconds=seconds, mode=mode)


@post("/advance")
async def advance(request: Call) -> Response[bytes]:
    """`{"seconds": N}`: the server's clock goes forward; claims expire, clocks run out."""
    desk = desk_of(request)
    desk.shift(_number(members(await body_of(request, _MOST)), "seconds", 0))
    desk.expire_claims()
    desk.finish_effects()
    return _done(request, server_time=desk.now())


@post("/arrive")
async def arrive(request: Call) -> Response[bytes]:
    """Let a new case come in now."""
    return _done(request, case=request.app.state["colleagues"].arrive())


@post("/touch/{case_id:str}")
async def touch(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Let a colleague change a case: it gets a new version."""
    _present(request, case_id)
    request.app.state["colleagues"].touch(case_id)
    return _done(request, version=desk_of(request).store.cases[case_id].version)


@post("/claim/{case_id:str}")
async def claim(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Let a colleague claim a case."""
    _present(request, case_id)
    by = request.app.state["colleagues"].claim(case_id)
    return _done(request, by=by)


@post("/message/{case_id:str}")
async def message(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Let the requester write: `{"body": "..."}`. It ends a wait for them."""
    _present(request, case_id)
    body = members(await body_of(request, _MOST)).get("body")
    request.app.state["colleagues"].message(case_id, body if isinstance(body, str) else None)
    return _done(request, version=desk_of(request).store.cases[case_id].version)


@post("/remove/{case_id:str}")
async def remove(request: Call, case_id: FromPath[str]) -> Response[bytes]:
    """Let a case disappear."""
    _present(request, case_id)
    desk_of(request).remove(case_id)
    return _done(request, removed=case_id)


@post("/withdraw/{template_id:str}")
async def withdraw(request: Call, template_id: FromPath[str]) -> Response[bytes]:
    """Withdraw a template."""
    desk = desk_of(request)
    template = desk.templates.get(template_id)
    if template is None:
        raise not_found("template")
    template.disabled = True
    desk.put_template(template)
    return _done(request, withdrawn=template_id)


@post("/expire-cursors")
async def expire_cursors(request: Call) -> Response[bytes]:
    """Let every cursor of the feed that was given out so far expire."""
    desk_of(request).expire_cursors()
    return _done(request, expired=True)


@post("/busy")
async def busy(request: Call) -> Response[bytes]:
    """`{"count": N}`: the next N fresh actions get 409 in-progress."""
    count = int(_number(members(await body_of(request, _MOST)), "count", 1))
    desk_of(request).busy = count
    return _done(request, count=count)


def _present(request: Call, case_id: str) -> None:
    held = desk_of(request).store.cases.get(case_id)
    if held is None or held.doc is None:
        raise not_found("case")


CONTROLS: Final = (
    outage,
    advance,
    arrive,
    touch,
    claim,
    message,
    remove,
    withdraw,
    expire_cursors,
    busy,
)
