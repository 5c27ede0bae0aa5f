"""Marks in linear mode, and one command on all of them: looked over, recorded, undone as one."""

import json
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.desk.dialogue import Dialogue, dialogue
from tests.desk.shell import Shell
from tests.hostile_server import TOKEN, Asked, serving
from tests.servers import PracticeServer, running

FREE = "filter is:unclaimed"
HELD = "filter is:open -is:unclaimed"


@pytest.fixture
def server() -> Generator[PracticeServer]:
    with running(cases=20, seed=3) as made:
        yield made


@pytest.fixture
def shell(server: PracticeServer, tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "home")
    assert json.loads(made.connect(server.url, server.token).out)["online"]
    return made


@pytest.fixture
def held_back(server: PracticeServer, shell: Shell) -> None:
    """Let nothing be sent, however long the machine takes: undo windows end."""
    assert shell("cases").status == 0
    server.control("outage", seconds=3600, mode="slow-down")


@pytest.fixture
def talk(shell: Shell) -> Generator[Dialogue]:
    with dialogue(shell.home) as made:
        yield made


def unsent(shell: Shell) -> list[tuple[str, str]]:
    """Return type and case of what is recorded and was not sent."""
    entries: list[Any] = shell("outbox", "--json").lines()
    return sorted((entry["type"], entry["case"]) for entry in entries)


def free(shell: Shell) -> list[Any]:
    """Return the cases that nobody holds, in the order of the list."""
    return shell.cases("is:unclaimed")


def on(type_: str, cases: list[Any]) -> list[tuple[str, str]]:
    return sorted((type_, case["id"]) for case in cases)


def test_marks_stay_on_their_cases_whatever_the_list_shows(
    server: PracticeServer, shell: Shell, talk: Dialogue
) -> None:
    names = [case["reference"] for case in free(shell)]
    assert "No case is at hand: mark 3, mark 2-5" in talk.type("mark")
    talk.type(FREE)
    assert "marked: 3 cases\nmarks: 3 marked\ndesk, 3 marked> " in talk.type("mark 2-4")
    assert f"marked already: {names[2]}" in talk.type("mark 3")
    assert f"marked: {names[5]}" in talk.type("6", "mark")
    assert f"not marked any more: {names[1]}" in talk.type("unmark 2")
    assert "error: There is no number 99" in talk.type("mark 99")
    assert "error: mark takes numbers" in talk.type("mark first")
    assert "sorted by reference, 3 marked" in talk.type("sort reference")
    marked = [line for line in talk.type("list").splitlines() if ": marked, " in line]
    assert [name for name in names if any(name in line for line in marked)] == [
        *names[2:4],
        names[5],
    ]
    assert "3 marked, 3 not in this list" in talk.type(HELD)
    assert talk.type("marks").count("\nnot in this list: ") == 3
    assert "3 marks are off. mark again brings them back." in talk.type("unmark all")
    assert "marks: none" in talk.type("marks")
    assert "marks: 3 marked, 3 not in this list" in talk.type("mark again")
    server.control(f"remove/{free(shell)[2]['id']}")
    told = "1 marked case is gone or no longer ours to see: not marked any more."
    assert f"warning: {told}" in talk.until(told, "list")
    assert "marks: 2 marked" in talk.type("marks")


@pytest.mark.usefixtures("held_back")
def test_a_tag_on_marks_is_looked_over_recorded_on_each_and_undone_as_one(
    shell: Shell, talk: Dialogue
) -> None:
    cases = free(shell)[:2]
    held = shell.cases("is:open", "-is:unclaimed")[0]
    talk.type(HELD, "mark 1", FREE, "mark 1-2")
    assert "about: 2 cases · 1 left out · oldest" in talk.type("tag")
    said = talk.type("wave", "", "record")
    assert "confirm: Tag: 2 cases" in said
    names = [case["reference"] for case in cases]
    assert f"\non 2 cases: {names[0]}, {names[1]}\noldest " in said
    assert "\ntightest " in said
    assert f"\nleft out 1 case, {held['claim']['by']} holds this case" in said
    assert said.endswith("record or cancel> ")
    assert unsent(shell) == []
    assert "tag: recorded on 2 cases. undo takes all of it back" in talk.type("record")
    assert unsent(shell) == on("tag", cases)
    assert "Taken back: tag on 2 cases." in talk.type("undo")
    assert unsent(shell) == []


