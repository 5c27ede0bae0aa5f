"""What opens the cache is changed, lost and found again; what is recorded in it stays."""

import json
import stat
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.profiles.connecting import connect_profile
from console.profiles.credentials import Credentials
from console.profiles.home import Home
from local_cache import keys, wraps
from local_cache.cache import Cache, Tables
from local_cache.records import Policy
from tests.caches import new_entry
from tests.desk.shell import PASSPHRASE, Outcome, Shell
from tests.hostile_server import TOKEN, HostileServer, serving

OTHER = "another passphrase"
ASKS_NOBODY: dict[str, Any] = {"NIGHTDESK_PASSPHRASE_FILE": None}


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    with serving() as other:
        other.case("c_1", title="a case")
        yield other


@pytest.fixture
def shell(tmp_path: Path, server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell that is connected, with a note that was recorded and not delivered."""
    monkeypatch.setattr(wraps, "_SCRYPT_N", 2**10)  # what a file was made with, opens it
    monkeypatch.setenv("NIGHTDESK_PASSPHRASE", PASSPHRASE)
    made = Shell(tmp_path / "home")
    connect_profile(
        Home(made.home),
        Credentials(),
        url=server.url,
        name=None,
        source="escalations",
        token=lambda: TOKEN,
    )
    record(made)
    return made


def record(shell: Shell) -> None:
    """Record something that stays here, straight into the cache."""
    folder = profile(shell)
    cache = Cache.open(folder / keys.CACHE_FILE, keys.unlock(folder, passphrase=lambda: PASSPHRASE))
    cache.write(lambda tables: tables.outbox.record(new_entry("k-1")))
    cache.close()


def profile(shell: Shell) -> Path:
    (folder,) = (shell.home / "profiles").iterdir()
    return folder


def unsent(shell: Shell, **environment: Any) -> list[str]:
    told = shell("outbox", "--json", **environment)
    assert told.status == 0, told.err
    return [entry["entry"] for entry in told.lines()]


def code_of(told: Outcome) -> str:
    assert told.status == 0, told.err
    return next(line.strip() for line in told.out.splitlines() if line.startswith("    "))


def test_a_passphrase_is_changed_without_touching_the_cache(shell: Shell) -> None:
    before = (profile(shell) / keys.CACHE_FILE).read_bytes()
    assert shell("passphrase", NIGHTDESK_NEW_PASSPHRASE="short").status == 2
    assert shell("passphrase", **ASKS_NOBODY, NIGHTDESK_PASSPHRASE="wrong one").status == 7
    assert unsent(shell) == ["k-1"]
    changed = shell("passphrase", NIGHTDESK_NEW_PASSPHRASE=OTHER)
    assert changed.status == 0, changed.err
    assert (profile(shell) / keys.CACHE_FILE).read_bytes() == before
    assert shell("outbox").status == 7
    new = {**ASKS_NOBODY, "NIGHTDESK_PASSPHRASE": OTHER}
    assert unsent(shell, **new) == ["k-1"]
    assert shell("sync", "--json", **new).json()["online"], "the token is where it was"


def test_a_lost_passphrase_loses_nothing_that_a_recovery_code_opens(shell: Shell) -> None:
    voided = code_of(shell("recovery"))
    code = code_of(shell("recovery"))
    assert code != voided
    lost = {**ASKS_NOBODY, "NIGHTDESK_NEW_PASSPHRASE": OTHER}
    for wrong in (voided, code[:-1]):
        refused = shell("recovery", "--use", **lost, NIGHTDESK_RECOVERY_CODE=wrong)
        assert (refused.status, "Nothing was changed" in refused.err) == (7, True)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    found = shell("recovery", "--use", **lost, NIGHTDESK_RECOVERY_CODE=typed)
    assert found.status == 0, found.err
    new = {**ASKS_NOBODY, "NIGHTDESK_PASSPHRASE": OTHER}
    assert unsent(shell, **new) == ["k-1"]
    assert keys.unlock_by_code(profile(shell), code), "it goes on opening it"
    bare = code.replace("-", "")
    kept = [file.read_bytes() for file in shell.home.rglob("*") if file.is_file()]
    assert not any(each.encode() in content for each in (code, bare) for content in kept)


def test_without_a_code_a_lost_passphrase_changes_nothing(shell: Shell) -> None:
    lost = {**ASKS_NOBODY, "NIGHTDESK_NEW_PASSPHRASE": OTHER}
    assert shell("recovery", "--use", **lost, NIGHTDESK_RECOVERY_CODE="A" * 32).status == 3
    assert unsent(shell) == ["k-1"]


def test_the_key_is_exchanged_and_everything_opens_it_as_before(shell: Shell) -> None:
    code = code_of(shell("recovery"))
    folder = profile(shell)
    before = keys.unlock(folder, passphrase=lambda: PASSPHRASE)
    old_file = (folder / keys.CACHE_FILE).read_bytes()
    in_use = Cache.open(folder / keys.CACHE_FILE, before)
    assert shell("rotate").status == 6, "somebody else has it open"
    in_use.close()
    rotated = shell("rotate")
    assert rotated.status == 0, rotated.err
    assert keys.unlock(folder, passphrase=lambda: PASSPHRASE) != before
    assert (folder / keys.CACHE_FILE).read_bytes()[4096:8192] != old_file[4096:8192]
    assert unsent(shell) == ["k-1"]
    assert shell("audit", "verify").status == 0
    assert keys.unlock_by_code(folder, code) == keys.unlock(folder, passphrase=lambda: PASSPHRASE)


def test_wiping_leaves_nothing_that_opens_anything(shell: Shell) -> None:
    folder = profile(shell)
    keys.add_recovery(folder, keys.unlock(folder, passphrase=lambda: PASSPHRASE))
    (folder / ".key.json.new").write_bytes((folder / keys.KEY_FILE).read_bytes())
    (folder / "cache.db.fresh").write_bytes(b"an exchange that was cut off")
    wiped = shell("wipe", "--yes", folder.name)
    assert (wiped.status, "1 entries were never delivered" in wiped.out) == (0, True)
    assert not folder.exists()
    assert shell("outbox").status == 6


def test_the_doctor_says_what_opens_it(shell: Shell) -> None:
    def key() -> str:
        checks = json.loads(shell("doctor", "--json").out)["checks"]
        return next(check["detail"] for check in checks if check["name"] == "key")

    assert "no recovery code" in key()
    folder = profile(shell)
    keys.add_recovery(folder, keys.unlock(folder, passphrase=lambda: PASSPHRASE))
    assert key() == "kept by passphrase; a recovery code opens it, too"


def test_folders_that_are_not_ours_are_refused(shell: Shell, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (shell.home / "profiles").rename(elsewhere)
    (shell.home / "profiles").symlink_to(elsewhere)
    refused = shell("outbox")
    assert (refused.status, "a link" in refused.err) == (2, True)
    (shell.home / "profiles").unlink()
    elsewhere.rename(shell.home / "profiles")
    profile(shell).chmod(0o755)
    assert unsent(shell) == ["k-1"]
    assert stat.S_IMODE(profile(shell).stat().st_mode) == 0o700


def test_a_cache_that_was_silent_for_too_long_is_sealed_until_the_server_answers(
    shell: Shell, server: HostileServer
) -> None:
    folder = profile(shell)
    cache = Cache.open(folder / keys.CACHE_FILE, keys.unlock(folder, passphrase=lambda: PASSPHRASE))
    long_ago = (datetime.now(UTC) - timedelta(hours=73)).timestamp() * 1000

    def silence(tables: Tables) -> None:
        tables.policies.put(Policy(id="default", version="1"))  # 72 hours, as the contract has it
        tables.meta.set("last_spoken_ms", str(round(long_ago)))

    cache.write(silence)
    cache.close()
    document = json.loads((folder / "profile.json").read_text())
    there = document["origin"]
    for origin, status in (("http://127.0.0.1:9", 7), (there, 0)):
        (folder / "profile.json").write_text(json.dumps(document | {"origin": origin}))
        told = shell("outbox", "--json")
        assert told.status == status, told.err
        assert ("73 hours" in told.err) == bool(status)
