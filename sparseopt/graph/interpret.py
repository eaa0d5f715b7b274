"""The NumPy interpreter of Programs: the reference for everything that is compiled.

It shares no code with differentiation or code generation.  Complex values are allowed wherever
NumPy's own functions allow them, so that the complex step can check derivatives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["interpret"]


def _gather(sources: list[NDArray[Any]], node: Gather) -> NDArray[Any]:
    whole: NDArray[Any] = sources[0] if len(sources) == 1 else np.concatenate(sources)
    if node.index.is_identity(whole.size):
        return whole
    return whole[node.index.materialize()]


def _linear(node: Linear, value: NDArray[Any]) -> NDArray[Any]:
    if isinstance(node.matrix, RowSum):
        rows: NDArray[Any] = value.reshape(node.matrix.num_rows, node.matrix.width)
        return np.asarray(rows.sum(axis=1))
    return np.asarray(node.matrix @ value)


def _call(node: Call, value: NDArray[Any]) -> NDArray[Any]:
    out = np.empty(node.size, np.result_type(value, np.float64))
    node.function.evaluate(value, out)
    return out


def _evaluate(node: Node, args: list[NDArray[Any]], inputs: dict[int, NDArray[Any]]) -> Any:
    if isinstance(node, Input):
        return inputs[id(node)]
    if isinstance(node, Constant):
        return node.values
    if isinstance(node, Elementwise):
        return np.broadcast_to(node.function.numpy(*args), (node.size,))
    if isinstance(node, Gather):
        return _gather(args, node)
    if isinstance(node, Call):
        return _call(node, args[0])
    assert isinstance(node, Linear)
    return _linear(node, args[0])


def interpret(
    program: Program, x: NDArray[Any], p: NDArray[np.float64] | None = None
) -> list[NDArray[Any]]:
    """Return the values of the program's outputs at ``x`` and ``p``, evaluated with plain NumPy.

    Parameters
    ----------
    program : Program
    x : array, shape (num_variables,)
        May be complex, for complex-step checks.
    p : array, shape (num_parameters,), optional

    Returns
    -------
    list of arrays, one for each output
    """
    inputs: dict[int, NDArray[Any]] = {}
    for group, values in ((program.variables, x), (program.parameters, p)):
        for given in group:
            assert values is not None
            start = program.offsets[id(given)]
            inputs[id(given)] = values[start : start + given.size]
    computed: dict[int, NDArray[Any]] = {}
    with np.errstate(all="ignore"):
        for node in program.nodes():
            computed[id(node)] = _evaluate(node, [computed[id(a)] for a in node.args], inputs)
    return [computed[id(node)] for node in program.outputs]
