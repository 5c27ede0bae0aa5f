"""A response in words: what fills it, what stands against it, what would go. Literal text only.

What the draft screen and the command line show; every text passes `visible()` here.
"""

from collections.abc import Iterator
from typing import Final

from console.casework import actions, scope
from console.casework.findings import Finding
from console.composing.letter_fields import file_name, item_name
from console.composing.responding import Composed, Ground
from console.drafting.templates import Filled, disposition_code
from console.wording import Line
from local_cache.hostile import visible
from local_cache.records import Template

_WIDTH: Final = 12


def template_name(template: Template) -> str:
    """Name a template as people choose it: title, language, version."""
    title = template.title.visible() if template.title else template.id
    return f"{title} · {template.language or 'no language given'} · version {template.version}"


def decision_line(ground: Ground) -> Line:
    """Tell what is answered by: the decision, and whether it may be acted on."""
    decision = ground.decision
    if decision is None:
        made = ground.case.decisions
        why = "the decision was rejected" if made else "nothing is decided yet"
        return Line("muted", f"{why}: this answer discloses nothing")
    code = visible(disposition_code(decision) or "a decision")
    by = f"{code} by {decision.by or '?'}"
    approval = ground.case.approval
    if approval is None or approval.for_ != decision.id:
        return Line("text", f"answers {by}")
    if approval.given_by is None:
        return Line("warning", f"answers {by}, which waits for its approval")
    return Line("ok", f"answers {by}, approved by {approval.given_by}")


def source_of(value: Filled, unfilled: tuple[str, ...]) -> tuple[str, str]:
    """Tell where a variable's value came from, with the role of that."""
    if value.source:
        return visible(value.source), "muted"
    if value.name in unfilled:
        return "needed", "warning"
    return ("written by hand", "muted") if value.missing else ("may stay empty", "muted")


# --- What stands against it ---------------------------------------------------------------------


def finding_lines(composed: Composed, override_key: str = "") -> Iterator[Line]:
    """Tell each finding: whether it blocks, may be overridden, or was, and why."""
    left = [one for one in composed.findings if composed.overridden(one) is None]
    if not composed.findings:
        yield Line("ok", "Nothing stands against it.")
        return
    if composed.waits:
        yield Line("unsent", "Only the approval is missing: it is kept ready until then.")
    elif not left:
        yield Line("ok", "What stood against it is overridden.")
    else:
        blocks = sum(not one.overridable for one in left)
        able = len(left) - blocks
        how = [f"{blocks} {'blocks' if blocks == 1 else 'block'} it"] if blocks else []
        how += [f"{able} {'needs' if able == 1 else 'need'} a reason"] if able else []
        yield Line("heading", "Against it: " + ", ".join(how))
    for one in composed.findings:
        yield from _finding(composed, one, override_key)


def _finding(composed: Composed, one: Finding, override_key: str) -> Iterator[Line]:
    reason = composed.overridden(one)
    said = f"{place_of(composed, one.pointer)} {visible(one.detail)}"
    if reason is not None:
        yield Line("muted", f"OVERRIDDEN  {said}")
        yield Line("muted", f"  because {visible(reason)}")
    elif one in composed.waiting:
        yield Line("unsent", f"WAITS  {said}")
    elif one.overridable:
        how = f"{override_key} overrides, with a reason; " if override_key else ""
        yield Line("warning", f"REASON NEEDED  {said}")
        yield Line("muted", f"  ({how}{visible(one.code)})")
    else:
        yield Line("error", f"BLOCKS  {said}")


_PLACES: Final = {
    "to": "the recipient",
    "body": "the text",
    "subject": "the subject",
    "decision": "the decision:",
    "channel": "the channel:",
    "key_channel": "the key:",
    "language": "the letter",
    "template": "the template",
    "type": "responding",
}


def place_of(composed: Composed, pointer: str) -> str:
    """Name the place that a finding points to in a specialist's words."""
    name, _, rest = pointer.strip("/").partition("/")
    if name == "variables":
        return visible(rest)
    if name == "discloses" and rest.partition("/")[0].isdigit():
        number = int(rest.partition("/")[0])
        if number < len(composed.action.discloses):
            return f"disclosing {scope.describe(composed.action.discloses[number])}:"
    return _PLACES.get(name, visible(name.replace("_", " ")))


# --- What would go ------------------------------------------------------------------------------


def head_lines(ground: Ground, composed: Composed) -> Iterator[Line]:
    """Tell what goes with the letter: address, way, data, files, overrides."""
    action = composed.action
    yield _fact("to", visible(action.to) or "nobody yet", "text" if action.to else "warning")
    yield _fact("channel", action.channel.replace("_", " ") or "none yet")
    if action.key_channel:
        yield _fact("key by", action.key_channel.replace("_", " "))
    if composed.template is not None:
        yield _fact("template", f"{composed.template.id} · {template_name(composed.template)}")
    for item in action.discloses:
        source = f", from {visible(item.source)}" if item.source else ", source not given"
        yield _fact("discloses", item_name(ground, item) + source, "warning")
    if not action.discloses:
        yield _fact("discloses", "nothing")
    for file in action.attachments:
        yield _fact("file", file_name(file))


def preview_lines(ground: Ground, composed: Composed) -> Iterator[Line]:
    """Tell the whole response as it would go, its Markdown as it is written."""
    yield from head_lines(ground, composed)
    yield _fact("subject", visible(composed.action.subject or ""), "heading")
    yield Line("text", "")
    for line in visible(composed.action.body, multiline=True).split("\n"):
        yield Line("text", line)


def confirm_facts(composed: Composed) -> list[str]:
    """Tell what a confirmation of the response shows beside case and requester."""
    action = composed.action
    items = len(action.discloses)
    tiers = ", ".join(sorted({item.tier for item in action.discloses}))
    facts = [
        f"to         {visible(action.to)}",
        f"channel    {action.channel.replace('_', ' ')}",
        f"discloses  {items} {'item' if items == 1 else 'items'} ({tiers})"
        if items
        else "discloses  nothing",
        f"files      {len(action.attachments) or 'none'}",
        f"subject    {visible(action.subject or '')}",
    ]
    if action.key_channel:
        facts.insert(2, f"key by     {action.key_channel.replace('_', ' ')}")
    used = {one.code for one in composed.findings if one.overridable}
    facts += [f"overrides  {visible(one.finding)}: {visible(one.reason)}"
              for one in action.overrides if one.finding in used]  # fmt: skip
    return facts


def left_out(ground: Ground, letter_items: tuple[actions.Disclosed, ...]) -> str:
    """Tell that kept data is no longer granted."""
    names = ", ".join(item_name(ground, item) for item in letter_items)
    return f"Left out, because the decision of now does not grant it: {names}"


def _fact(label: str, text: str, role: str = "text") -> Line:
    return Line(role, f"{label:<{_WIDTH}}{text}")
