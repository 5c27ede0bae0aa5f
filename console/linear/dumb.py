"""Terminals that move no cursor: linear mode is offered on them by itself. Imports nothing."""

import os
import sys
from typing import Final

HINT: Final = "this terminal moves no cursor, so the desk comes in lines; so it does with --linear"


def is_dumb(term: str | None) -> bool:
    """Tell whether a terminal of this name can move no cursor."""
    return (term or "") in ("", "dumb", "unknown")


def sits_at_a_dumb_one() -> bool:
    """Tell whether somebody sits at a terminal that can show no screen."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return is_dumb(os.environ.get("TERM")) and all(stream.isatty() for stream in streams)
