"""What this process owes to what it holds: no core dump, no other process that reads its memory.

Whatever file it makes is its owner's alone, and what is locked away is not remembered.
"""

import contextlib
import functools
import gc
import os
import resource
import sys
from typing import Any, Final, cast

_CACHE: Final = type(functools.lru_cache(lambda: None))
_CACHING: Final = ("textual", "rich", "widgets", "keymaps", "console", "local_cache", "httpx", "re")
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


def forget_words() -> None:
    """Empty every cache of a function that may hold text of a case; collect what nobody holds.

    They are found among all living objects, so that one that a later version adds is found, too.
    """
    gc.unfreeze()
    gc.collect()
    for each in gc.get_objects():
        if type(each) is _CACHE:
            cache = cast("Any", each)
            if str(cache.__module__).partition(".")[0] in _CACHING:
                cache.cache_clear()
    gc.collect()
