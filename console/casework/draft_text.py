"""What a letter's words give away or get wrong: the lint list of DOMAIN 5.3 and 5.4."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from console.casework.findings import Finding
from local_cache.hostile import hidden_count, visible
from local_cache.records import Case, Policy


class Letter(Struct, frozen=True, kw_only=True):
    """The words of a response and what goes with them."""

    subject: str
    body: str
    to: str = ""
    files: tuple[str, ...] = ()
    """The SHA-256 of each enclosed file, hexadecimal."""
    discloses: bool = False
    language: str | None = None

    def places(self) -> Iterator[tuple[str, str]]:
        """Yield each text with its pointer."""
        yield "/subject", self.subject
        yield "/body", self.body


def lint(letter: Letter, case: Case, policy: Policy) -> list[Finding]:
    """Find the common errors in a letter to the requester of `case`."""
    return [one for rule in _RULES for one in rule(letter, case, policy)]


def _each(letter: Letter, pattern: "re.Pattern[str]", say: str, code: str, *, blocks: bool
) -> list[Finding]:  # fmt: skip
    """Find a pattern once in each text; `say` may quote what was found as `{}`."""
    findings: list[Finding] = []
    for pointer, text in letter.places():
        found = pattern.search(text)
        if found is not None:
            detail = say.replace("{}", visible(found[0])[:60])
            findings.append(Finding(pointer, detail, overridable=not blocks, code=code))
    return findings


_MARKER: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\[\[|\]\]|⟨[^⟩\n]{0,80}⟩")


def _unfilled(letter: Letter, _case: Case, _policy: Policy) -> list[Finding]:
    return _each(letter, _MARKER, "has a gap that was not filled: {}", "unfilled", blocks=True)


_CHECK_ID: Final = re.compile(r"\bV(?:0[1-9]|1[0-9]|20)\b")
_CHECK_WORDS: Final = re.compile(
    r"\b(?:SPF|DKIM|DMARC|look-?alike|homoglyph|spoof\w*|reply-to"
    r"|call(?:ed)?[- ]?back (?:failed|did)"
    r"|failed (?:the |our )?(?:callback|verification|check)|not (?:on|in) (?:our|the) register"
    r"|free-?mail|compromised mailbox|red flag)\b",
    re.IGNORECASE,
)


def _check_hint(letter: Letter, case: Case, policy: Policy) -> list[Finding]:
    """Say nothing of the checks: whoever failed one would pass it the next time."""
    findings = _each(letter, _CHECK_ID, "names the check {}", "check-hint", blocks=True)
    findings += _each(
        letter, _CHECK_WORDS, "may tell which check failed: {}", "check-words", blocks=False
    )
    checks = case.requester.verification.checks if case.requester else ()
    failed = {check.id for check in checks if check.result in ("FAIL", "UNABLE")}
    labels = [one.label for one in policy.verification.checks if one.id in failed and one.label]
    for pointer, text in letter.places():
        low = text.casefold()
        if any(label.raw.casefold() in low for label in labels):
            findings.append(Finding(pointer, "names the check that failed", code="check-hint"))
    return findings


def _internal(letter: Letter, _case: Case, policy: Policy) -> list[Finding]:
    codes = [re.escape(reason.code) for reason in policy.reasons if reason.internal]
    if not codes:
        return []
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(codes)})(?!\w)")
    return _each(letter, pattern, "names the internal reason {}", "internal", blocks=True)


_RUN: Final = re.compile(r"\d+|[A-Za-z]+|[^A-Za-z\d]")


def _reference(letter: Letter, case: Case, _policy: Policy) -> list[Finding]:
    """Find a reference of our own form that is not this case's; and the lack of any."""
    known = [one.raw for one in (case.reference, case.their_reference) if one]
    whole = f"{letter.subject}\n{letter.body}".replace("\\", "")
    findings: list[Finding] = []
    if case.reference and (form := _form(case.reference.raw)):
        for found in re.finditer(form, whole):
            if found[0] not in known:
                detail = f"names {visible(found[0])}, which is not this case's reference"
                findings.append(Finding("/body", detail, code="reference"))
                break
    if known and not any(one in whole for one in known):
        detail = "names neither our reference nor theirs"
        findings.append(Finding("/body", detail, overridable=True, code="no-reference"))
    return findings


def _form(reference: str) -> str | None:
    """Turn `ED-2026-004512` into a pattern of its like; None where it has too little form."""
    runs: list[str] = _RUN.findall(reference)
    if len(reference) < 6 or not any(run.isdigit() for run in runs) or len(runs) < 2:
        return None
    parts = (rf"\d{{{len(run)}}}" if run.isdigit() else re.escape(run) for run in runs)
    return rf"(?<![\w-]){''.join(parts)}(?![\w-])"


