"""All time steps at once: the equations between states, vectorized over time.

The states of all times are one array, so that rates are evaluated once for all steps and the number
of formulas does not depend on how many steps there are.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import DiscretizationError, ShapeError
from sparseopt.pde.axis import compact
from sparseopt.pde.boundary import checked_values
from sparseopt.pde.callables import require_callable
from sparseopt.pde.faces import times as multiplied
from sparseopt.pde.schemes import TimeScheme, bdf2_coefficients, scheme_named
from sparseopt.tracing.conversion import as_traced, is_traced

__all__ = ["Rate", "stage_times", "time_steps"]

FloatArray = NDArray[np.float64]
Rate = Callable[[Any, FloatArray], Any]


def time_steps(
    rate: Rate,
    u: Any,
    times: ArrayLike,
    scheme: str = "implicit_euler",
    *,
    mass: Any = None,
    stages: Any = None,
) -> Any:
    """Return the residuals of M du/dt = rate(u, t) over all steps; they are zero at a solution.

    Parameters
    ----------
    rate : callable
        ``rate(u, t)`` for states at several times: u of shape (k, *shape), and the plain numbers
        t of shape (k, 1, …) that broadcast with u.  Must return an array of the shape of u.
    u : array or traced array, shape (T + 1, *shape)
        The states at the times; fix u[0] by bounds or an equation.
    times : array_like, shape (T + 1,)
        Ascending.
    scheme : str
        "implicit_euler" (order 1), "crank_nicolson" (2), "bdf2" (2; its first step is implicit
        Euler's), "radau" (Radau IIA, 3), "lobatto" (Lobatto IIIA, 4), "explicit_euler" (1).
    mass : number, array or sparse matrix, optional
        M: numbers that broadcast with a state, 0 where an equation is algebraic, or a sparse matrix
        on flat states; without it the identity.
    stages : array or traced array, shape (T, *shape)
        For "radau" and "lobatto": the states inside the steps, at `stage_times`.

    Returns
    -------
    array or traced array, shape (T, *shape), with stages (T, 2, *shape)
        In the units of u times M: differences of states less steps times rates.

    Raises
    ------
    DiscretizationError
        Times that do not ascend, an unknown scheme, stages missing or not wanted.
    ShapeError
        States, stages, rates or a mass of another shape.
    NonFiniteError
        A time or a mass that is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> u = np.array([1.0, 0.5, 0.25])
    >>> time_steps(lambda u, t: -u, u, [0.0, 1.0, 2.0]).tolist()
    [0.0, 0.0]
    """
    method, t = scheme_named(scheme), _ascending(times)
    require_callable(rate, "the rate", "u", "t")
    u, stages = _array(u), None if stages is None else _array(stages)
    if np.ndim(u) == 0 or np.shape(u)[0] != t.size:
        raise ShapeError(
            f"the states have shape {np.shape(u)} for {t.size} times",
            instead=f"give u with {t.size} states along its first axis",
        )
    _require_stages(stages, np.shape(u), scheme, method)
    times_of_points = t[:-1, None] + np.diff(t)[:, None] * method.fractions
    points = [u[:-1], stages, u[1:]] if method.num_stages == 2 else [u[:-1], u[1:]]
    rates = _rates(rate, u, points, t, times_of_points, method)
    steps = _along_time(np.diff(t), np.ndim(u))
    rows = [
        _times_mass(mass, _sum(d, points)) - steps * _sum(b, rates)
        for d, b in zip(method.differences, method.rates, strict=True)
    ]
    if method.is_multistep and t.size > 2:
        return np.concatenate([rows[0][:1], _bdf2(mass, u, rates[-1][1:], t)])
    return np.stack(rows, axis=1) if len(rows) > 1 else rows[0]


def stage_times(times: ArrayLike, scheme: str) -> FloatArray:
    """Return the times of the states inside the steps, in ascending order; empty without stages.

    Examples
    --------
    >>> stage_times([0.0, 3.0, 6.0], "radau").tolist()
    [1.0, 4.0]
    """
    t, method = _ascending(times), scheme_named(scheme)
    return np.ravel(t[:-1, None] + np.diff(t)[:, None] * method.fractions[1:-1])


def _bdf2(mass: Any, u: Any, rates: Any, t: FloatArray) -> Any:
    """Return the residuals of all steps but the first."""
    steps = np.diff(t)
    coefficients = bdf2_coefficients(steps[1:] / steps[:-1])
    before, now, after = (_along_time(a, np.ndim(u)) for a in coefficients)
    change = before * u[:-2] + now * u[1:-1] + after * u[2:]
    return _times_mass(mass, change) - _along_time(steps[1:], np.ndim(u)) * rates


def _rates(
    rate: Rate,
    u: Any,
    points: list[Any],
    t: FloatArray,
    times_of_points: FloatArray,
    method: TimeScheme,
) -> list[Any]:
    """Return the rates at the points of all steps, None where no equation needs them."""
    needed = np.any(method.rates, axis=0)
    rates: list[Any] = [None] * len(points)
    if needed[0] and needed[-1]:  # the end of a step is the beginning of the next
        everywhere = _evaluated(rate, u, t)
        rates[0], rates[-1] = everywhere[:-1], everywhere[1:]
    for k, state in enumerate(points):
        if needed[k] and rates[k] is None:
            rates[k] = _evaluated(rate, state, times_of_points[:, k])
    return rates


def _evaluated(rate: Rate, u: Any, t: FloatArray) -> Any:
    value = rate(u, t.reshape((-1, *(1,) * (np.ndim(u) - 1))))
    if np.shape(value) != np.shape(u):
        raise ShapeError(
            f"the rate returned shape {np.shape(value)} for states of shape {np.shape(u)}",
            why="states of several times are given at once, along the first axis",
            instead="write it for arrays with any number of axes before those of the grid",
        )
    return _array(value)


def _array(values: Any) -> Any:
    """Return lists as arrays, traced if something in them is."""
    if hasattr(values, "shape"):
        return values
    return as_traced(values) if is_traced(values) else np.asarray(values)


def _sum(coefficients: FloatArray, arrays: list[Any]) -> Any:
    """Return the sum of arrays times coefficients; those with a zero are not touched."""
    pairs = zip(coefficients.tolist(), arrays, strict=True)
    return functools.reduce(operator.add, [multiplied(a, x) for a, x in pairs if a])


def _along_time(values: FloatArray, ndim: int) -> Any:
    values = compact(values)
    return values if np.ndim(values) == 0 else values.reshape((-1, *(1,) * (ndim - 1)))


def _times_mass(mass: Any, change: Any) -> Any:
    """Return M times what is behind each other along the first axis."""
    if mass is None:
        return change
    shape = np.shape(change)
    if sp.issparse(mass):
        return _times_sparse_mass(mass, change)
    values = checked_values(mass, "the mass")
    fits = np.ndim(values) <= len(shape) - 1 and np.shape(values) == shape[1:][-np.ndim(values) :]
    if np.ndim(values) and not fits:
        raise ShapeError(
            f"the mass has shape {np.shape(values)}, a state {shape[1:]}",
            instead="give a number, an array of the state's shape, or a sparse matrix",
        )
    return values * change


def _times_sparse_mass(mass: Any, change: Any) -> Any:
    shape, size = np.shape(change), int(np.prod(np.shape(change)[1:]))
    if mass.shape != (size, size):
        raise ShapeError(f"the mass has shape {mass.shape} for states of {size} numbers")
    checked_values(mass.data, "the mass")
    return (sp.csr_array(mass) @ change.reshape((shape[0], size)).T).T.reshape(shape)


def _ascending(times: ArrayLike) -> FloatArray:
    t = checked_values(times, "the vector of times")
    if np.ndim(t) != 1 or np.size(t) < 2 or not np.all(np.diff(t) > 0.0):
        raise DiscretizationError(
            f"times of shape {np.shape(t)} do not ascend from a first to a last one",
            instead="give np.linspace(0.0, duration, num_steps + 1)",
        )
    return np.asarray(t)


def _require_stages(stages: Any, shape: tuple[int, ...], scheme: str, method: TimeScheme) -> None:
    wanted = (shape[0] - 1, *shape[1:])
    if method.num_stages == 1:
        if stages is not None:
            raise DiscretizationError(f"{scheme} has no stages", instead="leave stages out")
    elif stages is None:
        raise DiscretizationError(
            f"{scheme} needs the states inside the steps",
            instead=f"declare a variable of shape {wanted} and give it as stages=",
        )
    elif np.shape(stages) != wanted:
        raise ShapeError(f"the stages have shape {np.shape(stages)}, expected {wanted}")
