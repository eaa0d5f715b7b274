"""Mutants of the function table: of every partial, flag, expansion, selection and LLVM spelling."""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sparseopt.graph.functions import FUNCTIONS, numpy_functions
from tests.codegen import test_functions as compiled_tests
from tests.graph import test_function_branches as branch_tests
from tests.graph import test_functions as row_tests
from tests.mutation.mutants import Mutant, changed_row

ROWS = tuple(FUNCTIONS.values())
"""The rows of the package: recorded code adds functions of tables to them while other tests run."""
MODULES = ("sparseopt.graph.functions", "sparseopt.graph.special_functions")

# name of the mutant -> why no test can tell it from the original
ZERO_ANYWAY = "where the dropped condition fails, the rule gives zero too"
EQUIVALENT: dict[str, str] = {
    "power: partials: f.equal(x, 0.0) * f.equal(y, 0.0) -> f.equal(y, 0.0)": ZERO_ANYWAY,
    "xlogy: partials: f.equal(x, 0.0) * f.equal(y, 0.0) -> f.equal(x, 0.0)": ZERO_ANYWAY,
    "xlog1py: partials: f.equal(x, 0.0) * f.equal(y, -1.0) -> f.equal(x, 0.0)": ZERO_ANYWAY,
    "fmod: partials: f.rint((x - v) / y) -> (x - v) / y": "a whole number, but for rounding",
}


def _row_killers(row: Any) -> tuple[Callable[[], Any], ...]:
    tests = [row_tests.test_row_is_complete]
    if row.partials is not None:
        tests.append(row_tests.test_partials_equal_high_order_differences)
        tests.append(row_tests.test_curvature_flags_name_the_pairs_with_second_partials)
    if row.open_arguments:
        tests.append(
            branch_tests.test_curvature_flags_name_arguments_without_a_partial_of_their_own
        )
    if row.expand is not None:
        tests.append(branch_tests.test_expansions_hold_in_other_parts_of_the_domain)
        tests.append(row_tests.test_expansion_equals_the_function)
        tests.append(branch_tests.test_expansion_equals_the_function_at_special_values)
    if row.select is not None:
        tests.append(row_tests.test_selection_equals_the_function)
        tests.append(branch_tests.test_selection_takes_the_documented_branch)
    if row.name in branch_tests.ELSEWHERE and row.partials is not None:
        tests.append(branch_tests.test_partials_hold_in_other_parts_of_the_domain)
    calls = [functools.partial(test, row) for test in tests]
    if row.partials is not None:
        calls.append(functools.partial(branch_tests.test_exact_partials_at_special_values, row))
    if row.name in row_tests.COMPLEX_STEP:
        calls.append(functools.partial(row_tests.test_partials_equal_the_complex_step, row.name))
    return tuple(calls)


def _compiled_killers(row: Any) -> tuple[Callable[[], Any], ...]:
    inside = compiled_tests.test_compiled_function_is_that_of_numpy_in_its_domain
    special = compiled_tests.test_nan_and_infinity_pass_through_as_in_numpy
    found: list[Callable[[], Any]] = [functools.partial(inside, row.name)]
    if row.name not in compiled_tests.CONVENTIONS:
        found.append(functools.partial(special, row.name, wide=True))
    if row.name in branch_tests.ELSEWHERE:
        elsewhere = branch_tests.test_compiled_function_in_other_parts_of_the_domain
        found.append(functools.partial(elsewhere, row))
    return tuple(found)


def _mutant(row: Any, what: str, killers: Any = None, **fields: Any) -> Mutant:
    name = f"{row.name}: {what}"
    apply = functools.partial(changed_row, row, **fields)
    group = "table: " + " ".join(fields)
    return Mutant(name, group, apply, killers or _row_killers(row), EQUIVALENT.get(name, ""))


# ---- whole partials
def _one_partial(rule: Any, k: int, change: Callable[..., Any]) -> Any:
    def mutated(f: Any, v: Any, *args: Any) -> tuple[Any, ...]:
        found = list(rule(f, v, *args))
        found[k] = change(found[k], args)
        return tuple(found)

    return mutated


CHANGES: dict[str, Callable[..., Any]] = {
    "flipped sign": lambda p, args: -p,
    "zero": lambda p, args: 0.0,
    "one": lambda p, args: 1.0,
    "twice": lambda p, args: 2.0 * p,
    "times its argument": lambda p, args: p * args[0],
}


def _constant_partial(row: Any, k: int) -> Any:
    point = [np.float64(0.4 * low + 0.6 * high) for low, high in row.domain]
    partial = row.partials(numpy_functions, row.numpy(*point), *point)[k]
    return partial if isinstance(partial, float) and not isinstance(partial, np.floating) else None


def whole_partials(row: Any) -> Iterator[Mutant]:
    """Yield changes of whole partials, and of their order."""
    if row.partials is None:
        return
    for k in row_tests.slots(row):
        constant = _constant_partial(row, k)
        for what, change in CHANGES.items():
            if constant == 0.0 and what != "one":
                continue  # minus zero, twice zero: the same
            if constant is not None and constant == 1.0 and what == "one":
                continue
            yield _mutant(
                row, f"partial {k} {what}", partials=_one_partial(row.partials, k, change)
            )
    if row.arity == 2 and row.name != "add":
        rule = row.partials
        yield _mutant(row, "swapped partials", partials=lambda *a: rule(*a)[::-1])


