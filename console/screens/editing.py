"""Commands of the contexts `text` and `prompt`: what keys do where something is typed."""

from textual.widget import Widget

from widgets.editing import Cut, Edit, Edits, Region
from widgets.ground import GroundScreen
from widgets.prompt_line import PromptLine


class Editing(GroundScreen, part=True):
    """Edits the text that has the focus; history and completion of the line at the bottom."""

    @property
    def cut(self) -> Cut:
        """What was cut last, on whatever screen."""
        raise NotImplementedError

    @property
    def prompt(self) -> PromptLine:
        """The line at the bottom."""
        return self.query_one(PromptLine)

    def edit(self, what: Edit) -> None:
        """Do something in the text that has the focus."""
        focused: Widget | None = self.focused
        if isinstance(focused, Edits):
            focused.edit_text(what, self.cut)

    def unmark(self) -> bool:
        """Take the mark off in the text that has the focus; return whether there was one."""
        focused: Widget | None = self.focused
        return isinstance(focused, Region) and focused.unmark()

    def do_edit_left(self, _count: int | None) -> None:
        """A character left."""
        self.edit("left")

    def do_edit_right(self, _count: int | None) -> None:
        """A character right."""
        self.edit("right")

    def do_edit_up(self, _count: int | None) -> None:
        """A line up."""
        self.edit("up")

    def do_edit_down(self, _count: int | None) -> None:
        """A line down."""
        self.edit("down")

    def do_edit_word_left(self, _count: int | None) -> None:
        """A word left."""
        self.edit("word_left")

    def do_edit_word_right(self, _count: int | None) -> None:
        """A word right."""
        self.edit("word_right")

    def do_edit_line_start(self, _count: int | None) -> None:
        """To the start of the line."""
        self.edit("line_start")

    def do_edit_line_end(self, _count: int | None) -> None:
        """To the end of the line."""
        self.edit("line_end")

    def do_edit_text_start(self, _count: int | None) -> None:
        """To the start of the text."""
        self.edit("text_start")

    def do_edit_text_end(self, _count: int | None) -> None:
        """To the end of the text."""
        self.edit("text_end")

    def do_edit_page_up(self, _count: int | None) -> None:
        """A page up."""
        self.edit("page_up")

    def do_edit_page_down(self, _count: int | None) -> None:
        """A page down."""
        self.edit("page_down")

    def do_edit_delete_left(self, _count: int | None) -> None:
        """Delete the character before."""
        self.edit("delete_left")

    def do_edit_delete_right(self, _count: int | None) -> None:
        """Delete the character after."""
        self.edit("delete_right")

    def do_edit_delete_word_left(self, _count: int | None) -> None:
        """Cut the word before."""
        self.edit("delete_word_left")

    def do_edit_delete_word_right(self, _count: int | None) -> None:
        """Cut the word after."""
        self.edit("delete_word_right")

    def do_edit_delete_to_start(self, _count: int | None) -> None:
        """Cut to the start of the line."""
        self.edit("delete_to_start")

    def do_edit_delete_to_end(self, _count: int | None) -> None:
        """Cut to the end of the line."""
        self.edit("delete_to_end")

    def do_edit_mark(self, _count: int | None) -> None:
        """Set the mark: what follows is chosen by moving."""
        self.edit("mark")

    def do_edit_copy(self, _count: int | None) -> None:
        """Copy what is chosen."""
        self.edit("copy")

    def do_edit_cut(self, _count: int | None) -> None:
        """Cut what is chosen, or the word before."""
        self.edit("cut")

    def do_edit_paste(self, _count: int | None) -> None:
        """Put in what was cut."""
        self.edit("paste")

    def do_edit_undo(self, _count: int | None) -> None:
        """Take typing back."""
        self.edit("undo")

    def do_edit_redo(self, _count: int | None) -> None:
        """Type it again."""
        self.edit("redo")

    def do_prompt_older(self, _count: int | None) -> None:
        """A line of before."""
        self.prompt.recall(-1)

    def do_prompt_newer(self, _count: int | None) -> None:
        """A later line."""
        self.prompt.recall(1)

    def do_prompt_complete(self, _count: int | None) -> None:
        """The next that may be meant."""
        self.prompt.offer_next(1)

    def do_prompt_complete_back(self, _count: int | None) -> None:
        """The one before that may be meant."""
        self.prompt.offer_next(-1)
