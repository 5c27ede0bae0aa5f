"""The frame that every screen has: alarm, content, pending keys, prompt, footer, status line."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from textual import events, on
from textual.app import App, ComposeResult, ScreenStackError
from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from console.commands import COMMANDS, By, Command, Situation, act_of, keys_for
from console.desk import Desk, RefusedByPolicy
from console.errors import NightdeskError
from console.hands import Act
from console.screens.editing import Editing
from console.screens.footer import Footer
from console.sync.events import SyncEvent
from console.words.alarms import Alarms
from console.words.standing import Standing
from keymaps.engine import Pending, Pressed
from local_cache.errors import CacheError
from widgets.alarm_line import Alarm, AlarmLine
from widgets.beside import Work, beside
from widgets.editing import Cut, WholeText
from widgets.progress_line import ProgressLine
from widgets.prompt_line import Complete, PromptLine
from widgets.status_line import StatusLine
from widgets.text_entry import LONGEST, LineEntry
from widgets.which_key import WhichKey

if TYPE_CHECKING:
    from console.screens.together import Running

T = TypeVar("T")
R = TypeVar("R")

MESSAGE_STAYS = 8.0
"""Seconds that what was said stays."""
_WIDE = 110
"""Columns from which the status line has room for all that it tells."""


class Host(Protocol):
    """What a screen needs of the app that it runs in."""

    desk: Desk
    standing: Standing
    alarms: Alarms
    cut: Cut
    together: "Running | None"
    recordings: int

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run something that may wait for disk or network, and return what it returns."""
        ...

    async def run_named(self, name: str, count: int | None = None, by: By = By.HAND) -> str | None:
        """Run a command by its id; return why it did not run."""
        ...

    async def run_line(self, line: str) -> None:
        """Run what was typed on the command line."""
        ...

    def history(self, prompt: str) -> list[str]:
        """Return what was typed into a prompt, oldest first."""
        ...

    def remember(self, prompt: str, line: str) -> None:
        """Keep a line for the next time that this prompt is open."""
        ...

    def view_names(self) -> dict[int, str]:
        """Return the names of the saved views, by their numbers."""
        ...

    def server_now(self) -> datetime:
        """Return the time by the server's clock, as far as we know it."""
        ...

    def release_keys(self) -> None:
        """Take the keys that waited for the screen in front."""
        ...

    def began(self, work: Worker[None]) -> None:
        """Take note of what runs beside the keys."""
        ...

    def tell(self, text: str, role: str = "text") -> None:
        """Say something on the screen in front."""
        ...

    async def edit_outside(self, text: str, case_id: str | None) -> str | None:
        """Have a text edited in the editor of one's choice; None where it was left as it is."""
        ...

    def offer_anew(self) -> None:
        """Offer anew what may be meant by what is typed: more is known."""
        ...

    def look(self) -> None:
        """Count the outbox and clocks anew, soon."""
        ...

    def leave(self) -> None:
        """End the program."""
        ...


