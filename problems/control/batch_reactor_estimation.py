"""Batch reactor: the rate constants of a chain of reactions, estimated from data.

    minimize    10^4 sum_i (a(t_i) - a_i)^2 + (b(t_i) - b_i)^2
    subject to  a' = -k_1 a,   b' = k_1 a - k_2 b,   (a, b) = (1, 0) at 0,   0 <= k_1, k_2 <= 10

A becomes B and B becomes C, both of first order; a and b are fractions; k_1 and k_2 [1/h] are
found. Between two measurements lies a stretch of the trajectory. All ten stretches are one vector
state of the time since each began, and a boundary condition joins them: a condition in the interior
of a trajectory is one at the ends of its stretches. Transcribed by Hermite–Simpson collocation on
equal intervals; no stretch needs many.

Data: ten measurements of a and b, 0.1 h apart, made with k_1 = 5, k_2 = 1 and rounded to three
digits; the factor 10^4 makes the squares large enough to be seen. Published: k_1 = 5.0035, k_2 =
1.0000, sum of squares 1.18584e-6, which is 0.0118584 here.

Source: I.-B. Tjoa, L. T. Biegler, Ind. Eng. Chem. Res. 30 (1991) 376-385, doi:10.1021/ie00050a015;
global optimum in W. R. Esposito, C. A. Floudas, Ind. Eng. Chem. Res. 39 (2000) 1291-1310,
doi:10.1021/ie990486w.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

SPACING = 0.1
MEASURED = np.array(
    [
        (0.606, 0.373),
        (0.368, 0.564),
        (0.223, 0.647),
        (0.135, 0.669),
        (0.082, 0.656),
        (0.050, 0.624),
        (0.030, 0.583),
        (0.018, 0.539),
        (0.011, 0.494),
        (0.007, 0.451),
    ]
)
"""Of a and b at 0.1, 0.2, ..., 1 h."""


def problem() -> control.Problem:
    """Return the problem."""
    stretches = MEASURED.shape[0]
    before = np.vstack([(1.0, 0.0), MEASURED[:-1]])
    p = control.Phase("stretches")
    p.time(initial=0.0, final=SPACING)
    for k, name in enumerate(("a", "b")):
        line = np.array([before[:, k], MEASURED[:, k]])
        p.state(name, shape=stretches, lower=0.0, upper=1.0, guess=((0.0, SPACING), line))
    p.static("k", shape=2, lower=0.0, upper=10.0, guess=1.0)
    p.dynamics(lambda s, u, q, t: {"a": -q.k[0] * s.a, "b": q.k[0] * s.a - q.k[1] * s.b})
    p.boundary(joined, lower=0.0, upper=0.0)
    p.minimize(
        lambda first, last, q, integral: (
            1e4 * (np.sum((last.a - MEASURED[:, 0]) ** 2) + np.sum((last.b - MEASURED[:, 1]) ** 2))
        )
    )
    return control.Problem("batch_reactor_estimation", [p])


def joined(first: Any, last: Any, q: Any) -> dict[str, Any]:
    """Return what is zero where each stretch begins with the end of the one before it."""
    return {
        "a_start": first.a[0] - 1.0,
        "b_start": first.b[0],
        "a": first.a[1:] - last.a[:-1],
        "b": first.b[1:] - last.b[:-1],
    }


def build(
    intervals: int = 5, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 5) -> Counts:
    """Return the counts: the rates of a and b depend on (a, k_1) and (a, b, k_1, k_2)."""
    stretches = MEASURED.shape[0]
    return Counts(
        variables=2 * stretches * (2 * intervals + 1) + 2,
        constraints=2 * stretches * (2 * intervals + 1),
        jacobian=stretches * intervals * (8 + 15) + 2 + 4 * (stretches - 1),
        single_entry_rows=2,
    )


RECORD = ProblemRecord(
    name="batch_reactor_estimation",
    title="rate constants of a batch reactor from data, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 5},
        "medium": {"intervals": 100},
        "large": {"intervals": 2000},
    },
    counts=counts,
    known=(own(0.01185860144621, 5),),
    reference="Tjoa and Biegler (1991), doi:10.1021/ie00050a015",
    reduction=Reduction(
        states=("stretches__a", "stretches__b"),
        by=(
            "stretches__a__rate",
            "stretches__b__rate",
            "stretches__a_start__boundary",
            "stretches__b_start__boundary",
            "stretches__a__boundary",
            "stretches__b__boundary",
        ),
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.0118584,
    relative_tolerance=6e-6,
    source="Esposito and Floudas (2000): 1.18584e-6, times 1e4",
    doi="10.1021/ie990486w",
    intervals=5,
    tolerance=1e-7,
)
