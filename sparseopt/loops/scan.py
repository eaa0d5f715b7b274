"""`scan`: a loop over time as one operation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, ProblemError, ShapeError
from sparseopt.graph.nodes import Node
from sparseopt.graph.substitution import substitute
from sparseopt.loops.body import Body, Leaves, trace_body
from sparseopt.loops.function import ScanFunction
from sparseopt.loops.trees import flatten
from sparseopt.tracing.calls import record_call, require_function
from sparseopt.tracing.complex_array import TracedComplexArray
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["array_leaves", "scan"]

FloatArray = NDArray[np.float64]
Leaf = TracedArray | FloatArray


def scan(
    step: Callable[[Any, Any], tuple[Any, Any]],
    carry: Any,
    inputs: Any = None,
    length: int | None = None,
    *,
    checkpoints: int | None = None,
    outputs: Literal["stacked"] | None = "stacked",
    unroll: bool = False,
) -> tuple[Any, Any]:
    """Repeat ``carry, y = step(carry, x)`` over the first axis of inputs.

    The step is traced once.  With plain arrays the loop is run, in compiled code; in traced code it
    is recorded as one operation with exact first and second derivatives.  Reverse mode stores few
    carries and repeats steps between them (Griewank and Walther 2000, Algorithm 799: revolve,
    doi:10.1145/347837.347846), so that its memory does not grow with the number of steps.

    Parameters
    ----------
    step : callable
        NumPy code.  ``x`` is one element of the inputs (None without any); ``y`` is an array, a
        tuple or dict of arrays, or None.  It may use traced values of the code around it.
    carry : array, or tuple or dict of arrays
        The first carry, traced or not; each step returns one of the same structure and shapes.
    inputs : array, or tuple or dict of arrays, optional
        Traced or data; every array has the steps as its first axis.
    length : int, optional
        Number of steps; needed where there are no inputs.
    checkpoints : int, optional
        Number of carries that reverse mode stores.  By default as many as 64 MB hold, and about
        the square root of twice the number of steps at least: no step is repeated more than twice.
    outputs : {"stacked", None}
        None drops what a step returns beside the carry, and nothing of it is stored.
    unroll : bool
        Record every step by itself instead, for short loops: derivatives are then sparse matrices
        as those of any other code.  `scan_defects` does so for long ones.

    Returns
    -------
    carry, outputs : arrays, or tuples or dicts of arrays
        The final carry, and what the steps returned with the steps as first axis.

    Raises
    ------
    ShapeError
        If a step changes shape, structure or type of the carry, or inputs differ in length.
    ProblemError
        For no step at all, or less than one checkpoint.
    NonFiniteError
        For data with NaN.
    TracingError
        If the step cannot be recorded, naming the line.

    Examples
    --------
    >>> import numpy as np
    >>> def step(x, force):
    ...     following = 0.5 * x + force
    ...     return following, following**2
    >>> last, squares = scan(step, 1.0, np.array([0.0, 1.0, 2.0]))
    >>> print(last, squares)
    2.625 [0.25     1.5625   6.890625]

    Derivatives by the inputs, of the last carry of 10^4 steps that only the last inputs reach:

    >>> from sparseopt.modeling.operators import gradient
    >>> slope = gradient(lambda f: scan(step, 1.0, f, outputs=None)[0], np.zeros(10_000))
    >>> slope(np.ones(10_000))[-3:]
    array([0.25, 0.5 , 1.  ])
    """
    require_function(step, 2, "the step of a scan")
    _check_flags(outputs, unroll)
    first, carry_leaves = array_leaves(carry, "carry")
    rows, row_leaves, steps = _rows(inputs, length)
    if not first:
        raise ProblemError("a scan has no carry", where=_here(), instead="one with an array in it")
    stored = _checked_checkpoints(checkpoints)
    body = trace_body(step, carry_leaves, row_leaves, stacked=outputs is not None)
    is_recorded = bool(body.captured) or any(is_traced(leaf) for leaf in (*first, *rows))
    if unroll and is_recorded:
        return _unrolled(body, first, rows, steps)
    data = [None if isinstance(row, TracedArray) else row.reshape(-1) for row in rows]
    function = ScanFunction(body, steps, stored, data)
    arguments = [*first, *(row for row in rows if is_traced(row))]
    if body.calls:
        _say_that_python_runs(body)
    if is_recorded:
        captured = [traced_from_node(node, (node.size,)) for node in body.captured]
        flat: Any = record_call(function, [*arguments, *captured], (function.size_out,))
    else:
        flat = np.empty(function.size_out)
        function.evaluate(np.concatenate([np.ravel(leaf) for leaf in first]), flat)
    return _results(body, flat, steps)


def _results(body: Body, flat: Any, steps: int) -> tuple[Any, Any]:
    """Return the trees of the final carry and of the stacked outputs."""
    n = body.carry.size
    outputs = body.outputs
    shapes = tuple((steps, *shape) for shape in outputs.shapes)
    stacked = Leaves(outputs.names, shapes, outputs.structure)
    carry = [_number(leaf) for leaf in body.carry.split(flat[:n])]
    return body.carry.tree(carry), stacked.tree(stacked.split(flat[n:]))


def _number(leaf: Any) -> Any:
    """Return an array as it is, and one without axes as NumPy's number."""
    return leaf[()] if isinstance(leaf, np.ndarray) and leaf.ndim == 0 else leaf


