"""A case as one row: the cells of the queue list, and the line that `nightdesk cases` prints."""

from datetime import timedelta
from typing import Final

from console.casework.clocks import short
from local_cache.cases import CaseRow

Piece = tuple[str, str]
"""A text and its role in the theme."""

COLUMNS: Final = (
    # title, width, how long it stays where there is little room
    ("due", 9, 9),
    ("pri", 3, 10),
    ("!", 2, 8),
    ("now", 11, 1),
    ("state", 8, 4),
    ("verified", 9, 6),
    ("lang", 4, 2),
    ("claim", 8, 5),
    ("our ref", 15, 3),
    ("requester · what", 40, 0),
)
_STATES: Final = {
    "open": ("new", "text"),
    "in_review": ("review", "text"),
    "awaiting_requester": ("waits", "muted"),
    "awaiting_approval": ("approve", "warning"),
    "decided": ("decided", "muted"),
    "closed": ("closed", "muted"),
}
_VERIFIED: Final = {
    "UNVERIFIED": ("no", "warning"),
    "IN_PROGRESS": ("begun", "warning"),
    "VERIFIED_STANDARD": ("standard", "ok"),
    "VERIFIED_STRONG": ("strong", "ok"),
    "FAILED": ("FAILED", "error"),
    "SUSPECTED_FRAUD": ("FRAUD?", "error"),
}


def row_cells(row: CaseRow, now_ms: int, me: str) -> list[list[Piece]]:
    """Return the cells of a row, one for each of `COLUMNS`."""
    return [
        [due_text(row, now_ms)],
        [(row.priority or "P?", row.priority or "warning")],
        [_mark(row)],
        [((row.imminence or "unassessed").replace("_", " "), "text")],
        [_STATES.get(row.state or "", (row.state or "?", "text"))],
        [_verified(row)],
        [(row.language or "", "muted")],
        [_claim(row, now_ms, me)],
        [(row.reference.visible() if row.reference else row.id, "muted")],
        _what(row),
    ]


def row_line(row: CaseRow, now_ms: int, me: str) -> str:
    """Return a row as one line of plain text."""
    cells = ["".join(text for text, _ in cell) for cell in row_cells(row, now_ms, me)]
    *fixed, last = [f"{row.id:<14}", *cells]
    widths = [14, *(width for _, width, _ in COLUMNS)]
    return "  ".join(
        [*(f"{text:<{width}}" for text, width in zip(fixed, widths, strict=False)), last]
    )


def name_of(row: CaseRow) -> str:
    """Return our reference of a case, its id where it has none."""
    return row.reference.visible() or row.id


def requester_of(row: CaseRow) -> str:
    """Return who asks, as they present themselves."""
    who = (row.requester_name.visible(), row.agency.visible())
    return ", ".join(filter(None, who)) or "no requester"


def due_text(row: CaseRow, now_ms: int) -> Piece:
    """Tell the tightest clock of a case in nine cells; `§` marks one that the law gives."""
    if row.state == "closed":
        return ("closed", "muted")
    if row.snoozed_until_ms is not None and row.snoozed_until_ms > now_ms:
        return ("snoozed", "muted")
    if row.due_ms is None:
        return ("paused", "muted") if row.paused else ("-", "muted")
    left = timedelta(milliseconds=row.due_ms - now_ms)
    law = "§" if row.due_kind == "statutory" else " "
    if left <= timedelta(0):
        return (f"{law}{short(left)}!", "overdue")
    return (f"{law}{short(left)}", "statutory" if row.due_kind == "statutory" else "policy")


def spoken_due(row: CaseRow, now_ms: int) -> str:
    """Tell the tightest clock of a case in words, for those who hear it."""
    text, _ = due_text(row, now_ms)
    if row.due_ms is None or row.state == "closed" or text == "snoozed":
        return {"-": "no clock"}.get(text, text)
    law = "by law" if row.due_kind == "statutory" else "by policy"
    span = text.strip(" §!-")
    return f"{span} OVERDUE {law}" if row.due_ms <= now_ms else f"{span} left {law}"


def spoken_row(row: CaseRow, now_ms: int, me: str) -> str:
    """Tell a case in one line of words, the most pressing first."""
    if row.gone or row.unreadable:
        return f"{name_of(row)}, {_what(row)[0][0]}"
    verified = _verified(row)[0]
    marks = {
        "red signal": bool(row.red_signal),
        "a minor": bool(row.minor),
        f"{row.unsent} unsent": bool(row.unsent),
        "CHANGED, NOT SENT": bool(row.changed),
    }
    holder = _claim(row, now_ms, me)[0]
    facts = [
        row.priority or "no priority",
        spoken_due(row, now_ms),
        (row.imminence or "unassessed").replace("_", " "),
        (row.state or "state unknown").replace("_", " "),
        "not verified" if verified == "no" else f"verified {verified}" if row.verification else "",
        row.language or "",
        f"held by {holder}" if holder else "",
        *(words for words, holds in marks.items() if holds),
        name_of(row),
    ]
    return f"{', '.join(filter(None, facts))}: {''.join(text for text, _ in _what(row))}"


def _mark(row: CaseRow) -> Piece:
    """Say in two letters what a specialist has to know before anything else."""
    if row.changed:
        return ("≠!", "error")
    if row.unsent:
        return (f"→{row.unsent}" if row.unsent < 10 else "→+", "unsent")
    if row.red_signal:
        return ("R!", "error")
    if row.minor:
        return ("M", "warning")
    return ("", "text")


def _verified(row: CaseRow) -> Piece:
    if row.verification is None:
        return ("-", "muted")
    return _VERIFIED.get(row.verification, (row.verification.lower(), "warning"))


def _claim(row: CaseRow, now_ms: int, me: str) -> Piece:
    if row.claim_by is None or (row.claim_until_ms is not None and row.claim_until_ms <= now_ms):
        return ("", "muted")
    return ("me", "ok") if row.claim_by == me else (row.claim_by, "text")


def _what(row: CaseRow) -> list[Piece]:
    if row.gone:
        return [("no longer ours to see; content masked", "muted")]
    if row.unreadable:
        return [("UNREADABLE: the document breaks the contract", "error")]
    agency = row.agency.visible()
    made_here = [("not yet at the server · ", "unsent")] if row.provisional else []
    return [
        *made_here,
        *([(f"{agency} · ", "text")] if agency else []),
        (row.title.visible() if row.title else (row.kind or "").replace("_", " "), "text"),
    ]
