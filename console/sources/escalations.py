"""The Escalations API, version 1, as a source: the contract's client side."""

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from console.sources import wire
from console.sources.base import (
    Accepted,
    Document,
    Page,
    Refused,
    Sending,
    SourceError,
    Unreachable,
)
from console.sources.exchange import DOCUMENT_LIMIT, PAGE_LIMIT, Answer, Bounds, Exchange, TooLarge
from console.sources.problems import raise_for
from console.sources.stream import news
from local_cache.records import (
    ActionRecord,
    Policy,
    Queue,
    Record,
    RegisteredAgency,
    Session,
    Template,
    Unreadable,
    read,
)

LARGEST_PAGE: Final = 1000
_FULL_PAGES: Final = {"limit": str(LARGEST_PAGE)}
_SEND_PATH: Final = re.compile(r"/v1/cases(?:/(?P<case>[^/]+)/actions)?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_HEADER_VALUE: Final = re.compile(r"[\x21\x23-\x7e]{1,512}")
_DIGEST: Final = re.compile(r"(?:^|[,\s])sha-256=:([A-Za-z0-9+/=]+):")
_ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,512}"')
_MOST_LIST_PAGES: Final = 1000

T = TypeVar("T", bound=Record)


def _now() -> datetime:
    return datetime.now(UTC)


