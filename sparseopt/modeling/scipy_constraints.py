"""Bounds and constraints in SciPy's forms, added to a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.optimize as opt
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.modeling.model import Model
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.repetition import repeated
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["add_constraints", "bound_arrays"]

FloatArray = NDArray[np.float64]


def bound_arrays(bounds: Any, shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper bounds in the shape of x0.

    Parameters
    ----------
    bounds : scipy.optimize.Bounds, sequence of (low, high), or None
        None inside a pair means no bound.
    shape : tuple of int
    """
    size = int(np.prod(shape, dtype=np.int64))
    if bounds is None:
        return np.full(shape, -np.inf), np.full(shape, np.inf)
    if isinstance(bounds, opt.Bounds):
        low, high = np.asarray(bounds.lb, np.float64), np.asarray(bounds.ub, np.float64)
    else:
        low, high = _from_pairs(list(bounds), size)
    if low.size not in (1, size) or high.size not in (1, size):
        raise ShapeError(f"{max(low.size, high.size)} bounds are given for {size} variables")
    return (
        np.broadcast_to(low.reshape(-1), (size,)).reshape(shape),
        np.broadcast_to(high.reshape(-1), (size,)).reshape(shape),
    )


def _from_pairs(pairs: list[Any], size: int) -> tuple[FloatArray, FloatArray]:
    if len(pairs) != size or any(np.ndim(p) != 1 or len(p) != 2 for p in pairs):
        raise ShapeError(
            f"{len(pairs)} bounds are given for {size} variables",
            instead="give one pair (low, high) for each variable, None for no bound",
        )
    low = [-np.inf if pair[0] is None else pair[0] for pair in pairs]
    high = [np.inf if pair[1] is None else pair[1] for pair in pairs]
    return np.array(low, np.float64), np.array(high, np.float64)


def add_constraints(model: Model, x: TracedArray, constraints: Any) -> list[str]:
    """Add constraints in any of SciPy's forms to a model; return their names in order.

    Derivatives given with them are not used: exact ones are found from the functions.
    """
    several = isinstance(constraints, Sequence) and not isinstance(constraints, (str, dict))
    return [
        _add(model, x, constraint) for constraint in (constraints if several else [constraints])
    ]


def _add(model: Model, x: TracedArray, constraint: Any) -> str:
    if isinstance(constraint, opt.NonlinearConstraint):
        function: Any = constraint.fun
        value = as_traced(repeated(lambda: function(x), "a constraint"))
        return model.subject_to(value, lower=constraint.lb, upper=constraint.ub)
    if isinstance(constraint, opt.LinearConstraint):
        value = as_traced(constraint.A @ x.reshape(-1))
        return model.subject_to(value, lower=constraint.lb, upper=constraint.ub)
    if isinstance(constraint, dict):
        return _add_dict(model, x, constraint)
    raise ProblemError(
        f"a constraint is of type {type(constraint).__name__}",
        instead="NonlinearConstraint, LinearConstraint, or {'type': 'eq' or 'ineq', 'fun': ...}",
    )


def _add_dict(model: Model, x: TracedArray, constraint: dict[str, Any]) -> str:
    kind = str(constraint.get("type", "")).lower()
    if kind not in ("eq", "ineq") or "fun" not in constraint:
        raise ProblemError(
            f"a constraint has type {constraint.get('type')!r}",
            why="a dict constraint needs 'type' and 'fun'",
            instead=did_you_mean(kind, ("eq", "ineq")),
        )
    function, given = constraint["fun"], constraint.get("args", ())
    value = as_traced(repeated(lambda: function(x, *given), "a constraint"))
    return model.subject_to(value, lower=0.0, upper=0.0 if kind == "eq" else np.inf)
