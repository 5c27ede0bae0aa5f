"""Linear mode from beginning to end: the desk opened, the sync beside it, leaving in order."""

import contextlib
import signal
import sys
from types import FrameType
from typing import Final

from console import crash
from console.commands import COMMANDS, keys
from console.errors import Exit
from console.linear.desk import DeskPlace
from console.linear.news import News
from console.linear.session import Practice, Session, not_delivered
from console.linear.terminal import Ended, Terminal
from console.process import close_memory
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from console.profiles.memory import remove_left
from console.profiles.opening import open_desk, seal_where_silent
from local_cache.query import CaseQuery

CONTACT_WITHIN: Final = 2.0
"""Seconds that the server has to answer before it is said how things stand."""
CASES_WITHIN: Final = 6.0
"""The same where there is nothing yet to work on."""


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
    close_memory()
    remove_left()
    crash.install()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _hang_up)
    with open_desk(credentials, house) as desk:
        seal_where_silent(desk)
        terminal = Terminal(_words())
        news = News(desk, terminal.bell, practice=practice is not None)
        session = Session(desk, terminal, news, practice)
        place = DeskPlace(session)
        news.looked_out = place.renew_claim
        status = Exit.DONE
        try:
            news.start()
            with contextlib.suppress(Ended):
                _greet(session, place, hint)
                session.run()
        except _HangUp:
            pass
        except Exception as defect:  # noqa: BLE001 - the last wall: no content comes out
            sys.stderr.write(crash.describe(defect) + "\n")
            status = Exit.INTERNAL
        finally:
            news.stop()
        with contextlib.suppress(Ended):
            terminal.say(*not_delivered(desk))
    return status


def _words() -> list[str]:
    return [*COMMANDS, *(one.id.rpartition(".")[2] for one in COMMANDS.values()),
            "list", "more", "read", "sections", "where", "alarms"]  # fmt: skip


def _greet(session: Session, place: DeskPlace, hint: str) -> None:
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
