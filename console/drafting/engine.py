"""Liquid, kept small: templates come over the wire, and a bad one must not hang a desk or read it.

python-liquid's own limits do not hold everything back (measured: `(1..100000000) | join` took 33
seconds and 800 MB), so ranges are refused, and only filters stay whose result is about as large as
what goes in. Nothing is loaded, nothing is read, and values are never taken for templates.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import liquid
from liquid import BoundTemplate, DictLoader, RenderContext, Undefined
from liquid.ast import Node
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from local_cache.hostile import visible

LARGEST_TEMPLATE: Final = 64 * 1024
LARGEST_OUTPUT: Final = 256 * 1024

FILTERS: Final = frozenset(
    {
        "abs", "append", "at_least", "at_most", "capitalize", "compact", "default", "downcase",
        "first", "join", "last", "lstrip", "map", "minus", "plus", "prepend", "reject", "remove",
        "remove_first", "remove_last", "reverse", "rstrip", "size", "slice", "sort",
        "sort_natural", "squish", "strip", "strip_newlines", "truncate", "truncatewords", "uniq",
        "upcase", "where",
    }
)  # fmt: skip
TAGS: Final = frozenset(
    {
        "#", "assign", "break", "capture", "case", "comment", "content", "continue", "cycle",
        "echo", "for", "if", "illegal", "output", "unless",
    }
)  # fmt: skip


class TemplateTrouble(ValueError):
    """A template that cannot be read or rendered; `str()` is fit for the screen."""


class _Gap(Undefined):
    """A name that nobody filled: shown as what it is, never as nothing."""

    __slots__ = ()

    def __str__(self) -> str:
        return gap(self.name)


def gap(name: str) -> str:
    """Return the mark of a variable that nobody filled; the disclosure guard blocks it."""
    return f"⟨{visible(name)}⟩"


class _Environment(liquid.Environment):
    block_nesting_limit = 12
    context_depth_limit = 12
    loop_iteration_limit = 5_000
    local_namespace_limit = 256 * 1024
    output_stream_limit = LARGEST_OUTPUT


@lru_cache(maxsize=1)
def _environment() -> _Environment:
    environment = _Environment(loader=DictLoader({}), undefined=_Gap, strict_filters=True)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in TAGS}
    environment.filters = {
        name: one for name, one in environment.filters.items() if name in FILTERS
    }
    return environment


@lru_cache(maxsize=64)
def parse(source: str) -> BoundTemplate:
    """Read a template's source.

    Raises:
        TemplateTrouble: with the line, where it is no Liquid or uses what is not allowed here.
    """
    if len(source) > LARGEST_TEMPLATE:
        raise TemplateTrouble(f"is longer than {LARGEST_TEMPLATE // 1024} KiB")
    try:
        template = _environment().from_string(source)
        ranged = _has_range(template)
    except LiquidError as problem:
        raise TemplateTrouble(_told(problem)) from None
    except (RecursionError, ValueError, OverflowError):
        raise TemplateTrouble("cannot be read as Liquid") from None
    if ranged:
        raise TemplateTrouble("uses a range, such as (1..9), which is not allowed here")
    return template


def render(source: str, values: Mapping[str, object]) -> str:
    """Render a template with values, once: a value that looks like Liquid stays as it is.

    Raises:
        TemplateTrouble: where it cannot be read, or outgrows its limits.
    """
    template = parse(source)
    try:
        return template.render(**values)
    except LiquidError as problem:
        raise TemplateTrouble(_told(problem)) from None
    except (RecursionError, ValueError, OverflowError, TypeError):
        raise TemplateTrouble("cannot be rendered with these values") from None


def names_used(source: str) -> frozenset[str]:
    """Return the names that a template takes from outside.

    Raises:
        TemplateTrouble: where it cannot be read.
    """
    return frozenset(parse(source).analyze(include_partials=False).globals)


def _told(problem: LiquidError) -> str:
    """Say what Liquid says, without the piece of source that it quotes on further lines."""
    first = str(problem).partition("\n")[0].strip()
    line = _line_of(problem)
    place = f" (line {line})" if line else ""
    return f"{visible(first)[:160]}{place}"


def _line_of(problem: LiquidError) -> int:
    token = problem.token
    if token is None:
        return 0
    return token.source.count("\n", 0, max(0, token.start_index)) + 1


def _has_range(template: BoundTemplate) -> bool:
    context = RenderContext(template)
    return any(_ranged(node, context) for node in template.nodes)


def _ranged(node: Node, context: RenderContext) -> bool:
    if any(_in_expression(one) for one in node.expressions()):
        return True
    children: Iterable[Node] = node.children(context, include_partials=False)
    return any(_ranged(child, context) for child in children)


def _in_expression(expression: Expression) -> bool:
    if isinstance(expression, RangeLiteral):
        return True
    return any(_in_expression(child) for child in expression.children())