@pytest.mark.usefixtures("held_back")
def test_leaving_records_nothing_and_keeps_marks_and_answers(shell: Shell, talk: Dialogue) -> None:
    talk.type(FREE, "mark all", "tag", "wave", "", "record")
    assert "Nothing is recorded. The marks stay." in talk.type("cancel")
    assert unsent(shell) == []
    talk.type("tag")
    assert "now: wave" in talk.said
    assert "Left. Nothing was recorded; what you wrote is kept." in talk.type("cancel")
    assert "marks: 19 marked" in talk.type("marks")


@pytest.mark.usefixtures("held_back")
def test_no_burst_records_on_many(shell: Shell, talk: Dialogue) -> None:
    cases = free(shell)[:2]
    talk.type(FREE, "mark 1-2", "close", "duplicates", "")
    assert "confirm: Close or reopen: 2 cases" in talk.type("record")
    talk.send(f"{talk.digits}\n{talk.digits}\n")
    while talk.said.count("These came in a burst") < 2:
        talk.hear()
    assert unsent(shell) == []
    assert "close: recorded on 2 cases" in talk.confirm()
    assert unsent(shell) == on("close", cases)
    talk.type("undo", "tag", "wave", "")
    assert talk.type("record").endswith("record or cancel> ")
    talk.send("record\nrecord\n")
    while talk.said.count("This came in a burst") < 2:
        talk.hear()
    assert unsent(shell) == []


def test_a_claim_on_many_is_done_at_once_and_what_is_about_one_case_stays_so(
    server: PracticeServer, shell: Shell, talk: Dialogue
) -> None:
    cases = free(shell)[:2]
    talk.type(FREE, "3", "mark 1-2", "claim")
    assert "claim: done on 2 cases." in talk.type("record")
    with server.client() as client:
        held = [client.get(f"/v1/cases/{case['id']}").json()["claim"]["by"] for case in cases]
    assert len(set(held)) == 1
    assert "form: Assess the risk" in talk.type("assess")
    assert "This was about one case. The 2 marks stay." in talk.type("cancel")
    talk.type("unmark all", HELD, "mark all")
    server.control("outage", seconds=600, mode="drop")
    talk.until("connection: OFFLINE")
    said = talk.type("claim")
    assert "warning: Claim the case: on none of the marked cases." in said
    assert "a claim needs the server" in said
    talk.type(FREE, "unmark all", "mark 1-2", "note", "A call.", ".", "record")
    assert "it is kept here, NOT delivered" in talk.type("record")
    server.control("outage", seconds=0, mode="drop")


def test_ctrl_c_stops_between_two_cases_and_says_how_far_it_came(tmp_path: Path) -> None:
    with serving() as other:
        for number in range(1, 6):
            other.case(f"c_{number}", reference=f"E-{number}")
        shell = Shell(tmp_path / "home")
        assert shell.connect(other.url, TOKEN).json()["online"]
        with dialogue(shell.home) as talk:

            def interrupts(asked: Asked) -> None:
                if asked.method == "POST" and len(other.applied) == 1:
                    talk.process.send_signal(signal.SIGINT)

            talk.type("mark all", "claim")
            other.fault = interrupts
            said = talk.type("record")
            assert "warning: claim: done on 2 cases, stopped before 3 others" in said
            assert len(other.applied) == 2
            assert "where: " in talk.type("where")
            assert talk.end() == 0


