"""Forgetting what was shown: the caches of Textual hold text after its widgets.

They are found among all living objects, so that one that a later version adds is found, too.
"""

import gc
from collections.abc import Iterable
from typing import Any, Final, cast

from textual.cache import FIFOCache, LRUCache
from textual.screen import Screen
from textual.widget import Widget

from widgets.shown import Shown

_PAINTED: Final = ("_render_cache", "_styles_cache")


def emptied(nodes: Iterable[Widget]) -> None:
    """Take everything out of widgets that were removed but what any widget has.

    Textual lets go of a screen late: contexts of tasks and timers name it for as long as they run.
    """
    blank = vars(Widget())
    plain = frozenset(blank) | frozenset(vars(Screen[Any]()))
    for node in nodes:
        for name in vars(node).keys() - plain:
            delattr(node, name)
        vars(node).update({name: blank[name] for name in _PAINTED})


def forget() -> None:
    """Empty what remembers what was on the screen: Textual's own caches, and `Shown`.

    Those of functions, and what nobody holds any more, are for `console.process.forget_words`.
    """
    gc.unfreeze()
    for each in gc.get_objects():
        if issubclass(cast("type[object]", type(each)), (LRUCache, FIFOCache, Shown)):
            each.clear()
