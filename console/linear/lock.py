"""Locked: nothing more is said of any case, and the key is gone, until somebody opens it again."""

import contextlib
import time

from console.desk import Desk
from console.errors import NightdeskError
from console.linear.session import SECONDS_TO_DELIVER
from console.linear.terminal import Terminal
from console.profiles.home import Profile
from console.profiles.unlocking import By, Opener
from console.words import locked as words
from local_cache.errors import CacheError


def let_go(desk: Desk, terminal: Terminal, by: By, why: str) -> None:
    """Clear the terminal, say that it is locked, and give what may go five seconds to go."""
    cleared = terminal.clear()
    told = (f"{words.headline(sealed=True)}.", why, *words.told(by, sealed=True))
    terminal.say(*filter(None, told))
    if not cleared:
        terminal.say("warning: what was said still stands above: this terminal only knows lines.")
    with contextlib.suppress(NightdeskError, CacheError, KeyboardInterrupt):
        if desk.online and desk.outbox():
            desk.sync.finish(SECONDS_TO_DELIVER)
        unsent = len(desk.outbox())
        if unsent:
            lost = ", and LOST when it is left" if desk.profile.memory_only else ""
            terminal.say(f"unsent: {unsent:,} recorded here, not delivered{lost}")


def unlock(terminal: Terminal, opener: Opener, profile: Profile) -> Desk:
    """Ask for what opens it, until it does. Every wrong one doubles the time until the next.

    Raises:
        Ended: at the end of input.
    """
    wrong = 0
    while True:
        try:
            return opener.open(profile, _given(terminal, opener.by))
        except KeyboardInterrupt:
            terminal.say("")
        except NightdeskError as refused:
            wrong += 1
            terminal.say(*(f"error: {line}" for line in str(refused).splitlines()))
            _wait(terminal, words.seconds_to_wait(wrong))


def _given(terminal: Terminal, by: By) -> str:
    while by == "passphrase":
        given = terminal.secret("passphrase, or ctrl+d to leave> ")
        if given:
            return given
    while True:  # what a script sends behind the line that locked opens nothing
        if terminal.read("enter opens it, ctrl+d leaves> ").by_hand:
            return ""


def _wait(terminal: Terminal, seconds: float) -> None:
    terminal.say(f"The next try in {seconds:.0f} s.")
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(left)
