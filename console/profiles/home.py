"""Where Nightdesk keeps its things, and the profiles: one specialist at one origin each.

Cache, key and outbox of a profile are never used for another identity: a second specialist, or
the same one at another server, is a second profile.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from console.errors import NothingToWorkOn, UsageError
from local_cache import places
from local_cache.hostile import visible

_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A connection that was made once: which system, where, as whom."""

    name: str
    origin: str
    source: str
    specialist_id: str
    created_at: datetime
    memory_only: bool = False
    """Cache and all are gone when the process ends."""


class Home:
    """The folder that holds everything: `$NIGHTDESK_HOME`, else the platform's data folder."""

    def __init__(self, path: Path | None = None, *, configuration: Path | None = None) -> None:
        self.path = path or _default_home()
        self._configuration = configuration

    def folder(self, name: str) -> Path:
        """Return where the profile `name` keeps its cache and key."""
        return self.path / "profiles" / name

    @property
    def configuration(self) -> Path:
        """Where a person puts keymaps and settings of their own."""
        if self._configuration is not None:
            return self._configuration
        if os.environ.get("NIGHTDESK_HOME"):
            return self.path
        import platformdirs

        return Path(platformdirs.user_config_dir("nightdesk", appauthor=False))

    def check(self, name: str) -> None:
        """See that the folders down to a profile's are ours and no links.

        Raises:
            UsageError: whoever owns one could put other files in place of ours.
        """
        for folder in (self.path, self.path / "profiles", self.folder(name)):
            try:
                places.own_folder(folder)
            except OSError as error:
                raise UsageError(
                    f"The folder {visible(str(folder))} cannot be used ({error.strerror}). "
                    "Nothing was changed."
                ) from None

    def profiles(self) -> Iterator[Profile]:
        """Yield every profile, by name."""
        for file in sorted((self.path / "profiles").glob("*/profile.json")):
            yield _read(file)

    def current(self) -> Profile:
        """Return the profile in use.

        Raises:
            NothingToWorkOn: where none was ever connected.
        """
        try:
            name = (self.path / "current").read_text("utf-8").strip()
        except FileNotFoundError:
            raise NothingToWorkOn(
                "Nightdesk is not connected to a desk yet.\n"
                "  nightdesk connect URL     connects to your organisation's server\n"
                "  nightdesk practice        opens a practice desk with made-up cases"
            ) from None
        return self.named(name)

    def named(self, name: str) -> Profile:
        """Return the profile `name`."""
        file = self.folder(name) / "profile.json"
        if not _NAME.match(name) or not file.exists():
            raise NothingToWorkOn(
                "The profile in use is not there. Connect again with: nightdesk connect URL"
            )
        return _read(file)

    def find(self, origin: str, specialist_id: str) -> Profile | None:
        """Return the profile of this specialist at this origin, if there is one."""
        for profile in self.profiles():
            if (profile.origin, profile.specialist_id) == (origin, specialist_id):
                return profile
        return None

    def save(self, profile: Profile) -> Path:
        """Keep a profile, and return its folder."""
        self.check(profile.name)
        folder = self.folder(profile.name)
        replace_file(folder / "profile.json", msgspec.json.format(msgspec.json.encode(profile)))
        return folder

    def use(self, profile: Profile) -> None:
        """Make a profile the one in use."""
        replace_file(self.path / "current", profile.name.encode() + b"\n")

    def forget(self, profile: Profile) -> None:
        """Drop the name of a wiped profile; its key and cache are gone already."""
        for file in self.folder(profile.name).iterdir():
            file.unlink()
        self.folder(profile.name).rmdir()
        current = self.path / "current"
        if current.exists() and current.read_text("utf-8").strip() == profile.name:
            current.unlink()


def origin_of(url: str) -> str:
    """Reduce an address to its origin and base path, without a trailing slash.

    Raises:
        UsageError: for anything but https, or http to this machine itself (the contract, 1).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("This is not the address of a server.") from None
    host = parts.hostname or ""
    loopback = host in {"localhost", "127.0.0.1", "::1"}
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("The address should look like https://desk.example, with nothing secret.")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise UsageError("The address must begin with https:// (http:// only to this machine).")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def name_for(origin: str, specialist_id: str) -> str:
    """Make a profile's name from where and whom it is for."""
    host = urlsplit(origin).netloc.replace("[", "").replace("]", "")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{host}-{specialist_id}").strip("-.")[:64]


def check_name(name: str) -> str:
    """Return a name that a person chose for a profile, if it can be one."""
    if not _NAME.match(name):
        raise UsageError("A profile's name is made of letters, digits, '.', '_' and '-'.")
    return name


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file so that a crash leaves the old or the new one, never half of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _default_home() -> Path:
    moved = os.environ.get("NIGHTDESK_HOME")
    if moved:
        return Path(moved).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("nightdesk", appauthor=False))


def _read(file: Path) -> Profile:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Profile)
    except msgspec.MsgspecError:
        raise NothingToWorkOn(
            f"The profile {file.parent.name} cannot be read; nothing was changed. "
            "Connect again with: nightdesk connect URL"
        ) from None
