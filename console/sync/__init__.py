"""The sync: pulls the change feed into the cache and delivers the outbox, each on its own.

`ground` is what all parts share, `link` the connection, `pull` the news, `drain` whose turn it is,
`deliver` one entry and its outcome, `background` the threads of a console, `run` the door: `Sync`.
"""

from console.sync.events import (
    CasesChanged,
    ConnectionChanged,
    EntryMoved,
    LoadProgressed,
    PolicyChanged,
    RegisterChanged,
    StorageFailed,
    SyncEvent,
    SyncReport,
    TokenWasRefused,
)

__all__ = [
    "CasesChanged",
    "ConnectionChanged",
    "EntryMoved",
    "LoadProgressed",
    "PolicyChanged",
    "RegisterChanged",
    "StorageFailed",
    "SyncEvent",
    "SyncReport",
    "TokenWasRefused",
]
