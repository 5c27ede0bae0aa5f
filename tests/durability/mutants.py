"""Promises broken on purpose, one at a time, to see that a test notices: `make mutants`.

usage: python -m tests.durability.mutants [NAME ...]

Each is a change to a copy of the tree, and the tests that have to fail on it. Ends with status 1
where one was not noticed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from tests.servers import REPOSITORY

FOLDERS: Final = ("console", "widgets", "keymaps", "local_cache", "tests", "typings")
NIGHT: Final = "tests/property/test_outage_property.py"
OUTBOX: Final = "tests/unit/test_cache_outbox.py"
ONCE: Final = "tests/desk/test_sync_once.py"
DURABLE: Final = "tests/durability/test_durability.py"

UNSHRUNK: Final = """
from hypothesis import Phase, settings

settings.register_profile("unshrunk", phases=(Phase.explicit, Phase.generate))
settings.load_profile("unshrunk")
"""
"""That a test notices is all that is asked; to find the smallest night for it takes minutes."""


class Mutant(NamedTuple):
    """A promise, how it is broken, and who has to notice."""

    promise: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


MUTANTS: Final = (
    Mutant(
        "what is acknowledged is committed",
        "local_cache/writer.py",
        'self._connection.execute("COMMIT")\n        except dbapi2',
        'type(self).late = getattr(type(self), "late", 0) + 1\n'
        "            if type(self).late % 2:\n"
        '                self._connection.execute("ROLLBACK")\n'
        "            else:\n"
        '                self._connection.execute("COMMIT")\n        except dbapi2',
        (DURABLE,),
    ),
    Mutant(
        "what is committed is on the disk",
        "local_cache/sqlcipher.py",
        '"synchronous = FULL"',
        '"synchronous = NORMAL"',
        (DURABLE,),
    ),
    Mutant(
        "a try goes under the key of the one before",
        "console/sources/escalations.py",
        '"Idempotency-Key": sending.key}',
        '"Idempotency-Key": __import__("uuid").uuid4().hex}',
        (DURABLE,),
    ),
    Mutant(
        "an entry waits for those in front of it",
        "local_cache/outbox.py",
        'AND {_HEAD} ORDER BY seq", now_ms',
        'ORDER BY seq", now_ms',
        (NIGHT, OUTBOX),
    ),
    Mutant(
        "the version sent is the one that was seen",
        "console/sync/deliver.py",
        "if_match=entry.version,",
        "if_match=entry.version and self._ground.source.case(entry.case_id).version,",
        (NIGHT,),
    ),
    Mutant(
        "it is carried forward through one's own only",
        "local_cache/outbox.py",
        "if entry.version == before:",
        "if entry.version is not None:",
        (NIGHT, OUTBOX),
    ),
    Mutant(
        "no page lands over unsent work",
        "local_cache/cases.py",
        "if present.unsent and not present.gone:",
        "if False:",
        (NIGHT,),
    ),
    Mutant(
        "each acceptance is in the audit chain",
        "local_cache/outbox.py",
        'self._note("accepted"',
        'entry.attempts < 2 and self._note("accepted"',
        (NIGHT,),
    ),
    Mutant(
        "what was taken back is not sent",
        "local_cache/outbox.py",
        'self._move(later, "withdrawn", later.error)',
        "pass",
        (NIGHT, OUTBOX),
    ),
    Mutant(
        "nothing goes while it can be undone",
        "local_cache/outbox.py",
        '"undoable" if undoable else "pending"',
        '"pending"',
        (OUTBOX,),
    ),
    Mutant(
        "what waited too long asks before it goes",
        "console/sync/drain.py",
        "late = _waited_too_long(tables, entry, now)",
        "late = False",
        ("tests/desk/test_outage.py", ONCE),
    ),
    Mutant(
        "an old key is looked up before it is sent",
        "console/sync/deliver.py",
        "return old or confirm_first",
        "return confirm_first",
        (ONCE, NIGHT),
    ),
    Mutant(
        "what a crash left on its way goes again",
        "local_cache/outbox.py",
        "found = [entry for entry in found if key in (None, entry.key)]",
        "found = [entry for entry in found if key == entry.key]",
        (NIGHT,),
    ),
    Mutant(
        "a file stays while an entry refers to it",
        "local_cache/shelf.py",
        "FROM outbox WHERE state NOT IN ('accepted', 'withdrawn')\"",
        'FROM outbox WHERE 0"',
        (ONCE, DURABLE),
    ),
    Mutant(
        "a text from outside is made visible",
        "console/words/comparison.py",
        "{axis.visible()} {score}",
        "{axis.raw} {score}",
        ("tests/unit/test_hostile_wall.py",),
    ),
    Mutant(
        "controls are shown, not sent",
        "local_cache/hostile.py",
        "if text.isascii() and text.isprintable():",
        "if text.isascii():",
        ("tests/property/test_hostile.py",),
    ),
)


def noticed(mutant: Mutant, tree: Path) -> bool:
    """Break a promise in a copy of the tree, and tell whether a test failed."""
    path = tree / mutant.file
    whole = path.read_text("utf-8")
    assert whole.count(mutant.before) == 1, f"{mutant.file} has changed: {mutant.promise}"
    path.write_text(whole.replace(mutant.before, mutant.after), "utf-8")
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests],
            cwd=tree, capture_output=True, check=False,
        )  # fmt: skip
    finally:
        path.write_text(whole, "utf-8")
    return ran.returncode == 1


def main(names: list[str]) -> int:
    """Try each, or those whose promise holds one of the names."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        for name in FOLDERS:
            shutil.copytree(REPOSITORY / name, tree / name)
        shutil.copy(REPOSITORY / "pyproject.toml", tree)
        (tree / "conftest.py").write_text(UNSHRUNK, "utf-8")
        for mutant in MUTANTS:
            if names and not any(name in mutant.promise for name in names):
                continue
            found = noticed(mutant, tree)
            missed += not found
            print(f"{'noticed' if found else 'MISSED':<8} broken: {mutant.promise}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
