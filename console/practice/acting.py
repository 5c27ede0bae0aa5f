"""What an action sees while it is worked out: the case's copy, the actor, the desk around it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from console.practice.around import Agency, Policy, Template
from console.practice.bodies import Common
from console.practice.problems import Faults
from console.practice.reference import Specialist
from console.practice.wire import Case, Record


@dataclass(frozen=True)
class Surroundings:
    """What of the desk an action may look at."""

    policy: Policy
    people: dict[str, Specialist]
    queues: frozenset[str]
    templates: dict[str, Template]
    register: dict[str, Agency]
    sees_case: Callable[[Specialist, str], bool]
    has_upload: Callable[[str], bool]


@dataclass
class Acting:
    """One action on one case. `case` is a copy: it counts only once the unit is committed."""

    key: str
    who: Specialist
    now: datetime
    """The server's receipt."""
    raw: bytes
    """The body as it was sent."""
    case: Case
    around: Surroundings
    faults: Faults
    moved: bool = False
    """Set when the case went to another queue."""

    @property
    def policy(self) -> Policy:
        """The present policy."""
        return self.around.policy

    def record(self, action: Common, before: str, after: str) -> Record:
        """Return the record of this action."""
        name = type(action).__struct_config__.tag
        return Record(
            id=self.key,
            type=str(name),
            by=self.who.id,
            at=action.at,
            received_at=self.now,
            offline=action.offline,
            before=before,
            after=after,
            body=msgspec.Raw(self.raw),
        )
