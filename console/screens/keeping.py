"""Forms whose answers are kept as a draft while they are filled in, until they are recorded."""

import asyncio
from collections.abc import Callable

from textual.timer import Timer

from console.commands import keys_for
from console.screens.asking import Asking
from local_cache.drafts import Draft

KEEP_AFTER = 0.5
"""Seconds without a key after which what is filled in is kept as a draft."""
TRY_AGAIN = 5.0
"""Seconds after which it is tried again, where the disk did not take it."""


class Keeping(Asking):
    """What is filled in survives leaving, a lost terminal and a crash; recording uses it up."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = True
        """Whether what is filled in is on the disk, or there is nothing to keep."""
        self.saving = asyncio.Lock()
        """Held while a draft is written or used up."""
        self._soons: dict[str, Timer] = {}

    def as_draft(self) -> Draft:
        """Return what is filled in, as it is kept."""
        raise NotImplementedError

    def soon(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        """Do something once no key came for so long."""
        if name in self._soons:
            self._soons[name].stop()
        self._soons[name] = self.set_timer(seconds, work)

    def keep_soon(self) -> None:
        """Keep what is filled in once the hand rests."""
        self.kept = False
        self.soon("keep", KEEP_AFTER, lambda: self.later(self.keep()))

    async def keep(self) -> None:
        """Keep what is filled in; where the disk does not take it, it is tried until it does."""
        async with self.saving:
            if self.kept:
                return
            draft = self.as_draft()
            self.kept = True
            try:
                await self.host.off_loop(lambda: self.desk.save_draft(draft))
            except BaseException:
                self.kept = False
                self.soon("keep", TRY_AGAIN, lambda: self.later(self.keep()))
                raise

    def save(self) -> None:
        """Keep what is filled in; called before the screen or the program ends."""
        if not self.kept:
            self.desk.save_draft(self.as_draft())
            self.kept = True

    async def drop(self, draft_id: str) -> None:
        """Throw the draft away."""
        async with self.saving:
            await self.host.off_loop(lambda: self.desk.drop_draft(draft_id))

    @staticmethod
    def discard_key() -> str:
        """Return the key that discards what is filled in, and brings it back."""
        return keys_for("form.discard")

    def do_form_cancel(self, _count: int | None) -> None:
        """Leave; what was filled in is kept as a draft."""
        self.later(self._leave())

    async def goes_back(self) -> bool:
        """Leave; what was filled in is kept as a draft."""
        self.later(self._leave())
        return False

    async def _leave(self) -> None:
        await self.keep()
        self.dismiss(None)
