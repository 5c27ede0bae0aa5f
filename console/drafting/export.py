"""A response as a text of its own: for the record, for a printer, for a channel outside the desk.

Everything in it is shown as a screen would show it: nothing that hides or acts gets out by way of
a file. Names of files are our own (case, kind, hash), never made from outside text.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from local_cache.hostile import visible
from local_cache.records import ActionRecord, Case

_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME: Final = 80
SUFFIXES: Final = (".md", ".txt")


def response_text(case: Case, response: ActionRecord) -> str:
    """Write a response as Markdown: a head with what it is, then the letter."""
    body: dict[str, Any] = msgspec.json.decode(response.body)
    head = {
        "Our reference": case.reference.visible() if case.reference else case.id,
        "Their reference": case.their_reference.visible() if case.their_reference else "",
        "To": _text(body, "to"),
        "Channel": _text(body, "channel"),
        "Subject": _text(body, "subject"),
        "Written": _moment(response.at),
        "Received by the server": _moment(response.received_at),
        "By": response.by or "",
        "Body SHA-256": _text(body, "body_sha256"),
    }
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    letter = visible(str(body.get("body") or ""), multiline=True)
    return "\n".join(lines) + "\n\n" + letter.rstrip("\n") + "\n"


def file_name(case: Case, content: str, *, kind: str = "response", suffix: str = ".md") -> str:
    """Name an export: the case's id, the kind, the first 12 digits of the content's SHA-256.

    Raises:
        ValueError: where `suffix` is not one of `SUFFIXES`.
    """
    if suffix not in SUFFIXES:
        raise ValueError(f"an export ends in one of {', '.join(SUFFIXES)}")
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    parts = (_NOT_PLAIN.sub("_", part).strip("_-") for part in (case.id, kind))
    return "-".join([part for part in parts if part] + [digest])[-_LONGEST_NAME:] + suffix


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return visible(value) if isinstance(value, str) else ""


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""
