"""Whatever is changed in the audit chain is found, and its end up to the acknowledged head."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from local_cache.audit import AuditChain

LINKS = 30
COLUMNS = ("seq", "at_ms", "kind", "case_id", "detail", "prev", "hash")
SCHEMA = (
    (
        "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at_ms INTEGER, kind TEXT, case_id TEXT,"
        " detail TEXT, prev TEXT, hash TEXT)"
    ),
    "CREATE TABLE audit_receipts(seq INTEGER PRIMARY KEY, head TEXT, at_ms INTEGER)",
)


class Chain:
    """A chain of thirty links, of which the server has the head."""

    def __init__(self) -> None:
        self.connection = dbapi2.connect(":memory:", isolation_level=None)
        for statement in SCHEMA:
            self.connection.execute(statement)
        self.audit = AuditChain(self.connection, lambda: 1_700_000_000_000)
        for number in range(LINKS):
            self.audit.append(
                "view" if number % 3 else "reveal", f"c_{number % 5}", {"version": str(number)}
            )
        head = self.audit.head()
        assert head is not None
        self.audit.acknowledge(*head)
        self.connection.execute("BEGIN")  # each example is rolled back


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    made = Chain()
    yield made
    made.connection.close()


def changed(value: Any, place: int) -> Any:
    """Return a value that differs in one character, or by one."""
    if isinstance(value, int):
        return value + 1
    at = place % len(value)
    return value[:at] + ("x" if value[at] != "x" else "y") + value[at + 1 :]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    way=st.sampled_from(("change", "remove", "swap", "double", "cut")),
    number=st.integers(1, LINKS),
    other=st.integers(1, LINKS),
    column=st.sampled_from([each for each in COLUMNS if each != "seq"]),
    place=st.integers(0, 63),
)
def test_every_change_is_found(
    chain: Chain, way: str, number: int, other: int, column: str, place: int
) -> None:
    db = chain.connection
    db.execute("SAVEPOINT example")
    try:
        assert chain.audit.verify().ok
        if way == "change":
            (value,) = db.execute(f"SELECT {column} FROM audit WHERE seq = ?", (number,)).fetchone()
            db.execute(
                f"UPDATE audit SET {column} = ? WHERE seq = ?", (changed(value, place), number)
            )
        elif way == "remove":
            db.execute("DELETE FROM audit WHERE seq = ?", (number,))
        elif way == "cut":
            db.execute("DELETE FROM audit WHERE seq >= ?", (number,))
        elif way == "double":
            db.execute("UPDATE audit SET seq = seq + 1000 WHERE seq > ?", (number,))
            db.execute("UPDATE audit SET seq = seq - 999 WHERE seq > 1000")
            db.execute(
                f"INSERT INTO audit SELECT seq + 1, {', '.join(COLUMNS[1:])}"
                " FROM audit WHERE seq = ?",
                (number,),
            )
        elif number == other:
            return
        else:
            db.execute("UPDATE audit SET seq = 9999 WHERE seq = ?", (number,))
            db.execute("UPDATE audit SET seq = ? WHERE seq = ?", (number, other))
            db.execute("UPDATE audit SET seq = ? WHERE seq = 9999", (other,))
        report = chain.audit.verify()
        assert not report.ok
        assert report.problem is not None
    finally:
        db.execute("ROLLBACK TO example")
        db.execute("RELEASE example")
