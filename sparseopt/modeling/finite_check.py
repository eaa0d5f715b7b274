"""Finding where a NaN or an infinity comes from, and naming it.

Solvers meet a non-finite value with a status that names nothing, or with a crash.  Before a solve,
values and first derivatives are looked at once.  If one is not finite, the program is interpreted
with all its intermediate values, and the bad element is followed back to the first operation that
made a non-finite number out of finite ones.  Only what reaches the result counts: the branch that a
``where`` does not take may be NaN.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, NonFiniteError
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.infinite_slopes import find_slope_origin
from sparseopt.modeling.inputs_read import describe_inputs
from sparseopt.modeling.problem_table import count
from sparseopt.tracing.source_lines import describe_where

__all__ = [
    "Origin",
    "find_origin",
    "find_origins",
    "non_finite_errors",
    "require_finite",
]

FloatArray = NDArray[np.float64]
_Values = dict[int, FloatArray]

_MOST_ELEMENTS = 1000
"""Non-finite rows that are followed back one by one."""
_MOST_ENTRIES = 3
"""Non-finite derivatives that are followed back; each walks through the program."""


class Origin:
    """The operation that made a non-finite value: node and element, and what it was applied to."""

    def __init__(
        self, node: Node, element: int, places: list[tuple[Node, int]], values: _Values
    ) -> None:
        self.node = node
        self.element = element
        self.arguments = [_value(values, *place) for place in places]
        self.value = _value(values, node, element)

    @property
    def where(self) -> str:
        """The user's ``file:line``, or an empty string."""
        return describe_where(self.node.where)

    def __str__(self) -> str:
        shown = ", ".join(f"{argument:g}" for argument in self.arguments)
        if isinstance(self.node, Elementwise):
            return f"{self.node.function.name}({shown}) is {self.value}"
        if isinstance(self.node, Input):
            return f"the {self.node.role} {self.node.name!r} is {self.value}"
        if isinstance(self.node, Call):
            return f"the external function {self.node.function.name} returns {self.value}"
        kind = "a constant" if isinstance(self.node, Constant) else "a sum"
        return f"{kind} is {self.value}"


def find_origin(
    program: Program, output: Node, element: int, x: FloatArray, p: FloatArray
) -> Origin:
    """Return the first operation on the way to ``output[element]`` that is not finite.

    Parameters
    ----------
    program : Program
    output : Node
        One of the program's outputs.
    element : int
        An element of it whose value is not finite.
    x, p : float arrays
        Variables and parameters.
    """
    return find_origins(program, output, [element], x, p)[0]


def find_origins(
    program: Program, output: Node, elements: list[int], x: FloatArray, p: FloatArray
) -> list[Origin]:
    """Return `find_origin` of several elements; the program is interpreted once."""
    nodes = program.with_outputs((output,)).nodes()
    results = interpret(program.with_outputs(nodes), x, p)
    values = {id(node): result for node, result in zip(nodes, results, strict=True)}
    return [_followed_back(output, element, values) for element in elements]


def _followed_back(node: Node, element: int, values: _Values) -> Origin:
    while True:
        places = _arguments(node, element, values)
        bad = [place for place in places if not np.isfinite(_value(values, *place))]
        if not bad:
            return Origin(node, element, places, values)
        node, element = bad[0]


def _value(values: _Values, node: Node, element: int) -> float:
    array = values[id(node)]
    return float(array[element if array.size > 1 else 0])


def _arguments(node: Node, element: int, values: _Values) -> list[tuple[Node, int]]:
    """Return the elements that an element is computed from."""
    if isinstance(node, Elementwise):
        args: list[Node] = list(node.args)
        if node.function.name == "where":
            condition = _value(values, args[0], element)
            args = [args[0], args[1] if condition != 0.0 else args[2]]
        return [(arg, element if arg.size > 1 else 0) for arg in args]
    if isinstance(node, Gather):
        return [_source(node, element)]
    if isinstance(node, Linear):
        return [(node.args[0], int(column)) for column in _columns(node, element)]
    if isinstance(node, Call):
        return [(node.args[0], k) for k in range(node.args[0].size)]
    return []


def _source(node: Gather, element: int) -> tuple[Node, int]:
    position = int(node.index.take(np.array([element]))[0])
    for source in node.args:
        if position < source.size:
            return source, position
        position -= source.size
    raise AssertionError("an index map points past its sources")


def _columns(node: Linear, row: int) -> NDArray[np.int64]:
    matrix = node.matrix
    if isinstance(matrix, RowSum):
        return np.arange(row * matrix.width, (row + 1) * matrix.width)
    return np.asarray(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]], np.int64)


def require_finite(problem: CompiledProblem, x: FloatArray) -> None:
    """Raise `NonFiniteError` if a value or first derivative at ``x`` is not finite."""
    for error in non_finite_errors(problem, x):
        raise error


