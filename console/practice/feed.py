"""The change feed: pages cut by count and bytes, cursors that expire, deletes for what is hidden.

A cursor is the place in the feed with the desk's birth and epoch; anything else is expired. A desk
that kept nothing is a new desk after a restart, and its cursors say so.
"""

import base64
import binascii
from typing import Final

from console.practice.problems import Problem
from console.practice.reference import Specialist
from console.practice.store import Held, Store

MOST_PAGE: Final = (4 << 20) - (64 << 10)
"""Bytes of a page, with room for its frame."""


def page(store: Store, who: Specialist, after: str | None, limit: int) -> bytes:
    """Return the changes after a cursor, or from the start.

    Raises:
        Problem: 410 for a cursor that this desk does not know (any more).
    """
    place = 0 if after is None else _place(store, after)
    parts: list[bytes] = []
    size = 0
    reached = place
    more = False
    for seq, kind, document_id in store.feed.after(place):
        held = store.documents[kind][document_id]
        if held.seq != seq:
            reached = seq
            continue
        change = _change(held, kind, document_id, who, full=after is None)
        if change is None:
            reached = seq
            continue
        if len(parts) >= limit or (parts and size + len(change) > MOST_PAGE):
            more = True
            break
        parts.append(change)
        size += len(change) + 1
        reached = seq
    return b'{"changes":[%s],"next":"%s","more":%s}' % (
        b",".join(parts),
        _cursor(store, reached).encode(),
        b"true" if more else b"false",
    )


def _change(
    held: Held, kind: str, document_id: str, who: Specialist, *, full: bool
) -> bytes | None:
    hidden = kind == "case" and not who.sees(held.queue)
    if held.doc is None or hidden:
        # A load from the start has nothing to take away, and what never was theirs has no news.
        if full or (hidden and not held.was_public):
            return None
        op, document = b"delete", b"null"
    else:
        op, document = b"put", held.doc
    return b'{"seq":%d,"kind":"%s","op":"%s","id":"%s","version":"%s","doc":%s}' % (
        held.seq,
        kind.encode(),
        op,
        document_id.encode(),
        held.version.encode(),
        document,
    )


def _cursor(store: Store, seq: int) -> str:
    text = f"{store.meta['birth']}.{store.meta.get('epoch', '0')}.{seq}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(store: Store, cursor: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode()
        birth, epoch, seq = text.split(".")
        current = (birth, epoch) == (store.meta["birth"], store.meta.get("epoch", "0"))
        place = int(seq)
    except (binascii.Error, UnicodeError, ValueError):
        current, place = False, 0
    if not current:
        raise Problem("cursor-expired", "Read the feed from the start.")
    return place
