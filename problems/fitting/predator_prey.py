"""Predators and prey (Schittkowski): the Lotka–Volterra equations fitted to ten data.

    minimize    sum_j (x(t_j) - X_j)^2 + (y(t_j) - Y_j)^2
    subject to  x' = (p_1 - p_2 y) x,   y' = (p_4 x - p_3) y
                x(0) = 1, y(0) = 0.4                                           initial = "fixed"

with prey x, predators y, and measurements X_j, Y_j at t = 1 … 10; with initial = "free" the initial
populations are found, too. Collocation at four Gauss points on N equal intervals, see
`lotka_volterra.py`.

All quantities are dimensionless. The start is p = (1.5, 1.5, 0.8, 0.8), with the populations held
at the next measurement. Schittkowski numbers the parameters p_3, p_4, p_1, p_2.

Source: K. Schittkowski, Numerical Data Fitting in Dynamical Systems, Kluwer (2002),
doi:10.1007/978-1-4419-5762-7; V. M. Becerra, PSOPT Optimal Control Solver User Manual, example
"Predator-prey": 0.02753366 with a coarse collocation, where the accurate solution has 0.02753638.
"""

from __future__ import annotations

import sparseopt as so
from problems.arguments import checked
from problems.fitting import lotka_volterra
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

START = [1.5, 1.5, 0.8, 0.8]
INITIAL = [1.0, 0.4]


@checked(num_intervals=1, initial=("fixed", "free"))
def build(num_intervals: int = 20, initial: str = "fixed") -> so.Model:
    """Return the model on `num_intervals` intervals; the initial state is "fixed" or "free"."""
    model, data = so.Model("predator_prey"), lotka_volterra.read_populations("predator_prey")
    states = lotka_volterra.add_populations(model, data, num_intervals, START, INITIAL)
    model.minimize(data.squared_distance(states))
    if initial == "fixed":
        model.subject_to(states.left[0] == INITIAL, name="initial_state")
    return model


def counts(num_intervals: int = 20, initial: str = "fixed") -> Counts:
    """Return the counts; each point curves in seven pairs of parameters and populations."""
    data = lotka_volterra.read_populations("predator_prey")
    return lotka_volterra.counts(data, num_intervals, num_fixed=2 if initial == "fixed" else 0)


def _continuous(num_intervals: int, initial: str, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals, "initial": initial},
        value=value,
        relative_tolerance=1e-7,
        source="least squares on solutions of the differential equation to 1e-12 (SciPy's LSODA)",
    )


RECORD = ProblemRecord(
    name="predator_prey",
    title="predators and prey, Lotka–Volterra fitted to ten data (Schittkowski)",
    family="parameter estimation, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 10, "initial": "fixed"},
        "medium": {"num_intervals": 400, "initial": "fixed"},
        "large": {"num_intervals": 4000, "initial": "fixed"},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_intervals": 20, "initial": "fixed"},
            value=0.02753366,
            relative_tolerance=2e-4,
            source="PSOPT manual, whose coarse collocation is 1e-4 off the accurate solution",
        ),
        _continuous(100, "fixed", 0.02753637909),
        _continuous(100, "free", 0.02601345672538),
    ),
    reference="Schittkowski (2002), doi:10.1007/978-1-4419-5762-7",
    second_size={"num_intervals": 13, "initial": "free"},
    reduction=Reduction(
        states=("left[1:]", "coefficients", "value", "rate"),
        by=("value_at_points", "rate_at_points", "continuity", "growth"),
    ),
)
