"""The one thread that writes to the cache: short transactions, a person's before the sync's."""

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, Generic, TypeVar, cast

from msgspec import Struct
from sqlcipher3 import dbapi2

from local_cache.errors import CacheClosed, CacheError, translate

T = TypeVar("T")
Context = TypeVar("Context")

_URGENT: Final = 0
_LATER: Final = 1
_LAST: Final = 2


class _Job(Struct, Generic[Context], order=True):
    # No two have the same number: in order of priority, and of that in which they came.
    priority: int
    number: int
    work: Callable[[Context], Any] | None
    result: "Future[Any]"


class Writer(Generic[Context]):
    """Runs pieces of work one by one, each in one `BEGIN IMMEDIATE` that commits or leaves nothing.

    `context` is what a piece of work is given; it must work on `connection`, which belongs to the
    writer from now on and is closed by it.
    """

    def __init__(self, connection: dbapi2.Connection, context: Context) -> None:
        self._connection = connection
        self._context = context
        self._numbers = itertools.count()
        self._jobs: queue.PriorityQueue[_Job[Context]] = queue.PriorityQueue()
        self._closing = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="cache-writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Context], T], *, urgent: bool) -> T:
        """Run `work` and return what it returns, after COMMIT; its exception rolls back.

        Raises:
            CacheClosed: it was not begun.
            DiskTrouble, Busy, Damaged: nothing of it was kept.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a transaction cannot begin another: use the tables it was given")
        result: Future[Any] = Future()
        self._put(_URGENT if urgent else _LATER, work, result)
        return cast("T", result.result())

    def close(self, timeout: float) -> bool:
        """Finish what was asked for, flush, end the thread; False where it did not end in time."""
        with self._gate:
            first, self._closing = not self._closing, True
        if first:
            self._jobs.put(_Job(_LAST, next(self._numbers), None, Future()))
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _put(self, priority: int, work: Callable[[Context], Any], result: "Future[Any]") -> None:
        with self._gate:  # nothing may come behind the last job
            if self._closing:
                raise CacheClosed("The cache is closed; this was not written.")
            self._jobs.put(_Job(priority, next(self._numbers), work, result))

    def _run(self) -> None:
        while (job := self._jobs.get()).work is not None:
            try:
                value = self._transact(job.work)
            except BaseException as error:  # noqa: BLE001 - it is the caller's, in the caller's thread
                job.result.set_exception(error)
            else:
                job.result.set_result(value)
            del job  # what a transaction held must not live until the next one
        self._flush()

    def _transact(self, work: Callable[[Context], T]) -> T:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            value = work(self._context)
            self._connection.execute("COMMIT")
        except dbapi2.Error as error:
            self._roll_back()
            known = translate(error)
            if known is None:
                raise
            raise known from None
        except BaseException:
            self._roll_back()
            raise
        return value

    def _roll_back(self) -> None:
        if not self._connection.in_transaction:
            return  # SQLite did it itself, as it does after some I/O errors
        try:
            self._connection.execute("ROLLBACK")
        except dbapi2.Error as error:
            raise (translate(error) or CacheError("A change could not be taken back.")) from None

    def _flush(self) -> None:
        try:
            # What is committed is durable in the WAL already: a checkpoint that has to wait is
            # left to the next process, rather than keeping anybody from quitting.
            self._connection.execute("PRAGMA busy_timeout = 200")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except dbapi2.Error as error:
            if translate(error) is None:
                raise
        finally:
            self._connection.close()
