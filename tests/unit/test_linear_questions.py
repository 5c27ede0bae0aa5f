"""Questions whose answers bring and take away other questions, changed where the whole is said."""

from collections import deque
from typing import cast

import pytest

from console.composing.forms import Field, Option, answer
from console.linear.questions import Questions, Standing
from console.linear.session import Session
from console.linear.talk import Cancelled
from console.linear.terminal import Typed

ALL = ["First", "Second", "Third"]


class Talk:
    """A hand with its lines, and what was said to it."""

    def __init__(self, *lines: str) -> None:
        self._lines = deque(lines)
        self.said: list[str] = []

    def say(self, text: str, _role: str = "text") -> None:
        """Hear it."""
        self.said.append(text)

    def ask(self, _prompt: str) -> Typed:
        """Type the next line."""
        return Typed(self._lines.popleft(), by_hand=True)


def choice(*values: str) -> tuple[Option, ...]:
    return tuple(Option(value, value) for value in values)


def fields() -> tuple[Field, ...]:
    """Return three questions: the second is asked for some firsts, the third for some seconds."""
    return (
        Field("a", "First", "choice", choice("short", "long"), initial="short"),
        Field(
            "b", "Second", "choice", choice("no", "yes"), shown=lambda v: answer(v, "a") == "long"
        ),
        Field("c", "Third", shown=lambda v: answer(v, "a") == "long" and answer(v, "b") != "no"),
    )


def asked(talk: Talk) -> list[str]:
    return [line.rpartition(": ")[2] for line in talk.said if line.startswith("question ")]


@pytest.mark.parametrize("anew", [False, True], ids=["as they were", "made anew"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("1", "long", "no"), ["First", "Second"]),
        (("1", "long", "yes", "why"), ALL),
        (("1", "long", "back"), ["First", "Second"]),
        (("1", "long", "yes", "why", "2", "back", ""), [*ALL, "Second", "First"]),
        (("²", "9" * 5000, "0", "4"), []),
    ],
)  # fmt: skip
def test_an_answer_brings_questions_and_takes_them_away(
    lines: tuple[str, ...], expected: list[str], *, anew: bool
) -> None:
    talk = Talk(*lines, "cancel")

    def made_anew(_values: object) -> None:
        if anew:  # as a decision does where the case changed meanwhile
            questions.fields = fields()

    questions = Questions(
        cast("Session", talk), fields(), lambda _values: Standing({}, []), keep=made_anew
    )
    with pytest.raises(Cancelled):
        questions.review()
    assert asked(talk) == expected
