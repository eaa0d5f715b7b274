"""`implicit`: states defined by equations, as parts of traced programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.errors import ProblemError, ShapeError
from sparseopt.graph.nodes import Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import close_over, substitute
from sparseopt.implicit_functions.implicit_function import ImplicitFunction
from sparseopt.implicit_functions.residual_functions import residual_functions
from sparseopt.tracing.calls import is_fixed, record_call
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.repetition import repeated
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.trace import trace
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["implicit"]


def implicit(
    residual: Callable[..., Any],
    guess: Any,
    *args: Any,
    tolerance: float = 1e-12,
    max_iterations: int = 50,
    warm_start: bool = True,
    backend: str = "auto",
    name: str = "",
) -> Any:
    """Return the u with ``residual(u, *args) == 0``, found by Newton's method.

    The residual is traced once and compiled; Newton's method takes its exact sparse Jacobian.  In
    traced code u is one operation with exact first and second derivatives by ``args``, and by
    traced values of the code around it that the residual uses: a gradient costs one linear system
    with the transposed Jacobian, a product with the Hessian two more.

    Parameters
    ----------
    residual : callable
        NumPy code ``residual(u, *args)`` that returns as many elements as u has.
    guess : array-like
        Where Newton's method starts, in the shape of u; it may be traced, and the result has no
        derivatives by it.
    *args
        Arrays, traced or not, and anything else that the residual takes.
    tolerance : float
        Size of the last correction, relative to the largest element of u.  It is tight so that
        derivatives, and differences of values, are those of the solution.
    max_iterations : int
    warm_start : bool
        Start from the last solution found, and from the guess if that fails.  Where equations have
        several solutions, this stays near the last one.
    backend : str
        Who factors the Jacobian: see `sparseopt.factorizations.factorization`.
    name : str, optional
        For messages; the residual's own name otherwise.

    Returns
    -------
    TracedArray, or ndarray if nothing is traced, in the guess's shape
        NaN where there is no solution, so that a solver steps back; at a start, and where a solver
        gives up, that is an `InnerSolveError` with the parameters and the norms of the residuals.

    Raises
    ------
    ShapeError
        If the residual has another size than u.
    SingularMatrixError
        If the structure of the equations makes the Jacobian singular, naming them.
    InnerSolveError
        If nothing is traced and there is no solution.

    Examples
    --------
    The root of u³ + u = p, and its slope 1 / (3 u² + 1):

    >>> import numpy as np
    >>> import sparseopt as so
    >>> def cubic(u, p):
    ...     return u**3 + u - p
    >>> so.implicit(cubic, np.ones(2), np.array([2.0, 10.0]))
    array([1., 2.])
    >>> slope = so.gradient(lambda p: np.sum(so.implicit(cubic, np.ones(2), p)), np.ones(2))
    >>> slope([2.0, 10.0]) * [4.0, 13.0]
    array([1., 1.])
    """
    _check_options(tolerance, max_iterations)
    where = describe_where(user_frame())
    start: Any = as_traced(guess) if is_traced(guess) else np.array(guess, np.float64)
    own = name or getattr(residual, "__name__", type(residual).__name__)
    traced = [as_traced(argument) for argument in args if is_traced(argument)]
    called = _with_constants(residual, args, own)
    given = [(f"{own} argument {k}", a.shape) for k, a in enumerate(traced)]
    program, shape = trace(called, start.shape, given, name="u")
    if program.outputs[0].size != start.size:
        raise ShapeError(
            f"{own} returns an array of shape {shape} for u of shape {start.shape}",
            where=where,
            instead="as many equations as unknowns",
        )
    program, captured = _with_whole_inputs(*close_over(program))
    inputs = [*traced, *(traced_from_node(node, (node.size,)) for node in captured.values())]
    active = tuple(not is_fixed(array) for array in inputs)
    functions = residual_functions(program, active, shape, own, backend)
    functions.require_structure(where)
    mask = np.repeat(np.array(active, bool), [array.size for array in inputs])
    fixed_guess = None if is_traced(start) else start.reshape(-1)
    if fixed_guess is None:
        mask = np.concatenate([np.zeros(start.size, bool), mask])
        inputs.insert(0, start)
    function = ImplicitFunction(
        functions, fixed_guess, mask, tolerance, max_iterations, warm_start, where
    )
    if not inputs:
        return _value(function).reshape(start.shape)
    return record_call(function, inputs, start.shape)


def _check_options(tolerance: float, max_iterations: int) -> None:
    if not 0.0 < tolerance < 1.0:
        raise ProblemError(f"tolerance={tolerance} is not between 0 and 1")
    if max_iterations < 1:
        raise ProblemError(f"max_iterations={max_iterations} leaves no iteration")


def _with_constants(
    residual: Callable[..., Any], args: tuple[Any, ...], name: str
) -> Callable[..., Any]:
    """Return the residual as a function of u and the traced arguments alone."""

    def called(u: TracedArray, *traced: TracedArray) -> Any:
        values = iter(traced)
        full = [next(values) if is_traced(argument) else argument for argument in args]
        return repeated(lambda: residual(u, *full), name)

    called.__name__ = name
    return called


def _with_whole_inputs(
    program: Program, captured: dict[Input, Node]
) -> tuple[Program, dict[Input, Node]]:
    """Return the program with whole inputs captured instead of choices of their elements.

    An input remembers its slices, so that a second recording would capture what the first made.
    """
    slices = {c: node for c, node in captured.items() if _is_slice_of_input(node)}
    whole = {node: c for c, node in captured.items() if c not in slices}
    new: dict[Node, Node] = {}
    for parameter, node in slices.items():
        assert isinstance(node, Gather)
        (source,) = node.args
        assert isinstance(source, Input)
        if source not in whole:
            whole[source] = Input(source.name, source.size, "parameter", source.where)
        new[parameter] = Gather([whole[source]], node.index, node.where)
    given = tuple(p for p in program.parameters if p not in captured)
    kept = sorted(whole.items(), key=lambda pair: pair[0].number)
    parameters = (*given, *(parameter for _, parameter in kept))
    outputs = tuple(substitute(program.outputs, new))
    return (
        Program(program.variables, parameters, outputs),
        {parameter: node for node, parameter in kept},
    )


def _is_slice_of_input(node: Node) -> bool:
    return isinstance(node, Gather) and len(node.args) == 1 and isinstance(node.args[0], Input)


def _value(function: ImplicitFunction) -> Any:
    out = np.empty(function.size_out)
    function.evaluate(np.empty(0), out)
    if function.failure is not None:
        raise function.failure
    return out
