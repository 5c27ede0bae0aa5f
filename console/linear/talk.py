"""The dialogue: what is said and asked, what is confirmed, and what happened told in between."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Final

from console.composing.confirming import draw_digits
from console.desk import RefusedByPolicy
from console.linear.news import News
from console.linear.terminal import Terminal, Typed
from local_cache.errors import CacheError

PAGE: Final = 40
"""Lines of a text that are said at once; `more` goes on."""
_ROLES: Final = {"error": "error: ", "warning": "warning: "}
_LEAVES: Final = ("cancel", "back", "q", "-")
_RECORDS: Final = ("record", "form.submit", "ctrl+s")


class Cancelled(Exception):
    """The question was left; nothing is recorded."""


class Talk:
    """Says and asks at one terminal."""

    def __init__(self, terminal: Terminal, news: News) -> None:
        self.terminal = terminal
        self.news = news
        self._rest: Iterator[str] = iter(())
        self._page = PAGE

    @property
    def online(self) -> bool:
        """Whether the server answers."""
        return bool(self.news.standing.online)

    def server_now(self) -> datetime:
        """Return the time by the server's clock, as far as we know it."""
        return datetime.now(UTC) + self.news.standing.skew

    def now_ms(self) -> int:
        """Return the same as the clocks of cases have it."""
        return round(self.server_now().timestamp() * 1000)

    def say(self, text: str, role: str = "text") -> None:
        """Say one thing in one line."""
        self.terminal.say(_ROLES.get(role, "") + text)

    def say_long(self, lines: Iterable[str], page: int = PAGE) -> None:
        """Say the first lines of something long; `more` says the next."""
        self._rest, self._page = iter(lines), page
        self.more()

    def more(self) -> None:
        """Go on with what was long."""
        said = list(islice(self._rest, self._page))
        if not said:
            self.say("That was all.")
            return
        self.terminal.say(*said)
        following = next(self._rest, None)
        if following is not None:
            self._rest = chain((following,), self._rest)
            self.say("There is more: more goes on.")

    def ask(self, prompt: str, *, remember: bool = False) -> Typed:
        """Tell what happened meanwhile, then ask for a line."""
        self.tell_news()
        return self.terminal.read(f"{prompt}> ", remember=remember, watched=True)

    def more_of_it(self, prompt: str) -> Typed:
        """Ask for another line of the same text, of which nothing else is told in between."""
        return self.terminal.read(f"{prompt}> ", watched=True)

    def tell_news(self) -> None:
        """Tell what happened since the last prompt."""
        if self.news.failure is not None:
            raise self.news.failure
        try:
            self.terminal.say(*self.news.tell())
        except CacheError as trouble:
            self.say(str(trouble), "error")

    def refuse(self, refusal: RefusedByPolicy) -> None:
        """Say what stood against something that was not recorded."""
        self.say("Not recorded. What stands against it:", "error")
        for found in refusal.findings:
            self.say(f"{found.pointer.strip('/') or 'the whole'}: {found.detail}", "error")

    def confirm(self, title: str, reference: str, requester: str, facts: Iterable[str]) -> bool:
        """Have something dangerous confirmed by digits that are drawn for it."""
        self.say(f"confirm: {title}")
        self.say(f"case: {reference}")
        self.say(f"requester: {requester}")
        self.say_facts(facts)
        return self.takes_digits()

    def say_facts(self, facts: Iterable[str]) -> None:
        """Say what is about to be recorded; columns are for the eye."""
        for fact in facts:
            if fact.strip():
                self.say(" ".join(fact.split()))

    def agrees(self) -> bool:
        """Have what was said recorded by a word, or left."""
        while True:
            typed = self.ask("record or cancel")
            word = typed.text.strip().casefold()
            if word in _LEAVES:
                return False
            if word and not typed.by_hand:
                self.say("This came in a burst, as a paste does; NOT done.", "warning")
            elif word in _RECORDS:
                return True
            elif word:
                self.say("record, or cancel.", "error")

    def takes_digits(self) -> bool:
        """Draw four digits, and have them typed by a hand."""
        while True:
            digits = draw_digits()
            self.say(f"To confirm, type these four digits: {' '.join(digits)}. Empty leaves.")
            try:
                typed = self.ask("digits")
            except KeyboardInterrupt:
                self.terminal.say("")
                return False
            text = typed.text.replace(" ", "")
            if not typed.by_hand:
                self.say("These came in a burst, as a paste does. Here are new ones.", "warning")
            elif text == digits:
                return True
            elif not text or text.casefold() in _LEAVES:
                return False
            else:
                self.say("Not these digits. Here are new ones.", "warning")
