"""Draws the parts of a case: ids, people, requesters, files. Deterministic by seed and start."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from console.practice.around import Agency, Policy
from console.practice.files import Sample, samples
from console.practice.register import PLACES, agencies, imitations
from console.practice.wire import (
    Attachment,
    Case,
    CaseKind,
    Check,
    Contact,
    Evidence,
    Graphic,
    Imminence,
    MailAuthentication,
    Message,
    Priority,
    Requester,
    Signal,
    Subject,
    Verification,
)

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_HANDLES: Final = ("quiet", "river", "north", "ember", "paper", "velvet", "static", "harbor")
_TAILS: Final = ("fox", "lamp", "sketch", "drift", "oak", "signal", "tide", "moth")
_URGENCY: Final[tuple[tuple[Priority, Imminence, int], ...]] = (
    ("P0", "in_progress", 2),
    ("P1", "imminent", 14),
    ("P2", "credible", 34),
    ("P3", "concerning", 35),
    ("P4", "none", 15),
)


@dataclass
class Made:
    """A case that was made, and the bytes of its attachments."""

    case: Case
    files: list[tuple[Attachment, bytes]] = field(default_factory=list[tuple[Attachment, bytes]])


class Maker:
    """Draws parts of cases. Two makers with the same seed and start draw the same."""

    def __init__(self, seed: int, start: datetime, policy: Policy, *, stream: str = "") -> None:
        self.chance = Random(f"{seed} {stream}")  # noqa: S311 - practice data, no secret
        self.start = start
        self.policy = policy
        self.samples = samples(seed)
        self.register = agencies()
        self.by_country: dict[str, list[Agency]] = {}
        for agency in self.register:
            self.by_country.setdefault(agency.country, []).append(agency)
        self.number = self.chance.randrange(1000, 5000)
        self.recent: list[str] = []
        """The ids of the last cases, which later ones may be duplicates of."""

    def case(self, kind: CaseKind, queue: str, received: datetime, title: str) -> Case:
        """Start a case with what all have."""
        self.number += 1
        chance = self.chance
        urgency = chance.choices(_URGENCY, [weight for _, _, weight in _URGENCY])[0]
        case_id = "c_" + "".join(chance.choices(_ALPHABET, k=10))
        received = received.replace(microsecond=received.microsecond // 1000 * 1000)
        self.recent = [*self.recent[-19:], case_id]
        return Case(
            id=case_id,
            seq=0,
            version="1",
            queue=queue,
            kind=kind,
            state="open",
            reference=f"ED-{received.year}-{self.number:06}",
            title=title,
            priority=urgency[0],
            imminence=urgency[1],
            confidence=chance.choice(("low", "medium", "high")),
            received_at=received,
            updated_at=received,
            channel="portal",
        )

    def handle(self) -> str:
        """Draw a handle of nobody."""
        chance = self.chance
        return f"@{chance.choice(_HANDLES)}{chance.choice(_TAILS)}{chance.randrange(10, 99)}"

    def subject(self, number: int, display: str, role: str, kind: str = "account") -> Subject:
        """Draw a subject."""
        return Subject(
            id=f"s{number}",
            kind=kind,
            value=str(self.chance.randrange(7_000_000, 7_999_999)),
            display=display,
            role=role,
        )

    def requester(self, country: str) -> Requester:
        """Draw a requester of the register, as a plain and honest one."""
        chance = self.chance
        place = PLACES[country]
        agency = chance.choice(self.by_country[country])
        name = chance.choice(place.names)
        extra = chance.randrange(10, 90)
        address = f"officer.{extra}@{agency.domains[0]}"
        return Requester(
            kind="law_enforcement",
            name=name,
            title=chance.choice(place.ranks),
            badge=f"B{chance.randrange(1000, 9999)}",
            sworn=True,
            agency=agency.name,
            agency_id=agency.id,
            country=country,
            email=address,
            phone=f"{place.dial}{extra}",
            supervisor=Contact(
                name=chance.choice(place.names),
                phone=f"{place.dial}{chance.randrange(10, 90)}",
                email=f"supervisor.{extra}@{agency.domains[0]}",
            ),
            mail_authentication=MailAuthentication(
                spf="pass", dkim="pass", dmarc="pass", from_=address, reply_to=address
            ),
            verification=Verification(),
        )

    def attach(self, made: Made, sample: Sample) -> Attachment:
        """Enclose a file."""
        case = made.case
        file = Attachment(
            id=f"f_{case.id[2:]}_{len(case.attachments) + 1}",
            name=sample.name,
            media_type=sample.media_type,
            size=len(sample.content),
            sha256=sample.sha256,
            graphic=Graphic(category=sample.category, level=sample.level),
            description=sample.description,
        )
        case.attachments.append(file)
        if case.messages:
            case.messages[-1].attachments.append(file.id)
        case.graphic_level = max(case.graphic_level or 0, sample.level)
        made.files.append((file, sample.content))
        return file

    def verified(
        self, requester: Requester, at: datetime, by: str, *, strong: bool = False
    ) -> None:
        """Let the checks of a level have been made by somebody."""
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        name = "VERIFIED_STRONG" if strong else "VERIFIED_STANDARD"
        level = self.policy.verification.levels[name]
        agency = next((one for one in self.register if one.id == requester.agency_id), None)
        called = agency and Evidence(
            number=agency.callback_numbers[0],
            source="register",
            spoke_to="switchboard, then the officer",
            at=at,
        )
        requester.verification = Verification(
            state=name,
            checks=[
                Check(
                    id=check,
                    result="PASS",
                    by=by,
                    at=at,
                    evidence=called if check == "V07" else None,
                )
                for check in sorted({choice[-1] for choice in level.all})
            ],
        )

    def suspect(self, requester: Requester) -> None:
        """Make a requester one that careful eyes would doubt."""
        chance = self.chance
        mail = requester.mail_authentication
        assert mail is not None
        assert requester.email is not None
        local, _, domain = requester.email.partition("@")
        way = chance.randrange(5)
        if way == 0:
            requester.email = f"{local}.police@freemail.example"
            requester.signals.append(Signal(id="free_mail", level="red", why="Free mail address"))
        elif way == 1:
            fake = chance.choice(imitations(domain.removesuffix(".example")))
            requester.email = f"{local}@{fake}"
            requester.signals.append(
                Signal(id="domain_lookalike", level="red", why=f"{fake} resembles {domain}")
            )
        elif way == 2:
            mail.reply_to = f"{local}@answers.{domain.removesuffix('.example')}.test"
            requester.signals.append(
                Signal(id="reply_to_differs", level="red", why="Answers would go to another domain")
            )
        elif way == 3:
            mail.spf, mail.dkim, mail.dmarc = "softfail", "none", "fail"
            requester.signals.append(
                Signal(id="mail_authentication", level="amber", why="DMARC did not pass")
            )
        else:
            requester.agency_id = None
            requester.agency = f"{requester.agency} (special unit)"
            requester.signals += [
                Signal(id="first_contact", level="amber", why="Agency not in the register"),
                Signal(id="callback_only_own", level="amber", why="Only their own number is given"),
            ]
        mail.from_ = requester.email

    def message(self, made: Made, body: str, language: str | None) -> None:
        """Let the requester have written the message that opened the case."""
        case, requester = made.case, made.case.requester
        assert requester is not None
        case.messages.append(
            Message(
                id=f"m{len(case.messages) + 1}",
                at=case.received_at,
                direction="in",
                from_=requester.email,
                to=["emergency@desk.nightdesk.example"],
                subject=f"{case.their_reference or case.reference}",
                body=body,
                language=language,
            )
        )
        if self.chance.random() < 0.3:
            self.attach(made, self.samples[self.chance.randrange(0, 5)])
