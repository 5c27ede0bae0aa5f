"""The cache as its callers see it: opening, transactions, readers, what is on disk."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from local_cache.cache import (
    Cache,
    CacheClosed,
    Damaged,
    DiskTrouble,
    Tables,
    TooNew,
    WrongKey,
)
from local_cache.drafts import Draft
from tests.caches import KEY, NOON, Desk, incoming, new_entry


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.cache.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_what_is_written_is_there_after_opening_again(desk: Desk) -> None:
    desk.put(incoming("c_1", title="A title"))
    desk.reopen()
    stored = desk.ask(lambda tables: tables.cases.get("c_1"))
    assert stored is not None
    assert stored.document == incoming("c_1", title="A title").raw


def test_a_failed_transaction_leaves_nothing(desk: Desk) -> None:
    def half(tables: Tables) -> None:
        tables.cases.put([incoming("c_1")])
        tables.meta.set("cursor", "5")
        raise KeyError("after the first half")

    with pytest.raises(KeyError):
        desk.write(half)
    assert desk.ask(lambda tables: (tables.cases.get("c_1"), tables.meta.get("cursor"))) == (
        None,
        None,
    )
    desk.put(incoming("c_1"))  # and the writer goes on
    assert desk.ask(lambda tables: tables.cases.row_of("c_1"))


def test_a_reader_sees_one_moment(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    with desk.cache.read() as before:
        assert before.cases.row_of("c_2") is None
        desk.put(incoming("c_2"))
        with desk.cache.read() as inner:
            assert inner.cases.row_of("c_2") is None
        assert before.cases.row_of("c_2") is None
    assert desk.ask(lambda tables: tables.cases.row_of("c_2"))


def test_a_reader_cannot_write(desk: Desk) -> None:
    with pytest.raises(DiskTrouble), desk.cache.read() as tables:
        tables.meta.set("cursor", "5")
    assert desk.ask(lambda tables: tables.meta.get("cursor")) is None


def test_a_person_goes_before_the_sync(desk: Desk) -> None:
    order: list[str] = []
    holding, waiting = threading.Event(), threading.Event()

    def hold(tables: Tables) -> None:
        holding.set()
        waiting.wait(10)

    def work(name: str, *, urgent: bool) -> threading.Thread:
        thread = threading.Thread(
            target=lambda: desk.cache.write(lambda tables: order.append(name), urgent=urgent)
        )
        thread.start()
        return thread

    threads = [threading.Thread(target=lambda: desk.cache.write(hold))]
    threads[0].start()
    holding.wait(10)
    queued = desk.cache._writer._jobs.qsize  # the only way to know that both wait
    threads.append(work("sync", urgent=False))
    while queued() < 1:
        os.sched_yield()
    threads.append(work("person", urgent=True))
    while queued() < 2:
        os.sched_yield()
    waiting.set()
    for thread in threads:
        thread.join(10)
    assert order == ["person", "sync"]


def test_a_transaction_waits_for_that_of_another_process(desk: Desk) -> None:
    """Another cache on the same file stands for the other process: it locks in the same way."""
    other = Cache.open(desk.path, KEY)
    held, go_on, entered = threading.Event(), threading.Event(), threading.Event()
    heads: list[int] = []

    def first(tables: Tables) -> None:
        heads.append(tables.audit.append("view", "c_1", {}).seq)
        held.set()
        go_on.wait(10)

    def second(tables: Tables) -> None:
        entered.set()
        heads.append(tables.audit.append("view", "c_2", {}).seq)

    threads = [threading.Thread(target=lambda: desk.write(first))]
    threads[0].start()
    held.wait(10)
    threads.append(threading.Thread(target=lambda: other.write(second)))
    threads[1].start()
    assert not entered.wait(0.2)
    go_on.set()
    for thread in threads:
        thread.join(10)
    other.close()
    assert heads == [1, 2]
    assert desk.ask(lambda tables: tables.audit.verify()).ok


def test_a_transaction_inside_a_transaction_is_a_defect(desk: Desk) -> None:
    with pytest.raises(RuntimeError):
        desk.write(lambda tables: desk.cache.write(lambda inner: None))


def test_after_closing_nothing_is_taken_any_more(desk: Desk) -> None:
    desk.cache.close()
    with pytest.raises(CacheClosed):
        desk.put(incoming("c_1"))
    with pytest.raises(CacheClosed):
        desk.ask(lambda tables: tables.cases.row_of("c_1"))
    desk.cache.close()  # once more does nothing


def test_closing_does_not_wait_for_a_reader(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    with desk.cache.read() as tables:
        desk.cache.close()
        assert tables.cases.row_of("c_1")  # it may end what it began
    with pytest.raises(CacheClosed):
        desk.ask(lambda tables: None)


def test_closing_interrupts_a_question_that_takes_long(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    asking, told = threading.Event(), threading.Event()

    def ask_long() -> None:
        try:
            with desk.cache.read() as tables:
                asking.set()
                tables.cases._connection.execute(
                    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
                    " SELECT count(*) FROM n"
                ).fetchone()
        except CacheClosed:
            told.set()

    thread = threading.Thread(target=ask_long)
    thread.start()
    asking.wait(10)
    while not told.is_set():  # until the question is under way, there is nothing to interrupt
        desk.cache.close()
    thread.join(10)
    assert not thread.is_alive()


def test_folder_and_files_are_the_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        desk = Desk(tmp_path)
        desk.put(incoming("c_1"))
        modes = {
            file.name: stat.S_IMODE(file.stat().st_mode) for file in desk.path.parent.iterdir()
        }
        folder = stat.S_IMODE(desk.path.parent.stat().st_mode)
        desk.cache.close()
    finally:
        os.umask(before)
    assert folder == 0o700
    assert modes
    assert set(modes.values()) == {0o600}


def test_no_content_is_on_disk_in_plain_text(desk: Desk) -> None:
    canary = "xylophone-canary"
    desk.put(
        incoming(
            "c_1",
            title=canary,
            reference=canary,
            tags=[canary],
            requester={"name": canary, "agency": canary, "email": f"{canary}@a.example"},
            request={"narrative": canary},
            messages=[{"id": "m1", "subject": canary, "body": canary}],
        )
    )

    def more(tables: Tables) -> None:
        tables.outbox.record(new_entry("k1", body=canary.encode()))
        tables.drafts.save(Draft("d1", "c_1", "note", {"body": canary}, NOON))
        tables.audit.append("view", "c_1", {"note": canary})
        tables.blobs.put(canary.encode())
        tables.meta.set("cursor", canary)

    desk.write(more)
    files = contents(desk.path.parent)
    assert len(files["cache.db-wal"]) > 4096
    desk.cache.close()
    files |= {f"closed {name}": data for name, data in contents(desk.path.parent).items()}
    assert [name for name, data in files.items() if b"xylophone" in data] == []


def test_a_wrong_key_is_told_and_harms_nothing(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    desk.cache.close()
    before = contents(desk.path.parent)
    with pytest.raises(WrongKey):
        Cache.open(desk.path, bytes(32))
    assert contents(desk.path.parent) == before
    with pytest.raises(WrongKey):
        Cache.open(desk.path, b"short")
    desk.reopen()
    assert desk.ask(lambda tables: tables.cases.row_of("c_1"))


_WRONG_KEY = """
import sys
from pathlib import Path
from local_cache.cache import Cache, WrongKey

