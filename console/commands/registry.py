"""Every command that there is, by id. Help and footer show them in this order."""

from typing import Final

from console.commands import why_not
from console.commands.command import Command, Danger

TITLES: Final = {
    "desk": "On the desk",
    "case": "In the case",
    "move": "Moving",
    "form": "In a form",
    "draft": "Drafting",
    "outbox": "In the outbox",
    "views": "Among the saved views",
    "compare": "Settling what changed",
    "help": "In this help",
    "global": "Everywhere",
    "prompt": "In the line at the bottom",
    "text": "In a text",
}
"""What each context of the keymap is called, for help and the page of keys."""

_CASE_OR_LIST: Final = ("desk", "case")

_MOVING: Final = (
    Command("nav.down", "Down", ("move",)),
    Command("nav.up", "Up", ("move",)),
    Command("nav.top", "To the top", ("move",)),
    Command("nav.bottom", "To the bottom", ("move",)),
    Command("nav.home", "To the top", ("move",)),
    Command("nav.end", "To the bottom", ("move",)),
    Command("nav.half_down", "Half a page down", ("move",)),
    Command("nav.half_up", "Half a page up", ("move",)),
    Command("nav.page_down", "A page down", ("move",)),
    Command("nav.page_up", "A page up", ("move",)),
)

_DESK: Final = (
    Command("case.open", "Open the case", _CASE_OR_LIST, footer="open"),
    Command("pane.next", "To the next pane", (*_CASE_OR_LIST, "outbox", "views")),
    Command("pane.previous", "To the previous pane", (*_CASE_OR_LIST, "outbox", "views")),
    Command("case.next", "To the next case", _CASE_OR_LIST),
    Command("case.previous", "To the previous case", _CASE_OR_LIST),
    Command("queue.filter", "Filter the list", _CASE_OR_LIST, footer="filter"),
    Command("sort.urgency", "Sort by urgency", _CASE_OR_LIST),
    Command("sort.due", "Sort by the clock that runs out next", _CASE_OR_LIST),
    Command("sort.priority", "Sort by priority", _CASE_OR_LIST),
    Command("sort.received", "Sort by when cases came", _CASE_OR_LIST),
    Command("sort.updated", "Sort by when cases changed", _CASE_OR_LIST),
    Command("sort.reference", "Sort by our reference", _CASE_OR_LIST),
    Command("sort.reverse", "Turn the order around", _CASE_OR_LIST),
    Command("queue.sort", "Sort by the next key", _CASE_OR_LIST),
    Command("list.jump", "Jump to a row by its label", (*_CASE_OR_LIST, "outbox", "views")),
    Command("mark.toggle", "Mark, or take the mark off; go on", _CASE_OR_LIST, footer="mark"),
    Command("mark.range", "Begin a range, or mark it", _CASE_OR_LIST),
    Command("mark.all", "Mark all in the list", _CASE_OR_LIST),
    Command("mark.invert", "Mark what is not, unmark what is", _CASE_OR_LIST),
    Command("mark.none", "Take all marks off", _CASE_OR_LIST),
    Command("mark.again", "Mark again what was marked", _CASE_OR_LIST),
    Command("case.search", "Search in the text", ("case",)),
    Command("case.search_next", "Next place found", _CASE_OR_LIST),
    Command("case.search_previous", "Previous place found", _CASE_OR_LIST),
    Command(
        "text.reveal", "Reveal covered text, or cover it", _CASE_OR_LIST, blocked=why_not.needs_case
    ),
    Command(
        "case.claim",
        "Claim the case",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_connection),
        many=True,
        footer="claim",
    ),
    Command(
        "case.release",
        "Release the claim",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
    ),
    Command(
        "case.assess",
        "Assess the risk",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.needs_open,
        footer="assess",
    ),
    Command(
        "case.verify",
        "Record a verification check",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.needs_open,
        footer="verify",
    ),
    Command(
        "case.note",
        "Write a note",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_policy),
        many=True,
        footer="note",
    ),
    Command(
        "decision.open",
        "Decide",
        _CASE_OR_LIST,
        Danger.DANGEROUS,
        blocked=why_not.needs_open,
        footer="decide",
    ),
    Command(
        "decision.approve",
        "Approve or reject",
        _CASE_OR_LIST,
        Danger.DANGEROUS,
        blocked=why_not.needs_approval_due,
    ),
    Command(
        "draft.open",
        "Draft the response",
        _CASE_OR_LIST,
        Danger.DANGEROUS,
        blocked=why_not.needs_own_hands,
        footer="respond",
    ),
    Command(
        "case.wait",
        "Wait for somebody",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_open),
        many=True,
        many_confirmed=True,
    ),
    Command(
        "case.enforce",
        "Enforce on the platform",
        _CASE_OR_LIST,
        Danger.DANGEROUS,
        blocked=why_not.needs_open,
    ),
    Command(
        "case.preserve", "Preserve data", _CASE_OR_LIST, Danger.RECORDS, blocked=why_not.needs_open
    ),
    Command(
        "case.tag",
        "Tag",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
    ),
    Command(
        "case.move",
        "Move to another queue",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
    ),
    Command(
        "case.assign",
        "Assign",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
    ),
    Command(
        "case.link",
        "Link to another case",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
    ),
    Command(
        "case.snooze",
        "Snooze",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
    ),
    Command(
        "case.close",
        "Close or reopen",
        _CASE_OR_LIST,
        Danger.RECORDS,
        blocked=why_not.or_marked(why_not.needs_own_hands),
        many=True,
        many_confirmed=True,
    ),
    Command("repeat", "Repeat what was recorded last, here", _CASE_OR_LIST, Danger.RECORDS),
    Command("case.new", "New case by hand", _CASE_OR_LIST, Danger.RECORDS),
)

