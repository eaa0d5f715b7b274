"""Lines of user code: how much one writes to state a problem, in sparseopt and for other tools.

Counted are the lines of the function that builds the model and of the functions of the same module
that it calls, without docstrings, comments and blank lines; constants, and code that several
models of a module share, count for none.
"""

from __future__ import annotations

import ast
import functools
import inspect
import io
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from problems import registry

PEERS = Path(__file__).parent / "peers"
MODULES = {
    "casadi": PEERS / "casadi_models.py",
    "pyoptinterface": PEERS / "pyoptinterface_models.py",
}
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
}


def counts(problems: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return the lines of each problem by tool, where somebody wrote the model by hand."""
    found: dict[str, dict[str, int]] = {}
    for name in problems:
        own = inspect.getfile(inspect.unwrap(_function(registry.get(name).build)))
        found[name] = {"sparseopt": lines_of(Path(own).read_text(), "build")}
        for tool, path in MODULES.items():
            entry = _builders(path).get(name)
            if entry:
                found[name][tool] = lines_of(path.read_text(), entry)
    return found


def _function(build: Callable[..., object]) -> Callable[..., object]:
    return build.func if isinstance(build, functools.partial) else build


@functools.cache
def _builders(path: Path) -> dict[str, str]:
    """Return the functions that a module names in its table BUILDERS, by problem."""
    if not path.exists():
        return {}
    tables = (node for node in ast.parse(path.read_text()).body if isinstance(node, ast.AnnAssign))
    for table in tables:
        named = isinstance(table.target, ast.Name) and table.target.id == "BUILDERS"
        if named and isinstance(table.value, ast.Dict):
            return dict(_entries(table.value))
    return {}


def _entries(table: ast.Dict) -> Iterator[tuple[str, str]]:
    for key, value in zip(table.keys, table.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Name):
            yield str(key.value), value.id


@functools.cache
def lines_of(source: str, entry: str) -> int:
    r"""Return the lines of code of a function and of those that only it calls, in its module.

    Examples
    --------
    >>> lines_of('def build():\n    "What it builds."\n\n    return 1  # one\n', "build")
    2
    """
    functions = {
        node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    }
    if entry not in functions:
        return 0
    calls = {name: _names(node) & functions.keys() - {name} for name, node in functions.items()}
    callers = Counter(called for names in calls.values() for called in names)
    reached, waiting = {entry}, [entry]
    while waiting:
        for called in calls[waiting.pop()] - reached:
            # What several models share is a library, not the code of one of them.
            if callers[called] == sum(called in calls[name] for name in reached | {called}):
                reached.add(called)
                waiting.append(called)
    return sum(_lines(ast.get_source_segment(source, functions[name]) or "") for name in reached)


def _names(node: ast.FunctionDef) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _lines(text: str) -> int:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    first = node.body[0]
    has_docstring = ast.get_docstring(node) is not None
    skipped = set(range(first.lineno, (first.end_lineno or 0) + 1)) if has_docstring else set()
    return len(rows_of_code(text) - skipped)


def rows_of_code(text: str) -> set[int]:
    r"""Return the rows, counted from 1, that are neither blank nor only a comment.

    Examples
    --------
    >>> rows_of_code("x = 1  # one\n\n# two\n")
    {1}
    """
    return {
        row
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in NO_CODE
        for row in range(token.start[0], token.end[0] + 1)
    }
