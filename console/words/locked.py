"""What a locked or sealed console says, which is nothing of any case."""

from datetime import timedelta
from typing import Final

from console.profiles.unlocking import By

_KEYRING: Final = (
    "The keyring that keeps the key is asked for it. Whoever may use your session may use the",
    "keyring: lock the session too when you go.",
)
_NO_CONTENT: Final = "What was being written is kept. The sync goes on, and alarms ring here."
_NO_KEY: Final = "The key is gone from the memory. What is recorded here is kept, encrypted."
_NOBODY_KNOWS: Final = "What opens it is known to nobody, so nothing is asked for."
_LONGEST_WAIT: Final = 30.0
_NOTHING_GOES: Final = "Nothing is fetched or delivered until it is opened."


def headline(*, sealed: bool) -> str:
    """Say which of the two it is."""
    return "Nightdesk is sealed" if sealed else "Nightdesk is locked"


def idle_for(span: timedelta) -> str:
    """Say why it locked where nobody was there."""
    seconds = round(span.total_seconds())
    length = f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
    return f"No key was pressed for {length}."


def told(by: By, *, sealed: bool) -> tuple[str, ...]:
    """Say what that means, a line each."""
    if by == "enter":
        return (_NO_KEY if sealed else _NO_CONTENT, _NOBODY_KNOWS)
    first = (_NO_KEY, _NOTHING_GOES) if sealed else (_NO_CONTENT,)
    return (*first, *_KEYRING) if by == "keyring" else first


def seconds_to_wait(wrong: int) -> float:
    """Return how long the next try has to wait after so many wrong ones."""
    return min(_LONGEST_WAIT, 2.0 ** (wrong - 1))
