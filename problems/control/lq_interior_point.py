"""Linear–quadratic problem with a value to be met on the way.

    minimize    int_0^1 x^2 + u^2 dt
    subject to  x' = u,   x = 1 at 0, 0.9 at 0.75 and 0.75 at 1

Two phases meet at 0.75, where the control jumps. Each is transcribed by Hermite–Simpson collocation
on as many equal intervals. From a to b in the time T costs ((a^2 + b^2) cosh T - 2 a b) / sinh T,
in all 0.9205314414730. All constants are in the formulas.

Source: L. S. Jennings, M. E. Fisher, K. L. Teo, C. J. Goh, MISER3: solving optimal control problems
- an update, Advances in Engineering Software 13 (1991), doi:10.1016/0961-3552(91)90016-W; example
interior_point of PSOPT.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    before = _phase("before", (0.0, 0.75), (1.0, 0.9))
    after = _phase("after", (0.75, 1.0), (0.9, 0.75))
    return control.Problem("lq_interior_point", [before, after], [control.link(before, after)])


def _phase(name: str, times: tuple[float, float], ends: tuple[float, float]) -> control.Phase:
    p = control.Phase(name)
    p.time(*times)
    p.state("x", initial=ends[0], final=ends[1])
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": u.u})
    p.integral("cost", lambda s, u, q, t: s.x**2 + u.u**2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return p


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model, each phase on a mesh of so many intervals."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts of both phases, and of the linkage."""
    points = 2 * intervals + 1
    return Counts(
        variables=4 * points,
        constraints=4 * intervals + 1,
        jacobian=20 * intervals + 2,
        hessian=4 * points,
    )


RECORD = ProblemRecord(
    name="lq_interior_point",
    title="linear–quadratic problem of two phases, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 10},
        "medium": {"intervals": 500},
        "large": {"intervals": 10_000},
    },
    counts=counts,
    known=(own(0.92053148429, 10), own(0.92053144147, 500)),
    reference="Jennings, Fisher, Teo, Goh (1991), doi:10.1016/0961-3552(91)90016-W",
    reduction=Reduction(
        states=("before__x[1:]", "after__x[1:]"),
        by=("before__x__rate", "after__x__rate"),
        state_bounds="impose",
        same="objective",
        reason="the link repeats an end that is fixed: dependent rows cost digits",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.9205314414730035,
    relative_tolerance=1e-9,
    source="analytic: ((a^2 + b^2) cosh T - 2 a b) / sinh T, twice",
    transcription="radau",
    intervals=4,
    degree=5,
    tolerance=1e-8,
)
