"""Text as attackers write it: a corpus for every place that shows or stores text, and more of it.

`NAMED` holds each text under a name that tells what it tries; `TEXTS` mixes them as Hypothesis
likes. `hidden` judges, by Unicode's own tables and not by ours, what may never reach a terminal.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from hypothesis import strategies as st

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"

_ESCAPES: Final = {
    "csi clear": f"{ESC}[2J{ESC}[H",
    "csi colour": f"{ESC}[31mred{ESC}[0m",
    "csi hidden text": f"{ESC}[8mhidden{ESC}[28m",
    "csi cursor up and overwrite": f"{ESC}[5A{ESC}[2KVERIFIED_STRONG",
    "csi alternate screen left": f"{ESC}[?1049l",
    "csi mouse on": f"{ESC}[?1003h",
    "csi paste off": f"{ESC}[?2004l",
    "csi scroll region": f"{ESC}[1;3r",
    "csi device attributes": f"{ESC}[c{ESC}[>c{ESC}[6n",
    "csi repeat": f"x{ESC}[999999999b",
    "csi window title to input": f"{ESC}[21t",
    "csi private parameters": f"{ESC}[<0;1;1M{ESC}[=1;2c",
    "csi cut off": f"{ESC}[",
    "csi without end": f"{ESC}[" + "1;" * 200,
    "osc title": f"{ESC}]0;owned{BEL}",
    "osc title by st": f"{ESC}]2;owned{ST}",
    "osc link": f"{ESC}]8;;https://planted.example{ST}click{ESC}]8;;{ST}",
    "osc clipboard": f"{ESC}]52;c;cm0gLXJmIC8={BEL}",
    "osc clipboard read": f"{ESC}]52;c;?{BEL}",
    "osc palette": f"{ESC}]4;1;rgb:ff/ff/ff{BEL}",
    "osc notification": f"{ESC}]777;notify;Decision;approved{BEL}",
    "osc font": f"{ESC}]50;?{BEL}",
    "osc without end": f"{ESC}]0;never ends",
    "dcs decrqss": f"{ESC}P$q;touch /tmp/x{ST}",
    "dcs sixel": f"{ESC}Pq#0;2;0;0;0~~@@vv{ST}",
    "dcs tmux": f"{ESC}Ptmux;{ESC}{ESC}]0;x{BEL}{ST}",
    "apc kitty graphics": f"{ESC}_Gf=24,s=1,v=1;AAAA{ST}",
    "pm": f"{ESC}^private{ST}",
    "sos": f"{ESC}Xstring{ST}",
    "esc reset": f"{ESC}c",
    "esc charset": f"{ESC}(0lqqk{ESC}(B",
    "esc keypad": f"{ESC}=",
    "esc save and restore": f"{ESC}7{ESC}8",
    "esc rxvt": f"{ESC}GQ;",
    "esc alone": ESC,
    "esc at the end": f"text{ESC}",
    "c1 csi": "\x9b2J\x9b31mred",
    "c1 osc": "\x9d0;owned\x9c",
    "c1 dcs": "\x90$q;x\x9c",
    "c1 all": "".join(map(chr, range(0x80, 0xA0))),
    "c1 next line": "one\x85two",
    "c0 all": "".join(map(chr, range(0x20))),
    "nul": "before\x00after",
    "bell": "\x07" * 20,
    "backspace": "APPROVED\x08\x08\x08\x08\x08\x08\x08\x08DENIED  ",
    "carriage return": "requester: genuine\rrequester: FORGED ",
    "line ends": "one\ntwo\r\nthree\rfour\n\n\n",
    "vertical": "one\x0btwo\x0cthree",
    "tab": "a\tb\t\tc",
    "shift out": "\x0elqqqk\x0f",
    "delete": "rm\x7f\x7f -rf",
    "xon xoff": "\x13stop\x11",
    "substitute": "end of file\x1amore",
    "paste ends": f"harmless{ESC}[201~y\r",
    "paste begins": f"{ESC}[200~a{ESC}[201~",
}

_MARKUP: Final = {
    "markup quit": "[@click=app.quit]view attachment[/]",
    "markup approve": "[@click=screen.do_decision_approve(None)]open[/]",
    "markup key": "[@click=app.simulate_key('y')]y[/]",
    "markup close": "[/]",
    "markup close other": "[/foo] [bold]x[/italic]",
    "markup link": "[link=https://planted.example]agency.example[/link]",
    "markup link quoted": "[link='https://planted.example/[x]']x[/link]",
    "markup style": "[bold red]URGENT[/bold red] [on white]x[/]",
    "markup open": "[@click='",
    "markup backslash": "\\[bold]x\\[/bold] \\\\[red]y[/]",
    "markup emoji": ":warning: :skull: :smiley:",
    "markup variable": "$primary [$error]x[/]",
    "markup deep": "[b]" * 50 + "x" + "[/b]" * 50,
    "liquid": "{{ case.narrative }}{% for i in (1..9999999) %}x{% endfor %}",
    "jinja": "{{ ''.__class__.__mro__ }} {{7*7}}",
    "format": "{0.__class__} {x!r} %s %n %(x)s",
    "html": "<script>alert(1)</script><img src=x onerror=y>",
    "markdown": "[click](javascript:x) ![image](https://planted.example/x.png) # heading",
    "sql": "'; DROP TABLE cases; -- \" OR 1=1",
    "fts": '" NEAR( * ^ OR AND NOT "',
    "json": '","state":"closed","x":"',
    "json escape": "\\u001b]0;x\\u0007 \\n \\x1b[2J",
    "shell": "$(touch /tmp/x) `id` ; | & > < ~ !",
    "ansi written out": "\\e[31m ^[[31m ␛[31m",
    "names of ours": "⟦RLO⟧ ⟦U+202E⟧ ␛ ␊ ⟦MARKS⟧",
    "filter": "priority:P0 -is:open queue:",
}

_DIRECTION: Final = {
    "bidi rlo": "invoice\u202egpj.exe",
    "bidi lro": "\u202dleft\u202c",
    "bidi embeddings": "\u202aa\u202bb\u202c\u202c",
    "bidi isolates": "\u2066a\u2067b\u2068c\u2069\u2069\u2069",
    "bidi unclosed": "\u202e\u2067\u202b never closed",
    "bidi marks": "a\u200eb\u200fc\u061cd",
    "bidi trojan": "decision\u202e \u2066// denied\u2069 \u2066approved",
    "bidi closers": "\u202c\u2069" * 10,
    "hebrew": "שלום עולם 123",
    "arabic": "مرحبا بالعالم ١٢٣",
    "arabic and latin": "abc مرحبا def שלום 12:34",
    "arabic number sign": "\u0600\u06dd\u08e2 123",
    "persian": "می‌خواهم",
    "syriac": "ܫܠܡܐ \u070f",
}

_HIDING: Final = {
    "zero width space": "pol\u200bice",
    "zero width joiners": "po\u200dli\u200cce",
    "zero width no-break": "\ufeffpolice\ufeff",
    "word joiner": "pol\u2060ice\u2061\u2062\u2063\u2064",
    "deprecated formats": "\u206a\u206b\u206c\u206d\u206e\u206f",
    "soft hyphen": "pol\u00adice",
    "grapheme joiner": "pol\u034fice",
    "mongolian separator": "a\u180eb",
    "mongolian selectors": "a\u180b\u180c\u180d\u180fb",
    "hangul fillers": "\u115f\u1160\u3164\uffa0",
    "khmer vowels": "\u17b4\u17b5",
    "variation selectors": "a\ufe00b\ufe0e\U000e0100\U000e01ef",
    "tags": "".join(chr(0xE0000 + ord(letter)) for letter in "hidden order"),
    "tag edges": "\U000e0001\U000e007f\U000e0fff",
    "musical formats": "\U0001d173\U0001d17a",
    "shorthand formats": "\U0001bca0\U0001bca3",
    "hieroglyph formats": "\U00013430\U00013438\U0001343f",
    "annotation": "\ufff9shown\ufffahidden\ufffb",
    "object": "\ufffc",
    "line separators": "one\u2028two\u2029three",
    "private": "\ue000\uf8ff\U000f0000\U0010fffd",
    "noncharacters": "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff",
    "unassigned ignorable": "\u2065\ufff0\ufff8",
    "spaces": "a\u00a0b\u2003c\u2009d\u3000e\u202ff\u205fg",
    "only spaces": "   \u00a0\u2003   ",
    "empty": "",
}

_SHAPES: Final = {
    "zalgo": "H" + "\u0301\u0317\u0489" * 40 + "e" + "\u0336" * 60,
    "zalgo thai": "ก" + "็" * 50,
    "zalgo arabic": "ب" + "\u064b" * 50,
    "zalgo hebrew": "ש" + "\u05b0" * 50,
    "zalgo enclosing": "a" + "\u20dd" * 30,
    "combining first": "\u0301\u0308first",
    "combining alone": "\u0335",
    "emoji family": "👩‍👩‍👧‍👦 and 👨🏽‍🚒",
    "emoji flags": "🇩🇪🇫🇷🇺",
    "emoji presentation": "☺️ ☺ ❤️ ✔️ ©️",
    "emoji keycap": "1️⃣ #️⃣",
    "emoji tag flag": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "emoji joined for ever": "‍".join("👩" * 60),
    "emoji modifiers alone": "🏻🏿🏽",
    "devanagari": "नमस्ते क्ष",
    "devanagari joiner": "क्‍ष",
    "tamil": "நி சொ",
    "thai": "สวัสดี น้ำ",
    "hangul jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "cjk": "緊急情報開示請求",
    "cjk compatibility": "㍿㈱①⑳",
    "fullwidth": "＝ＣＭＤ（｜’calc’）",
    "halfwidth": "ﾊﾝｶｸ",
    "ligature": "ﷺ ﷽",
    "ambiguous width": "§±×÷αБ─│█°…※→",
    "block": "█▓▒░▀▄■□●",
    "box drawing": "┌──┐│APPROVED│└──┘",
    "braille blank": "\u2800\u2800\u2800",
    "mathematical": "𝐩𝐨𝐥𝐢𝐜𝐞 𝓅𝑜𝓁𝒾𝒸𝑒",
    "three em dash": "⸻⸺﷽𒐫",
}

_LIES: Final = {
    "homoglyph cyrillic": "роlісе.example",
    "homoglyph greek": "ροlice.example",
    "homoglyph whole": "аррӏе.example",
    "punycode": "xn--80ak6aa92e.example",
    "dots": "police․example police。example police．example",
    "slashes": "agency.example∕login⁄x",
    "formula": '=HYPERLINK("https://planted.example")',
    "formula plus": "+1-1|' /C calc'!A0",
    "formula tab": "\t=1+1",
    "formula fullwidth": "＝1+1",
    "path": "../../../../etc/passwd",
    "path windows": "..\\..\\x:con.txt",
    "path nul": "request.pdf\x00.exe",
    "path dots": "..",
    "path absolute": "/dev/tcp/planted.example/80",
    "path option": "-rf --file=/etc/passwd",
    "path long": "a" * 300 + ".pdf",
    "status line": "● online   →0 unsent",
    "prompt": "nightdesk: type the digits 1234",
    "userinfo": "https://agency.example@planted.example\\@x",
    "overlong number": "9" * 5000,
    "long word": "x" * 3000,
    "long line": "word " * 800,
    "many lines": "line\n" * 400,
    "long wide": "家" * 1500,
    "long mixed": ("a\u202e" + ESC + "[2J家👩‍👧") * 200,
}

NAMED: Final[dict[str, str]] = _ESCAPES | _MARKUP | _DIRECTION | _HIDING | _SHAPES | _LIES
CORPUS: Final = tuple(NAMED.values())
LONE_SURROGATES: Final = ("\ud800", "a\udfffb", "\udcff\ud83d", "\ude00\ud83d")
"""Text that JSON can carry as `\\ud800`, and no encoding can."""
CANARY: Final = "CANARY-7f3a"
"""A word that a test plants to see whether it comes out anywhere."""

TEXTS: Final = st.one_of(
    st.sampled_from(CORPUS),
    st.lists(
        st.one_of(st.sampled_from(CORPUS + LONE_SURROGATES), st.text(max_size=8)), max_size=5
    ).map("".join),
    st.text(st.characters(), max_size=40),
)
"""The corpus, mixtures of it, and any text at all, lone surrogates included."""

_SHOWN_FORMATS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Unicode's Prepended_Concatenation_Mark: of category Cf, and to be seen."""
_JOINERS: Final = "\u200c\u200d"
_IGNORED: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u2065"
    + "".join(map(chr, [*range(0xFE00, 0xFE0F), *range(0xFFF0, 0xFFF9)]))
)
"""Default_Ignorable_Code_Point that no category tells, but U+FE0F, which emoji need."""


def hidden(text: str, *, multiline: bool = False) -> Iterator[str]:
    """Yield each character that acts, hides or encodes as nothing, as `U+XXXX`; joiners apart."""
    for character in text:
        category = unicodedata.category(character)
        acts = category in ("Cc", "Cs", "Co", "Zl", "Zp")
        hides = category == "Cf" and character not in _SHOWN_FORMATS and character not in _JOINERS
        nothing = (ord(character) & 0xFFFE) == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
        beyond = 0xE0000 <= ord(character) <= 0xE0FFF or character in _IGNORED
        if (acts or hides or nothing or beyond) and not (multiline and character == "\n"):
            yield f"U+{ord(character):04X}"
