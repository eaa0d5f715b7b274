"""What a model is made of, and the checks each declaration must pass.

Every message names the thing, the element and the user's line, because a wrong bound that reaches
a solver is taken for no bound (NaN) or ends in a status without a name (crossed bounds).
"""

from __future__ import annotations

import keyword
import math
import operator
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ArrayConversionError, NonFiniteError, ProblemError, ShapeError
from sparseopt.graph.nodes import Input, Node, Where
from sparseopt.modeling.named_vector import element_name
from sparseopt.modeling.real_arrays import real_array
from sparseopt.tracing.conversion import is_traced
from sparseopt.tracing.source_lines import describe_where

__all__ = [
    "Constraint",
    "Parameter",
    "Variable",
    "check_bounds",
    "check_finite",
    "check_name",
    "full_array",
    "shape_of",
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Variable:
    """A declared array of decision variables; bounds and start are flat."""

    name: str
    shape: tuple[int, ...]
    node: Input
    lower: FloatArray
    upper: FloatArray
    start: FloatArray
    where: Where
    scale: FloatArray | None = None


@dataclass(frozen=True)
class Parameter:
    """A declared array whose values change without a new trace."""

    name: str
    shape: tuple[int, ...]
    node: Input
    where: Where


@dataclass(frozen=True)
class Constraint:
    """A declared array of rows ``lower <= node <= upper``; bounds are flat."""

    name: str
    shape: tuple[int, ...]
    node: Node
    lower: FloatArray
    upper: FloatArray
    where: Where
    scale: FloatArray | None = None


def scale_of(
    scale: ArrayLike | None, shape: tuple[int, ...], name: str, where: Where
) -> FloatArray | None:
    """Return typical sizes as a flat array, or None; they are positive and finite."""
    if scale is None:
        return None
    sizes = full_array(scale, shape, name, "scale", where)
    bad = np.flatnonzero(~((sizes > 0.0) & (sizes < np.inf)))
    if bad.size:
        raise ProblemError(
            f"the scale of {element_name(name, shape, int(bad[0]))} is {sizes[bad[0]]}",
            where=describe_where(where),
            why="a scale is the typical size of a value: positive and finite",
        )
    return sizes


def check_name(name: object, taken: Sequence[Container[str]], kind: str, where: Where) -> str:
    """Return a usable name: an identifier that nothing else of the model has."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        article = "an" if kind[0] in "aeiou" else "a"
        raise ProblemError(
            f"{name!r} is not a name for {article} {kind}",
            where=describe_where(where),
            why="names appear in messages and as keyword arguments",
            instead="use letters, digits and underscores, such as 'speed_1'",
        )
    if any(name in names for names in taken):
        raise ProblemError(
            f"two things are called {name!r}",
            where=describe_where(where),
            why="values and multipliers are looked up by name",
            instead=f"give this {kind} another name",
        )
    return name


def shape_of(shape: Any, name: str, where: Where) -> tuple[int, ...]:
    """Return a shape as a tuple; an integer is the length of a vector."""
    try:
        lengths = shape if isinstance(shape, (tuple, list)) else (shape,)
        found = tuple(operator.index(length) for length in lengths)
        if any(length < 0 for length in found):
            raise TypeError
    except TypeError:
        raise ShapeError(
            f"{shape!r} is no shape for {name!r}",
            where=describe_where(where),
            instead="give a length such as 10, or a tuple of lengths such as (10, 3)",
        ) from None
    return found


def full_array(
    value: ArrayLike | float, shape: tuple[int, ...], name: str, what: str, where: Where
) -> FloatArray:
    """Return ``value`` broadcast to ``shape``, as a flat float64 array of its own."""
    if isinstance(value, float):  # the common case, in a loop over many constraints
        return np.full(math.prod(shape), value)
    try:
        array = real_array(value, f"the {what} of {name!r}", where)
    except (ProblemError, ArrayConversionError):
        if is_traced(value):
            raise _depends_on_variables(name, what, where) from None
        raise
    if array.shape == shape:
        return array.flatten()  # a copy, and many times faster than broadcasting
    try:
        return np.array(np.broadcast_to(array, shape)).reshape(-1)
    except ValueError:
        raise ShapeError(
            f"the {what} of {name!r} has shape {array.shape}",
            where=describe_where(where),
            why=f"{name!r} has shape {shape}, and the {what} must broadcast to it",
        ) from None


def _depends_on_variables(name: str, what: str, where: Where) -> ProblemError:
    relation = "<=" if what == "upper bound" else ">="
    return ProblemError(
        f"the {what} of {name!r} is a traced array",
        where=describe_where(where),
        why="it must be made of numbers, which are known before the solve",
        instead=f"a constraint: m.subject_to(x {relation} expression)"
        if what.endswith("bound")
        else 'numbers; solution["x"] are those of an earlier solution',
    )


def check_bounds(
    name: str, shape: tuple[int, ...], lower: FloatArray, upper: FloatArray, where: Where
) -> None:
    """Insist on bounds that are numbers, in order, and can be met."""
    # One expression passes all good bounds; the rest finds out what is wrong with bad ones.
    if lower.size == 1 and -np.inf < upper[0] and np.inf > lower[0] <= upper[0]:
        return
    if not lower.size:
        return
    if (lower <= upper).all() and lower.max() < np.inf and upper.min() > -np.inf:
        return
    good = (lower <= upper) & (lower < np.inf) & (upper > -np.inf)
    position = int(np.flatnonzero(~good)[0])
    element = element_name(name, shape, position)
    low, high = float(lower[position]), float(upper[position])
    if np.isnan(low) or np.isnan(high):
        raise ProblemError(
            f"a bound of {element} is NaN",
            where=describe_where(where),
            why="solvers take NaN for no bound, and then solve another problem",
            instead="use -np.inf or np.inf, or None, where there is no bound",
        )
    if low > high:
        raise ProblemError(
            f"the bounds of {element} are crossed: lower {low:g} > upper {high:g}",
            where=describe_where(where),
        )
    raise ProblemError(
        f"{element} must lie between {low:g} and {high:g}",
        where=describe_where(where),
        why="no finite number does",
    )


def check_finite(
    name: str, shape: tuple[int, ...], values: FloatArray, what: str, where: Where
) -> None:
    """Insist on finite values of a start or a parameter."""
    if not np.isfinite(values).all():
        bad = ~np.isfinite(values)
        position = int(np.flatnonzero(bad)[0])
        raise NonFiniteError(
            f"the {what} of {element_name(name, shape, position)} is {values[position]}",
            where=describe_where(where),
            why=f"{int(bad.sum())} of {values.size} elements are NaN or infinite",
            instead="give a finite number for every element",
        )