try:
    Cache.open(Path(sys.argv[1]), bytes(32))
except WrongKey:
    print("told")
"""


def test_a_wrong_key_draws_nothing_over_the_screen(desk: Desk) -> None:
    """In a process of its own: how much the library logs is settled once for a whole process."""
    desk.cache.close()
    done = subprocess.run(
        [sys.executable, "-c", _WRONG_KEY, str(desk.path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.stdout, done.stderr) == ("told\n", "")


def test_a_damaged_first_page_is_told_from_a_wrong_key(desk: Desk) -> None:
    desk.cache.close()
    data = bytearray(desk.path.read_bytes())
    data[100:200] = bytes(100)
    desk.path.write_bytes(data)
    with pytest.raises(Damaged):
        Cache.open(desk.path, KEY)
    assert desk.path.read_bytes() == bytes(data)


def test_damage_inside_is_told_when_it_is_read(desk: Desk) -> None:
    desk.put(*(incoming(f"c_{n}", n, title="x" * 500) for n in range(1, 300)))
    desk.cache.close()
    data = bytearray(desk.path.read_bytes())
    for page in range(len(data) // 8192, len(data) // 4096):
        data[page * 4096 + 50] ^= 0xFF
    desk.path.write_bytes(data)
    cache = Cache.open(desk.path, KEY)
    with pytest.raises(Damaged) as told, cache.read() as tables:
        [tables.cases.get(f"c_{n}") for n in range(1, 300)]
    cache.close()
    assert "Nothing was overwritten" in str(told.value)


def test_a_plaintext_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "cache.db"
    path.parent.mkdir()
    plain = dbapi2.connect(str(path))
    plain.execute("CREATE TABLE something(x)")
    plain.commit()
    plain.close()
    before = path.read_bytes()
    with pytest.raises(Damaged, match="not encrypted"):
        Cache.open(path, KEY)
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "cache.db"
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 10)
    with pytest.raises(Damaged):
        Cache.open(path, KEY)
    assert path.read_bytes() == b"not a database" * 10


def test_a_log_without_its_database_is_kept(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    log = desk.path.with_name("cache.db-wal")
    saved = log.read_bytes()
    desk.cache.close()
    desk.path.unlink()
    log.write_bytes(saved)
    with pytest.raises(Damaged, match="missing or empty"):
        Cache.open(desk.path, KEY)
    assert log.read_bytes() == saved
    assert not desk.path.exists()


def test_a_newer_cache_is_left_alone(desk: Desk) -> None:
    desk.cache.close()
    connection = dbapi2.connect(str(desk.path))
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = desk.path.read_bytes()
    with pytest.raises(TooNew):
        Cache.open(desk.path, KEY)
    assert desk.path.read_bytes() == before


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "profile").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DiskTrouble):
        Cache.open(tmp_path / "profile" / "cache.db", KEY)
    assert list((tmp_path / "elsewhere").iterdir()) == []


_FULL_DISK = """
import resource, sys
from pathlib import Path
from local_cache.cache import DiskTrouble
from tests.caches import Desk, incoming

