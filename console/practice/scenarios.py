"""Fills a desk with cases: deterministic by seed and start, cheap enough for a hundred thousand.

The first cases are made by hand (`showcase.py`); the rest is drawn from the situations. All times
are relative to the start, so that a desk looks alive whenever it is opened.
"""

from collections.abc import Iterator
from datetime import timedelta

from console.practice import clocks, kinds
from console.practice.history import closed, decided, waiting_for_approval, work_on
from console.practice.maker import Made, Maker
from console.practice.showcase import showcase
from console.practice.situations import situations
from console.practice.wire import Link


def draw(maker: Maker, age: timedelta) -> Made:
    """Draw a case that came in `age` ago."""
    roll = maker.chance.random()
    for share, make in (
        (0.55, kinds.emergency),
        (0.67, kinds.order),
        (0.74, kinds.preservation),
        (0.83, kinds.internal),
        (0.91, kinds.live),
        (1.01, kinds.report),
    ):
        if roll < share:
            return _finish(maker, make(maker, maker.start - age), age)
    raise AssertionError  # the shares reach 1


def _finish(maker: Maker, made: Made, age: timedelta) -> Made:
    """Give a drawn case its past and its oddities."""
    chance, case = maker.chance, made.case
    if case.requester is not None and case.requester.email and chance.random() < 0.25:
        maker.suspect(case.requester)
    if case.request is not None and chance.random() < 0.03:
        texts = situations()
        text = texts.attack(chance.randrange(len(texts.hostile)), "@somebody")
        case.request.narrative = text
        case.title = (case.title or "") + text[:80]
    if len(maker.recent) > 5 and chance.random() < 0.05:
        rel = "duplicate_of" if chance.random() < 0.6 else "related"
        case.links.append(Link(rel=rel, case=chance.choice(maker.recent[:-1])))
    clocks.start(case, maker.policy)
    past = chance.random()
    if age > timedelta(days=2) and past < 0.9:
        closed(maker, case)
    elif past < 0.08:
        work_on(maker, case)
    elif past < 0.14 and case.requester is not None and case.requester.email:
        decided(maker, case)
    elif past < 0.16 and case.requester is not None and case.request is not None:
        waiting_for_approval(maker, case)
    elif past < 0.20:
        clocks.pause(case, maker.policy, case.received_at + age / 2, clocks.CLARIFICATION)
        case.state = "awaiting_requester"
    return made


def generate(maker: Maker, count: int) -> Iterator[Made]:
    """Make `count` cases: those made by hand first, the newest of the drawn ones next."""
    made = showcase(maker)[:count]
    yield from made
    for _ in range(count - len(made)):
        near = maker.chance.random() < 0.4
        span = timedelta(days=2) if near else timedelta(days=30)
        yield draw(maker, span * maker.chance.random() ** 2 + timedelta(minutes=1))
