"""What holds for every filter, every sequence of actions, every draft and every value."""

import re
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from console.casework import actions as act
from console.casework.disclosure import ResponseDraft, guard
from console.casework.filters import FIELDS, SIGNS, FilterError, complete, parse_filter
from console.casework.judgement import judge
from console.casework.projection import Unsent, project
from console.drafting.markdown import literal
from console.drafting.templates import fill
from local_cache import records as r
from local_cache.hostile import visible
from local_cache.query import CaseQuery, where_of
from tests.casework_ground import (
    APPROVER,
    LEAD,
    ME,
    NOW,
    POLICY,
    REGISTER,
    case,
    disclosing,
    item,
    recorded,
)

# --- Filters ------------------------------------------------------------------------------------

_VALUES = (
    "P0",
    "<1h",
    ">2d",
    "open",
    "a,b",
    '"a b"',
    "",
    "none",
    "me",
    "2026-11-23",
    "<=P1",
    "-due",
)
PIECES = st.one_of(
    st.builds(
        "{}{}:{}".format,
        st.sampled_from(("", "-", "not:", "--", "not:-")),
        st.sampled_from((*FIELDS, "is", "sort", "nothing")),
        st.one_of(st.sampled_from((*_VALUES, *SIGNS)), st.text(max_size=8)),
    ),
    st.text(max_size=12),
)
FILTERS = st.lists(PIECES, max_size=5).map(" ".join)


def read(filter_: str | list[str], me: str | None) -> CaseQuery | FilterError:
    try:
        return parse_filter(filter_, now=NOW, me=me)
    except FilterError as problem:
        return problem


@given(FILTERS)
def test_a_filter_is_read_or_pointed_at(text: str) -> None:
    result = read(text, "sp_1")
    if isinstance(result, FilterError):
        assert 0 <= result.column <= len(text)
        assert str(result).isprintable()
        return
    for condition in result.conditions:
        assert where_of(condition, result.now_ms).text


@given(st.lists(PIECES, max_size=4))
def test_shell_words_are_read_or_pointed_at(words: list[str]) -> None:
    result = read(words, None)
    if isinstance(result, FilterError):
        assert 0 <= result.column <= len(" ".join(words))


@given(FILTERS, st.integers(-1, 40))
def test_completing_never_fails(text: str, column: int) -> None:
    assert all(isinstance(one, str) for one in complete(text, column, known={"agency": ["a b"]}))


# --- Actions ------------------------------------------------------------------------------------


def action_of(data: bytes) -> act.AnyAction | act.BadAction:
    try:
        return act.read_action(data)
    except act.BadAction as problem:
        return problem


@given(st.binary(max_size=60))
def test_bytes_are_an_action_or_refused(data: bytes) -> None:
    result = action_of(data)
    assert not isinstance(result, act.BadAction) or result.findings


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)  # fmt: skip
_MEMBERS = sorted(
    {member.encode_name for kind in act.TYPES.values() for member in msgspec.structs.fields(kind)}
)


@given(st.sampled_from(sorted(act.TYPES)), st.dictionaries(st.sampled_from(_MEMBERS), _JSON))
def test_any_members_are_an_action_or_refused_by_name(kind: str, members: dict[str, Any]) -> None:
    action = action_of(msgspec.json.encode(members | {"type": kind}))
    if isinstance(action, act.BadAction):
        assert all(found.pointer.startswith("/") for found in action.findings)
        return
    assert act.read_action(act.body_of(action)) == action
    found = judge(case(), action, policy=POLICY, me=ME, now=NOW, key="k", register=REGISTER)
    assert all(one.detail.isprintable() for one in found)


WORDS = st.text(min_size=1, max_size=20).filter(
    lambda text: bool(text.strip()) and not re.search("[\ud800-\udfff]", text)
)
ANY_TIME: st.SearchStrategy[act.AnyAction] = st.one_of(
    st.builds(act.Note, body=WORDS),
    st.builds(act.Tag, add=st.tuples(WORDS)),
    st.builds(
        act.Assess,
        priority=st.sampled_from(("P0", "P1", "P4")),
        axes=st.builds(act.Axes, severity=st.integers(0, 3)),
    ),
    st.builds(
        act.Verify,
        check=st.sampled_from(("V01", "V08", "V20")),
        result=st.sampled_from(("PASS", "FAIL", "NA", "PENDING", "UNABLE")),
    ),
    st.builds(act.Link, rel=st.just("related"), case=st.sampled_from(("c_2", "c_3"))),
    st.builds(act.Snooze, until=st.integers(1, 99).map(lambda n: NOW + timedelta(days=n))),
    st.builds(act.Claim, ttl=st.integers(1, 60).map(lambda n: timedelta(minutes=n))),
    st.builds(act.Release),
    st.builds(act.Preserve, scope=WORDS, expires_at=st.just(NOW + timedelta(days=90))),
    st.builds(act.Enforce, target=st.just("s1"), measure=st.sampled_from(("REMOVE", "HASH"))),
    st.builds(act.Wait, for_=st.sampled_from(("requester", "legal"))),
    st.just(disclosing()),
)


def entries_of(actions: list[act.AnyAction]) -> list[Unsent]:
    return [recorded(one, f"k{n}", minutes=0) for n, one in enumerate(actions)]


@given(st.lists(ANY_TIME, max_size=12))
def test_projecting_keeps_the_order_and_loses_nothing(actions: list[act.AnyAction]) -> None:
    before = case(notes=[{"id": "old", "type": "note"}])
    entries = entries_of(actions)
    shown = project(before, entries, policy=POLICY)
    for kind, made in (
        ("note", shown.notes[1:]),
        ("decide", shown.decisions),
        ("preserve", shown.preservations),
        ("enforce", shown.enforcements),
    ):
        assert [one.id for one in made] == [entry.key for entry in entries if entry.type == kind]
        assert [bytes(one.body) for one in made] == [
            entry.body for entry in entries if entry.type == kind
        ]
    assert shown.notes[0].id == "old"
    assert (shown.id, shown.version, shown.seq) == (before.id, before.version, before.seq)


