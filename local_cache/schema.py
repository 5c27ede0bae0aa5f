"""The tables of the cache, declared in full, and how an older cache is brought up to them.

`user_version` carries the number of the newest migration, so that opening a current cache needs
one cheap look and never imports sqlite_utils. A migration, once released, is never edited: a
change is a new one.
"""

from typing import Final

from sqlcipher3 import dbapi2

from local_cache import sqlcipher
from local_cache.errors import TooNew

VERSION: Final = 3

URGENT_AND_OPEN: Final = "closed = 0 AND priority_rank < 2 AND state = 'open' COLLATE NOCASE"
"""What is in the index of new P0 and P1, word for word as a query has to say it to be answered by
that index."""

NO_DUE: Final = 2**62
"""`cases.due_order` of a case without a running clock: after all others."""

_FIRST: Final = (
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # AUTOINCREMENT: a list holds row ids, so the id of a removed case must never name another.
    """CREATE TABLE cases(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        case_id TEXT NOT NULL UNIQUE,
        seq INTEGER NOT NULL, version TEXT NOT NULL,
        reference TEXT, their_reference TEXT, title TEXT,
        queue TEXT, kind TEXT, state TEXT, priority TEXT, imminence TEXT,
        agency TEXT, requester_name TEXT, verification TEXT, language TEXT,
        claim_by TEXT, claim_until_ms INTEGER, assignee TEXT,
        received_ms INTEGER, updated_ms INTEGER,
        due_ms INTEGER, due_kind TEXT, due_label TEXT, paused INTEGER NOT NULL,
        graphic_level INTEGER, minor INTEGER NOT NULL, red_signal INTEGER NOT NULL,
        snoozed_until_ms INTEGER, unreadable INTEGER NOT NULL,
        closed INTEGER NOT NULL, priority_rank INTEGER NOT NULL, due_order INTEGER NOT NULL,
        unsent INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0,
        gone INTEGER NOT NULL DEFAULT 0, provisional INTEGER NOT NULL DEFAULT 0,
        load INTEGER NOT NULL DEFAULT 0, chain_version TEXT,
        beside_seq INTEGER, beside_version TEXT)""",
    # The order of work, wide enough that the usual filters and the other sorts never touch a row.
    """CREATE INDEX cases_by_urgency ON cases(closed, priority_rank, due_order, received_ms,
        queue, state, claim_by, claim_until_ms, assignee, updated_ms, snoozed_until_ms,
        unsent, gone)""",
    "CREATE INDEX cases_by_reference ON cases(reference COLLATE NOCASE)",
    """CREATE TABLE documents(
        id INTEGER PRIMARY KEY REFERENCES cases(id) ON DELETE CASCADE,
        document BLOB NOT NULL, beside BLOB)""",
    # What a filter compares and no list shows; texts folded, lists between separators.
    """CREATE TABLE facets(
        id INTEGER PRIMARY KEY REFERENCES cases(id) ON DELETE CASCADE,
        reference TEXT, their_reference TEXT, title TEXT, agency TEXT, requester TEXT,
        jurisdiction TEXT, country TEXT, channel TEXT,
        tags TEXT, harms TEXT, sensitivities TEXT, signals TEXT)""",
    # Words are cut and folded in `search`; the tokenizer only splits at ASCII punctuation.
    """CREATE VIRTUAL TABLE search USING fts5(body, ties, content='', contentless_delete=1,
        tokenize="ascii")""",
    # Rewrite a segment when 30 % of it is dead, not 10 %: a third of the work for each update.
    "INSERT INTO search(search, rank) VALUES ('deletemerge', 30)",
    "CREATE TABLE departed(case_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE outbox(
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL, type TEXT NOT NULL, path TEXT NOT NULL,
        body BLOB NOT NULL, body_sha256 TEXT NOT NULL, version TEXT,
        state TEXT NOT NULL CHECK (state IN ('undoable', 'pending', 'sending', 'accepted',
            'returned', 'changed', 'to_confirm', 'withdrawn')),
        recorded_ms INTEGER NOT NULL, undo_until_ms INTEGER, waiting_since_ms INTEGER NOT NULL,
        next_try_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, first_try_ms INTEGER,
        unknown INTEGER NOT NULL DEFAULT 0, error BLOB, record BLOB)""",
    """CREATE INDEX outbox_unsent ON outbox(case_id, seq)
        WHERE state NOT IN ('accepted', 'withdrawn')""",
    """CREATE TABLE drafts(
        id TEXT PRIMARY KEY, case_id TEXT NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL,
        saved_ms INTEGER NOT NULL, ready INTEGER NOT NULL)""",
    "CREATE INDEX drafts_by_case ON drafts(case_id)",
    """CREATE TABLE audit(
        seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, case_id TEXT,
        detail TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL)""",
    """CREATE TABLE audit_receipts(
        seq INTEGER NOT NULL, head TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY(seq, head)) WITHOUT ROWID""",
    "CREATE TABLE queues(id TEXT PRIMARY KEY, document BLOB NOT NULL)",
    "CREATE TABLE templates(id TEXT PRIMARY KEY, document BLOB NOT NULL)",
    "CREATE TABLE requesters(id TEXT PRIMARY KEY, document BLOB NOT NULL)",
    "CREATE TABLE policies(id INTEGER PRIMARY KEY, version TEXT NOT NULL, document BLOB NOT NULL)",
    "CREATE TABLE blobs(sha256 TEXT PRIMARY KEY, content BLOB NOT NULL)",
)

_AGE_OF_BLOBS: Final = (
    "ALTER TABLE blobs ADD COLUMN kept_ms INTEGER NOT NULL DEFAULT 0",
    "UPDATE blobs SET kept_ms = CAST(strftime('%s', 'now') AS INTEGER) * 1000",
    # So that looking for old ones reads none of their bytes.
    "CREATE INDEX blobs_by_age ON blobs(kept_ms, sha256)",
)

_INDEXES: Final = (
    # What rings first is asked for at each piece of news: not by a walk over all that is open.
    f"CREATE INDEX cases_new_and_urgent ON cases(received_ms) WHERE {URGENT_AND_OPEN}",
    # With every column that a filter compares: to look a row up for one takes fifty times as long.
    "DROP INDEX cases_by_urgency",
    """CREATE INDEX cases_by_urgency ON cases(closed, priority_rank, due_order, received_ms,
        queue, state, claim_by, claim_until_ms, assignee, updated_ms, snoozed_until_ms,
        unsent, gone, kind, verification, imminence, language, graphic_level, unreadable,
        changed)""",
    # Codes and names are looked for in all there are; here in a tenth of the bytes.
    """CREATE INDEX facets_of_codes ON facets(tags, harms, sensitivities, signals, country,
        channel, jurisdiction)""",
    "CREATE INDEX facets_of_agencies ON facets(agency)",
)


def is_current(connection: dbapi2.Connection) -> bool:
    """Say whether the cache has the tables that this nightdesk works with.

    Raises:
        TooNew: where it has newer ones.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise TooNew(
            f"This cache was written by a newer nightdesk (format {version}; this one knows "
            f"{VERSION}). Nothing was changed: update nightdesk and open it again."
        )
    return version == VERSION


def migrate(connection: dbapi2.Connection) -> None:
    """Bring the tables up to `VERSION` in one transaction; safe while another process does."""
    sqlcipher.lend_to_sqlite_utils()
    from sqlite_utils import Database, Migrations

    migrations = Migrations("nightdesk")

    @migrations(name="0001_first_tables")
    def first_tables(db: Database) -> None:  # pyright: ignore[reportUnusedFunction]
        for statement in _FIRST:
            db.conn.execute(statement)

    @migrations(name="0002_age_of_blobs")
    def age_of_blobs(db: Database) -> None:  # pyright: ignore[reportUnusedFunction]
        for statement in _AGE_OF_BLOBS:
            db.conn.execute(statement)

    @migrations(name="0003_indexes")
    def indexes(db: Database) -> None:  # pyright: ignore[reportUnusedFunction]
        for statement in _INDEXES:
            db.conn.execute(statement)

    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_current(connection):
            migrations.apply(Database(connection))
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    # So that the pages are in the main file, where `sqlcipher.key_fits` can tell key from damage.
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
