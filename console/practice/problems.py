"""Errors as the contract words them: RFC 9457 problems, section 1."""

import re
from datetime import datetime
from typing import Final

import msgspec

from console.practice.around import Fault, ProblemDocument
from console.practice.wire import Claim

_TITLES: Final = {
    "malformed": (400, "The request cannot be read"),
    "unauthenticated": (401, "A valid token is needed"),
    "forbidden": (403, "This is not yours to do"),
    "not-found": (404, "There is no such thing here"),
    "claimed": (409, "Somebody else works on this case"),
    "in-progress": (409, "The same request is being worked on"),
    "cursor-expired": (410, "The feed cannot go on from this cursor"),
    "stale": (412, "The case has changed"),
    "too-large": (413, "This is too large"),
    "invalid": (422, "The desk cannot accept this"),
    "idempotency-key-reused": (422, "This key was used for another request"),
    "precondition-required": (428, "If-Match is needed"),
    "slow-down": (503, "The desk asks to wait"),
}


class Problem(Exception):
    """An answer that is not a success. Nothing was applied."""

    def __init__(
        self,
        kind: str,
        detail: str | None = None,
        *,
        errors: "list[Fault] | None" = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        required_role: str | None = None,
        claim: Claim | None = None,
        version: str | None = None,
        case: bytes | None = None,
        limit: int | None = None,
        policy: str | None = None,
    ) -> None:
        usual, title = _TITLES[kind]
        super().__init__(title)
        self.status: int = status or usual
        self.headers: dict[str, str] = headers or {}
        self.document: dict[str, object] = {
            "type": f"/problems/{kind}",
            "title": title,
            "status": self.status,
        }
        added: dict[str, object | None] = {
            "detail": detail,
            "errors": errors,
            "required_role": required_role,
            "claim": claim,
            "version": version,
            "case": None if case is None else msgspec.Raw(case),
            "limit": limit,
            "policy": policy,
        }
        self.document.update({name: value for name, value in added.items() if value is not None})

    def encode(self) -> bytes:
        """Return the problem document."""
        return msgspec.json.encode(self.document)


def plain(status: int, title: str) -> bytes:
    """Return a problem for what the contract has no type for: 405, 416, 500."""
    return msgspec.json.encode(ProblemDocument(type="about:blank", title=title, status=status))


def malformed(pointer: str, detail: str) -> Problem:
    """Return a 400 that names one place."""
    return Problem("malformed", detail, errors=[Fault(pointer=pointer, detail=detail)])


def forbidden(role: str, detail: str) -> Problem:
    """Return a 403 that names the role which would be needed."""
    return Problem("forbidden", detail, required_role=role)


def not_found(what: str) -> Problem:
    """Return a 404; the same for what is gone and for what the caller may not see."""
    return Problem("not-found", f"There is no such {what}, or it is not yours to see.")


class Faults:
    """Collects what is wrong with an action, so that a person hears everything at once."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._found: list[Fault] = []

    def add(self, pointer: str, detail: str) -> None:
        """Note a fault at a JSON pointer."""
        self._found.append(Fault(pointer=pointer, detail=detail))

    def require(self, holds: object, pointer: str, detail: str) -> None:
        """Note a fault unless `holds` is true."""
        if not holds:
            self.add(pointer, detail)

    def check(self) -> None:
        """Raise the 422 if anything was found.

        Raises:
            Problem: with all the faults and the policy's version.
        """
        if self._found:
            raise Problem(
                "invalid",
                f"{len(self._found)} of the action's members cannot be accepted.",
                errors=self._found,
                policy=self._policy,
            )


_PLACE: Final = re.compile(r" - at `(?P<path>[^`]*)`$")
_SHAPE: Final = re.compile(r"^(Expected `.*`, got `|JSON |Input data|Invalid (UTF|escape|number))")


def unreadable(problem: Exception, policy: str) -> Problem:
    """Tell a body which is no JSON, or of another shape (400), from one with wrong values (422)."""
    text = str(problem)
    place = _PLACE.search(text)
    pointer = "" if place is None else _pointer(place["path"])
    detail = _PLACE.sub("", text)
    if missing := re.match(r"^Object missing required field `(?P<name>[^`]+)`", detail):
        pointer, detail = f"{pointer}/{missing['name']}", "This member is needed."
    fault = [Fault(pointer=pointer, detail=detail)]
    if isinstance(problem, msgspec.ValidationError) and not _SHAPE.match(detail):
        return Problem("invalid", "A member cannot be accepted.", errors=fault, policy=policy)
    return Problem("malformed", "The body cannot be read.", errors=fault)


def _pointer(path: str) -> str:
    steps = re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path.removeprefix("$"))
    return "".join(f"/{name or index}" for name, index in steps)


def retry_after(moment: datetime, now: datetime) -> str:
    """Return the seconds until `moment` as a `Retry-After` value, at least one."""
    return str(max(1, round((moment - now).total_seconds())))
