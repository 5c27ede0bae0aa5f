"""Cases read ahead: there at once, and never as they were before news came."""

import asyncio
from typing import Any

from console.errors import NotFound
from console.screens.case_ahead import KEPT, CasesAhead


class Disk:
    """Reads as slowly as a test wants."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.slow = asyncio.Event()
        self.slow.set()

    async def __call__(self, case_id: str) -> Any:
        self.read.append(case_id)
        await self.slow.wait()
        if case_id == "gone":
            raise NotFound("gone")
        return f"{case_id} as read {len(self.read)}"


async def test_what_was_read_is_there_and_not_read_again() -> None:
    disk = Disk()
    ahead = CasesAhead(disk)
    await ahead.fetch(["a", "gone", "b"])
    await ahead.fetch(["b", "a"])
    assert disk.read == ["a", "gone", "b"]
    assert (ahead.get("a"), ahead.get("gone")) == ("a as read 1", None)


async def test_news_is_not_overtaken_by_what_was_being_read() -> None:
    disk = Disk()
    ahead = CasesAhead(disk)
    disk.slow.clear()
    fetching = asyncio.ensure_future(ahead.fetch(["a", "b"]))
    await asyncio.sleep(0)
    ahead.forget(["a"])
    disk.slow.set()
    await fetching
    assert ahead.get("a") is None
    assert ahead.get("b") is not None
    ahead.forget()
    assert ahead.get("b") is None


async def test_when_the_cursor_goes_on_the_rest_is_not_read() -> None:
    disk = Disk()
    ahead = CasesAhead(disk)
    disk.slow.clear()
    first = asyncio.ensure_future(ahead.fetch(["a", "b"]))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(ahead.fetch(["c"]))
    await asyncio.sleep(0)
    disk.slow.set()
    await asyncio.gather(first, second)
    assert disk.read == ["a", "c"]


async def test_a_few_are_kept() -> None:
    ahead = CasesAhead(Disk())
    ids = [str(number) for number in range(KEPT + 3)]
    await ahead.fetch(ids)
    assert [case_id for case_id in ids if ahead.get(case_id)] == ids[3:]
