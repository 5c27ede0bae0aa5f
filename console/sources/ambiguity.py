"""Documents that two readers would understand differently: an object that holds a member twice.

Of two members of one name a parser keeps the first, the last, or both. What a proxy, an auditor and
a client each read in such a document need not be the same decision: it is shown as unreadable.
"""

import msgspec

from console.casework.wire import BadDocument, read_object


def means_one_thing(raw: bytes) -> bool:
    """Whether a JSON object holds no member twice, at any depth."""
    try:
        # Most services write JSON as we do. What comes back byte for byte had nothing to lose.
        if msgspec.json.encode(msgspec.json.decode(raw)) == raw:
            return True
        read_object(raw)
    except (BadDocument, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
