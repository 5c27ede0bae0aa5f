"""A text in the editor of one's choice: in memory, for its owner's eyes alone, gone afterwards.

The file lies in a folder of its own on a file system that is memory; so does whatever an editor
lays beside it. What a killed process left goes when the next editor opens, or the next console
starts. Without such a file system there is no editor: a text from a case belongs on no disk.
"""

import contextlib
import os
import shlex
import shutil
import signal
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.errors import UsageError
from console.profiles.memory import folder_in_memory
from local_cache.hostile import visible

OUT: Final = {"by": "editor"}
"""What the audit chain is told of a text that an editor gets."""
_LARGEST: Final = 1024 * 1024
"""Bytes that are taken back: more than a response may have."""
_NO_TRACES: Final = "set nobackup nowritebackup noswapfile noundofile"
_VIMS: Final = {"vim": "set viminfo=", "nvim": "set shada="}
"""Editors that keep swap, undo and what was cut elsewhere, and how each is told to keep nothing."""
_AS_IT_WAS: Final = "The text is as it was."


@dataclass(frozen=True)
class Editing:
    """An editor to be run on a text: `command` in `environment`, and then its `result`."""

    command: tuple[str, ...]
    environment: dict[str, str]
    path: Path
    before: str

    def result(self, status: int) -> str | None:
        """Return the text as it was left, None where it was not changed.

        Bytes that are no UTF-8 come back written out, as in `\\xff`.

        Raises:
            UsageError: where the editor failed, or the text cannot be taken.
        """
        name = self.command[0]
        if status != 0:
            raise UsageError(f"{name} ended with status {status}. {_AS_IT_WAS}")
        try:
            with self.path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise UsageError(f"{name} left no text ({error.strerror}). {_AS_IT_WAS}") from None
        if len(content) > _LARGEST:
            raise UsageError(f"{name} left more than a response may have. {_AS_IT_WAS}")
        text = visible(content.decode("utf-8", "backslashreplace"), multiline=True)
        text = text.removesuffix("\n")
        return None if text == self.before.removesuffix("\n") else text

    def not_run(self, error: OSError) -> UsageError:
        """Say that the editor could not be started."""
        return UsageError(f"{self.command[0]}: {error.strerror}. {_AS_IT_WAS}")


@contextlib.contextmanager
def editing(text: str) -> Generator[Editing]:
    """Lay a text out for the editor that `VISUAL` or `EDITOR` names; nothing of it stays.

    Raises:
        UsageError: where no editor is named, or there is no memory to lay it out in.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not command:
        raise UsageError("Neither VISUAL nor EDITOR names an editor. Type the text here instead.")
    with folder_in_memory(
        refusal="There is no file system in memory (tmpfs) here, neither $XDG_RUNTIME_DIR nor "
        "/dev/shm: an editor would leave the text on a disk. Type it here instead."
    ) as folder:
        path = folder / "text.md"
        before = visible(text, multiline=True)
        with open(path, "x", encoding="utf-8", newline="\n", opener=_own) as file:
            file.write(before)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("NIGHTDESK_")
        }
        argv = (*command, *_no_traces(command[0]), str(path))
        with _its_keys_are_its_own():
            yield Editing(argv, {**environment, "TMPDIR": str(folder)}, path, before)


@contextlib.contextmanager
def _its_keys_are_its_own() -> Generator[None]:
    """Let the keyboard's signals, which reach all of a terminal's foreground, end only the editor.

    Neither can be stopped meanwhile: a console that stopped with a text laid out would not be
    sealed. A handler of ours is not inherited by the editor, what is ignored is.
    """
    before = {
        number: signal.signal(number, handler)
        for number, handler in (
            (signal.SIGINT, _nothing),
            (signal.SIGQUIT, _nothing),
            (signal.SIGTSTP, signal.SIG_IGN),
        )
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(_number: int, _frame: object) -> None:
    pass


def _own(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _no_traces(editor: str) -> tuple[str, ...]:
    """Return what keeps an editor from writing elsewhere, where that takes being told."""
    found = shutil.which(editor)
    for name in (Path(found).resolve().name, Path(editor).name) if found else ():
        kind = "nvim" if name.startswith("nvim") else name.partition(".")[0]
        if kind in _VIMS:
            keeps_nothing = f"silent! {_NO_TRACES} | silent! {_VIMS[kind]}"
            return ("-n", "-i", "NONE", "--cmd", keeps_nothing, "-c", keeps_nothing)
    return ()
