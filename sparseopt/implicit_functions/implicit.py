"""`implicit`: states defined by equations, as parts of traced programs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, ProblemError, ShapeError
from sparseopt.factorizations import require_backend
from sparseopt.graph.nodes import Constant, Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import close_over, substitute
from sparseopt.implicit_functions.implicit_function import ImplicitFunction
from sparseopt.implicit_functions.residual_functions import residual_functions
from sparseopt.modeling.real_arrays import real_array
from sparseopt.tracing.calls import is_fixed, record_call, require_function
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
    where = describe_where(user_frame())
    require_function(residual, 1 + len(args), "the residual of implicit")
    _check_options(tolerance, max_iterations, where)
    require_backend(backend)
    start: Any = as_traced(guess) if is_traced(guess) else _start(guess, where)
    own = name or getattr(residual, "__name__", type(residual).__name__)
    program, shape, inputs = _recorded(residual, start.shape, args, own)
    if program.outputs[0].size != start.size:
        raise ShapeError(
            f"{own} returns an array of shape {shape} for u of shape {start.shape}",
            where=where,
            instead="as many equations as unknowns",
        )
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
    if all(isinstance(array.node, Constant) for array in inputs):
        return _value(function, inputs).reshape(start.shape)[()]
    return record_call(function, inputs, start.shape)


def _start(guess: Any, where: str) -> NDArray[np.float64]:
    """Return a copy of the guess, whose elements the caller may overwrite later."""
    start = np.array(real_array(guess, "the guess of implicit", where))
    if not np.isfinite(start).all():
        raise NonFiniteError(
            f"the guess of implicit is {start[~np.isfinite(start)][0]} in "
            f"{np.count_nonzero(~np.isfinite(start))} of {start.size} elements",
            where=where,
            instead="a guess of finite numbers, such as np.zeros(n)",
        )
    return start


def _check_options(tolerance: Any, max_iterations: Any, where: str) -> None:
    if not isinstance(tolerance, Real) or not 0.0 < float(tolerance) < 1.0:
        raise ProblemError(f"tolerance={tolerance!r} is not between 0 and 1", where=where)
    is_count = isinstance(max_iterations, Integral) and not isinstance(max_iterations, bool)
    if not is_count or max_iterations < 1:
        raise ProblemError(
            f"max_iterations={max_iterations!r} is no number of iterations",
            where=where,
            instead="1 or more",
        )


def _recorded(
    residual: Callable[..., Any], shape: tuple[int, ...], args: tuple[Any, ...], name: str
) -> tuple[Program, tuple[int, ...], list[TracedArray]]:
    """Return the residual's program, the shape of its result, and the values of its parameters."""
    given = [is_traced(argument) for argument in args]
    if any(map(_is_number, args)) and not any(given):
        # As parameters, other numbers need no new compilation.
        with suppress(Exception):  # it needs their values while it is recorded
            return _as_program(residual, shape, args, [_is_number(a) for a in args], name)
    return _as_program(residual, shape, args, given, name)


def _is_number(argument: Any) -> bool:
    """Whether an argument is real numbers other than zero, which is structure in formulas."""
    if isinstance(argument, float):
        return argument != 0.0
    is_array = isinstance(argument, np.ndarray) and argument.dtype == np.float64
    return is_array and argument.size > 0 and bool(np.all(argument))


def _as_program(
    residual: Callable[..., Any],
    shape: tuple[int, ...],
    args: tuple[Any, ...],
    given: list[bool],
    name: str,
) -> tuple[Program, tuple[int, ...], list[TracedArray]]:
    """Record the residual as a program of the arguments that are given as parameters."""
    inputs = [as_traced(argument) for argument, chosen in zip(args, given, strict=True) if chosen]
    called = _with_constants(residual, args, given, name)
    named = [(f"{name} argument {k}", array.shape) for k, array in enumerate(inputs)]
    program, found = trace(called, shape, named, name="u")
    program, captured = _with_whole_inputs(*close_over(program))
    inputs += [traced_from_node(node, (node.size,)) for node in captured.values()]
    return program, found, inputs


def _with_constants(
    residual: Callable[..., Any], args: tuple[Any, ...], given: list[bool], name: str
) -> Callable[..., Any]:
    """Return the residual as a function of u and the given arguments alone."""

    def called(u: TracedArray, *traced: TracedArray) -> Any:
        values = iter(traced)
        full = [next(values) if k else a for k, a in zip(given, args, strict=True)]
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


def _value(function: ImplicitFunction, inputs: list[TracedArray]) -> Any:
    point = [array.node.values for array in inputs if isinstance(array.node, Constant)]
    out = np.empty(function.size_out)
    function.evaluate(np.concatenate([np.zeros(0), *point]), out)
    if function.failure is not None:
        raise function.failure
    return out