# --- Again --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("held_back")
def test_repeat_does_the_same_again_here_and_on_marks(shell: Shell, talk: Dialogue) -> None:
    cases = free(shell)
    assert "Nothing was recorded yet that could be repeated." in talk.type(".")
    talk.type(FREE, "1", "tag", "wave, harm", "")
    assert "tag: recorded." in talk.type("record")
    said = talk.type("next", "repeat")
    assert f"Again on {cases[1]['reference']}: tag, add ['wave', 'harm']. undo takes" in said
    assert unsent(shell) == on("tag", cases[:2])
    talk.type("undo", "mark 3-4")
    assert "confirm: Tag: 2 cases" in talk.type(".")
    assert "tag: recorded on 2 cases" in talk.type("record")
    assert unsent(shell) == on("tag", [cases[0], *cases[2:4]])
    talk.send("repeat\nwhere\n")
    while "where: " not in talk.hear():
        pass
    assert "NOT done" in talk.said
    assert unsent(shell) == on("tag", [cases[0], *cases[2:4]])


@pytest.mark.usefixtures("held_back")
def test_what_is_dangerous_is_not_repeated(shell: Shell, talk: Dialogue) -> None:
    verified = shell.cases("is:unclaimed", "verification:VERIFIED_STANDARD")[0]["id"]
    talk.type(f"open {verified}", "decide", "REDIRECT_LEGAL_PROCESS", "LA_NO_BASIS", "By law.", ".")
    talk.type("record")
    assert "decide: recorded." in talk.confirm()
    why = "is done for one case at a time and by hand, so it is not repeated."
    assert f"error: Decide {why}" in talk.type("next", ".")
    assert unsent(shell) == [("decide", verified)]
    talk.type("assess", *[""] * 13)
    assert "assess: recorded." in talk.type("record")
    why = "is about one case alone, so it is not repeated."
    assert f"error: Assess the risk {why}" in talk.type("next", "repeat")
    assert len(unsent(shell)) == 2


MACROS = """
[wave]
title = "One wave"
commands = ["case.tag", "case.next", "case.snooze"]
[wrong]
commands = ["case.claim", "decision.open"]
"""


@pytest.fixture
def macros(shell: Shell) -> None:
    (shell.home / "macros.toml").write_text(MACROS)


@pytest.mark.usefixtures("macros", "held_back")
def test_a_macro_runs_its_commands_and_stops_where_one_does_nothing(
    shell: Shell, talk: Dialogue
) -> None:
    cases = free(shell)
    dangerous = "decision.open is done for one case at a time and by hand, so no macro runs it"
    assert f"warning: macros.toml: [wrong] {dangerous}" in talk.said
    talk.type(FREE)
    assert "macro wave: One wave: case.tag, case.next, case.snooze" in talk.type("macro")
    assert "error: No macro none-such." in talk.type("macro none-such")
    assert f"error: Macro wrong: {dangerous}." in talk.type("macro wrong")
    assert "One wave stopped at 1 of 3, Tag: no case is under the cursor" in talk.type("macro wave")
    talk.type("1", "macro wave", "wave", "")
    said = talk.type("record")
    assert "tag: recorded." in said
    assert f"case: {cases[1]['reference']}" in said
    assert "form: Snooze" in said
    assert "One wave stopped at 3 of 3, Snooze: nothing was recorded." in talk.type("cancel")
    assert unsent(shell) == on("tag", cases[:1])
    talk.type("wave", "more", "", "record", "", "")
    assert "One wave: all 3 done." in talk.type("record")
    talk.type(str(len(cases)), "macro wave", "wave", "")
    said = talk.type("record")
    assert "error: There is no case further on in this list." in said
    assert "One wave stopped at 2 of 3, To the next case: it was not done." in said
    talk.send("macro wave\nwhere\n")
    while "where: " not in talk.hear():
        pass
    assert "NOT done" in talk.said
