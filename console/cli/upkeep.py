"""Looking after things: templates, the health of the whole, wiping."""

from typing import Annotated

import typer

from console.cli.given import credentials
from console.cli.output import say, say_json
from console.drafting.lint import lint as lint_templates
from console.errors import Exit
from console.profiles.doctor import examine
from console.profiles.home import Home
from console.profiles.opening import open_desk
from console.profiles.wiping import wipe_profile

Json = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    templates = typer.Typer(help="The response templates.", invoke_without_command=True)
    templates.callback()(list_templates)
    templates.command("lint")(lint)
    app.add_typer(templates, name="templates")
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
