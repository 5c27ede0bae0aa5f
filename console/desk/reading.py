"""What there is on the desk, and what is kept without being sent: drafts, audit entries."""

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from console import __version__
from console.casework import actions
from console.desk.errors import NoPolicy
from console.desk.ground import Ground
from console.desk.view import CaseView, view_of
from console.errors import NotFound
from local_cache.audit import AuditEntry, AuditReport
from local_cache.cases import CaseRow
from local_cache.drafts import Draft
from local_cache.query import CaseQuery
from local_cache.records import (
    Policy,
    Queue,
    RegisteredAgency,
    Specialist,
    Template,
)
from local_cache.tables import Tables

T = TypeVar("T")

TOOL: Final = actions.Tool(name="nightdesk", version=__version__)


class Reading(Ground):
    """What there is: policy, queues, lists, cases, drafts, the audit chain."""

    def me(self) -> Specialist:
        """Return who we are; the roles are those that the server gave last."""
        with self.cache.read() as tables:
            return self._me(tables)

    def policy(self) -> Policy:
        """Return the policy in force.

        Raises:
            NothingToWorkOn: where none was ever fetched.
        """
        with self.cache.read() as tables:
            policy = tables.policies.current()
        if policy is None:
            raise NoPolicy
        return policy

    def queues(self) -> list[Queue]:
        """Return the queues."""
        with self.cache.read() as tables:
            return tables.queues.all()

    def templates(self) -> list[Template]:
        """Return all templates, withdrawn ones included."""
        with self.cache.read() as tables:
            return tables.templates.all()

    def register(self) -> list[RegisteredAgency]:
        """Return the agency register."""
        with self.cache.read() as tables:
            return tables.requesters.all()

    def listing(self, query: CaseQuery, *, limit: int | None = None) -> "array[int]":
        """Return the row numbers of the cases that `query` finds, in its order."""
        with self.cache.read() as tables:
            return tables.cases.listing(query, limit=limit)

    def rows(self, rowids: Sequence[int]) -> list[CaseRow]:
        """Return list rows, in the order asked."""
        with self.cache.read() as tables:
            return tables.cases.rows(rowids)

    def ids(self, rowids: Sequence[int]) -> list[str]:
        """Return the ids of cases by their row numbers, in the order asked."""
        with self.cache.read() as tables:
            return tables.cases.ids(rowids)

    def count(self, query: CaseQuery) -> int:
        """Count the cases that `query` finds."""
        with self.cache.read() as tables:
            return tables.cases.count(query)

    def next_due(self) -> CaseRow | None:
        """Return the open case whose clock runs out next."""
        with self.cache.read() as tables:
            return tables.cases.next_due()

    def related(self, case_id: str, limit: int = 20) -> list[CaseRow]:
        """Return other cases of the same requester or about the same subjects."""
        with self.cache.read() as tables:
            return tables.cases.related(case_id, limit)

    def find(self, name: str) -> str:
        """Return the id of the case that `name`, an id or our reference, means."""
        with self.cache.read() as tables:
            found = tables.cases.find(name)
        if found is None:
            raise NotFound("There is no such case in the cache.")
        return found

    def case(self, case_id: str) -> CaseView:
        """Return a case with everything that is recorded on it."""
        with self.cache.read() as tables:
            return view_of(tables, case_id, self._me(tables))

    def save_draft(self, draft: Draft) -> None:
        """Keep a draft; when this returns it is on the disk."""
        self.cache.write(lambda tables: tables.drafts.save(draft))

    def drafts(self, case_id: str | None = None) -> list[Draft]:
        """Return the drafts of a case, or all."""
        with self.cache.read() as tables:
            return tables.drafts.all() if case_id is None else tables.drafts.for_case(case_id)

    def drop_draft(self, draft_id: str) -> None:
        """Throw a draft away."""
        self.cache.write(lambda tables: tables.drafts.drop(draft_id))

    def note_in_audit(self, kind: str, case_id: str | None, detail: dict[str, Any]) -> None:
        """Write down a view, a reveal or an export. Never called on the way of a key."""
        self.cache.write(lambda tables: tables.audit.append(kind, case_id, detail), urgent=False)

    def viewed(self, case_id: str, *, by: str) -> None:
        """Write down that a case was looked at, and in which version; `by` says through what.

        Raises:
            NotFound: the case is not here any more.
        """

        def append(tables: Tables) -> None:
            version = view_of(tables, case_id, self._me(tables)).row.version
            tables.audit.append("view", case_id, {"by": by, "version": version})

        self.cache.write(append, urgent=False)

    def export_response(self, case_id: str, folder: Path) -> Path:
        """Write the newest response that the server has to a new file in `folder`.

        Raises:
            NotFound: there is none.
            ExportFailed: the file could not be written; nothing was noted either.
        """
        from console.desk.exporting import export_response

        return self.cache.write(
            lambda tables: export_response(tables, case_id, self._me(tables), folder)
        )

    def audit_entries(self, limit: int, case_id: str | None = None) -> list[AuditEntry]:
        """Return the newest entries of the audit chain, on one case or all, the newest first."""
        with self.cache.read() as tables:
            return tables.audit.entries(limit, case_id=case_id)

    def verify_audit(self) -> AuditReport:
        """Check the whole audit chain."""
        with self.cache.read() as tables:
            return tables.audit.verify()
