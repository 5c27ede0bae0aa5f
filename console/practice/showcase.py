"""The first cases of every desk: one for each thing that a newcomer should meet early."""

from datetime import timedelta
from typing import Final

from console.practice import clocks
from console.practice.history import note, waiting_for_approval, work_on
from console.practice.kinds import emergency
from console.practice.maker import Made, Maker
from console.practice.register import imitations
from console.practice.situations import situations
from console.practice.wire import Case, DataItem, Imminence, Link, Message, Priority, Signal

_MINUTE: Final = timedelta(minutes=1)


def showcase(maker: Maker) -> list[Made]:
    """Return the hand-made cases, those to begin with first."""
    made = [
        _calm(maker),
        _calm_to_verify(maker),
        *_duplicates(maker),
        _needs_approval(maker),
        _imitator(maker),
        _free_mail(maker),
        _first_contact(maker),
        _running_out(maker),
        _overdue(maker),
        _paused(maker),
        _claimed(maker),
        *_hostile(maker),
        *_attachments(maker),
        _restricted(maker),
    ]
    for one in made:
        clocks.start(one.case, maker.policy)
    return made


def _emergency(
    maker: Maker, situation: int, age: timedelta, priority: Priority, imminence: Imminence
) -> Made:
    made = emergency(maker, maker.start - age, situations().emergencies[situation])
    case = made.case
    case.priority = priority
    case.imminence = imminence
    case.channel = "portal"
    return made


def _plain_scope(case: Case) -> None:
    assert case.request is not None
    case.request.data_sought = [
        DataItem(
            tier=tier,
            category=category,
            subject="s1",
            from_=case.received_at - timedelta(days=2),
            to=case.received_at,
        )
        for tier, category in (("T1", "basic_subscriber"), ("T2", "recent_logins"))
    ]


def _calm(maker: Maker) -> Made:
    """A complete, verified request: to be decided and answered without a second person."""
    made = _emergency(maker, 0, 6 * _MINUTE, "P1", "imminent")
    case = made.case
    _plain_scope(case)
    case.confidence = "high"
    assert case.requester is not None
    case.requester.agency_id, case.requester.country = "a_northfield-police", "US"
    case.requester.agency = "Northfield City Police"
    case.requester.email = "officer.21@northfield-police.example"
    mail = case.requester.mail_authentication
    assert mail is not None
    mail.from_ = mail.reply_to = case.requester.email
    case.jurisdiction, case.addressed_entity = "US-CA", "US"
    case.requester.signals = [Signal(id="portal_account", level="green", why="Known for 3 years")]
    maker.verified(case.requester, maker.start - 2 * _MINUTE, "sp_7")
    note(maker, case, "Callback through the switchboard done; the officer described the case.")
    return made


def _calm_to_verify(maker: Maker) -> Made:
    """A complete request from a known agency: the checks are still to be made."""
    made = _emergency(maker, 9, 11 * _MINUTE, "P1", "imminent")
    _plain_scope(made.case)
    return made


def _duplicates(maker: Maker) -> list[Made]:
    """The same request by portal and by mail."""
    first = _emergency(maker, 1, 25 * _MINUTE, "P1", "imminent")
    second = _emergency(maker, 1, 21 * _MINUTE, "P2", "credible")
    second.case.subjects = first.case.subjects
    second.case.requester = first.case.requester
    second.case.request = first.case.request
    second.case.title = first.case.title
    second.case.channel = "email"
    second.case.links = [Link(rel="duplicate_of", case=first.case.id)]
    return [first, second]


def _needs_approval(maker: Maker) -> Made:
    made = _emergency(maker, 2, 28 * _MINUTE, "P1", "imminent")
    case = made.case
    assert case.request is not None
    case.request.data_sought = [
        DataItem(tier="T1", category="basic_subscriber", subject="s1"),
        DataItem(tier="T4", category="messages", subject="s1"),
    ]
    clocks.start(case, maker.policy)
    waiting_for_approval(maker, case)
    return made


