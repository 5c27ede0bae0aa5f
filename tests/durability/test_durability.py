"""Killed, cut off, on a failing disk and through a broken network: nothing lost, nothing twice.

At the size of a test run; `make torture` is the same in full. Beside the promises stands what
breaks them, so that it is seen that the harness would tell: the negative controls.
"""

from pathlib import Path

import pytest

from tests.durability import disk, runs

needs_disk = pytest.mark.skipif(disk.compiler() is None, reason=disk.WHY_NOT)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return disk.compiled(tmp_path_factory.mktemp("disk"))


def test_nothing_acknowledged_is_lost_by_300_kills(tmp_path: Path) -> None:
    told = runs.kills(tmp_path, 300, seed=7)
    assert told["broken"] == []
    assert told["acknowledged"] > 300  # else it was killed too early to promise anything


@needs_disk
def test_nothing_acknowledged_is_lost_by_500_power_cuts(tmp_path: Path, library: Path) -> None:
    for checkpoint, count in ((20, 350), (1000, 150)):
        told = runs.cuts(tmp_path, library, count, seed=11, checkpoint=checkpoint)
        assert told["broken"] == []
        assert told["acknowledged"] > count


@needs_disk
def test_the_cuts_would_tell_of_a_cache_that_does_not_sync_what_it_acknowledges(
    tmp_path: Path, library: Path
) -> None:
    told = runs.cuts(tmp_path, library, 60, seed=11, synchronous="NORMAL", checkpoint=1000)
    assert told["lost"] > 10


@needs_disk
def test_a_failing_and_a_full_disk_are_told_and_leave_nothing_half_there(
    tmp_path: Path, library: Path
) -> None:
    told = runs.failures(tmp_path, library, stride=23)
    assert told["broken"] == []
    assert told["told"] > 20


def test_200_actions_through_a_broken_network_are_applied_once_and_in_order(
    tmp_path: Path,
) -> None:
    told, faults = runs.deliveries(tmp_path, 200, kills=12, seed=5)
    assert (told["lost"], told["twice"], told["out_of_order"]) == ([], [], [])
    assert told["states"] == {"accepted": 200}
    assert told["kills"] > 3
    assert told["chain"]
    assert sum(faults.values()) - faults["as it is"] > 150


def test_the_network_would_tell_of_a_client_without_keys(tmp_path: Path) -> None:
    told, _ = runs.deliveries(tmp_path, 40, kills=0, seed=5, keys=False)
    assert told["twice"] != []
