"""Errors that a person reads: what happened, what was kept, what to do, and the exit status.

Exit statuses are a promise to scripts (section 8 of the design).
"""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    CHANGED = 5
    NOTHING_TO_WORK_ON = 6
    SEALED = 7


class NightdeskError(Exception):
    """An error to show. Its text says what happened and what to do; it never holds case content."""

    exit = Exit.USAGE


class UsageError(NightdeskError):
    """What was asked for makes no sense."""


class NotFound(NightdeskError):
    """No such case, entry or template here."""

    exit = Exit.NOT_FOUND


class NothingToWorkOn(NightdeskError):
    """No connection, no profile or an empty cache."""

    exit = Exit.NOTHING_TO_WORK_ON


class Sealed(NightdeskError):
    """The cache cannot be opened: no keyring, no passphrase, no terminal to ask on."""

    exit = Exit.SEALED
