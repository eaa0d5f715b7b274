"""Collocation at Gauss points as COPS writes it, and fits of it to measurements.

On interval i, of length h and with left end t_i, the states are polynomials of degree k in Taylor's
form,

    u(t) = v_i + h sum_{j=1}^{k} w_ij s^j / j!,    s = (t - t_i) / h in [0, 1],

so that u' = sum_j w_ij s^(j-1) / (j-1)!. They are continuous from interval to interval and fulfill
the differential equation at the k roots of Legendre's polynomial in every interval. The values u_ij
and the rates u'_ij at these points are variables of their own, which keeps the differential
equation's derivatives small.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, section 1.4; U. M. Ascher,
R. M. M. Mattheij, R. D. Russell, Numerical Solution of Boundary Value Problems for Ordinary
Differential Equations, SIAM (1995), doi:10.1137/1.9781611971231.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

import sparseopt as so

DATA = Path(__file__).parent / "data"
Matrix = NDArray[np.float64]


def gauss_points(num_points: int) -> Matrix:
    """Return the collocation points in (0, 1): the roots of Legendre's polynomial, moved there.

    Examples
    --------
    >>> gauss_points(3).round(6).tolist()
    [0.112702, 0.5, 0.887298]
    """
    return np.asarray((1 + np.polynomial.legendre.leggauss(num_points)[0]) / 2)


def taylor_weights(positions: Any, num_terms: int, first_power: int = 1) -> Matrix:
    """Return s^p / p! for every position s (rows) and p = first_power, … (num_terms columns).

    Examples
    --------
    >>> taylor_weights([0.0, 1.0], 3).tolist()
    [[0.0, 0.0, 0.0], [1.0, 0.5, 0.16666666666666666]]
    """
    powers = np.arange(first_power, first_power + num_terms)
    factorials = np.array([factorial(power) for power in powers], dtype=float)
    weights: Matrix = np.asarray(positions, dtype=float)[:, None] ** powers / factorials
    return weights


@dataclass(frozen=True)
class Polynomials:
    """Variables of a model: the polynomials of all states on all intervals.

    Attributes
    ----------
    left : TracedArray
        v, states at the left ends: shape (intervals, states).
    coefficients : TracedArray
        w: shape (intervals, points, states).
    value, rate : TracedArray
        u and u' at the collocation points: shape (intervals, points, states).
    step : float
        h, length of an interval.
    """

    left: Any
    coefficients: Any
    value: Any
    rate: Any
    step: float

    @property
    def right(self) -> Any:
        """States at the right ends, as expressions of shape (intervals, states)."""
        weights = taylor_weights([1.0], self.coefficients.shape[1])
        return self.left + self.step * (weights @ self.coefficients)[:, 0]

    def at(self, measurements: Measurements) -> Any:
        """States at the times of measurements, as expressions of shape (times, states)."""
        num_intervals, num_points, num_states = self.coefficients.shape
        interval, position = measurements.located(num_intervals)
        times = np.arange(len(position))
        terms = interval[:, None] * num_points + np.arange(num_points)
        weights = sp.coo_array(
            (
                taylor_weights(position, num_points).ravel(),
                (np.repeat(times, num_points), terms.ravel()),
            ),
            shape=(len(times), num_intervals * num_points),
        ).tocsr()
        weights.eliminate_zeros()
        powers = self.coefficients.reshape(num_intervals * num_points, num_states)
        return self.left[interval] + self.step * (weights @ powers)


def add_polynomials(model: so.Model, num_points: int, step: float, start: Matrix) -> Polynomials:
    """Add continuous polynomials, and their values and rates at the Gauss points, to a model.

    Parameters
    ----------
    model : Model
    num_points : int
        k, collocation points in an interval.
    step : float
        h, length of an interval.
    start : array
        States that are constant in each interval to start from: shape (intervals, states).
    """
    num_intervals, num_states = start.shape
    inside = (num_intervals, num_points, num_states)
    points = gauss_points(num_points)
    states = Polynomials(
        left=model.variable("left", shape=start.shape, start=start),
        coefficients=model.variable("coefficients", shape=inside, start=0.0),
        value=model.variable("value", shape=inside, start=start[:, None, :]),
        rate=model.variable("rate", shape=inside, start=0.0),
        step=step,
    )
    rise = step * (taylor_weights(points, num_points) @ states.coefficients)
    rate = taylor_weights(points, num_points, first_power=0) @ states.coefficients
    model.subject_to(states.value == states.left[:, None, :] + rise, name="value_at_points")
    model.subject_to(states.rate == rate, name="rate_at_points")
    model.subject_to(states.right[:-1] == states.left[1:], name="continuity")
    return states


def num_variables(num_intervals: int, num_points: int, num_states: int) -> int:
    """Return how many variables `add_polynomials` adds."""
    return num_intervals * num_states * (3 * num_points + 1)


def num_rows(num_intervals: int, num_points: int, num_states: int) -> int:
    """Return how many constraint rows `add_polynomials` adds."""
    return 2 * num_intervals * num_points * num_states + (num_intervals - 1) * num_states


def num_entries(num_intervals: int, num_points: int, num_states: int) -> int:
    """Return how many Jacobian entries the rows of `add_polynomials` have."""
    inside = num_intervals * num_points * num_states * (2 * num_points + 3)
    return inside + (num_intervals - 1) * num_states * (num_points + 2)


@dataclass(frozen=True)
class Measurements:
    """States measured at given times.

    Attributes
    ----------
    time : array, shape (times,)
        Ascending; the differential equation is solved from 0 to the last of them.
    state : array, shape (times, states)
    """

    time: Matrix
    state: Matrix

    @property
    def duration(self) -> float:
        """Time of the last measurement."""
        return float(self.time[-1])

    def located(self, num_intervals: int) -> tuple[NDArray[np.int64], Matrix]:
        """Return the interval of every measurement and its position in [0, 1] there.

        A time on a border belongs to the interval on its right, except for the last.
        """
        position = self.time * (num_intervals / self.duration)
        # Rounding must not put a time on a border to the wrong side of it.
        border = np.round(position)
        position = np.where(np.abs(position - border) < 1e-9, border, position)
        interval = np.minimum(position.astype(np.int64), num_intervals - 1)
        return interval, position - interval

    def held(self, num_intervals: int, initial: Any) -> Matrix:
        """Return COPS' start, shape (intervals, states): every interval's next measurement.

        `initial` is the state in the intervals up to the first measurement.
        """
        interval, _ = self.located(num_intervals)
        following = np.searchsorted(interval, np.arange(num_intervals))
        following = np.minimum(following, len(interval) - 1)
        return np.asarray(np.where(following[:, None] == 0, initial, self.state[following]))

    def squared_distance(self, states: Polynomials) -> Any:
        """Return the sum of squared differences between the states and the measurements."""
        return np.sum((states.at(self) - self.state) ** 2)

    def num_hessian_entries(self, num_intervals: int, num_points: int) -> int:
        """Return how many entries `squared_distance` has in the lower triangle of the Hessian."""
        interval, position = self.located(num_intervals)
        inside = np.unique(interval[position > 0]).size
        on_border = np.unique(interval).size - inside
        full = (num_points + 1) * (num_points + 2) // 2
        return int(self.state.shape[1] * (inside * full + on_border))


def reader(name: str) -> Callable[..., None]:
    """Return what reads the measurements of a problem, whatever its size."""

    def read(**_: object) -> None:
        """Read the file of measurements, which are then kept."""
        read_measurements(name)

    return read


@functools.cache
def read_measurements(name: str) -> Measurements:
    """Return the measurements in `data/<name>.csv`, whose first column is the time."""
    table = np.loadtxt(DATA / f"{name}.csv", delimiter=",", skiprows=1)
    return Measurements(time=table[:, 0], state=table[:, 1:])
