"""Which variables and parameters one element of a program's node is computed from, by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import index_of
from sparseopt.graph.nodes import Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.patterns.activity import Activity
from sparseopt.patterns.liveness import live_elements

__all__ = ["describe_inputs", "inputs_read"]

_MOST_NAMES = 3


def inputs_read(
    program: Program, node: Node, element: int
) -> list[tuple[Input, NDArray[np.signedinteger]]]:
    """Return the inputs that an element depends on, each with those of its elements."""
    one = Gather((node,), index_of(np.array([element])))
    nodes = program.with_outputs((one,)).nodes()
    live = live_elements(nodes, (one,), Activity(nodes).first)
    found = []
    for given in (*program.variables, *program.parameters):
        mask = live.get(given, False)
        if mask is not False:
            found.append((given, np.flatnonzero(np.broadcast_to(mask, (given.size,)))))
    return found


def describe_inputs(
    problem: CompiledProblem, node: Node, element: int, x: NDArray[np.float64]
) -> str:
    """Return the first few variables and parameters of an element, with their values."""
    program, shown, count = problem.program, list[str](), 0
    for given, elements in inputs_read(program, node, element):
        is_variable = given.role == "variable"
        names = problem.variables if is_variable else problem.parameters
        values = x if is_variable else problem.evaluator.parameters
        count += elements.size
        for k in elements[: _MOST_NAMES - len(shown)]:
            place = program.offsets[id(given)] + int(k)
            shown.append(f"{names.element(place)} = {values[place]:g}")
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return ", ".join(shown) + more
