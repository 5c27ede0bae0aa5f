"""`make screenshot`: the picture in the README, taken from the running program on the practice desk."""

import asyncio
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from console.desk import Desk
from console.profiles import Profile
from console.sources.escalations import EscalationsSource
from local_cache.cache import Cache
from tests.pilot.driver import console
from tests.servers import PracticeServer, running

SIZE = (132, 36)
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Textual's pictures fetch a font from elsewhere; ours fetch nothing."""


async def take(server: PracticeServer, folder: Path, picture: Path) -> None:
    """Sync the practice desk, go to its first case by keys, and save what the screen shows."""
    profile = Profile(
        name="practice",
        origin=server.url,
        source="escalations",
        specialist_id="sp_1",
        created_at=datetime.now(UTC),
    )
    cache = Cache.open(folder / "cache.db", bytes(range(32)))
    desk = Desk(profile, cache, lambda: EscalationsSource(server.url, server.token))
    desk.sync_once()
    async with console(desk, SIZE) as hand:
        await hand.sees("● online", "Requester")
        await hand.press("j", "j", "c")
        await hand.sees("claimed by sp_1")
        drawn = hand.app.export_screenshot(title="Nightdesk", simplify=True)
        picture.write_text(_FONTS.sub("", drawn).replace("Fira Code", "monospace"))
    desk.close()


def main() -> None:
    """Take the picture."""
    with running(cases=60, seed=1) as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(server, Path(folder), Path(sys.argv[1])))


if __name__ == "__main__":
    main()
