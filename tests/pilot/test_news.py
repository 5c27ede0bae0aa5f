"""News that comes in a rush: the list follows, and is not read for each of them."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from console.screens import queue_list
from console.sync import CasesChanged
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

CHANGES = 60


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.desk.close()


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each reading of the list."""
    counted: list[int] = []
    read_list = queue_list.read_list

    def counting(*given: Any, **more: Any) -> Any:
        counted.append(1)
        return read_list(*given, **more)

    monkeypatch.setattr(queue_list, "read_list", counting)
    return counted


async def change(ground: Ground, hand: Hand, number: int) -> None:
    ground.put(wire_case(title=f"change {number}", seq=10 + number, version=f"v{number}"))
    hand.app._heard(CasesChanged(frozenset({"c_1"})))
    await hand.pilot.pause()


async def test_one_piece_of_news_is_read_at_once_and_a_rush_waits_its_turn(
    ground: Ground, readings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_list, "RELOAD_PAUSE", 3600.0)
    ground.seed(wire_case(title="as it was"))
    async with at_the_desk(ground) as hand:
        await hand.see("as it was")
        readings.clear()
        for number in range(CHANGES):
            await change(ground, hand, number)
        assert len(readings) <= 1


async def test_the_last_of_a_rush_is_shown(ground: Ground) -> None:
    ground.seed(wire_case(title="as it was"))
    async with at_the_desk(ground) as hand:
        await hand.see("as it was")
        for number in range(CHANGES):
            await change(ground, hand, number)
        await hand.see(f"change {CHANGES - 1}")
