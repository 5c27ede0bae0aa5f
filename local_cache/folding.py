"""How text is folded so that what a person types is found: once here, for index and query alike.

Case, width and accents do not count, and characters that only hide (zero-width, bidi controls)
are left out, so that a word cannot be kept from a search by writing something invisible into it.
Scripts without spaces between words (Chinese, Japanese, Korean, Thai ...) are cut into overlapping
pairs of characters, so that a word of two characters is found; the last character of a run stands
alone, so that every single character begins a token.
"""

import re
import unicodedata
from functools import cache
from typing import Final

_HIDDEN: Final = (
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\U000e0000-\U000e0fff]"
)
_ACCENTS: Final = re.compile("[\u0300-\u036f\u064b-\u0652]")
# What no tokenizer table is asked for: punctuation, symbols and spaces beyond ASCII.
_BETWEEN: Final = (
    "[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u037e\u0387\u055a-\u055f"
    "\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0609-\u060d\u061b-\u061f\u066a-\u066d\u06d4"
    "\u0964\u0965\u0970\u0e2f\u0e4f\u0e5a\u0e5b\u0f04-\u0f14\u104a-\u104f\u1361-\u1368\u166d\u166e"
    "\u1680\u17d4-\u17da\u1800-\u180a\u2000-\u206f\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004"
    "\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ufd3e\ufd3f\ufe10-\ufe6f\uff01-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U00010100-\U00010102\U0001f000-\U0001faff]+"
)
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u30ff"
    "\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_RUN: Final = f"[{_UNSPACED}]+"
_TOKEN: Final = f"[{_UNSPACED}]+|[^\x00-/:-@\\[-`{{-\x7f{_UNSPACED}]+"

LIST_SEPARATOR: Final = "\x1f"


@cache
def _pattern(text: str) -> "re.Pattern[str]":
    """Compile a pattern when it is first needed: that takes longer than the first list."""
    return re.compile(text)


def fold(text: str) -> str:
    """Return `text` as it is compared: without case, width, hidden characters and accents."""
    if text.isascii():
        return text.lower()
    plain = _pattern(_HIDDEN).sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", plain)).casefold()


def fold_list(texts: "tuple[str, ...]") -> str:
    """Return folded `texts` between separators, so that a whole member can be looked for."""
    if not texts:
        return ""
    members = [fold(text).replace(LIST_SEPARATOR, " ") for text in texts]
    return f"{LIST_SEPARATOR}{LIST_SEPARATOR.join(members)}{LIST_SEPARATOR}"


def indexable(text: str) -> str:
    """Return `text` as the full-text index takes it; ASCII goes in as it is."""
    if text.isascii():
        return text
    return _pattern(_RUN).sub(_pairs, _pattern(_BETWEEN).sub(" ", fold(text)))


def _pairs(run: "re.Match[str]") -> str:
    text = run[0]
    pairs = [text[place : place + 2] for place in range(len(text))]
    return f" {' '.join(pairs)} "


def tokens(word: str) -> tuple[list[str], bool]:
    """Cut a word of a query the way `indexable` cut the text.

    Returns the tokens, which stand side by side in the text, and whether the last one may be the
    beginning of a longer one.
    """
    found: list[str] = []
    open_ended = True
    for match in _pattern(_TOKEN).finditer(_pattern(_BETWEEN).sub(" ", fold(word))):
        piece = match[0]
        open_ended = not _pattern(_RUN).fullmatch(piece) or len(piece) == 1
        if _pattern(_RUN).fullmatch(piece) and len(piece) > 1:
            found += [piece[place : place + 2] for place in range(len(piece) - 1)]
        else:
            found.append(piece)
    return found, open_ended
