"""A text in the editor of one's choice, while linear mode waits."""

import subprocess
import sys

from console.desk import Desk
from console.editor import OUT, editing
from console.errors import UsageError


def edit(desk: Desk, case_id: str | None, text: str) -> str | None:
    """Have a text edited, of a case where that is known; None where it was left as it is.

    Raises:
        UsageError: where there is no terminal or no editor, or the editor failed; the text is as
            it was.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("An editor needs a terminal. Type the lines here instead.")
    with editing(text) as work:
        desk.note_in_audit("export", case_id, OUT)
        try:
            ran = subprocess.run(work.command, env=work.environment, check=False)
        except OSError as error:
            raise work.not_run(error) from None
        return work.result(ran.returncode)
