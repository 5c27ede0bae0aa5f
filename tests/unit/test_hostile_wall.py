"""The walls against outside text stand in the source itself: no `.raw` and no markup on a screen.

What the type checker must refuse is tried on it, so that the types go on being a wall.
"""

import ast
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.servers import REPOSITORY

MAY_USE_RAW: Final = {
    ("console/words/case.py", "_long"): "cuts a long text before it makes it visible",
    ("console/words/decision.py", "_long"): "cuts a long text before it makes it visible",
    (
        "console/composing/case_forms.py",
        "*",
    ): "codes that are compared, and values of choices, not shown",
    ("console/composing/deciding.py", "*"): "conditions of the policy that are compared",
    ("console/composing/responding.py", "*"): "an address and patterns that are compared",
}
"""Who above the desk may look into hostile text, in which function, and why."""
NEVER_CALLED: Final = {
    "Static", "Label", "RichLog", "Log", "DataTable", "OptionList", "SelectionList", "Button",
    "Markdown", "Tree", "Header", "notify", "from_markup", "from_ansi", "panic", "deliver_text",
    "save_screenshot", "deliver_screenshot", "open_url",
}  # fmt: skip
"""What takes markup, or writes past the walls."""
NEVER_NAMED: Final = {"border_title", "border_subtitle", "tooltip", "sub_title", "loading"}


def sources(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (REPOSITORY / folder).rglob("*.py")
        if not {"practice", "sources", "casework", "drafting", "sync"} & set(path.parts)
    )


def named(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


SHOWS: Final = sources("console", "widgets")


def functions_with_raw(tree: ast.AST, inside: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Attribute) and node.attr == "raw":
            yield inside
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from functions_with_raw(node, node.name if is_function else inside)


@pytest.mark.parametrize("path", SHOWS, ids=named)
def test_nobody_looks_into_hostile_text_to_show_it(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    for function in functions_with_raw(tree):
        places = {(named(path), function), (named(path), "*")}
        assert places & MAY_USE_RAW.keys(), f"{named(path)}, {function}: .raw above the desk"


@pytest.mark.parametrize("path", SHOWS, ids=named)
def test_nothing_takes_text_for_markup(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else ""
            name = called.id if isinstance(called, ast.Name) else name
            assert name not in NEVER_CALLED, f"line {node.lineno}: {name}()"
            for keyword in node.keywords:
                marks = keyword.arg == "markup" and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                )
                assert not marks, f"line {node.lineno}: markup"
                assert keyword.arg not in NEVER_NAMED, f"line {node.lineno}: {keyword.arg}="
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            assert node.attr not in NEVER_NAMED, f"line {node.lineno}: .{node.attr} ="


def test_every_exception_is_still_needed() -> None:
    for file, function in MAY_USE_RAW:
        used = set(functions_with_raw(ast.parse((REPOSITORY / file).read_text("utf-8"))))
        assert used, f"{file} does not use .raw: take it off the list"
        assert function == "*" or function in used


REFUSED: Final = {
    "a piece of a line": 'Line(((hostile, "text"),))',
    "a cell of a list": 'RowView([[(hostile, "text")]])',
    "an alarm": 'Alarm("key", hostile)',
    "a message": "screen.tell(hostile)",
    "a line of the shell": "say(hostile)",
    "a complaint": "complain(hostile)",
    "content": "Content(hostile)",
    "joined": '"".join([hostile])',
    "added": '"text" + hostile',
    "added to": 'hostile + "text"',
    "a field": 'LineField("a", "b", value=hostile)',
    "a heading": "heading(hostile)",
    "an error": "Line(((hostile.raw_text, 'text'),))",
}
"""What a person may write by mistake, and the type checker must not let pass."""


def test_the_type_checker_refuses_hostile_text(tmp_path: Path) -> None:
    lines = textwrap.dedent(
        """
        from textual.content import Content
        from console.cli.output import complain, say
        from console.screens.base import NightScreen
        from local_cache.hostile import Hostile
        from widgets.alarm_line import Alarm
        from widgets.case_list import RowView
        from widgets.form import LineField
        from widgets.text_lines import Line, heading

        def wrong(hostile: Hostile, screen: NightScreen) -> None:
            Line(((hostile.visible(), "text"),))
        """
    )
    before = lines.count("\n")
    tried = tmp_path / "tried.py"
    tried.write_text(lines + "".join(f"    {line}\n" for line in REFUSED.values()))
    checker = Path(sys.executable).with_name("basedpyright")
    project = tmp_path / "pyrightconfig.json"
    project.write_text(
        json.dumps(
            {
                "include": [str(tried)],
                "extraPaths": [str(REPOSITORY)],
                "typeCheckingMode": "standard",
                "venvPath": str(REPOSITORY),
                "venv": ".venv",
                "reportMissingModuleSource": False,
            }
        )
    )
    ran = subprocess.run(
        [str(checker), "--project", str(project), "--outputjson"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    found = json.loads(ran.stdout)["generalDiagnostics"]
    errors = {each["range"]["start"]["line"] for each in found if each["severity"] == "error"}
    passed = [name for number, name in enumerate(REFUSED, start=before) if number not in errors]
    assert passed == []
    assert {line for line in errors if line < before} == set(), found
