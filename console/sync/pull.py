"""News from the source into the cache: the change feed, page by page, each with its cursor."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from console.sources.base import Change, CursorExpired, Page, Unreachable
from console.sync.events import CasesChanged, LoadProgressed, PolicyChanged, RegisterChanged
from console.sync.ground import CURSOR, LAST_SPOKEN, Ground
from console.sync.link import Link
from local_cache.cache import Tables
from local_cache.cases import Incoming

PAGE: Final = 1000
_BATCH: Final = 250  # documents in one transaction: a person's own waits no longer than one
_MOST_NAMED: Final = 200
_MOST_EMPTY: Final = 100
_NOTE_CONTACT_AFTER_MS: Final = 60_000
_UNSAVED_FOR_MS: Final = 3_600_000  # a file may be attached before its draft is saved
_FORGET_AFTER: Final = timedelta(minutes=10)


class _Overtaken(Exception):
    """Another process moved the cursor on: it pulls, so this one need not."""


class _Place(Struct, frozen=True):
    """Where in the feed we are, and the full load that this belongs to."""

    cursor: str | None
    load: int | None


class Pull:
    """Reads the feed to its end. A crash at any point costs at most the page being read."""

    def __init__(self, ground: Ground, link: Link) -> None:
        self._ground = ground
        self._link = link
        self._forgot: datetime | None = None
        self.read = 0
        """Changes read since this was made."""
        self.skipped = 0
        """Entries of the feed that could not even be placed, in the last pull."""

    def run(self, *, full: bool = False, alone: bool = True) -> None:
        """Read what is new, or with `full` everything.

        Without `alone`, another process works on this profile: a full load, also one under way,
        is left to it.

        Raises:
            SourceError: what was read before is kept, and the next pull goes on there.
        """
        self.skipped = 0
        before = self.read
        place = self._start(full=full) if alone else self._present()
        if place is None:
            return
        try:
            self._read(place)
        except _Overtaken:
            return
        self._forget(anew=self.read > before)

    def _start(self, *, full: bool) -> _Place:
        if not full:
            with self._ground.cache.read() as tables:
                cursor, load = tables.meta.get(CURSOR), tables.cases.load_in_progress()
            if cursor is not None or load is not None:
                return _Place(cursor, load)  # also in a full load that a crash cut off
        return self._ground.cache.write(_begin_anew, urgent=False)

    def _present(self) -> _Place | None:
        with self._ground.cache.read() as tables:
            cursor = tables.meta.get(CURSOR)
            if cursor is None or tables.cases.load_in_progress() is not None:
                return None
            return _Place(cursor, None)

    def _read(self, place: _Place) -> None:
        loaded, empty, begun_anew = 0, 0, False
        while True:
            try:
                page = self._ground.source.changes(place.cursor, limit=PAGE)
            except CursorExpired as expired:
                if begun_anew or place.cursor is None:
                    raise Unreachable(
                        "The change feed cannot be read to its end: the server keeps asking for "
                        "it from the start. What is here stays."
                    ) from expired
                begun_anew = True
                place = self._ground.cache.write(_begin_anew, urgent=False)
                continue
            self._link.feed_goes_on()
            empty = 0 if page.changes else empty + 1
            if page.more and (page.next == place.cursor or empty > _MOST_EMPTY):
                raise Unreachable(
                    "The change feed is stuck: the server promises more and does not move on. "
                    "What is here stays, and deliveries go on."
                )
            self._keep(page, place)
            self.read += len(page.changes)
            loaded += len(page.changes)
            self.skipped += page.skipped + sum(map(_unread, page.changes))
            if place.load is not None:
                self._ground.on_event(LoadProgressed(loaded, None if page.more else loaded))
            if not page.more:
                return
            place = _Place(page.next, place.load)

    # --- Keeping ---

    def _keep(self, page: Page, place: _Place) -> None:
        """Keep a page, in short transactions, the cursor in the last of them."""
        batches = [page.changes[at : at + _BATCH] for at in range(0, len(page.changes), _BATCH)]
        last = batches.pop() if batches else ()
        for batch in batches:
            self._ground.cache.write(
                lambda tables, b=batch: _apply(tables, b, place.load), urgent=False
            )
        finished = place.load is not None and not page.more

        def finish(tables: Tables) -> int:
            if tables.meta.get(CURSOR) != place.cursor:
                raise _Overtaken
            _apply(tables, last, place.load)
            tables.meta.set(CURSOR, page.next)
            self._ground.note_contact(tables)
            return tables.cases.finish_load(place.load) if finished and place.load else 0

        dropped = 0
        if page.changes or finished or page.next != place.cursor or self._contact_is_old():
            dropped = self._ground.cache.write(finish, urgent=False)
        self._tell(page.changes, dropped)

    def _contact_is_old(self) -> bool:
        with self._ground.cache.read() as tables:
            noted = int(tables.meta.get(LAST_SPOKEN) or 0)
        return self._ground.now_ms() - noted >= _NOTE_CONTACT_AFTER_MS

    def _tell(self, changes: Sequence[Change], dropped: int) -> None:
        cases = frozenset(change.id for change in changes if change.kind == "case")
        if cases or dropped:
            few = not dropped and len(cases) <= _MOST_NAMED
            self._ground.on_event(CasesChanged(cases if few else None))
        for change in changes:
            if change.policy is not None:
                self._ground.on_event(PolicyChanged(change.policy.version))
        if any(change.kind in ("queue", "template", "requester") for change in changes):
            self._ground.on_event(RegisterChanged())

    def _forget(self, *, anew: bool) -> None:
        """Let closed cases go that the policy keeps no longer, and files that nothing refers to."""
        now = self._ground.now()
        if not anew and self._forgot is not None and now - self._forgot < _FORGET_AFTER:
            return
        self._forgot = now

        def forget(tables: Tables) -> int:
            policy = tables.policies.current()
            keep = None if policy is None else policy.retention.closed_cases
            forgotten = 0 if keep is None else tables.cases.forget_closed(now - keep)
            tables.blobs.sweep(self._ground.now_ms() - _UNSAVED_FOR_MS)
            return forgotten

        if self._ground.cache.write(forget, urgent=False):
            self._ground.on_event(CasesChanged(None))


def _begin_anew(tables: Tables) -> _Place:
    tables.meta.delete(CURSOR)
    return _Place(None, tables.cases.begin_load())


def _apply(tables: Tables, changes: Sequence[Change], load: int | None) -> None:
    tables.cases.put(
        (
            Incoming(found.id, found.seq, found.version, found.raw, found.case)
            for change in changes
            if (found := change.document) is not None
        ),
        load=load,
    )
    # After the puts, whatever their order: both mind the seq, so the newer one holds.
    for change in changes:
        if change.kind == "case" and change.op == "delete":
            tables.cases.delete(change.id, change.seq)
        elif change.kind != "case":
            _apply_other(tables, change)


def _unread(change: Change) -> bool:
    """Tell whether what stands around the cases came and could not be read."""
    kept = (change.policy, change.queue, change.template, change.requester)
    return change.kind != "case" and change.op == "put" and not any(kept)


def _apply_other(tables: Tables, change: Change) -> None:
    """Keep what stands around the cases; one that could not be read leaves the last one in use."""
    if change.policy is not None:
        tables.policies.put(change.policy)
    elif change.queue is not None:
        tables.queues.put(change.queue)
    elif change.template is not None:
        tables.templates.put(change.template)
    elif change.requester is not None:
        tables.requesters.put(change.requester)
    elif change.op == "delete" and change.kind == "queue":
        tables.queues.delete(change.id)
    elif change.op == "delete" and change.kind == "template":
        tables.templates.delete(change.id)
    elif change.op == "delete" and change.kind == "requester":
        tables.requesters.delete(change.id)
