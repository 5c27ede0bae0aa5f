"""A callback goes to the register's number, never to one that the request brought (DOMAIN 3.2)."""

import re
from collections.abc import Iterable
from typing import Final

from console.casework import actions as act
from console.casework.findings import Finding
from console.casework.judged import Judged
from local_cache.records import Case, RegisteredAgency

CALLBACKS: Final = ("V07", "V08")
"""The checks that are made by telephone: callback through the switchboard, supervisor."""
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_SHORTEST: Final = 6


def digits(number: str) -> str:
    """Reduce a telephone number to its digits: spelling does not tell numbers apart."""
    return _NOT_DIGITS.sub("", number)


def same_number(one: str, other: str) -> bool:
    """Tell whether two spellings dial one number; a country code may be missing from one."""
    short, long = sorted((digits(one), digits(other)), key=len)
    if len(short) < _SHORTEST:
        return bool(short) and short == long
    return long.endswith(short.removeprefix("00").lstrip("0"))


def agency_of(case: Case, register: Iterable[RegisteredAgency]) -> RegisteredAgency | None:
    """Look up the register's entry for the requester's agency, by id only."""
    wanted = case.requester.agency_id if case.requester else None
    if wanted is None:
        return None
    return next((agency for agency in register if agency.id == wanted), None)


def callback_numbers(case: Case, register: Iterable[RegisteredAgency]) -> tuple[str, ...]:
    """Return the only numbers that a callback may go to; as they stand in the register."""
    agency = agency_of(case, register)
    return tuple(number.raw for number in agency.callback_numbers) if agency else ()


def judge_callback(judged: Judged, action: act.Verify) -> list[Finding]:
    """A passed callback was made to a number of the register."""
    if action.check not in CALLBACKS or action.result != "PASS" or not judged.register:
        return []
    number = action.evidence.number if action.evidence else None
    if action.check == "V08" and number is None:
        return []  # a supervisor may be met, written to, or reached through the switchboard
    place = "/evidence/number"
    known = callback_numbers(judged.case, judged.register)
    if not known:
        detail = "the agency has no number in the register: this check cannot pass yet"
        return [Finding(place, detail, code="callback")]
    if number is None:
        return [Finding(place, "which number was called?", code="callback")]
    if not any(same_number(number, one) for one in known):
        detail = "is not a number of the register; a number from the request proves nothing"
        return [Finding(place, detail, code="callback")]
    return []