class EscalationsSource:
    """Implements `console.sources.base.Source` over HTTP.

    Safe to use from several threads at once. `now` is the wall clock that the server's is held
    against, `clock` the one that deadlines are measured by.

    Raises:
        SourceError: at construction, for an address or a token that must not be used.
    """

    def __init__(
        self,
        origin: str,
        token: str,
        *,
        bounds: Bounds | None = None,
        ca_file: Path | None = None,
        now: Callable[[], datetime] = _now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._exchange = Exchange(
            origin, token, bounds=bounds or Bounds(), ca_file=ca_file, now=now, clock=clock
        )
        self._host = self._exchange.host
        self._policy: tuple[str, Policy] | None = None
        self._templates: tuple[str, tuple[Template, ...]] | None = None

    # --- Reading ---------------------------------------------------------------------------------

    def session(self) -> Session:
        """Say who we are there, and its time."""
        return self._record(Session, self._get("/v1/session").body)

    def clock_skew(self) -> float | None:
        """Return the server's clock less ours in seconds, from the newest answer's `Date`."""
        return self._exchange.skew

    def policy(self) -> Policy:
        """Return the present policy; unchanged, it does not travel again."""
        known = self._policy
        answer = self._get("/v1/policy", etag=known[0] if known else None)
        if known and answer.status == 304:
            return known[1]
        policy = self._record(Policy, answer.body)
        etag = _etag(answer)
        self._policy = (etag, policy) if etag else None
        return policy

    def templates(self) -> tuple[Template, ...]:
        """Return all templates, disabled ones included; unchanged, they do not travel again."""
        known = self._templates
        answer = self._get("/v1/templates", etag=known[0] if known else None)
        if known and answer.status == 304:
            return known[1]
        first, following = self._items(answer, Template)
        templates = (*first, *self._list("/v1/templates", Template, following))
        etag = _etag(answer)
        # The tag speaks for the page it came with: of several pages it would tell too little.
        self._templates = (etag, templates) if etag and following is None else None
        return templates

    def queues(self) -> tuple[Queue, ...]:
        """Return all queues that the specialist may see."""
        return self._whole_list("/v1/queues", Queue)

    def requesters(self) -> tuple[RegisteredAgency, ...]:
        """Return the whole agency register."""
        return self._whole_list("/v1/requesters", RegisteredAgency)

    def changes(self, after: str | None, *, limit: int = LARGEST_PAGE) -> Page:
        """Read the change feed, from the start where `after` is None.

        A page that cannot be decoded is read again in smaller ones, at last a single entry, of
        which only the place is believed.

        Raises:
            CursorExpired: where it must be read from the start.
            Unreachable: also where it cannot be told how the feed goes on.
        """
        size = limit
        while True:
            params = {"limit": str(size)} | ({} if after is None else {"after": after})
            try:
                body = self._get("/v1/changes", params=params).body
                return wire.page(body) if size > 1 else self._single(body)
            except (wire.Undecodable, TooLarge):
                if size == 1:
                    raise Unreachable(
                        "The change feed is stuck: what comes next in it cannot be read, nor "
                        "passed over. Everything before it is here, and deliveries go on."
                    ) from None
                size = max(1, size // 10)

    @staticmethod
    def _single(body: bytes) -> Page:
        try:
            return wire.page(body)
        except wire.Undecodable:
            return wire.lenient_page(body)

    def case(self, case_id: str) -> Document:
        """Fetch one case."""
        answer = self._get(f"/v1/cases/{_checked_id(case_id)}", most=DOCUMENT_LIMIT)
        document = wire.document(answer.body, case_id=case_id)
        if document is None:
            raise self._foreign("is not the case that was asked for")
        return document

    def actions(self, case_id: str) -> tuple[ActionRecord, ...]:
        """Fetch the records of everything done on a case, oldest first."""
        return self._whole_list(f"/v1/cases/{_checked_id(case_id)}/actions", ActionRecord)

    # --- Doing -----------------------------------------------------------------------------------

    def send(self, sending: Sending) -> Accepted:
        """Do something; the same key and bytes are applied once however often they are sent."""
        found = _SEND_PATH.fullmatch(sending.path)
        if found is None or not wire.is_id(sending.key):
            raise SourceError("An entry of the outbox names no place or no key to send it with.")
        headers = {"Content-Type": "application/json", "Idempotency-Key": sending.key}
        if sending.if_match is not None:
            headers["If-Match"] = f'"{_checked_header(sending.if_match)}"'
        if sending.audit_head is not None:
            headers["Audit-Head"] = _checked_header(sending.audit_head)
        answer = self._exchange.ask(
            "POST",
            _checked_path(sending.path, found["case"]),
            headers=headers,
            content=sending.body,
            transfer=len(sending.body),
        )
        self._expect(answer, 201)
        return self._accepted(answer, sending.key, found["case"])

    def _accepted(self, answer: Answer, key: str, case_id: str | None) -> Accepted:
        replayed = answer.headers.get("idempotency-replayed", "").strip().lower() == "true"
        if case_id is None:
            document = wire.document(answer.body)
            if document is None:
                raise self._foreign("is not the case that was opened")
            return Accepted(None, document, replayed=replayed)
        try:
            return wire.accepted(answer.body, key=key, case_id=case_id, replayed=replayed)
        except wire.Undecodable:
            raise self._foreign("does not belong to what was sent") from None

    def upload(self, sha256: str, content: bytes) -> None:
        """Bring the bytes that a response refers to."""
        if not _SHA256.fullmatch(sha256):
            raise SourceError("What should be uploaded is not named by its SHA-256.")
        answer = self._exchange.ask(
            "PUT",
            f"/v1/uploads/{sha256}",
            headers={"Content-Type": "application/octet-stream"},
            content=content,
            transfer=len(content),
        )
        self._expect(answer, 200, 201, json=False)

    def attachment(self, attachment_id: str, *, limit: int) -> bytes:
        """Fetch an attachment of at most `limit` bytes, its digest checked.

        Raises:
            Refused: where it is larger (413), or policy forbids the fetch (403).
            Unreachable: also where its bytes are not those of its digest.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        target = f"/v1/attachments/{_checked_id(attachment_id)}"
        try:
            answer = self._exchange.ask("GET", target, headers=headers, most=limit, transfer=limit)
        except TooLarge as problem:
            raise Refused(str(problem), status=413, type="too-large") from None
        self._expect(answer, 200, json=False)
        told = _DIGEST.search(answer.headers.get("repr-digest", ""))
        digest = base64.b64encode(hashlib.sha256(answer.body).digest()).decode("ascii")
        if told is None or told[1] != digest:
            raise self._foreign("has no digest, or not that of its bytes")
        return answer.body

    def nudges(self) -> Iterator[None]:
        """Yield once the event stream stands, and whenever the feed has news, until it ends.

        Raises:
            Unreachable: also after 45 seconds of silence.
        """
        with self._exchange.stream("/v1/events", accept="text/event-stream") as (head, parts):
            self._expect(head, 200, json=False)
            kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "text/event-stream":
                raise self._foreign("is not an event stream")
            yield
            yield from news(parts, host=self._host)

    def close(self) -> None:
        """Let go of connections. A blocked call raises Unreachable."""
        self._exchange.close()

    # --- Common ground ---------------------------------------------------------------------------

    def _get(
        self,
        target: str,
        *,
        params: dict[str, str] | None = None,
        etag: str | None = None,
        most: int = PAGE_LIMIT,
    ) -> Answer:
        headers = {"If-None-Match": etag} if etag else None
        answer = self._exchange.ask("GET", target, params=params, headers=headers, most=most)
        if not (etag and answer.status == 304):
            self._expect(answer, 200)
        return answer

    def _expect(self, answer: Answer, *statuses: int, json: bool = True) -> None:
        if answer.status not in statuses:
            raise_for(answer, host=self._host, now=self._now())
        if json and not answer.is_json:
            raise self._foreign("is not JSON: is this the address of the service?")

    def _record(self, kind: type[T], body: bytes) -> T:
        try:
            return read(kind, body)
        except Unreadable:
            raise self._foreign(f"cannot be read as a {kind.__name__.lower()}") from None

    def _whole_list(self, target: str, kind: type[T]) -> tuple[T, ...]:
        first, following = self._items(self._get(target, params=_FULL_PAGES), kind)
        return (*first, *self._list(target, kind, following))

    def _list(self, target: str, kind: type[T], following: str | None) -> list[T]:
        found: list[T] = []
        for _ in range(_MOST_LIST_PAGES):
            if following is None:
                return found
            answer = self._get(target, params=_FULL_PAGES | {"cursor": following})
            some, following = self._items(answer, kind)
            found += some
        raise self._foreign("is a list without an end")

    def _items(self, answer: Answer, kind: type[T]) -> tuple[list[T], str | None]:
        try:
            return wire.items(answer.body, kind)
        except wire.Undecodable:
            raise self._foreign("is not the list that was asked for") from None

    def _foreign(self, what: str) -> Unreachable:
        return Unreachable(f"{self._host} gave an answer that {what}.")


def _etag(answer: Answer) -> str | None:
    """Return the entity tag, where it is one that can be sent back."""
    etag = answer.headers.get("etag", "")
    return etag if _ETAG.fullmatch(etag) else None


def _checked_id(value: str) -> str:
    if not wire.is_id(value):
        raise SourceError("This is not an id that the service could have given.")
    return value


def _checked_path(path: str, case_id: str | None) -> str:
    if case_id is not None:
        _checked_id(case_id)
    return path


def _checked_header(value: str) -> str:
    if not _HEADER_VALUE.fullmatch(value):
        raise SourceError("An entry of the outbox carries a version that cannot be sent.")
    return value
