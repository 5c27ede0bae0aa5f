"""Audit chain, drafts, registers, policies, blobs, the drain lock."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from local_cache import sqlcipher
from local_cache.audit import AuditReport
from local_cache.cache import Cache
from local_cache.drafts import Draft
from local_cache.hostile import Hostile
from local_cache.lock import DrainLock
from local_cache.records import Policy, Queue, RegisteredAgency, Template
from local_cache.tables import Tables
from tests.caches import KEY, NOON, Desk, incoming, new_entry


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.cache.close()


# --- The audit chain ---


@pytest.fixture
def chain(desk: Desk) -> Desk:
    for n in range(1, 7):
        desk.write(lambda tables, n=n: tables.audit.append("view", f"c_{n}", {"seconds": n}))
    return desk


def verify(desk: Desk) -> AuditReport:
    return desk.ask(lambda tables: tables.audit.verify())


def tamper(desk: Desk, *statements: str) -> None:
    """Do what somebody with the key and another program could do."""
    desk.cache.close()
    connection = dbapi2.connect(str(desk.path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    for statement in statements:
        connection.execute(statement)
    connection.close()
    desk.reopen()


def test_a_whole_chain_verifies(chain: Desk) -> None:
    head = chain.ask(lambda tables: tables.audit.head())
    assert head is not None
    assert head[0] == 6
    chain.write(lambda tables: tables.audit.acknowledge(*head))
    assert verify(chain) == AuditReport(True, 6, None, 6)
    newest = chain.ask(lambda tables: tables.audit.entries(2, 6))
    assert [(entry.seq, entry.case_id, entry.detail) for entry in newest] == [
        (5, "c_5", {"seconds": 5}),
        (4, "c_4", {"seconds": 4}),
    ]
    assert newest[0].prev == newest[1].hash
    assert newest[0].at_ms == NOON


def test_an_empty_chain_verifies(desk: Desk) -> None:
    assert desk.ask(lambda tables: tables.audit.head()) is None
    assert verify(desk) == AuditReport(True, 0, None, None)


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (["UPDATE audit SET detail = '{\"seconds\":9}' WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE audit SET case_id = NULL WHERE seq = 6"], "entry 6 was changed"),
        (["UPDATE audit SET kind = 'export' WHERE seq = 1"], "entry 1 was changed"),
        (["DELETE FROM audit WHERE seq = 3"], "entry 3 is missing"),
        (["DELETE FROM audit WHERE seq = 1"], "entry 1 is missing"),
        (
            [
                "DELETE FROM audit WHERE seq = 3",
                "UPDATE audit SET seq = seq - 1 WHERE seq > 3",
            ],
            "entry 3 does not follow the one before it",
        ),
        (
            [
                "UPDATE audit SET seq = 99 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 4",
                "UPDATE audit SET seq = 4 WHERE seq = 99",
            ],
            "entry 3 does not follow the one before it",
        ),
        (["UPDATE audit SET hash = prev WHERE seq = 2"], "entry 2 was changed"),
    ],
)
def test_tampering_is_found_at_its_place(chain: Desk, statements: list[str], problem: str) -> None:
    tamper(chain, *statements)
    report = verify(chain)
    assert (report.ok, report.problem) == (False, problem)


def test_a_cut_off_end_is_found_up_to_the_last_acknowledged_head(chain: Desk) -> None:
    head = chain.ask(lambda tables: tables.audit.entries(1, 5))[0]
    chain.write(lambda tables: tables.audit.acknowledge(head.seq, head.hash))
    tamper(chain, "DELETE FROM audit WHERE seq > 4")
    assert verify(chain).ok  # nobody else ever saw 5 and 6: this cannot be proven
    tamper(chain, "DELETE FROM audit WHERE seq > 3")
    report = verify(chain)
    assert (report.ok, report.acknowledged_seq) == (False, 4)
    assert report.problem == "entry 4 was acknowledged by the server and is missing here"


def test_a_chain_made_anew_is_found_by_an_acknowledged_head(chain: Desk) -> None:
    head = chain.ask(lambda tables: tables.audit.head())
    assert head is not None
    chain.write(lambda tables: tables.audit.acknowledge(*head))
    tamper(chain, "DELETE FROM audit")
    for n in range(1, 8):
        chain.write(lambda tables, n=n: tables.audit.append("view", f"c_{n}", {"seconds": 1}))
    assert verify(chain).problem == "entry 6 is not the one that the server acknowledged"


def test_an_entry_belongs_to_its_transaction(chain: Desk) -> None:
    def fail(tables):
        tables.audit.append("view", "c_9", {})
        raise KeyError

    with pytest.raises(KeyError):
        chain.write(fail)
    assert verify(chain).entries == 6


# --- Drafts ---


def test_a_draft_is_kept_as_typed(desk: Desk) -> None:
    content = {"body": "half a \ud83d pair, \x1b[31m", "fields": {"n": 1, "list": [None, True]}}
    desk.write(lambda tables: tables.drafts.save(Draft("d1", "c_1", "response", content, NOON)))
    desk.reopen()
    assert desk.ask(lambda tables: tables.drafts.get("d1")) == Draft(
        "d1", "c_1", "response", content, NOON, ready=False
    )
    later = Draft("d1", "c_1", "response", {"body": "whole"}, NOON + 5, ready=True)
    desk.write(lambda tables: tables.drafts.save(later))
    assert desk.ask(lambda tables: tables.drafts.all()) == [later]


def test_drafts_of_a_case_the_newest_first(desk: Desk) -> None:
    def save(tables):
        for n, case_id in ((1, "c_1"), (2, "c_2"), (3, "c_1")):
            tables.drafts.save(Draft(f"d{n}", case_id, "note", {}, NOON + n))

    desk.write(save)
    assert [draft.id for draft in desk.ask(lambda tables: tables.drafts.for_case("c_1"))] == [
        "d3",
        "d1",
    ]
    desk.write(lambda tables: tables.drafts.drop("d3"))
    assert desk.ask(lambda tables: tables.drafts.get("d3")) is None


def test_a_draft_outlives_the_case_that_left(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    desk.write(lambda tables: tables.drafts.save(Draft("d1", "c_1", "note", {"a": 1}, NOON)))
    desk.write(lambda tables: tables.cases.delete("c_1", 2))
    assert desk.ask(lambda tables: tables.drafts.get("d1")) is not None


# --- Registers, policies, blobs, meta ---


def test_registers_keep_records_by_id(desk: Desk) -> None:
    first = Queue(id="q1", name=Hostile("\u202eOne"), open=3)
    second = Queue(id="q2")

    def fill(tables):
        tables.queues.put(first)
        tables.queues.put(second)
        tables.templates.put(Template(id="t1", version="1", body=Hostile("{{ x }}")))
        tables.requesters.put(RegisteredAgency(id="a_1", domains=(Hostile("police.example"),)))

    desk.write(fill)
    assert desk.ask(lambda tables: tables.queues.all()) == [first, second]
    changed = Queue(id="q1", open=4)
    desk.write(lambda tables: tables.queues.put(changed))
    assert desk.ask(lambda tables: tables.queues.all()) == [changed, second]
    desk.write(lambda tables: tables.queues.delete("q1"))
    assert desk.ask(lambda tables: tables.queues.get("q1")) is None
    desk.write(lambda tables: tables.queues.replace_all([first]))
    assert desk.ask(lambda tables: tables.queues.all()) == [first]
    template = desk.ask(lambda tables: tables.templates.get("t1"))
    assert template is not None
    assert template.body.raw == "{{ x }}"
    agency = desk.ask(lambda tables: tables.requesters.all())[0]
    assert agency.domains[0].raw == "police.example"


def test_the_policy_put_last_is_in_force(desk: Desk) -> None:
    assert desk.ask(lambda tables: tables.policies.current()) is None
    one = Policy(id="default", version="1", offline_confirm={"decide": timedelta(hours=1)})
    two = Policy(id="default", version="2", undo_window=timedelta(seconds=3))
    for policy in (one, two, one, one):
        desk.write(lambda tables, policy=policy: tables.policies.put(policy))
        assert desk.ask(lambda tables: tables.policies.current()) == policy


def test_files_of_an_older_cache_are_young_when_it_is_brought_up(desk: Desk) -> None:
    sha256 = desk.write(lambda tables: tables.blobs.put(b"picture"))
    desk.cache.close()
    with closing(sqlcipher.connect(desk.path, KEY, cache_kib=1024)) as connection:
        for statement in (
            "DROP INDEX blobs_by_age",
            "ALTER TABLE blobs DROP COLUMN kept_ms",
            "DELETE FROM _sqlite_migrations WHERE name = '0002_age_of_blobs'",
            "PRAGMA user_version = 1",
        ):
            connection.execute(statement)
    desk.cache = Cache.open(desk.path, KEY)
    an_hour_ago = time.time_ns() // 1_000_000 - 3_600_000
    assert desk.write(lambda tables: tables.blobs.sweep(an_hour_ago)) == 0
    assert desk.ask(lambda tables: tables.blobs.get(sha256)) == b"picture"
    assert desk.write(lambda tables: tables.blobs.sweep(2 * an_hour_ago)) == 1


def test_files_go_once_old_and_referred_to_by_nothing(desk: Desk) -> None:
    names = ("entry", "draft", "case", "withdrawn", "nothing")
    put = {n: desk.write(lambda tables, n=n: tables.blobs.put(n.encode())) for n in names}

    def refer(tables: Tables) -> None:
        for name in ("entry", "withdrawn"):
            body = b'{"sha256":"%s"}' % put[name].upper().encode()
            tables.outbox.record(new_entry(name, "c_1", body=body))
        tables.drafts.save(Draft("d", "c_1", "response", {"files": [put["draft"]]}, NOON))

    desk.put(incoming("c_2", 2, attachments=[{"id": "f1", "sha256": put["case"].upper()}]))
    desk.put(incoming("c_1", 1))
    desk.write(refer)
    desk.write(lambda tables: tables.outbox.discard("withdrawn"))
    assert desk.write(lambda tables: tables.blobs.sweep(NOON)) == 0, "they are not older"
    assert desk.write(lambda tables: tables.blobs.sweep(NOON + 1)) == 2
    left = {n for n in names if desk.ask(lambda tables, n=n: tables.blobs.has(put[n]))}
    assert left == {"entry", "draft", "case"}
    desk.write(lambda tables: tables.drafts.drop("d"))
    assert desk.write(lambda tables: tables.blobs.sweep(NOON + 1)) == 1


def test_blobs_are_found_by_their_hash(desk: Desk) -> None:
    content = bytes(range(256)) * 100
    sha256 = desk.write(lambda tables: tables.blobs.put(content))
    assert desk.write(lambda tables: tables.blobs.put(content)) == sha256
    assert desk.ask(lambda tables: tables.blobs.get(sha256.upper())) == content
    assert desk.ask(lambda tables: tables.blobs.get("0" * 64)) is None


def test_meta_keeps_texts_by_name(desk: Desk) -> None:
    desk.write(lambda tables: tables.meta.set("cursor", "a"))
    desk.write(lambda tables: tables.meta.set("cursor", "b"))
    assert desk.ask(lambda tables: tables.meta.get("cursor")) == "b"
    desk.write(lambda tables: tables.meta.delete("cursor"))
    assert desk.ask(lambda tables: tables.meta.get("cursor")) is None


# --- The drain lock ---


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = DrainLock(tmp_path / "drain.lock"), DrainLock(tmp_path / "drain.lock")
    assert first.try_acquire()
    assert first.try_acquire()
    assert not second.try_acquire()
    assert (first.held, second.held) == (True, False)
    first.release()
    assert second.try_acquire()
    second.release()
    second.release()


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from local_cache.lock import DrainLock\n"
        "print(DrainLock(pathlib.Path(sys.argv[1])).try_acquire(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    lock = DrainLock(tmp_path / "drain.lock")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "drain.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"
        assert not lock.try_acquire()
        other.kill()
    assert lock.try_acquire()
    lock.release()
