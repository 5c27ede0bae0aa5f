"""A keyring that writes plain text, as some that people install do; nothing of ours may use it."""

from pathlib import Path

from keyring.backend import KeyringBackend


class PlaintextKeyring(KeyringBackend):
    """Keeps everything in a file that anybody can read."""

    priority = 9  # pyright: ignore[reportAssignmentType] - the library reads it as a number

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        with (Path.home() / "plain").open("a") as file:
            file.write(password)
