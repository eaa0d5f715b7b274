"""Finding where a NaN or an infinity comes from, and naming it.

Solvers meet a non-finite value with a status that names nothing, or with a crash.  Before a solve,
values and first derivatives are looked at once.  If one is not finite, the program is interpreted
with all its intermediate values, and the bad element is followed back to the first operation that
made a non-finite number out of finite ones.  Only what reaches the result counts: the branch that a
``where`` does not take may be NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.tracing.source_lines import describe_where

__all__ = ["Origin", "find_origin", "require_finite"]

FloatArray = NDArray[np.float64]


class Origin:
    """The operation that made a non-finite value, and what it was applied to."""

    def __init__(self, node: Node, arguments: list[float], value: float) -> None:
        self.node = node
        self.arguments = arguments
        self.value = value

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
    nodes = program.with_outputs((output,)).nodes()
    results = interpret(program.with_outputs(nodes), x, p)
    values = {id(node): result for node, result in zip(nodes, results, strict=True)}
    node = output
    while True:
        places = _arguments(node, element, values)
        bad = [place for place in places if not np.isfinite(_value(values, *place))]
        if not bad:
            arguments = [_value(values, *place) for place in places]
            return Origin(node, arguments, _value(values, node, element))
        node, element = bad[0]


def _value(values: dict[int, FloatArray], node: Node, element: int) -> float:
    array = values[id(node)]
    return float(array[element if array.size > 1 else 0])


def _arguments(node: Node, element: int, values: dict[int, FloatArray]) -> list[tuple[Node, int]]:
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
    evaluator = problem.evaluator
    if not np.isfinite(evaluator.objective(x)):
        raise _value_error(problem, x, 0, 0, "the objective", problem.objective_source)
    constraints = problem.constraints(x)
    if not np.isfinite(constraints).all():
        row = int(np.flatnonzero(~np.isfinite(constraints))[0])
        name, where = problem.constraint_name(row), problem.constraint_source(row)
        raise _value_error(problem, x, 1, row, f"the constraint {name}", where)
    gradient = evaluator.gradient(x)
    if not np.isfinite(gradient).all():
        column = int(np.flatnonzero(~np.isfinite(gradient))[0])
        found = float(gradient[column])
        raise _derivative_error(
            problem, x, found, column, "the objective", problem.objective_source
        )
    jacobian = evaluator.jacobian_values(x)
    if not np.isfinite(jacobian).all():
        entry = int(np.flatnonzero(~np.isfinite(jacobian))[0])
        pattern = evaluator.jacobian_pattern
        row, column = int(pattern.rows[entry]), int(pattern.cols[entry])
        name, where = problem.constraint_name(row), problem.constraint_source(row)
        found = float(jacobian[entry])
        raise _derivative_error(problem, x, found, column, f"the constraint {name}", where)


def _value_error(
    problem: CompiledProblem, x: FloatArray, output: int, element: int, what: str, where: str
) -> NonFiniteError:
    program = problem.program
    node = program.outputs[output]
    origin = find_origin(program, node, element, x, problem.evaluator.parameters)
    return NonFiniteError(
        f"{what} is not finite at this point",
        where=origin.where or where,
        why=str(origin),
        instead="give a start (start=) inside the domain of the formula, or bounds that keep it so",
    )


def _derivative_error(
    problem: CompiledProblem, x: FloatArray, value: float, column: int, what: str, where: str
) -> NonFiniteError:
    name = problem.variable_name(column)
    return NonFiniteError(
        f"the derivative of {what} with respect to {name} is {value} at this point",
        where=where,
        why=f"the value is finite, but its slope is not, at {name} = {x[column]:g}",
        instead="give a start (start=) where the formula is smooth: sqrt(x) has no slope at 0",
    )
