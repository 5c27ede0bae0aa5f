"""A real Secret Service keeps the key: under a session bus and a daemon of the test's own.

The daemon is GNOME's; where it is not installed these tests are skipped and say so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import REPOSITORY

NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
missing = [name for name in NEEDED if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")

_UNLOCKED = (
    "printf %s 'a login' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n"
)
_LOCKED = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1\n"


def session(folder: Path, script: str, *, before: str = _UNLOCKED, **more: str) -> str:
    """Run Python in a session of its own with a home of its own; return what it printed."""
    home = folder / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    run = folder / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    (folder / "script.py").write_text(
        "from pathlib import Path\nfrom local_cache import keyrings, keys\n"
        f"folder = Path({str(folder / 'profile')!r})\n{script}"
    )
    done = subprocess.run(
        [
            "dbus-run-session",
            "--",
            "sh",
            "-c",
            f'{before}exec "{sys.executable}" "{folder / "script.py"}"',
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(run),
            "XDG_DATA_HOME": str(home / "data"),
            "PYTHONPATH": str(REPOSITORY),
            **more,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.strip()


MAKE = "print(keys.create_key(folder, passphrase=None).hex())"
OPEN = """
try:
    print(keys.unlock(folder, passphrase=None).hex())
except keys.KeyTrouble as trouble:
    print(type(trouble).__name__)
"""


def nothing_plain(folder: Path, key: str) -> None:
    """See that the key is in no file that anybody wrote."""
    import base64

    raw = bytes.fromhex(key)
    forms = (raw, key.encode(), base64.b64encode(raw))
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "script.py"]
    assert files
    assert not [file for file in files for form in forms if form in file.read_bytes()]


def test_a_secret_service_keeps_the_key_over_sessions(tmp_path: Path) -> None:
    key = session(tmp_path, MAKE)
    assert len(key) == 64
    assert session(tmp_path, OPEN) == key
    nothing_plain(tmp_path, key)


def test_a_locked_one_loses_nothing(tmp_path: Path) -> None:
    key = session(tmp_path, MAKE)
    before = (tmp_path / "profile/key.json").read_bytes()
    assert session(tmp_path, OPEN, before=_LOCKED) in ("NoKeyring", "KeyLost")
    assert (tmp_path / "profile/key.json").read_bytes() == before
    assert session(tmp_path, OPEN) == key


@pytest.mark.parametrize(
    ("before", "backend"),
    [
        ("", ""),  # no daemon at all
        ("", "keyring.backends.null.Keyring"),
        ("", "tests.desk.plain_keyring.PlaintextKeyring"),
    ],
    ids=["none", "null", "plaintext"],
)
def test_without_a_trusted_keyring_nothing_is_written(
    tmp_path: Path, before: str, backend: str
) -> None:
    made = MAKE.replace("print(", "print(").join(
        ("try:\n    ", "\nexcept keys.KeyTrouble as trouble:\n    print(type(trouble).__name__)\n")
    )
    more = {"PYTHON_KEYRING_BACKEND": backend} if backend else {"DBUS_FATAL_WARNINGS": "0"}
    assert session(tmp_path, made, before=before, **more) == "NoKeyring"
    assert not (tmp_path / "profile").exists()
    assert not (tmp_path / "home" / "plain").exists()


def test_a_backend_that_changed_neither_opens_nor_harms(tmp_path: Path) -> None:
    key = session(tmp_path, MAKE)
    for backend in ("keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"):
        assert session(tmp_path, OPEN, PYTHON_KEYRING_BACKEND=backend) == "NoKeyring"
    assert session(tmp_path, OPEN) == key