@given(st.lists(ANY_TIME, max_size=12), st.integers(0, 12))
def test_projecting_in_two_steps_is_projecting_at_once(
    actions: list[act.AnyAction], cut: int
) -> None:
    entries = entries_of(actions)
    half = project(case(), entries[:cut], policy=POLICY)
    assert project(half, entries[cut:], policy=POLICY) == project(case(), entries, policy=POLICY)


@given(st.lists(ANY_TIME, max_size=10))
def test_what_is_in_order_is_in_order_after_whatever_was_recorded(
    actions: list[act.AnyAction],
) -> None:
    on = case()
    for number, action in enumerate(actions):
        whole = act.stamped(
            action, at=NOW, offline=True, policy=POLICY, tool=act.Tool(name="n", version="1")
        )
        assert judge(on, whole, policy=POLICY, me=ME, now=NOW, key=f"k{number}") == []
        on = project(on, [recorded(action, f"k{number}")], policy=POLICY)


# --- Disclosure ---------------------------------------------------------------------------------

TIERS = st.sampled_from(("T1", "T2", "T4"))
CATEGORIES = st.sampled_from((None, "basic_subscriber", "logins", "messages"))
SUBJECTS = st.sampled_from((None, "s1", "s2", "s9"))
GRANTS = st.lists(
    st.builds(act.ScopeItem, tier=TIERS, category=CATEGORIES, subject=SUBJECTS), max_size=3
)
GIVEN = st.lists(
    st.builds(act.Disclosed, tier=TIERS, category=CATEGORIES, subject=SUBJECTS),
    min_size=1,
    max_size=3,
)


def beyond(granted: list[act.ScopeItem], given: list[act.Disclosed]) -> bool:
    return not all(
        any(
            grant.tier == one.tier
            and (not grant.category or grant.category == one.category)
            and (not grant.subject or grant.subject == one.subject)
            for grant in granted
        )
        for one in given
    )


@given(GRANTS, GIVEN)
def test_nothing_beyond_the_grant_gets_past(
    granted: list[act.ScopeItem], given: list[act.Disclosed]
) -> None:
    entry = recorded(disclosing(scope_granted=tuple(granted)), "d1", by="sp_2")
    on = project(case(), [entry])
    draft = ResponseDraft(
        subject="ED-2026-004512", body="The data goes by file.", to="pat@city-police.test",
        channel="secure_transfer", decision="d1", discloses=tuple(given),
    )  # fmt: skip
    found = guard(draft, on, policy=POLICY, me=ME, now=NOW, register=REGISTER)
    blocked = any(one.code == "scope" and not one.overridable for one in found)
    assert blocked == beyond(granted, given)
    response = act.Respond(
        to=draft.to, channel=draft.channel, body=draft.body, decision="d1", discloses=tuple(given)
    )
    judged = judge(on, response, policy=POLICY, me=ME, now=NOW, key="k", register=REGISTER)
    assert any(one.code == "scope" for one in judged) == beyond(granted, given)


@given(WORDS, WORDS)
def test_the_guard_reads_any_letter(subject: str, body: str) -> None:
    draft = ResponseDraft(subject=subject, body=body, to=body, channel="email")
    found = guard(draft, case(), policy=POLICY, me=ME, now=NOW, register=REGISTER)
    assert all(one.detail.isprintable() for one in found)


@given(st.permutations((ME, LEAD, APPROVER)))
def test_nobody_approves_their_own(people: list[r.Specialist]) -> None:
    decider = msgspec.structs.replace(people[0], roles=("specialist", "approver", "lead"))
    secret = disclosing(scope_granted=(item("T4", "messages"),))
    on = project(case(), [recorded(secret, "d1", by=decider.id)], policy=POLICY)
    approval = act.Approve(decision="d1", content_sha256=act.content_sha256(on.decisions[-1]))
    found = judge(on, approval, policy=POLICY, me=decider, now=NOW, key="k")
    assert [one.code for one in found] == ["four-eyes"]


# --- Templates ----------------------------------------------------------------------------------

LIQUID = st.lists(
    st.sampled_from(("{{", "}}", "{%", "%}", "7*7", "| upcase", "our_ref", "for a in b", " ", "\n"))
    | WORDS,
    max_size=8,
).map("".join)
TEMPLATE = r.read(
    r.Template,
    b'{"id":"T","version":"1","subject":"s","body":"<{{ own }}><{{ theirs }}>","variables":'
    b'[{"name":"own"},{"name":"theirs","from":"requester.name"}]}',
)


@given(LIQUID, LIQUID)
def test_a_value_is_never_rendered(own: str, theirs: str) -> None:
    assume(own.strip())
    draft = fill(TEMPLATE, case(requester={"name": theirs}), None, {"own": own}, now=NOW)
    typed = own.replace("\r\n", "\n").replace("\r", "\n")
    assert draft.body == f"<{typed}><{literal(theirs)}>\n"


@given(LIQUID)
def test_outside_text_loses_no_letter_and_opens_no_markup(text: str) -> None:
    written = literal(text)
    escaped = re.compile(r"\\([!-/:-@\[-`{-~])")  # CommonMark 2.4: any ASCII punctuation
    assert not set(escaped.sub("", written)) & set("`*[]<>|~\\")
    back = escaped.sub(r"\1", written)
    assert back.split() == visible(text, multiline=True).split()
