"""What commands write: JSON that acts on no terminal, plain lines, errors on standard error."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from local_cache.entries import Entry
from local_cache.hostile import escaped, visible
from local_cache.records import write


def say(line: str = "") -> None:
    """Write one line for people; it has been made visible before."""
    sys.stdout.write(line + "\n")


def complain(text: str) -> None:
    """Write an error for people."""
    sys.stderr.write(visible(text, multiline=True).rstrip("\n") + "\n")


def say_json(document: Any) -> None:
    """Write one JSON document on one line, controls, bidi and zero-width as `\\uXXXX`.

    Records and hostile texts in it are written as the server would write them.
    """
    plain = msgspec.json.decode(write(document))
    sys.stdout.write(escaped(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))) + "\n")


def moment(milliseconds: int | None) -> str | None:
    """Write a time of the cache as the contract writes times."""
    if milliseconds is None:
        return None
    when = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an outbox entry as the command line promises it (section 8 of the design)."""
    problem = entry.error
    return {
        "entry": entry.key,
        "case": entry.case_id,
        "type": entry.type,
        "state": entry.state,
        "key": entry.key,
        "recorded_at": moment(entry.recorded_ms),
        "attempts": entry.attempts,
        "error": None
        if problem is None
        else {
            "status": problem.status,
            "type": problem.type,
            "detail": problem.detail,
            "errors": [{"pointer": at, "detail": detail} for at, detail in problem.faults],
            "claim_by": problem.claim_by,
        },
    }


def errors_of(entry: Entry) -> list[dict[str, Any]]:
    """Return what the server found wrong with an entry, as pointers and details."""
    if entry.error is None:
        return []
    if entry.error.faults:
        return [{"pointer": at, "detail": detail} for at, detail in entry.error.faults]
    return [{"pointer": "", "detail": entry.error.detail}]
