"""The state of health of an installation, one check after the other, none of which changes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from console.desk import Desk
from console.errors import Exit, NightdeskError
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from console.profiles.opening import desk_of, open_cache
from console.sources.base import SourceError
from local_cache import keys
from local_cache.errors import CacheError
from local_cache.keys import KeyTrouble

NO_RECOVERY: Final = "no recovery code (nightdesk recovery makes one)"


class Result(msgspec.Struct, frozen=True):
    """What one check found."""

    name: str
    ok: bool
    detail: str
    exit: int = Exit.DONE


def examine(home: Home, credentials: Credentials) -> Iterator[Result]:
    """Check profile, key, cache, outbox, audit chain, connection and clock."""
    try:
        profile = home.current()
    except NightdeskError as error:
        yield Result("profile", False, str(error).splitlines()[0], error.exit)
        return
    yield Result("profile", True, f"{profile.name}: {profile.specialist_id} at {profile.origin}")
    folder = home.folder(profile.name)
    yield _key(folder)
    try:
        cache = open_cache(folder, credentials)
    except NightdeskError as error:
        yield Result("cache", False, str(error), error.exit)
        return
    desk = desk_of(profile, cache, credentials)
    try:
        yield from _inside(desk)
        yield from _connection(desk)
    finally:
        desk.close()


def _key(folder: Path) -> Result:
    try:
        kept = keys.how(folder) or "nobody"
        code = "a recovery code opens it, too" if keys.has_recovery(folder) else NO_RECOVERY
    except KeyTrouble as trouble:
        return Result("key", False, str(trouble), Exit.SEALED)
    return Result("key", True, f"kept by {kept}; {code}")


def _inside(desk: Desk) -> Iterator[Result]:
    try:
        desk.cache.check()
    except CacheError as error:
        yield Result("cache", False, str(error), Exit.NOTHING_TO_WORK_ON)
        return
    yield Result("cache", True, "opens, is encrypted, and every page is whole")
    counts = desk.counts()
    waiting = sum(counts.get(s, 0) for s in ("undoable", "pending", "sending", "to_confirm"))
    back = counts.get("returned", 0) + counts.get("changed", 0)
    yield Result("outbox", back == 0, f"{waiting} waiting, {back} came back", Exit.CHANGED)
    report = desk.verify_audit()
    yield Result(
        "audit",
        report.ok,
        report.problem or f"{report.entries} entries, whole",
        Exit.REFUSED,
    )


def _connection(desk: Desk) -> Iterator[Result]:
    try:
        source = desk.source()
        session = source.session()
    except NightdeskError as error:
        yield Result("connection", False, str(error), error.exit)
        return
    except SourceError as error:
        yield Result("connection", False, str(error), Exit.NOTHING_TO_WORK_ON)
        return
    right = session.specialist.id == desk.profile.specialist_id
    yield Result(
        "connection",
        right,
        f"the server knows us as {session.specialist.id}",
        Exit.REFUSED,
    )
    skew = source.clock_skew() or 0.0
    yield Result(
        "clock", abs(skew) <= 30, f"{skew:+.0f} s from the server's", Exit.NOTHING_TO_WORK_ON
    )
