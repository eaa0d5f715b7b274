"""Hares and lynxes of Hudson's Bay, 1900-1920: the Lotka–Volterra equations fitted to pelts.

    minimize    sum_j (x(t_j) - X_j)^2 + (y(t_j) - Y_j)^2                       residuals = "plain"
             or sum_j log(x(t_j) / X_j)^2 + log(y(t_j) / Y_j)^2                 residuals = "log"
    subject to  x' = (p_1 - p_2 y) x,   y' = (p_4 x - p_3) y

with x and y the hares and lynxes in thousands of pelts, t in years, and 21 measurements X_j, Y_j.
Both the parameters p (p_1 and p_3 per year, p_2 and p_4 per year and thousand) and the initial
populations are free. Collocation at four Gauss points (`lotka_volterra.py`) on N equal intervals.

The start is p = (0.52, 0.026, 0.84, 0.026), with the populations held at the next measurement.

Source: C. G. Hewitt, The Conservation of the Wild Life of Canada, Scribner (1921), data; the fit
with logarithms is that of the case study of B. Carpenter, Predator-prey population dynamics: the
Lotka-Volterra model in Stan (2018), without its prior. No optimum is printed.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.fitting import lotka_volterra
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

START = [0.52, 0.026, 0.84, 0.026]


@checked(num_intervals=1, residuals=("plain", "log"))
def build(num_intervals: int = 40, residuals: str = "plain") -> so.Model:
    """Return the model on `num_intervals` intervals with "plain" or "log" residuals."""
    model, data = so.Model("hare_lynx"), lotka_volterra.read_populations("hare_lynx")
    states = lotka_volterra.add_populations(model, data, num_intervals, START, data.state[0])
    if residuals == "log":
        model.minimize(np.sum(np.log(states.at(data) / data.state) ** 2))
    else:
        model.minimize(data.squared_distance(states))
    return model


def counts(num_intervals: int = 40, residuals: str = "plain") -> Counts:
    """Return the counts; each point curves in seven pairs of parameters and populations."""
    return lotka_volterra.counts(lotka_volterra.read_populations("hare_lynx"), num_intervals)


def _continuous(num_intervals: int, residuals: str, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals, "residuals": residuals},
        value=value,
        relative_tolerance=1e-7,
        source="least squares on solutions of the differential equation to 1e-12 (SciPy's LSODA)"
        " from three starts; not published",
    )


RECORD = ProblemRecord(
    name="hare_lynx",
    title="hares and lynxes, Lotka–Volterra fitted to pelts",
    family="parameter estimation, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 10, "residuals": "plain"},
        "medium": {"num_intervals": 400, "residuals": "plain"},
        "large": {"num_intervals": 4000, "residuals": "plain"},
    },
    counts=counts,
    known=(
        _continuous(100, "plain", 594.7445607),
        _continuous(100, "log", 2.01866115519),
    ),
    reference="Hewitt (1921), The Conservation of the Wild Life of Canada",
    second_size={"num_intervals": 13, "residuals": "log"},
    reduction=Reduction(
        states=("left[1:]", "coefficients", "value", "rate"),
        by=("value_at_points", "rate_at_points", "continuity", "growth"),
    ),
)