_TIME: Final = re.compile(
    r"(?<![\d:.])(?<!\d[+\-−])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?![\d:])"
    r"(?!\s*(?:Z\b|UTC|GMT|[+\-−±]\s?\d{1,2}|[A-Z]{3,4}T\b|\(UTC))"
)
_AMBIGUOUS: Final = re.compile(r"(?<![\d/.-])\d{1,2}([/.])\d{1,2}\1\d{2,4}(?![\d/])")


def _times(letter: Letter, _case: Case, _policy: Policy) -> list[Finding]:
    findings = _each(letter, _TIME, "has a time without its zone: {}", "time-zone", blocks=False)
    say = "has a date that reads two ways: {}; write 2026-11-23"
    return findings + _each(letter, _AMBIGUOUS, say, "ambiguous-date", blocks=False)


_ENCLOSED: Final = re.compile(
    r"\b(?:enclosed|attached|attachment|enclosure|anbei|beigefügt|im anhang|ci-joint|pièce jointe"
    r"|adjunt[oa]s?)\b",
    re.IGNORECASE,
)
_SHA256: Final = re.compile(r"\b[0-9a-fA-F]{64}\b")


def _files(letter: Letter, _case: Case, _policy: Policy) -> list[Finding]:
    findings: list[Finding] = []
    if not letter.files:
        say = "says “{}”, and no file goes with it"
        findings += _each(letter, _ENCLOSED, say, "no-file", blocks=False)
    for found in _SHA256.finditer(letter.body):
        if found[0].lower() not in letter.files:
            detail = "names a hash that no enclosed file has"
            findings.append(Finding("/body", detail, code="file-hash"))
            break
    return findings


_KEY: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bBearer [A-Za-z0-9._~+/-]{16,}")
_PASSWORD: Final = re.compile(
    r"\b(?:password|passphrase|passwort|kennwort|contraseña|mot de passe|pin)\b\s*(?:is|ist|:|=)",
    re.IGNORECASE,
)


def _secrets(letter: Letter, _case: Case, _policy: Policy) -> list[Finding]:
    findings = _each(letter, _KEY, "holds a key or a token", "secret", blocks=True)
    say = "seems to hold a password; keys go by a separate channel"
    return findings + _each(letter, _PASSWORD, say, "password", blocks=False)


_PROMISE: Final = re.compile(r"\bwe (?:can )?(?:guarantee|promise)\b", re.IGNORECASE)
_GUILT: Final = re.compile(r"\b(?:is|was|are) (?:clearly )?(?:guilty|the culprit)\b", re.IGNORECASE)


def _tone(letter: Letter, _case: Case, _policy: Policy) -> list[Finding]:
    findings = _each(letter, _PROMISE, "promises something: {}", "promise", blocks=False)
    return findings + _each(letter, _GUILT, "speaks of guilt: {}", "guilt", blocks=False)


_IP: Final = re.compile(
    r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\d|\.\d)"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}(?![\w:])"
)
_MAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")


def _pasted(letter: Letter, case: Case, _policy: Policy) -> list[Finding]:
    """Find data in the letter itself: it belongs into an encrypted file, if it is granted."""
    said = _said_by_requester(case) | {letter.to.casefold()}
    findings: list[Finding] = []
    for pointer, text in letter.places():
        plain = text.replace("\\", "")
        mails = [one for one in _MAIL.findall(plain) if one.casefold().strip(".") not in said]
        if _IP.search(plain) or mails:
            if letter.discloses:
                detail = "has data in the letter itself instead of an encrypted file"
            else:
                detail = "seems to hold data, and discloses none"
            findings.append(Finding(pointer, detail, overridable=True, code="pasted-data"))
    return findings


def _said_by_requester(case: Case) -> set[str]:
    requester = case.requester
    if requester is None:
        return set()
    supervisor = requester.supervisor.email if requester.supervisor else None
    own = (requester.email, supervisor)
    said = {one.raw.casefold() for one in own if one}
    narrative = case.request.narrative if case.request else None
    if narrative:
        said.update(one.casefold() for one in _MAIL.findall(narrative.raw[:100_000]))
    return said


def _hidden(letter: Letter, _case: Case, _policy: Policy) -> list[Finding]:
    return [
        Finding(pointer, "has invisible or controlling characters", overridable=True, code="hidden")
        for pointer, text in letter.places()
        if hidden_count(text)
    ]


def _language(letter: Letter, case: Case, _policy: Policy) -> list[Finding]:
    if letter.language is None or case.language is None:
        return []
    if letter.language.partition("-")[0].lower() == case.language.partition("-")[0].lower():
        return []
    detail = f"is in {letter.language}, the request came in {case.language}"
    return [Finding("/language", detail, overridable=True, code="language")]


_RULES: Final[tuple[Callable[[Letter, Case, Policy], list[Finding]], ...]] = (
    _unfilled, _check_hint, _internal, _reference, _times, _files, _secrets, _tone, _pasted,
    _hidden, _language,
)  # fmt: skip