class NightScreen(Editing, inherit_bindings=False):
    """A screen of the console. Subclasses compose their content in `body`."""

    CONTEXTS: tuple[str, ...] = ("move", "global")
    """The contexts of the keymap that apply here, the most specific first."""
    FOOTER: tuple[str, ...] = ()
    """The contexts whose commands the footer names, where those are not all that apply."""
    _is_there = False
    """Whether it was in front, whole, once."""
    _openings = 0
    """How many works are under way that open something."""
    _focus_before: Widget | None = None
    """What had the focus before the prompt line took it."""
    _prompt: PromptLine | None = None
    """The line at the bottom, once made: each key asks for it, a search would take its time."""

    reopened_by = ""
    """The command that opens it again after a lock; empty where it is not opened again."""
    about_case = ""
    """The case that it is open on, where it is one."""

    @property
    def host(self) -> Host:
        """The app, as far as screens know it."""
        return cast("Host", self.app)

    @property
    def cut(self) -> Cut:
        """What was cut last, on whatever screen."""
        return self.host.cut

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.host.desk

    async def ask_screen(self, screen: "Screen[R]") -> R | None:
        """Show another screen and wait for its result; only inside `later`."""
        return await cast("App[int]", self.app).push_screen_wait(screen)

    def body(self) -> Iterable[Widget]:
        """Compose the content of the screen."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Put the frame around the body."""
        yield AlarmLine(hint=_acknowledging(), id="alarm")
        yield from self.body()
        yield WhichKey(id="which-key")
        yield ProgressLine(id="progress")
        yield Footer(self.FOOTER or self.CONTEXTS)
        yield StatusLine(id="status")

    async def furnish(self) -> None:
        """Make what nobody sees at first, and keys need."""
        self._prompt = PromptLine(id="prompt")
        await self.mount(self._prompt, after="#which-key")

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Show how things stand when the screen comes to the front, and let keys come."""
        if not self._is_there:
            event.refresh_styles = False  # its widgets are new, and have theirs
        self.show_standing()
        self.call_after_refresh(self._arrive)

    async def _arrive(self) -> None:
        if not self._is_there and self.is_attached:  # it is not once one leaves
            await self.furnish()
        self._is_there = True
        self.host.release_keys()

    @property
    def takes_keys(self) -> bool:
        """Whether keys can come: it is there, and opens nothing that they are meant for."""
        return self._is_there and not self._openings

    # --- What the app asks of a screen ------------------------------------------------------

    def contexts(self) -> tuple[str, ...]:
        """Return the contexts that apply where the focus is."""
        if self.prompting():
            return ("prompt", "text")
        return ("text", *self.CONTEXTS) if self.typing() else self.CONTEXTS

    def prompting(self) -> bool:
        """Tell whether keys belong to the line at the bottom."""
        return self._prompt is not None and self._prompt.display

    @property
    def laid_out(self) -> bool:
        """Whether its widgets are there: a screen is pushed before they are made."""
        return bool(self.query(StatusLine))  # the last one made

    @property
    def in_work(self) -> Widget | None:
        """What has the focus, and has it again once the prompt line is left."""
        return self._focus_before if self.prompting() else self.focused

    def typing(self) -> bool:
        """Tell whether keys that type belong to the widget with the focus."""
        return bool(getattr(self.focused, "takes_text", False))

    def takes_key(self, _event: events.Key) -> bool:
        """Tell whether the screen wants this key before the keymap."""
        return False

    def act_of(self, command: Command) -> Act:
        """Say what a command does here in the first moment: see `console.hands`."""
        runs = command.id == "prompt.accept" and self.prompt.purpose == "command"
        return Act.ACTS if runs else act_of(command)

    def situation(self) -> Situation:
        """Return what commands can know about this screen."""
        return Situation(me=self.desk.profile.specialist_id, online=bool(self.host.standing.online))

    async def goes_back(self) -> bool:
        """Do what `back` does on this screen; return whether the screen itself is to be left."""
        return True

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave this screen with a result, once.

        Textual takes away whatever screen is in front; a key pressed twice must not take another.
        """
        in_front = cast("App[int]", self.app).screen is self
        return super().dismiss(result) if in_front else AwaitComplete()

    @property
    def field_in_front(self) -> str:
        """The field that the focus is in; empty where there are none."""
        return ""

    def go_to_field(self, name: str) -> None:
        """Give a field the focus again."""

    def busy(self) -> str:
        """Say what still runs and would be cut off by leaving; empty where nothing does."""
        return ""

    def save(self) -> None:
        """Keep what is being written; called before the screen or the program ends."""

    def heard(self, event: SyncEvent) -> None:
        """Take news of the sync."""

    def case_touched(self, case_id: str) -> None:
        """Something was recorded or taken back on a case: show it."""

    def keys_changed(self) -> None:
        """Name the keys anew wherever they are named: the keymap is another one."""
        if not self.laid_out:
            return  # pushed and not composed yet
        self.query_one(Footer).keys_changed()
        self.query_one(WhichKey).clear()
        alarms = self.query_one(AlarmLine)
        alarms.hint = _acknowledging()
        alarms.refresh()

    # --- Saying things ----------------------------------------------------------------------

    def tell(self, text: str, role: str = "text") -> None:
        """Say something above the status line; it stays for a while."""
        if not self.laid_out:
            return  # pushed and not composed yet
        self.query_one(Footer).say(" ".join(text.split()), role)
        self._quiet_timer().reset()

    def _quiet_timer(self) -> Timer:
        timer: Timer | None = getattr(self, "_quiet", None)
        if timer is None:
            timer = self._quiet = self.set_interval(MESSAGE_STAYS, self._hush)
        return timer

    def _hush(self) -> None:
        self.query_one(Footer).say("", "text")

    def show_standing(self) -> None:
        """Show connection, unsent work, the next clock, alarms and progress."""
        if not self.laid_out:
            return  # pushed and not composed yet; it shows how things stand when it comes up
        standing = self.host.standing
        right = standing.right(
            self.host.server_now(), self.desk.now_ms(), narrow=self.size.width < _WIDE
        )
        self.query_one(StatusLine).set(left=standing.connection(), right=right)
        line = self.query_one(AlarmLine)
        ringing = self.host.alarms.ringing
        for alarm in line.alarms:
            if alarm.key not in ringing:
                line.withdraw(alarm.key)
        shown = {alarm.key: alarm for alarm in line.alarms}
        for key, rings in ringing.items():
            alarm = Alarm(key, rings.text, urgency=rings.urgency)
            if shown.get(key) != alarm:
                line.raise_alarm(alarm)
        progress = self.query_one(ProgressLine)
        if standing.loaded is None:
            progress.done()
        else:
            progress.show("Loading the queues", *standing.loaded, hint="the desk can be used")

    def show_pending(self, pressed: Pressed) -> None:
        """Show what may follow the keys pressed so far."""
        strip = self.query_one(WhichKey)
        if not isinstance(pressed, Pending):
            strip.clear()
            return
        titles = [
            (key, COMMANDS[runs].title if runs in COMMANDS else runs)
            for key, runs in pressed.continuations
        ]
        strip.expect(pressed.prefix, titles)

    # --- A text in another editor -----------------------------------------------------------

    def do_edit_external(self, _count: int | None) -> None:
        """Give the text that has the focus to the editor of one's choice; it comes back changed."""
        field = self.focused
        if not isinstance(field, WholeText):
            self.tell("Only a text of several lines opens in an editor.", "muted")
            return
        self.save()
        self.later(self._edit_outside(field))

    async def _edit_outside(self, field: WholeText) -> None:
        text = await self.host.edit_outside(field.text, self.about_case or None)
        if text is None:
            self.tell("The text is as it was.", "muted")
        else:
            field.take_whole(text)
            self.tell(f"Taken from the editor; {keys_for('edit.undo')} brings back what was there.")

    # --- Doing things -----------------------------------------------------------------------

    def later(self, work: Work) -> None:
        """Run something beside the keys; what goes wrong is told, never swallowed."""
        self.host.began(beside(self, self._told, work))

    def opening(self, work: Work) -> None:
        """Run what opens a screen; keys typed meanwhile are for that screen, not for this one."""
        self._openings += 1
        self.host.began(beside(self, self._open, work))

    async def _open(self, work: Work) -> None:
        try:
            await self._told(work)
        finally:
            self._openings -= 1
            self.host.release_keys()

    @property
    def open(self) -> bool:
        """Whether its widgets are there: it is composed, and was not left."""
        return self.is_mounted and self in cast("App[Any]", self.app).screen_stack

    async def _told(self, work: Work) -> None:
        try:
            await work
        except (NoMatches, ScreenStackError):
            if self.open and self.laid_out:
                raise  # a defect; else the screen was left while something was read for it
        except RefusedByPolicy as refusal:
            first = refusal.findings[0]
            self.tell(f"Not recorded: {first.pointer} {first.detail}", "error")
        except (NightdeskError, CacheError) as error:
            self.tell(str(error), "error")

    @on(LineEntry.TooLong)
    def _line_too_long(self, event: LineEntry.TooLong) -> None:
        event.stop()
        self.tell(
            f"Not put in: the line would have {event.longer:,} characters, {LONGEST:,} at most.",
            "warning",
        )

    # --- The prompt -------------------------------------------------------------------------

    def ask(
        self,
        purpose: str,
        sign: str,
        *,
        value: str = "",
        history: Sequence[str] = (),
        complete: Complete | None = None,
    ) -> None:
        """Open the prompt line; the answer comes to `answered`."""
        self._focus_before = self.in_work
        self.prompt.open(
            purpose,
            sign=sign,
            value=value,
            history=history,
            complete=complete,
            follow=partial(self.answer_changed, purpose),
        )

    def answered(self, purpose: str, value: str) -> None:
        """Take what was typed in the prompt line."""

    def answer_changed(self, purpose: str, value: str) -> None:
        """Take what is being typed in the prompt line."""

    def answer_cancelled(self, purpose: str) -> None:
        """The prompt line was left."""

    @on(PromptLine.Accepted)
    def _prompt_accepted(self, event: PromptLine.Accepted) -> None:
        event.stop()
        self.do_prompt_accept(None)

    def do_prompt_accept(self, _count: int | None) -> None:
        """Take the line at the bottom as it stands."""
        purpose, value = self.prompt.purpose, self.prompt.value
        self._close_prompt()
        if purpose == "command":
            self.opening(self.host.run_line(value))
        else:
            self.answered(purpose, value)

    @on(PromptLine.Cancelled)
    def _prompt_cancelled(self, event: PromptLine.Cancelled) -> None:
        event.stop()
        self.do_prompt_cancel(None)

    def do_prompt_cancel(self, _count: int | None) -> None:
        """Leave the line at the bottom."""
        purpose = self.prompt.purpose
        self._close_prompt()
        self.answer_cancelled(purpose)

    def _close_prompt(self) -> None:
        if self._focus_before is not None:
            self.set_focus(self._focus_before)
        self.prompt.close()

    def do_command_line(self, _count: int | None) -> None:
        """Open the command line: every command by its name, filters, quit."""
        self.open_command_line()

    def open_command_line(self, value: str = "") -> None:
        """Open the command line with something typed already."""
        from console.screens.offers import line_offers

        self.ask(
            "command",
            ":",
            value=value,
            history=self.host.history("command"),
            complete=line_offers(self),
        )

    def do_alarm_acknowledge(self, _count: int | None) -> None:
        """Take the foremost alarm as seen, on every screen."""
        seen = self.query_one(AlarmLine).acknowledge()
        if seen is None:
            self.tell("There is no alarm.", "muted")
            return
        self.host.alarms.acknowledge(seen.key)


def _acknowledging() -> str:
    return f"{keys_for('alarm.acknowledge')} acknowledges"
