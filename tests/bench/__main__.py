"""Measures Nightdesk beside its peers and prints one table: `python -m tests.bench [--quick]`."""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests import servers
from tests.bench import data, feed, programs
from tests.bench.measure import Player, Times, import_time, interleaved, play, start_time
from tests.bench.programs import Program
from tests.bench.table import Row, compared, table
from tests.bench.terminal import Terminal

PAGE_DOWN: Final = "\x1b[6~"
TYPED: Final = ("threat live self miss", "\x7f" * 15)
"""A filter as it is typed and taken back: its first letters are in most of the cases."""
MOST_MAILS: Final = 100_000
"""neomutt has no more mails than this, also beside a million cases: its index takes minutes."""
HELD_FOR: Final = 3.0
HELD_EVERY: Final = 1 / 40
"""Seconds that a key is held, and between two of its repeats."""
MOST_MB: Final = 80.0
LEAST_RATE: Final = 8000.0
CASE_WITHIN_MS: Final = 100.0


class Bench:
    """One run: the data, the programs, and the rows of the table so far."""

    def __init__(self, folder: Path, *, cases: int, quick: bool) -> None:
        self.quick = quick
        self.cases = cases
        self.folder = folder
        self.rows: list[Row] = []
        self.j = Times()
        self.home = folder / f"home-{cases}"
        if not self.home.exists():
            _say(f"building a cache of {cases:,} encrypted cases")
            data.make_home(self.home, cases=cases)
        self.nightdesk = programs.nightdesk(self.home)
        self.neomutt = self._mailbox()
        text = folder / f"text-{cases}.txt"
        if not text.exists():
            data.make_text(text, lines=cases)
        self.vim = programs.vim(text)

    def _mailbox(self) -> Program | None:
        mails = min(self.cases, MOST_MAILS)
        mail = self.folder / f"mail-{mails}" / "desk"
        there = mail.exists()
        mail.mkdir(parents=True, exist_ok=True)
        program = programs.neomutt(mail)
        if program is not None and not there:
            _say(f"writing {mails:,} mails, and the header cache of neomutt")
            data.make_maildir(mail, mails=mails)
            start_time(program)
        return program

    # --- Starting ---

    def starts(self) -> None:
        """Measure how long it takes until a list has settled."""
        _say("starts")
        things = {
            "ours": lambda: start_time(self.nightdesk),
            "import": lambda: import_time("textual.app"),
            "minimal": lambda: start_time(programs.minimal()),
        }
        times = interleaved(things, 2 if self.quick else 15)
        ours = times["ours"]
        what = f"start to settled list, {self.cases:,} cases"
        bare = times["import"].p50
        self.rows.append(compared(what, ours.p50, "import textual.app", bare, 1.3))
        self.rows.append(compared(what, ours.p50, "minimal Textual", times["minimal"].p50, None))
        if self.neomutt is None:
            self.rows.append(_missing(what, ours.p50, "<= 0.2"))
            return
        neomutt = self.neomutt
        both = interleaved(
            {"ours": things["ours"], "neomutt": lambda: start_time(neomutt)}, 1 if self.quick else 3
        )
        theirs = both["neomutt"].p50
        self.rows.append(compared(what, both["ours"].p50, "neomutt", theirs, 0.2))

    # --- Keys ---

    def keys(self) -> None:
        """Measure what keys take, in programs that all run at once."""
        _say("keys")
        running: dict[str, tuple[Program, Terminal]] = {}
        try:
            for program in (self.nightdesk, programs.minimal(), self.neomutt, self.vim):
                if program is not None:
                    running[program.name] = (program, program.start())
                    running[program.name][1].settle(2.0, limit=300.0)
            self._moves(running)
            self._held(running["nightdesk"][1])
            self._case_and_filter(running["nightdesk"][1])
        finally:
            for _, terminal in running.values():
                terminal.close()

    def _moves(self, running: dict[str, tuple[Program, Terminal]]) -> None:
        rounds = 15 if self.quick else 120
        up_and_down = [*["j"] * 20, *["k"] * 20]
        self.j = self._race("j and k on the page", running, up_and_down, rounds, (1.25, 1.6))
        lists = {name: pair for name, pair in running.items() if name != programs.minimal().name}
        for _, terminal in lists.values():
            terminal.send("j" * 50)  # to the bottom of the page
            terminal.settle(1.0)
        self._race("j that scrolls", lists, ["j"], rounds, (1.25, 1.6))
        self._memory(running)
        self._race("page down", lists, [PAGE_DOWN], rounds, (1.6, 2.0))

    def _race(
        self,
        figure: str,
        running: dict[str, tuple[Program, Terminal]],
        keys: Sequence[str],
        rounds: int,
        aims: tuple[float, float],
    ) -> Times:
        players = {name: Player(terminal, keys, p.area) for name, (p, terminal) in running.items()}
        times = play(players, rounds)
        self._compare(figure, times, "neomutt", aims)
        if "vim" in times:
            self._compare(figure, times, "vim", (None, None))
        if programs.minimal().name in times:
            self._compare(figure, times, programs.minimal().name, (None, None))
        return times["nightdesk"]

    def _compare(
        self,
        figure: str,
        times: dict[str, Times],
        name: str,
        most: tuple[float | None, float | None],
    ) -> None:
        ours, theirs = times["nightdesk"], times.get(name)
        for what, mine, aim in (("p50", ours.p50, most[0]), ("p95", ours.p95, most[1])):
            if theirs is None:
                self.rows.append(_missing(f"{figure}, {what}", mine, f"<= {aim}"))
            else:
                other = theirs.p50 if what == "p50" else theirs.p95
                self.rows.append(compared(f"{figure}, {what}", mine, name, other, aim))

    def _memory(self, running: dict[str, tuple[Program, Terminal]]) -> None:
        mine = running["nightdesk"][1].pss_mb()
        theirs = running["neomutt"][1].pss_mb() if "neomutt" in running else None
        self.rows.append(
            Row(
                "memory after the keys, PSS",
                f"{mine:.0f} MB",
                "neomutt missing" if theirs is None else f"neomutt {theirs:.0f} MB",
                "-" if theirs is None else f"{mine / theirs:.2f}",
                f"< {MOST_MB:.0f} MB",
                mine < MOST_MB,
            )
        )

    def _held(self, terminal: Terminal) -> None:
        """Hold `j`; what counts is how long the list goes on after the key was let go."""
        terminal.send("gg")
        terminal.settle(0.5)
        look = Player(terminal, ["j"], programs.LIST, quiet=0.3)
        end = time.perf_counter() + (1.0 if self.quick else HELD_FOR)
        while time.perf_counter() < end:
            terminal.send("j")
            due = time.perf_counter() + HELD_EVERY
            while (left := due - time.perf_counter()) > 0:
                chunk = terminal.pump(left)
                if chunk is not None:
                    terminal.draw(chunk)
        last = look.press()
        self.rows.append(
            compared("last j of a key that was held", last or 0.0, "our j", self.j.p50, None)
        )

    def _case_and_filter(self, terminal: Terminal) -> None:
        terminal.send("gg")
        terminal.settle(0.5)
        beside = play(
            {"case": Player(terminal, ["j"], programs.CASE, quiet=0.15)}, 8 if self.quick else 40
        )["case"]
        within = f"< {CASE_WITHIN_MS:.0f} ms"
        self.rows.append(
            Row("case beside it, p95", f"{beside.p95:.1f} ms", aim=within,
                met=beside.p95 < CASE_WITHIN_MS)
        )  # fmt: skip
        self.rows.append(compared("case beside it, p50", beside.p50, "our j", self.j.p50, 3.0))
        typed_keys = TYPED[0][:12] if self.quick else "".join(TYPED)
        terminal.send("/")
        terminal.settle(0.5)
        typed = play(
            {"filter": Player(terminal, typed_keys, programs.LIST, quiet=0.3)}, len(typed_keys)
        )["filter"]
        figure = "filter character to painted list, p50"
        self.rows.append(compared(figure, typed.p50, "our j", self.j.p50, 3.0))

    # --- The feed ---

    def feed(self) -> None:
        """Measure how fast a desk fills from a server, which runs on this machine too."""
        cases = 2_000 if self.quick else 30_000
        _say(f"the change feed of {cases:,} cases")
        with servers.running(cases=cases) as server:
            rates = feed.rates(server, cases)
            with tempfile.TemporaryDirectory() as home:
                keys = feed.keys_while_loading(server, Path(home))
                synced = feed.keys_while_syncing(server, Path(home), 15 if self.quick else 100)
        self.rows.append(
            Row(
                "feed into the encrypted, searchable cache",
                f"{rates.kept:,.0f} cases/s",
                f"decoding only {rates.decoded:,.0f} cases/s",
                f"{rates.kept / rates.decoded:.2f}",
                f">= {LEAST_RATE:,.0f} cases/s",
                rates.kept >= LEAST_RATE,
            )
        )
        synced_at = f"j while {feed.CHANGES_A_SECOND} changes a second sync"
        for figure, times in (("j while the feed loads", keys), (synced_at, synced)):
            if times.values:
                for what, ours, alone in (
                    ("p50", times.p50, self.j.p50),
                    ("p95", times.p95, self.j.p95),
                ):
                    self.rows.append(compared(f"{figure}, {what}", ours, "our j", alone, None))


def _missing(figure: str, ours: float, aim: str) -> Row:
    return Row(figure, f"{ours:.1f} ms", "neomutt is not installed", aim=aim)


def _say(what: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {what}", flush=True)


def main() -> None:
    """Run the benchmark."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="within a minute; too few for the aims")
    asked.add_argument("--cases", type=int, help="cases and mails (100,000; --quick: 5,000)")
    asked.add_argument("--data", type=Path, help="a folder that keeps what is measured on")
    given = asked.parse_args()
    cases = given.cases or (5_000 if given.quick else 100_000)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-") as folder:
        bench = Bench(given.data or Path(folder), cases=cases, quick=given.quick)
        bench.starts()
        bench.keys()
        bench.feed()
    print(
        f"\n{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"load {load:.1f} at the start; terminal of 200x50."
    )
    print("Starts are from the key at hand: without keyring and passphrase.\n")
    print(table(bench.rows))


if __name__ == "__main__":
    main()
