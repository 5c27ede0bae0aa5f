"""Runs the console as `nightdesk` does, but with the key at hand: no keyring, no passphrase.

A script of the benchmark, started with the profile's folder in NIGHTDESK_HOME.
"""

import sys
from pathlib import Path

from local_cache import keys


def _at_hand(folder: Path, **_: object) -> bytes:
    return (folder / "bench-key").read_bytes()


if __name__ == "__main__":
    keys.unlock = _at_hand
    sys.argv = ["nightdesk"]
    from console.cli import main

    main()
