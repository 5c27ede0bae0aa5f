"""Taking times: starts and keys, the programs interleaved in random order."""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.programs import REPOSITORY, Program, environment
from tests.bench.terminal import Area, Chunk, Terminal

START_LIMIT = 300.0
SETTLED_AFTER = 0.4
"""Seconds without a change after which a program has started."""
KEY_LIMIT = 3.0
_LOOKED_AT = 40
"""Rows of a list that are looked at when a program starts."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


@dataclass
class Times:
    """Times in milliseconds of one thing done many times."""

    values: list[float] = field(default_factory=list[float])

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """What 19 of 20 stay below."""
        return percentile(self.values, 95)


# --- Starting ---


def start_time(program: Program) -> float:
    """Start a program, and return the ms until its list was there and changed no more."""
    terminal = program.start()
    try:
        return settled_start(program, terminal)
    finally:
        terminal.close()


def settled_start(program: Program, terminal: Terminal) -> float:
    """Wait until a program has started; return the ms it took until its list changed no more.

    Nothing is drawn meanwhile: a program that waits for its terminal would be slower for it.
    """
    written = b""
    chunks: list[Chunk] = []
    quiet_since = terminal.started
    while (now := time.perf_counter()) < terminal.started + START_LIMIT:
        chunk = terminal.pump(SETTLED_AFTER)
        if chunk is not None:
            chunks.append(chunk)
            written += chunk[1]
            quiet_since = chunk[0]
        elif now - quiet_since >= SETTLED_AFTER and program.ready in written:
            break
    at = painted_at(terminal, chunks, lambda: rows_of(program, terminal))
    return (at - terminal.started) * 1e3


def rows_of(program: Program, terminal: Terminal) -> object:
    """Return the first rows of the list."""
    lines, columns = program.area
    return terminal.cells((lines[:_LOOKED_AT], columns))


def painted_at(terminal: Terminal, chunks: Sequence[Chunk], look: Callable[[], object]) -> float:
    """Draw what came; return from when on what is looked at showed as it does in the end."""
    shown: list[tuple[float, object]] = []
    for chunk in chunks:
        terminal.draw(chunk)
        if not terminal.in_frame:
            shown.append((chunk[0], look()))
    while terminal.in_frame and (rest := terminal.pump(KEY_LIMIT)) is not None:
        terminal.draw(rest)  # on a busy machine the end of a frame may come late
        if not terminal.in_frame:
            shown.append((rest[0], look()))
    at, settled = shown[-1] if shown else (chunks[-1][0], look())
    for when, cells in reversed(shown):
        if cells != settled:
            break
        at = when
    return at


def import_time(module: str) -> float:
    """Return the ms that a Python takes which only imports a module."""
    before = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", f"import {module}"], check=True, cwd=REPOSITORY, env=environment()
    )
    return (time.perf_counter() - before) * 1e3


def interleaved(things: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Times]:
    """Do each thing once a round, in random order; a round before warms what can be warm."""
    times = {name: Times() for name in things}
    order = list(things)
    for number in range(rounds + 1):
        random.shuffle(order)
        for name in order:
            taken = things[name]()
            if number:
                times[name].values.append(taken)
    return times


# --- Keys ---


@dataclass
class Player:
    """A running program, the keys that it is given in turn, and where they show."""

    terminal: Terminal
    keys: Sequence[str]
    area: Area
    quiet: float = 0.06
    """Seconds of silence after which the effect of a key is complete."""
    pressed: int = 0

    def press(self) -> float | None:
        """Press the next key; return the ms until its effect was painted, None where none was."""
        terminal = self.terminal
        while (chunk := terminal.pump(0)) is not None:
            terminal.draw(chunk)
        before = terminal.cells(self.area)
        sent = terminal.send(self.keys[self.pressed % len(self.keys)])
        self.pressed += 1
        chunks = terminal.collect(self.quiet, KEY_LIMIT)
        if not chunks:
            return None
        at = painted_at(terminal, chunks, lambda: terminal.cells(self.area))
        return None if terminal.cells(self.area) == before else (at - sent) * 1e3


def play(players: Mapping[str, Player], rounds: int) -> dict[str, Times]:
    """Give each player one key a round, in random order."""
    times = {name: Times() for name in players}
    order = list(players)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            time.sleep(random.random() * 0.03)
            taken = players[name].press()
            if taken is not None:
                times[name].values.append(taken)
    return times
