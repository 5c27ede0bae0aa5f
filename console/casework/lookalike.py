"""Domains that imitate one of the agency register's (DOMAIN 3.2): always "suspected", never more.

Compared are registered domains (public suffix list): `mail.city-police.test` is `city-police.test`.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from local_cache.records import RegisteredAgency

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

Kind = Literal["homoglyph", "edit-distance", "wrong-tld", "embedded"]

# Letters of other scripts, and digits, that pass for Latin ones in common fonts: the part of
# Unicode's confusables (UTS 39) that can stand in a domain name.
_LIKE_LATIN: Final = str.maketrans(
    {
        **dict.fromkeys("аɑα", "a"), **dict.fromkeys("ьƅ", "b"), **dict.fromkeys("сϲ", "c"),
        **dict.fromkeys("ԁɗ", "d"), **dict.fromkeys("еєҽ", "e"), **dict.fromkeys("ɡց", "g"),
        **dict.fromkeys("һհ", "h"), **dict.fromkeys("іıɩι1lı|ӏ", "i"), **dict.fromkeys("јϳ", "j"),
        **dict.fromkeys("кκ", "k"), **dict.fromkeys("м", "m"), **dict.fromkeys("ոп", "n"),
        **dict.fromkeys("оοσօ0", "o"), **dict.fromkeys("рρ", "p"), **dict.fromkeys("ԛգ", "q"),
        **dict.fromkeys("гɢ", "r"), **dict.fromkeys("ѕ5", "s"), **dict.fromkeys("т", "t"),
        **dict.fromkeys("υս", "u"), **dict.fromkeys("ѵν", "v"), **dict.fromkeys("ԝш", "w"),
        **dict.fromkeys("хχ", "x"), **dict.fromkeys("уγү", "y"), **dict.fromkeys("ᴢ", "z"),
    }
)  # fmt: skip
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_FURTHEST: Final = 2
_SHORT_NAME: Final = 5
"""Below this length nearly every name is within two letters of another: one is the limit."""
_LONGEST: Final = 253


class Likeness(Struct, frozen=True):
    """A domain that looks like one of the register's and is not."""

    domain: str
    registered: str
    agency: str
    kind: Kind


@lru_cache(maxsize=1)
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # reads the whole list: only when it is needed

    return PublicSuffixList()


def host_of(address: str) -> str | None:
    """Return the host of a mail address in lower case, punycode decoded; None where none is."""
    _, at, host = address.strip().rpartition("@")
    host = host.strip("<> .").lower()
    if not at or not host or len(host) > _LONGEST:
        return None
    return ".".join(_decoded(label) for label in host.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def registered_domain(host: str) -> str:
    """Return the domain that somebody registered; a bare public suffix is its own."""
    try:
        domain = _suffixes().privatesuffix(host)
    except (UnicodeError, ValueError):
        return host
    return domain if isinstance(domain, str) else host


def is_registered(host: str, agency: RegisteredAgency) -> bool:
    """Tell whether a host is one of an agency's domains or below one."""
    domains = (domain.raw.strip(" .").lower() for domain in agency.domains)
    return any(host == domain or host.endswith("." + domain) for domain in domains if domain)


def likenesses(host: str, register: Iterable[RegisteredAgency]) -> list[Likeness]:
    """Find every domain of the register that `host` seems to imitate; none if it is one of them."""
    agencies = tuple(register)
    if any(is_registered(host, agency) for agency in agencies):
        return []
    found: list[Likeness] = []
    for agency in agencies:
        for domain in agency.domains:
            known = ".".join(_decoded(label) for label in domain.raw.strip(" .").lower().split("."))
            kind = _kind(host, known) if known else None
            if kind is not None:
                found.append(Likeness(host, known, agency.id, kind))
    return found


def _kind(host: str, known: str) -> Kind | None:
    own, theirs = registered_domain(host), registered_domain(known)
    if own == theirs:
        return None  # a neighbour below one registered domain, such as another ministry's
    if skeleton(own) == skeleton(theirs):
        return "homoglyph"
    name, _, suffix = own.partition(".")
    known_name, _, known_suffix = theirs.partition(".")
    if name == known_name:
        return "wrong-tld"
    limit = _FURTHEST if len(known_name) >= _SHORT_NAME else 1
    if suffix == known_suffix and _within(skeleton(name), skeleton(known_name), limit):
        return "edit-distance"
    if name != known_name and _within(own, theirs, 1):
        return "edit-distance"
    flat = known.replace(".", "-")
    if host.startswith((known + ".", known + "-")) or flat in host:
        return "embedded"
    return None


def skeleton(text: str) -> str:
    """Reduce a name to what the eye takes it for: equal skeletons pass for one another."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    plain = plain.translate(_LIKE_LATIN)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain.replace("-", "")


def _within(one: str, other: str, limit: int) -> bool:
    return abs(len(one) - len(other)) <= limit and distance(one, other) <= limit


def distance(one: str, other: str) -> int:
    """Count the edits between two words; two neighbours that changed places are one edit."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, first in enumerate(one, 1):
        new = [i]
        for j, second in enumerate(other, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (first != second))
            if i > 1 and j > 1 and first == other[j - 2] and one[i - 2] == second:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1]
