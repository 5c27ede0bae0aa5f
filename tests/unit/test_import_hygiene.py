"""What is not needed for the first paint is not imported before it; what needs no screen has none.

Each test is a process of its own: what pytest itself has imported would hide the fault.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
_SAY = "import sys; print(*sys.modules, sep='\\n', file=sys.__stderr__)"


def imported(code: str, home: Path) -> set[str]:
    """Run a piece of Python; return the modules that were imported when it ended."""
    done = subprocess.run(
        [sys.executable, "-c", f"import atexit\natexit.register(lambda: exec({_SAY!r}))\n{code}"],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "NIGHTDESK_HOME": str(home)},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    modules = set(done.stderr.split())
    assert "Traceback" not in modules, done.stderr
    return modules


def command(*arguments: str) -> str:
    """Return the code that runs `nightdesk` with these arguments."""
    line = ["nightdesk", *arguments]
    return f"import sys; sys.argv = {line!r}\nfrom console.cli import main\nmain()"


def loaded(modules: set[str], names: Sequence[str]) -> list[str]:
    return sorted(
        name for name in names if any(m == name or m.startswith(f"{name}.") for m in modules)
    )


LATER = (
    "httpx", "anyio", "sqlite_utils", "typer", "click", "cryptography", "keyring", "liquid",
    "publicsuffixlist", "litestar", "uvicorn", "console.practice", "console.drafting",
    "console.sync.run", "console.sources.escalations", "console.casework.judgement",
    "console.composing", "console.screens.form", "console.screens.decide", "console.screens.outbox",
    "console.screens.draft", "widgets.form", "textual.widgets._text_area",
    "textual.widgets._data_table",
)  # fmt: skip


@pytest.mark.parametrize("name", LATER)
def test_what_is_kept_out_is_there(name: str) -> None:
    """A name that nothing has would be kept out for ever."""
    assert importlib.util.find_spec(name) is not None


def test_the_console_imports_nothing_that_its_first_paint_does_not_need(tmp_path: Path) -> None:
    modules = imported("import console.app, console.profiles.credentials", tmp_path)
    assert "textual.app" in modules
    assert loaded(modules, LATER) == []


def test_an_open_cache_adds_nothing_to_it(tmp_path: Path) -> None:
    """A cache that is up to date opens, and is read, without sqlite_utils and cryptography."""
    make = (
        "from pathlib import Path; from local_cache.cache import Cache\n"
        f"Cache.open(Path({str(tmp_path)!r}) / 'p' / 'cache.db', bytes(32)).close()"
    )
    assert "sqlite_utils" in imported(make, tmp_path)
    read = (
        "import console.app; from pathlib import Path; from local_cache.cache import Cache\n"
        "from local_cache.query import CaseQuery\n"
        f"cache = Cache.open(Path({str(tmp_path)!r}) / 'p' / 'cache.db', bytes(32))\n"
        "with cache.read() as tables: tables.cases.listing(CaseQuery())\n"
        "cache.close()"
    )
    modules = imported(read, tmp_path)
    assert "local_cache.cache" in modules
    assert loaded(modules, LATER) == []


def test_a_bare_nightdesk_goes_to_the_console_without_the_commands(tmp_path: Path) -> None:
    modules = imported(command(), tmp_path)
    assert "console.app" in modules
    assert loaded(modules, ("typer", "click", "console.cli.root", "httpx")) == []


@pytest.mark.parametrize("arguments", [("--help",), ("cases",), ("outbox", "--json")])
def test_a_command_needs_no_screen(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    modules = imported(command(*arguments), tmp_path)
    assert "console.cli.root" in modules
    assert loaded(modules, ("textual", "widgets", "console.app", "console.screens")) == []


def test_linear_mode_needs_no_screen(tmp_path: Path) -> None:
    """All of it, also what is imported only when it is needed, is there without Textual."""
    modules = imported(
        "import importlib, pkgutil, console.linear as linear\n"
        "for each in pkgutil.iter_modules(linear.__path__):\n"
        "    importlib.import_module(f'console.linear.{each.name}')",
        tmp_path,
    )
    assert {"console.linear.run", "console.linear.letter", "console.linear.outbox"} <= modules
    assert loaded(modules, ("textual", "rich", "widgets", "console.app", "console.screens")) == []
