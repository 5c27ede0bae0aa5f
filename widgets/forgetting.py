"""Forgetting what was shown: the caches of Textual, rich and our own hold text after its widgets.

They are found among all living objects, so that one that a later version adds is found, too.
"""

import functools
import gc
from collections.abc import Iterable
from typing import Any, Final, cast

from textual.cache import FIFOCache, LRUCache
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget, _RenderCache

_WRAPPER: Final = type(functools.lru_cache(lambda: None))
_OURS: Final = ("textual", "rich", "widgets", "keymaps", "console", "local_cache", "httpx", "re")


def emptied(nodes: Iterable[Widget]) -> None:
    """Take everything out of widgets that were removed but what any widget has.

    Textual lets go of a screen late: contexts of tasks and timers name it for as long as they run.
    """
    plain = frozenset(vars(Widget())) | frozenset(vars(Screen[Any]()))
    for node in nodes:
        for name in vars(node).keys() - plain:
            delattr(node, name)
        node._render_cache = _RenderCache(Size(), [])
        node._styles_cache.clear()


def forget() -> None:
    """Empty every cache that may hold what was on the screen, and collect what nobody holds."""
    gc.unfreeze()
    gc.collect()
    for each in cast("list[Any]", gc.get_objects()):
        kind: type = type(each)
        if kind is _WRAPPER:
            house = str(getattr(each, "__module__", "")).partition(".")[0]
            if house in _OURS:
                each.cache_clear()
        elif issubclass(kind, (LRUCache, FIFOCache)):
            each.clear()
    gc.collect()
