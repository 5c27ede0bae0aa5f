"""Linear mode from beginning to end: the desk opened, the sync beside it, leaving in order."""

import contextlib
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final

from console import crash
from console.commands import COMMANDS, keys
from console.desk import Desk
from console.desk.place import take
from console.errors import Exit, NightdeskError
from console.linear.desk import DeskPlace
from console.linear.lock import let_go, unlock
from console.linear.news import News
from console.linear.session import Practice, Session, not_delivered
from console.linear.terminal import Ended, Terminal
from console.process import close_memory, forget_words
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from console.profiles.memory import remove_left
from console.profiles.opening import desk_of, open_cache, seal_where_silent
from console.profiles.settings import read_settings
from console.profiles.unlocking import Opener
from local_cache.query import CaseQuery

CONTACT_WITHIN: Final = 2.0
"""Seconds that the server has to answer before it is said how things stand."""
CASES_WITHIN: Final = 6.0
"""The same where there is nothing yet to work on."""


Begin = Callable[[Session, DeskPlace], None]
"""Says what is to be known first."""


class _HangUp(Exception):
    """The terminal went away, or somebody ends us: leave, without asking anything."""


def _hang_up(_number: int, _frame: FrameType | None) -> None:
    raise _HangUp


def run_linear(
    credentials: Credentials,
    home: Home | None = None,
    *,
    practice: Practice | None = None,
    hint: str = "",
) -> int:
    """Open the profile in use and take lines on it until it is left."""
    house = home or Home()
    profile = house.current()  # without one there is something better to say
    house.check(profile.name)
    settings = read_settings(house)
    close_memory()
    remove_left()
    crash.install()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _hang_up)
    folder = house.folder(profile.name)
    opener = Opener(folder, credentials)
    desk = desk_of(profile, open_cache(folder, credentials), credentials)
    terminal = Terminal(_words())
    terminal.watch(settings.lock_after)
    begin: Begin = partial(_greet, hint=hint)
    try:
        while _work(desk, terminal, practice, opener, begin):
            opener.seal()
            forget_words()
            desk, begin = unlock(terminal, opener, profile), _come_back
    except (Ended, _HangUp):
        pass
    except NightdeskError:
        raise
    except Exception as defect:  # noqa: BLE001 - the last wall: no content comes out
        sys.stderr.write(crash.describe(defect) + "\n")
        return Exit.INTERNAL
    return Exit.DONE


def _work(
    desk: Desk, terminal: Terminal, practice: Practice | None, opener: Opener, begin: Begin
) -> bool:
    """Take lines on an open desk until it is left or locked; return whether it was locked.

    Then the desk is closed, and nothing that was read from it is held any more.
    """
    with contextlib.closing(desk):
        seal_where_silent(desk)
        news = News(desk, terminal.bell, practice=practice is not None)
        session = Session(desk, terminal, news, practice=practice, opener=opener)
        place = DeskPlace(session)
        news.looked_out = place.renew_claim
        try:
            news.start()
            with contextlib.suppress(Ended):
                begin(session, place)
                session.run()
            if session.locked:
                let_go(desk, terminal, opener.by, session.why_locked)
        finally:
            news.stop()
            if not session.locked:
                with contextlib.suppress(Ended):
                    terminal.say(*not_delivered(desk))
    return session.locked


def _words() -> list[str]:
    return [*COMMANDS, *(one.id.rpartition(".")[2] for one in COMMANDS.values()),
            "list", "more", "read", "sections", "where", "alarms"]  # fmt: skip


def _greet(session: Session, place: DeskPlace, *, hint: str) -> None:
    session.say("Nightdesk, linear mode. help says what can be typed; quit leaves.")
    if hint:
        session.say(f"hint: {hint}")
    for problem in keys.problems():
        session.say(problem, "warning")
    session.go_to(place)
    empty = not session.desk.count(CaseQuery())
    if empty:
        session.say("Waiting for the first cases.")
    session.news.wait_for_contact(CASES_WITHIN if empty else CONTACT_WITHIN)
    session.where()
    place.word_list("")
    session.news.begin()


def _come_back(session: Session, place: DeskPlace) -> None:
    session.say("Open again.")
    session.go_to(place)
    session.news.wait_for_contact(CONTACT_WITHIN)
    session.where()
    session.attempt(lambda: place.come_back(session.desk.cache.write(take)))
    session.news.begin()
