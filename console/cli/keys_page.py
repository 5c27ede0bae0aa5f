"""The pages of all keys, made from registry and keymap, so that they cannot be out of date."""

from typing import Final

from console.commands import COMMANDS, TITLES
from console.commands.keys import builtin

_WORDS: Final = {
    "desk": (
        "The keys",
        "The keys that Nightdesk begins with. Hands that know others choose them: `nightdesk keys",
        "use vim` ([these](keys-vim.md)) or `nightdesk keys use emacs` ([these](keys-emacs.md)).",
    ),
    "vim": (
        "The keys of vim",
        "For hands that know vim, lazygit and tig: `nightdesk keys use vim`, or `:keymap vim`.",
        "What is done to a case has the letters of [the usual keys](keys.md).",
    ),
    "emacs": (
        "The keys of emacs",
        "For hands that know emacs: `nightdesk keys use emacs`, or `:keymap emacs`. `alt+x` may be",
        "pressed together, or as `escape` and then `x`. `ctrl+u` is a count: of four by itself.",
    ),
}


def keys_page(name: str) -> str:
    """Return the page of a keymap that comes with Nightdesk, without its last line end."""
    keys = builtin(name)
    title, *about = _WORDS[name]
    leaves = " or ".join(f"`{key}`" for key in keys.keys_of("form.cancel", "form"))
    lines = [
        f"# {title}",
        "",
        *about,
        "",
        f"Made by `nightdesk keys list --markdown --keymap {name}`. A number before a key that",
        "moves is a count. A prefix waits for its next key; a strip shows what may follow, and",
        f"`ctrl+g` ends it. A form is left with {leaves}.",
        "[Your own keys](your-keys.md) go over these.",
    ]
    for context, heading in TITLES.items():
        here = [command for command in COMMANDS.values() if command.contexts[0] == context]
        if not here:
            continue
        lines += ["", f"## {heading}", "", "| keys | what | name |", "|---|---|---|"]
        for command in here:
            bound = " · ".join(f"`{each}`" for each in keys.keys_of(command.id))
            lines.append(f"| {bound} | {command.title} | `{command.id}` |")
    return "\n".join(lines)
