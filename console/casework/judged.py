"""What a rule judges by: the case, the policy, who acts and when."""

from collections.abc import Collection, Mapping
from datetime import datetime

from msgspec import Struct

from console.casework.findings import Finding, unknown
from local_cache.records import (
    ActionRecord,
    Case,
    Policy,
    RegisteredAgency,
    Specialist,
    Template,
)


class Judged(Struct, frozen=True, kw_only=True):
    """The ground that all rules of one judgement stand on."""

    case: Case
    policy: Policy
    me: Specialist
    now: datetime
    key: str
    templates: Mapping[str, Template] | None = None
    register: tuple[RegisteredAgency, ...] = ()

    def subject_ids(self) -> set[str]:
        """Return the ids of the case's subjects."""
        return {subject.id for subject in self.case.subjects}

    def tier_codes(self) -> list[str]:
        """Return the policy's tiers."""
        return [tier.code for tier in self.policy.tiers]

    def decision(self, decision_id: str) -> ActionRecord | None:
        """Look up a decision of the case by its id."""
        return next((made for made in self.case.decisions if made.id == decision_id), None)


def blank(text: str | None) -> bool:
    """Tell whether a text says nothing."""
    return text is None or not text.strip()


def one_of(pointer: str, what: str, word: str | None, known: Collection[str]) -> list[Finding]:
    """Find a word that is none of the known ones; None and an empty list of known pass."""
    if word is None or not known or word in known:
        return []
    return [unknown(pointer, what, word, known)]


def given(pointer: str, text: str | None, why: str = "must be given") -> list[Finding]:
    """Find a text that says nothing."""
    return [Finding(pointer, why, code="missing")] if blank(text) else []
