"""Goddard rocket: the greatest height that a given amount of fuel lifts a rocket to.

    maximize    h(t_f),   t_f free
    subject to  h' = v,   v' = (T - D(h, v)) / m - g(h),   m' = -T / c
                D = D_c v^2 exp(-h_c (h - h_0) / h_0),   g = g_0 (h_0 / h)^2
                0 <= T <= T_max,   h >= h_0,   v >= 0
                (h, v, m) = (h_0, 0, m_0) at 0,   m(t_f) = m_f

height h from the center of the earth, speed v, mass m, thrust T, drag D, exhaust speed c. The
optimal thrust is T_max, then singular, then 0. Where the arc is singular, the switching function
and its first derivative vanish, which gives, with H = 0 because t_f is free,

    S(h, v, m) = D (1 + v / c) - m g = 0,

and S' = 0 the thrust. In three phases, one for each arc, the optimum is found to 10 digits,
1.012836918. The model is one phase by Hermite–Simpson collocation on equal intervals, where the
thrust oscillates on the singular arc; `rocket` of the collection cops is the same problem by the
trapezoidal rule.

Constants (dimensionless): h_0 = g_0 = m_0 = 1; D_c = 310 = v_c m_0 / (2 g_0) with v_c = 620; h_c =
500; c = 1/2; T_max = 3.5; m_f = 0.6.

Source: R. H. Goddard, A method of reaching extreme altitudes, Smithsonian Miscellaneous Collections
71 (1919); E. D. Dolan, J. J. Moré, T. S. Munson, COPS 3.0, ANL/MCS-TM-273 (2004),
doi:10.2172/834714, problem 10, prints 1.01283; A. E. Bryson, Y.-C. Ho (1975), section 8.3, for the
singular arc, doi:10.1201/9781315137667.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

DRAG, DENSITY_DECAY = 310.0, 500.0
EXHAUST_SPEED = 0.5
MOST_THRUST = 3.5
FINAL_MASS = 0.6
# Guesses of where the arcs begin and end, and of the height, the speed and the mass there.
TIMES = (0.0, 0.0235, 0.0727, 0.2)
HEIGHTS = (1.0, 1.0007, 1.005, 1.0128)
SPEEDS = (0.0, 0.06, 0.13, 0.0)
MASSES = (1.0, 0.84, 0.6, 0.6)


def problem(num_phases: int = 1) -> control.Problem:
    """Return the problem in one phase, or in three: the arcs of the optimal thrust."""
    if num_phases == 1:
        phases = [_phase("flight", 0, 3)]
    else:
        phases = [_phase("boost", 0, 1, MOST_THRUST), _phase("singular", 1, 2)]
        phases += [_phase("coast", 2, 3, 0.0)]
        phases[1].boundary(lambda first, last, q: {"switching": switching(first)}, 0.0, 0.0)
        phases[1].path(lambda s, u, q, t: {"on_arc": switching_rate(s, u.thrust)}, 0.0, 0.0)
    phases[-1].maximize(lambda first, last, q, integral: last.h)
    return control.Problem("goddard", phases, [control.link(*pair) for pair in pairwise(phases)])


def _phase(name: str, begin: int, end: int, thrust: float | None = None) -> control.Phase:
    """Return the phase between two of the guessed times, with a given thrust or a free one."""
    p, is_first, is_last = control.Phase(name), begin == 0, end == 3
    p.time(
        initial=0.0 if is_first else (0.0, 1.0),
        final=(0.001, 1.0),
        guess=(TIMES[begin], TIMES[end]),
        duration=(0.001, None),
    )
    heights, speeds, masses = ((x[begin], x[end]) for x in (HEIGHTS, SPEEDS, MASSES))
    p.state("h", lower=1.0, initial=1.0 if is_first else None, guess=heights)
    p.state("v", lower=0.0, initial=0.0 if is_first else None, guess=speeds)
    p.state(
        "m",
        lower=FINAL_MASS,
        upper=1.0,
        initial=1.0 if is_first else None,
        final=FINAL_MASS if is_last else None,
        guess=masses,
    )
    if thrust is None:
        p.control("thrust", lower=0.0, upper=MOST_THRUST, guess=MOST_THRUST / 2)

    p.dynamics(lambda s, u, q, t: rates(s, u.thrust if thrust is None else thrust))
    return p


def rates(s: Any, thrust: Any) -> dict[str, Any]:
    """Return the rates of height, speed and mass."""
    return {
        "h": s.v,
        "v": (thrust - drag(s)) / s.m - gravity(s),
        "m": -thrust / EXHAUST_SPEED + 0 * s.m,
    }


def drag(s: Any) -> Any:
    """Return the force of the air."""
    return DRAG * s.v**2 * np.exp(-DENSITY_DECAY * (s.h - 1))


def gravity(s: Any) -> Any:
    """Return the acceleration of gravity."""
    return 1 / s.h**2


def switching(s: Any) -> Any:
    """Return S, which is zero on a singular arc."""
    return drag(s) * (1 + s.v / EXHAUST_SPEED) - s.m * gravity(s)


def switching_rate(s: Any, thrust: Any) -> Any:
    """Return S' under a thrust."""
    rate, force = rates(s, thrust), drag(s)
    excess = 1 + s.v / EXHAUST_SPEED
    by_height = -DENSITY_DECAY * force * excess + 2 * s.m * gravity(s) / s.h
    by_speed = 2 * force / s.v * excess + force / EXHAUST_SPEED
    return by_height * rate["h"] + by_speed * rate["v"] - gravity(s) * rate["m"]


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model of one phase on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: all pairs of h, v, m, T but (T, T), and each with the final time."""
    depends = {"h": ("v",), "v": ("h", "v", "m", "thrust"), "m": ("thrust",)}
    return hermite_simpson_counts(intervals, depends, free_times=1, hessian=11)


RECORD = ProblemRecord(
    name="goddard",
    title="Goddard rocket with a singular arc, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 12_800},
    },
    counts=counts,
    known=(own(1.01283771870, 20), own(1.01283667134, 1000)),
    reference="Dolan, Moré, Munson (2004), doi:10.2172/834714, problem 10",
    reduction=Reduction(
        states=("flight__h[1:]", "flight__v[1:]", "flight__m[1:]"),
        by=("flight__h__rate", "flight__v__rate", "flight__m__rate"),
        state_bounds="impose",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=1.012836918317,
    relative_tolerance=1e-9,
    source="COPS 3.0 prints 1.01283; this project: the three arcs, Radau collocation",
    transcription="radau",
    intervals=8,
    degree=6,
    tolerance=1e-7,
    parameters={"num_phases": 3},
)
