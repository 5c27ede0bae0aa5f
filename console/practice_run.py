"""The practice desk whole: its server in a process of its own, and the console on it.

The profile lives in a folder of its own that goes away afterwards; nothing of a person's real
profiles is touched.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from console.errors import NightdeskError, NothingToWorkOn, UsageError
from console.profiles.connecting import connect_profile
from console.profiles.credentials import Credentials
from console.profiles.home import Home


class Listening(msgspec.Struct):
    """Where the practice server listens, and a specialist's token."""

    url: str
    token: str


def run_practice(
    credentials: Credentials,
    *,
    cases: int,
    seed: int,
    arrivals: float,
    port: int,
    keep: Path | None,
    linear: bool = False,
) -> int:
    """Start the server, connect to it as a specialist, run the console, stop the server."""
    command = [sys.executable, "-m", "console.cli", "practice", "--serve"]
    command += ["--cases", str(cases), "--seed", str(seed)]
    command += ["--arrivals", str(arrivals), "--port", str(port)]
    if keep is not None:
        command += ["--keep", str(keep)]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what the server has to say must not be painted over
    ) as server:
        try:
            listening = _wait_for(server)
            with tempfile.TemporaryDirectory(prefix="nightdesk-practice-") as folder:
                return _console(Path(folder), credentials, listening, linear=linear)
        finally:
            server.terminate()


def _wait_for(server: "subprocess.Popen[bytes]") -> Listening:
    assert server.stdout is not None
    line = server.stdout.readline()
    try:
        return msgspec.json.decode(line, type=Listening)
    except msgspec.MsgspecError:
        raise NothingToWorkOn(
            "The practice server did not start. To see why: nightdesk practice --serve"
        ) from None


def _console(folder: Path, credentials: Credentials, listening: Listening, *, linear: bool) -> int:
    home = Home(folder)
    if not credentials.passphrase_given:
        credentials.use_passphrase(os.urandom(32).hex())
    try:
        connect_profile(
            home,
            credentials,
            url=listening.url,
            name="practice",
            source="escalations",
            token=lambda: listening.token,
        )
    except NightdeskError as error:
        raise NothingToWorkOn(f"The practice desk did not open. {error}") from None
    if linear:
        from console.linear.run import run_linear

        return run_linear(credentials, home, practice=lambda line: control(listening, line))
    from console.app import run_console

    return run_console(credentials, home, practice=lambda line: control(listening, line))


def control(listening: Listening, line: str) -> None:
    """Tell the practice server to behave; `console.commands.practice_line` knows how.

    Raises:
        UsageError: it understands nothing of the kind, or does not take it.
    """
    from console.commands.practice_line import asked_for

    asked = asked_for(line)
    import httpx

    try:
        httpx.post(
            f"{listening.url}/practice/{asked.path}",
            json=asked.body,
            headers={"Authorization": f"Bearer {listening.token}"},
            trust_env=False,
        ).raise_for_status()
    except httpx.HTTPError:
        raise UsageError("The practice server did not take this.") from None
