"""The kinds of cases that come in: each function draws one."""

from datetime import datetime, timedelta
from typing import Final

from console.practice.maker import Made, Maker
from console.practice.register import PLACES
from console.practice.situations import Emergency, situations
from console.practice.wire import (
    CaseKind,
    DataItem,
    PersonAtRisk,
    Request,
    Requester,
    Stream,
    StreamSignal,
)

_ORDERS: Final[tuple[tuple[CaseKind, str, str], ...]] = (
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
_LANGUAGES: Final = {"DE": "de", "FR": "fr", "ES": "es", "BR": "pt", "JP": "ja"}


def emergency(maker: Maker, received: datetime, said: Emergency | None = None) -> Made:
    """Draw an emergency disclosure request."""
    chance = maker.chance
    said = said or chance.choice(situations().emergencies)
    country = chance.choice(said.countries)
    place = PLACES[country]
    handle = maker.handle()
    case = maker.case(
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
    case.subjects = [maker.subject(1, handle, role)]
    case.requester = maker.requester(country)
    case.request = _asked(maker, said, handle, received)
    case.request.legal_basis_claimed = place.basis
    made = Made(case)
    maker.message(made, case.request.narrative or "", said.language)
    return made


def _asked(maker: Maker, said: Emergency, handle: str, received: datetime) -> Request:
    """Draw what is asked for, in the requester's words."""
    chance = maker.chance
    sought = [("T1", "basic_subscriber"), ("T2", "recent_logins"), ("T3", "location_signals")]
    if chance.random() < 0.2:
        sought.append(("T4", "messages"))
    return Request(
        narrative=said.narrative.format(handle=handle, place=said.place),
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


def order(maker: Maker, received: datetime) -> Made:
    """Draw an order with a clock of its law."""
    chance = maker.chance
    kind, country, title = chance.choice(_ORDERS)
    place = PLACES[country]
    handle = maker.handle()
    case = maker.case(kind, "orders", received, f"{title}, account {handle}")
    case.their_reference = f"{country}-ORD-{chance.randrange(1000, 9999)}"
    case.jurisdiction = place.jurisdiction
    case.addressed_entity = place.entity
    case.language = _LANGUAGES.get(country, "en")
    case.subjects = [maker.subject(1, handle, "unknown")]
    case.requester = maker.requester(country)
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
    maker.message(made, case.request.narrative or "", "en")
    maker.attach(made, maker.samples[0])
    return made


def preservation(maker: Maker, received: datetime) -> Made:
    """Draw a preservation request."""
    country = maker.chance.choice(("US", "US", "GB", "AU"))
    handle = maker.handle()
    title = f"Preservation, account {handle}"
    case = maker.case("preservation", "preservation", received, title)
    case.priority, case.imminence = "P4", "none"
    case.jurisdiction = PLACES[country].jurisdiction
    case.language = "en"
    case.subjects = [maker.subject(1, handle, "unknown")]
    case.requester = maker.requester(country)
    case.request = Request(
        narrative=f"Please preserve what is held for {handle} for 90 days.",
        legal_basis_claimed="18 USC 2703(f)" if country == "US" else PLACES[country].basis,
        data_sought=[DataItem(tier="T4", category="everything", subject="s1")],
    )
    made = Made(case)
    maker.message(made, case.request.narrative or "", "en")
    return made


def internal(maker: Maker, received: datetime) -> Made:
    """Draw an escalation of another team, now and then a notice of a threat to life."""
    said = maker.chance.choice(situations().internal)
    handle = maker.handle()
    notice = maker.chance.random() < 0.3
    kind: CaseKind = "threat_to_life_notice" if notice else "internal_escalation"
    case = maker.case(kind, "internal", received, said.title)
    case.harms = [said.harm]
    case.channel = "internal"
    case.language = "en"
    case.jurisdiction = maker.chance.choice(("DE", "FR", "US-CA", "GB", "BR"))
    case.subjects = [
        maker.subject(1, handle, "unknown"),
        maker.subject(2, maker.handle(), "witness"),
    ]
    case.request = Request(narrative=said.text.format(handle=handle))
    if said.harm == "CHILD_SEXUAL_ABUSE":
        case.sensitivities = ["minor", "sexual"]
    made = Made(case)
    if maker.chance.random() < 0.3:
        maker.attach(made, maker.samples[maker.chance.randrange(3, 9)])
    return made


def live(maker: Maker, received: datetime) -> Made:
    """Draw a live stream at risk."""
    chance = maker.chance
    said = chance.choice(situations().live)
    handle = maker.handle()
    case = maker.case("livestream_risk", "live", received, said.title)
    case.harms = [said.harm]
    case.channel = "internal"
    case.language = chance.choice(("en", "es", "pt", "ja", "ar", "hi"))
    case.graphic_level = chance.randrange(0, 4)
    case.subjects = [
        maker.subject(1, handle, "streamer"),
        maker.subject(2, f"room of {handle}", "stream", "stream"),
    ]
    viewers = chance.randrange(3, 4000)
    case.stream = Stream(
        room_id=f"r{chance.randrange(10**8, 10**9)}",
        live=maker.start - received < timedelta(minutes=30),
        started_at=received - timedelta(minutes=chance.randrange(2, 90)),
        viewers=viewers,
        peak_viewers=viewers + chance.randrange(0, 900),
        last_signal_at=received,
        signals=[
            StreamSignal(
                at=received - timedelta(seconds=15 * step),
                name=said.text,
                value=round(chance.uniform(0.4, 0.99), 2),
            )
            for step in range(3)
        ],
    )
    made = Made(case)
    if chance.random() < 0.4:
        maker.attach(made, maker.samples[chance.randrange(5, 7)])
    return made


def report(maker: Maker, received: datetime) -> Made:
    """Draw what a user told us."""
    said = maker.chance.choice(situations().reports)
    handle = maker.handle()
    case = maker.case("user_report", "reports", received, f"{said.title}, account {handle}")
    case.harms = [said.harm]
    case.channel = "form"
    case.language = "en"
    case.subjects = [maker.subject(1, handle, "unknown")]
    case.requester = Requester(kind="user", name=maker.handle())
    case.request = Request(narrative=said.text.format(handle=handle))
    return Made(case)
