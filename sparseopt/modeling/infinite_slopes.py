"""Finding the operation whose derivative is infinite although its value is finite.

The square root has no slope at 0, nor has a norm at the origin; ``x ** 1.5`` has no second
derivative there.  Among the operations through which a result depends on a variable, at those
elements that it reads, the first is named whose own partial is not finite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import index_of
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Elementwise, Gather, Node
from sparseopt.graph.program import Program
from sparseopt.modeling.inputs_read import inputs_read
from sparseopt.patterns.activity import Activity
from sparseopt.patterns.dual_numbers import first_partials, second_partials
from sparseopt.patterns.known_values import Mask
from sparseopt.patterns.liveness import live_elements
from sparseopt.tracing.source_lines import describe_where

__all__ = ["SlopeOrigin", "find_curvature_origin", "find_slope_origin"]

FloatArray = NDArray[np.float64]

_MOST_SUSPECTS = 20
_ORDERS = {1: "slope", 2: "second derivative"}


@dataclass(frozen=True)
class SlopeOrigin:
    """An operation, an element of it, and which of its partials is not finite there."""

    node: Elementwise
    element: int
    argument: int
    arguments: tuple[float, ...]
    value: float
    order: int

    @property
    def where(self) -> str:
        """The user's ``file:line``, or an empty string."""
        return describe_where(self.node.where)

    def __str__(self) -> str:
        shown = ", ".join(f"{argument:g}" for argument in self.arguments)
        return f"the {_ORDERS[self.order]} of {self.node.function.name}({shown}) is {self.value}"


def find_slope_origin(
    program: Program, output: Node, element: int, column: int, x: FloatArray, p: FloatArray
) -> SlopeOrigin | None:
    """Return the first operation with an infinite slope between a variable and an output.

    Parameters
    ----------
    program : Program
    output : Node
    element : int
        An element of the output that is finite.
    column : int
        The variable, by its place in the flat vector.
    x, p : float arrays
        Variables and parameters.

    Returns
    -------
    SlopeOrigin or None
        None where every slope is finite, and their product overflows.
    """
    one = Gather((output,), index_of(np.array([element])))
    return _find(program, (one,), column, x, p, order=1)


def find_curvature_origin(
    program: Program, column: int, x: FloatArray, p: FloatArray
) -> SlopeOrigin | None:
    """Return the first operation on a variable whose second derivative is infinite."""
    return _find(program, program.outputs, column, x, p, order=2)


def _find(
    program: Program,
    outputs: Sequence[Node],
    column: int,
    x: FloatArray,
    p: FloatArray,
    order: int,
) -> SlopeOrigin | None:
    nodes = program.with_outputs(outputs).nodes()
    values = interpret(program.with_outputs(nodes), x, p)
    # First what counts at this point; then what a factor zero hides there: 0 * inf is NaN.
    for activity in (Activity(nodes, values), Activity(nodes)):
        live = live_elements(nodes, outputs, activity.first)
        suspects = _suspects(nodes, dict(zip(nodes, values, strict=True)), live, order)
        for _, suspect in zip(range(_MOST_SUSPECTS), suspects, strict=False):
            argument = suspect.node.args[suspect.argument]
            place = suspect.element if argument.size > 1 else 0
            if _reads(program, argument, place, column):
                return suspect
    return None


def _suspects(
    nodes: Sequence[Node], values: dict[Node, Any], live: dict[Node, Mask], order: int
) -> Iterator[SlopeOrigin]:
    for node in nodes:
        if not isinstance(node, Elementwise) or node not in live:
            continue
        args = tuple(values[a] for a in node.args)
        for argument, partial in _partials(node, values[node], args, order):
            whole = np.broadcast_to(partial, (node.size,))
            bad = np.flatnonzero(~np.isfinite(whole) & live[node])
            if bad.size:
                k = int(bad[0])
                shown = tuple(float(np.broadcast_to(a, (node.size,))[k]) for a in args)
                yield SlopeOrigin(node, k, argument, shown, float(whole[k]), order)


def _partials(
    node: Elementwise, value: Any, args: tuple[Any, ...], order: int
) -> list[tuple[int, Any]]:
    """Return the partials of an operation, each with the argument it is by."""
    with np.errstate(all="ignore"):
        if order == 1:
            return list(enumerate(first_partials(node.function, value, args)))
        if not node.function.curvature:
            return []
        second = second_partials(node.function, value, args)
        return [(pair[0], partial) for pair, partial in second.items()]


def _reads(program: Program, node: Node, element: int, column: int) -> bool:
    """Whether an element depends on a variable."""
    return any(
        given.role == "variable" and column - program.offsets[id(given)] in elements
        for given, elements in inputs_read(program, node, element)
    )
