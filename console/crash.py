"""What may be said about a defect: its kind and its place in our code, never what it held."""

import sys
import traceback
from pathlib import Path
from types import TracebackType

_HOUSE = Path(__file__).resolve().parent.parent


def describe(error: BaseException) -> str:
    """Describe a defect for a person, without its message: that may hold case content."""
    inner = getattr(error, "error", None)  # what Textual's WorkerFailed brings from a worker
    if isinstance(inner, BaseException):
        error = inner
    return (
        f"A defect in Nightdesk: {type(error).__name__} at {_place(error.__traceback__)}.\n"
        "Everything that was shown as recorded is kept. Please report these two lines."
    )


def _place(trace: TracebackType | None) -> str:
    places = [
        f"{Path(frame.filename).relative_to(_HOUSE)}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(_HOUSE) and ".venv" not in frame.filename
    ]
    return " < ".join(reversed(places[-3:])) or "an unknown place"


def install() -> None:
    """Make every uncaught exception of this process, threads included, speak like `describe`."""
    import threading

    sys.excepthook = lambda _kind, error, _trace: print(describe(error), file=sys.stderr)  # noqa: T201
    threading.excepthook = lambda args: print(  # noqa: T201
        describe(args.exc_value or RuntimeError()), file=sys.stderr
    )
