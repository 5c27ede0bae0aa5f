"""`make screenshot`: the picture in the README, taken from the running program."""

import asyncio
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from console.desk import Desk
from console.profiles.home import Profile
from console.sources.escalations import EscalationsSource
from local_cache.cache import Cache
from tests.pilot.driver import console
from tests.servers import PracticeServer, running

SIZE = (132, 36)
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Textual's pictures fetch a font from elsewhere; ours fetch nothing."""


async def drawn(server: PracticeServer, folder: Path) -> str:
    """Sync the practice desk, claim a case by keys, and return what the screen shows."""
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
        picture = hand.app.export_screenshot(title="Nightdesk", simplify=True)
    desk.close()
    return _FONTS.sub("", picture).replace("Fira Code", "monospace")


def main() -> None:
    """Take the picture."""
    with running(cases=60, seed=1) as server, tempfile.TemporaryDirectory() as folder:
        Path(sys.argv[1]).write_text(asyncio.run(drawn(server, Path(folder))))


if __name__ == "__main__":
    main()
