"""A person's settings: `settings.toml` in the folder of the configuration, where there is one."""

import re
import tomllib
from datetime import timedelta
from typing import Any, Final, cast

import msgspec

from console.casework.findings import nearest
from console.errors import UsageError
from console.profiles.home import Home
from local_cache.hostile import visible

SETTINGS_FILE: Final = "settings.toml"
_SPAN: Final = re.compile(r"\A([0-9]{1,5})(s|m|h)\Z")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours"}
_SHORTEST: Final = timedelta(seconds=10)
_KNOWN: Final = {"lock": ("after", "seal_after")}


class Settings(msgspec.Struct, frozen=True):
    """What a person can set. Everything has a value that is right for most."""

    lock_after: timedelta = timedelta(minutes=5)
    """Without a key for so long, the console locks."""
    seal_after: timedelta = timedelta(hours=1)
    """Without a key for so long, it seals: the key of the cache leaves the memory."""


def read_settings(home: Home) -> Settings:
    """Read the settings; without a file they are those that most have.

    Raises:
        UsageError: names the file, the place and what can stand there.
    """
    path = home.configuration / SETTINGS_FILE
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{SETTINGS_FILE} cannot be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{SETTINGS_FILE} is no TOML: {visible(str(error))}") from None
    _check_names(document)
    lock: dict[str, Any] = document.get("lock", {})
    found = Settings()
    lock_after = _span(lock, "after", found.lock_after)
    seal_after = _span(lock, "seal_after", max(found.seal_after, lock_after))
    if seal_after < lock_after:
        raise _wrong("lock.seal_after", "it cannot be shorter than lock.after")
    return Settings(lock_after, seal_after)


def _check_names(document: dict[str, Any]) -> None:
    for table, members in document.items():
        if table not in _KNOWN:
            raise _unknown(table, _KNOWN)
        if not isinstance(members, dict):
            raise _wrong(table, f"it is a table: [{table}]")
        for name in cast("dict[str, Any]", members):
            if name not in _KNOWN[table]:
                raise _unknown(f"{table}.{name}", [f"{table}.{each}" for each in _KNOWN[table]])


def _span(table: dict[str, Any], name: str, default: timedelta) -> timedelta:
    value = table.get(name)
    if value is None:
        return default
    matched = _SPAN.match(value) if isinstance(value, str) else None
    if matched is None:
        raise _wrong(f"lock.{name}", 'it is a time such as "90s", "5m" or "1h"')
    span = timedelta(**{_UNITS[matched[2]]: int(matched[1])})
    if span < _SHORTEST:
        raise _wrong(f"lock.{name}", "10 seconds are the least")
    return span


def _unknown(name: str, known: Any) -> UsageError:
    guess = nearest(name, known)
    meant = f" Did you mean {guess}?" if guess else f" There are: {', '.join(known)}."
    return UsageError(f"{SETTINGS_FILE}: nothing is called {visible(name)}.{meant}")


def _wrong(name: str, why: str) -> UsageError:
    return UsageError(f"{SETTINGS_FILE}: {name}: {why}.")