desk = Desk(Path(sys.argv[1]))
desk.put(incoming("c_1"))
size = desk.path.with_name("cache.db-wal").stat().st_size
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
try:
    desk.put(incoming("c_2", 2, title="x" * 100_000), incoming("c_3", 3))
except DiskTrouble as told:
    print("told:", "Nothing of this was kept" in str(told))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print([desk.ask(lambda t: t.cases.rowid_of(c) is not None) for c in ("c_1", "c_2", "c_3")])
desk.put(incoming("c_4", 4))
desk.reopen()
print([desk.ask(lambda t: t.cases.rowid_of(c) is not None) for c in ("c_1", "c_2", "c_4")])
desk.cache.close()
"""


def test_a_full_disk_is_told_keeps_nothing_half_and_the_cache_goes_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["told: True", "[True, False, False]", "[True, False, True]"]


_FIRST_PAINT = """
import sys
from pathlib import Path
from local_cache.cache import Cache
from tests.caches import KEY
from local_cache.query import CaseQuery

cache = Cache.open(Path(sys.argv[1]), KEY)
with cache.read() as tables:
    tables.cases.rows(tables.cases.listing(CaseQuery(), limit=50))
cache.close()
print(sorted({"sqlite_utils", "keyring", "cryptography", "httpx"} & set(sys.modules)))
"""


def test_the_first_list_needs_no_heavy_library(desk: Desk) -> None:
    desk.put(incoming("c_1"))
    desk.cache.close()
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_PAINT, str(desk.path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "[]\n"
