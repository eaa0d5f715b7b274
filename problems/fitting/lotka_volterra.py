"""Fits of the Lotka–Volterra equations by collocation: what hare_lynx and predator_prey share.

    x' = (p_1 - p_2 y) x,   y' = (p_4 x - p_3) y

at four Gauss points on N equal intervals, see problems/cops/collocation.py.

Source: A. J. Lotka, Elements of Physical Biology (1925); V. Volterra, Fluctuations in the abundance
of a species considered mathematically, Nature 118 (1926), doi:10.1038/118558a0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import sparseopt as so
from problems.cops.collocation import (
    Measurements,
    Polynomials,
    add_polynomials,
    num_entries,
    num_rows,
    num_variables,
)
from problems.record import Counts

DATA = Path(__file__).parent / "data"
NUM_POINTS = 4


def read_populations(name: str) -> Measurements:
    """Return the two populations in `data/<name>.csv`, whose first column is the time."""
    table = np.loadtxt(DATA / f"{name}.csv", delimiter=",", skiprows=1)
    return Measurements(time=table[:, 0], state=table[:, 1:])


def add_populations(
    model: so.Model, data: Measurements, num_intervals: int, start: list[float], initial: Any
) -> Polynomials:
    """Add parameters p, from `start`, and both populations, which fulfill the equations.

    The populations start from the next measurement of every interval, and from `initial` before the
    first.
    """
    p = model.variable("p", shape=4, start=start)
    held = data.held(num_intervals, initial)
    states = add_polynomials(model, NUM_POINTS, data.duration / num_intervals, held)
    model.subject_to(states.rate == growth(p, states.value), name="growth")
    return states


def growth(p: Any, populations: Any) -> Any:
    """Return the rates of change of populations (x, y) of shape (..., 2)."""
    x, y = populations[..., 0], populations[..., 1]
    return np.stack([(p[0] - p[1] * y) * x, (p[3] * x - p[2]) * y], axis=-1)


def counts(data: Measurements, num_intervals: int, num_fixed: int = 0) -> Counts:
    """Return the counts; `num_fixed` of the two initial populations are given."""
    grid, points = (num_intervals, NUM_POINTS, 2), num_intervals * NUM_POINTS
    return Counts(
        variables=num_variables(*grid) + 4,
        constraints=num_rows(*grid) + 2 * points + num_fixed,
        jacobian=num_entries(*grid) + 10 * points + num_fixed,
        hessian=7 * points + data.num_hessian_entries(num_intervals, NUM_POINTS),
        single_entry_rows=num_fixed,
    )