def _imitator(maker: Maker) -> Made:
    made = _emergency(maker, 3, 9 * _MINUTE, "P1", "imminent")
    requester = made.case.requester
    assert requester is not None
    assert requester.mail_authentication is not None
    fake = imitations("northfield-police")[0]
    requester.agency, requester.agency_id = "Northfield City Police", "a_northfield-police"
    requester.email = f"officer.21@{fake}"
    requester.mail_authentication.from_ = requester.mail_authentication.reply_to = requester.email
    requester.signals = [
        Signal(
            id="domain_lookalike", level="red", why=f"{fake} imitates northfield-police.example"
        ),
        Signal(id="urgency_and_secrecy", level="amber", why="Asks not to be called back"),
    ]
    return made


def _free_mail(maker: Maker) -> Made:
    made = _emergency(maker, 4, 14 * _MINUTE, "P2", "credible")
    requester = made.case.requester
    assert requester is not None
    requester.email = "harlow.sheriff.office@freemail.example"
    requester.signals = [Signal(id="free_mail", level="red", why="Free mail address")]
    made.case.channel = "email"
    return made


def _first_contact(maker: Maker) -> Made:
    made = _emergency(maker, 17, 17 * _MINUTE, "P2", "credible")
    requester = made.case.requester
    assert requester is not None
    requester.agency_id = None
    requester.signals = [
        Signal(id="first_contact", level="amber", why="Agency not in the register"),
        Signal(id="callback_only_own", level="amber", why="Only their own number is given"),
    ]
    return made


def _running_out(maker: Maker) -> Made:
    return _emergency(maker, 11, 29 * _MINUTE, "P1", "imminent")


def _overdue(maker: Maker) -> Made:
    return _emergency(maker, 15, 55 * _MINUTE, "P1", "imminent")


def _paused(maker: Maker) -> Made:
    """A case that waits for the requester's answer: its clock stands still."""
    made = _emergency(maker, 13, 3 * 60 * _MINUTE, "P2", "credible")
    case = made.case
    clocks.start(case, maker.policy)
    clocks.pause(case, maker.policy, maker.start - 40 * _MINUTE, clocks.CLARIFICATION)
    case.state = "awaiting_requester"
    case.messages.append(
        Message(
            id="m2",
            at=maker.start - 40 * _MINUTE,
            direction="out",
            from_="emergency@desk.nightdesk.example",
            to=[(case.requester.email if case.requester else None) or "portal"],
            subject=case.their_reference,
            body="Qual é a conta exata, e quando foi o último contato?",
            language="pt",
        )
    )
    return made


def _claimed(maker: Maker) -> Made:
    made = _emergency(maker, 5, 19 * _MINUTE, "P1", "imminent")
    clocks.start(made.case, maker.policy)
    work_on(maker, made.case)
    return made


def _hostile(maker: Maker) -> list[Made]:
    """One case for each way of writing as an attacker does."""
    found: list[Made] = []
    for number in range(len(situations().hostile)):
        made = _emergency(maker, number, (31 + number) * _MINUTE, "P3", "concerning")
        case = made.case
        assert case.request is not None
        assert case.requester is not None
        said = situations().attack(number, case.subjects[0].display or "")
        case.request.narrative = said
        case.messages[0].body = said
        case.title = f"{said[:60]} ({number})"
        case.requester.name = said[:40]
        case.requester.agency = f"Agency {said[:30]}"
        case.tags = ["hostile text", said[:24]]
        found.append(made)
    return found


def _attachments(maker: Maker) -> list[Made]:
    """Graphic files of two levels, one that nobody fetches, one with a trick in its name."""
    found: list[Made] = []
    for number, chosen in enumerate(((0, 3, 5), (6,), (8,), (7, 2))):
        made = _emergency(maker, number, (12 + number) * _MINUTE, "P2", "credible")
        for sample in chosen:
            maker.attach(made, maker.samples[sample])
        found.append(made)
    return found


def _restricted(maker: Maker) -> Made:
    made = _emergency(maker, 3, 70 * _MINUTE, "P2", "credible")
    made.case.queue = "restricted"
    made.case.sensitivities = ["employee"]
    return made
