"""Reading: the queue and single cases, from the cache."""

from typing import Annotated, Any

import msgspec
import typer

from console.casework.filters import FilterError, parse_filter
from console.cli.given import credentials
from console.cli.output import entry_json, moment, say, say_json
from console.desk import CaseView, Desk
from console.desk.remembering import view_filters
from console.errors import NothingToWorkOn, UsageError
from console.profiles.opening import open_desk
from console.words.case import case_lines
from console.words.row import row_line
from local_cache.query import CaseQuery


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("cases", context_settings={"ignore_unknown_options": True})(list_cases)
    app.command("case")(show_case)


def list_cases(
    context: typer.Context,
    filter_: Annotated[
        list[str] | None, typer.Argument(metavar="FILTER…", help="priority:P0,P1 due:1h words")
    ] = None,
    sort: Annotated[str | None, typer.Option(help="urgency, due, received, updated")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the cases that a filter finds, the most urgent first."""
    with open_desk(credentials(context)) as desk:
        query = _query(desk, filter_ or [], sort)
        rowids = desk.listing(query, limit=limit)
        if not rowids and not desk.count(CaseQuery(now_ms=query.now_ms)):
            raise NothingToWorkOn("The cache holds no cases yet. Fetch them with: nightdesk sync")
        if json:
            desk.note_in_audit("export", None, {"by": "command line", "cases": len(rowids)})
        for start in range(0, len(rowids), 500):
            rows = desk.rows(rowids[start : start + 500])
            for row in rows:
                if json:
                    say_json(case_json(desk.case(row.id)))
                else:
                    say(row_line(row, query.now_ms, desk.profile.specialist_id))


def show_case(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="ID", help="The id, or our reference.")],
    json: Annotated[bool, typer.Option("--json", help="The server's document.")] = False,
) -> None:
    """Show one case whole. With --json: the server's document with what is recorded here added."""
    with open_desk(credentials(context)) as desk:
        view = desk.case(desk.find(case))
        desk.viewed(view.id, by="command line")
        if json:
            say_json(case_json(view))
            return
        related = desk.related(view.id)
        for line in case_lines(view, desk.server_now(), desk.policy(), related):
            say(line.text)


def case_json(view: CaseView) -> dict[str, Any]:
    """Return a case as the server's document with `local` added (section 8 of the design)."""
    document: dict[str, Any] = {"id": view.id}
    if not view.stored.gone:
        try:
            document = msgspec.json.decode(view.stored.document, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            document = {"id": view.id}
    document["local"] = {
        "state": view.case.state if view.case else None,
        "unsent": [entry_json(entry) for entry in view.entries],
        "changed": view.row.changed,
        "newest_version": view.newest.version if view.newest else None,
        "gone": view.stored.gone,
        "unreadable": view.stored.unreadable,
        "provisional": view.stored.provisional,
        "due_at": moment(view.row.due_ms),
    }
    return document


def _query(desk: Desk, words: list[str], sort: str | None) -> CaseQuery:
    try:
        return parse_filter(
            [*words, f"sort:{sort}"] if sort else words,
            now=desk.server_now(),
            me=desk.profile.specialist_id,
            views=view_filters(desk.views()),
        )
    except FilterError as error:
        raise UsageError(str(error)) from None
