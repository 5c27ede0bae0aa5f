"""What an answer that is no success means: the table in section 1 of the contract."""

import re
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, cast

import msgspec
from msgspec import Raw, Struct

from console.sources.base import (
    CursorExpired,
    Fault,
    Refused,
    SlowDown,
    TokenRefused,
    Unreachable,
)
from console.sources.exchange import Answer, http_date
from console.sources.wire import document
from local_cache.hostile import visible
from local_cache.shapes import ready

LONGEST_WAIT: Final = 300.0
_DEFAULT_WAIT: Final = 5.0
_IN_PROGRESS_WAIT: Final = 1.0
_DETAIL_LENGTH: Final = 500
_MOST_FAULTS: Final = 100
_TYPE: Final = re.compile(r"[a-z0-9-]{1,64}")

_BY_STATUS: Final = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    409: "claimed",
    410: "cursor-expired",
    412: "stale",
    413: "too-large",
    422: "invalid",
    428: "precondition-required",
}
_SAID: Final = {
    "malformed": "The service calls this request malformed: a defect on this side.",
    "forbidden": "The service does not allow this with your roles.",
    "not-found": "The service does not have this, or does not show it to you.",
    "claimed": "Somebody else holds this case.",
    "stale": "The case has changed since.",
    "too-large": "This is larger than the service takes.",
    "invalid": "The service does not accept this as it stands.",
    "idempotency-key-reused": "The service knows this key with another content: a defect.",
    "precondition-required": "The service wants the version that this stands on: a defect.",
}
# Gateways give these themselves, in their own words, and what they ask for does no harm.
_TRUSTED_FROM_ANYONE: Final = frozenset({401, 413, 429, 503})
_UNKNOWN_OUTCOME: Final = frozenset({407, 408, 425})


class _Problem(Struct):
    """RFC 9457 with the members that the contract adds; types are checked as they are read."""

    type: Any = None
    title: Any = None
    detail: Any = None
    errors: Any = None
    claim: Any = None
    required_role: Any = None
    policy: Any = None
    case: Raw = Raw(b"null")


def raise_for(answer: Answer, *, host: str, now: datetime) -> NoReturn:
    """Raise the error that `answer`, which is not the expected one, stands for."""
    status = answer.status
    foreign = bool(answer.body.strip()) and not answer.is_json
    if foreign and status not in _TRUSTED_FROM_ANYONE:
        raise Unreachable(f"{host} answered {status}, but not as this service does.")
    if status < 400 or status in _UNKNOWN_OUTCOME:
        raise Unreachable(f"{host} gave an answer ({status}) that was not expected here.")
    if status == 401:
        raise TokenRefused(
            f"{host} does not accept the token. Everything is kept: enter a new one."
        )
    problem = _read(answer.body)
    kind = _kind(problem, status)
    if status in (429, 503):
        seconds = _wait(answer, now, _DEFAULT_WAIT)
        raise SlowDown(f"{host} asks to wait {seconds:.0f} s.", seconds, down=status == 503)
    if status >= 500:
        raise Unreachable(f"{host} has a fault of its own ({status}).")
    if kind == "in-progress":
        seconds = _wait(answer, now, _IN_PROGRESS_WAIT)
        raise SlowDown(f"{host} is still working on this.", seconds, everything=False)
    if kind == "cursor-expired":
        raise CursorExpired("The change feed must be read from the start. Nothing is lost.")
    raise _refused(problem, status, kind)


def _read(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=ready(_Problem))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Problem()


def _kind(problem: _Problem, status: int) -> str:
    """Name the type by the last part of its path; a problem that has none, by its status."""
    if isinstance(problem.type, str):
        last = problem.type.rstrip("/").rpartition("/")[2]
        if _TYPE.fullmatch(last):
            return last
    return _BY_STATUS.get(status, "")


def _refused(problem: _Problem, status: int, kind: str) -> Refused:
    said = _SAID.get(kind, f"The service refused this ({status}).")
    words = _text(problem.detail) or _text(problem.title)
    claim = _members(problem.claim)
    holder = _text(claim.get("by"))
    present = document(bytes(problem.case)) if bytes(problem.case) != b"null" else None
    return Refused(
        visible(words)[:_DETAIL_LENGTH] if words else said,
        status=status,
        type=kind,
        faults=_faults(problem.errors),
        claim_by=visible(holder)[:128] if holder else None,
        claim_until=_moment(claim.get("until")),
        required_role=_shown(problem.required_role),
        policy=_shown(problem.policy),
        document=present,
    )


def _faults(errors: Any) -> tuple[Fault, ...]:
    if not isinstance(errors, list):
        return ()
    found: list[Fault] = []
    for error in cast("list[Any]", errors)[:_MOST_FAULTS]:
        members = _members(error)
        pointer, detail = _text(members.get("pointer")), _text(members.get("detail"))
        if pointer or detail:
            found.append(Fault(visible(pointer)[:200], detail[:_DETAIL_LENGTH]))
    return tuple(found)


def _members(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _shown(value: Any) -> str | None:
    return visible(value)[:128] if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _wait(answer: Answer, now: datetime, default: float) -> float:
    """Read Retry-After, seconds or a date, at most five minutes; `default` where it is neither."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        # Longer numbers than this are far beyond the bound, and costly to convert.
        return min(float(told[:9]), LONGEST_WAIT)
    until = http_date(told)
    if until is None:
        return default
    since = http_date(answer.headers.get("date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_WAIT)
