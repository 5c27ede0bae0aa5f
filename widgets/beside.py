"""Work that runs beside the keys, on a screen or on the application."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker

Work = Coroutine[Any, Any, object]


def beside(
    node: DOMNode, run: Callable[[Work], Coroutine[Any, Any, None]], work: Work
) -> Worker[None]:
    """Have `run` await a piece of work for as long as its node is there.

    A node may be taken away before its work began, by a lock for one; Textual then forgets the
    work, and Python warns of a coroutine that nobody awaited. Closed, it is over.
    """
    worker = node.run_worker(partial(run, work))
    task: asyncio.Task[None] = getattr(worker, "_task")  # noqa: B009 - Textual's own
    task.add_done_callback(lambda _: work.close())
    return worker
