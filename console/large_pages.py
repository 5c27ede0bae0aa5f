"""Linux: lays the memory of this process into large pages, of 2 MB for 4 KB.

A key goes through hundreds of small objects all over the memory. After a pause, in which other
programs ran, the processor has forgotten where each of these pages lies, and looks it up again:
most of the time that a key takes, and in a virtual machine more than elsewhere. Some dozen large
pages it finds again at once. Where the system has none, nothing is lost but speed.
"""

import ctypes
import mmap
import re
from pathlib import Path
from typing import Final

LARGE: Final = 1 << 21
_MOSTLY: Final = 3 / 4
"""How much of a large page has to be in use already: what is not is used up for nothing."""
_ADVISE_LARGE: Final = 14  # MADV_HUGEPAGE, see madvise(2)
_COLLAPSE: Final = 25  # MADV_COLLAPSE, since Linux 6.1
_MEMORY: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p [0-9a-f]+ [0-9a-f:]+ 0 *(?:\[heap\])?\n")
"""What no file stands behind, in /proc/self/maps; see proc_pid_maps(5)."""


def use_large_pages() -> int:
    """Lay what is in use by now into large pages, where there are; return how many there are."""
    try:
        maps = Path("/proc/self/maps").read_text("ascii", "replace")
        system = ctypes.CDLL(None)
        advise, in_memory = system.madvise, system.mincore
    except (OSError, AttributeError):
        return 0
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    in_memory.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
    resident = ctypes.create_string_buffer(LARGE // mmap.PAGESIZE)
    pages = 0
    for found in _MEMORY.finditer(maps):
        begin, end = (int(each, 16) for each in found.groups())
        for at in range(-(-begin // LARGE) * LARGE, end - LARGE + 1, LARGE):
            if in_memory(at, LARGE, resident) != 0:
                continue  # it is gone by now
            if bytes(resident).count(b"\1") >= _MOSTLY * len(resident):
                advise(at, LARGE, _ADVISE_LARGE)
                pages += advise(at, LARGE, _COLLAPSE) == 0
    return pages
