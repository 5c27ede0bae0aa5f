"""What the commands print of documents in which every text is an attack."""

from collections.abc import Generator
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.desk.shell import Outcome, Shell
from tests.hostile import CORPUS, LONE_SURROGATES, hidden
from tests.hostile_server import (
    TOKEN,
    HostileServer,
    full_case,
    full_policy,
    full_queue,
    full_requester,
    full_template,
    problem,
    serving,
)

CASES = 3
ATTACK = "".join(islice(cycle(CORPUS[:60]), 60))


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        for number in range(CASES):
            start = number * len(CORPUS) // CASES
            texts = cycle([*CORPUS[start:], *CORPUS[:start]])
            other.case(f"c_{number}", **full_case(texts))
        for number, text in enumerate(LONE_SURROGATES):
            other.case(f"lone_{number}", title=text)
        other.policy = full_policy(cycle(CORPUS))
        other.templates = [full_template(f"TPL-{n}", cycle(CORPUS[n * 20 :])) for n in range(8)]
        other.queues = [full_queue("emergency", cycle(CORPUS))]
        other.requesters = [full_requester("a_1", cycle(CORPUS))]
        yield other


@pytest.fixture(scope="module")
def shell(server: HostileServer, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    made = Shell(tmp_path_factory.mktemp("cli") / "home")
    assert made.connect(server.url, TOKEN).json()["pulled"] >= CASES
    return made


def harmless(outcome: Outcome) -> Outcome:
    """Check that an outcome writes nothing that acts or hides; lines are lines."""
    assert list(hidden(outcome.out, multiline=True)) == []
    assert list(hidden(outcome.err, multiline=True)) == []
    assert outcome.status != 1
    return outcome


def refuse(server: HostileServer, status: int = 422, kind: str = "invalid") -> None:
    server.fault = lambda asked: (
        problem(
            status,
            kind,
            detail=ATTACK,
            title=ATTACK,
            errors=[{"pointer": text, "detail": text} for text in CORPUS[:50]],
            claim={"by": ATTACK, "until": ATTACK},
            required_role=ATTACK,
            policy=ATTACK,
        )
        if asked.method == "POST"
        else None
    )


def test_lists_of_cases_and_their_json(shell: Shell) -> None:
    listed = harmless(shell("cases"))
    assert len(listed.out.splitlines()) == CASES + len(LONE_SURROGATES)
    assert "UNREADABLE" in listed.out
    assert len(harmless(shell("cases", "--json")).lines()) == CASES + len(LONE_SURROGATES)


@pytest.mark.parametrize("number", range(CASES))
def test_a_case_for_people_and_as_json(shell: Shell, server: HostileServer, number: int) -> None:
    harmless(shell("case", f"c_{number}"))
    document = harmless(shell("case", f"c_{number}", "--json")).json()
    assert document.pop("local")["unreadable"] is False
    assert document == server.cases[f"c_{number}"]


def test_a_case_that_no_encoding_can_write_is_told_as_unreadable(shell: Shell) -> None:
    told = harmless(shell("case", "lone_0"))
    assert "cannot be read" in told.out
    assert harmless(shell("case", "lone_0", "--json")).json()["local"]["unreadable"] is True


def test_templates_and_what_is_wrong_with_them(shell: Shell, server: HostileServer) -> None:
    listed = harmless(shell("templates"))
    assert len(listed.out.splitlines()) == 8
    assert harmless(shell("templates", "--json")).lines()[0]["title"] == CORPUS[0]
    harmless(shell("templates", "lint"))
    harmless(shell("templates", "lint", "--json"))


def test_what_the_server_says_when_it_refuses(shell: Shell, server: HostileServer) -> None:
    refuse(server)
    note = CORPUS[0] + ATTACK
    refused = harmless(shell("note", "c_0", "-", stdin=note.encode("utf-8", "replace").decode()))
    assert refused.status == 4
    assert "␛" in refused.err
    assert harmless(shell.act("c_1", type="note", body=ATTACK)).status == 4
    refuse(server, 409, "claimed")
    assert harmless(shell("claim", "c_2")).status in (4, 6)
    server.fault = lambda asked: None
    harmless(shell("outbox"))
    entries = harmless(shell("outbox", "--json")).lines()
    assert {entry["state"] for entry in entries} == {"returned"}
    for entry in entries:
        assert harmless(shell("outbox", "discard", entry["entry"])).status == 0


def test_what_a_person_types_is_not_trusted_either(shell: Shell) -> None:
    for words in (["cases", ATTACK], ["case", "\x1b]0;x\x07"], ["\u202enothing"], ["note", ATTACK]):
        words = [word.replace("\0", "").encode("utf-8", "replace").decode() for word in words]
        assert harmless(shell(*words)).status in (2, 3)


def test_health_and_errors(shell: Shell, server: HostileServer) -> None:
    harmless(shell("doctor"))
    harmless(shell("doctor", "--json"))
    server.fault = lambda asked: problem(500, ATTACK[:60], detail=ATTACK)
    told = harmless(shell("sync"))
    assert told.status == 6
    harmless(shell("doctor"))
    server.fault = lambda asked: None


def test_nothing_was_written_beside_the_home(shell: Shell, tmp_path: Path) -> None:
    assert not list(shell.home.rglob("*.svg"))
    assert not list(tmp_path.iterdir())
