"""Templates: filling, choosing, checking and exporting; what outside text may not become."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from console.casework import actions as act
from console.casework.projection import project
from console.drafting import engine
from console.drafting.export import file_name, response_text
from console.drafting.lint import lint, lint_one
from console.drafting.markdown import literal, one_line
from console.drafting.paths import leads_somewhere, look_up
from console.drafting.templates import Draft, TemplateTrouble, fill, suggest
from local_cache import records as r
from tests.casework_ground import NOW, POLICY, case, disclosing, recorded

HOSTILE = "[x](http://evil.test) <b>{{ 7 | times: 7 }}</b> \u202e# `a` www.evil.test"


def template(**changes: Any) -> r.Template:
    plain = {
        "id": "TPL-ACK",
        "version": "3",
        "title": "Receipt",
        "language": "en",
        "for": ["*"],
        "subject": "We have {{ our_ref }}",
        "body": "Dear {{ name | default: 'colleague' }},\n\n{{ step }}\n",
        "approved_by": "counsel",
        "variables": [
            {"name": "our_ref", "from": "reference", "required": True},
            {"name": "name", "from": "requester.name"},
            {"name": "step", "required": True, "prompt": "What happens next"},
        ],
    } | changes
    return r.read(r.Template, msgspec.json.encode(plain))


def filled(given: dict[str, Any] | None = None, on: r.Case | None = None, **changes: Any) -> Draft:
    return fill(template(**changes), on or case(), None, given or {}, now=NOW)


def test_a_template_fills_itself_from_the_case_and_says_so() -> None:
    draft = filled({"step": "We **call** you."})
    assert draft.subject == "We have ED-2026-004512"
    assert draft.body == "Dear Pat Example,\n\nWe **call** you.\n"
    assert draft.missing == ()
    assert [(one.name, one.source) for one in draft.values] == [
        ("our_ref", "case: reference"),
        ("name", "case: requester.name"),
        ("step", "given"),
    ]


def test_a_gap_shows_and_is_listed() -> None:
    draft = filled()
    assert draft.missing == ("step",)
    assert "⟨step⟩" in draft.body
    assert draft.values[2].prompt == "What happens next"


def test_what_the_specialist_enters_goes_before_what_the_case_says() -> None:
    draft = filled({"name": "Sam", "step": "x"})
    assert draft.body.startswith("Dear Sam,")
    assert draft.values[1].source == "given"


def test_outside_text_is_mere_text_and_never_rendered() -> None:
    draft = filled({"step": "{{ our_ref }}"}, case(requester={"name": HOSTILE}))
    assert "{{ our_ref }}" in draft.body
    assert r"\[x\](http\://evil.test) \<b\>{{ 7 \| times: 7 }}" in draft.body
    assert "⟦RLO⟧" in draft.body
    assert r"www\.evil.test" in draft.body


def test_a_subject_is_one_line_without_markdown() -> None:
    draft = filled({"step": "x"}, case(reference="A\nB [c] \x1b"))
    assert draft.subject == "We have A B [c] ␛"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            datetime(2026, 11, 23, 10, 15, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-23 09:15 UTC",
        ),
        ("2026-11-23T09:15:00.000Z", "2026-11-23 09:15 UTC"),
        ("soon", "soon"),
    ],
)
def test_times_name_their_zone(given: Any, shown: str) -> None:
    draft = filled(
        {"at": given}, body="{{ at }}", variables=[{"name": "at", "kind": "time"}], subject="x"
    )
    assert draft.body == shown + "\n"


def test_lists_and_files() -> None:
    draft = filled(
        {
            "items": "one\n\ntwo",
            "files": [act.Enclosed(name="a", media_type="b", size=3, sha256="f")],
        },
        body="{% for i in items %}- {{ i }}\n{% endfor %}"
        "{% for f in files %}{{ f.name }} {{ f.size }}{% endfor %}",
        variables=[{"name": "items", "kind": "list"}, {"name": "files", "kind": "files"}],
        subject="x",
    )
    assert draft.body == "- one\n- two\na 3\n"


def test_a_required_list_without_items_shows_its_gap() -> None:
    draft = filled(
        body="{{ items | join: ', ' }}", subject="x",
        variables=[{"name": "items", "kind": "list", "required": True}],
    )  # fmt: skip
    assert (draft.body, draft.missing) == ("⟨items⟩\n", ("items",))


def test_a_decision_fills_too() -> None:
    entry = recorded(disclosing(legal_basis="18 USC 2702(c)(4)"), "d1")
    on = project(case(), [entry], policy=POLICY)
    basis = {"name": "basis", "from": "decision.legal_basis"}
    draft = fill(template(body="{{ basis }}", variables=[basis]), on, on.decisions[-1], {}, now=NOW)
    assert draft.body == "18 USC 2702(c)(4)\n"
    assert draft.values[0].source == "decision: decision.legal_basis"


def test_an_undeclared_name_shows_as_a_gap() -> None:
    assert "⟨our_reff⟩" in filled(body="{{ our_reff }}").body


@pytest.mark.parametrize(
    "source",
    [
        "{{ (1..100000000) | join }}",
        "{% for i in (1..9) %}{% endfor %}",
        "{% if a == (1..9) %}{% endif %}",
        "{% if true %}{{ b | append: (1..9) }}{% endif %}",
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{{ a | replace: 'a', 'b' }}",
        "{{ a | split: '' }}",
        "{{",
        "{% for a in b %}",
        "{{ 7 * 7 }}",
        "x" * 70_000,
        "{% if a %}" * 40 + "{% endif %}" * 40,
    ],
)
def test_liquid_is_held_to_what_a_letter_needs(source: str) -> None:
    with pytest.raises(TemplateTrouble):
        engine.render(source, {"a": "x"})


def test_growth_is_stopped() -> None:
    twice = "{% assign x = x | append: x %}"
    with pytest.raises(TemplateTrouble):
        engine.render(twice * 40, {"x": "0123456789"})
    loops = "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateTrouble):
        engine.render(loops, {"l": ["x"] * 400})
    with pytest.raises(TemplateTrouble):
        filled({"step": "x" * 40_000})
    with pytest.raises(TemplateTrouble):
        filled({"l": ["x"] * 600}, variables=[{"name": "l", "kind": "list"}])


# --- Paths, Markdown ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("requester.name", True),
        ("request.data_sought[0].category", True),
        ("requester.verification.state", True),
        ("decision.legal_basis", True),
        ("assessment.axes.severity", True),
        ("now", True),
        ("requester.nme", False),
        ("request.data_sought.category", False),
        ("decision.nothing", False),
        ("now.year", False),
        ("__class__", False),
        ("requester..name", False),
        ("", False),
    ],
)
def test_a_path_leads_somewhere_or_not(path: str, leads: bool) -> None:
    assert leads_somewhere(path) is leads


def test_a_path_that_finds_nothing_is_none() -> None:
    plain: dict[str, Any] = {"a": {"b": [{"c": 1}]}}
    assert look_up("a.b[0].c", plain) == 1
    for path in ("a.b[1].c", "a.x", "a[0]", "a.b.c", "bad path"):
        assert look_up(path, plain) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# head\n- item\n1. one", "\\# head\n\\- item\n1\\. one"),
        ("a\n===\nb", "a\n\\===\nb"),
        ("> quote", "\\> quote"),
        ("    code", "   code"),
        ("foo_bar & co", "foo_bar & co"),
        ("&lt;b", "\\&lt;b"),
        ("https://x.test", "https\\://x.test"),
        ("plain name", "plain name"),
    ],
)
def test_outside_text_in_markdown(text: str, written: str) -> None:
    assert literal(text) == written


def test_one_line_folds_space() -> None:
    assert one_line(" a\n\t b ") == "a b"


# --- Which template, what is wrong with it ------------------------------------------------------


def test_the_disposition_s_own_template_comes_first_and_withdrawn_ones_never() -> None:
    known = [
        template(id="TPL-ACK"),
        template(id="TPL-ACK-DE", language="de"),
        template(id="TPL-OTHER", **{"for": ["DISCLOSE_*"]}),
        template(id="TPL-KIND", **{"for": ["emergency_disclosure"]}),
        template(id="TPL-DISC-PART", **{"for": ["X"]}),
        template(id="TPL-OLD", disabled=True),
        template(id="TPL-NO", **{"for": ["removal_order"]}),
    ]
    on = project(case(), [recorded(disclosing(), "d1")], policy=POLICY)
    ids = [one.id for one in suggest(known, on, on.decisions[-1], POLICY)]
    assert ids == ["TPL-DISC-PART", "TPL-OTHER", "TPL-KIND", "TPL-ACK", "TPL-ACK-DE"]
    german = case(language="de-AT")
    assert [one.id for one in suggest(known, german, None, POLICY)][1:] == ["TPL-ACK-DE", "TPL-ACK"]


@pytest.mark.parametrize(
    ("changes", "place", "error"),
    [
        ({"body": "{% if %}"}, "body", True),
        ({"body": "{{ our_reff }}{{ name }}{{ step }}"}, "body", True),
        ({"body": " "}, "body", True),
        ({"approved_by": None}, "approved_by", False),
        ({"body": "{{ name }}"}, "variables/step", False),
        ({"variables": [{"name": "our_ref", "from": "referense"}]}, "variables/our_ref", True),
        ({"variables": [{"name": "our_ref", "kind": "verse"}]}, "variables/our_ref", False),
        ({"variables": [{"name": "our_ref"}, {"name": "our_ref"}]}, "variables/our_ref", True),
    ],
)
def test_lint_names_what_is_wrong(changes: dict[str, Any], place: str, error: bool) -> None:
    assert (place, error) in {(one.place, one.error) for one in lint_one(template(**changes))}


def test_a_good_template_passes() -> None:
    assert lint_one(template()) == []


def test_lint_sees_what_the_policy_names() -> None:
    withdrawn = lint([template(id="TPL-DISC-PART", disabled=True)], POLICY)
    assert [(one.template, one.place) for one in withdrawn] == [("TPL-DISC-PART", "disabled")]
    lacking = lint([template()], POLICY)
    assert [(one.template, one.place) for one in lacking] == [("TPL-DISC-PART", "id")]


# --- Export -------------------------------------------------------------------------------------


def test_an_export_shows_what_hides_and_names_itself() -> None:
    response = act.Respond(
        to="pat@city-police.test", channel="email", subject="Ré \x1b[2J", body="A\u202eB\nC"
    )
    on = project(case(id="c_1:x"), [recorded(response, "r1")], policy=POLICY)
    text = response_text(on, on.responses[0])
    assert "Subject: Ré ␛[2J" in text
    assert text.endswith("A⟦RLO⟧B\nC\n")
    assert f"Written: {NOW:%Y-%m-%d %H:%M:%S} UTC" in text
    assert all(one.isprintable() or one == "\n" for one in text)
    name = file_name(on, text)
    assert name.startswith("c_1_x-response-")
    assert name.endswith(".md")


def test_a_file_s_name_is_our_own() -> None:
    name = file_name(case(id="..:.."), "x", kind="../../etc", suffix=".txt")
    assert "/" not in name
    assert not name.startswith(".")
    with pytest.raises(ValueError, match="ends in"):
        file_name(case(), "x", suffix=".sh")


def test_moments_are_told_in_utc() -> None:
    record = r.ActionRecord(id="k", type="respond", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert "Written: 2026-01-01 00:00:00 UTC" in response_text(case(), record)
