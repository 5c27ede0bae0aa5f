"""Making a profile: who the token belongs to, the key, the empty cache, the token kept safe."""

from collections.abc import Callable
from datetime import UTC, datetime

from console.errors import NothingToWorkOn, UsageError
from console.profiles.credentials import Credentials
from console.profiles.home import Home, Profile, check_name, name_for, origin_of
from console.profiles.opening import SOURCES, keep_token, make_cache, open_cache
from console.sources.base import SourceError
from local_cache import keys
from local_cache.records import Session, write


def connect_profile(
    home: Home,
    credentials: Credentials,
    *,
    url: str,
    name: str | None,
    source: str,
    token: Callable[[], str],
    memory_only: bool = False,
) -> Profile:
    """Connect to a desk and make its profile the one in use.

    The same specialist at the same origin keeps the profile, its cache and its outbox, and only
    gets the new token.

    Raises:
        UsageError: for an address, a name or a source that cannot be.
        NothingToWorkOn: where the server cannot be reached or refuses the token.
    """
    origin = origin_of(url)
    if source not in SOURCES:
        raise UsageError(f"Nightdesk knows no source of that name, only {', '.join(SOURCES)}.")
    if name is not None:
        check_name(name)
    secret = token()
    session = _session(origin, source, secret)
    specialist = session.specialist.id
    existing = home.find(origin, specialist)
    if existing is not None:
        cache = open_cache(home.folder(existing.name), credentials)
        profile = existing
    else:
        profile = Profile(
            name=name or name_for(origin, specialist),
            origin=origin,
            source=source,
            specialist_id=specialist,
            created_at=datetime.now(UTC),
            memory_only=memory_only,
        )
        folder = home.folder(profile.name)
        if (folder / "profile.json").exists():
            raise UsageError(
                f"The profile {profile.name} belongs to somebody else or another desk; nothing "
                "was changed. Choose another name with --name."
            )
        home.check(profile.name)
        # A folder with a key but no profile is what a connect left that was cut off midway.
        cache = (
            make_cache(folder, credentials)
            if keys.how(folder) is None
            else open_cache(folder, credentials)
        )
    try:
        keep_token(profile, cache, secret)
        kept = write(session.specialist).decode()
        cache.write(lambda tables: tables.meta.set("specialist", kept))
        home.save(profile)
        home.use(profile)
    finally:
        cache.close()
    return profile


def _session(origin: str, source: str, token: str) -> Session:
    try:
        connection = SOURCES[source](origin, token)
    except SourceError as error:
        raise UsageError(f"{error}\nNothing was made.") from None
    try:
        return connection.session()
    except SourceError as error:
        raise NothingToWorkOn(f"{error}\nNothing was made.") from None
    finally:
        connection.close()