def _unrolled(
    body: Body, first: Sequence[Leaf], rows: Sequence[Leaf], steps: int
) -> tuple[Any, Any]:
    """Record every step."""
    arrays = [as_traced(row) for row in rows]
    whole: Any = np.concatenate([as_traced(leaf).reshape(-1) for leaf in first])
    state: Node = as_traced(whole).node
    stacked: list[list[TracedArray]] = [[] for _ in body.outputs.shapes]
    for t in range(steps):
        given = [state, *(as_traced(array[t]).node for array in arrays), *body.captured]
        pairs = zip(body.program.variables, given, strict=True)
        state, *found = substitute(body.program.outputs, dict(pairs))
        for places, node in zip(stacked, found, strict=True):
            places.append(traced_from_node(node, (node.size,)))
    parts = [array for places in stacked for array in places]
    flat: Any = np.concatenate([traced_from_node(state, (state.size,)), *parts])
    return _results(body, flat, steps)


# ---- what is given
def array_leaves(tree: Any, name: str) -> tuple[list[Leaf], Leaves]:
    """Return the arrays of a tree, traced or of finite numbers, and how they are nested."""
    named, structure = flatten(tree, name)
    arrays = [_array(label, leaf) for label, leaf in named]
    names = tuple(label for label, _ in named)
    return arrays, Leaves(names, tuple(array.shape for array in arrays), structure)


def _array(name: str, leaf: Any) -> Leaf:
    if _is_complex(name, leaf):
        raise ShapeError(
            f"{name} of a scan is complex",
            where=_here(),
            why="carries and inputs are float64",
            instead="its real and imaginary parts as two arrays",
        )
    if is_traced(leaf):
        return as_traced(leaf)
    array = np.ascontiguousarray(constant_array(leaf)).reshape(np.shape(leaf))
    if np.isnan(array).any():
        place = np.argwhere(np.isnan(array))[0].tolist()
        index = f"[{', '.join(map(str, place))}]" if place else ""
        raise NonFiniteError(
            f"{name}{index} of a scan is NaN",
            where=_here(),
            why="everything after it would be NaN too",
            instead="zero where data is missing, and an input of ones and zeros that says where",
        )
    return array


def _is_complex(name: str, leaf: Any) -> bool:
    try:
        return isinstance(leaf, TracedComplexArray) or np.iscomplexobj(leaf)
    except ValueError as error:  # lists of different lengths
        raise ShapeError(f"{name} of a scan is no array", where=_here(), why=str(error)) from None


def _rows(inputs: Any, length: int | None) -> tuple[list[Leaf], Leaves, int]:
    """Return the leaves of the inputs, their names and shapes in one step, and how many steps."""
    rows, whole = array_leaves(inputs, "inputs")
    for name, array in zip(whole.names, rows, strict=True):
        if array.ndim == 0:
            raise ShapeError(
                f"{name} of a scan has no axis of steps",
                where=_here(),
                instead="np.full(length, value), or a value that the step captures",
            )
    lengths = {name: len(array) for name, array in zip(whole.names, rows, strict=True)}
    steps = _checked_length(lengths, length)
    shapes = tuple(shape[1:] for shape in whole.shapes)
    return rows, Leaves(whole.names, shapes, whole.structure), steps


def _checked_length(lengths: dict[str, int], length: int | None) -> int:
    if length is not None and not _is_count(length):
        raise ProblemError(f"{length!r} is no number of steps", where=_here(), instead="an int")
    known = {**lengths, **({} if length is None else {"length": int(length)})}
    if not known:
        raise ProblemError(
            "a scan without inputs does not know how many steps to take",
            where=_here(),
            instead="scan(step, carry, length=1000)",
        )
    if len(set(known.values())) > 1:
        listed = ", ".join(f"{count} of {name}" for name, count in known.items())
        raise ShapeError(
            f"a scan is given different numbers of steps: {listed}",
            where=_here(),
            instead="inputs with the same length of their first axis",
        )
    steps = next(iter(known.values()))
    if steps < 1:
        raise ProblemError("a scan takes no step", where=_here(), instead="one step and more")
    return steps


def _check_flags(outputs: Any, unroll: Any) -> None:
    if outputs not in ("stacked", None):
        raise ProblemError(
            f"outputs={outputs!r} of a scan", where=_here(), instead='outputs="stacked" or None'
        )
    if not isinstance(unroll, (bool, np.bool_)):
        raise ProblemError(f"unroll={unroll!r} of a scan", where=_here(), instead="True or False")


def _checked_checkpoints(checkpoints: int | None) -> int | None:
    if checkpoints is None:
        return None
    if not _is_count(checkpoints) or checkpoints < 1:
        raise ProblemError(
            f"a scan cannot store {checkpoints!r} carries",
            where=_here(),
            why="reverse mode starts again from stored carries, the first one at least",
            instead="checkpoints=1 or more, or none given",
        )
    return int(checkpoints)


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _say_that_python_runs(body: Body) -> None:
    warnings.warn(
        f"scan of {body.name} calls {', '.join(body.calls)}, which is not compiled: Python runs "
        "every step, some ten microseconds each (a short scan inside can be recorded step by step "
        "instead: unroll=True)",
        RuntimeWarning,
        stacklevel=3,
    )


def _here() -> str:
    return describe_where(user_frame())
