"""One practice desk a module, and hands for its people."""

from collections.abc import Callable, Iterator

import pytest

from tests.contract.hand import Hand
from tests.servers import PracticeServer, running


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with running(cases=60, seed=7) as server:
        yield server


@pytest.fixture
def hand(server: PracticeServer) -> Iterator[Callable[[str], Hand]]:
    hands: list[Hand] = []

    def of(who: str = "sp_1") -> Hand:
        hands.append(Hand(server, who))
        return hands[-1]

    yield of
    for one in hands:
        one.close()


@pytest.fixture
def me(hand: Callable[[str], Hand]) -> Hand:
    return hand("sp_1")
