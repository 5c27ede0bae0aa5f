"""What is measured on: a desk of many encrypted cases, and a mailbox of as many mails."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
from sqlcipher3 import dbapi2

from console.practice.maker import Maker
from console.practice.reference import queues, starter_policy, starter_templates
from console.practice.scenarios import generate
from console.profiles.home import Home, Profile
from local_cache import search
from local_cache.cache import Cache, Tables
from local_cache.cases import Incoming
from local_cache.hostile import Hostile
from local_cache.records import Case, Policy, Queue, Specialist, Template, read, write

KEY_FILE: Final = "bench-key"
"""Beside the cache: its key in the clear, so that a start is measured from the key at hand."""
NOBODY_THERE: Final = "http://127.0.0.1:9"
_SEED: Final = 1
_BATCH: Final = 1000
_DRAWN: Final = 100_000
"""So many cases are drawn, each another; where more are wanted, these are copied."""
_COPIED: Final = 5_000


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def documents(count: int) -> Iterator[Incoming]:
    """Draw the practice desk's cases, as the feed would bring them."""
    encode = msgspec.json.Encoder().encode
    maker = Maker(_SEED, now(), starter_policy())
    for seq, made in enumerate(generate(maker, count), start=1):
        made.case.seq = seq
        raw = encode(made.case)
        yield Incoming(made.case.id, seq, made.case.version, raw, read(Case, raw))


def make_home(home: Path, *, cases: int, origin: str = NOBODY_THERE, token: str = "none") -> None:
    """Make a profile whose encrypted cache holds so many cases, and its key beside it."""
    profile = Profile(
        name="bench",
        origin=origin,
        source="escalations",
        specialist_id="sp_1",
        created_at=now(),
    )
    folder = Home(home).save(profile)
    Home(home).use(profile)
    key = secrets.token_bytes(32)
    (folder / KEY_FILE).write_bytes(key)
    cache = Cache.open(folder / "cache.db", key)
    try:
        cache.write(lambda tables: _furnish(tables, token))
        drawn = min(cases, _DRAWN)
        rest = documents(drawn)
        while batch := list(islice(rest, _BATCH)):
            cache.write(lambda tables, b=batch: tables.cases.put(b), urgent=False)
        if cases > drawn:
            _multiply(cache, drawn, cases)
    finally:
        cache.close()


def _multiply(cache: Cache, drawn: int, cases: int) -> None:
    """Copy the cases that were drawn, under other names, until there are so many.

    To draw, read and index a million cases takes an hour; to copy rows of a table, and to index
    texts that are at hand, some minutes.
    """
    with cache.read() as tables:
        found = tables.cases._connection.execute("SELECT id, document FROM documents ORDER BY id")
        indexed = [
            (rowid, search.text_of(case), search.Ties(case).indexable())
            for rowid, document in found
            for case in (read(Case, document),)
        ]
    for copy in range(1, -(-cases // drawn)):
        end = min(drawn, cases - copy * drawn)
        for start in range(0, end, _COPIED):
            part = range(start, min(start + _COPIED, end))
            cache.write(
                lambda tables, c=copy, p=part: _copy(
                    tables.cases._connection, c, c * drawn, indexed[p.start : p.stop]
                ),
                urgent=False,
            )


def _copy(
    connection: dbapi2.Connection, copy: int, further: int, indexed: list[tuple[int, str, str]]
) -> None:
    given = {"copy": copy, "further": further, "first": indexed[0][0], "last": indexed[-1][0]}
    renamed = {
        "id": "id + :further",
        "seq": "seq + :further",
        "case_id": "case_id || '-' || :copy",
        "reference": "reference || '-' || :copy",
        "due_ms": "due_ms + :copy",
        "due_order": "due_order + :copy",
        "received_ms": "received_ms - :copy",
    }
    for table in ("cases", "facets"):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(
            column if table == "facets" and column != "id" else renamed.get(column, column)
            for column in columns
        )
        connection.execute(
            f"INSERT INTO {table}({', '.join(columns)}) SELECT {values} FROM {table}"
            " WHERE id BETWEEN :first AND :last",
            given,
        )
    connection.execute(
        """INSERT INTO documents(id, document)
        SELECT d.id + :further, CAST(replace(CAST(d.document AS TEXT), '"' || c.case_id || '"',
            '"' || c.case_id || '-' || :copy || '"') AS BLOB)
        FROM documents d JOIN cases c USING (id) WHERE d.id BETWEEN :first AND :last""",
        given,
    )
    connection.executemany(
        "INSERT INTO search(rowid, body, ties) VALUES (?, ?, ?)",
        [(rowid + further, body, ties) for rowid, body, ties in indexed],
    )


def key_of(home: Path) -> bytes:
    """Return the key of the bench profile."""
    return (Home(home).folder("bench") / KEY_FILE).read_bytes()


def _furnish(tables: Tables, token: str) -> None:
    encode = msgspec.json.encode
    tables.meta.set("token", token)
    me = Specialist(id="sp_1", name=Hostile("Bench"), roles=("specialist",))
    tables.meta.set("specialist", write(me).decode())
    tables.policies.put(read(Policy, encode(starter_policy())))
    for queue in queues():
        tables.queues.put(read(Queue, encode(queue)))
    for template in starter_templates():
        tables.templates.put(read(Template, encode(template)))


def make_text(file: Path, *, lines: int) -> None:
    """Make a text of so many lines."""
    with file.open("w", encoding="ascii") as text:
        for number in range(lines):
            text.write(f"Request {number:06} about a person who may be in danger; see the form.\n")


def make_maildir(folder: Path, *, mails: int) -> None:
    """Make a maildir of small mails."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    day = datetime(2026, 11, 24, 12, tzinfo=UTC)
    for number in range(mails):
        at = day - timedelta(minutes=number)
        text = (
            f"From: Officer {number % 971} <officer.{number % 971}@agency{number % 53}.example>\n"
            f"To: emergency@desk.example\n"
            f"Subject: Request {number:06} about a person who may be in danger\n"
            f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\n"
            f"Message-ID: <{number}@mail.example>\n"
            "Content-Type: text/plain; charset=utf-8\n"
            "\n"
            f"Please answer request {number}. A person may be in danger; see the form.\n"
        )
        seen = "S" if number % 3 else ""
        name = f"{at.timestamp():.0f}.M{number}P1.desk:2,{seen}"
        (folder / "cur" / name).write_text(text, "ascii")
