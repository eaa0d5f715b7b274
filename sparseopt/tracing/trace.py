"""Running a user's function once on traced arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sparseopt.errors import TracingError
from sparseopt.graph.garbage import collector_paused
from sparseopt.graph.nodes import Input
from sparseopt.graph.program import Program
from sparseopt.tracing import array_functions
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.foreign_errors import recorded
from sparseopt.tracing.layout import contiguous
from sparseopt.tracing.storage import Storage
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["input_array", "trace"]

assert array_functions, "importing them registers NumPy's functions"


def input_array(node: Input, shape: tuple[int, ...]) -> TracedArray:
    """Return the traced array of an input; it cannot be written into."""
    storage = Storage(node, f"{node.name!r} is an input of the problem")
    return TracedArray(storage, 0, shape, contiguous(shape))


def trace(
    function: Callable[..., Any],
    shape: tuple[int, ...],
    parameters: Sequence[tuple[str, tuple[int, ...]]] = (),
    name: str = "x",
) -> tuple[Program, tuple[int, ...]]:
    """Record ``function(x, *parameters)`` as a Program.

    Parameters
    ----------
    function : callable
        NumPy code; it is called once.
    shape : tuple of int
        Shape of its first argument, the variables.
    parameters : sequence of (name, shape)
        Further arguments, whose values may change without a new trace.

    Returns
    -------
    program : Program
        With one output, the flat result.
    shape : tuple of int
        Shape of the function's result.

    Raises
    ------
    TracingError
        Naming the user's line, if the code cannot be recorded.

    Examples
    --------
    >>> import numpy as np
    >>> program, shape = trace(lambda x: np.sin(x[1:]) * x[:-1], (4,))
    >>> shape
    (3,)
    """
    variable = Input(name, int(np.prod(shape)), "variable")
    given = [Input(n, int(np.prod(s)), "parameter", may_vary=True) for n, s in parameters]
    arrays = [input_array(g, s) for g, (_, s) in zip(given, parameters, strict=True)]
    with collector_paused():
        result = recorded(function, input_array(variable, shape), *arrays)
    if result is None:
        raise TracingError(
            f"{getattr(function, '__name__', 'the function')} returns None",
            instead="return the value that it computes",
        )
    traced = as_traced(result)
    return Program((variable,), tuple(given), (traced.node,)), traced.shape
