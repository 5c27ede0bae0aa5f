"""The command line: profiles, exit statuses, JSON, and that secrets stay where they belong."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from local_cache.lock import UseLock
from tests.desk.shell import Shell
from tests.servers import PracticeServer, running


@pytest.fixture(scope="module")
def server() -> Generator[PracticeServer]:
    with running(cases=40, seed=11) as practice:
        yield practice


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.fixture
def connected(shell: Shell, server: PracticeServer) -> Shell:
    pulled = shell.connect(server.url, server.token).json()
    assert pulled["online"]
    assert pulled["pulled"] > 40
    return shell


def free_case(shell: Shell) -> str:
    return shell.cases("state:open", "is:unclaimed", "-is:unreadable")[0]["id"]


def test_without_a_profile_every_command_says_how_to_begin(shell: Shell) -> None:
    for command in (["cases"], ["sync"], [], ["doctor"]):
        outcome = shell(*command)
        assert outcome.status == 6
        assert "connect" in outcome.err + outcome.out


@pytest.mark.parametrize(
    "url", ["http://desk.example", "ftp://desk.example", "https://", "https://u:p@desk.example"]
)
def test_an_address_that_would_give_the_token_away_is_refused(shell: Shell, url: str) -> None:
    outcome = shell("connect", url, "--token-stdin", stdin="secret\n")
    assert outcome.status == 2
    assert not (shell.home / "profiles").exists()


def test_a_refused_token_makes_no_profile(shell: Shell, server: PracticeServer) -> None:
    outcome = shell("connect", server.url, "--token-stdin", stdin="wrong\n")
    assert outcome.status == 6
    assert not (shell.home / "profiles").exists()


def test_connecting_again_renews_the_token_and_keeps_the_cache(
    connected: Shell, server: PracticeServer
) -> None:
    before = [case["id"] for case in connected.cases()]
    assert connected("connect", server.url, "--token-stdin", stdin=server.token).status == 0
    assert [case["id"] for case in connected.cases()] == before


def test_another_specialist_is_another_profile(connected: Shell, server: PracticeServer) -> None:
    other = server.with_roles("approver")
    taken = connected("outbox", "--json")
    assert taken.status == 0
    name = next((connected.home / "profiles").iterdir()).name
    refused = connected(
        "connect", server.url, "--name", name, "--token-stdin", stdin=other["token"]
    )
    assert refused.status == 2
    assert connected("connect", server.url, "--token-stdin", stdin=other["token"]).status == 0
    assert len(list((connected.home / "profiles").iterdir())) == 2
    assert connected("cases").status == 6, "the new profile has a cache of its own"


def test_the_wrong_passphrase_opens_nothing_and_changes_nothing(connected: Shell) -> None:
    wrong = connected("cases", NIGHTDESK_PASSPHRASE="wrong", NIGHTDESK_PASSPHRASE_FILE=None)
    assert wrong.status == 7
    assert connected("cases").status == 0


def test_without_anything_to_open_the_cache_it_is_sealed(connected: Shell) -> None:
    assert connected("cases", NIGHTDESK_PASSPHRASE_FILE=None).status == 7


def test_the_json_of_a_case_is_the_servers_document_with_local_added(
    connected: Shell, server: PracticeServer
) -> None:
    case_id = free_case(connected)
    document = connected("case", case_id, "--json").json()
    local = document.pop("local")
    with server.client() as client:
        assert document == client.get(f"/v1/cases/{case_id}").json()
    assert local["unsent"] == []
    assert not local["changed"]


def test_a_case_is_found_by_our_reference_too(connected: Shell) -> None:
    case = connected.cases("state:open")[0]
    assert connected("case", case["reference"], "--json").json()["id"] == case["id"]


def test_filters_and_limits_hold_on_the_command_line(connected: Shell) -> None:
    assert {case["priority"] for case in connected.cases("priority:P1")} == {"P1"}
    assert len(connected.cases("--limit", "3")) == 3
    assert connected("cases", "priority:P9").status == 2
    assert "column" in connected("cases", "nonsense:1").err


def test_an_unknown_case_is_not_found(connected: Shell) -> None:
    assert connected("case", "c_nobody").status == 3
    assert connected("note", "c_nobody", "hello").status == 3


@pytest.mark.parametrize("body", ["", "{", "[]", '{"type": "dance"}', '{"type": "note"}'])
def test_a_body_that_is_no_action_is_told_and_not_recorded(connected: Shell, body: str) -> None:
    outcome = connected("act", free_case(connected), "--file", "-", "--json", stdin=body)
    assert outcome.status == 2
    assert outcome.json()["errors"]
    assert connected("outbox", "--json").out == ""


def test_what_the_policy_refuses_is_told_by_pointer(connected: Shell) -> None:
    outcome = connected.act(free_case(connected), type="decide", disposition="DISCLOSE_FULL")
    assert outcome.status == 4
    told = outcome.json()
    assert told["entry"] is None
    assert not told["delivered"]
    assert {"/rationale", "/scope_granted"} <= {error["pointer"] for error in told["errors"]}


def test_a_note_is_delivered_at_once_under_the_entrys_key(
    connected: Shell, server: PracticeServer
) -> None:
    case_id = free_case(connected)
    told = connected.act(case_id, type="note", body="called back").json()
    assert told["delivered"]
    assert told["state"] == "accepted"
    with server.client() as client:
        done = client.get(f"/v1/cases/{case_id}/actions").json()["items"][-1]
    assert done["id"] == told["entry"]
    assert done["body"]["offline"] is False
    assert done["body"]["tool"]["name"] == "nightdesk"


def test_claiming_for_hands(connected: Shell) -> None:
    case_id = free_case(connected)
    assert connected("claim", case_id).status == 0
    assert connected("sync").status == 0
    assert connected("case", case_id, "--json").json()["claim"]["by"] == "sp_1"
    assert connected("release", case_id).status == 0


def test_a_case_by_hand_reaches_the_server_with_what_was_done_on_it(
    connected: Shell, server: PracticeServer
) -> None:
    queue = connected.cases()[0]["queue"]
    new = {
        "queue": queue,
        "kind": "other",
        "title": "A call about a missing person",
        "id": "c_hand",
    }
    opened = connected("new", "--file", "-", "--json", stdin=json.dumps(new))
    assert opened.json()["delivered"], opened.err
    assert connected.act("c_hand", type="tag", add=["phone"]).json()["delivered"]
    with server.client() as client:
        assert client.get("/v1/cases/c_hand").json()["tags"] == ["phone"]
    again = connected("new", "--file", "-", "--json", stdin=json.dumps(new))
    assert again.status == 4


def test_the_audit_chain_is_whole_and_the_server_has_its_head(connected: Shell) -> None:
    connected.act(free_case(connected), type="note", body="checked")
    report = connected("audit", "verify", "--json").json()
    assert report["ok"]
    assert report["acknowledged"]


def test_who_looks_at_cases_leaves_a_trace(connected: Shell) -> None:
    case_id = free_case(connected)
    version = connected("case", case_id, "--json").json()["version"]
    seen, exported = connected("audit", "list", "--limit", "2", "--json").lines()
    assert (seen["kind"], seen["case"]) == ("view", case_id)
    assert seen["detail"] == {"by": "command line", "version": version}
    assert exported["kind"] == "export"
    assert exported["detail"]["cases"] > 10
    assert connected("audit", "list", "--case", "no-such-case").status == 3


def test_the_doctor_finds_everything_well(connected: Shell) -> None:
    report = connected("doctor", "--json")
    assert report.status == 0, report.out
    assert report.json()["ok"]


def test_wiping_asks_for_the_name_and_leaves_nothing_to_open(connected: Shell) -> None:
    name = next((connected.home / "profiles").iterdir()).name
    assert connected("wipe").status == 7
    assert connected("wipe", "--yes", "something").status == 2
    assert connected("cases").status == 0
    elsewhere = UseLock(connected.home / "profiles" / name)  # as whoever has it open holds
    refused = connected("wipe", "--yes", name)
    assert (refused.status, "Nothing was wiped" in refused.err) == (7, True)
    elsewhere.release()
    assert connected("cases").status == 0
    assert connected("wipe", "--yes", name).status == 0
    assert list((connected.home / "profiles").iterdir()) == []
    assert connected("cases").status == 6


def test_no_secret_and_no_content_stands_in_any_file(connected: Shell) -> None:
    connected.act(free_case(connected), type="note", body="canary-in-a-note")
    server_token = connected.home / "passphrase.txt"
    secret = server_token.read_bytes().strip()
    for file in (connected.home / "profiles").rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert secret not in held
            assert b"canary-in-a-note" not in held
            assert b"practice-" not in held, file
            assert file.stat().st_mode & 0o077 == 0


def test_the_token_given_with_a_command_goes_before_the_one_kept(connected: Shell) -> None:
    refused = connected("sync", "--json", NIGHTDESK_TOKEN="practice-of-nobody")
    assert refused.status == 6
    assert connected("sync", "--json").json()["online"]


def test_another_keymap_is_chosen_and_a_persons_own_keys_stay(shell: Shell) -> None:
    shell.home.mkdir()
    own = shell.home / "keys.toml"
    own.write_text('# mine\n[desk]\n"case.claim" = ["Y"]  # not c\n')
    assert shell("keys", "use", "emacs").status == 0
    assert (
        own.read_text() == '# mine\ninherits = "emacs"\n\n[desk]\n"case.claim" = ["Y"]  # not c\n'
    )
    assert "escape x" in shell("keys", "explain", "escape x").out
    assert json.loads(shell("keys", "list", "--json").out.splitlines()[0])["keys"][0] == "n"
    assert shell("keys", "use", "vi").status == 2


def test_a_keymap_file_is_checked_with_an_exit_status(shell: Shell, tmp_path: Path) -> None:
    assert [shell("keys", "check", name).status for name in ("desk", "vim", "emacs")] == [0, 0, 0]
    mine = tmp_path / "mine.toml"
    for text, status, told in (
        ('[desk]\n"case.claim" = ["Y"]', 0, "no key clashes"),
        ('[desk]\n"case.claim" = ["g"]', 4, "case.close: can never be reached"),
        ('[desk]\n"case.claim" = ["ctrl+h"]', 4, "bind that"),
        ('[desk]\n"case.claim" = ["ctrl+\u009b"]', 4, "mine.toml"),
        ('[desk]\n"case.note" = ["c"]', 4, "case.claim has no key"),
        ('[desk]\n"case.move" = "<disabled>"', 0, "taken away"),
    ):
        mine.write_text(text)
        checked = shell("keys", "check", str(mine))
        assert (checked.status, told in checked.out) == (status, True), checked.out
        assert "\x9b" not in checked.out
    assert shell("keys", "check", str(tmp_path / "none.toml")).status == 3


def test_the_keys_of_macros_are_checked_as_own_keys_are(shell: Shell) -> None:
    shell.home.mkdir()
    macros = shell.home / "macros.toml"
    two = '[one]\nkey = "x m"\ncommands = ["case.tag"]\n[two]\nkey = "{}"\ncommands = ["{}"]\n'
    for key, command, status, told in (
        ("x n", "case.note", 0, "no key clashes"),
        ("x m", "case.note", 4, "`x m` for macro.two: macro.one already has this key"),
        ("x m n", "case.note", 4, "`x m` already runs macro.one"),
        ("x n", "case.clam", 4, "did you mean case.claim"),
    ):
        macros.write_text(two.format(key, command))
        checked = shell("keys", "check")
        assert (checked.status, told in checked.out) == (status, True), checked.out
    assert "macro.one" in shell("keys", "explain", "x m").out
    (shell.home / "keys.toml").write_text('[desk]\n"macro.one" = ["x o"]\n')
    assert "no such command" not in shell("keys", "check").out
    assert "macro.one" in shell("keys", "explain", "x o").out


def test_keys_and_templates_can_be_looked_up(connected: Shell) -> None:
    assert connected("keys", "check").status == 0
    assert "go.outbox" in connected("keys", "explain", "g o").out
    assert connected("keys", "explain", "ctrl+alt+f9").status == 2
    assert "TPL-ACK" in connected("templates").out
    assert connected("templates", "lint").status == 0
