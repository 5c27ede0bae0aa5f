"""What the command line offers for the practice server, the server takes."""

from collections.abc import Callable

import pytest

from console.commands.practice_line import CONTROLS, arguments
from console.errors import UsageError
from console.practice.controls import CONTROLS as ROUTES
from console.practice_run import Listening, control
from tests.contract.hand import Hand
from tests.servers import PracticeServer


def test_every_offer_is_taken(server: PracticeServer, hand: Callable[[str], Hand]) -> None:
    case_id = hand("sp_1").open()["id"]
    listening = Listening(server.url, server.token)
    for word in CONTROLS:
        offers = arguments(f"{word} ", case_id) or arguments("", case_id)
        lines = [each.text for each in offers if each.text.partition(" ")[0] == word]
        assert lines, word
        for line in sorted(lines):
            control(listening, line)
            control(listening, "outage 0s")
    assert hand("sp_1").http.get(f"/v1/cases/{case_id}").status_code == 404


def test_every_control_of_the_server_but_that_of_templates_is_offered() -> None:
    routes = {path.split("/")[1] for route in ROUTES for path in route.paths}
    assert routes - {"withdraw"} == set(CONTROLS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "understands: outage, arrive"),
        ("outrage 60s", "understands: outage, arrive"),
        ("outage", "As in: practice outage 60s"),
        ("outage 60s slowly", "As in: practice outage 60s"),
        ("arrive now", "As in: practice arrive"),
        ("advance 1d", "As in: practice advance 10m"),
        ("busy -1", "As in: practice busy 3"),
        ("claim", "As in: practice claim c_1"),
    ],
)
def test_what_cannot_be_read_says_how_it_is_written(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        control(Listening("http://127.0.0.1:9", "no-token"), line)


def test_a_case_that_is_not_there_is_said(server: PracticeServer) -> None:
    with pytest.raises(UsageError, match="did not take this"):
        control(Listening(server.url, server.token), "claim ../outage")
