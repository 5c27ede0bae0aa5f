"""What speaks for and against a requester, found by comparing, for a specialist to judge.

Each `Suspicion` is evidence, none alone decides, and every one is worded as suspected (DOMAIN 3.2).
A passing mail authentication proves the mailbox, not the officer.
"""

from collections.abc import Callable, Iterable
from typing import Final, Literal

from msgspec import Struct

from console.casework.callback import agency_of, callback_numbers, same_number
from console.casework.levels import (
    checks_of,
    levels_reached,
    missing_for,
    state_of,
    suggested_state,
)
from console.casework.lookalike import Likeness, host_of, is_registered, likenesses
from local_cache.hostile import visible
from local_cache.records import Case, RegisteredAgency, Requester

__all__ = [
    "Suspicion",
    "callback_numbers",
    "checks_of",
    "levels_reached",
    "missing_for",
    "state_of",
    "suggested_state",
    "suspicions",
]


class Suspicion(Struct, frozen=True):
    """Something about a requester that a specialist should look at."""

    code: str
    level: Literal["amber", "red"]
    detail: str
    """Fit for a screen."""
    checks: tuple[str, ...] = ()
    """The verification checks (V01 to V20) that it bears on."""


def suspicions(case: Case, register: Iterable[RegisteredAgency]) -> list[Suspicion]:
    """Compare the requester with the register and with themselves; the red ones first."""
    requester = case.requester
    if requester is None:
        return []
    agencies = tuple(register)
    found = [one for look in _LOOKS for one in look(case, requester, agencies)]
    return sorted(found, key=lambda one: one.level != "red")


_WORDS: Final = {
    "homoglyph": "looks like",
    "edit-distance": "is spelt nearly like",
    "wrong-tld": "has the name, not the ending, of",
    "embedded": "carries the name of",
}


def _domain(_case: Case, requester: Requester, register: tuple[RegisteredAgency, ...]
) -> list[Suspicion]:  # fmt: skip
    found: list[Suspicion] = []
    for what, address in _addresses(requester):
        host = host_of(address)
        if host is None:
            continue
        like = likenesses(host, register)
        found += [_imitation(what, one) for one in like]
        listed = any(is_registered(host, agency) for agency in register)
        if what == "address" and register and not listed and not like:
            detail = f"the domain {visible(host)} is not in the agency register"
            found.append(Suspicion("domain-unlisted", "amber", detail, ("V01",)))
    return found


def _imitation(what: str, one: Likeness) -> Suspicion:
    detail = (
        f"suspected look-alike: the {what}'s domain {visible(one.domain)}"
        f" {_WORDS[one.kind]} {visible(one.registered)}"
    )
    return Suspicion(f"domain-{one.kind}", "red", detail, ("V01", "V02"))


def _addresses(requester: Requester) -> list[tuple[str, str]]:
    mail = requester.mail_authentication
    all_of_them = (
        ("address", requester.email),
        ("sender", mail.from_ if mail else None),
        ("reply-to", mail.reply_to if mail else None),
    )
    seen: set[str] = set()
    found: list[tuple[str, str]] = []
    for what, address in all_of_them:
        if address is not None and (host_of(address.raw) or "") not in seen:
            seen.add(host_of(address.raw) or "")
            found.append((what, address.raw))
    return found


def _other_agency(case: Case, requester: Requester, register: tuple[RegisteredAgency, ...]
) -> list[Suspicion]:  # fmt: skip
    agency = agency_of(case, register)
    host = host_of(requester.email.raw) if requester.email else None
    if agency is None or host is None or is_registered(host, agency):
        return []
    if not any(is_registered(host, other) for other in register):
        return []  # said by the domain's own comparison
    detail = f"the domain {visible(host)} is in the register, but as another agency's"
    return [Suspicion("domain-other-agency", "red", detail, ("V01", "V06"))]


def _reply_to(_case: Case, requester: Requester, _register: tuple[RegisteredAgency, ...]
) -> list[Suspicion]:  # fmt: skip
    mail = requester.mail_authentication
    if mail is None or mail.reply_to is None:
        return []
    sender = mail.from_ or requester.email
    if sender is None or _folded(sender.raw) == _folded(mail.reply_to.raw):
        return []
    same_host = host_of(sender.raw) == host_of(mail.reply_to.raw)
    detail = (
        f"suspected redirection: answers go to {mail.reply_to.visible()},"
        f" the message came from {sender.visible()}"
    )
    return [Suspicion("reply-to", "amber" if same_host else "red", detail, ("V01",))]


def _sender(_case: Case, requester: Requester, _register: tuple[RegisteredAgency, ...]
) -> list[Suspicion]:  # fmt: skip
    mail = requester.mail_authentication
    if mail is None or mail.from_ is None or requester.email is None:
        return []
    if _folded(mail.from_.raw) == _folded(requester.email.raw):
        return []
    detail = (
        f"suspected spoof: the message came from {mail.from_.visible()},"
        f" the request names {requester.email.visible()}"
    )
    return [Suspicion("sender-differs", "red", detail, ("V01",))]


def _mail(_case: Case, requester: Requester, _register: tuple[RegisteredAgency, ...]
) -> list[Suspicion]:  # fmt: skip
    mail = requester.mail_authentication
    if mail is None:
        return []
    results = (("SPF", mail.spf), ("DKIM", mail.dkim), ("DMARC", mail.dmarc))
    found: list[Suspicion] = []
    for name, result in results:
        if result is None or result == "pass":
            continue
        level = "red" if result == "fail" and name == "DMARC" else "amber"
        found.append(Suspicion("mail", level, f"{name} says {result}", ("V03",)))
    return found


def _phones(case: Case, requester: Requester, register: tuple[RegisteredAgency, ...]
) -> list[Suspicion]:  # fmt: skip
    found: list[Suspicion] = []
    supervisor = requester.supervisor.phone if requester.supervisor else None
    if requester.phone and supervisor and same_number(requester.phone.raw, supervisor.raw):
        detail = "the supervisor's number is the officer's own"
        found.append(Suspicion("supervisor-phone", "red", detail, ("V08",)))
    known = callback_numbers(case, register)
    if requester.phone and known and not any(same_number(requester.phone.raw, n) for n in known):
        detail = "the number in the request is not the register's: call the register's"
        found.append(Suspicion("phone-unlisted", "amber", detail, ("V06", "V07")))
    return found


def _folded(address: str) -> str:
    return address.strip().casefold()


_Look = Callable[[Case, Requester, tuple[RegisteredAgency, ...]], list[Suspicion]]
_LOOKS: Final[tuple[_Look, ...]] = (_domain, _other_agency, _sender, _reply_to, _mail, _phones)
