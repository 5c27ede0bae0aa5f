"""What this process owes to what it holds: no core dump, no other process that reads its memory.

And whatever file it makes is its owner's alone.
"""

import contextlib
import os
import resource
import sys
from typing import Final

_SET_DUMPABLE: Final = 4  # PR_SET_DUMPABLE of Linux, see prctl(2)


def close_to_others() -> None:
    """Let the system write no core dump, and our files be ours alone; call it first."""
    os.umask(0o077)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def close_memory() -> None:
    """Let no other process of this person read our memory or attach to us, where Linux can tell it.

    Not before the first paint: what it takes to ask is not needed for that.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
