"""What the practice desk holds: documents by kind, action records, answers given, files.

All of it is in memory, as encoded bytes, so that 100,000 cases stay small and a feed page is a
concatenation. A `Unit` is everything that one request changes: it goes to the journal first, where
there is one, and only then becomes true in memory. So an answer is never ahead of the disk.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(slots=True)
class Held:
    """A document as it stands, with what the desk must know of it without decoding."""

    seq: int
    version: str
    doc: bytes | None
    """None once deleted."""
    queue: str = ""
    open: bool = False
    due: float | None = None
    """The earliest due time of a clock that runs, in seconds since the epoch."""
    received: float = 0.0
    was_public: bool = False
    """Whether everybody could see it once: then its disappearance is told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A 201 as it was given, kept for its idempotency key."""

    fingerprint: str
    """SHA-256 of method, path and body."""
    body: bytes
    etag: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where the bytes of an attachment are, and what may keep them from being fetched."""

    case_id: str
    sha256: str
    media_type: str
    category: str | None


@dataclass(slots=True)
class Unit:
    """All that one request, or one tick, changes."""

    documents: list[tuple[str, str, Held]] = field(default_factory=list[tuple[str, str, Held]])
    records: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    answers: list[tuple[str, str, Answer]] = field(default_factory=list[tuple[str, str, Answer]])
    files: list[tuple[str, StoredFile]] = field(default_factory=list[tuple[str, StoredFile]])
    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])
    meta: dict[str, str] = field(default_factory=dict[str, str])


class Journal(Protocol):
    """Where units are kept beyond the process."""

    def write(self, unit: Unit) -> None:
        """Make a unit durable, whole or not at all."""
        ...

    def read(self) -> Unit:
        """Return everything that was ever written, as one unit."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Feed:
    """The order of changes: which document changed at which `seq`, only its newest counting."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._keys: list[tuple[str, str]] = []

    def append(self, seq: int, kind: str, document_id: str) -> None:
        """Note a change; `seq` must be higher than any before."""
        self._seqs.append(seq)
        self._keys.append((kind, document_id))

    def after(self, seq: int) -> Iterator[tuple[int, str, str]]:
        """Yield the changes after `seq`, superseded ones too."""
        start = bisect_right(self._seqs, seq)
        for place in range(start, len(self._seqs)):
            kind, document_id = self._keys[place]
            yield self._seqs[place], kind, document_id

    def __len__(self) -> int:
        return len(self._seqs)

    def keep_only(self, live: "dict[str, dict[str, Held]]") -> None:
        """Drop superseded entries."""
        kept = [
            (seq, key)
            for seq, key in zip(self._seqs, self._keys, strict=True)
            if live[key[0]][key[1]].seq == seq
        ]
        self._seqs = [seq for seq, _ in kept]
        self._keys = [key for _, key in kept]


KINDS = ("policy", "queue", "template", "requester", "case")


class Store:
    """The desk's memory. Only `commit` changes it."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self.documents: dict[str, dict[str, Held]] = {kind: {} for kind in KINDS}
        self.feed = Feed()
        self.records: dict[str, list[bytes]] = {}
        self.answers: dict[tuple[str, str], Answer] = {}
        self.files: dict[str, StoredFile] = {}
        self.blobs: dict[str, bytes] = {}
        self.meta: dict[str, str] = {}
        self.last_seq = 0
        if journal is not None:
            self._take(journal.read())

    @property
    def cases(self) -> dict[str, Held]:
        """The cases, deleted ones too (`doc` is None)."""
        return self.documents["case"]

    def next_seq(self) -> int:
        """Give out the next place in the feed; an unused one leaves a gap."""
        self.last_seq += 1
        return self.last_seq

    def commit(self, unit: Unit) -> None:
        """Make a unit durable, then true."""
        if self._journal is not None:
            self._journal.write(unit)
        self._take(unit)

    def _take(self, unit: Unit) -> None:
        for kind, document_id, held in unit.documents:
            self.documents[kind][document_id] = held
            self.feed.append(held.seq, kind, document_id)
            self.last_seq = max(self.last_seq, held.seq)
        for case_id, record in unit.records:
            self.records.setdefault(case_id, []).append(record)
        for specialist, key, answer in unit.answers:
            self.answers[specialist, key] = answer
        self.files.update(unit.files)
        self.blobs.update(unit.blobs)
        self.meta.update(unit.meta)
        if len(self.feed) > 1000 + 2 * sum(len(held) for held in self.documents.values()):
            self.feed.keep_only(self.documents)

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()


def journal_file(directory: Path) -> Path:
    """Return where a kept desk lives in its directory."""
    return directory / "practice.sqlite"
