"""The shape of the source tree: import direction, no cycles, sizes, names, a light package root.

The rules are read from the syntax tree, so nothing is imported and imports that only type checkers
see count too.
"""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import sparseopt

ROOT = Path(__file__).parents[1]

# Which subpackages each one may import besides itself; docs/architecture.md draws the same picture.
MAY_IMPORT = {
    "__main__": {"cli"},
    "errors": set(),
    "graph": {"errors"},
    "tracing": {"graph", "errors"},
    "patterns": {"graph", "errors"},
    "coloring": {"patterns", "errors"},  # works on patterns alone, never on programs
    "external_functions": {"coloring", "patterns", "tracing", "graph", "errors"},
    "factorizations": {"patterns", "errors"},
    "implicit_functions": {
        "modeling",
        "evaluation",
        "factorizations",
        "tracing",
        "graph",
        "patterns",
        "errors",
    },  # equations solved inside a program; nobody inside imports it
    "interpolation": {"tracing", "graph", "errors"},
    "elements": {"patterns", "tracing", "graph", "errors"},
    "codegen": {
        "elements",
        "graph",
        "errors",
    },  # prints code; what is differentiated is not its affair
    "derivatives": {"elements", "coloring", "patterns", "graph", "errors"},
    "evaluation": {"derivatives", "codegen", "elements", "patterns", "tracing", "graph", "errors"},
    "loops": {
        "evaluation",
        "derivatives",
        "codegen",
        "elements",
        "patterns",
        "tracing",
        "graph",
        "errors",
    },  # compiles its own loops around what everybody compiles; nobody inside imports it
    "lifting": {"elements", "patterns", "graph", "errors"},  # from programs to programs
    "modeling": {
        "lifting",
        "evaluation",
        "derivatives",
        "coloring",
        "elements",
        "patterns",
        "tracing",
        "graph",
        "errors",
    },
    "diagnosis": {"modeling", "patterns", "tracing", "errors"},
    "solvers": {"evaluation", "modeling", "errors"},  # an adapter sees a Problem and its Evaluator
    "pde": {"modeling", "patterns", "tracing", "graph", "errors"},  # equations for models
    "reduction": {
        "factorizations",
        "solvers",
        "modeling",
        "patterns",
        "tracing",
        "graph",
        "errors",
    },  # a problem in some of its variables; modeling reaches it by name
    "control": {"modeling", "tracing", "graph", "errors"},  # one user of models among others
    "fitting": {  # fits are models; what is known after a solve stands above them
        "modeling",
        "evaluation",
        "factorizations",
        "patterns",
        "tracing",
        "graph",
        "errors",
    },
    "cli": {
        "solvers",
        "modeling",
        "evaluation",
        "codegen",
        "coloring",
        "patterns",
        "errors",
    },  # coloring and patterns: to draw them; codegen: the cache of what it compiled
    "testing": {
        "evaluation",
        "derivatives",
        "codegen",
        "elements",
        "patterns",
        "tracing",
        "graph",
        "errors",
    },  # looks at everything below the models; nobody imports it
}

EVERYBODY_MAY_IMPORT = {"on_demand", "scipy_on_demand", "cache_folder"}  # they know none of ours

MODULE_LINES = 500
FUNCTION_LINES = 70
SIZE_REASONS = {  # "sparseopt/…/file.py" or "sparseopt/…/file.py:function" -> why it stays
    "sparseopt/graph/functions.py": "the one table of scalar functions, a row each",
}

VAGUE_NAMES = {"base", "basic", "common", "helpers", "misc", "util", "utils"}

HEAVY = ["scipy.optimize", "casadi", "numba", "llvmlite", "matplotlib", "cyipopt", "typer"]


def source_files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> str:
    """Return the subpackage a module belongs to; the package root has none."""
    return module.split(".")[1] if "." in module else ""


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield every imported dotted name below `package`: modules, and names taken from modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == package)


def imported_modules(file: Path, package: str = "sparseopt") -> set[str]:
    names = imported_names(ast.parse(file.read_text()), package)
    return {name if is_module(name) else name.rpartition(".")[0] for name in names}


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def oversized() -> dict[str, int]:
    sizes = {}
    for file in source_files("sparseopt"):
        name = str(file.relative_to(ROOT))
        lines = len(file.read_text().splitlines())
        if lines > MODULE_LINES:
            sizes[name] = lines
        for function in functions(file):
            if body_lines(function) > FUNCTION_LINES:
                sizes[f"{name}:{function.name}"] = body_lines(function)
    return sizes


def test_every_subpackage_has_a_place_in_the_import_order():
    present = {layer(module_name(file)) for file in source_files("sparseopt")} - {""}
    assert present <= set(MAY_IMPORT) | EVERYBODY_MAY_IMPORT


def test_import_order_itself_has_no_cycle():
    graphlib.TopologicalSorter(MAY_IMPORT).prepare()


def test_imports_run_one_way():
    wrong = [
        f"{module_name(file)} imports {target}"
        for file in source_files("sparseopt")
        if (own := layer(module_name(file)))  # the root hands out names from everywhere
        for target in imported_modules(file)
        if layer(target) not in MAY_IMPORT.get(own, set()) | EVERYBODY_MAY_IMPORT | {own}
    ]
    assert wrong == []


def test_modules_form_no_import_cycle():
    graph = {module_name(file): imported_modules(file) for file in source_files("sparseopt")}
    del graph["sparseopt"]  # the root hands out names from everywhere
    graphlib.TopologicalSorter(graph).prepare()


def test_nobody_inside_imports_the_package_root():
    wrong = [
        module_name(file)
        for file in source_files("sparseopt")
        if layer(module_name(file))
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Import) and any(a.name == "sparseopt" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "sparseopt")
    ]
    assert wrong == []


def test_no_relative_imports():
    wrong = [
        module_name(file)
        for file in source_files("sparseopt")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert wrong == []


def test_no_own_module_is_imported_inside_a_function():
    wrong = [
        f"{module_name(file)}.{function.name}"
        for file in source_files("sparseopt")
        for function in functions(file)
        if list(imported_names(function, "sparseopt"))
    ]
    assert wrong == []


def test_large_modules_and_functions_have_a_listed_reason():
    assert set(oversized()) == set(SIZE_REASONS)


def test_no_module_has_a_name_that_says_nothing():
    assert [f for f in source_files("sparseopt") if f.stem in VAGUE_NAMES] == []


def test_the_package_never_imports_the_problem_collection():
    wrong = [f for f in source_files("sparseopt") if imported_modules(f, "problems")]
    assert wrong == []


def test_problems_use_public_names_only():
    public = {f"sparseopt.{name}" for name in sparseopt.__all__} | {"sparseopt"}
    wrong = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in source_files("problems")
        for name in imported_names(ast.parse(file.read_text()), "sparseopt")
        if name not in public
    ]
    assert wrong == []


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, sparseopt; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
