"""Jackson's consecutive reactions: the catalyst that makes the most of a product of two reactions.

    maximize    c(4)
    subject to  a' = -u (a - r b),   b' = u (a - r b) - (1 - u) b,   c' = (1 - u) b
                0 <= u <= 1,   (a, b, c) = (1, 0, 0) at 0,   0 <= a, b, c <= 1.1

a, b, c are concentrations, u the fraction of the first of two catalysts. The optimal control is 1,
singular, and 0: in three phases, one for each, the optimum is found to 11 digits, 0.19181435633.
The model is one phase by Hermite–Simpson collocation on equal intervals, where the control
oscillates on the singular arc, and the objective is a little better than that.

Constants (dimensionless): r = 10, the speed of the reverse reaction; 1.1, upper bound of
concentrations.

Source: R. Jackson, Optimization of chemical reactors with respect to flow configuration, Journal of
Optimization Theory and Applications 2 (1968), doi:10.1007/BF00937371; F. Bonnans, P. Martinon, V.
Grélard, Bocop: a collection of examples, INRIA RR-8053 (2012), prints 0.192011 for a coarse mesh.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

REVERSE, DURATION, MOST = 10.0, 4.0, 1.1
# The optimal control: where its arcs begin and end, and its value on the middle one, roughly.
ARCS, SINGULAR = (0.0, 0.14, 3.72, DURATION), 0.22


def problem(num_phases: int = 1) -> control.Problem:
    """Return the problem in one phase, or in three: the arcs of the optimal control."""
    if num_phases == 1:
        phases = [_phase("react", None, 0.0, DURATION, ARCS[::3])]
    else:
        between = (0.01, DURATION - 0.01)
        phases = [
            _phase("first_catalyst", 1.0, 0.0, between, ARCS[:2]),
            _phase("mixture", None, between, between, ARCS[1:3]),
            _phase("second_catalyst", 0.0, between, DURATION, ARCS[2:]),
        ]
    phases[-1].maximize(lambda first, last, q, integral: last.c)
    links = [control.link(*pair) for pair in pairwise(phases)]
    return control.Problem("jackson_reactions", phases, links)


def _phase(name: str, mixture: float | None, start: Any, end: Any, guess: Any) -> control.Phase:
    """Return a phase with a given mixture of catalysts, or a free one."""
    p, is_first = control.Phase(name), start == 0.0
    p.time(initial=start, final=end, guess=guess)
    p.state("a", lower=0.0, upper=MOST, initial=1.0 if is_first else None, guess=0.7)
    p.state("b", lower=0.0, upper=MOST, initial=0.0 if is_first else None, guess=0.06)
    p.state("c", lower=0.0, upper=MOST, initial=0.0 if is_first else None, guess=0.1)
    if mixture is None:
        p.control("u", lower=0.0, upper=1.0, guess=SINGULAR)

    def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
        part = u.u if mixture is None else mixture
        first, second = part * (s.a - REVERSE * s.b), (1 - part) * s.b
        return {"a": -first, "b": first - second, "c": second}

    p.dynamics(rates)
    return p


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model of one phase on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (a, u) and (b, u)."""
    rates = {"a": ("a", "b", "u"), "b": ("a", "b", "u"), "c": ("b", "u")}
    return hermite_simpson_counts(intervals, rates, hessian=2)


RECORD = ProblemRecord(
    name="jackson_reactions",
    title="consecutive reactions with a singular arc, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 10_000},
    },
    counts=counts,
    known=(own(0.191913, 20, 1e-5),),
    reference="Jackson (1968), doi:10.1007/BF00937371",
    reduction=Reduction(
        states=("react__a", "react__b", "react__c"),
        by=("react__a__rate", "react__b__rate", "react__c__rate"),
        size={"intervals": 10},
        reason="on more intervals there are several optima along the singular arc",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.191814356325,
    relative_tolerance=1e-9,
    source="this project: the three arcs, Radau collocation of degrees 4 to 8",
    transcription="radau",
    intervals=8,
    degree=4,
    tolerance=1e-8,
    parameters={"num_phases": 3},
)
