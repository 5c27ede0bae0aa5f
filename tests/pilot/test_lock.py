"""Locking: nothing of the desk is left on the screen or in the memory; then one goes on there."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.desk.remembering import View
from console.sync import ConnectionChanged
from local_cache import keys, wraps
from local_cache.errors import DiskTrouble
from tests.alive import alive
from tests.pilot.ground import Ground, Hand, at_the_desk

PASSPHRASE = "correct horse battery"
TITLE, WRITTEN, SOUGHT = "canaryofthetitle", "canaryofthedraft", "canaryofthefilter"


def case(case_id: str, seq: int, **members: Any) -> dict[str, Any]:
    return {
        "id": case_id,
        "seq": seq,
        "version": "1",
        "reference": f"ND-{case_id}",
        "queue": "emergency",
        "kind": "emergency_disclosure",
        "state": "open",
        "priority": "P1",
        "title": f"{TITLE} {case_id}",
        "request": {"narrative": f"{TITLE} and its narrative"},
        "received_at": "2026-11-24T09:00:00.000Z",
    } | members


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(wraps, "_SCRYPT_N", 2**4)
    key = keys.create_key(tmp_path, passphrase=PASSPHRASE)
    made = Ground(tmp_path, key=key)
    made.desk.cache.write(lambda tables: tables.meta.set("token", "no-token"))
    made.seed(*(case(f"c_{number}", number) for number in range(1, 8)))
    return made


@asynccontextmanager
async def locked(ground: Ground) -> AsyncGenerator[Hand]:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        await hand.press("g", "l")
        await hand.see("Nightdesk is locked")
        yield hand


async def unlock(hand: Hand, passphrase: str = PASSPHRASE) -> None:
    await hand.type(passphrase)
    await hand.press("enter")


async def test_a_lock_shows_nothing_and_opens_where_one_was(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        await hand.press("j", "j", "j")
        before = hand.app.screen.row.id  # type: ignore[attr-defined]
        await hand.see(f"ND-{before}")
        await hand.press("g", "l")
        await hand.see("Nightdesk is locked", "Passphrase")
        assert TITLE not in hand.text
        assert "ND-" not in hand.text
        await hand.type("c")  # a command on the desk, a letter here
        await unlock(hand, "")
        await hand.see("not the passphrase")
        assert ground.entries() == []
        await hand.until(lambda: "next try" not in hand.text, "the end of the wait")
        await unlock(hand)
        await hand.see(TITLE)
        await hand.until(lambda: hand.app.screen.row.id == before, "the case of before")  # type: ignore[attr-defined]


async def test_what_is_being_written_is_kept_and_comes_back(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        await hand.press("i")
        await hand.see("Write a note")
        await hand.type(WRITTEN)
        hand.app.lock("")
        await hand.see("Nightdesk is locked")
        assert [draft.kind for draft in ground.desk.drafts()] != []
        await unlock(hand)
        await hand.see("Write a note", WRITTEN)


async def test_a_form_for_many_is_not_opened_again_as_a_new_case(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        await hand.press("M", "i")
        await hand.see("Write a note: 7 cases")
        await hand.type(WRITTEN)
        hand.app.lock("")
        await hand.see("Nightdesk is locked")
        await unlock(hand)
        await hand.see(TITLE)
        await hand.pilot.pause(0.2)
        assert [type(screen).__name__ for screen in hand.app.screen_stack] == ["DeskScreen"]
        await hand.see("7 marked")
        await hand.press("i")
        await hand.see("Write a note: 7 cases", WRITTEN)


async def test_the_saved_views_are_forgotten_and_back_and_the_list_shows_its_own(
    ground: Ground,
) -> None:
    ground.desk.save_view(View(1, f"{WRITTEN} and more", f"{TITLE} sort:due"))
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        await hand.press("g", "1")
        await hand.see(f"1 {WRITTEN}")
        await hand.press("g", "0")
        await hand.see("7 now")
        hand.app.lock("")
        await hand.see("Nightdesk is locked")
        await hand.pilot.pause(0.3)
        assert alive(TITLE, WRITTEN) == []
        await unlock(hand)
        await hand.see("1 saved view", "7 now")
        await hand.press("q")
        await hand.see(f"7 cases 1 {WRITTEN}")


async def test_nothing_of_the_desk_is_alive_while_it_is_locked(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        await hand.press("/")
        await hand.type(SOUGHT)
        await hand.press("escape")
        await hand.press("i")
        await hand.see("Write a note")
        await hand.type(WRITTEN)
        await hand.see(WRITTEN)
        assert alive(TITLE, WRITTEN), "else this finds nothing wherever it looks"
        hand.app.lock("")
        await hand.see("Nightdesk is locked")
        await hand.pilot.pause(0.3)
        assert alive(TITLE, WRITTEN, SOUGHT) == []


async def test_alarms_ring_without_a_word_and_the_sync_goes_on(ground: Ground) -> None:
    async with locked(ground) as hand:
        ground.put(case("c_9", 99, priority="P0"))
        hand.news(ConnectionChanged(online=True, since=datetime.now(UTC), why=None))
        await hand.see("alarm")
        assert TITLE not in hand.text
        assert "c_9" not in hand.text
        await unlock(hand)
        await hand.see("P0")


async def test_a_pasted_passphrase_is_taken_and_not_sent_off(ground: Ground) -> None:
    async with locked(ground) as hand:
        hand.feed(f"\x1b[200~{PASSPHRASE}\n\x1b[201~")
        await hand.see("••••")
        assert "is locked" in hand.text
        await hand.press("enter")
        await hand.see(TITLE)


async def test_it_locks_and_seals_by_itself(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        began = hand.app.clock()

        async def after(seconds: float) -> None:
            hand.app.clock = lambda: began + seconds
            # The test moved the clock; the machine did not sleep.
            hand.app._asleep = hand.app.clock() - time.monotonic()
            hand.app.look_at_the_clock()
            await hand.pilot.pause()

        await after(290)
        assert not hand.app.locked
        await after(301)
        await hand.see("Nightdesk is locked", "No key was pressed for 5 min")
        await after(3601)
        await hand.see("Nightdesk is sealed", "No key was pressed for 60 min")


async def test_sealed_the_key_is_gone_until_the_passphrase_comes(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        cache = ground.desk.cache
        await hand.press(":")
        await hand.type("seal")
        await hand.press("enter")
        await hand.see("Nightdesk is sealed")
        await hand.until(lambda: bytes(cache._key) == bytes(32), "the wiped key")
        assert hand.app._syncing is None
        await unlock(hand)
        await hand.see(TITLE)
        assert hand.app.desk.cache is not cache
        ground.desk = hand.app.desk


async def test_a_machine_that_slept_finds_it_sealed(ground: Ground) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        now = hand.app.clock()
        hand.app.clock = lambda: now + 60
        hand.app._last_touch = now + 59
        hand.app.look_at_the_clock()
        await hand.see("Nightdesk is sealed", "The machine slept")


async def test_sealed_before_it_had_begun_it_delivers_nothing_until_it_is_opened(
    ground: Ground,
) -> None:
    async with at_the_desk(ground) as hand:
        hand.app.lock("", seal=True)
        await hand.see("Nightdesk is sealed")
        await hand.until(lambda: bytes(ground.desk.cache._key) == bytes(32), "the wiped key")
        hand.app._begin()  # which waits for a first frame that may come late
        assert hand.app._syncing is None
        await unlock(hand)
        await hand.see(TITLE)
        await hand.until(lambda: hand.app._syncing is not None, "the sync")
        ground.desk = hand.app.desk


async def test_what_was_still_being_read_for_a_sealed_console_ends_without_a_word(
    ground: Ground,
) -> None:
    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        cache = ground.desk.cache
        hand.app.lock("", seal=True)
        await hand.see("Nightdesk is sealed")
        await hand.until(lambda: bytes(cache._key) == bytes(32), "the wiped key")
        hand.app.beside(hand.app.recall())
        await hand.app.workers.wait_for_complete()
        await unlock(hand)
        await hand.see(TITLE)
        ground.desk = hand.app.desk


async def test_a_disk_that_fails_what_nobody_asked_for_is_told_and_ends_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_prompt: str) -> list[str]:
        raise DiskTrouble("The disk gave an error.")

    async with at_the_desk(ground) as hand:
        await hand.see(TITLE)
        monkeypatch.setattr(ground.desk, "remembered", fails)
        hand.app.beside(hand.app.recall())
        await hand.see("The disk gave an error.", TITLE)
