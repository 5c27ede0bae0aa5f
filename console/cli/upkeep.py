"""Looking after things: templates, keys, the health of the whole, wiping."""

from typing import Annotated

import typer

from console.cli.given import credentials
from console.cli.keys_page import keys_page
from console.cli.output import say, say_json
from console.commands import COMMANDS, keymap
from console.drafting.lint import lint as lint_templates
from console.errors import Exit, UsageError
from console.profiles.doctor import examine
from console.profiles.home import Home
from console.profiles.opening import open_desk
from console.profiles.wiping import wipe_profile
from keymaps.checks import check

Json = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    templates = typer.Typer(help="The response templates.", invoke_without_command=True)
    templates.callback()(list_templates)
    templates.command("lint")(lint)
    app.add_typer(templates, name="templates")
    keymaps = typer.Typer(help="The keys.", no_args_is_help=True)
    keymaps.command("list")(list_keys)
    keymaps.command("check")(check_keys)
    keymaps.command("explain")(explain_key)
    app.add_typer(keymaps, name="keys")
    app.command()(doctor)
    app.command()(wipe)


def list_templates(context: typer.Context, json: Json = False) -> None:
    """List the templates."""
    if context.invoked_subcommand is not None:
        return
    with open_desk(credentials(context)) as desk:
        for template in desk.templates():
            if json:
                say_json(template)
                continue
            title = template.title.visible() if template.title else ""
            state = "withdrawn" if template.disabled else (template.language or "")
            say(f"{template.id:<20} {template.version:<6} {state:<10} {title}")


def lint(context: typer.Context, json: Json = False) -> int:
    """Check every template; exit status 4 where one has a fault."""
    with open_desk(credentials(context)) as desk:
        remarks = lint_templates(desk.templates(), desk.policy())
    for remark in remarks:
        if json:
            say_json(remark)
        else:
            word = "fault" if remark.error else "note "
            say(f"{word}  {remark.template}: {remark.place} {remark.detail}")
    if not remarks and not json:
        say("Every template can be used.")
    return Exit.REFUSED if any(remark.error for remark in remarks) else Exit.DONE


def list_keys(
    where: Annotated[str | None, typer.Option("--context", help="Only this screen.")] = None,
    json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/keys.md is.")] = False,
) -> None:
    """List every command and its keys."""
    if markdown:
        say(keys_page())
        return
    keys = keymap()
    for command in COMMANDS.values():
        if where is not None and where not in command.contexts:
            continue
        bound = keys.keys_of(command.id)
        if json:
            say_json({"command": command.id, "title": command.title, "keys": bound})
        else:
            say(f"{', '.join(bound):<22} {command.id:<20} {command.title}")


def check_keys() -> int:
    """Find keys that clash, that no plain terminal sends, and commands without a key."""
    problems = check(keymap(), set(COMMANDS))
    for problem in problems:
        say(f"{'fault' if problem.error else 'note '}  {problem.text}")
    if not problems:
        say("Every command has a key, and no key clashes.")
    return Exit.REFUSED if any(problem.error for problem in problems) else Exit.DONE


def explain_key(
    key: Annotated[str, typer.Argument(help="A key or a sequence, as in 'g o'.")],
) -> int:
    """Say what a key does on every screen."""
    keys = keymap()
    found = False
    for command in COMMANDS.values():
        for where in command.contexts:
            if key in keys.keys_of(command.id, where):
                say(f"{where:<10} {key:<10} {command.id:<20} {command.title}")
                found = True
    if not found:
        raise UsageError("No command has this key. See: nightdesk keys list")
    return Exit.DONE


def doctor(context: typer.Context, json: Json = False) -> int:
    """Say how everything is: profile, key, cache, connection, outbox, audit, clock."""
    results = list(examine(Home(), credentials(context)))
    if json:
        say_json({"checks": results, "ok": all(result.ok for result in results)})
    else:
        for result in results:
            say(f"{'ok  ' if result.ok else 'FAIL'}  {result.name:<12} {result.detail}")
    return max((result.exit for result in results if not result.ok), default=Exit.DONE)


def wipe(
    context: typer.Context,
    yes: Annotated[
        str | None, typer.Option("--yes", help="The profile's name, instead of asking.")
    ] = None,
) -> None:
    """Destroy the key, then the cache, of the profile in use."""
    home = Home()
    profile = home.current()
    unsent = wipe_profile(home, profile, credentials(context), confirmed=yes)
    say(f"Wiped {profile.name}. {unsent} entries were never delivered." if unsent
        else f"Wiped {profile.name}. Nothing undelivered was lost.")  # fmt: skip
