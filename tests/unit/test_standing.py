"""What the status line says of the connection and of what is unsent."""

from datetime import UTC, datetime, timedelta

from console.sync.events import (
    CasesChanged,
    ConnectionChanged,
    StorageFailed,
    TokenWasRefused,
)
from console.words.standing import Standing

TODAY = datetime.now(UTC)


def said(standing: Standing) -> str:
    return "".join(text for text, _ in standing.connection())


def right(standing: Standing) -> str:
    return "".join(text for text, _ in standing.right(TODAY))


def test_since_when_it_is_offline() -> None:
    standing = Standing()
    assert said(standing) == "connecting"
    standing.hear(ConnectionChanged(True, TODAY, None))
    assert said(standing) == "● online"
    standing.hear(ConnectionChanged(False, TODAY, "it refuses connections"))
    assert said(standing) == f"○ OFFLINE since {TODAY:%H:%M}Z"
    standing.hear(ConnectionChanged(False, TODAY - timedelta(days=2), "still"))
    assert said(standing) == f"○ OFFLINE since {TODAY - timedelta(days=2):%d %b %H:%M}Z"


def test_online_but_no_news_is_told_apart() -> None:
    standing = Standing()
    standing.hear(ConnectionChanged(True, TODAY, "the feed is stuck"))
    assert said(standing) == "● online, no news comes"


def test_a_refused_token_is_told_until_the_connection_is_back() -> None:
    standing = Standing()
    standing.hear(ConnectionChanged(False, TODAY, "no"))
    standing.hear(TokenWasRefused())
    assert "TOKEN REFUSED" in said(standing)
    standing.hear(ConnectionChanged(True, TODAY, None))
    assert said(standing) == "● online"


def test_what_the_cache_did_not_take_is_told_until_it_takes_it() -> None:
    standing = Standing()
    standing.hear(StorageFailed("the disk is full"))
    assert "NOT STORED" in right(standing)
    standing.hear(CasesChanged(None))
    assert right(standing) == ""


def test_what_came_back_counts_as_unsent_too() -> None:
    standing = Standing(counts={"pending": 2, "changed": 1, "accepted": 9, "withdrawn": 3})
    assert right(standing) == "1 came back  →3 unsent  "