_VIEWS: Final = tuple(
    Command(f"view.{number}", f"Saved view {number}", ("global",)) for number in range(1, 10)
)

_EVERYWHERE: Final = (
    Command("undo", "Undo the last thing recorded", ("global",), Danger.RECORDS, footer="undo"),
    Command("go.desk", "To the desk", ("global",)),
    Command("go.queues", "Choose a queue", ("global",)),
    Command("go.outbox", "To the outbox", ("global",)),
    Command("go.views", "To the saved views", ("global",)),
    Command("lock", "Lock the screen", ("global",)),
    Command("seal", "Seal: lock, and let go of the key", ("global",)),
    Command("alarm.acknowledge", "Acknowledge the alarm", ("global",)),
    Command("redraw", "Paint the screen anew", ("global",)),
    Command("command.line", "Command line", ("global",)),
    Command("help", "Help: find anything", ("global", "prompt"), footer="help"),
    Command("help.key", "What does this key do", ("global",)),
    Command("help.why", "Why can a command not run", ("global",)),
    Command("back", "Back", ("global",)),
    Command("quit", "Quit", ("global", "prompt")),
)

_HELP: Final = (
    # It runs whatever is chosen, and is as careful as what records: no paste may do it.
    Command("help.run", "Run what is chosen", ("help",), Danger.RECORDS, footer="run it"),
    Command("help.next", "To the next thing found", ("help",), footer="next"),
    Command("help.previous", "To the previous thing found", ("help",)),
    Command("help.page_down", "A page of things found down", ("help",)),
    Command("help.page_up", "A page of things found up", ("help",)),
    Command("help.leave", "Look for all again, or leave help", ("help",), footer="leave"),
)

_FORM: Final = (
    Command("form.submit", "Record it", ("form",), footer="record"),
    Command("form.cancel", "Leave; what is filled in is kept", ("form",), footer="leave"),
    Command(
        "form.discard", "Discard the draft, or bring it back", ("form",), footer="discard draft"
    ),
    Command("form.next", "To the next field", ("form",), footer="next field"),
    Command("form.previous", "To the previous field", ("form",)),
)

_DRAFT: Final = (
    Command("draft.template", "Choose another template", ("draft",), footer="template"),
    Command("draft.preview", "Preview", ("draft",), footer="preview"),
    Command("draft.send", "Send the response", ("draft",), Danger.DANGEROUS, footer="send"),
    Command("draft.override", "Override a finding", ("draft",), footer="override"),
    Command("draft.refill", "Fill the text anew", ("draft",)),
    Command("draft.discard", "Throw the draft away", ("draft",)),
    Command("draft.leave", "Leave; the draft is kept", ("draft",), footer="leave"),
)

