"""Checking the organisation's templates, before one of them fails in an emergency."""

from collections.abc import Iterable

from msgspec import Struct

from console.casework.findings import nearest
from console.drafting import engine, paths
from local_cache.hostile import visible
from local_cache.records import Policy, Template

KINDS = ("text", "list", "time", "files")


class Remark(Struct, frozen=True):
    """Something about a template; an `error` keeps it from working, else it is a warning."""

    template: str
    place: str
    detail: str
    error: bool = False


def lint(templates: Iterable[Template], policy: Policy | None = None) -> list[Remark]:
    """Find what is wrong with templates, errors first within each."""
    known = tuple(templates)
    remarks = [one for template in known for one in lint_one(template)]
    if policy is not None:
        remarks += _named_by_policy(known, policy)
    return remarks


def lint_one(template: Template) -> list[Remark]:
    """Find what is wrong with one template."""
    remarks: list[Remark] = []
    used: set[str] = set()
    for place, text in (("subject", template.subject), ("body", template.body)):
        try:
            used |= engine.names_used(text.raw)
        except engine.TemplateTrouble as problem:
            remarks.append(Remark(template.id, place, str(problem), error=True))
    broken = bool(remarks)
    declared = [variable.name for variable in template.variables]
    for name in sorted(used.difference(declared)):
        guess = nearest(name, declared)
        hint = f"; did you mean {guess}?" if guess else ""
        detail = f"uses {visible(name)}, which no variable declares{hint}"
        remarks.append(Remark(template.id, "body", detail, error=True))
    remarks += _variables(template, used, whole=not broken)
    if not template.body.raw.strip():
        remarks.append(Remark(template.id, "body", "is empty", error=True))
    if template.approved_by is None and not template.disabled:
        remarks.append(Remark(template.id, "approved_by", "nobody has approved it"))
    return sorted(remarks, key=lambda one: not one.error)


def _variables(template: Template, used: set[str], *, whole: bool) -> list[Remark]:
    remarks: list[Remark] = []
    seen: set[str] = set()
    for variable in template.variables:
        place = f"variables/{variable.name}"
        if variable.name in seen:
            remarks.append(Remark(template.id, place, "is declared twice", error=True))
        seen.add(variable.name)
        if variable.kind not in KINDS:
            detail = f"has the unknown kind {variable.kind}; it is taken as text"
            remarks.append(Remark(template.id, place, detail))
        if whole and variable.name not in used:
            remarks.append(Remark(template.id, place, "is declared and never used"))
        if variable.from_ is not None and not paths.leads_somewhere(variable.from_.raw):
            detail = f"takes its value from {variable.from_.visible()}, which no case has"
            remarks.append(Remark(template.id, place, detail, error=True))
        if variable.from_ is None and variable.required and variable.prompt is None:
            remarks.append(Remark(template.id, place, "is asked for without a prompt"))
    return remarks


def _named_by_policy(templates: tuple[Template, ...], policy: Policy) -> list[Remark]:
    by_id = {template.id: template for template in templates}
    remarks: list[Remark] = []
    for disposition in policy.dispositions:
        named = disposition.response
        if named is None:
            continue
        if named not in by_id:
            detail = f"is named by {disposition.code} and does not exist"
            remarks.append(Remark(named, "id", detail, error=True))
        elif by_id[named].disabled:
            detail = f"is withdrawn, and {disposition.code} still names it"
            remarks.append(Remark(named, "disabled", detail, error=True))
    return remarks