# ---- pieces of the written rules
def _written_rows() -> Iterator[tuple[Any, str, ast.expr, Any]]:
    """Yield (row, field, rule as written, module) for rules written as lambdas or functions."""
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in ("row", "_row") or not isinstance(node.args[0], ast.Constant):
                continue
            row = FUNCTIONS[node.args[0].value]
            fields = [("partials", node.args[2])]
            fields += [(k.arg, k.value) for k in node.keywords if k.arg in ("expand", "select")]
            for field, rule in fields:
                if isinstance(rule, ast.Lambda):
                    yield row, field, rule, module


def _pieces(rule: ast.Lambda) -> Iterator[tuple[str, ast.Lambda]]:
    """Yield a rule with one operation changed: a factor or term dropped, a sum for a difference."""
    count = sum(isinstance(node, (ast.BinOp, ast.Call)) for node in ast.walk(rule))
    for number in range(count):
        for way in range(3):
            changed = copy.deepcopy(rule)
            nodes = [n for n in ast.walk(changed) if isinstance(n, (ast.BinOp, ast.Call))]
            replacement = _changed(nodes[number], way)
            if replacement is not None:
                before = ast.unparse(nodes[number])
                _replace(changed, nodes[number], replacement)
                yield f"{before} -> {ast.unparse(replacement)}", changed


def _changed(node: ast.expr, way: int) -> ast.expr | None:
    if isinstance(node, ast.Call):
        arguments = node.args
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if way == 0 and len(arguments) == 1:
            return arguments[0]
        if way == 1 and name == "where":
            return ast.Call(node.func, [arguments[0], arguments[2], arguments[1]], [])
        return None
    assert isinstance(node, ast.BinOp)
    if way == 0:
        return node.left
    if way == 1 and not isinstance(node.op, ast.Div):
        return node.right
    swapped: dict[type, ast.operator] = {
        ast.Add: ast.Sub(),
        ast.Sub: ast.Add(),
        ast.Div: ast.Mult(),
    }
    if way == 2 and type(node.op) in swapped:
        return ast.BinOp(node.left, swapped[type(node.op)], node.right)
    return None


def _replace(tree: ast.AST, old: ast.expr, new: ast.expr) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list):
                value[:] = [new if item is old else item for item in value]


def written_pieces() -> Iterator[Mutant]:
    """Yield changes of single operations in partials, expansions and selections."""
    for row, field, rule, module in _written_rows():
        for what, changed in _pieces(rule):
            expression = ast.fix_missing_locations(ast.Expression(changed))
            function = eval(compile(expression, "<mutant>", "eval"), vars(module))
            yield _mutant(row, f"{field}: {what}", **{field: function})


def selections(row: Any) -> Iterator[Mutant]:
    """Yield swapped branches, and the branches taken by the opposite condition."""
    rule = row.select
    if rule is None:
        return

    def swapped(f: Any, *args: Any) -> Any:
        condition, first, second = rule(f, *args)
        return condition, second, first

    def always(f: Any, *args: Any) -> Any:
        return 1.0, *rule(f, *args)[1:]

    yield _mutant(row, "select: swapped branches", select=swapped)
    yield _mutant(row, "select: always the first", select=always)
    yield _mutant(row, "select: dropped", select=None, killers=(
        functools.partial(branch_tests.test_selections_differentiate, row.name),))  # fmt: skip


def curvatures(row: Any) -> Iterator[Mutant]:
    """Yield every flag cleared, and every other one added."""
    if row.partials is None:
        return
    flagged = row.curvature.split()
    slots = row_tests.slots(row)
    for i in range(row.arity):
        for j in range(i, row.arity):
            if i not in slots and j not in slots:
                continue
            pair = f"{i}{j}"
            left = [p for p in flagged if p != pair]
            if pair in flagged:
                yield _mutant(row, f"curvature {pair} cleared", curvature=" ".join(left))
            else:
                yield _mutant(row, f"curvature {pair} added", curvature=" ".join([*left, pair]))


def domains(row: Any) -> Iterator[Mutant]:
    """Yield domains with an interval less, and moved where the function is not defined."""
    yield _mutant(row, "domain: an interval dropped", domain=row.domain[:-1])
    moved = tuple((-high - 10.0, -low - 10.0) for low, high in row.domain)
    with np.errstate(all="ignore"), changed_row(row, domain=moved):
        is_defined = np.isfinite(row.numpy(*row_tests.points(row))).all()
    if not is_defined:
        yield _mutant(row, "domain: moved outside", domain=moved)


def spellings(row: Any) -> Iterator[Mutant]:
    """Yield the LLVM spelling of another function of as many arguments."""
    kind = row.llvm.split()[0]
    alike = [r for r in FUNCTIONS.values() if r.arity == row.arity and r.llvm != row.llvm]
    same_kind = [r for r in alike if r.llvm.split()[0] == kind and kind != "expand"]
    others = same_kind or [r for r in alike if not r.llvm.startswith(("expand", "scipy"))]
    if row.llvm.startswith("expand") or not others:
        return
    position = list(FUNCTIONS).index(row.name)
    other = others[position % len(others)]
    yield _mutant(row, f"llvm: {other.llvm}", killers=_compiled_killers(row), llvm=other.llvm)


def table_mutants(spelled: bool = True) -> Iterator[Mutant]:
    """Yield all mutants of the table; those that need a compiler only if ``spelled``."""
    for row in ROWS:
        yield from whole_partials(row)
        yield from selections(row)
        yield from curvatures(row)
        yield from domains(row)
        if spelled:
            yield from spellings(row)
    yield from written_pieces()


def one_of_each_row() -> Iterator[Mutant]:
    """Yield one mutant of every row."""
    for row in ROWS:
        candidates = [*whole_partials(row), *selections(row), *domains(row)]
        yield candidates[0]
