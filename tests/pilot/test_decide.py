"""Deciding and approving from the keyboard, on the real console and a real cache."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.screens.confirm import ConfirmScreen
from console.screens.decide import DecideScreen
from console.sync.events import CasesChanged
from local_cache.entries import Entry
from tests.casework_ground import REGISTER, wire_case
from tests.pilot.ground import Ground, Hand, at_the_desk

UNVERIFIED: dict[str, Any] = {"requester": {"verification": {"state": "UNVERIFIED", "checks": []}}}


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.desk.close()


def seed(ground: Ground, *, roles: tuple[str, ...] = ("specialist",), **changes: Any) -> None:
    ground.seed(wire_case(title="A synthetic case", **changes), roles=roles, register=REGISTER)


async def deciding(hand: Hand) -> Hand:
    """Open the decision on the case under the cursor."""
    await hand.see("A synthetic case")
    await hand.press("d")
    await hand.until(lambda: isinstance(hand.app.screen, DecideScreen), "the form")
    return await hand.see("Disposition")


async def in_part(hand: Hand, *, rationale: str = "One person is in danger.") -> None:
    """Fill in a decision that grants the first item and withholds the others."""
    await hand.press("2", "enter", "y", "enter", "y", "enter", "y", "enter")
    await hand.type("18 USC 2702")
    await hand.press("enter", "plus", "enter", "enter", "3", "enter", "3", "enter")
    await hand.see("Reasons")
    await hand.type("missing")
    await hand.press("enter", "enter")
    await hand.press("2", "enter", "enter")
    await hand.type(rationale)


def body(entry: Entry) -> dict[str, Any]:
    return msgspec.json.decode(entry.body)


async def test_a_decision_is_asked_for_confirmed_and_recorded(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await in_part(hand)
        await hand.see("One person is enough")
        await hand.press("ctrl+s")
        await hand.see("ED-2026-004512", "Pat Example", "DISCLOSE_PARTIAL")
        await hand.see("GRANT T1 basic subscriber of s1 @lantern_k", "WITHHOLD T4 messages")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1, "the entry")
        await hand.see("decide: recorded")
    entry = ground.entries()[0]
    assert (entry.type, entry.state, entry.version) == ("decide", "undoable", "17")
    made = body(entry)
    assert made["disposition"] == "DISCLOSE_PARTIAL"
    assert made["scope_granted"] == [
        {"tier": "T1", "category": "basic_subscriber", "subject": "s1"}
    ]
    assert [held["tier"] for held in made["withheld"]] == ["T2", "T4"]
    assert {held["reason"] for held in made["withheld"]} == {"SC_OVERBROAD"}
    assert (made["statutory_test_met"], made["policy_test_met"]) == ("yes", "yes")
    assert made["good_faith"] is True
    assert made["seen"] == ["m1"], "the file is not here: it cannot have been seen"
    assert made["user_notice"] == {"decision": "notify_after"}
    assert made["reasons"] == ["MISSING_PERSON"]
    assert made["rationale"] == "One person is in danger."
    assert not ground.desk.drafts()


async def test_nothing_is_granted_that_nobody_granted(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await hand.press("1", "enter", "y", "enter", "y", "enter", "y", "enter")
        await hand.press("ctrl+s")
        await hand.see("grant it, or withhold it with a reason", "DISCLOSE_FULL needs it")
        assert not isinstance(hand.app.screen, ConfirmScreen)
    assert not ground.entries()


async def test_what_cannot_pass_says_which_checks_are_missing(ground: Ground) -> None:
    seed(ground, **UNVERIFIED)
    async with at_the_desk(ground, size=(120, 40)) as hand:
        await deciding(hand)
        await hand.press("3")
        await hand.see("not possible: needs VERIFIED_STANDARD: missing V01, V02, V04 or V05")
        await hand.press("ctrl+s")
        await hand.see("! ")
        await hand.type("fraud")
        await hand.press("enter")
        await hand.see("Needs a second person (an approver): the policy always asks for one")


async def test_fields_come_and_go_and_what_was_typed_is_kept(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await hand.press("4")
        await hand.see("Reasons", "Rationale")
        await hand.miss("Statutory test", "User notice", "T1 basic", "Break the glass")
        await hand.press("enter", "enter")
        await hand.type("kept words")
        await hand.press("shift+tab", "shift+tab", "end", "up", "up", "up", "up", "up", "up")
        await hand.type("duplicate")
        await hand.press("enter")
        await hand.miss("Rationale")
        await hand.press("shift+tab", "home", "enter")
        await hand.see("Statutory test", "Rationale", "kept words")


async def test_the_glass_is_broken_only_on_purpose_and_only_for_the_lowest_tier(
    ground: Ground,
) -> None:
    seed(ground, **UNVERIFIED)
    async with at_the_desk(ground, size=(100, 70)) as hand:
        await deciding(hand)
        await hand.press("2")
        await hand.see("breaks the glass", "Break the glass?", "T1 at most")
        await hand.press("enter", "enter", "y", "enter", "y", "enter", "y", "enter")
        await hand.type("18 USC 2702")
        await hand.press("enter", "plus", "enter", "enter", "plus", "enter", "enter", "3", "enter")
        await hand.press("1", "enter", "2", "enter", "enter")
        await hand.type("No time.")
        await hand.press("ctrl+s")
        await hand.see("missing V01", "or break the glass")
        await hand.press("2")
        await hand.see(
            "BREAKS THE GLASS", "Needs a second person (an approver): the glass is broken"
        )
        await hand.see("breaking the glass grants no more than T1")
        await hand.press("ctrl+s")
        await hand.see("breaking the glass grants no more than T1")
        await hand.press("2", "ctrl+s")
        await hand.see("Confirm the decision", "BREAKS THE GLASS")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)
    made = body(ground.entries()[0])
    assert made["break_glass"] is True
    assert [item["tier"] for item in made["scope_granted"]] == ["T1"]


async def test_a_range_may_be_narrowed_never_widened(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(110, 70)) as hand:
        await deciding(hand)
        await hand.press("2", "enter", "y", "enter", "y", "enter", "y", "enter")
        await hand.type("18 USC 2702")
        await hand.press("enter", "3", "enter", "plus", "enter")
        await hand.see("2026-11-20 00:00 .. 2026-11-23 00:00")
        hand.feed("\x7f" * 36)
        await hand.type("2026-11-19 00:00 .. 2026-11-23 00:00")
        await hand.see("the range of time is wider than what was asked")
        hand.feed("\x7f" * 36)
        await hand.type("2026-11-21 00:00 .. 2026-11-23 00:00")
        await hand.miss("wider than what was asked")
        await hand.see("T2: why the rest of the time is withheld")
        await hand.press("enter", "2", "enter", "3", "enter")
        await hand.type("missing")
        await hand.press("enter", "enter", "2", "enter", "enter")
        await hand.type("Narrow.")
        await hand.press("ctrl+s")
        await hand.see("GRANT T2 logins of s1 @lantern_k 2026-11-21 00:00")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)
    made = body(ground.entries()[0])
    assert made["scope_granted"] == [
        {"tier": "T2", "category": "logins", "subject": "s1",
         "from": "2026-11-21T00:00:00Z", "to": "2026-11-23T00:00:00Z"}
    ]  # fmt: skip
    assert [held["tier"] for held in made["withheld"]] == ["T1", "T2", "T4"]


async def test_what_is_filled_in_is_kept_and_comes_back(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await in_part(hand, rationale="Half a thought")
        await hand.until(
            lambda: any("Half a thought" in str(one.content) for one in ground.desk.drafts()),
            "the draft, without leaving the form",
        )
        await hand.press("escape")
        await hand.see("Your draft is kept")
        await deciding(hand)
        await hand.see("is back", "Half a thought")
        await hand.press("ctrl+o")
        await hand.see("Discarded")
        await hand.miss("Half a thought")
        await hand.until(lambda: not ground.desk.drafts(), "no draft")
        await hand.press("ctrl+o")
        await hand.see("Half a thought")
        await hand.until(lambda: len(ground.desk.drafts()) == 1, "the draft again")
        await hand.press("ctrl+s")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)
    assert not ground.desk.drafts()


async def test_a_draft_does_not_grant_what_is_asked_for_now(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await in_part(hand)
        await hand.press("escape")
        await hand.see("Your draft is kept")
        wider = [{"tier": "T4", "category": "messages", "subject": "s1"}] * 3
        ground.put(
            wire_case(title="A synthetic case", seq=8, version="18", request={"data_sought": wider})
        )
        hand.news(CasesChanged(frozenset({"c_1"})))
        await deciding(hand)
        await hand.see("the scope is to be picked anew")
        await hand.press("ctrl+s")
        await hand.see("grant it, or withhold it with a reason")
    assert not ground.entries()


async def test_a_case_that_changes_meanwhile_is_told_before_it_is_confirmed(
    ground: Ground,
) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await in_part(hand)
        more = [{"id": "m1", "body": "Please help."}, {"id": "m2", "body": "Found, safe."}]
        ground.put(wire_case(title="A synthetic case", seq=8, version="18", messages=more))
        hand.news(CasesChanged(frozenset({"c_1"})))
        await hand.see("Changed since you began: 1 new message")
        await hand.press("ctrl+s")
        await hand.see("The case changed since you began: 1 new message", "typed")
        ground.put(
            wire_case(title="A synthetic case", seq=9, version="19", messages=more, priority="P0")
        )
        await hand.confirm()
        await hand.see("the case changed just now")
        assert not ground.entries()
        await hand.press("ctrl+s")
        await hand.see("the priority changed", "typed")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)
    entry = ground.entries()[0]
    assert entry.version == "19"
    assert body(entry)["seen"] == ["m1"], "what came meanwhile was not seen"


async def test_what_asks_for_more_meanwhile_is_decided_anew(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await in_part(hand)
        asked = [{"tier": "T5", "category": "payments", "subject": "s1"}]
        ground.put(
            wire_case(title="A synthetic case", seq=8, version="18", request={"data_sought": asked})
        )
        hand.news(CasesChanged(frozenset({"c_1"})))
        await hand.see("the request changed")
        await hand.press("ctrl+s")
        await hand.see("decide anew on the case as it is now")
    assert not ground.entries()


async def test_only_what_is_here_can_have_been_seen(ground: Ground) -> None:
    data = b"synthetic"
    sha256 = hashlib.sha256(data).hexdigest()
    files = [
        {"id": "f1", "name": "here.pdf", "sha256": sha256},
        {"id": "f2", "name": "there.pdf", "sha256": "0" * 64},
    ]
    seed(ground, attachments=files)
    ground.desk.cache.write(lambda tables: tables.blobs.put(data))
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await hand.press("1")
        await hand.see("[x] 1 m1", "[ ] 2 f1 file here.pdf")
        await hand.miss("there.pdf")


async def test_text_that_was_covered_is_not_taken_as_seen(ground: Ground) -> None:
    seed(ground, graphic_level=2)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await hand.press("1")
        await hand.see("[ ] 1 m1", "Its text was covered at first")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_form_can_be_used_at_any_size(ground: Ground, size: tuple[int, int]) -> None:
    seed(ground)
    async with at_the_desk(ground, size=size) as hand:
        await deciding(hand)
        await hand.see("ctrl+s record", "> ( ) 1 Disclose in full", "Disposition")
        assert "█Disposition" in hand.text
        for _ in range(12):
            await hand.press("down")
        await hand.see("> ( ) 9 Redirect to another entity")
        await hand.press("enter", "enter")
        await hand.until(lambda: "█Rationale" in hand.text, "the last field")


async def test_an_authority_is_told_unasked(ground: Ground) -> None:
    seed(ground, kind="livestream_risk", requester=None, request=None)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await deciding(hand)
        await hand.type("unasked")
        await hand.press("enter")
        await hand.see("What is told, unasked")
        await hand.type("DSA 18")
        await hand.press("enter", "1", "enter", "2", "enter")
        await hand.type("A stream shows a person in danger.")
        await hand.press("ctrl+s")
        await hand.see("GRANT T1 of s1 @lantern_k")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)
    assert body(ground.entries()[0])["scope_granted"] == [{"tier": "T1", "subject": "s1"}]


# --- The digits -----------------------------------------------------------------------------------


async def confirming(hand: Hand) -> ConfirmScreen:
    """Fill in the shortest decision there is, up to the digits."""
    await deciding(hand)
    await hand.type("crisis team")
    await hand.press("enter")
    await hand.see("Rationale")
    await hand.type("Handed over.")
    await hand.press("ctrl+s")
    await hand.until(lambda: isinstance(hand.app.screen, ConfirmScreen), "the digits")
    screen = hand.app.screen
    assert isinstance(screen, ConfirmScreen)
    return screen


async def test_digits_of_a_paste_do_not_count(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground) as hand:
        screen = await confirming(hand)
        digits = screen._digits
        hand.feed(f"\x1b[200~{digits}\x1b[201~")
        await hand.see("A paste is no command")
        hand.feed(digits)
        await hand.see("as a paste does")
        hand.feed(f"\x1b[200~harmless\x1b[201~{digits}")
        await hand.pilot.pause()
        hand.feed(f"\x1b[200~\x1b[201~\x1b[200~{digits[:2]}\x1b[201~{digits[2:]}")
        await hand.pilot.pause()
        assert hand.app.screen is screen
        assert not ground.entries()
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)


async def test_digits_in_the_same_read_as_the_verb_do_not_count(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Foreseen:
        @staticmethod
        def sample(_population: str, _count: int) -> list[str]:
            return list("4711")

    monkeypatch.setattr("console.composing.confirming.secrets.SystemRandom", Foreseen)
    seed(ground)
    async with at_the_desk(ground) as hand:
        await deciding(hand)
        await hand.type("crisis team")
        await hand.press("enter")
        await hand.see("Rationale")
        await hand.type("Handed over.")
        hand.feed("\x134711")
        await hand.see("Record it: not done", "Press it alone")
        assert not isinstance(hand.app.screen, ConfirmScreen)
        assert not ground.entries()
        assert "Handed over.4" not in hand.text, "what was meant for the digits is in the text"
        await hand.rests()
        await hand.press("ctrl+s")
        await hand.until(lambda: isinstance(hand.app.screen, ConfirmScreen), "the digits")
        hand.feed("4711")
        await hand.see("as a paste does")
        assert not ground.entries()


async def test_other_digits_begin_anew_and_no_digit_comes_twice(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground) as hand:
        screen = await confirming(hand)
        digits = screen._digits
        assert len(set(digits)) == 4, "a key that is held down gives none of them"
        wrong = next(each for each in "0123456789" if each != digits[0])
        await hand.press(wrong)
        await hand.see("Not these digits")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)


# --- The second person ----------------------------------------------------------------------------


def waiting(**changes: Any) -> dict[str, Any]:
    decision = {
        "id": "k_1",
        "type": "decide",
        "by": "sp_7",
        "at": "2026-11-23T09:10:00Z",
        "body": {
            "type": "decide",
            "disposition": "DISCLOSE_FULL",
            "reasons": ["MISSING_PERSON"],
            "rationale": "First line.\nSecond [line].",
            "scope_granted": [{"tier": "T4", "category": "messages", "subject": "s1"}],
        },
    }
    approval = {"needed": True, "for": "k_1", "asked_by": "sp_7", "asked_at": decision["at"]}
    return {"state": "awaiting_approval", "decisions": [decision], "approval": approval, **changes}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_approved_is_shown_and_the_verdict_is_picked(
    ground: Ground, size: tuple[int, int]
) -> None:
    seed(ground, roles=("specialist", "approver"), **waiting())
    async with at_the_desk(ground, size=size) as hand:
        await hand.see("A synthetic case")
        await hand.press("A")
        await hand.see("DISCLOSE_FULL", "by sp_7 2026-11-23 09:10Z", "GRANT T4 messages of s1")
        await hand.see("First line.", "Second [line].", "data of T4 or above is granted")
        await hand.press("tab", "enter", "ctrl+s")
        await hand.see("approve it or reject it")
        await hand.press("a", "ctrl+s")
        await hand.see("Approve or reject the decision", "verdict approve", "DISCLOSE_FULL")
        await hand.confirm()
        await hand.until(lambda: len(ground.entries()) == 1)
    entry = ground.entries()[0]
    assert entry.type == "approve"
    decided = msgspec.json.encode(waiting()["decisions"][0]["body"])
    assert body(entry)["content_sha256"] == hashlib.sha256(decided).hexdigest()


async def test_who_decided_hears_at_once_that_another_person_is_needed(ground: Ground) -> None:
    own = waiting()
    own["decisions"][0]["by"] = own["approval"]["asked_by"] = "sp_1"
    seed(ground, roles=("specialist", "approver"), **own)
    async with at_the_desk(ground) as hand:
        await hand.see("A synthetic case")
        await hand.press("A")
        await hand.see("you decided this; another person approves or rejects it")


# --- Other forms ----------------------------------------------------------------------------------


async def test_the_next_check_is_suggested_and_calls_go_to_the_register(ground: Ground) -> None:
    seed(ground, requester={"verification": {"checks": [{"id": "V01", "result": "PASS"}]}})
    async with at_the_desk(ground, size=(120, 60)) as hand:
        await hand.see("A synthetic case")
        await hand.press("v")
        await hand.see("(x) 2 V02 needed", "V01 pass", "VERIFIED_STANDARD lacks V02")
        await hand.miss("Number called")
        await hand.type("V07")
        await hand.press("enter", "p")
        await hand.see("Number called", "+1 202 555 0100")
        await hand.press("ctrl+s")
        await hand.see("which number was called?")
        await hand.press("1", "ctrl+s")
        await hand.until(lambda: len(ground.entries()) == 1)
    made = body(ground.entries()[0])
    assert (made["check"], made["result"]) == ("V07", "PASS")
    assert made["evidence"] == {"number": "+1 202 555 0100", "source": "agency register"}


async def test_scores_are_typed_as_they_are(ground: Ground) -> None:
    seed(ground)
    async with at_the_desk(ground, size=(100, 110)) as hand:
        await hand.see("A synthetic case")
        await hand.press("a", "1", "enter", "enter", "enter", "enter", "enter")
        await hand.press("3", "enter", "0", "ctrl+s")
        await hand.until(lambda: len(ground.entries()) == 1)
    made = body(ground.entries()[0])
    assert made["priority"] == "P1"
    assert made["axes"] == {"severity": 3, "immediacy": 0}


async def test_a_case_is_linked_by_its_reference(ground: Ground) -> None:
    seed(ground)
    ground.put(wire_case(id="c_2", seq=9, reference="ED-2026-000002", priority="P4"))
    async with at_the_desk(ground) as hand:
        await hand.see("2 cases")
        await hand.press("L", "enter")
        await hand.type("ED-2026-9")
        await hand.press("ctrl+s")
        await hand.see("no case of this reference or id is here")
        await hand.press("backspace")
        await hand.type("000002")
        await hand.press("ctrl+s")
        await hand.until(lambda: len(ground.entries()) == 1)
    assert (ground.entries()[0].case_id, body(ground.entries()[0])["case"]) == ("c_1", "c_2")


async def test_what_is_pressed_is_done_to_the_case_under_the_cursor(ground: Ground) -> None:
    seed(ground, priority="P0")
    ground.put(wire_case(id="c_2", seq=9, reference="ED-2026-000002", priority="P4", title="Other"))
    async with at_the_desk(ground) as hand:
        await hand.see("2 cases", "our ref ED-2026-004512")
        hand.feed("ji")
        await hand.see("Write a note", "ED-2026-000002")