def non_finite_errors(problem: CompiledProblem, x: FloatArray) -> Iterator[NonFiniteError]:
    """Yield an error for each operation that makes a value or first derivative not finite.

    Values come first; a derivative counts only where its function is finite.  Nothing is evaluated
    before it is asked for.
    """
    evaluator = problem.evaluator
    is_finite = np.isfinite([evaluator.objective(x)])
    yield from _value_errors(problem, x, 0, is_finite)
    rows_finite = np.isfinite(problem.constraints(x))
    yield from _value_errors(problem, x, 1, rows_finite)
    if is_finite.all():
        columns = np.flatnonzero(~np.isfinite(gradient := evaluator.gradient(x)))
        places = [(-1, int(k), float(gradient[k])) for k in columns[:1]]
        yield from _slope_errors(problem, x, places, columns.size)
    if problem.num_constraints:
        jacobian, pattern = evaluator.jacobian_values(x), evaluator.jacobian_pattern
        entries = np.flatnonzero(~np.isfinite(jacobian) & rows_finite[pattern.rows])
        chosen = _of_different_constraints(problem, pattern.rows[entries], entries)
        places = [(int(pattern.rows[k]), int(pattern.cols[k]), float(jacobian[k])) for k in chosen]
        yield from _slope_errors(problem, x, places, entries.size)


def _of_different_constraints(
    problem: CompiledProblem, rows: NDArray[np.signedinteger], entries: NDArray[np.signedinteger]
) -> list[int]:
    """Return the first entry of each of a few named constraints."""
    first: dict[str, int] = {}
    for row, entry in zip(rows[:_MOST_ELEMENTS].tolist(), entries.tolist(), strict=False):
        first.setdefault(problem.constraint_name(row).partition("[")[0], entry)
    return list(first.values())[:_MOST_ENTRIES]


def _value_errors(
    problem: CompiledProblem, x: FloatArray, output: int, is_finite: NDArray[np.bool_]
) -> Iterator[NonFiniteError]:
    bad = np.flatnonzero(~is_finite)
    if not bad.size:
        return
    program, examined = problem.program, bad[:_MOST_ELEMENTS].tolist()
    node, parameters = program.outputs[output], problem.evaluator.parameters
    groups: dict[int, list[tuple[int, Origin]]] = {}
    for row, origin in zip(
        examined, find_origins(program, node, examined, x, parameters), strict=True
    ):
        groups.setdefault(origin.node.number, []).append((row, origin))
    for _, group in sorted(groups.items()):
        row, origin = group[0]
        name, where = _row(problem, row if output else -1)
        at_least = "at least " if bad.size > len(examined) else ""
        others = f" (and {at_least}{count(len(group) - 1, 'other')} by the same operation)"
        also = others if len(group) > 1 else ""
        failure = _inner_failure(origin.node)
        if failure is not None:
            yield _named(failure, f"{name} is not finite at this point{also}")
            continue
        inputs = describe_inputs(problem, origin.node, origin.element, x)
        yield NonFiniteError(
            f"{name} is not finite at this point{also}",
            where=origin.where or where,
            why=str(origin) + (f", from {inputs}" if inputs else ""),
            instead=_remedy(origin.node),
        )


def _remedy(node: Node) -> str:
    if isinstance(node, Constant):
        return (
            "leave out what is missing in the data: d = np.isfinite(data); x[d] - data[d]; or"
            " m.fit(x - data, weights=np.where(d, 1.0, 0.0))"
        )
    return "give a start (start=) inside the domain of the formula, or bounds that keep it so"


def _inner_failure(node: Node) -> InnerSolveError | None:
    """Return why equations inside the problem have no solution, if a node is such equations."""
    return getattr(node.function, "failure", None) if isinstance(node, Call) else None


def _named(failure: InnerSolveError, what: str) -> InnerSolveError:
    error = InnerSolveError(
        f"{what}: {failure.what}",
        where=failure.where,
        why=failure.why,
        instead=failure.instead,
        parameters=failure.parameters,
        residual_norms=failure.residual_norms,
    )
    error.__cause__ = failure.__cause__
    return error


def _row(problem: CompiledProblem, row: int) -> tuple[str, str]:
    if row < 0:
        return "the objective", problem.objective_source
    return f"the constraint {problem.constraint_name(row)}", problem.constraint_source(row)


def _slope_errors(
    problem: CompiledProblem, x: FloatArray, places: list[tuple[int, int, float]], total: int
) -> Iterator[NonFiniteError]:
    for row, column, value in places:
        what, where = _row(problem, row)
        name = problem.variable_name(column)
        output = problem.program.outputs[0 if row < 0 else 1]
        origin = find_slope_origin(
            problem.program, output, max(row, 0), column, x, problem.evaluator.parameters
        )
        also = f" (one of {total:,} such entries)" if total > 1 else ""
        yield NonFiniteError(
            f"the derivative of {what} with respect to {name} is {value} at this point{also}",
            where=(origin.where if origin else "") or where,
            why=f"the value is finite, but its slope is not, at {name} = {x[column]:g}"
            + f": {origin or 'the slopes on the way multiply to it'}",
            instead="give a start (start=) where the formula is smooth: sqrt(x) has no slope at 0",
        )
