"""The registry of commands: footer, which-key, help, command line and keymap checks come from it.

A command has an id, a title, the contexts it works in, how dangerous it is, and says why it cannot
run just now. What it does is a method of a screen or of the app, named after the id:
`case.claim` is `do_case_claim(count)`.
"""

from console.commands.acting import act_of
from console.commands.command import By, Command, Danger, Situation
from console.commands.keys import keymap, keys_for
from console.commands.registry import COMMANDS, TITLES

__all__ = [
    "COMMANDS",
    "TITLES",
    "By",
    "Command",
    "Danger",
    "Situation",
    "act_of",
    "keymap",
    "keys_for",
]
