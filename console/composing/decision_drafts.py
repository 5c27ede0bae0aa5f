"""Decisions on the desk: what they are made of, judged as they are filled in, kept until recorded.

Everything here reads or writes the disk.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from console.casework.actions import BadAction, Decide, read_action
from console.casework.findings import Finding
from console.composing import decided, deciding
from console.composing.decided import Made
from console.composing.deciding import Ground
from console.composing.forms import Field, Values
from console.desk import CaseView, Desk
from local_cache.drafts import Draft
from local_cache.entries import Entry
from local_cache.records import Case

KIND: Final = "decision"
ANEW: Final = "what is asked for changed: leave, and decide anew on the case as it is now"
"""Said where the answers are about something that is no longer asked for."""


class Judged(NamedTuple):
    """What is filled in, as an action, and what stands against it."""

    made: Made
    action: Decide | None
    findings: list[Finding]


def draft_id(case_id: str) -> str:
    """Return the id of the draft of a decision on a case: there is one."""
    return f"decision:{case_id}"


def ground_of(desk: Desk, case: Case) -> Ground:
    """Read what a decision on a case stands on."""
    with desk.cache.read() as tables:
        here = frozenset(
            file.sha256.lower()
            for file in case.attachments
            if file.sha256 is not None and tables.blobs.has(file.sha256)
        )
        register = tuple(tables.requesters.all())
    return Ground(case=case, policy=desk.policy(), me=desk.me(), register=register, here=here)


def judge(
    desk: Desk, ground: Ground, asked: Sequence[Field], values: Values, now: datetime
) -> Judged:
    """Make the action of the answers, and ask the policy what stands against it."""
    made = decided.make(ground, asked, values, now)
    try:
        action = read_action(msgspec.json.encode(made.body))
    except BadAction as wrong:
        return Judged(made, None, list(wrong.findings))
    assert isinstance(action, Decide)
    return Judged(made, action, desk.judge(ground.case.id, action))


def asked_anew(ground: Ground, view: CaseView) -> bool:
    """Tell whether something else is asked for now than when the questions were made."""
    request = view.case.request if view.case is not None else None
    data = request.data_sought if request is not None else ()
    return ground.asked != data[: deciding.MOST_ITEMS]


def kept(desk: Desk, case_id: str) -> Draft | None:
    """Return the draft of a decision on a case."""
    with desk.cache.read() as tables:
        return tables.drafts.get(draft_id(case_id))


def as_draft(
    desk: Desk, ground: Ground, case_id: str, values: Mapping[str, str | tuple[str, ...]]
) -> Draft:
    """Return what is filled in as a draft to keep."""
    now = round(desk.server_now().timestamp() * 1000)
    return Draft(draft_id(case_id), case_id, KIND, decided.to_draft(ground, values), now)


def record(desk: Desk, view: CaseView, action: Decide) -> Entry:
    """Record a decision on the case as it was looked at, and use its draft up."""
    standing_on = view.seen.version if view.seen is not None else None
    return desk.act(
        view.id, action, undo_window=True, draft=draft_id(view.id), standing_on=standing_on
    )
