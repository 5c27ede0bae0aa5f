"""What requests say, in the languages that they come in: data, read from `situations.toml`."""

import tomllib
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct


class Emergency(Struct, frozen=True, kw_only=True):
    """An emergency as a requester words it; `{handle}` and `{place}` are filled in."""

    language: str
    countries: tuple[str, ...]
    harm: str
    title: str
    """The desk's own neutral line, in English."""
    narrative: str
    why_now: str
    place: str
    minor: bool = False
    steps: str = ""
    ordinary: str = ""
    necessity: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """What another team, a detector or a user says."""

    harm: str
    title: str
    text: str
    """For a live stream: the detector's name."""


class Situations(Struct, frozen=True, kw_only=True):
    """Everything that can happen at the desk."""

    hostile: tuple[str, ...]
    emergencies: tuple[Emergency, ...]
    internal: tuple[Event, ...]
    live: tuple[Event, ...]
    reports: tuple[Event, ...]

    def attack(self, number: int, handle: str) -> str:
        """Return a text as an attacker writes it; `{long}` stands for a line without end."""
        return self.hostile[number].format(handle=handle, place="here", long="x" * 6000)


@cache
def situations() -> Situations:
    """Return what ships with the desk."""
    source = resources.files("console.practice").joinpath("data", "situations.toml")
    return msgspec.convert(tomllib.loads(source.read_text("utf-8")), Situations)
