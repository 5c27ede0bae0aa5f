"""Finding a command by what a person calls it, by its keys, or by where it works.

Help, the command line and "why not" all find with this, so that each knows what the others know.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from console.casework.filters import FIELD_HINTS, SIGNS
from console.commands.command import Command, Situation
from console.commands.keys import keymap, keys_for
from console.commands.lines import LINES
from console.commands.registry import COMMANDS, TITLES
from console.commands.search_words import SEARCH_WORDS

Kind = Literal["command", "line", "filter", "fact"]

_WAYS: Final = {
    "desk": ("on the desk", "go.desk"),
    "case": ("in the case", "case.open"),
    "outbox": ("in the outbox", "go.outbox"),
    "views": ("among the saved views", "go.views"),
    "decide": ("while deciding", "decision.open"),
    "draft": ("while drafting", "draft.open"),
    "form": ("in a form", ""),
    "compare": ("where a change is settled", "outbox.compare"),
    "move": ("in lists and texts", ""),
    "help": ("in help", "help"),
}
"""Where a context is, and the command that leads there."""

_NO_VIEWS: Final[Mapping[int, str]] = {}

_IDLE_WORDS: Final = frozenset(
    ("a", "an", "the", "to", "of", "in", "on", "at", "is", "are", "was", "were", "be", "i", "me",
     "my", "it", "its", "this", "that", "what", "which", "how", "do", "does", "can", "for", "from",
     "with", "and", "or", "who")
)  # fmt: skip


_ENOUGH: Final = 12
"""Words that say what somebody looks for; of a text pasted into the field the rest says no more."""


@dataclass(frozen=True)
class Entry:
    """Something that can be found."""

    kind: Kind
    name: str
    """The id of the command, the word of the command line, the token of a filter."""
    title: str
    keys: tuple[str, ...] = ()
    where: str = ""
    """What the place is called where it works."""
    here: bool = True
    reason: str = ""
    """Why it cannot run just now; empty where it can."""
    words: str = ""
    """What else it is called."""


def entries(
    contexts: Sequence[str], situation: Situation, views: Mapping[int, str] = _NO_VIEWS
) -> list[Entry]:
    """Return everything there is: commands that work in `contexts` first, then what else.

    `views` are the names of the saved views.
    """
    made = [_entry(command, contexts, situation) for command in COMMANDS.values()]
    made = [_named(each, views) for each in made]
    order = [TITLES[each] for each in (*contexts, *TITLES) if each in TITLES]
    made.sort(key=lambda each: (not each.here, order.index(each.where)))
    return [*made, *_others()]


def _entry(command: Command, contexts: Sequence[str], situation: Situation) -> Entry:
    here = next((each for each in contexts if each in command.contexts), None)
    context = here or next(each for each in command.contexts if each in TITLES)
    return Entry(
        "command",
        command.id,
        command.title,
        tuple(dict.fromkeys(_keys_of(command))),
        TITLES.get(context) or TITLES[next(each for each in command.contexts if each in TITLES)],
        here is not None,
        why_not(command, contexts, situation) or "",
        SEARCH_WORDS.get(command.id, ""),
    )


def _keys_of(command: Command) -> list[str]:
    """Return its keys in the contexts that it is for; another may have keys for it, too."""
    keys = [key for each in command.contexts for key in keymap().keys_of(command.id, each)]
    return keys or keymap().keys_of(command.id)


def _named(entry: Entry, views: Mapping[int, str]) -> Entry:
    """Give a saved view its name, or say how one is made."""
    group, _, number = entry.name.partition(".")
    if group != "view" or not number.isdigit():
        return entry
    name = views.get(int(number))
    if name is None:
        return replace(entry, reason=f"nothing is saved there: :view save {number} NAME saves")
    return replace(entry, title=f"{entry.title}: {name}", words=f"{entry.words} {name}")


def _others() -> Iterable[Entry]:
    for line in LINES.values():
        title = f"{line.title}: {line.takes}" if line.takes else line.title
        yield Entry("line", f":{line.name}", title, where="On the command line", words="type")
    for token, meaning in FIELD_HINTS.items():
        words = "filter search only show list with"
        yield Entry("filter", f"{token}:", meaning, where="In a filter", words=words)
    for sign, meaning in SIGNS.items():
        yield Entry("filter", f"is:{sign}", meaning, where="In a filter", words="filter only show")
    for name, sentence, words in _facts():
        yield Entry("fact", name, sentence, where="Good to know", words=words)


def _facts() -> tuple[tuple[str, str, str], ...]:
    """Return what is good to know and no command: a name, a sentence, search words."""
    down, bottom, leave = keys_for("nav.down"), keys_for("nav.bottom"), keys_for("form.cancel")
    return (
        ("digits", "What is dangerous asks for four digits, which a paste cannot type.",
         "confirm confirmation code number safe paste accident danger"),
        ("§", "In the list: a clock that the law gives.", "sign symbol statutory legal deadline"),
        ("→1", "In the list: recorded here, not delivered; so many.", "sign symbol unsent arrow"),
        ("≠!", "In the list: the case changed meanwhile.", "sign symbol conflict"),
        ("R!", "In the list: a red signal about the requester.", "sign symbol suspicious fake"),
        ("M", "In the list: a minor is at risk.", "sign symbol child"),
        (f"5 {down}", f"Before a key that moves: so many times; 12 {bottom} goes to row 12.",
         "count repeat times row number"),
        (leave, "Leaves what was begun, a prompt or a form; ctrl+g leaves a prefix.",
         "cancel abort stop leave"),
    )  # fmt: skip


def why_not(command: Command, contexts: Collection[str], situation: Situation) -> str | None:
    """Say why a command cannot run just now and what would make it; None where it can."""
    if not set(command.contexts).intersection(contexts):
        place, way = _WAYS.get(command.contexts[0], (command.contexts[0], ""))
        keys = keys_for(way) if way else ""
        return f"works {place}" + (f": {keys} goes there" if keys else "")
    return command.blocked(situation)


def find(known: Iterable[Entry], typed: str) -> list[Entry]:
    """Return those that `typed` may mean, the likeliest first; all where nothing is typed.

    Every word counts; where no entry has them all, those that have the most.
    """
    phrase = " ".join(typed.casefold().split())
    if not phrase:
        return list(known)
    words = phrase.split()
    words = [word for word in words if word not in _IDLE_WORDS] or words
    words = list(dict.fromkeys(words))[:_ENOUGH]
    ranked: list[tuple[int, int, Entry]] = []
    for entry in known:
        by_key = _by_key(entry, typed.strip())
        scores = [_score(entry, word) for word in words]
        met = len(words) if by_key else sum(map(bool, scores))
        if met:
            ranked.append((met, by_key + sum(scores) + entry.here, entry))
    most = max((met for met, _, _ in ranked), default=0)
    best = [each for each in ranked if each[0] == most]
    best.sort(key=lambda each: -each[1])
    return [entry for _, _, entry in best]


def _by_key(entry: Entry, typed: str) -> int:
    if typed in entry.keys or typed == entry.name:
        return 1000
    return 200 if any(keys.startswith(f"{typed} ") for keys in entry.keys) else 0


def _score(entry: Entry, word: str) -> int:
    group, _, name = entry.name.casefold().strip(":").replace(":", ".").rpartition(".")
    return max(
        _match(word, _split(entry.title), 20, 16),
        _match(word, tuple(name.split("_")), 22, 12),
        _match(word, tuple(group.split(".")), 6, 4),
        _match(word, _split(entry.words), 16, 10),
        _match(word, _split(entry.where), 4, 2),
        6 if len(word) > 2 and word in entry.title.casefold() else 0,
    )


@lru_cache(maxsize=2048)
def _split(text: str) -> tuple[str, ...]:
    return tuple(word.strip(".,;:()<>") for word in text.casefold().split())


@lru_cache(maxsize=32_768)  # with each letter typed, all words but the last are the same
def _match(word: str, among: tuple[str, ...], whole: int, start: int) -> int:
    """Return `whole` for the word itself, `start` for its beginning or another form of it."""
    best = 0
    for each in among:
        if each == word:
            return whole
        if each.startswith(word) or _same_stem(each, word):
            best = start
    return best


def _same_stem(one: str, other: str) -> bool:
    """Tell forms of one word: claim, claims, claimed; deliver, delivered, delivery."""
    shorter = min(len(one), len(other))
    stem = max(4, shorter - 1)
    return shorter >= 4 and one[:stem] == other[:stem] and abs(len(one) - len(other)) <= 3
