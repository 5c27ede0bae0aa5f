"""Minutes of a monkey at the keyboard: a fixed number of things done, a seed for each keymap."""

import pytest

from tests.pilot.monkey import game

THINGS = 150


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_whatever_is_pressed_all_that_must_hold_holds(seed: int) -> None:
    assert game(seed, THINGS).done == THINGS
