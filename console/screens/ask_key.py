"""What does this key do: press it, and see what it runs here, and elsewhere."""

from collections.abc import Iterable, Sequence

from textual import events
from textual.widget import Widget

from console.commands import COMMANDS, TITLES, Situation, keymap, lookup
from console.screens.base import NightScreen
from keymaps.chord import show_sequence
from keymaps.engine import Engine, Match, Miss, Pending
from keymaps.keymap import Binding
from widgets.text_lines import Line, heading
from widgets.text_view import TextView

_LEAVES = ("escape", "ctrl+g")
_HOW = "Press a key, or several that belong together. escape twice leaves."


class AskKeyScreen(NightScreen):
    """Takes every key and runs none of them."""

    CSS_PATH = "help.tcss"
    CONTEXTS = ("global",)
    FOOTER = ("asked",)
    """There is no such context: every key is asked about."""

    def __init__(self, contexts: Sequence[str], situation: Situation) -> None:
        super().__init__()
        self._asked_from = tuple(each for each in contexts if each != "text")
        self._situation = situation
        self._engine = Engine(keymap())
        self._before = ""
        """The key before: twice escape leaves."""

    def body(self) -> Iterable[Widget]:
        """Show what is asked and what is known."""
        yield TextView(
            [heading("What does this key do?"), Line(((_HOW, "muted"),))], id="keys-asked"
        )

    def on_mount(self) -> None:
        """Take the keys."""
        self.set_focus(self.query_one(TextView))

    def takes_key(self, event: events.Key) -> bool:  # noqa: ARG002 - whatever it is
        """No key is a command here."""
        return True

    def on_key(self, event: events.Key) -> None:
        """Say what a key does, and what more may follow it."""
        event.stop()
        event.prevent_default()
        if event.key == self._before and event.key in _LEAVES:
            self.dismiss(None)
            return
        self._before = event.key
        pressed = self._engine.press(event.key, self._asked_from, typing=False, counts=False)
        match pressed:
            case Pending(prefix=keys, continuations=following):
                self._show(keys, self._elsewhere(keys), following=following)
            case Match(command=command, keys=keys):
                self._show(keys, self._elsewhere(keys), runs=command)
            case Miss(keys=keys):
                self._show(keys, self._elsewhere(keys))

    def _elsewhere(self, keys: str) -> list[Binding]:
        return [each for each in keymap().bindings if show_sequence(each.keys) == keys]

    def _show(
        self,
        keys: str,
        bound: Sequence[Binding],
        *,
        runs: str | None = None,
        following: Sequence[tuple[str, str]] = (),
    ) -> None:
        lines = [heading(keys), Line()]
        if runs is not None:
            lines.append(self._what(runs))
        elif following:
            lines.append(Line(((f"  {keys} waits for one more key:", "text"),)))
            for key, command in following:
                title = COMMANDS[command].title if command in COMMANDS else "more keys follow"
                name = command if command in COMMANDS else ""
                lines.append(_row(f"{keys} {key}", title, name))
        else:
            lines.append(
                Line(((f"  {keys} runs nothing here. Where text is typed it may type.", "text"),))
            )
        here = [each for each in bound if each.context in self._asked_from and each.command != runs]
        there = [each for each in bound if each.context not in self._asked_from]
        if here:
            lines += [Line(), Line((("  Here the line above goes before:", "muted"),))]
            lines += [self._bound(each) for each in here]
        if there:
            lines += [Line(), Line((("  Elsewhere:", "muted"),))]
            lines += [self._bound(each) for each in there]
        lines += [Line(), Line(((f"  {_HOW}", "muted"),))]
        self.query_one(TextView).set_lines(lines, keep=False)

    def _what(self, name: str) -> Line:
        command = COMMANDS[name]
        reason = lookup.why_not(command, self._asked_from, self._situation)
        why = f"  cannot run just now: {reason}" if reason else "  it can run now"
        return Line(
            (
                (f"  {command.title}", "heading"),
                (f"  {name}", "muted"),
                (why, "warning" if reason else "ok"),
            ),
            hang=4,
        )

    def _bound(self, binding: Binding) -> Line:
        command = COMMANDS.get(binding.command)
        title = command.title if command is not None else binding.command
        return _row(TITLES.get(binding.context, binding.context), title, binding.command)


def _row(first: str, title: str, name: str) -> Line:
    return Line(((f"    {first:<26}", "key"), (title, "text"), (f"  {name}", "muted")), hang=30)
