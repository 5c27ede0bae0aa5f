"""Drafts: what a specialist typed and has not confirmed, saved as it is typed."""

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlcipher3 import dbapi2


class Draft(Struct, frozen=True):
    """Something begun on a case. `content` is whatever the form holds, as plain JSON data."""

    id: str
    case_id: str
    kind: str
    """response, note, decision ..."""
    content: dict[str, Any]
    saved_ms: int
    ready: bool = False
    """Finished, and only waits for what must come first (an approval)."""


_COLUMNS = "id, case_id, kind, content, saved_ms, ready"


class Drafts:
    """The drafts over one connection."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection = connection

    def save(self, draft: Draft) -> None:
        """Keep a draft in place of what it was before."""
        # As ASCII, so that half a surrogate pair from a terminal is no reason to lose the rest.
        content = json.dumps(draft.content, separators=(",", ":"))
        self._connection.execute(
            f"INSERT OR REPLACE INTO drafts({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            (draft.id, draft.case_id, draft.kind, content, draft.saved_ms, draft.ready),
        )

    def get(self, draft_id: str) -> Draft | None:
        """Return a draft, None where there is none of this id."""
        found = self._select("WHERE id = ?", (draft_id,))
        return found[0] if found else None

    def for_case(self, case_id: str) -> list[Draft]:
        """Return the drafts on a case, the newest first."""
        return self._select("WHERE case_id = ?", (case_id,))

    def all(self) -> list[Draft]:
        """Return all drafts, the newest first."""
        return self._select("", ())

    def drop(self, draft_id: str) -> None:
        """Remove a draft: it was confirmed or discarded."""
        self._connection.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))

    def _select(self, where: str, values: Sequence[str]) -> list[Draft]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM drafts {where} ORDER BY saved_ms DESC, id",  # noqa: S608
            values,
        )
        return [
            Draft(row[0], row[1], row[2], json.loads(row[3]), row[4], bool(row[5])) for row in rows
        ]
