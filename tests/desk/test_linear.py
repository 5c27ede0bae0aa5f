"""Linear mode against the practice desk: a whole case, an outage, bursts, half of something."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.desk.dialogue import Dialogue, dialogue
from tests.desk.shell import Shell
from tests.servers import PracticeServer, start

VERIFIED = "is:open verification:VERIFIED_STANDARD"
NORTHFIELD = "filter is:unclaimed verification:VERIFIED_STANDARD"


@pytest.fixture(scope="module")
def server() -> Generator[PracticeServer]:
    made = start(cases=20, seed=3)
    yield made
    made.stop()


@pytest.fixture
def shell(server: PracticeServer, tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "home")
    assert json.loads(made.connect(server.url, server.token).out)["online"]
    return made


@pytest.fixture
def talk(shell: Shell) -> Generator[Dialogue]:
    with dialogue(shell.home) as made:
        yield made


def recorded(shell: Shell) -> list[Any]:
    return shell("outbox", "--json").lines()


def there(server: PracticeServer, case_id: str) -> list[str]:
    with server.client() as client:
        found = client.get(f"/v1/cases/{case_id}/actions", params={"limit": "1000"}).json()
        return [record["type"] for record in found["items"]]


def a_case(shell: Shell, *words: str) -> tuple[str, str]:
    """Return id and reference of a case that a filter finds."""
    case = shell.cases(*words)[0]
    return case["id"], case["reference"]


def test_a_case_from_claim_to_delivered_response(
    server: PracticeServer, shell: Shell, talk: Dialogue
) -> None:
    case_id, reference = a_case(shell, "is:unclaimed", "verification:VERIFIED_STANDARD")
    assert "list: 1 case" in talk.type(NORTHFIELD)
    opened = talk.type("1")
    assert f"case: {reference}" in opened
    assert "sections: clocks, requester, request" in opened
    assert "section: Requester" in talk.type("read")
    assert "section: Request" in talk.type("read request")
    assert "claim: accepted by the server." in talk.type("c")

    assert "question 1 of 1: Disposition" in talk.type("Decide")
    assert "4 answers have that" in talk.type("redirect")
    assert "question 2 of 3: Reasons" in talk.type("REDIRECT_LEGAL_PROCESS")
    assert "question 1 of 3: Disposition" in talk.type("back")
    talk.type("", "LA_NO_BASIS")
    assert "finding: REDIRECT_LEGAL_PROCESS needs it" in talk.type("-")
    talk.type("record", "3", "It goes by ordinary process.", ".")
    assert "case: " + reference in talk.type("record")
    assert "Not these digits" in talk.type("1234 5")
    assert "decide: recorded. undo takes it back" in talk.confirm()
    assert "Taken back: decide. Nothing of it was sent." in talk.type("undo")

    talk.type("decide", "redirect to legal", "LA_NO_BASIS", "It goes by ordinary process.", ".")
    talk.type("record")
    talk.confirm()
    assert "question 1 of 4: data_tier" in talk.type("r")
    talk.type("records", "a warrant", "our portal")
    assert "Nothing stands against it." in talk.type("the legal department")
    talk.type("line 1 Dear officer,")
    preview = talk.type("preview")
    assert "Dear officer," in preview
    assert "discloses   nothing" in preview
    talk.type("send")
    assert "respond: recorded." in talk.confirm()
    talk.until("unsent: nothing")
    assert talk.end() == 0
    assert there(server, case_id)[-3:] == ["claim", "decide", "respond"]
    with server.client() as client:
        sent = client.get(f"/v1/cases/{case_id}").json()["responses"][-1]["body"]["body"]
    assert sent.startswith("Dear officer,")


def works_through_an_outage(server: PracticeServer, shell: Shell, reference: str) -> None:
    with dialogue(shell.home) as talk:
        server.control("outage", seconds=600, mode="drop")
        talk.until("connection: OFFLINE")
        assert "the connection was lost" in talk.said
        talk.type(f"open {reference}")
        assert "error: Claim the case: a claim needs the server" in talk.type("claim")
        told = talk.type("note", "Called the switchboard.", ".", "record")
        assert "it is kept here, NOT delivered" in told
        assert "error: NOTHING HAS REACHED THE REQUESTER" in told
        assert "lead" in told
        assert "alarm: NOTHING HAS REACHED THE REQUESTER" in talk.said
        assert "Nothing goes while there is no connection" in talk.type("outbox")
        assert "NOTHING HAS REACHED" in talk.type("1")
        assert talk.end() == 0
        assert f"not delivered: {reference} note" in talk.said


def test_an_outage_is_told_as_it_is(server: PracticeServer, shell: Shell) -> None:
    case_id, reference = a_case(shell, "is:unclaimed", "priority:P1")
    try:
        works_through_an_outage(server, shell, reference)
    finally:
        server.control("outage", seconds=0, mode="drop")
    assert [entry["type"] for entry in recorded(shell)] == ["note"]

    with dialogue(shell.home) as talk:
        talk.until("unsent: nothing")
        assert talk.end() == 0
        assert "not delivered:" not in talk.said
    assert there(server, case_id) == ["note"]


def test_a_burst_reads_and_moves_and_records_nothing(shell: Shell, talk: Dialogue) -> None:
    talk.type("filter is:unclaimed")
    talk.send("1\nclaim\nnext\nnote\nA note.\n.\nrecord\nreveal\nwhere\n")
    heard = talk.hear()
    while "where: " not in heard:
        heard += talk.hear()
    assert heard.count("case: ") == 2  # a number and `next` are taken
    assert heard.count("NOT done") >= 3
    assert recorded(shell) == []
    assert "unsent: nothing" in talk.type("where")
    assert "question 1 of 1: Note" in talk.type("note")
    # A paste into a text is text, also where it looks like an answer to what comes next.
    talk.send("It was\n.\nrecord\n")
    while "record\nline> " not in talk.said:
        talk.hear()
    assert "1: Note: It was (and 2 more lines)" in talk.type(".")
    talk.send("record\nrecord\n")
    while talk.said.count("This came in a burst") < 2:
        talk.hear()
    assert recorded(shell) == []
    assert "note: recorded." in talk.type("record")
    assert [entry["type"] for entry in recorded(shell)] == ["note"]


def test_digits_in_a_burst_confirm_nothing(shell: Shell, talk: Dialogue) -> None:
    talk.type(
        "filter lang:de", "1", "decide", "REDIRECT_LEGAL_PROCESS", "LA_NO_BASIS", "By law.", "."
    )
    talk.type("record")
    digits = talk.digits
    talk.send(f"{digits}\n{digits}\n")
    while talk.said.count("These came in a burst") < 2:
        talk.hear()
    assert talk.digits != digits
    assert recorded(shell) == []
    assert "Not confirmed, not recorded. It is kept as a draft." in talk.type("")
    assert recorded(shell) == []


def test_half_of_something_is_not_recorded_at_the_end_of_input(shell: Shell) -> None:
    case_id, _ = a_case(shell, *VERIFIED.split())
    with dialogue(shell.home) as talk:
        talk.type(f"open {case_id}", "decide", "REDIRECT_LEGAL_PROCESS")
        talk.send("LA_NO")  # half of a line
        assert talk.end("") == 0
    with dialogue(shell.home) as talk:
        assert "draft: your draft of" in talk.type(f"open {case_id}", "decide")
        assert "now: Redirect to legal process" in talk.said
        assert "Nothing is decided yet. Your draft is kept" in talk.type("cancel")
        talk.type("note", "An unfinished note", ".")
        assert talk.end("") == 0
    assert recorded(shell) == []


def test_a_script_reads_without_a_terminal(shell: Shell) -> None:
    outcome = shell("--linear", stdin="list\n1\nread all\nclaim\nwhere\n")
    assert outcome.status == 0
    assert "section: Request" in outcome.out
    assert "error: this line came together with others" in outcome.out
    assert outcome.out.splitlines()[-1] != ""
    assert "\x1b" not in outcome.out
    assert recorded(shell) == []


def test_a_second_person_reads_before_approving(server: PracticeServer, tmp_path: Path) -> None:
    approver = server.with_roles("specialist", "approver")
    shell = Shell(tmp_path / "approver")
    shell.connect(server.url, approver["token"])
    with dialogue(shell.home) as talk:
        talk.type("filter is:approval", "1")
        read = talk.type("approve")
        assert "decision" in read
        assert "question 1 of 2: Verdict" in read
        assert "question 2 of 2" in talk.type("r")
        talk.type("Not enough was shown.", ".")
        assert "confirm: Approve or reject the decision" in talk.type("record")
        assert "reject: recorded." in talk.confirm()
        talk.until("unsent: nothing")
        assert talk.end() == 0


def test_a_filter_that_cannot_be_read_changes_nothing(talk: Dialogue) -> None:
    talk.type("filter lang:de")
    said = talk.type("filter prority:P0")
    assert "error: The filter cannot be read: column 1: " in said
    assert "did you mean priority" in said
    assert "error: The filter cannot be read" in talk.type('filter agency:"city')
    assert "filter lang:de, sorted by" in talk.type("list")


def test_what_only_looks_like_a_number_ends_nothing(talk: Dialogue) -> None:
    talk.type("²", "9" * 5000, "٣", "open ²", "list ²", "mark ²", "mark 1-²")
    assert "unsent: nothing" in talk.type("where")


def test_views_are_kept_shown_changed_and_dropped(talk: Dialogue) -> None:
    assert "No view is saved" in talk.type("views")
    talk.type("filter lang:de", "sort due", "sort.reverse")
    assert "saved: view 3: German: lang:de sort:-due" in talk.type("view save 3 German")
    assert "error: A view is called by a word" in talk.type("view save 4")
    assert "sorted by urgency" in talk.type("filter is:open sort:urgency")
    told = "filter lang:de sort:-due, sorted by due, turned around"
    assert told in talk.type("view german")
    assert "filter lang:de, sorted by received, turned around" in talk.type("sort received")
    assert "saved: view 3: Deutsch: lang:de sort:-due" in talk.type("view rename 3 Deutsch")
    assert "error: " in talk.type("view filter 3 nothing:known")
    assert "Deutsch: lang:de,ja sort:-due" in talk.type("view filter 3 lang:de,ja")
    assert "sorted by due" in talk.type("view 3")
    assert "error: There is no view 5; views says them." in talk.type("view rename 5 New")
    for line in ("view save 12 New", "view save", "view drop all"):
        assert "takes a number from 1 to 9 behind it." in talk.type(line)
    assert "dropped: view 3" in talk.type("view drop 3")
    assert "No view is saved" in talk.type("views")
