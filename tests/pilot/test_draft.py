"""Drafting a response from the keyboard, on the real console and a real cache."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.casework import actions as act
from console.screens.confirm import ConfirmScreen
from console.screens.desk import DeskScreen
from console.screens.draft import DraftScreen
from console.screens.pick import PickScreen
from console.sync.events import CasesChanged
from local_cache import records as r
from local_cache.drafts import Draft
from local_cache.entries import Entry
from tests.casework_ground import REGISTER, disclosing, item, wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

_BODY = """Our reference: {{ our_ref }}

Dear {{ officer }},

the basis is {{ basis }}.
{% for one in accounts %}
- {{ one }}{% endfor %}
"""


def template(name: str, title: str, meant_for: str, body: str = _BODY) -> r.Template:
    plain = {
        "id": name,
        "version": "3",
        "title": title,
        "language": "en",
        "for": [meant_for],
        "subject": "Answer ({{ our_ref }})",
        "body": body,
        "variables": [
            {"name": "our_ref", "required": True, "from": "reference"},
            {"name": "officer", "from": "requester.name"},
            {"name": "basis", "required": True, "prompt": "Legal basis"},
            {"name": "accounts", "kind": "list", "prompt": "Accounts"},
        ],
    }
    return r.read(r.Template, msgspec.json.encode(plain))


TEMPLATES = (
    template("TPL-DISC-PART", "Partial disclosure", "DISCLOSE_PARTIAL"),
    template("TPL-ACK", "Receipt", "*", "We have {{ our_ref }}. {{ basis }}"),
)


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.desk.close()


def decision(**changes: Any) -> dict[str, Any]:
    body = msgspec.json.decode(act.body_of(disclosing(**changes)))
    return {"id": "d1", "type": "decide", "by": "sp_2", "at": "2026-11-23T09:10:00Z", "body": body}


def seed(ground: Ground, **changes: Any) -> None:
    whole = {"title": "A synthetic case", "state": "decided", "decisions": [decision()]}
    ground.seed(wire_case(**(whole | changes)), register=REGISTER)

    def fill(tables: Any) -> None:
        for one in TEMPLATES:
            tables.templates.put(one)

    ground.desk.cache.write(fill)


async def drafting(hand: Hand) -> Hand:
    """Open the draft on the case under the cursor."""
    await hand.see("A synthetic case")
    await hand.press("r")
    await hand.until(lambda: isinstance(hand.app.screen, DraftScreen), "the draft")
    return await hand.see("Respond to ED-2026-004512", "our_ref")


async def leave(hand: Hand) -> Hand:
    await hand.press("escape")
    await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")
    return hand


async def found(hand: Hand, *words: str) -> Hand:
    """Wait until the findings beside the letter say all of these words."""

    def beside() -> str:
        parts = (line.rpartition("│")[2] for line in hand.text.split("\n"))
        return " ".join(" ".join(parts).split())

    for each in words:
        await hand.until(lambda each=each: each in beside(), f"the finding {each!r}")
    return hand


def drafts(ground: Ground) -> list[Draft]:
    return ground.desk.drafts("c_1")


def body(entry: Entry) -> dict[str, Any]:
    return msgspec.json.decode(entry.body)


async def test_a_response_is_filled_confirmed_and_recorded(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.see("Partial disclosure · en · version 3", "case: reference", "Pat Example")
        await hand.see("BLOCKS basis is not filled in yet", "⟨basis⟩")
        await hand.press("ctrl+r")
        await hand.see("NOT SENT: basis is not filled in yet")
        await hand.type("18 USC 2702")
        await hand.see("the basis is 18 USC 2702.", "Nothing stands against it", "given")
        await hand.press("ctrl+r")
        await hand.see("Send this response", "Pat Example", "to pat@city-police.test")
        await hand.see("discloses 1 item (T1)")
        assert ground.entries() == []
        await hand.confirm()
        await hand.see("respond: recorded")
        await hand.miss("A response is")
    entry = ground.entries()[0]
    assert (entry.type, entry.state, entry.version) == ("respond", "undoable", "17")
    made = body(entry)
    assert made["decision"] == "d1"
    assert made["to"] == "pat@city-police.test"
    assert made["discloses"] == [{"tier": "T1", "category": "basic_subscriber", "subject": "s1"}]
    assert made["template"] == {"id": "TPL-DISC-PART", "version": "3"}
    assert made["variables"]["basis"] == "18 USC 2702"
    assert made["body"].startswith("Our reference: ED-2026-004512\n\nDear Pat Example,")
    assert made["body_sha256"] == hashlib.sha256(made["body"].encode()).hexdigest()
    assert drafts(ground) == [], "the draft is dropped in the step that records it"


async def test_what_is_typed_is_kept_and_comes_back_with_the_cursor(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        await hand.until(lambda: bool(drafts(ground)), "the draft on the disk")
        await leave(hand)
        await hand.see("A response is drafted", "nothing was sent")
        await drafting(hand)
        await hand.see("the basis is 18 USC 2702.")
        await hand.type("(c)")
        await hand.see("the basis is 18 USC 2702(c).")
        await leave(hand)
    assert len(drafts(ground)) == 1
    assert drafts(ground)[0].content["given"] == {"basis": "18 USC 2702(c)"}
    assert ground.entries() == []


async def test_only_opening_a_draft_keeps_none(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground) as hand:
        await drafting(hand)
        await leave(hand)
        await hand.see("A synthetic case")
    assert drafts(ground) == []


async def test_text_written_by_hand_is_not_filled_over_unasked(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        screen = hand.app.screen
        assert isinstance(screen, DraftScreen)
        screen.form.body.focus()
        await hand.press("ctrl+home")
        await hand.type("By hand. ")
        await hand.see("By hand. Our reference", "Edited by hand")
        screen.form.field("/given/basis").editor.focus()
        await hand.type("18 USC")
        await hand.see("⟨basis⟩", "BLOCKS")
        await hand.press("ctrl+t")
        await hand.until(lambda: isinstance(hand.app.screen, PickScreen), "the templates")
        await hand.see("Receipt · en · version 3", "fits")
        await hand.type("Receipt")
        await hand.press("enter")
        await hand.see("Fill the text anew?")
        await hand.press("1", "enter")
        await hand.see("The template stays", "By hand. Our reference")
        await hand.press("ctrl+l")
        await hand.see("Fill the text anew?")
        await hand.press("2", "enter")
        await hand.miss("By hand.", "Edited by hand")
        await hand.see("the basis is 18 USC.")


async def test_another_template_is_filled_with_what_was_given(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.type("18 USC")
        await hand.see("the basis is 18 USC.")
        await hand.press("ctrl+t")
        await hand.see("Which template?")
        await hand.type("Receipt")
        await hand.press("enter")
        await hand.see("Receipt · en · version 3", "We have ED-2026-004512. 18 USC")


async def test_another_address_is_refused(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        screen = hand.app.screen
        assert isinstance(screen, DraftScreen)
        screen.form.field("/to").editor.focus()
        await hand.press("end")
        await hand.type("x")
        await found(hand, "BLOCKS the recipient is not the requester's verified address")
        await hand.press("ctrl+n")
        await hand.see("Nothing here may be overridden")
        await hand.press("ctrl+r")
        await hand.see("NOT SENT: the recipient")
    assert ground.entries() == []


async def test_a_finding_is_overridden_with_a_reason_that_is_recorded(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.type("a call at 10:30")
        await found(hand, "REASON NEEDED the text has a time without its zone: 10:30")
        await hand.press("ctrl+r")
        await hand.see("NOT SENT")
        await hand.press("ctrl+n")
        await hand.see("time-zone, because:")
        await hand.type("Said before.")
        await hand.press("enter")
        await found(hand, "OVERRIDDEN the text", "because Said before.")
        await hand.press("ctrl+r")
        await hand.see("overrides time-zone: Said before.")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1, "the entry")
    made = body(ground.entries()[0])
    assert made["overrides"] == [{"finding": "time-zone", "reason": "Said before."}]


async def test_a_disclosure_before_its_approval_is_kept_ready(ground: Ground) -> None:
    grant = decision(scope_granted=(item("T4", "messages"),))
    approval = {"needed": True, "for": "d1", "asked_by": "sp_2"}
    waiting = {"state": "awaiting_approval", "decisions": [grant], "approval": approval}
    seed(ground, **waiting)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.see("waits for its approval")
        await hand.type("18 USC 2702")
        await hand.see("Only the approval is missing")
        await hand.press("ctrl+r")
        await hand.see("Kept ready. NOTHING WAS SENT", "READY: it waits for the approval")
        await leave(hand)
        await hand.see("A response is READY and waits for the approval")
        given = approval | {"given_by": "sp_8", "given_at": "2026-11-23T09:14:00Z"}
        news = waiting | {"state": "decided", "approval": given, "seq": 8, "version": "18"}
        ground.put(wire_case(title="A synthetic case", **news))
        hand.news(CasesChanged(ids=frozenset({"c_1"})))
        await hand.see("A response is READY and was not sent")
        await drafting(hand)
        await hand.see("READY: the approval is there", "approved by sp_8")
        await hand.press("ctrl+r")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1, "the entry")
    assert body(ground.entries()[0])["discloses"][0]["tier"] == "T4"
    assert drafts(ground) == []


async def test_a_ready_letter_that_is_changed_is_a_draft_again(ground: Ground) -> None:
    grant = decision(scope_granted=(item("T4", "messages"),))
    approval = {"needed": True, "for": "d1", "asked_by": "sp_2"}
    seed(ground, state="awaiting_approval", decisions=[grant], approval=approval)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        await hand.see("Only the approval is missing")
        await hand.press("ctrl+r")
        await hand.see("READY: it waits for the approval")
        assert drafts(ground)[0].ready
        await hand.type("x")
        await hand.until(lambda: not drafts(ground)[0].ready, "a draft that is not ready")
        await hand.miss("READY:")


async def test_a_file_is_attached_from_its_path(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "data.zip"
    file.write_bytes(b"sealed")
    seed(ground)
    async with at_the_desk(ground, size=(120, 70)) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        screen = hand.app.screen
        assert isinstance(screen, DraftScreen)
        screen.form.field("/attach").editor.focus()
        await hand.type("none.zip")
        await hand.press("enter")
        await hand.see("is no file. Nothing was attached.")
        await hand.press(*(["backspace"] * len("none.zip")))
        await hand.type("data.zip")
        await hand.press("enter")
        await hand.see("Attached, and encrypted here: data.zip")
        file.unlink()
        await hand.see("Nothing stands against it")
        await hand.press("ctrl+r")
        await hand.see("files 1")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1, "the entry")
    enclosed = body(ground.entries()[0])["attachments"]
    sha256 = hashlib.sha256(b"sealed").hexdigest()
    assert [(one["name"], one["size"], one["sha256"]) for one in enclosed] == [
        ("data.zip", 6, sha256)
    ]
    with ground.desk.cache.read() as tables:
        assert tables.blobs.get(sha256) == b"sealed"


async def test_the_preview_shows_what_would_go_literally(ground: Ground) -> None:
    hostile = "Pat [bold]**x**[/bold] \u202e\x1b[31m"
    seed(ground, requester={"name": hostile, "email": "pat@city-police.test"})
    async with at_the_desk(ground, size=(80, 50)) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        await hand.press("ctrl+p")
        await hand.see("to pat@city-police.test", "discloses T1 basic subscriber of s1", "⟦RLO⟧␛")
        assert "\x1b" not in hand.text
        assert "\u202e" not in hand.text
        await hand.press("j", "k", "ctrl+p")
        await hand.see("Subject")
        await hand.press("ctrl+p", "q")
        await hand.see("Subject")
        assert isinstance(hand.app.screen, DraftScreen)


async def test_a_response_that_is_taken_back_can_be_gone_on_with(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        await hand.see("Nothing stands against it")
        await hand.press("ctrl+r")
        await hand.confirm()
        await hand.see("respond: recorded")
        await hand.press("u")
        await hand.see("Taken back: respond")
        await drafting(hand)
        await hand.see("Begun with the response that was taken back", "18 USC 2702")


async def test_a_draft_is_thrown_away_only_when_asked_again(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground) as hand:
        await drafting(hand)
        await hand.type("18 USC")
        await hand.until(lambda: bool(drafts(ground)), "the draft")
        await hand.press("ctrl+o")
        await hand.see("Throw this draft away?")
        await hand.press("1", "enter")
        await hand.see("Respond to")
        assert drafts(ground)
        await hand.press("ctrl+o", "2", "enter")
        await hand.until(lambda: isinstance(hand.app.screen, DeskScreen), "the desk")
        assert drafts(ground) == []


async def test_leaving_the_confirmation_keeps_the_draft(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await drafting(hand)
        await hand.type("18 USC 2702")
        await hand.see("Nothing stands against it")
        await hand.press("ctrl+r")
        await hand.until(lambda: isinstance(hand.app.screen, ConfirmScreen), "the digits")
        await hand.press("escape")
        await hand.see("Not confirmed, not sent")
    assert ground.entries() == []
    assert len(drafts(ground)) == 1


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_next_step_is_in_sight_at_any_size(ground: Ground, size: tuple[int, int]) -> None:
    seed(ground)
    async with at_the_desk(ground, size=size) as hand:
        await drafting(hand)
        await hand.see("BLOCKS basis is not filled in yet", "ctrl+r send", "basis")
