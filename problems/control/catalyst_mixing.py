"""Catalyst mixing: the mixture of two catalysts along a reactor that makes the most of a product.

    maximize    1 - a(1) - b(1)
    subject to  a' = -u (a - r b),   b' = u (a - r b) - (1 - u) b
                0 <= u <= 1,   (a, b) = (1, 0) at 0

with the length along the reactor in the place of time. The optimal control is 1, singular, and 0:
in three phases, one for each, the optimum is found to 11 digits, 0.048055685861. The model is one
phase by Hermite–Simpson collocation on equal intervals, where the control oscillates on the
singular arc, and the objective is a little better than that. `catmix` of the collection cops is
the same problem by Gauss collocation.

Constants (dimensionless): r = 10, the speed of the reverse reaction.

Source: D. J. Gunn, W. J. Thomas, Mass transport and chemical reaction in multifunctional catalyst
systems, Chemical Engineering Science 20 (1965), doi:10.1016/0009-2509(65)85002-2; E. D. Dolan, J.
J. Moré, T. S. Munson, COPS 3.0, ANL/MCS-TM-273 (2004), doi:10.2172/834714, prints 4.80556e-2.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

REVERSE, LENGTH = 10.0, 1.0
# The optimal control: where its arcs begin and end, and its value on the middle one, roughly.
ARCS, SINGULAR = (0.0, 0.14, 0.73, LENGTH), 0.22


def problem(num_phases: int = 1) -> control.Problem:
    """Return the problem in one phase, or in three: the arcs of the optimal control."""
    if num_phases == 1:
        phases = [_phase("reactor", None, 0.0, LENGTH, ARCS[::3])]
    else:
        between = (0.01, LENGTH - 0.01)
        phases = [
            _phase("first_catalyst", 1.0, 0.0, between, ARCS[:2]),
            _phase("mixture", None, between, between, ARCS[1:3]),
            _phase("second_catalyst", 0.0, between, LENGTH, ARCS[2:]),
        ]
    phases[-1].maximize(lambda first, last, q, integral: 1 - last.a - last.b)
    links = [control.link(*pair) for pair in pairwise(phases)]
    return control.Problem("catalyst_mixing", phases, links)


def _phase(name: str, mixture: float | None, start: Any, end: Any, guess: Any) -> control.Phase:
    """Return a phase with a given mixture of catalysts, or a free one."""
    p, is_first = control.Phase(name), start == 0.0
    p.time(initial=start, final=end, guess=guess)
    p.state("a", initial=1.0 if is_first else None, guess=0.8)
    p.state("b", initial=0.0 if is_first else None, guess=0.06)
    if mixture is None:
        p.control("u", lower=0.0, upper=1.0, guess=SINGULAR)

    def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
        part = u.u if mixture is None else mixture
        first, second = part * (s.a - REVERSE * s.b), (1 - part) * s.b
        return {"a": -first, "b": first - second}

    p.dynamics(rates)
    return p


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model of one phase on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (a, u) and (b, u)."""
    rates = {"a": ("a", "b", "u"), "b": ("a", "b", "u")}
    return hermite_simpson_counts(intervals, rates, hessian=2)


RECORD = ProblemRecord(
    name="catalyst_mixing",
    title="catalyst mixing with a singular arc, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(0.0481359, 20, 1e-5),),
    reference="Gunn and Thomas (1965), doi:10.1016/0009-2509(65)85002-2",
    reduction=Reduction(
        states=("reactor__a", "reactor__b"),
        by=("reactor__a__rate", "reactor__b__rate"),
        size={"intervals": 10},
        reason="on more intervals there are several optima along the singular arc",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.048055685861,
    relative_tolerance=1e-9,
    source="COPS 3.0 prints 4.80556e-2; this project: the three arcs, Radau collocation",
    transcription="radau",
    intervals=8,
    degree=4,
    tolerance=1e-8,
    parameters={"num_phases": 3},
)
