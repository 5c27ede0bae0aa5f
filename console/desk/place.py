"""Where a person was when the console locked: kept in the encrypted cache, nowhere else."""

from typing import Final

import msgspec

from local_cache.tables import Tables

_PLACE: Final = "console.place"


class Opened(msgspec.Struct, frozen=True):
    """A screen above the desk: the command that opens it, on which case, the field in it."""

    command: str
    case_id: str = ""
    field: str = ""


class Whereabouts(msgspec.Struct, frozen=True):
    """The list, its marks and the case of the desk, and the screens above it, the lowest first."""

    filter: str
    sort: str
    descending: bool
    case_id: str = ""
    marked: tuple[str, ...] = ()
    in_case: bool = False
    screens: tuple[Opened, ...] = ()


def keep(tables: Tables, where: Whereabouts) -> None:
    """Keep where a person is."""
    tables.meta.set(_PLACE, msgspec.json.encode(where).decode())


def take(tables: Tables) -> Whereabouts | None:
    """Return where they were, once."""
    kept = tables.meta.get(_PLACE)
    tables.meta.delete(_PLACE)
    if kept is None:
        return None
    try:
        return msgspec.json.decode(kept, type=Whereabouts)
    except msgspec.MsgspecError:
        return None
