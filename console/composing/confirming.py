"""What confirms something dangerous: four digits, drawn for it and for nothing else."""

import secrets
from typing import Final

DIGITS: Final = "0123456789"
HOW_MANY: Final = 4


def draw_digits() -> str:
    """Draw the digits. None comes twice, so that a key which is held down gives none of them."""
    return "".join(secrets.SystemRandom().sample(DIGITS, HOW_MANY))
