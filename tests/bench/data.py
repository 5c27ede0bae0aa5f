"""What is measured on: a desk of many encrypted cases, and a mailbox of as many mails."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from console.practice.maker import Maker
from console.practice.reference import queues, starter_policy, starter_templates
from console.practice.scenarios import generate
from console.profiles.home import Home, Profile
from local_cache.cache import Cache, Tables
from local_cache.cases import Incoming
from local_cache.hostile import Hostile
from local_cache.records import Case, Policy, Queue, Specialist, Template, read, write

KEY_FILE: Final = "bench-key"
"""Beside the cache: its key in the clear, so that a start is measured from the key at hand."""
NOBODY_THERE: Final = "http://127.0.0.1:9"
_SEED: Final = 1
_BATCH: Final = 1000


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
        rest = documents(cases)
        while batch := list(islice(rest, _BATCH)):
            cache.write(lambda tables, b=batch: tables.cases.put(b), urgent=False)
    finally:
        cache.close()


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
