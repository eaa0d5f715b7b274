"""`taylor`: series of a function along a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ProblemError
from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Gather
from sparseopt.graph.program import Program
from sparseopt.modeling.composition import traced_taylor
from sparseopt.modeling.traced_function import TracedFunction
from sparseopt.tracing.conversion import is_traced

__all__ = ["taylor"]


def taylor(
    f: Callable[..., Any],
    x: ArrayLike,
    order: int,
    *,
    parameters: Mapping[str, ArrayLike] | None = None,
) -> Callable[[Any, Any], Any]:
    """Return ``(x, v) -> coefficients of t -> f(x + t v)``, by Taylor arithmetic.

    Coefficient k is the k-th derivative by t at zero, divided by k!.  The number of operations
    grows with the square of the order, not exponentially.

    Parameters
    ----------
    f : callable
        NumPy code ``f(x)``, or ``f(x, **parameters)``; it is called on traced arrays,
        twice, to see that it does the same.
    x : array-like
        An example that gives the shape.
    order : int
        The highest power of t, at least zero.
    parameters : mapping of str to array-like, optional
        Keyword arguments of ``f``.

    Returns
    -------
    callable
        ``(x, v)``, both of x's shape, to an array of shape ``(order + 1, *result shape)``; in code
        that is traced, to a traced array.

    Raises
    ------
    ProblemError
        For an order that is not a whole number, or negative.
    TracingError
        If the function cannot be recorded, naming the line and what to write instead.

    References
    ----------
    Griewank and Walther (2008), *Evaluating Derivatives*, chapter 13,
    doi:10.1137/1.9780898717761.

    Examples
    --------
    >>> import numpy as np
    >>> taylor(lambda x: np.exp(x[0] * x[1]), np.zeros(2), 4)([0.0, 1.0], [6.0, 0.0])
    array([ 1.,  6., 18., 36., 54.])
    """
    if not isinstance(order, (int, np.integer)) or isinstance(order, bool) or order < 0:
        raise ProblemError(
            f"the order of a Taylor series is {order!r}",
            instead="a whole number, 0 for the value alone",
        )
    return _TaylorSeries(TracedFunction(f, x, parameters, "auto", "constraints"), int(order))


class _TaylorSeries:
    def __init__(self, function: TracedFunction, order: int) -> None:
        self._function = function
        self._order = order

    def __call__(self, x: Any, v: Any) -> Any:
        """Return the coefficients at ``x`` along ``v``."""
        function = self._function
        if is_traced(x) or is_traced(v):
            return traced_taylor(function, self._order, x, v)
        line = np.concatenate([function.point(x), function.point(v)])
        coefficients: NDArray[np.float64] = self._evaluator.constraints(line)
        return coefficients.reshape(self._order + 1, *function.result_shape)

    @cached_property
    def _evaluator(self) -> Evaluator:
        series = self._function.derived.taylor(self._order)
        total = (self._order + 1) * self._function.result_size
        rows = Gather(series.outputs, StridedIndex.of(0, (total,), (1,)))
        outputs = (Constant(np.zeros(1)), rows if total else Constant(np.zeros(0)))
        evaluator = compile_program(Program(series.variables, series.parameters, outputs))
        evaluator.parameters[:] = self._function.parameter_values
        return evaluator

    def __repr__(self) -> str:
        return f"Taylor series of {self._function.name} to order {self._order}"
