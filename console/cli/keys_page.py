"""The page of all keys, made from the registry and the keymap, so that it cannot be out of date."""

from console.commands import COMMANDS, TITLES, keymap


def keys_page() -> str:
    """Return `docs/keys.md`, without its last line end."""
    keys = keymap()
    lines = [
        "# The keys",
        "",
        "Made by `nightdesk keys list --markdown`. A `keys.toml` in the configuration folder",
        'changes them: a table a context, `"case.claim" = ["c"]`; `"<disabled>"` takes a key',
        "away. `nightdesk keys check` finds what clashes. `5 j` is a count; a prefix waits for its",
        "next key, `escape` or `ctrl+g` leaves it.",
    ]
    for context, title in TITLES.items():
        here = [command for command in COMMANDS.values() if command.contexts[0] == context]
        if not here:
            continue
        lines += ["", f"## {title}", "", "| keys | what | name |", "|---|---|---|"]
        for command in here:
            bound = " · ".join(f"`{each}`" for each in dict.fromkeys(keys.keys_of(command.id)))
            lines.append(f"| {bound} | {command.title} | `{command.id}` |")
    return "\n".join(lines)