_OUTBOX: Final = (
    Command(
        "outbox.retry", "Send again, or confirm", ("outbox",), Danger.DANGEROUS, footer="retry"
    ),
    Command("outbox.discard", "Discard", ("outbox",), Danger.DANGEROUS, footer="discard"),
    Command("outbox.compare", "Compare with the present case", ("outbox",), footer="compare"),
    Command("outbox.open", "Compare what changed, or go to the case", ("outbox",), footer="open"),
)

_SAVED_VIEWS: Final = (
    Command("views.open", "Show the view on the desk", ("views",), footer="show"),
    Command(
        "views.save",
        "Save here what the desk shows",
        ("views",),
        Danger.RECORDS,
        footer="save here",
    ),
    Command("views.rename", "Rename the view", ("views",), Danger.RECORDS, footer="rename"),
    Command(
        "views.filter", "Change the view's filter", ("views",), Danger.RECORDS, footer="filter"
    ),
    Command(
        "views.drop",
        "Drop the view, or bring it back",
        ("views",),
        Danger.RECORDS,
        footer="drop",
    ),
)

_COMPARE: Final = (
    Command(
        "compare.keep",
        "Stand by it, recorded anew",
        ("compare",),
        Danger.DANGEROUS,
        footer="stand by it",
    ),
    Command(
        "compare.redo",
        "Drop it and do it again",
        ("compare",),
        Danger.DANGEROUS,
        footer="do it again",
    ),
    Command("compare.drop", "Drop it", ("compare",), Danger.DANGEROUS, footer="drop"),
)

_PROMPT: Final = (
    Command("prompt.accept", "Take the line", ("prompt",)),
    Command("prompt.cancel", "Leave the line", ("prompt",)),
    Command("prompt.older", "A line of before", ("prompt",)),
    Command("prompt.newer", "A later line", ("prompt",)),
    Command("prompt.complete", "The next that may be meant", ("prompt",)),
    Command("prompt.complete_back", "The one before that may be meant", ("prompt",)),
)

_TEXT: Final = (
    Command("edit.left", "A character left", ("text",)),
    Command("edit.right", "A character right", ("text",)),
    Command("edit.up", "A line up", ("text",)),
    Command("edit.down", "A line down", ("text",)),
    Command("edit.word_left", "A word left", ("text",)),
    Command("edit.word_right", "A word right", ("text",)),
    Command("edit.line_start", "To the start of the line", ("text",)),
    Command("edit.line_end", "To the end of the line", ("text",)),
    Command("edit.text_start", "To the start of the text", ("text",)),
    Command("edit.text_end", "To the end of the text", ("text",)),
    Command("edit.page_up", "A page up", ("text",)),
    Command("edit.page_down", "A page down", ("text",)),
    Command("edit.delete_left", "Delete the character before", ("text",)),
    Command("edit.delete_right", "Delete the character after", ("text",)),
    Command("edit.delete_word_left", "Cut the word before", ("text",)),
    Command("edit.delete_word_right", "Cut the word after", ("text",)),
    Command("edit.delete_to_start", "Cut to the start of the line", ("text",)),
    Command("edit.delete_to_end", "Cut to the end of the line", ("text",)),
    Command("edit.mark", "Set the mark: moving chooses from it", ("text",)),
    Command("edit.cut", "Cut what is chosen, or the word before", ("text",)),
    Command("edit.copy", "Copy what is chosen", ("text",)),
    Command("edit.paste", "Put in what was cut or copied", ("text",)),
    Command("edit.undo", "Take typing back", ("text",)),
    Command("edit.redo", "Type it again", ("text",)),
    Command("edit.external", "Open the text in your editor", ("text",)),
)

COMMANDS: Final = {
    command.id: command
    for command in (
        *_MOVING,
        *_DESK,
        *_VIEWS,
        *_EVERYWHERE,
        *_FORM,
        *_DRAFT,
        *_OUTBOX,
        *_SAVED_VIEWS,
        *_COMPARE,
        *_PROMPT,
        *_TEXT,
        *_HELP,
    )
}

LEAVES: Final = frozenset({"back", "form.cancel", "draft.leave", "prompt.cancel", "help.leave"})
"""What leaves a screen or a line; where a mark is set in a text, it first takes that off."""
