"""A disk that takes nothing for a while: the person hears of it, and nothing written is lost."""

from collections.abc import Generator
from pathlib import Path

import pytest

from console.screens import keeping
from console.screens.form import FormScreen
from local_cache.drafts import Drafts
from local_cache.errors import DiskTrouble
from tests.casework_ground import wire_case
from tests.pilot.ground import Ground, at_the_desk


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    made.seed(wire_case(title="A synthetic case"))
    yield made
    made.desk.close()


async def test_what_is_written_is_kept_as_soon_as_the_disk_takes_it(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    save = Drafts.save

    def full(self: Drafts, draft: object) -> None:
        nonlocal tries
        tries += 1
        raise DiskTrouble("The disk is full: this was not kept.")

    monkeypatch.setattr(keeping, "TRY_AGAIN", 0.02)
    monkeypatch.setattr(Drafts, "save", full)
    async with at_the_desk(ground) as hand:
        await hand.see("A synthetic case")
        await hand.press("i")
        await hand.until(lambda: isinstance(hand.app.screen, FormScreen), "the form")
        await hand.see("Write a note")
        await hand.type("a thought")
        await hand.see("The disk is full")
        await hand.press("escape")
        await hand.until(lambda: tries > 3, "more tries")
        assert isinstance(hand.app.screen, FormScreen), "it was left with what nobody kept"
        await hand.see("a thought")
        monkeypatch.setattr(Drafts, "save", save)
        await hand.until(lambda: bool(ground.desk.drafts()), "the draft on the disk")
        await hand.see("a thought")
    (draft,) = ground.desk.drafts()
    assert draft.content == {"values": {"/body": "a thought"}}
