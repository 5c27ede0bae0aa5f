"""The full-text index over cases: what goes into it, and how words become a query of FTS5.

The index keeps no text (contentless): it answers with row ids, newest first. It is written by
`cases`, in the transaction of the case, not by triggers. Its second column, `ties`, holds hashed
marks of what cases have in common (subjects, the requester's mail, the agency, files), which is
how related cases are found without a table of their own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import msgspec
from sqlcipher3 import dbapi2

from local_cache.folding import fold, indexable, tokens
from local_cache.hostile import Hostile
from local_cache.records import Case, Contact, Message, Request, Requester

FEW: Final = 2_000
"""Up to so many hits it is cheaper to look each case up than to walk a whole index."""

_NOTE: Final = msgspec.json.Decoder(dict[str, Any])


def text_of(case: Case) -> str:
    """Return all text of a case that a person may search for, ready for the index."""
    texts: list[Hostile | None] = [case.title, case.reference, case.their_reference, *case.tags]
    if case.request is not None:
        texts += _request_texts(case.request)
    if case.requester is not None:
        texts += _requester_texts(case.requester)
    for subject in case.subjects:
        texts += (subject.value, subject.display)
    for message in case.messages:
        texts += _message_texts(message)
    words = [text.raw for text in texts if text is not None]
    for note in case.notes:
        body = _note(note.body)
        if body:
            words.append(body)
    return indexable("\n".join(words))


def _request_texts(request: Request) -> Iterable[Hostile | None]:
    yield from (
        request.narrative,
        request.harm_expected,
        request.why_now,
        request.other_steps_taken,
        request.why_not_ordinary_process,
        request.necessity_link,
        request.legal_basis_claimed,
        request.process_reference,
    )
    for person in request.persons_at_risk:
        yield from (person.label, person.location)


def _requester_texts(requester: Requester) -> Iterable[Hostile | None]:
    supervisor = requester.supervisor or Contact()
    return (
        requester.name,
        requester.title,
        requester.badge,
        requester.agency,
        requester.email,
        requester.phone,
        supervisor.name,
        supervisor.phone,
        supervisor.email,
    )


def _message_texts(message: Message) -> Iterable[Hostile | None]:
    return (message.from_, message.subject, message.body)


def _note(body: msgspec.Raw) -> str | None:
    try:
        text = _NOTE.decode(body).get("body")
    except msgspec.MsgspecError:
        return None  # an action of another shape: kept in the document, without words to index
    return text if isinstance(text, str) else None


# --- Ties ---------------------------------------------------------------------------------------


class Ties:
    """The marks by which a case is tied to others, strongest kind first when asked for."""

    def __init__(self, case: Case) -> None:
        requester = case.requester or Requester()
        self.subjects = [_mark("s", subject.value) for subject in case.subjects if subject.value]
        self.mails = [_mark("m", requester.email)] if requester.email else []
        self.agencies = [_mark("a", requester.agency)] if requester.agency else []
        self.files = [file_mark(file.sha256) for file in case.attachments if file.sha256]

    def indexable(self) -> str:
        """Return the marks as the index takes them."""
        return " ".join((*self.subjects, *self.mails, *self.agencies, *self.files))

    def related(self) -> "list[list[str]]":
        """Return the marks that relate cases to each other, the strongest first."""
        return [marks for marks in (self.subjects, self.mails, self.agencies) if marks]


def _mark(kind: str, text: Hostile) -> str:
    digest = hashlib.blake2b(fold(text.raw.strip()).encode("utf-8", "replace"), digest_size=8)
    return kind + digest.hexdigest()


def file_mark(sha256: str) -> str:
    """Return the mark of a file by its hash."""
    return "f" + hashlib.blake2b(sha256.lower().encode(), digest_size=8).hexdigest()


def tied(connection: dbapi2.Connection, marks: Sequence[str], limit: int) -> list[int]:
    """Return the row ids of the newest cases that carry one of `marks`."""
    found = connection.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?",
        (f"ties : ({' OR '.join(marks)})", limit),
    )
    return [row[0] for row in found]


# --- Words --------------------------------------------------------------------------------------


def match_all(words: Iterable[str]) -> str | None:
    """Return the FTS5 expression for texts that hold every one of `words`, the last letters open.

    None where no word has anything to look for. Whatever was typed is taken literally.
    """
    phrases = [phrase for phrase in map(_phrase, words) if phrase]
    return f"body : ({' AND '.join(phrases)})" if phrases else None


def match_any(words: Iterable[str]) -> str | None:
    """Return the FTS5 expression for texts that hold any of `words`."""
    phrases = [phrase for phrase in map(_phrase, words) if phrase]
    return f"body : ({' OR '.join(phrases)})" if phrases else None


def _phrase(word: str) -> str | None:
    found, open_ended = _tokens(word)
    if not found:
        return None
    return f'"{" ".join(found)}"{" *" if open_ended else ""}'


def _tokens(word: str) -> tuple[list[str], bool]:
    # A word from a shell may hold lone surrogates, which no text of the cache does.
    return tokens(word.encode("utf-8", "replace").decode())


# --- Words without the index --------------------------------------------------------------------

_AS_TOKENIZED: Final = {
    code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)
}
"""What the tokenizer makes of ASCII; all else is part of a word to it."""


def spaced(text: str) -> str:
    """Return a text of `text_of` as the index has it: its tokens with a space around each."""
    found = filter(None, text.translate(_AS_TOKENIZED).split(" "))
    return f" {' '.join(found)} "


def sought(words: Iterable[str]) -> list[str]:
    """Return, for each word that has anything to look for, what stands in a `spaced` text.

    A text holds it where the index finds the word in it, and whatever holds it holds each part of
    it: so a word narrows another where what is sought for it contains the other's.
    """
    cut = (_tokens(word) for word in words)
    return [f" {' '.join(found)}{'' if open_ended else ' '}" for found, open_ended in cut if found]


def narrows(
    words: Sequence[str], without: Sequence[str], *, of: tuple[Sequence[str], Sequence[str]]
) -> bool:
    """Say whether what holds `words` and none of `without` is surely among what `of` finds."""
    now = sought(words)
    return all(any(each in other for other in now) for each in sought(of[0])) and set(of[1]) <= set(
        without
    )


def has_few(connection: dbapi2.Connection, expression: str) -> bool:
    """Say whether an expression has at most `FEW` hits, without counting the rest."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)",
        (expression, FEW + 1),
    ).fetchone()
    return cast("int", row[0]) <= FEW
