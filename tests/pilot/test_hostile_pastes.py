"""A paste runs nothing, wherever it lands and whatever is in it, with brackets and without."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.screens.base import NightScreen
from console.screens.lock import LockScreen
from local_cache import keys, wraps
from tests.casework_ground import REGISTER, wire_case
from tests.pilot.ground import Ground, at_the_desk
from tests.pilot.hostile_pastes import PLACES, arrive, paste_all, screens
from widgets.text_entry import LONGEST, LineEntry

TIMES = 20
"""Pastes at each place; `make monkey PASTES=1000` does a thousand."""


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Ground]:
    monkeypatch.setattr(wraps, "_SCRYPT_N", 2**4)
    made = Ground(tmp_path, key=keys.create_key(tmp_path, passphrase="a passphrase"))
    cases = (wire_case(id=f"c_{number}", title=f"Case {number}") for number in range(12))
    made.seed(*cases, register=REGISTER)
    yield made
    made.desk.close()


def test_every_screen_is_pasted_into() -> None:
    assert screens() == {place.screen for place in PLACES.values()}


@pytest.mark.parametrize("name", PLACES)
async def test_hostile_pastes_run_nothing(
    ground: Ground, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = PLACES[name]
    async with at_the_desk(ground) as hand:
        await arrive(hand, place)
        before = list(hand.app.screen_stack)
        entries = ground.entries()
        ran = await paste_all(hand, place, len(name), TIMES, monkeypatch)
        assert ran == []
        assert hand.app.screen_stack == before
        assert ground.entries() == entries
        front = hand.app.screen
        assert isinstance(front, NightScreen)
        assert front.focused is not None or isinstance(front, LockScreen)


@pytest.mark.parametrize("name", ["command line", "filter", "lines", "help"])
async def test_a_line_takes_no_more_than_it_can_bear_and_says_so(ground: Ground, name: str) -> None:
    async with at_the_desk(ground) as hand:
        await arrive(hand, PLACES[name])
        await hand.type("before ")
        entry = hand.app.focused
        assert isinstance(entry, LineEntry)
        before = entry.value
        await hand.type(f"\x1b[200~{'x' * LONGEST}\x1b[201~")
        await hand.see(f"Not put in: the line would have {LONGEST + len(before):,} characters")
        assert entry.value == before
        await hand.type(f"\x1b[200~{'y' * (LONGEST - len(before))}\x1b[201~")
        await hand.type("z")
        await hand.see(f"{LONGEST + 1:,} characters, {LONGEST:,} at most")
        await hand.press("backspace", "z")
        assert len(entry.value) == LONGEST
        assert entry.value.endswith("yz")
