"""Locked, linear mode holds nothing of a case: no list, no case at hand, nothing that was typed."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from console.linear.desk import DeskPlace
from console.linear.run import _work
from console.linear.session import Session
from console.linear.terminal import Terminal, Typed
from console.process import forget_words
from console.profiles.credentials import Credentials
from console.profiles.unlocking import Opener
from console.sync.ground import LAST_SPOKEN
from local_cache import keys, wraps
from tests.alive import alive
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground

PASSPHRASE = "correct horse battery"
TITLE, WRITTEN, SOUGHT = "canaryofthetitle", "canaryofthenote", "canaryofthefilter"


class Typing:
    """A hand that types lines, and does things between; it hears what is said once it is locked."""

    is_tty = True

    def __init__(self, *lines: str | Callable[[], object]) -> None:
        self._lines = deque(lines)
        self.heard: list[str] = []
        self.alive = 0
        """How much there was when the last line was typed."""
        self.cleared = False

    def say(self, *lines: str) -> None:
        """Hear it, where nothing of a case can be in it any more."""
        if self.cleared:
            self.heard += lines

    def bell(self) -> None:
        """Hear nothing."""

    def read(self, _prompt: str, *, remember: bool = False, watched: bool = False) -> Typed:
        """Type the next line."""
        del remember, watched
        line = self._lines.popleft()
        while not isinstance(line, str):
            line()
            line = self._lines.popleft()
        if not self._lines:
            self.alive = len(alive(TITLE, WRITTEN))
        return Typed(line, by_hand=True)

    def clear(self) -> bool:
        """Note it."""
        self.cleared = True
        return True


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(wraps, "_SCRYPT_N", 2**4)
    made = Ground(tmp_path, key=keys.create_key(tmp_path, passphrase=PASSPHRASE))
    made.desk.cache.write(lambda tables: tables.meta.set("token", "no-token"))
    cases: list[dict[str, Any]] = [
        wire_case(id=f"c_{number}", seq=number, title=f"{TITLE} {number}") for number in range(1, 5)
    ]
    made.seed(*cases)
    return made


def begin(session: Session, place: DeskPlace) -> None:
    session.go_to(place)


def test_nothing_of_the_desk_is_alive_while_it_is_locked(ground: Ground, tmp_path: Path) -> None:
    many = ("filter is:open", "mark 2-3", "tag", "wave", "", "record", "record", "unmark all")
    one = ("1", "read all", f"/{TITLE}", "note", f"{WRITTEN} of a call", ".", "record")
    half = ("note", f"{WRITTEN} unfinished", ".", "cancel")
    typing = Typing("list", f"filter {SOUGHT}", *many, *one, *half, "more", "lock")
    opener = Opener(tmp_path, Credentials())
    cache = ground.desk.cache
    assert _work(ground.desk, cast("Terminal", typing), None, opener, begin)
    forget_words()
    assert typing.cleared
    assert typing.alive, "else this finds nothing wherever it looks"
    assert alive(TITLE, WRITTEN, SOUGHT) == []
    assert bytes(cache._key) == bytes(32)


def test_it_locks_where_the_server_was_not_heard_of_for_too_long(
    ground: Ground, tmp_path: Path
) -> None:
    def a_week_passes() -> None:
        ground.desk.cache.write(lambda tables: tables.meta.set(LAST_SPOKEN, "0"))

    typing = Typing("list", a_week_passes, "where", "list")
    opener = Opener(tmp_path, Credentials())
    assert _work(ground.desk, cast("Terminal", typing), None, opener, begin)
    assert "The server was not heard of for longer than the policy allows." in typing.heard
    assert typing.read("").text == "list", "a line was taken"
