"""Fills a desk with cases: deterministic by seed and start, cheap enough for a hundred thousand.

The first cases are made by hand (`showcase.py`); the rest is drawn from the situations. All times
are relative to the start, so that a desk looks alive whenever it is opened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from console.practice import clocks
from console.practice.files import Sample, samples
from console.practice.history import closed, decided, waiting_for_approval, work_on
from console.practice.register import PLACES, agencies, imitations
from console.practice.situations import HOSTILE, INTERNAL, LIVE, REPORTS, SITUATIONS, Situation
from console.practice.wire import (
    Agency,
    Attachment,
    Case,
    CaseKind,
    Check,
    Contact,
    DataItem,
    Graphic,
    Link,
    MailAuthentication,
    Message,
    PersonAtRisk,
    Policy,
    Request,
    Requester,
    Signal,
    Stream,
    StreamSignal,
    Subject,
    Verification,
)

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_HANDLES: Final = ("quiet", "river", "north", "ember", "paper", "velvet", "static", "harbor")
_TAILS: Final = ("fox", "lamp", "sketch", "drift", "oak", "signal", "tide", "moth")
_ARTICLES: Final = {"EU": ("production_order", "emergency_production_order", "removal_order")}
_URGENCY: Final = (
    ("P0", "in_progress", 2),
    ("P1", "imminent", 14),
    ("P2", "credible", 34),
    ("P3", "concerning", 35),
    ("P4", "none", 15),
)
Suspicion = Callable[["Maker", Case, Requester], None]


@dataclass
class Made:
    """A case that was made, and the bytes of its attachments."""

    case: Case
    files: list[tuple[Attachment, bytes]] = field(default_factory=list[tuple[Attachment, bytes]])


class Maker:
    """Draws cases. Two makers with the same seed and start draw the same."""

    def __init__(self, seed: int, start: datetime, policy: Policy, *, stream: str = "") -> None:
        self.chance = Random(f"{seed} {stream}")  # noqa: S311 - practice data, no secret
        self.start = start
        self.policy = policy
        self.samples = samples(seed)
        self.register = agencies()
        self.by_country: dict[str, list[Agency]] = {}
        for agency in self.register:
            self.by_country.setdefault(agency.country, []).append(agency)
        self._number = self.chance.randrange(1000, 5000)
        self._recent: list[str] = []

    def draw(self, age: timedelta) -> Made:
        """Draw a case that came in `age` ago."""
        roll = self.chance.random()
        for share, make in (
            (0.55, self.emergency),
            (0.67, self.order),
            (0.74, self.preservation),
            (0.83, self.internal),
            (0.91, self.live),
            (1.01, self.report),
        ):
            if roll < share:
                return self._finish(make(self.start - age), age)
        raise AssertionError  # the shares reach 1

    def case(self, kind: CaseKind, queue: str, received: datetime, title: str) -> Case:
        """Start a case with what all have."""
        self._number += 1
        chance = self.chance
        urgency = chance.choices(_URGENCY, [weight for _, _, weight in _URGENCY])[0]
        case_id = "c_" + "".join(chance.choices(_ALPHABET, k=10))
        received = received.replace(microsecond=received.microsecond // 1000 * 1000)
        self._recent = [*self._recent[-19:], case_id]
        return Case(
            id=case_id,
            seq=0,
            version=str(chance.randrange(1, 4)),
            queue=queue,
            kind=kind,
            state="open",
            reference=f"ED-{received.year}-{self._number:06}",
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

    def emergency(self, received: datetime, said: Situation | None = None) -> Made:
        """Draw an emergency disclosure request."""
        chance = self.chance
        said = said or chance.choice(SITUATIONS)
        country = chance.choice(said.countries)
        place = PLACES[country]
        handle = self.handle()
        case = self.case(
            "emergency_disclosure", "emergency", received, f"{said.title}, account {handle}"
        )
        case.their_reference = f"{country}-{chance.randrange(10_000, 99_999)}/26"
        case.harms = [said.harm]
        case.jurisdiction = place.jurisdiction
        case.language = said.language
        case.addressed_entity = place.entity
        case.channel = chance.choice(("portal", "portal", "portal", "email"))
        if said.minor:
            case.sensitivities = ["minor"]
        if said.harm == "SUICIDE_SELF_HARM":
            case.sensitivities.append("self_harm")
        role = "victim" if "SELF_HARM" in said.harm or "OVERDOSE" in said.harm else "threat"
        case.subjects = [self.subject(1, handle, role)]
        case.requester = self.requester(country)
        narrative = said.narrative.format(handle=handle, place=said.place)
        sought = [("T1", "basic_subscriber"), ("T2", "recent_logins"), ("T3", "location_signals")]
        if chance.random() < 0.2:
            sought.append(("T4", "messages"))
        case.request = Request(
            narrative=narrative,
            persons_at_risk=[
                PersonAtRisk(label="person named by the requester", is_minor=said.minor or None)
            ],
            harm_expected=said.harm.replace("_", " ").lower(),
            why_now=said.why_now,
            deadline_at=received + timedelta(hours=chance.randrange(2, 20)),
            location_known=False,
            other_steps_taken=said.steps or None,
            why_not_ordinary_process=said.ordinary or None,
            necessity_link=said.necessity or None,
            legal_basis_claimed=place.basis,
            data_sought=[
                DataItem(
                    tier=tier,
                    category=category,
                    subject="s1",
                    from_=received - timedelta(days=7),
                    to=received,
                )
                for tier, category in sought[: chance.randrange(1, len(sought) + 1)]
            ],
        )
        made = Made(case)
        self._message(made, narrative, said.language)
        return made

    def order(self, received: datetime) -> Made:
        """Draw an order with a clock of its law."""
        chance = self.chance
        kind, country, title = chance.choice(
            (
                ("production_order", "DE", "European production order"),
                ("emergency_production_order", "FR", "European production order, emergency"),
                ("removal_order", "ES", "Removal order, terrorist content"),
                ("information_request", "DE", "Order to give information"),
                ("removal_order", "AU", "Removal notice"),
                ("removal_order", "IN", "Order to remove"),
                ("information_request", "IN", "Request for information"),
                ("information_request", "BR", "Request for registration data"),
                ("production_order", "GB", "Overseas production order"),
                ("information_request", "JP", "Enquiry sheet"),
            )
        )
        place = PLACES[country]
        handle = self.handle()
        case = self.case(kind, "orders", received, f"{title}, account {handle}")  # type: ignore[arg-type]
        case.their_reference = f"{country}-ORD-{chance.randrange(1000, 9999)}"
        case.jurisdiction = place.jurisdiction
        case.addressed_entity = place.entity
        case.language = {"DE": "de", "FR": "fr", "ES": "es", "BR": "pt", "JP": "ja"}.get(
            country, "en"
        )
        case.subjects = [self.subject(1, handle, "unknown")]
        case.requester = self.requester(country)
        case.requester.kind = "court" if "production" in kind else "authority"
        case.request = Request(
            narrative=f"Order {case.their_reference} on the account {handle}.",
            legal_basis_claimed=place.basis,
            process_reference=case.their_reference,
            nondisclosure={"until": None, "basis": "order"} if chance.random() < 0.3 else None,
            data_sought=[]
            if kind == "removal_order"
            else [DataItem(tier="T1", category="basic_subscriber", subject="s1")],
        )
        made = Made(case)
        self._message(made, case.request.narrative or "", "en")
        self.attach(made, self.samples[0])
        return made

    def preservation(self, received: datetime) -> Made:
        """Draw a preservation request."""
        country = self.chance.choice(("US", "US", "GB", "AU"))
        handle = self.handle()
        title = f"Preservation, account {handle}"
        case = self.case("preservation", "preservation", received, title)
        case.priority, case.imminence = "P4", "none"
        case.jurisdiction = PLACES[country].jurisdiction
        case.language = "en"
        case.subjects = [self.subject(1, handle, "unknown")]
        case.requester = self.requester(country)
        case.request = Request(
            narrative=f"Please preserve what is held for {handle} for 90 days.",
            legal_basis_claimed="18 USC 2703(f)" if country == "US" else PLACES[country].basis,
            data_sought=[DataItem(tier="T4", category="everything", subject="s1")],
        )
        made = Made(case)
        self._message(made, case.request.narrative or "", "en")
        return made

    def internal(self, received: datetime) -> Made:
        """Draw an escalation of another team, now and then a notice of a threat to life."""
        harm, title, text = self.chance.choice(INTERNAL)
        handle = self.handle()
        notice = self.chance.random() < 0.3
        kind: CaseKind = "threat_to_life_notice" if notice else "internal_escalation"
        case = self.case(kind, "internal", received, title)
        case.harms = [harm]
        case.channel = "internal"
        case.language = "en"
        case.jurisdiction = self.chance.choice(("DE", "FR", "US-CA", "GB", "BR"))
        case.subjects = [
            self.subject(1, handle, "unknown"),
            self.subject(2, self.handle(), "witness"),
        ]
        case.request = Request(narrative=text.format(handle=handle))
        if harm == "CHILD_SEXUAL_ABUSE":
            case.sensitivities = ["minor", "sexual"]
        made = Made(case)
        if self.chance.random() < 0.3:
            self.attach(made, self.samples[self.chance.randrange(3, 9)])
        return made

    def live(self, received: datetime) -> Made:
        """Draw a live stream at risk."""
        chance = self.chance
        harm, title, signal = chance.choice(LIVE)
        handle = self.handle()
        case = self.case("livestream_risk", "live", received, title)
        case.harms = [harm]
        case.channel = "internal"
        case.language = chance.choice(("en", "es", "pt", "ja", "ar", "hi"))
        case.graphic_level = chance.randrange(0, 4)
        case.subjects = [
            self.subject(1, handle, "streamer"),
            self.subject(2, f"room of {handle}", "stream", "stream"),
        ]
        viewers = chance.randrange(3, 4000)
        case.stream = Stream(
            room_id=f"r{chance.randrange(10**8, 10**9)}",
            live=self.start - received < timedelta(minutes=30),
            started_at=received - timedelta(minutes=chance.randrange(2, 90)),
            viewers=viewers,
            peak_viewers=viewers + chance.randrange(0, 900),
            last_signal_at=received,
            signals=[
                StreamSignal(
                    at=received - timedelta(seconds=15 * step),
                    name=signal,
                    value=round(chance.uniform(0.4, 0.99), 2),
                )
                for step in range(3)
            ],
        )
        made = Made(case)
        if chance.random() < 0.4:
            self.attach(made, self.samples[chance.randrange(5, 7)])
        return made

    def report(self, received: datetime) -> Made:
        """Draw what a user told us."""
        harm, title, text = self.chance.choice(REPORTS)
        handle = self.handle()
        case = self.case("user_report", "reports", received, f"{title}, account {handle}")
        case.harms = [harm]
        case.channel = "form"
        case.language = "en"
        case.subjects = [self.subject(1, handle, "unknown")]
        case.requester = Requester(kind="user", name=self.handle())
        case.request = Request(narrative=text.format(handle=handle))
        return Made(case)

    def _message(self, made: Made, body: str, language: str | None) -> None:
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
        name = "VERIFIED_STRONG" if strong else "VERIFIED_STANDARD"
        level = self.policy.verification.levels[name]
        requester.verification = Verification(
            state=name,
            checks=[
                Check(id=check, result="PASS", by=by, at=at)
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

    def _finish(self, made: Made, age: timedelta) -> Made:
        """Give a drawn case its past and its oddities."""
        chance, case = self.chance, made.case
        if case.requester is not None and case.requester.email and chance.random() < 0.25:
            self.suspect(case.requester)
        if case.request is not None and chance.random() < 0.03:
            text = chance.choice(HOSTILE).format(handle="@somebody", place="here")
            case.request.narrative = text
            case.title = (case.title or "") + text[:80]
        if len(self._recent) > 5 and chance.random() < 0.05:
            rel = "duplicate_of" if chance.random() < 0.6 else "related"
            case.links.append(Link(rel=rel, case=chance.choice(self._recent[:-1])))
        clocks.start(case, self.policy)
        past = chance.random()
        if age > timedelta(days=2) and past < 0.9:
            closed(self, case)
        elif past < 0.08:
            work_on(self, case)
        elif past < 0.14 and case.requester is not None and case.requester.email:
            decided(self, case)
        elif past < 0.16 and case.requester is not None and case.request is not None:
            waiting_for_approval(self, case)
        elif past < 0.20:
            clocks.pause(case, self.policy, case.received_at + age / 2, clocks.CLARIFICATION)
            case.state = "awaiting_requester"
        return made


def generate(maker: Maker, count: int) -> Iterator[Made]:
    """Make `count` cases: those made by hand first, the newest of the drawn ones next."""
    from console.practice.showcase import showcase

    made = showcase(maker)[:count]
    yield from made
    for _ in range(count - len(made)):
        near = maker.chance.random() < 0.4
        span = timedelta(days=2) if near else timedelta(days=30)
        yield maker.draw(span * maker.chance.random() ** 2 + timedelta(minutes=1))
