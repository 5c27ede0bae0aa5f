"""What Textual takes from the environment when it is imported: imported by `console.app` before it.

Its tools for developers write what is on the screen to files and sockets, and press keys. No
variable of a shell, left there by whoever used it before, may do that with cases.
"""

import os
from typing import Final

_TOOLS: Final = (
    "TEXTUAL",  # `devtools` sends the log, and all that is printed, to a socket
    "TEXTUAL_DEBUG",
    "TEXTUAL_DEVTOOLS_HOST",
    "TEXTUAL_DEVTOOLS_PORT",
    "TEXTUAL_DRIVER",  # code of anybody's in place of the terminal
    "TEXTUAL_LOG",
    "TEXTUAL_PRESS",  # keys that no hand pressed
    "TEXTUAL_SCREENSHOT",
    "TEXTUAL_SCREENSHOT_FILENAME",
    "TEXTUAL_SCREENSHOT_LOCATION",
    "TEXTUAL_SHOW_RETURN",
)


def settle() -> None:
    """Take the developers' tools out, and set what the console relies on."""
    for name in _TOOLS:
        os.environ.pop(name, None)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")  # it breaks input methods
    os.environ.setdefault("ESCDELAY", "25")


def theme() -> str:
    """Return the theme that a person's surroundings ask for."""
    return os.environ.get("NIGHTDESK_THEME", "nightdesk-dark")


settle()
