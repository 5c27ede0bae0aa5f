"""A place in memory that is one test's own: what others keep in theirs is not taken for it."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

SHARED = Path("/dev/shm")


@contextmanager
def place() -> Generator[Path]:
    """Make a folder that is memory, to be a console's XDG_RUNTIME_DIR."""
    with tempfile.TemporaryDirectory(prefix="nightdesk-test-", dir=SHARED) as made:
        yield Path(made)


def folders(memory: Path) -> list[Path]:
    """Return what consoles keep there just now."""
    return [path for path in memory.glob(f"nightdesk-{os.geteuid()}/*") if path.is_dir()]
